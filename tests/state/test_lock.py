"""One scheduler per job, whatever happens to the others. Real locks, held by real processes."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from time import time

import psutil
import pytest

from airexec.errors import JobLockedError, StateUnwritableError
from airexec.state.layout import JobFolder
from airexec.state.lock import CLOCK_SLACK_SECONDS, Holder, acquire, full_since, is_locked, runners_of, wait_for
from airexec.state.timestamps import to_iso

NOON = 1_795_262_400.0
ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from time import time
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
lock = acquire(JobFolder(sys.argv[1], "etl"), ["airexec", "run", "a b.yml"], time())
print("held", flush=True)
sys.stdin.read()
lock.release()
"""
LOSE = """
import sys
from airexec.errors import JobLockedError
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
try:
    acquire(JobFolder(sys.argv[1], "etl"), ["airexec"], 0.0)
except JobLockedError as error:
    print("psutil" in sys.modules, error.headline)
"""


@contextmanager
def another_holder(job: JobFolder) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the lock of the job until its stdin ends, or it does."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, job.state_dir], stdin=pipe, stdout=pipe, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert "held\n" == process.stdout.readline()
        yield process


def written_holder(job: JobFolder) -> Holder:
    """What the lock file says."""
    return Holder(**json.loads(Path(job.lock).read_text()))


@pytest.mark.parametrize(
    ("command", "typed"),
    [
        (["airexec", "run", "-j4", "a/b_c.yml"], "airexec run -j4 a/b_c.yml"),
        (["airexec", "run", "a b.yml"], "airexec run 'a b.yml'"),
        (["airexec", "run", "-p", "name="], "airexec run -p name="),
        (["airexec", "run", ""], "airexec run ''"),
        (["airexec", "run", "$HOME"], "airexec run '$HOME'"),
    ],
)
def test_the_command_of_a_holder_is_as_one_would_type_it(command: list[str], typed: str, job: JobFolder) -> None:
    """So it can be copied."""
    lock = acquire(job, command, NOON)
    holder = written_holder(job)
    lock.release()

    assert typed == holder.command


def test_the_lock_file_says_who_holds_it(job: JobFolder) -> None:
    """As JSON, for people and other tools."""
    lock = acquire(job, ["airexec", "run", "a b.yml"], NOON)
    content = json.loads(Path(job.lock).read_text())
    lock.release()

    assert {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "started_at": "2026-11-21T12:00:00.000Z",
        "command": "airexec run 'a b.yml'",
    } == content


def test_a_loser_is_told_everything_about_the_holder(job: JobFolder) -> None:
    """Exit 75; and it writes nothing."""
    with another_holder(job) as holder:
        before = Path(job.lock).read_bytes()
        since = written_holder(job).started_at
        with pytest.raises(JobLockedError) as caught:
            acquire(job, ["airexec", "run"], NOON)
        after = Path(job.lock).read_bytes()
        holder.communicate("")

    assert (
        f"job etl is locked by another run: pid {holder.pid} on {socket.gethostname()}"
        f" since {since} (airexec run 'a b.yml')"
    ) == caught.value.headline
    assert f"wait for its end, as `airexec run --wait` does, or end it: kill {holder.pid}" == caught.value.hint
    assert (75, before) == (caught.value.exit_code, after)


def test_a_process_excludes_itself_too(job: JobFolder) -> None:
    """Two schedulers in one process are two."""
    lock = acquire(job, ["airexec"], NOON)
    with pytest.raises(JobLockedError):
        acquire(job, ["airexec"], NOON)
    lock.release()


def test_the_lock_is_free_at_once_when_its_holder_is_killed(job: JobFolder) -> None:
    """No ritual; what the dead one wrote is of no consequence, even if its pid lives on as another process."""
    with another_holder(job) as holder:
        holder.kill()
        holder.wait()
        content = json.loads(Path(job.lock).read_text()) | {"pid": os.getpid()}
    Path(job.lock).write_text(json.dumps(content))

    lock = acquire(job, ["airexec"], NOON)
    lock.release()


def test_long_words_of_a_dead_holder_leave_nothing_behind(job: JobFolder) -> None:
    """The new holder's are shorter."""
    Path(job.lock).write_text("x" * 10_000)

    lock = acquire(job, ["airexec"], NOON)
    holder = written_holder(job)
    lock.release()

    assert "airexec" == holder.command


