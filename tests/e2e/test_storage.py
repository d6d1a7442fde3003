"""Disks that are full, read-only, gone or of the future: what the run does, what it says, and what is left."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, statuses, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts and limits of Linux")

LOOKING = [("status",), ("logs",), ("why", "a"), ("history",), ("graph", "--run", "latest")]

WAITING = """\
    name: w
    max_active_tasks: 2
    tasks:
      first: {command: echo first >> ran}
      slow: {command: "trap 'echo terminated >> ran; exit 1' TERM; touch up; until [ -e go ]; do sleep 0.01; done"}
      quick:
        command: "until [ -e now ]; do sleep 0.01; done; echo quick{{ matrix.n }} >> ran"
        matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}
        dependencies: first
      last: {command: echo last >> ran, dependencies: [slow, quick]}
"""


@pytest.fixture
def small_disk(airexec: Airexec) -> Iterator[Path]:
    """A file system of 256 kB, in the folder `state`."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    path = airexec.folder / "state"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=755", "none", path]).returncode:
        pytest.skip("mounting is not allowed here")
    yield path
    airexec.close()
    subprocess.run(["umount", "-l", path], check=True)


def tree(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder: names, contents, targets of links."""
    found = {str(path): path for path in folder.rglob("*")}
    return {name: os.readlink(path).encode() if path.is_symlink() else contents(path) for name, path in found.items()}


def without(folder: Path, name: str) -> dict[str, bytes]:
    """Return everything but the files of a name: for a lock, which is ours to empty if it still is ours."""
    return {path: content for path, content in tree(folder).items() if not path.endswith(f"/{name}")}


def contents(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


# --- full -------------------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_the_run_and_loses_nothing(airexec: Airexec, small_disk: Path) -> None:
    """No new task, the ladder for those that run, 74 with the free space; with room again, resume goes on."""
    airexec.write("w.yml", WAITING)
    process = airexec.start("run", "w.yml", "--state-dir", "state/s")
    airexec.wait_for_file("up")
    airexec.wait_for_file("ran")
    fill(small_disk / "filler")
    airexec.write("now", "")
    # again and again: what a snapshot gives back when it replaces an older one must not do
    wait_until(lambda: fill(small_disk / "filler") or process.poll() is not None, "the end of the run")
    _, err = process.communicate()
    before = airexec.read("ran").split()
    (small_disk / "filler").unlink()
    airexec.write("go", "")

    resumed = airexec("resume", "w", "--state-dir", "state/s")

    assert 74 == process.returncode
    (journal,) = small_disk.glob("s/jobs/w/runs/*/journal.jsonl")
    assert (
        f"airexec: error: cannot write the journal {journal}: No space left on device (N kB free)\n"
        "  hint: nothing is lost: mend the disk, then `airexec resume`\n"
    ) == re.sub(r"\d+ kB", "N kB", err)
    assert {"terminated"} < set(before) < {"first", "terminated", *(f"quick{n}" for n in range(1, 21))}
    assert 0 == resumed.exit_code
    ran = airexec.read("ran").split()
    assert {"first", "terminated", "last", *(f"quick{n}" for n in range(1, 21))} == set(ran)
    assert len(ran) - len(set(ran)) <= 1  # the one whose end did not get into the journal
    assert {"completed"} == {task["status"] for task in json.loads((small_disk / "s/jobs/w/tasks.json").read_text())}


def fill(path: Path) -> bool:
    """Take all the room that there is; return False."""
    with open(path, "ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 512)
        except OSError:
            return False


def test_a_journal_that_may_not_grow_stops_the_run_and_loses_nothing(airexec: Airexec) -> None:
    """The limit on the size of files does what a full disk does, without root."""
    tasks = "".join(f"  t{n}: {{command: echo t{n} >> ran}}\n" for n in range(60))
    airexec.write("w.yml", f"name: w\ntasks:\n{tasks}")
    run = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({16 * 1024},) * 2)\n"
    run += "from airexec.cli.entry import run_command_line; sys.exit(run_command_line(['run', 'w.yml', '-j1']))"

    limited = subprocess.run(
        [sys.executable, "-c", run],
        cwd=airexec.folder,
        env=airexec.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    before = airexec.read("ran").split()
    resumed = airexec("resume", "w")

    assert 74 == limited.returncode
    assert "File too large (" in limited.stderr
    assert 0 < len(before) < 60
    assert 0 == resumed.exit_code
    ran = airexec.read("ran").split()
    assert {f"t{n}" for n in range(60)} == set(ran)
    assert len(ran) - 60 <= 1  # the one that was running when the journal was lost may run again
    assert resumed.err.startswith("airexec: ")  # the line that was torn


@pytest.mark.parametrize("how", ["removed", "full"])
def test_what_a_log_cannot_take_is_counted_and_the_task_goes_on(how: str, airexec: Airexec, small_disk: Path) -> None:
    """Whether the folder of the logs is gone or its disk is full: exit code 0, and a note that says how much."""
    airexec.write(
        "w.yml",
        """\
        name: w
        tasks:
          a: {command: "touch up; until [ -e go ]; do sleep 0.01; done"}
          talks: {command: "head -c 300000 /dev/zero; touch heard", dependencies: a}
        """,
    )
    process = airexec.start("run", "w.yml", "--output", "quiet")
    airexec.wait_for_file("up")
    (logs,) = (airexec.folder / ".airexec/jobs/w/runs").glob("*/logs")
    shutil.rmtree(logs)
    if how == "full":
        logs.symlink_to(small_disk)
    airexec.write("go", "")
    process.communicate(timeout=DEADLINE_SECONDS)

    assert 0 == process.returncode
    assert (airexec.folder / "heard").exists()
    lost, words = load_tasks(airexec, "w")["talks"]["note"].split(" ", 1)
    assert "bytes of output could not be logged" == words
    kept = (small_disk / "talks.1.log").stat().st_size if how == "full" else 0
    assert 300_000 == int(lost) + kept


# --- read-only, gone, replaced ----------------------------------------------------------------------------------------


def test_on_a_read_only_state_nothing_runs_and_everything_can_be_seen(airexec: Airexec, small_disk: Path) -> None:
    """73 before any task; looking at runs needs no writing."""
    airexec.write("w.yml", "name: w\ntasks: {a: {command: echo a >> ran; echo said}, b: {command: exit 1}}\n")
    airexec("run", "w.yml", "--state-dir", "state/s")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    looks = {look: airexec(*look, "--state-dir", "state/s") for look in LOOKING}
    run = airexec("run", "w.yml", "--state-dir", "state/s")
    resume = airexec("resume", "w", "--state-dir", "state/s")
    fresh = airexec("run", "w.yml", "--state-dir", "state/new")

    assert dict.fromkeys(LOOKING, (0, "")) == {look: (result.exit_code, result.err) for look, result in looks.items()}
    assert "said" in looks[("logs",)].out
    assert (73, 73, 73) == (run.exit_code, resume.exit_code, fresh.exit_code)
    lock = small_disk / "s/jobs/w/lock"
    assert f"airexec: error: cannot open the lock {lock}: Read-only file system\n" == run.err == resume.err
    assert "a\n" == airexec.read("ran")


def removed(state: Path) -> None:
    shutil.rmtree(state)


def moved_away(state: Path) -> None:
    state.rename(state.with_name("elsewhere"))


def replaced(state: Path) -> None:
    """By a copy that looks just the same."""
    shutil.copytree(state, state.with_name("copy"), symlinks=True)
    moved_away(state)
    state.with_name("copy").rename(state)


def without_lock(state: Path) -> None:
    (state / "jobs/w/lock").unlink()


def with_another_lock(state: Path) -> None:
    without_lock(state)
    (state / "jobs/w/lock").touch()


def without_journal(state: Path) -> None:
    next(state.glob("jobs/w/runs/*/journal.jsonl")).unlink()


@pytest.mark.parametrize(
    "harm",
    [removed, moved_away, replaced, without_lock, with_another_lock, without_journal],
    ids=lambda it: it.__name__,
)
def test_state_that_goes_away_is_noticed_and_never_made_again(harm: Callable[[Path], None], airexec: Airexec) -> None:
    """Within a second or so: what runs is ended, exit code 74, and nothing is written into what is there now."""
    state = airexec.folder / ".airexec"
    airexec.write("w.yml", "name: w\ntasks: {a: {command: touch up; exec sleep 1000}}\n")
    process = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")
    # of the two files of a snapshot this is written last: from here on nothing is on its way to the disk
    wait_until((state / "jobs/w/state.json").exists, "the snapshot of what is running")
    harm(state)
    harmed_at, left = time.monotonic(), without(state, "lock")
    _, err = process.communicate(timeout=DEADLINE_SECONDS)
    took = time.monotonic() - harmed_at

    assert 74 == process.returncode
    assert err.startswith("airexec: error: ")
    assert ".airexec/jobs/w/" in err
    assert took < 5.0  # a second and the end of the task; far from the grace of ten seconds
    assert left == without(state, "lock")


# --- of another version -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("run", "w.yml"), ("resume",), ("reset", "a"), *LOOKING], ids=lambda it: it[0])
@pytest.mark.parametrize("state", ["completed", "failed"])
def test_state_of_a_newer_version_is_refused_untouched(state: str, command: tuple[str, ...], airexec: Airexec) -> None:
    """65, the version is named, and not a byte is another one."""
    airexec.write("w.yml", f"name: w\ntasks: {{a: {{command: exit {int(state == 'failed')}}}}}\n")
    airexec("run", "w.yml")
    make_newer(next((airexec.folder / ".airexec").rglob("journal.jsonl")))
    before = tree(airexec.folder / ".airexec")

    result = airexec(*command, *(() if command[0] == "run" else ("--job", "w")))

    assert (65, "") == (result.exit_code, result.out)
    assert "was written by another version of airexec, in format version 2; this one reads version 1\n" in result.err
    assert before == tree(airexec.folder / ".airexec")


def make_newer(journal: Path) -> None:
    """Say version 2 in the first line, with the checksum that goes with it."""
    first, rest = journal.read_bytes().split(b"\n", 1)
    body = first.replace(b'"version":1', b'"version":2').rpartition(b',"crc":')[0]
    journal.write_bytes(b'%b,"crc":"%08x"}\n%b' % (body, crc32(body), rest))


# --- memory and descriptors -------------------------------------------------------------------------------------------


def test_a_task_that_the_kernel_kills_is_told_from_one_that_fails(airexec: Airexec) -> None:
    """As memory that runs out does: SIGKILL, and not from us."""
    airexec.write("w.yml", "name: w\ntasks: {a: {command: kill -9 $$}}\n")

    assert 1 == airexec("run", "w.yml").exit_code

    task = load_tasks(airexec, "w")["a"]
    assert ("killed by signal 9 (SIGKILL), not by airexec; likely out of memory", "signal", 137) == (
        task["error"],
        task["reason"],
        task["exit_code"],
    )


@pytest.mark.parametrize("limit", [6, 8, 12, 18, 23, 24, 28, 40, 64])
def test_few_descriptors_make_it_slow_or_end_it_with_a_word(limit: int, airexec: Airexec) -> None:
    """Never with a traceback; from 24 on everything is done, as many at once as fit, which is said once."""
    tasks = "".join(f"  t{n}: {{command: echo t{n} >> ran}}\n" for n in range(20))
    airexec.write("w.yml", f"name: w\ntasks:\n{tasks}")
    run = f"import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({limit},) * 2)\n"
    run += "from airexec.__main__ import main; sys.exit(main())"

    result = subprocess.run(
        [sys.executable, "-c", run, "run", "w.yml", "-j20"],
        cwd=airexec.folder,
        env=airexec.environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )

    if limit < 24:
        assert result.returncode in (2, 74)
        assert "Traceback" not in result.stderr
        assert "open files" in result.stderr
        assert "ulimit -n" in result.stderr
    else:
        room = max(1, (limit - 32) // 4)
        assert (
            0,
            f"airexec: {room} instead of 20 tasks at once: more do not fit the limit on open files (ulimit -n)\n",
        ) == (result.returncode, result.stderr)
        assert {f"t{n}": "completed" for n in range(20)} == statuses(airexec, "w")
