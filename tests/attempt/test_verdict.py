"""The words for how an attempt ended: its exit code, its signal, what it left behind."""

import pytest

from airexec.attempt.facts import Exited
from airexec.attempt.kinds.command import verdict
from airexec.attempt.verdict import Failure, exit_code_of, note_of
from airexec.scheduler.statuses import Reason


@pytest.mark.parametrize(("returncode", "exit_code"), [(0, 0), (1, 1), (255, 255), (-9, 137), (-15, 143), (-2, 130)])
def test_an_exit_code_is_as_shells_count(returncode: int, exit_code: int) -> None:
    """128 and the number of the signal."""
    assert exit_code == exit_code_of(returncode)


def test_a_command_that_exits_with_zero_has_done_its_work() -> None:
    assert None is verdict(0)


@pytest.mark.parametrize(
    ("exit_code", "message"),
    [
        (1, "exit code 1"),
        (125, "exit code 125"),
        (126, "exit code 126 (found, but cannot be executed)"),
        (127, "exit code 127 (command not found)"),
        (255, "exit code 255"),
    ],
)
def test_a_command_that_fails_is_told_by_its_exit_code(exit_code: int, message: str) -> None:
    """With what shells mean by it."""
    assert Failure(Reason.EXIT, message, exit_code) == verdict(exit_code)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (9, "killed by signal 9 (SIGKILL), not by airexec; likely out of memory"),
        (15, "killed by signal 15 (SIGTERM), not by airexec"),
        (11, "killed by signal 11 (SIGSEGV), not by airexec"),
        (40, "killed by signal 40, not by airexec"),
    ],
)
def test_a_command_that_was_killed_is_told_by_the_signal(number: int, message: str) -> None:
    """One that has no name is called by its number."""
    assert Failure(Reason.SIGNAL, message, 128 + number) == verdict(-number)


@pytest.mark.parametrize(
    ("seen", "note"),
    [
        ({}, ""),
        ({"leftover": 1}, "1 process left behind ended"),
        ({"leftover": 2}, "2 processes left behind ended"),
        ({"lost_bytes": 7}, "7 bytes of output could not be logged"),
        ({"ignored_lines": 1}, "1 `::` line ignored (on stderr, or printed after the exit)"),
        ({"ignored_lines": 2}, "2 `::` lines ignored (on stderr, or printed after the exit)"),
        (
            {"leftover": 2, "lost_bytes": 7, "ignored_lines": 1},
            "2 processes left behind ended; 7 bytes of output could not be logged; "
            "1 `::` line ignored (on stderr, or printed after the exit)",
        ),
    ],
)
def test_what_else_was_seen_of_an_attempt_is_said_with_its_end(seen: dict[str, int], note: str) -> None:
    """Otherwise nobody would know why nothing came of a line, or where the rest of the output is."""
    assert note == note_of(Exited("a", 1, 0, **seen))