def test_a_lock_on_a_file_that_was_replaced_meanwhile_is_no_lock(
    job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening it and locking it: the next try locks the file that is there."""
    asked: list[int] = []

    def replacing_flock(fd: int, operation: int) -> None:
        if not asked:
            os.unlink(job.lock)
            Path(job.lock).touch()
        if operation & LOCK_EX:
            asked.append(operation)
        flock(fd, operation)

    monkeypatch.setattr("airexec.state.flocks.flock", replacing_flock)

    lock = acquire(job, ["airexec"], NOON)
    ours = lock.problem() is None
    lock.release()

    assert (2, True) == (len(asked), ours)


def test_a_released_lock_is_free_and_its_file_empty(job: JobFolder) -> None:
    """The file itself stays: a lock file is never unlinked."""
    first = acquire(job, ["airexec"], NOON)
    first.release()
    content = Path(job.lock).read_bytes()
    second = acquire(job, ["airexec"], NOON)
    second.release()

    assert b"" == content
    assert Path(job.lock).exists()


def test_releasing_twice_does_nothing(job: JobFolder) -> None:
    """The second time somebody else may hold it."""
    first = acquire(job, ["airexec"], NOON)
    first.release()
    second = acquire(job, ["airexec"], NOON)
    first.release()

    assert is_locked(job)
    second.release()


def test_the_words_of_a_dead_holder_are_not_taken_for_those_of_the_living(
    job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder writes only while the loser pauses: until then the file speaks of its dead predecessor."""
    lock = acquire(job, ["airexec"], time())
    true_words = Path(job.lock).read_bytes()
    Path(job.lock).write_text(json.dumps(json.loads(true_words) | {"pid": dead_pid()}))
    monkeypatch.setattr("airexec.state.lock.sleep", lambda seconds: Path(job.lock).write_bytes(true_words))

    with pytest.raises(JobLockedError) as caught:
        acquire(job, ["airexec"], NOON)
    lock.release()

    assert f": pid {os.getpid()} on" in caught.value.headline


def test_a_process_that_has_the_number_of_the_holder_by_now_is_not_named(
    job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever began after the words were written did not write them, and nobody must be advised to kill it."""
    monkeypatch.setattr("airexec.state.lock.PATIENCE_SECONDS", 0.02)
    lock = acquire(job, ["airexec"], psutil.Process().create_time() - CLOCK_SLACK_SECONDS - 1)
    with pytest.raises(JobLockedError) as caught:
        acquire(job, ["airexec"], NOON)
    lock.release()

    assert "job etl is locked by another run" == caught.value.headline
    assert "wait for its end, as `airexec run --wait` does" == caught.value.hint


def test_nobody_is_asked_for_its_start_while_the_words_are_fresh(job: JobFolder) -> None:
    """Of many who start at once each would import a library for that, and take more than its second."""
    with another_holder(job) as holder:
        command = [sys.executable, "-c", LOSE, job.state_dir]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        holder.communicate("")

    assert said.startswith(f"False job etl is locked by another run: pid {holder.pid} on ")


@pytest.mark.parametrize("says_when", [True, False])
def test_a_holder_that_may_have_written_its_words_is_named(says_when: bool, job: JobFolder) -> None:
    """When the clock was put right by a second since, and when they do not say when."""
    written_at = to_iso(psutil.Process().create_time() - 1) if says_when else "long ago"
    lock = acquire(job, ["airexec"], NOON)
    Path(job.lock).write_text(json.dumps(written_holder(job)._replace(started_at=written_at)._asdict()))
    with pytest.raises(JobLockedError) as caught:
        acquire(job, ["airexec"], NOON)
    lock.release()

    assert f": pid {os.getpid()} on {socket.gethostname()} since {written_at} (airexec)" in caught.value.headline


def words(pid: object, started_at: object = "long ago") -> bytes:
    return json.dumps({"pid": pid, "host": socket.gethostname(), "started_at": started_at, "command": "x"}).encode()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[" * 100_000, b'{"pid": 1}', b"\xff"),
        *(words("1"), words(-1), words(0), words(None), words(1.5), words([]), words(1, started_at=0)),
    ],
)
def test_an_unreadable_lock_file_is_still_a_lock(
    content: bytes, job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written in it decides nothing."""
    monkeypatch.setattr("airexec.state.lock.PATIENCE_SECONDS", 0.02)
    lock = acquire(job, ["airexec"], NOON)
    Path(job.lock).write_bytes(content)
    with pytest.raises(JobLockedError) as caught:
        acquire(job, ["airexec"], NOON)
    lock.release()

    assert "job etl is locked by another run" == caught.value.headline


def test_a_lock_is_ours_until_its_file_is_removed(job: JobFolder) -> None:
    """Then another run could lock a new file of that name."""
    lock = acquire(job, ["airexec"], NOON)
    before = lock.problem()
    os.unlink(job.lock)
    after = lock.problem()
    lock.release()

    assert (None, f"the lock {job.lock} was removed or replaced while we held it") == (before, after)


def test_a_lock_is_no_longer_ours_when_its_file_is_replaced(job: JobFolder) -> None:
    """The new file has the same name and the same content, but is another."""
    lock = acquire(job, ["airexec"], NOON)
    content = Path(job.lock).read_bytes()
    os.rename(job.lock, f"{job.path}/away")
    Path(job.lock).write_bytes(content)
    ours = lock.problem() is None
    lock.release()

    assert not ours
    assert content == Path(job.lock).read_bytes()


def test_children_do_not_inherit_the_lock(job: JobFolder) -> None:
    """A task that outlives its scheduler must not keep the job locked."""
    lock = acquire(job, ["airexec"], NOON)
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    lock.release()
    free = not is_locked(job)
    child.communicate(b"")

    assert free


def test_readers_see_whether_somebody_runs(job: JobFolder) -> None:
    """Without a lock file, with a free one, with a held one; and a reader creates nothing."""
    never = (is_locked(job), os.path.exists(job.lock))
    lock = acquire(job, ["airexec", "run"], NOON)
    held = is_locked(job)
    lock.release()
    released = is_locked(job)

    assert (False, False) == never
    assert held
    assert not released


def test_a_reader_that_looks_is_not_taken_for_a_holder(job: JobFolder) -> None:
    """Although the file still names a process that lives: of a pid that was on disk nothing follows."""
    Path(job.lock).write_text(
        json.dumps(Holder(os.getpid(), socket.gethostname(), "long ago", "airexec run")._asdict())
    )
    with open(job.lock, "rb") as reader:
        flock(reader, LOCK_SH)
        free_again = threading.Timer(0.05, lambda: flock(reader, LOCK_UN))
        free_again.start()

        lock = acquire(job, ["airexec"], NOON)

        free_again.join()
    assert lock.problem() is None
    lock.release()


def test_who_waits_gets_the_lock_when_it_is_free(job: JobFolder) -> None:
    """And is told once what it waits for."""
    said: list[str] = []
    with another_holder(job) as holder:

        def say(message: str) -> None:
            said.append(message)
            holder.kill()

        lock = wait_for(job, ["airexec", "resume"], lambda: NOON, 60.0, say)
    now_held_by = written_holder(job)
    lock.release()

    assert [f"waiting: job etl is locked by another run: pid {holder.pid}"] == [
        text.partition(" on ")[0] for text in said
    ]
    assert (os.getpid(), "airexec resume") == (now_held_by.pid, now_held_by.command)


def test_who_has_waited_long_enough_is_refused(job: JobFolder) -> None:
    """As if it had not waited, exit code 75."""
    said: list[str] = []
    with another_holder(job) as holder:
        with pytest.raises(JobLockedError) as caught:
            wait_for(job, ["airexec", "resume"], lambda: NOON, 0.25, said.append)
        holder.communicate("")

    assert f"pid {holder.pid} on" in caught.value.headline
    assert 1 == len(said)


def test_a_lock_that_cannot_be_emptied_is_let_go_all_the_same(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken disk must not hide why the run ended."""

    def failing_ftruncate(fd: int, length: int) -> None:
        raise OSError(5, "Input/output error")

    lock = acquire(job, ["airexec"], NOON)
    monkeypatch.setattr("os.ftruncate", failing_ftruncate)
    lock.release()

    assert not is_locked(job)


def test_a_symbolic_link_is_not_a_lock(job: JobFolder, tmp_path: Path) -> None:
    """It could lead to any file of ours, which would then be emptied."""
    precious = tmp_path / "precious"
    precious.write_text("kept")
    os.symlink(precious, job.lock)

    with pytest.raises(StateUnwritableError) as caught:
        acquire(job, ["airexec"], NOON)

    assert caught.value.headline.startswith(f"cannot open the lock {job.lock}: ")
    assert "kept" == precious.read_text()


def test_a_reader_does_not_follow_a_symbolic_link_to_a_lock(job: JobFolder, tmp_path: Path) -> None:
    """Somebody else's lock, anywhere, would say that the job is at work."""
    with open(tmp_path / "elsewhere", "w") as elsewhere:
        flock(elsewhere, LOCK_EX)
        os.symlink(tmp_path / "elsewhere", job.lock)

        assert not is_locked(job)


def test_of_many_starters_exactly_one_wins(job: JobFolder) -> None:
    """All at once; the losers name the winner."""
    command = """
import sys
from time import time
from airexec.errors import JobLockedError
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
job = JobFolder(sys.argv[1], "etl")
sys.stdin.readline()
try:
    acquire(job, ["airexec"], time())
    print("won", flush=True)
    sys.stdin.readline()
except JobLockedError as error:
    print(error.headline.partition("pid ")[2].partition(" ")[0], flush=True)
"""
    pipe = subprocess.PIPE
    starters = [
        subprocess.Popen([sys.executable, "-c", command, job.state_dir], stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
        for _ in range(8)
    ]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("go\n")
        starter.stdin.flush()
    said = {starter.pid: starter.stdout.readline().strip() for starter in starters if starter.stdout}
    for starter in starters:
        starter.communicate("")

    winners = [pid for pid, answer in said.items() if answer == "won"]
    assert 1 == len(winners)
    assert {str(winners[0])} == {answer for answer in said.values() if answer != "won"}


def dead_pid() -> int:
    """Return the pid of a process that is over."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


# --- several schedulers ---------------------------------------------------------------------------------------------


def test_as_many_hold_a_job_as_there_is_room_for(job: JobFolder) -> None:
    """Each has a slot of its own; one more is told who they are."""
    now = float(int(time()))
    locks = [acquire(job, ["airexec", "run", name], now, runs=2) for name in ("serve", "lint")]
    with pytest.raises(JobLockedError) as refused:
        acquire(job, ["airexec", "run"], now, runs=2)
    for lock in locks:
        lock.release()

    who = f"pid {os.getpid()} on {socket.gethostname()} since {to_iso(now)}"
    who = f"{who} (airexec run serve); {who} (airexec run lint)"
    assert f"job etl has 2 runs at work, as many as its max_active_runs: {who}" == refused.value.headline
    assert "wait for the end of one, as `airexec run --wait` does, or end one: kill PID" == refused.value.hint


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_who_is_to_be_the_only_one_is_with_nobody(first: int, second: int, job: JobFolder) -> None:
    """Whoever comes first: a reset, say, or a run of a file that says another number by now."""
    now = float(int(time()))
    lock = acquire(job, ["airexec", "run", "serve"], now, runs=first)
    with pytest.raises(JobLockedError) as refused:
        acquire(job, ["airexec"], now, runs=second)
    lock.release()
    acquire(job, ["airexec"], now, runs=second).release()

    assert refused.value.headline.startswith(f"job etl is locked by another run: pid {os.getpid()} on ")


def test_those_of_a_time_with_more_room_count(job: JobFolder) -> None:
    """Their slots lie beyond what there is now."""
    now = float(int(time()))
    locks = [acquire(job, ["airexec"], now, runs=3) for _ in range(3)]
    locks[0].release()
    locks[1].release()
    beside = acquire(job, ["airexec"], now, runs=2)
    with pytest.raises(JobLockedError):
        acquire(job, ["airexec"], now, runs=2)

    for lock in (beside, locks[2]):
        lock.release()


def test_a_job_with_room_is_held_but_not_full(job: JobFolder) -> None:
    """Full since the last one came."""
    now = float(int(time()))
    nobody = (is_locked(job), full_since(job, 2), runners_of(job))
    first = acquire(job, ["airexec"], now, runs=2)
    one = (is_locked(job), full_since(job, 2), full_since(job, 1), runners_of(job))
    second = acquire(job, ["airexec"], now + 60, runs=2)
    two = (is_locked(job), full_since(job, 2), runners_of(job))
    for lock in (first, second):
        lock.release()

    pid = os.getpid()
    assert (False, None, []) == nobody
    assert (True, None, now, [pid]) == one
    assert (True, now + 60, [pid, pid]) == two


def test_a_lock_among_several_is_lost_with_either_file(job: JobFolder) -> None:
    now = float(int(time()))
    for path in (job.lock, f"{job.lock}.1"):
        lock = acquire(job, ["airexec"], now, runs=2)
        os.unlink(path)
        problem = lock.problem()
        lock.release()
        assert f"the lock {path} was removed or replaced while we held it" == problem
