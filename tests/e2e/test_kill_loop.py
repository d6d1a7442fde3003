"""The scheduler is killed with SIGKILL, at moments that a seed draws, and resumed until the run is over.

Tasks write into `ran` when they begin and when they end, so what really happened can be held against the journal.
`AIREXEC_SEED` plays one seed alone.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from airexec.scheduler.events import AttemptCompleted, AttemptStarted, Record
from airexec.scheduler.statuses import JobState
from airexec.state.journal import load_run
from tests.e2e.rig import DEADLINE_SECONDS, Airexec, statuses, wait_until
from tests.e2e.test_guardian import processes_of

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

SEEDS = [int(os.environ["AIREXEC_SEED"])] if "AIREXEC_SEED" in os.environ else range(5)
KILLS = 4
"""Of each seed; a seed whose run is over sooner has fewer."""

WORKFLOW = """\
name: flow
max_active_tasks: 4
default_args: {retries: 2, retry_delay: 10ms}
templates:
  part:
    when: {command: [test, -e, none], negate: true}
    preconditions: ["sleep 0.02; test -n {{ with.name }}"]
    command: |
      echo begin $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
      sleep 0.03
      echo end $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
      true {{ with.name }}
tasks:
  flaky:
    command: |
      echo begin $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
      [ -e once ] || { touch once; exit 1; }
      echo end $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
  batch:
    queue: [part]
    command: |
      echo begin $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
      for name in a b c; do echo '::queue {"template": "part", "with": {"name": "'$name'"}}'; sleep 0.02; done
      echo end $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
  drip:
    queue: {templates: [part], when: line}
    command: |
      echo begin $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
      for name in x y z; do echo '::queue {"template": "part", "with": {"name": "'$name'"}}'; sleep 0.02; done
      echo end $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
  merge:
    dependencies: [batch, drip, flaky]
    command: |
      echo begin $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
      sleep 0.03
      echo end $AIREXEC_TASK $AIREXEC_ATTEMPT >> ran
"""
TASKS = {"flaky", "batch", "drip", "merge", *(f"part[{name}]" for name in "abcxyz")}
EVENTS = 26
"""Of a run that nobody kills, at least: two per task, the splices, start and end."""


class Flow:
    """The runs of one seed: all of one job, which is killed and resumed."""

    def __init__(self, airexec: Airexec, seed: int) -> None:
        self.airexec = airexec
        self.random = random.Random(seed)
        airexec.write("flow.yml", WORKFLOW)
        self.journals = airexec.folder / ".airexec/jobs/flow/runs"

    def play(self) -> None:
        """Kill and resume, and then let it come to its end."""
        for _ in range(KILLS):
            if self.go_on_and_kill():
                return
        assert self.start().wait(DEADLINE_SECONDS) == 0

    def go_on_and_kill(self) -> bool:
        """Start the scheduler, kill it at some event or soon after; return whether it was over before."""
        before = len(self.records())
        process = self.start()
        if self.random.random() < 0.2:
            time.sleep(self.random.uniform(0.0, 0.2))  # while it starts, and perhaps writes its first event
        else:
            count = before + self.random.randint(1, max(1, EVENTS - before))
            wait_until(lambda: self.lines() >= count or process.poll() is not None, f"{count} events")
            time.sleep(self.random.uniform(0.0, 0.01))
        process.kill()
        assert process.wait() in (0, -signal.SIGKILL)
        if process.returncode:
            self.check_after_a_kill()
        return process.returncode == 0

    def start(self) -> "subprocess.Popen[str]":
        how = ("resume", "flow") if self.records() else ("run", "flow.yml")
        return self.airexec.start(*how, "--output", "quiet", stdout=subprocess.DEVNULL)

    def check_after_a_kill(self) -> None:
        """All dead in time, nothing called running, nothing acted upon that is not in the journal."""
        killed_at = time.monotonic()
        for run_dir in self.journals.glob("*") if self.journals.is_dir() else ():
            wait_until(lambda: not processes_of(run_dir), "the end of all processes")  # noqa: B023
        assert time.monotonic() - killed_at < 2.0
        assert self.began() <= started(self.records())
        if self.records():
            status = json.loads(self.airexec("status", "--json").out)
            assert "running" not in {task["status"] for task in status["tasks"]}
        for view in ("state.json", "tasks.json"):
            (self.airexec.folder / ".airexec/jobs/flow" / view).unlink(missing_ok=True)

    def records(self) -> list[Record]:
        return load_run(path).records if (path := self.journal()) else []

    def lines(self) -> int:
        return path.read_bytes().count(b"\n") if (path := self.journal()) else 0

    def journal(self) -> Path | None:
        return max((path for path in self.journals.glob("*/journal.jsonl") if path.stat().st_size), default=None)

    def began(self) -> Counter[tuple[str, int]]:
        return self.told("begin")

    def told(self, what: str) -> Counter[tuple[str, int]]:
        """Return how often each (task, attempt) has said so."""
        ran = self.airexec.folder / "ran"
        lines = [line.split(" ") for line in ran.read_text().splitlines()] if ran.exists() else []
        return Counter((task, int(attempt)) for kind, task, attempt in lines if kind == what)


def started(records: list[Record]) -> Counter[tuple[str, int]]:
    return Counter((it.event.task, it.event.attempt) for it in records if isinstance(it.event, AttemptStarted))


def completed(records: list[Record]) -> Counter[tuple[str, int]]:
    return Counter((it.event.task, it.event.attempt) for it in records if isinstance(it.event, AttemptCompleted))


@pytest.mark.parametrize("seed", SEEDS)
def test_whenever_it_is_killed_every_task_completes_exactly_once(seed: int, airexec: Airexec) -> None:
    """After its last journaled start; nothing that the journal calls completed runs again."""
    flow = Flow(airexec, seed)

    flow.play()

    journal = flow.journal()
    assert journal is not None
    records, torn_bytes, run = load_run(journal)
    ends = completed(records)
    assert (JobState.COMPLETED, 0) == (run.state, torn_bytes)
    assert dict.fromkeys(TASKS, 1) == Counter(task for task, _ in ends.elements())
    assert set(ends) == {(task, max(n for it, n in started(records) if it == task)) for task in TASKS}
    assert flow.began() <= started(records)
    assert set(ends) == {task for task, times in flow.told("end").items() if times == 1} & set(ends)
    assert dict.fromkeys(TASKS, "completed") == statuses(airexec, "flow")
    assert [] == processes_of(journal.parent)
