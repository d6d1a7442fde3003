"""A command in its three forms, told apart in one place."""

from typing import Any

import pytest

from airexec.workflow.actions.command import SHELLS, Command, build_command
from airexec.workflow.actions.forms import EXPRESSION, RENDERED, TEXT, Form, shell_text

TEXT_FOR_SH = Command("make all")
PROGRAM = Command("make", ("-j", "all"))
ARGV = Command(("make", "-j", "all"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"command": "make all"}, ("make all", [])),
        ({"command": "make", "args": ("all",)}, ("make", ["all"])),
        ({"command": ("make", "all")}, ("make", ["all"])),
        ({"command": ("make",), "args": ("all",)}, ("make", ["all"])),
    ],
)
def test_command_and_args_are_a_program_and_its_arguments(
    fields: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    """Or a shell text, which has none."""
    assert expected == Command(**fields).program_and_args()


@pytest.mark.parametrize(
    ("command", "args", "text"),
    [
        ("make && echo $X", None, "make && echo $X"),
        ("python", ("merge.py", "--rows=a b"), "python merge.py '--rows=a b'"),
        (("echo", "it's"), None, "echo 'it'\"'\"'s'"),
    ],
)
def test_a_command_reads_as_one_would_type_it(
    command: str | tuple[str, ...], args: tuple[str, ...] | None, text: str
) -> None:
    """A shell text stays as it is, an argv is quoted."""
    assert text == Command(command, args).as_typed()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"command": "make all"}, Command("make all", None, ("sh", "-e", "-c"))),
        ({"command": "make all", "shell": "bash"}, Command("make all", None, ("bash", "-e", "-o", "pipefail", "-c"))),
        ({"command": "print(1)", "shell": "python"}, Command("print(1)", None, ("python3", "-c"))),
        ({"command": "x", "shell": ["zsh", "-c"]}, Command("x", None, ("zsh", "-c"))),
        ({"command": "make", "args": ["-j", "all"]}, PROGRAM),
        ({"command": "make", "args": []}, Command("make", ())),
        ({"command": ["make", "-j", "all"]}, ARGV),
        ({"command": ["make"], "args": ["-j", "all"]}, ARGV),
        ({}, Command("")),
        ({"retries": 3}, Command("")),
    ],
)
def test_the_fields_of_a_task_become_a_command(fields: dict[str, Any], expected: Command) -> None:
    """A named shell as its argv; `args` behind a list are the rest of it."""
    assert expected == build_command(fields)


@pytest.mark.parametrize(
    ("command", "is_shell_text", "argv"),
    [
        (TEXT_FOR_SH, True, ("sh", "-e", "-c", "make all")),
        (Command("x", shell=SHELLS["bash"]), True, ("bash", "-e", "-o", "pipefail", "-c", "x")),
        (PROGRAM, False, ("make", "-j", "all")),
        (Command("make", ()), False, ("make",)),
        (ARGV, False, ("make", "-j", "all")),
        (Command(("make",), ("all",)), False, ("make", "all")),
    ],
)
def test_only_a_text_without_args_needs_a_shell(command: Command, is_shell_text: bool, argv: tuple[str, ...]) -> None:
    """Which reads it as its last argument."""
    assert (is_shell_text, argv) == (command.is_shell_text, command.argv())


@pytest.mark.parametrize(
    ("command", "argv", "lines"),
    [
        (TEXT_FOR_SH, ("sh", "-e", "-c", "cd src\nmake 'all'\n\n"), ["cd src", "make 'all'"]),
        (PROGRAM, ("make", "-j", "all of\nit"), ["make -j 'all of\nit'"]),
        (ARGV, ("make", "it's"), ["make 'it'\"'\"'s'"]),
    ],
)
def test_what_is_executed_is_told_line_by_line(command: Command, argv: tuple[str, ...], lines: list[str]) -> None:
    """A shell text without its shell, which is the same for all; an argv in one line."""
    assert lines == command.as_lines(argv)


def test_what_the_file_says_is_kept_as_it_is() -> None:
    """For those who show or compare it."""
    assert {"command": "make", "args": ("-j", "all")} == PROGRAM.written()
    assert {"command": ("make", "-j", "all"), "args": None} == ARGV.written()


@pytest.mark.parametrize(
    ("command", "form"),
    [
        (TEXT_FOR_SH, shell_text(("sh", "-e", "-c"))),
        (Command("x", shell=("zsh", "-c")), shell_text(("zsh", "-c"))),
        (PROGRAM, TEXT),
        (ARGV, TEXT),
    ],
)
def test_values_in_a_shell_text_are_quoted_and_in_words_they_are_not(command: Command, form: Form) -> None:
    """Both keys are rendered in any case."""
    assert {"command": form, "args": TEXT} == command.rendered()


def test_the_forms_of_a_key_tell_what_becomes_of_its_texts() -> None:
    """Each form is one value, so that it can be compared by `is`."""
    assert ("text", ()) == (TEXT.kind, TEXT.shell)
    assert ("expression", ()) == (EXPRESSION.kind, EXPRESSION.shell)
    assert ("shell", ("sh", "-c")) == (shell_text(("sh", "-c")).kind, shell_text(("sh", "-c")).shell)
    assert shell_text(("sh", "-c")) is shell_text(("sh", "-c"))


def test_what_a_command_renders_is_not_said_twice() -> None:
    """A key stands in the table of all tasks, or in that of its kind."""
    assert set() == RENDERED.keys() & TEXT_FOR_SH.rendered().keys()
