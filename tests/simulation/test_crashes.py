"""The real loop under a seed, with fake clock and children, and a disk that may lose what was not synced.

The scheduler is killed at any append, or the power fails there: written but unsynced bytes are kept, cut, or lost in
the middle while later ones survive. After each crash the real recovery reads the real file. What must hold: the
recovered events are an exact prefix of those written, all synced ones among them; after a mere kill, all of them; a
completed task never runs again; no task has two live attempts; and in the end the run ends.
"""

import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from airexec.attempt.facts import CommandLine, Fact, Interrupted
from airexec.attempt.prepare import Preparation
from airexec.attempt.spec import AttemptSpec
from airexec.run.loop import Loop
from airexec.run.ports import Ports
from airexec.scheduler.apply import replay
from airexec.scheduler.events import AttemptCompleted, Record, RunResumed, RunStarted
from airexec.scheduler.state import Run
from airexec.secrets.plain_data import Masking
from airexec.state.codec import record_to_line
from airexec.state.journal import open_for_resume
from airexec.state.layout import RunFolder
from airexec.testing import FakeClock, FakeExecutor, FakeTokens, make_plan, make_task
from airexec.workflow.model import Plan, QueuePermission, SpliceMoment, Task, TriggerRule

WORKFLOWS = 300
RUN_ID = "20260102-030405-0000"
PAGE = 64
"""Small, so that a line spans several."""


def seeds() -> list[int]:
    return [int(os.environ["AIREXEC_SEED"])] if "AIREXEC_SEED" in os.environ else list(range(WORKFLOWS))


@pytest.mark.parametrize("seed", seeds())
def test_no_crash_loses_what_was_acted_upon(seed: int, tmp_path: Path) -> None:
    """One seed, one workflow, up to four crashes."""
    Life(random.Random(seed), tmp_path).live()


class Crash(BaseException):
    """The scheduler is no more."""


class Disk:
    """A journal whose bytes are on a real file, once a crash or the end has decided which of them are."""

    def __init__(self, rng: random.Random, crash_rate: float) -> None:
        self.rng = rng
        self.crash_rate = crash_rate
        self.synced = b""
        self.unsynced: list[bytes] = []
        self.lines: list[bytes] = []
        """All lines ever written by this scheduler, whether they last or not."""

    def append(self, records: Sequence[Record]) -> None:
        if self.rng.random() < self.crash_rate / 2:
            raise Crash
        lines = [record_to_line(record) for record in records]
        self.lines += lines
        self.unsynced.append(b"".join(lines))
        if self.rng.random() < 0.3:
            self.sync()
        if self.rng.random() < self.crash_rate / 2:
            raise Crash

    def sync(self) -> None:
        self.synced += b"".join(self.unsynced)
        self.unsynced = []

    def after_kill(self) -> bytes:
        """The kernel lives and has everything."""
        return self.synced + b"".join(self.unsynced)

    def after_power_loss(self) -> bytes:
        """Of the unsynced pages any may be there or not; what was never written at the end is cut."""
        data = b"".join(self.unsynced)
        data = data[: self.rng.randint(0, len(data))]
        if self.rng.random() < 0.5:
            pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
            data = b"".join(page if self.rng.random() < 0.7 else bytes(len(page)) for page in pages)
        return self.synced + data


class Children(FakeExecutor):
    """Children that end, fail, queue and hang as the dice will have it."""

    def __init__(self, clock: FakeClock, rng: random.Random, queued: list[int], interrupts: float) -> None:
        super().__init__(clock)
        self.rng = rng
        self.queued = queued
        self.interrupts = interrupts
        self.tokens = FakeTokens(spare=rng.randint(0, 4))

    def start(self, spec: AttemptSpec) -> None:
        assert spec.task not in self.running, "one live attempt per task"
        assert len(self.running) < self.tokens.held, "no process without its token"
        super().start(spec)

    def wait(self, timeout: float | None) -> Sequence[Fact]:
        self.clock.jump(self.rng.choice([0.0, 0.0, -1e6, 1e6]))
        if self.rng.random() < self.interrupts:
            self.facts.append(Interrupted(self.rng.choice([signal.SIGINT, signal.SIGTERM])))
        self.tokens.spare = max(0, self.tokens.spare + self.rng.choice([-1, 0, 1]))  # others take and give
        for task in list(self.running):
            if self.rng.random() < 0.5:
                self._go_on(task)
        return super().wait(timeout)

    def signal(self, task: str, signum: int) -> None:
        super().signal(task, signum)
        if task in self.running and (signum == signal.SIGKILL or self.rng.random() < 0.5):
            self.finish(task, self.rng.choice([-signum, 0]))

    def _go_on(self, task: str) -> None:
        if task.startswith("e") and len(self.queued) < 30 and self.rng.random() < 0.5:
            self.queued.append(len(self.queued))
            name = f"{self.rng.choice('eq')}{self.queued[-1]}x"
            payload = f'{{"id": "{name}", "command": "true", "queue": true}}'
            self.facts.append(CommandLine(task, self.running[task].attempt, "queue", payload, 1))
        elif self.rng.random() < 0.8:
            self.finish(task, self.rng.choice([0, 0, 0, 1, -9]))


