"""A command in its three forms, told apart in one place."""

from typing import Any

import pytest

from airexec.workflow.actions.command import Command


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
