"""The whole core under a seed: random graphs, rules, pools, retries, splices of both kinds, failures, stops, resumes.

After every event the invariants of DESIGN hold, and at the end every prefix of the journal gives the run as it was.
A failing seed prints itself; `AIREXEC_SEED=17 pytest tests/simulation` runs that one alone.
"""

import os
import random
from contextlib import suppress

import networkx
import pytest

from airexec.scheduler.apply import replay
from airexec.scheduler.decide import Start, decide, retry_delay
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Because,
    Event,
    RetryReady,
    RunResumed,
    StopRequested,
    TaskSkipped,
    TaskUpToDate,
)
from airexec.scheduler.readiness import next_unasked
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.state import Edge
from airexec.scheduler.statuses import TERMINAL, Reason, Status, StopCause
from airexec.scheduler.trigger_rules import Tally, Verdict, judge
from airexec.testing import Script, make_plan, make_task, summary
from airexec.workflow.model import Dependency, Plan, QueuePermission, SpliceMoment, Task, TriggerRule

WORKFLOWS = 700
POOLS = {"db": 2, "gpu": 1}


def seeds() -> list[int]:
    return [int(os.environ["AIREXEC_SEED"])] if "AIREXEC_SEED" in os.environ else list(range(WORKFLOWS))


@pytest.mark.parametrize("seed", seeds())
def test_whatever_happens_the_invariants_hold(seed: int) -> None:
    """One seed, one life of a workflow."""
    simulation = Simulation(random.Random(seed))

    simulation.live()

    simulation.check_replay()


@pytest.mark.parametrize("seed", range(50))
def test_with_faults_off_every_task_completes(seed: int) -> None:
    """No failures, skips or stops: under `all_success` everything runs once and completes."""
    simulation = Simulation(random.Random(seed), faults=False)

    simulation.live()

    assert {"completed"} == set(simulation.script.statuses().values())


