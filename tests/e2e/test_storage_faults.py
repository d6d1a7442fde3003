"""Every call into the state folder fails, one after the other: nothing is lost, and nobody sees a traceback."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

import airexec.cli.application
import airexec.run.resume
import airexec.run.run_file
import airexec.runner.guardian
import airexec.runner.processes  # noqa: F401  # so that the forks need not
from airexec.scheduler.statuses import JobState, Status
from airexec.state.journal import load_run
from tests.e2e.faults import Fault, Outcome, run_on

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

WORKFLOW = """\
name: w
tasks:
  first: {command: echo first >> ran; echo said}
  second: {command: "[ ! -e stop ]; echo second >> ran", dependencies: first}
"""
NO_FAULT = Fault(0)

Before = Callable[[Path], None]
End = tuple[Path, Outcome]


def outcomes(home: Path, fault: Fault, *arguments: str, before: Before = lambda folder: None) -> Iterator[End]:
    """Yield a folder, and what came of the command in it, for each call into the state folder, which fails as `fault`.

    Each folder is a new one; `before` makes what is there before.
    """
    for number in count(1):
        folder = home / str(number)
        (folder / ".git").mkdir(parents=True)
        (folder / "w.yml").write_text(WORKFLOW)
        before(folder)
        outcome = run_on(folder, fault._replace(number=number), *arguments)
        if not outcome.failed:
            assert number > 30
            return
        yield folder, outcome


def ran(folder: Path) -> Counter[str]:
    return Counter((folder / "ran").read_text().split()) if (folder / "ran").exists() else Counter()


def journaled(folder: Path) -> tuple[JobState | None, set[str]]:
    """Return the state of the newest run that has begun, and the tasks that are completed in it."""
    journals = [path for path in (folder / ".airexec/jobs/w/runs").glob("*/journal.jsonl") if path.stat().st_size]
    if not journals:
        return None, set()
    run = load_run(max(journals)).run
    return run.state, {id_ for id_, state in run.tasks.items() if state.status is Status.COMPLETED}


def check(folder: Path, outcome: Outcome) -> None:
    """The run said what it did, and with the disk mended the job is completed, without doing anything twice.

    Exit code 2: settings that cannot be read are wrong settings, and a job that cannot be read is not there.
    """
    state, done = journaled(folder)
    assert outcome.exit_code in (0, 2, 73, 74), outcome
    assert (outcome.exit_code != 0) == ("airexec: error: " in outcome.err), outcome
    assert "Traceback" not in outcome.err
    assert outcome.exit_code != 0 or state is JobState.COMPLETED, outcome
    assert dict.fromkeys(done, 1) == {task: ran(folder)[task] for task in done}, outcome

    resumed = run_on(folder, NO_FAULT, "resume", "--job", "w")
    if resumed.exit_code == 2:  # nothing had begun
        resumed = run_on(folder, NO_FAULT, "run", "w.yml")

    assert 0 == resumed.exit_code, (outcome, resumed)
    assert (JobState.COMPLETED, {"first", "second"}) == journaled(folder)
    assert dict.fromkeys(done, 1) == {task: ran(folder)[task] for task in done}, outcome


@pytest.mark.parametrize(("for_good", "sync"), [(False, "batch"), (True, "barrier")], ids=["once", "for_good"])
def test_whatever_call_of_a_run_fails_nothing_is_lost(for_good: bool, sync: str, tmp_path: Path) -> None:
    """From the first to the last, once or with all that follow: said, and then the job can be completed."""
    for folder, outcome in outcomes(tmp_path, Fault(0, for_good), "run", "w.yml", "--sync", sync):
        check(folder, outcome)


def test_whatever_call_of_a_resume_fails_nothing_is_lost(tmp_path: Path) -> None:
    """Of a run whose first task is completed."""
    for folder, outcome in outcomes(tmp_path, Fault(0, for_good=True), "resume", "--job", "w", before=half_done):
        check(folder, outcome)


def half_done(folder: Path) -> None:
    (folder / "stop").touch()
    assert run_on(folder, NO_FAULT, "run", "w.yml").exit_code == 1
    assert journaled(folder) == (JobState.FAILED, {"first"})
    (folder / "stop").unlink()
