"""examples/conversions: what other tools say, said here, in no more lines."""

import pytest

from tests.e2e.rig import ROOT, Airexec, load_tasks, statuses

FOLDER = ROOT / "examples/conversions"


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    for path in FOLDER.rglob("*"):
        if path.is_file() and "out" not in path.relative_to(FOLDER).parts:
            airexec.write(str(path.relative_to(ROOT)), path.read_text())
    return airexec


def log(project: Airexec, job: str, task: str) -> str:
    return project.read(f".airexec/jobs/{job}/{load_tasks(project, job)[task]['log']}")


def lines(name: str) -> int:
    """Return how many lines of a file say something."""
    text = (FOLDER / name).read_text().splitlines()
    return sum(1 for line in text if line.strip() and not line.lstrip().startswith("#"))


@pytest.mark.parametrize(
    ("other", "ours"),
    [("Makefile", "make.yml"), ("Taskfile.yaml", "task.yml"), ("justfile", "just.yml"), ("ci.yaml", "github.yml")],
)
def test_no_conversion_is_longer_than_what_it_comes_from(other: str, ours: str) -> None:
    assert lines(ours) <= lines(other)


def test_the_makefile_builds_what_has_changed(project: Airexec) -> None:
    """The version is in one page alone, and yet belongs to the command of both."""
    path = "examples/conversions/make.yml"
    first = project("run", path)
    site = project.read("examples/conversions/out/site/index.html")
    again = project("run", path)
    project.write("examples/conversions/src/a.txt", "three\n")
    edited = project("run", path)
    removed = project("clean", path, "-y")

    assert [0] * 4 == [one.exit_code for one in (first, again, edited, removed)]
    assert "one\ntwo 1.4\n" == site
    assert "3 up to date" in again.out
    assert "1 up to date" in edited.out
    assert not (project.folder / "examples/conversions/out/a.html").exists()


def test_the_taskfile_takes_words_and_params(project: Airexec) -> None:
    path = "examples/conversions/task.yml"
    bare = project("run", path)
    counted = log(project, "task", "test")
    two = project("run", path, "test", "--", "two")
    asked = project("run", path, "push")
    pushed = project("run", path, "push", "-p", "to=here")

    assert (0, "1\n") == (bare.exit_code, counted)
    assert (0, 2, 0) == (two.exit_code, asked.exit_code, pushed.exit_code)
    assert "push app:1.4 to here\n" == log(project, "task", "push")
    assert "_tag" not in project("list", path).out


def test_the_justfile_calls_a_template_twice(project: Airexec) -> None:
    path = "examples/conversions/just.yml"
    bare = project("run", path)
    shown = log(project, "just", "check")
    numbered = project("run", path, "check", "--", "-n")

    assert (0, "ONE\nTWO @VERSION@\n") == (bare.exit_code, shown)
    assert 0 == numbered.exit_code
    assert "1\tONE" in log(project, "just", "check")


def test_the_workflow_of_github_runs_its_matrix_here(project: Airexec) -> None:
    result = project("run", "examples/conversions/github.yml")

    assert 0 == result.exit_code, result.out
    assert ["lint", "test[a,lines]", "test[b,words]", "test[b,lines]", "report"] == list(statuses(project, "github"))
    assert "2\n1\n1\n" == log(project, "github", "report")
