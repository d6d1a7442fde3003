"""The forms in which other programs read the mistakes of a workflow file."""

import pytest

from airexec.views.diagnostic_formats import annotations, concise_line, sarif
from airexec.workflow.diagnostics import Diagnostic, Related

MISTAKE = Diagnostic(
    "a b/flow.yml", 3, 5, "100 % wrong, it is", "mend it\nor not", length=4, related=Related(1, 2, "first written")
)
WARNING = Diagnostic("flow.yml", 2, 1, "odd", severity="warning", length=0)
NO_PLACE = Diagnostic("gone.yml", 0, 0, "there is no file gone.yml")


def test_a_mistake_is_one_line_for_editors() -> None:
    """With its hint, whose lines are put in a row."""
    assert [
        "a b/flow.yml:3:5: error: 100 % wrong, it is (mend it; or not)",
        "flow.yml:2:1: warning: odd",
        "gone.yml: error: there is no file gone.yml",
    ] == [concise_line(found) for found in (MISTAKE, WARNING, NO_PLACE)]


def test_a_mistake_is_an_annotation_for_github() -> None:
    """Escaped as its runner wants it."""
    assert [
        "::error file=a b/flow.yml,line=3,col=5,endColumn=9,title=airexec"
        "::100 %25 wrong, it is%0Ahint: mend it%0Aor not",
        "::warning file=flow.yml,line=2,col=1,endColumn=2,title=airexec::odd",
        "::error file=gone.yml,title=airexec::there is no file gone.yml",
    ] == list(annotations((MISTAKE, WARNING, NO_PLACE), {}))


@pytest.mark.parametrize(("file", "named"), [("/w/a/flow.yml", "a/flow.yml"), ("/other/flow.yml", "/other/flow.yml")])
def test_an_annotation_names_its_file_from_the_workspace_on(file: str, named: str) -> None:
    """One that lies elsewhere has the name that it has."""
    (line,) = annotations([WARNING._replace(file=file)], {"GITHUB_WORKSPACE": "/w"})

    assert line.startswith(f"::warning file={named},line=2,")


def test_a_message_cannot_end_its_annotation() -> None:
    """What a file says stays in its place."""
    (line,) = annotations([WARNING._replace(file="a,line=9::x", message="a\n::error::b\r##[error]c")], {})

    assert "::warning file=a%2Cline=9%3A%3Ax,line=2,col=1,endColumn=2,title=airexec" == line.partition("::a")[0]
    assert "\n" not in line
    assert "\r" not in line
    assert "##[" not in line


def test_mistakes_are_a_sarif_document() -> None:
    """Places and related places; a mistake without a line is one of the whole file."""
    document = sarif((MISTAKE, NO_PLACE), "1.2")

    assert "2.1.0" == document["version"]
    (run,) = document["runs"]
    assert ("airexec", "1.2") == (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"])
    assert [
        {
            "ruleId": "workflow",
            "level": "error",
            "message": {"text": "100 % wrong, it is\nhint: mend it\nor not"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a%20b/flow.yml"},
                        "region": {"startLine": 3, "startColumn": 5, "endColumn": 9},
                    }
                }
            ],
            "relatedLocations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a%20b/flow.yml"},
                        "region": {"startLine": 1, "startColumn": 2},
                    },
                    "message": {"text": "first written"},
                }
            ],
        },
        {
            "ruleId": "workflow",
            "level": "error",
            "message": {"text": "there is no file gone.yml"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "gone.yml"}}}],
        },
    ] == run["results"]