class Simulation:
    """A run, a hand that rolls dice about what happens next, and the invariants."""

    def __init__(self, rng: random.Random, faults: bool = True) -> None:
        self.rng = rng
        self.faults = faults
        self.resumes_left = 2 if faults else 0
        self.emitted = 0
        self.script = Script(self._plan())
        self.started: set[str] = set()
        self.snapshots = [summary(self.script.run)]

    def live(self) -> None:
        """Let things happen until the run is over and nobody resumes it."""
        for _ in range(5_000):
            self._settle()
            if self.script.run.is_over:
                if not self._resume():
                    return
            else:
                self._something_happens()
        raise AssertionError("the run does not end")

    def happen(self, event: Event) -> None:
        self.script.happen(event)
        self.snapshots.append(summary(self.script.run))
        self.check()

    # --- what may happen ----------------------------------------------------------------------------------------------

    def _plan(self) -> Plan:
        tasks: list[Task] = []
        for number in range(self.rng.randint(1, 12)):
            upstream = self.rng.sample(tasks, self.rng.randint(0, min(3, len(tasks))))
            task = self._task(f"t{number}", [self._edge(task.id) for task in upstream])
            after = self.rng.sample(tasks, min(len(tasks), self.rng.choice([0, 0, 1, 2])))
            tasks.append(task._replace(after=(*(one.id for one in after), "not-in-the-run")))
        return make_plan(
            *tasks,
            pools=POOLS,
            max_active_tasks=self.rng.randint(1, 4),
            fail_fast=self.faults and self.rng.random() < 0.1,
            shuffle=self.rng.choice([None, 7]),
        )

    def _edge(self, task_id: str) -> Dependency:
        return Dependency(task_id, allow_failure=self.rng.random() < 0.1)

    def _task(self, task_id: str, dependencies: list[Dependency]) -> Task:
        pool = self.rng.choice([None, None, "db", "gpu"])
        return make_task(
            task_id,
            dependencies,
            rule=self.rng.choice(list(TriggerRule)) if self.faults else "all_success",
            pool=pool,
            pool_slots=self.rng.randint(1, POOLS[pool]) if pool else 1,
            retries=self.rng.randint(0, 2),
            priority_weight=self.rng.randint(1, 3),
            allow_failure=self.rng.choice([False] * 9 + [True, (1, 3)]),
            queue=self.rng.choice([None, QueuePermission(), QueuePermission(when=SpliceMoment.LINE)]),
            sources=("x",) if self.rng.random() < 0.4 else (),
        )

    def _settle(self) -> None:
        run = self.script.run
        while (decision := decide(run)) is not None:
            if not isinstance(decision, Start):
                self.happen(decision)
            elif self.faults and self.rng.random() < 0.1:
                self.happen(TaskSkipped(decision.task, Because("when", "false")))
            elif self.rng.random() < 0.15:
                self._check_start(decision.task)
                self._keep(decision.task)
            else:
                self._check_start(decision.task)
                self.happen(AttemptStarted(decision.task, run.tasks[decision.task].attempt + 1, ()))
                self.started.add(decision.task)

        waiting = None if run.stopping is not None else next_unasked(run)
        if waiting is not None:  # for a slot, and perhaps with nothing to do
            self._check_start(waiting.task.id)
            if self.rng.random() < 0.5:
                self._keep(waiting.task.id)
            self._settle()

    def _keep(self, task_id: str) -> None:
        """Nothing has changed for a task: what it had queued is queued again, and it has completed."""
        permission = self.script.run.tasks[task_id].task.queue
        if permission is not None and permission.when is SpliceMoment.END and self.rng.random() < 0.6:
            self._queue(task_id, kept=True)
        self.happen(TaskUpToDate(task_id, {"n": 0}, "20260101-030405-0000", 1))

    def _something_happens(self) -> None:
        run = self.script.run
        running = self.script.with_status(Status.RUNNING)
        waiting = self.script.with_status(Status.UP_FOR_RETRY)
        if self.faults and self.emitted < 60 and self.rng.random() < 0.05:
            self._add()
        elif self.faults and run.stopping is None and self.rng.random() < 0.02:
            self.happen(StopRequested(self.rng.choice([StopCause.INTERRUPT, StopCause.DAGRUN_TIMEOUT])))
        elif self.faults and self.resumes_left and self.rng.random() < 0.03:
            self._crash()
        elif waiting and (not running or self.rng.random() < 0.3):
            self.happen(RetryReady(self.rng.choice(waiting)))
        else:
            self._attempt_goes_on(self.rng.choice(running))

    def _attempt_goes_on(self, task_id: str) -> None:
        permission = self.script.run.tasks[task_id].task.queue
        if permission is not None and permission.when is SpliceMoment.LINE and self.rng.random() < 0.4:
            self._queue(task_id)
            return
        if self.faults and self.rng.random() < 0.25:
            self._fail(task_id)
            return
        if self.faults and self.rng.random() < 0.1:
            self._skip(task_id)
            return
        if permission is not None and permission.when is SpliceMoment.END and self.rng.random() < 0.6:
            self._queue(task_id)
        attempt = self.script.run.tasks[task_id].attempt
        self.happen(AttemptCompleted(task_id, attempt, 1.0, {"n": attempt}))

    def _fail(self, task_id: str) -> None:
        run = self.script.run
        state = run.tasks[task_id]
        reason = Reason.CANCELLED if run.stopping is not None else Reason.EXIT
        if self.rng.random() < 0.2:
            reason = Reason.CHANGED
        delay = retry_delay(state, state.attempt, reason, 1) if run.stopping is None else None
        code, before = self.rng.choice([1, 2]), run.untolerated
        self.happen(AttemptFailed(task_id, state.attempt, 1.0, reason, f"exit code {code}", code, delay))
        assert run.untolerated - before == (state.status is Status.FAILED and not run.tolerates(task_id))

    def _skip(self, task_id: str) -> None:
        """An attempt finds that its task is not to be done, before its command or by that."""
        attempt = self.script.run.tasks[task_id].attempt
        exit_code = self.rng.choice([None, 99])
        self.happen(AttemptSkipped(task_id, attempt, 1.0, Because("when", "test -f x"), exit_code))

    def _queue(self, emitter: str, kept: bool = False) -> None:
        """Queue a random batch; some are bad on purpose, and a refusal leaves everything as it was."""
        if self.emitted > 60:
            return
        before = summary(self.script.run)
        with suppress(SpliceRejectedError):
            self.script.queue(emitter, *self._batch(), attempt=0 if kept else None)
        if len(self.script.records) == len(self.snapshots):
            assert summary(self.script.run) == before
            return
        self.snapshots.append(summary(self.script.run))
        self.check()

    def _batch(self) -> list[Task]:
        names = [f"q{self.emitted + number}" for number in range(self.rng.randint(1, 4))]
        self.emitted += len(names)
        candidates = names + list(self.script.run.tasks)
        batch = []
        for name in names:
            upstream = self.rng.sample(candidates, self.rng.choice([0, 0, 0, 1, 2]) % (len(candidates) + 1))
            task = self._task(name, [self._edge(task_id) for task_id in upstream])
            batch.append(task._replace(detached=self.rng.random() < 0.2))
        return batch

    def _add(self) -> None:
        """Somebody else adds tasks; those that cannot be added leave everything as it was."""
        before = self.script.run.counts.copy()
        problems = self.script.add(*(batch := self._batch()))
        assert {task.id for task in batch} == problems.keys() ^ (self.script.run.tasks.keys() & {t.id for t in batch})
        if len(problems) == len(batch):
            assert before == self.script.run.counts
            return
        self.snapshots.append(summary(self.script.run))
        self.check()

    def _crash(self) -> None:
        """kill -9: a later scheduler takes over from the journal alone."""
        self.resumes_left -= 1
        self.started.clear()
        over, failed = self.script.run.is_over, self.script.with_status(Status.FAILED)
        event = RunResumed(continued=self.rng.random() < 0.4)
        self.happen(event)
        if event.continued:
            assert failed == self.script.with_status(Status.FAILED), "what has failed stays as it is"
            assert over or not self.script.with_status(Status.CANCELLED)
        assert not self.script.with_status(Status.RUNNING)

    def _resume(self) -> bool:
        if not self.resumes_left or self.rng.random() < 0.5:
            return False
        kept = self.script.with_status(Status.COMPLETED)
        self._crash()
        assert kept == self.script.with_status(Status.COMPLETED), "resume keeps what completed"
        return True

    # --- invariants ---------------------------------------------------------------------------------------------------

    def check(self) -> None:
        run = self.script.run
        assert run.plan is not None
        statuses = [state.status for state in run.tasks.values()]
        assert {status: statuses.count(status) for status in Status} == run.counts
        assert run.counts[Status.RUNNING] <= run.plan.max_active_tasks
        for pool, slots in POOLS.items():
            used = sum(s.task.pool_slots for s in run.tasks.values() if s.task.pool == pool and s.status == "running")
            assert used == run.pool_used.get(pool, 0) <= slots
        edges = [(upstream, id_) for id_, state in run.tasks.items() for upstream in state.upstream]
        assert networkx.is_directed_acyclic_graph(networkx.DiGraph(edges))
        if run.is_over:
            assert all(state.status in TERMINAL for state in run.tasks.values())

    def _check_start(self, task_id: str) -> None:
        """Nothing starts after a stop, twice, or before its rule allows, by a count made from scratch."""
        run = self.script.run
        state = run.tasks[task_id]
        assert run.stopping is None
        assert state.status is Status.PENDING
        gates = [upstream for upstream, edge in state.upstream.items() if edge is Edge.AFTER]
        assert all(run.tasks[upstream].status in TERMINAL for upstream in gates)
        tally = Tally(total=len(state.upstream) - len(gates))
        for upstream, edge in state.upstream.items():
            if edge is Edge.AFTER:
                continue
            outcome = self._counts_as(upstream, edge)
            if outcome in TERMINAL:
                tally.count(outcome)
        assert judge(state.task.trigger_rule, tally) is Verdict.RUN

    def _counts_as(self, upstream: str, edge: Edge) -> Status:
        state = self.script.run.tasks[upstream]
        tolerated = {Status.UPSTREAM_FAILED, Status.FAILED} if edge is Edge.TOLERANT else set()
        if state.task.allow_failure is True or (state.task.allow_failure and state.exit_code == 1):
            tolerated.add(Status.FAILED)
        return Status.COMPLETED if edge is Edge.EMITTED or state.status in tolerated else state.status

    def check_replay(self) -> None:
        """fold(journal prefix) = state, for a sample of prefixes and for the whole."""
        ends = {*self.rng.sample(range(1, len(self.snapshots)), min(5, len(self.snapshots) - 1)), len(self.snapshots)}
        for end in ends:
            assert self.snapshots[end - 1] == summary(replay(self.script.records[:end]))
