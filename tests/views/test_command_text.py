"""The command of an attempt as people know it."""

import pytest

from airexec.views.command_text import command_head, command_lines, command_text


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("sh", "-e", "-c", "make {{ x }}"), "make {{ x }}"),
        (("/bin/bash", "-e", "-o", "pipefail", "-c", "a\nb\n"), "a\nb"),
        (("python3.12", "-c", "print(1)"), "print(1)"),
        (("bash", "-lc", "x"), "x"),
        (("grep", "-c", "a b"), "grep -c 'a b'"),
        (("sh", "-c"), "sh -c"),
        (("sh", "-c", "echo $0", "a"), "sh -c 'echo $0' a"),
        (("echo",), "echo"),
    ],
)
def test_a_script_stands_for_its_shell_and_other_words_are_quoted(command: tuple[str, ...], text: str) -> None:
    """So that it can be copied into a terminal."""
    assert text == command_text(command)


def test_a_script_has_a_line_for_each_of_its_own() -> None:
    """Six at most; a longer one says how much is left out, never of one line alone."""
    assert [f"$ {0}", *(f"  {n}" for n in range(1, 6))] == command_lines(("sh", "-c", "\n".join(map(str, range(6)))))
    assert ["$ 0", "  1", "  2", "  3", "  4", "  … and 2 more lines"] == command_lines(
        ("sh", "-c", "\n".join(map(str, range(7))))
    )


def test_what_a_terminal_would_obey_is_made_visible() -> None:
    """A value may hold anything; what is very long is cut."""
    assert [r"$ echo '\x1b[2J'"] == command_lines(("echo", "\x1b[2J"))
    assert [f"$ {'x' * 199}…"] == command_lines(("x" * 300,))


def test_a_head_is_one_line() -> None:
    """Which says that there is more; what could not be rendered has none."""
    assert ("a …", "a", "") == (command_head(("sh", "-c", "a\nb")), command_head(("a",)), command_head(()))