class Life:
    """One run through all its schedulers."""

    def __init__(self, rng: random.Random, folder: Path) -> None:
        self.rng = rng
        self.folder = RunFolder(str(folder), RUN_ID)
        Path(self.folder.side).mkdir(parents=True)
        self.plan = self._plan()
        self.queued: list[int] = []
        self.crashes_left = 4
        self.completed: set[str] = set()

    def live(self) -> None:
        run = Run()
        first: RunStarted | RunResumed = RunStarted(RUN_ID, self.plan)
        kept: list[Record] = []
        while True:
            disk = self._schedule(run, first)
            if disk is None:
                break
            kept = self._recover(kept, disk)
            run = replay(kept)
            if not kept:
                first = RunStarted(RUN_ID, self.plan)
                continue
            if run.is_over:
                return
            first = RunResumed()
        assert run.is_over

    def _schedule(self, run: Run, first: RunStarted | RunResumed) -> Disk | None:
        """Let one scheduler work until the run ends (None) or it crashes (its disk)."""
        disk = Disk(self.rng, 0.15 if self.crashes_left else 0.0)
        clock = FakeClock(monotonic=self.rng.random() * 1e6)
        children = Children(clock, self.rng, self.queued, 0.01)
        tokens = children.tokens
        ports = Ports(clock, children, disk, lambda run: None, tokens=tokens)
        try:
            Loop(run, self.plan, ports, Preparation(self.plan, self.folder, {}), Masking()).execute(first)
        except Crash:
            self.crashes_left -= 1
            return disk
        finally:
            again = self.completed & {spec.task for spec in children.specs}
            assert not again, "a task journaled as completed runs again"
        assert not children.running, "nothing outlives the run"
        assert tokens.held == 0, "every token is back"
        return None

    def _recover(self, kept: list[Record], disk: Disk) -> list[Record]:
        """Write what the crash has left to the real file, read it back, and hold it against what was written."""
        before = b"".join(map(record_to_line, kept))
        power_loss = self.rng.random() < 0.5
        Path(self.folder.journal).write_bytes(before + (disk.after_power_loss() if power_loss else disk.after_kill()))
        recovered = open_for_resume(self.folder.journal, "off")
        recovered.writer.close()
        lines = [record_to_line(record) for record in recovered.records]
        written = [record_to_line(record) for record in kept] + disk.lines
        assert lines == written[: len(lines)], "an exact prefix"
        assert len(b"".join(lines)) >= len(before + disk.synced), "with everything that was synced"
        if not power_loss:
            assert lines == written, "a kill loses nothing"
        self.completed = {r.event.task for r in recovered.records if isinstance(r.event, AttemptCompleted)}
        return recovered.records

    def _plan(self) -> Plan:
        tasks: list[Task] = []
        for number in range(self.rng.randint(1, 8)):
            upstream = self.rng.sample(tasks, self.rng.randint(0, min(2, len(tasks))))
            tasks.append(
                make_task(
                    f"{self.rng.choice('te')}{number}",
                    [task.id for task in upstream],
                    rule=self.rng.choice(list(TriggerRule)),
                    retries=self.rng.randint(0, 2),
                    retry_delay=self.rng.random() * 10,
                    execution_timeout=self.rng.choice([None, 5.0]),
                    queue=QueuePermission(when=self.rng.choice(list(SpliceMoment))),
                )
            )
        return make_plan(*tasks, max_active_tasks=self.rng.randint(1, 4), fail_fast=self.rng.random() < 0.1)
