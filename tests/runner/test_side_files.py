"""The side files of real attempts: read as they grow where their lines count at once, else at the end."""

import os
from math import inf

from airexec.attempt.facts import CommandLine, Exited, Printed
from tests.runner.conftest import Room

WAITS = "read x <&3"
"""Where a script goes on when the test says so. The pipe stays open: else it may end before the next `go` begins."""


def files(room: Room, task: str = "t") -> dict[str, str]:
    return {"queue_file": str(room.folder / f"{task}.queue"), "output_file": str(room.folder / f"{task}.output")}


def start(room: Room, script: str, task: str, at_line: bool) -> None:
    """Start a script that finds `$Q`, `$O` and `$GO`."""
    paths = files(room, task)
    env = {**os.environ, "Q": paths["queue_file"], "O": paths["output_file"], "GO": str(room.folder / f"{task}.go")}
    os.mkfifo(env["GO"])
    room.start("sh", "-c", f'exec 3<> "$GO"; {script}', task=task, env=env, splices_at_line=at_line, **paths)


def go(room: Room, task: str = "t") -> None:
    (room.folder / f"{task}.go").write_text("go\n")


def test_lines_that_count_at_once_are_read_while_the_attempt_runs(room: Room) -> None:
    """Each once, and the last one without its newline at the end. The file is gone then."""
    start(room, f"echo 1 >> $Q; {WAITS}; echo 2 >> $Q; {WAITS}; printf 3 >> $Q; echo {{}} > $O", "t", at_line=True)

    assert [CommandLine("t", 1, "queue", "1", 1, source="queue file")] == room.wait_for(CommandLine)

    go(room)

    assert CommandLine("t", 1, "queue", "2", 2, source="queue file") == room.wait_for(CommandLine, 2)[-1]
    assert [] == room.of(Exited)

    go(room)
    room.wait_for(Exited)

    assert [
        CommandLine("t", 1, "queue", "3", 3, source="queue file"),
        CommandLine("t", 1, "output", "{}", 1, source="output file"),
        Exited("t", 1, 0),
    ] == room.facts[-3:]
    assert ["t.go"] == os.listdir(room.folder)


def test_others_are_read_at_their_end_only(room: Room) -> None:
    """While the same look finds the lines of an attempt beside it."""
    start(room, f"echo 1 > $Q; echo written; {WAITS}", "late", at_line=False)
    room.wait_for_output(b"written\n", "late")
    start(room, f"echo 2 > $Q; {WAITS}", "early", at_line=True)
    (line,) = room.wait_for(CommandLine)

    assert "early" == line.task

    go(room, "early")
    room.wait_for(Exited)
    go(room, "late")
    room.wait_for(Exited, 2)

    assert [("early", "2"), ("late", "1")] == [(fact.task, fact.payload) for fact in room.of(CommandLine)]


def test_the_lines_of_an_attempt_come_before_its_end(room: Room) -> None:
    """Those that it printed first."""
    start(room, "echo {} > $O; echo 1 > $Q; echo ::output {}; exit 3", "t", at_line=False)
    room.wait_for(Exited)

    assert [
        CommandLine("t", 1, "output", "{}", 1),
        CommandLine("t", 1, "queue", "1", 1, source="queue file"),
        CommandLine("t", 1, "output", "{}", 1, source="output file"),
        Exited("t", 1, 3),
    ] == [fact for fact in room.facts if not isinstance(fact, Printed)]


def test_nobody_looks_into_files_once_none_counts_at_once(room: Room) -> None:
    """The scheduler sleeps while nothing happens, and not a twentieth of a second."""
    start(room, ":", "t", at_line=True)
    room.wait_for(Exited)
    room.processes.wait(0.1)

    assert inf == room.processes._side_files_at
