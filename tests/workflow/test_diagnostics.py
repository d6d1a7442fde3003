"""Diagnostics look like a compiler's: place, message, source line, caret, related place, hint."""

import pytest

from airexec.workflow.diagnostics import Diagnostic, Related, WorkflowError, render_diagnostics

UNKNOWN = Diagnostic(
    "flow.yaml", 12, 18, "task 'deploy' depends on 'biuld', which is not defined",
    "did you mean 'build' (flow.yaml:3:3)?", length=5, source_line="  dependencies:  [biuld]",
)  # fmt: skip


def test_a_diagnostic_shows_its_line_a_caret_and_a_hint() -> None:
    """The format of the style guide, to the letter."""
    expected = (
        "flow.yaml:12:18: error: task 'deploy' depends on 'biuld', which is not defined\n"
        "   12 |   dependencies:  [biuld]\n"
        "      |                  ^^^^^\n"
        "  hint: did you mean 'build' (flow.yaml:3:3)?\n"
    )

    assert expected == render_diagnostics([UNKNOWN])


def test_a_related_place_has_a_line_of_its_own() -> None:
    """For a key that is written twice, the first place is part of the answer."""
    twice = Diagnostic(
        "f.yml", 2, 1, "key 'a' is written twice", source_line="a: 2", related=Related(1, 1, "first written")
    )

    expected = "f.yml:2:1: error: key 'a' is written twice\n    2 | a: 2\n      | ^\n  first written: f.yml:1:1\n"

    assert expected == render_diagnostics([twice])


def test_diagnostics_are_set_apart_by_an_empty_line() -> None:
    """Several mistakes are easier to tell apart."""
    first, second = UNKNOWN._replace(hint="", source_line=""), UNKNOWN._replace(hint="", source_line="", line=13)

    expected = (
        "flow.yaml:12:18: error: task 'deploy' depends on 'biuld', which is not defined\n"
        "\n"
        "flow.yaml:13:18: error: task 'deploy' depends on 'biuld', which is not defined\n"
    )

    assert expected == render_diagnostics([first, second])


def test_a_hint_of_several_lines_stays_in_its_column() -> None:
    """A hint may show what to write."""
    found = UNKNOWN._replace(source_line="", hint="write\n  a: b")

    assert "  hint: write\n          a: b\n" in render_diagnostics([found])


def test_colour_marks_severity_place_caret_and_hint() -> None:
    """Colours only when asked for."""
    warning = UNKNOWN._replace(severity="warning")

    expected = (
        "\x1b[1mflow.yaml:12:18:\x1b[0m \x1b[1;33mwarning:\x1b[0m"
        " task 'deploy' depends on 'biuld', which is not defined\n"
        "   12 |   dependencies:  [biuld]\n"
        "      |                  \x1b[1;33m^^^^^\x1b[0m\n"
        "  \x1b[36mhint:\x1b[0m did you mean 'build' (flow.yaml:3:3)?\n"
    )

    assert expected == render_diagnostics([warning], color=True)


def test_a_long_line_is_cut_around_its_place() -> None:
    """A minified file must not flood the terminal."""
    found = Diagnostic("f.yml", 1, 501, "odd", source_line="x" * 500 + "HERE" + "y" * 500, length=4)

    _, line, caret = render_diagnostics([found]).splitlines()

    assert len(line) < 200
    assert "HERE" == "".join(a for a, b in zip(line, caret, strict=False) if b == "^")


def test_the_caret_stands_below_wide_characters() -> None:
    """Chinese takes two columns of a terminal, a combining accent none."""
    found = Diagnostic("f.yml", 1, 4, "odd", source_line="中e\u0301x", length=1)

    assert "    1 | 中e\u0301x\n      |    ^\n" in render_diagnostics([found])


def test_tabs_and_control_characters_of_the_file_do_not_reach_the_terminal() -> None:
    """A file cannot move the cursor or colour the screen."""
    found = Diagnostic("f\x1b[31m.yml", 1, 3, "bad \x07 bell", source_line="\ta\x1b[2J", length=1)

    expected = "f\ufffd[31m.yml:1:3: error: bad \ufffd bell\n    1 |  a\ufffd[2J\n      |   ^\n"

    assert expected == render_diagnostics([found])


def test_the_error_names_the_first_error_and_counts_the_rest() -> None:
    """For those who print only a headline. Warnings are no errors."""
    warning = UNKNOWN._replace(severity="warning", line=1, message="odd")

    error = WorkflowError([warning, UNKNOWN, UNKNOWN, UNKNOWN])

    assert (
        "flow.yaml:12:18: task 'deploy' depends on 'biuld', which is not defined (and 2 more errors)",
        "did you mean 'build' (flow.yaml:3:3)?",
        3,
        4,
    ) == (error.headline, error.hint, error.exit_code, len(error.diagnostics))


@pytest.mark.parametrize(("count", "words"), [(1, ""), (2, " (and 1 more error)")])
def test_the_headline_counts_in_good_english(count: int, words: str) -> None:
    """One more error, two more errors."""
    headline = WorkflowError([UNKNOWN] * count).headline

    assert headline.endswith("which is not defined" + words)


def test_after_a_hundred_only_the_number_is_told() -> None:
    """Nobody reads more at once."""
    text = render_diagnostics([UNKNOWN] * 102)

    assert 100 == text.count("error:")
    assert text.endswith("\n\n… and 2 more messages\n")
