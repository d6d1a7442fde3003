"""The loop with fake clock, processes and journal: what is written, what is started, what is signalled, and when."""

import itertools
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from airexec.attempt.facts import (
    CommandLine,
    Exited,
    Interrupted,
    LeftoverSignalled,
    Resumed,
    SpawnBusyError,
    SpawnError,
    WorkDone,
)
from airexec.attempt.ladder import GRACE
from airexec.attempt.prepare import Preparation
from airexec.attempt.spec import AttemptSpec
from airexec.errors import JournalError
from airexec.run.loop import Loop
from airexec.run.ports import Ports
from airexec.scheduler.apply import replay
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Because,
    NodesQueued,
    Noticed,
    Record,
    RunFinished,
    RunStarted,
    SignalSent,
    TaskSkipped,
)
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, Reason, Status
from airexec.secrets.plain_data import Masking
from airexec.state.layout import RunFolder
from airexec.testing import FakeClock, FakeExecutor, FakeTokens, MemoryJournal, make_plan, make_task, summary
from airexec.views.live.view import Listener
from airexec.workflow.actions.condition import Condition
from airexec.workflow.model import Plan, QueuePermission, SpliceMoment

RUN_ID = "20260102-030405-0000"


class World(FakeExecutor):
    """Fake processes with a plot: `script` maps what has started to what it does the next time the loop waits."""

    def __init__(self, tmp_path: Path, plan: Plan, env: Mapping[str, str] = {}, **ports: Any) -> None:
        super().__init__(FakeClock())
        self.plots: list[tuple[str, Callable[[], None]]] = []
        self.on_wait: Callable[[], object] = lambda: None
        self.journal = MemoryJournal()
        self.run = Run()
        folder = RunFolder(str(tmp_path), RUN_ID)
        self.folder = folder
        all_ports = Ports(self.clock, self, self.journal, ports.pop("snapshot", lambda run: None), **ports)
        self.loop = Loop(self.run, plan, all_ports, Preparation(plan, folder, env), Masking())
        self.plan = plan

    def after(self, task: str, action: Callable[[], None]) -> None:
        """Let `action` happen in the turn after `task` has started."""
        self.plots.append((task, action))

    def wait(self, timeout: float | None) -> Any:
        self.on_wait()
        for plot in list(self.plots):
            if plot[0] in self.running:
                self.plots.remove(plot)
                plot[1]()
        if not self.facts and not self.plots:
            for task in list(self.running):
                if not self._is_stubborn(task):
                    self.finish(task)
        return super().wait(timeout)

    def _is_stubborn(self, task: str) -> bool:
        return task.startswith("stubborn")

    def signal(self, task: str, signum: int) -> None:
        """A stubborn task ends by SIGKILL alone; any other by the first signal."""
        super().signal(task, signum)
        if task in self.running and (not self._is_stubborn(task) or signum == signal.SIGKILL):
            self.finish(task, -signum)

    def play(self) -> "World":
        self.loop.execute(RunStarted(RUN_ID, self.plan))
        assert summary(self.run) == summary(replay(self.journal.records))
        return self

    def answers(self, task: str, *lines: tuple[str, str], returncode: int = 0) -> None:
        """Let the next attempt of `task` print these `::verb payload` lines and exit."""

        def talk() -> None:
            for number, (verb, payload) in enumerate(lines, 1):
                self.says(task, verb, payload, number)
            self.finish(task, returncode)

        self.after(task, talk)

    def says(self, task: str, verb: str, payload: str, line: int = 1) -> None:
        self.facts.append(CommandLine(task, self.running[task].attempt, verb, payload, line))

    def of_type(self, kind: type) -> list[Any]:
        return [event for event in self.journal.events() if isinstance(event, kind)]

    def started(self) -> list[str]:
        return [entry[1] for entry in self.log if entry[0] == "start"]

    def signals(self) -> list[tuple[str, str]]:
        return [(entry[1], signal.Signals(entry[2]).name) for entry in self.log if entry[0] == "signal"]


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    return lambda *tasks, **settings: World(tmp_path, make_plan(*tasks, **settings))


def test_an_attempt_is_journaled_before_its_process_exists(tmp_path: Path) -> None:
    """What a `kill -9` could forget has not happened."""

    class Witness(World):
        def start(self, spec: AttemptSpec) -> None:
            self.seen = self.journal.events()
            super().start(spec)

    it = Witness(tmp_path, make_plan(make_task("a")))
    it.play()

    assert [type(event) for event in it.seen] == [RunStarted, AttemptStarted]


def test_one_turn_is_one_write(world: Callable[..., World]) -> None:
    """Ten tasks start together, with one append."""
    it = world(*(make_task(f"t{n}") for n in range(10)), max_active_tasks=10)

    it.play()

    assert len(it.journal.batches[0]) == 11


def test_a_turn_in_which_nothing_happens_writes_nothing(tmp_path: Path) -> None:
    """Though views are called."""
    it = World(tmp_path, make_plan(make_task("stubborn", execution_timeout=2.0)), listeners=[Watcher()]).play()

    assert [] not in it.journal.batches


def test_a_timeout_climbs_the_ladder(world: Callable[..., World]) -> None:
    """TERM at the timeout, KILL after the grace; the reason is the timeout, not the signal."""
    it = world(make_task("stubborn", execution_timeout=5.0)).play()

    assert it.signals() == [("stubborn", "SIGTERM"), ("stubborn", "SIGKILL")]
    (failed,) = it.of_type(AttemptFailed)
    assert (failed.reason, failed.error, failed.exit_code) == (Reason.TIMEOUT, "timed out after 5 s", 137)
    assert failed.duration == 5.0 + GRACE


def test_a_retry_waits_for_its_delay_on_the_monotonic_clock(world: Callable[..., World]) -> None:
    """Backoff 2, 4: the wall clock jumps, and nobody minds."""
    it = world(make_task("a", retries=2, retry_delay=2.0, retry_exponential_backoff=2.0))
    times: list[float] = []

    def fail() -> None:
        times.append(it.clock.monotonic())
        it.clock.jump(-1e9)
        it.finish("a", 1)

    for _ in range(3):
        it.after("a", fail)
    it.play()

    assert times == [0.0, 2.0, 6.0]
    assert it.run.state == JobState.FAILED
    assert [event.retry_delay for event in it.of_type(AttemptFailed)] == [2.0, 4.0, None]


def test_retry_on_lists_the_exit_codes_worth_it(world: Callable[..., World]) -> None:
    """Exit code 2 is not 75."""
    it = world(make_task("a", retries=5, retry_on=(75,)))
    it.after("a", lambda: it.finish("a", 75))
    it.after("a", lambda: it.finish("a", 2))
    it.play()

    assert [event.exit_code for event in it.of_type(AttemptFailed)] == [75, 2]
    assert it.started() == ["a", "a"]


def test_the_first_ctrl_c_interrupts_each_group_once(world: Callable[..., World]) -> None:
    """One INT, then TERM, then KILL, with the grace between; nothing new starts."""
    it = world(make_task("stubborn"), make_task("later", ["stubborn"]))
    it.after("stubborn", lambda: it.facts.append(Interrupted(signal.SIGINT)))
    it.play()

    assert it.signals() == [("stubborn", "SIGINT"), ("stubborn", "SIGTERM"), ("stubborn", "SIGKILL")]
    assert it.started() == ["stubborn"]
    assert it.run.state == JobState.CANCELLED
    assert it.clock.monotonic() == 2 * GRACE


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (signal.SIGINT, "cancelled: interrupted (Ctrl-C)"),
        (signal.SIGTERM, "cancelled: airexec was told to terminate (SIGTERM)"),
        (signal.SIGHUP, "cancelled: the terminal went away (SIGHUP)"),
    ],
)
def test_an_attempt_that_was_cancelled_says_by_what(
    world: Callable[..., World], number: signal.Signals, error: str
) -> None:
    """In the journal, with the words that the console has for it."""
    it = world(make_task("a"))
    it.after("a", lambda: it.facts.append(Interrupted(number)))
    it.play()

    assert [error] == [event.error for event in it.of_type(AttemptFailed)]


def test_the_second_ctrl_c_kills_now(world: Callable[..., World]) -> None:
    """No grace left."""
    it = world(make_task("stubborn"))
    it.after("stubborn", lambda: it.facts.extend([Interrupted(signal.SIGINT), Interrupted(signal.SIGINT)]))
    it.play()

    assert it.signals() == [("stubborn", "SIGINT"), ("stubborn", "SIGKILL")]
    assert it.clock.monotonic() == 0.0


def test_a_task_that_was_told_to_stop_has_not_completed(world: Callable[..., World]) -> None:
    """Though it answered SIGINT with exit code 0: nobody knows how much of its work is done."""
    it = world(make_task("stubborn"))

    def interrupt_and_end() -> None:
        it.facts.append(Interrupted(signal.SIGINT))
        it.finish("stubborn", 0)

    it.after("stubborn", interrupt_and_end)
    it.play()

    assert it.run.tasks["stubborn"].status == "cancelled"
    assert it.run.state == JobState.CANCELLED


def test_the_run_has_a_timeout_too(world: Callable[..., World]) -> None:
    """dagrun_timeout ends everything; the run has failed."""
    it = world(make_task("stubborn"), make_task("b", ["stubborn"]), dagrun_timeout=30.0).play()

    assert it.signals() == [("stubborn", "SIGTERM"), ("stubborn", "SIGKILL")]
    assert it.run.state == JobState.FAILED
    assert {id_: str(state.status) for id_, state in it.run.tasks.items()} == {
        "stubborn": "cancelled",
        "b": "cancelled",
    }


def test_work_done_beside_the_loop_is_gone_on_with_in_it(world: Callable[..., World]) -> None:
    """In its place among the facts, and what it brings about is in the same turn."""
    it = world(make_task("a"), make_task("b", ["a"]))
    seen: list[str] = []

    def then() -> None:
        seen.append(str(it.run.tasks["a"].status))
        it.loop.later(0.0, lambda: seen.append("timer"))

    def work() -> None:
        it.post(WorkDone(then))
        it.finish("a")
        it.post(WorkDone(then))

    it.after("a", work)
    it.play()

    assert ["running", "completed", "timer", "timer"] == seen
    assert (["a", "b"], 0.0) == (it.started(), it.clock.monotonic())


def test_what_is_overdue_is_not_waited_for(tmp_path: Path) -> None:
    """A spawn took longer than the next timer had to wait."""

    class Slow(World):
        timeouts: tuple[float | None, ...] = ()

        def start(self, spec: AttemptSpec) -> None:
            super().start(spec)
            self.clock.advance(5.0)

        def wait(self, timeout: float | None) -> Any:
            self.timeouts += (timeout,)
            return super().wait(timeout)

    it = Slow(tmp_path, make_plan(make_task("a")))
    it.play()

    assert (0.0,) == it.timeouts


def test_time_spent_stopped_counts_for_no_timeout(world: Callable[..., World]) -> None:
    """Ctrl-Z for a minute, and the timeout of five seconds is five seconds."""
    it = world(make_task("stubborn", execution_timeout=5.0))

    def stop_and_go() -> None:
        it.clock.advance(60.0)
        it.facts.append(Resumed(60.0))

    it.after("stubborn", stop_and_go)
    it.play()

    assert it.clock.monotonic() == 60.0 + 5.0 + GRACE


def test_what_cannot_be_spawned_lets_others_start_at_once(world: Callable[..., World]) -> None:
    """Though nothing runs whose end could wake the loop."""
    it = world(make_task("a"), make_task("b", ["a"], rule="all_done"))
    it.refuse["a"] = SpawnError("no such program: frobnicate", 127)
    it.play()

    assert (["b"], 0.0) == (it.started(), it.clock.monotonic())


def test_a_full_machine_is_waited_for_while_anything_of_ours_runs(tmp_path: Path) -> None:
    """For as long as that takes, and not a few seconds only: its end makes room."""

    class Full(World):
        def start(self, spec: AttemptSpec) -> None:
            if self.running:
                raise SpawnBusyError("too many open files", 126)
            super().start(spec)

    it = Full(tmp_path, make_plan(make_task("stubborn", execution_timeout=60.0), make_task("b"))).play()

    assert (["stubborn", "b"], "completed") == (it.started(), it.run.tasks["b"].status)
    assert it.clock.monotonic() == pytest.approx(60.0 + GRACE, abs=0.2)


def test_a_full_machine_on_which_nothing_of_ours_runs_is_given_up(tmp_path: Path) -> None:
    """After five seconds; the failure has its reason and exit code in the journal."""

    class Full(World):
        def start(self, spec: AttemptSpec) -> None:
            raise SpawnBusyError("too many open files", 126)

    it = Full(tmp_path, make_plan(make_task("a"))).play()

    (failed,) = it.of_type(AttemptFailed)
    assert (failed.reason, failed.error, failed.exit_code) == (Reason.SPAWN, "too many open files", 126)
    assert it.clock.monotonic() == pytest.approx(5.0)


def test_a_false_when_skips_the_task(world: Callable[..., World]) -> None:
    """The condition stands in the journal."""
    it = world(make_task("a", when="1 > 2")).play()

    (skipped,) = it.of_type(TaskSkipped)
    assert (skipped.because.rule, skipped.because.detail) == ("when", "1 > 2")
    assert it.started() == []


def test_conditions_are_part_of_the_attempt(world: Callable[..., World]) -> None:
    """One announcement, one slot, one end; each step starts when the one before has exited."""
    conditions = Condition("test -e x"), Condition("test -e y")
    it = world(make_task("a", when=conditions[0], preconditions=conditions[1:]), make_task("b")).play()

    assert [("sh", "-e", "-c", text) for text in ("test -e x", "test -e y", "true")] == [
        spec.argv for spec in it.specs if spec.task == "a"
    ]
    assert 2 == len(it.of_type(AttemptStarted)) == len(it.of_type(AttemptCompleted))


def test_a_when_that_is_false_by_its_command_ends_the_attempt(world: Callable[..., World]) -> None:
    """The event says by which, and nothing more is started."""
    it = world(make_task("a", when=Condition("test -e x", negate=True)), make_task("b", ["a"])).play()

    (skipped,) = it.of_type(AttemptSkipped)
    assert Because("when", "! test -e x (exit code 0)") == skipped.because
    assert (["a"], "skipped", "completed") == (it.started(), it.run.tasks["b"].status, it.run.state)


def test_a_precondition_is_not_tried_again(world: Callable[..., World]) -> None:
    """What it asks for is missing, and no time will bring it."""
    it = world(make_task("a", preconditions=(Condition("test -e x", message="no x"),), retries=3))
    it.answers("a", returncode=1)
    it.play()

    (failed,) = it.of_type(AttemptFailed)
    assert (Reason.PRECONDITION, "no x", None, None) == (
        failed.reason,
        failed.error,
        failed.exit_code,
        failed.retry_delay,
    )


def test_what_comes_to_no_answer_is_tried_again_and_asked_again(world: Callable[..., World]) -> None:
    """It may have been the machine; each attempt begins with its first condition."""
    it = world(make_task("a", when=Condition("test -e x"), retries=1))
    it.answers("a", returncode=-9)
    it.play()

    assert [("a", 1), ("a", 2), ("a", 2)] == [(spec.task, spec.attempt) for spec in it.specs]
    assert "completed" == it.run.state


def test_an_exit_code_skips_the_task_without_a_retry(world: Callable[..., World]) -> None:
    """What is downstream is skipped with it, and its place is free for others."""
    it = world(make_task("a", skip_on_exit_code=(99,), retries=3), make_task("b", ["a"]))
    it.answers("a", ("output", '{"rows": 1}'), returncode=99)
    it.play()

    (skipped,) = it.of_type(AttemptSkipped)
    assert ("a", 1, Because("skip_on_exit_code", "exit code 99"), 99) == (*skipped[:2], *skipped[3:5])
    assert (["a"], {}) == (it.started(), it.run.tasks["a"].outputs)
    assert ("skipped", "skipped", "completed") == (
        it.run.tasks["a"].status,
        it.run.tasks["b"].status,
        it.run.state,
    )


def test_a_template_that_cannot_be_rendered_fails_the_attempt_without_a_retry(world: Callable[..., World]) -> None:
    """Nothing is started; the same text would fail again."""
    it = world(make_task("a", command="echo {{ tasks.a.outputs.nope }}", retries=3)).play()

    (failed,) = it.of_type(AttemptFailed)
    assert failed.reason == Reason.TEMPLATE
    assert "nope" in failed.error
    assert it.started() == []


def test_outputs_reach_downstream_templates_typed(world: Callable[..., World]) -> None:
    """`::output {"rows": 42}` and a list become words of the next command."""
    it = world(make_task("a"), make_task("b", ["a"], command="echo {{ tasks.a.outputs.rows + 1 }}"))
    it.answers("a", ("output", '{"rows": 42}'))
    it.play()

    assert it.of_type(AttemptStarted)[1].command == ("sh", "-e", "-c", "echo 43")


def test_a_splice_and_the_end_of_its_emitter_are_one_write(world: Callable[..., World]) -> None:
    """So no crash can come between them."""
    it = world(make_task("a", queue=QueuePermission()))
    it.answers("a", ("queue", '{"id": "q", "command": "true"}'))
    it.play()

    assert [NodesQueued, AttemptCompleted, AttemptStarted] in [[type(e) for e in b] for b in it.journal.batches]
    assert it.started() == ["a", "q"]


def test_when_line_splices_while_the_emitter_runs(world: Callable[..., World]) -> None:
    """The queued task starts before its emitter ends."""
    it = world(make_task("stubborn", queue=QueuePermission(when=SpliceMoment.LINE), execution_timeout=1.0))
    it.after("stubborn", lambda: it.says("stubborn", "queue", '{"id": "q", "command": "true"}'))
    it.play()

    events = [type(event) for event in it.journal.events()]
    assert events.index(NodesQueued) < events.index(AttemptFailed)
    assert it.run.tasks["q"].status == "completed"


def test_a_value_that_cannot_be_masked_is_told_with_the_reason(world: Callable[..., World]) -> None:
    it = world(make_task("a"))
    it.mask_problem = "a secret must have at least 6 bytes to be masked"
    it.answers("a", ("mask", '"abc"'))
    it.play()

    message = "line 1: ::mask has no effect: a secret must have at least 6 bytes to be masked"
    assert [Noticed("a", 1, "warning", message)] == [e for e in it.journal.events() if isinstance(e, Noticed)]


def test_a_journal_that_cannot_be_written_ends_everything(world: Callable[..., World]) -> None:
    """Nothing new starts, what runs is ended, and the error leaves the loop."""
    it = world(make_task("stubborn"), make_task("b"), max_active_tasks=1)
    it.after("stubborn", lambda: setattr(it.journal, "fail", JournalError("no space left")))
    it.after("stubborn", lambda: it.facts.append(Interrupted(signal.SIGTERM)))

    with pytest.raises(JournalError):
        it.loop.execute(RunStarted(RUN_ID, it.plan))

    assert it.started() == ["stubborn"]
    assert it.signals() == [("stubborn", "SIGTERM"), ("stubborn", "SIGKILL")]
    assert it.running == {}


def test_no_snapshot_tells_what_the_journal_does_not(tmp_path: Path) -> None:
    """When its last events could not be written, the run in memory is ahead of the truth."""
    seen: list[Status] = []
    plan = make_plan(make_task("a"))
    it = World(tmp_path, plan, snapshot=lambda run: seen.append(run.tasks["a"].status))
    it.after("a", lambda: setattr(it.journal, "fail", JournalError("no space left")))

    with pytest.raises(JournalError):
        it.loop.execute(RunStarted(RUN_ID, plan))

    assert seen == [Status.RUNNING]


def test_a_lost_state_folder_is_noticed_within_a_second(tmp_path: Path) -> None:
    """The journal may still be writable through its descriptor; that is no reason to go on."""
    plan = make_plan(make_task("stubborn"))
    it = World(tmp_path, plan, state_problem=lambda: "the state folder is gone")

    with pytest.raises(JournalError, match="the state folder is gone"):
        it.loop.execute(RunStarted(RUN_ID, plan))

    assert it.clock.monotonic() == 1.0 + GRACE


def test_a_queued_command_is_never_rendered(world: Callable[..., World]) -> None:
    """What a task prints is data, braces and all."""
    it = world(make_task("a", queue=QueuePermission()))
    it.answers("a", ("queue", '{"id": "q", "command": "echo {{ params.x }}"}'))
    it.play()

    assert it.of_type(AttemptStarted)[1].command[-1] == "echo {{ params.x }}"


# --- tokens of a make around us ---------------------------------------------------------------------------------------


def test_no_more_tasks_run_than_there_are_tokens(tmp_path: Path) -> None:
    """One slot is ours, one token is there: two at a time, though four may run."""
    tokens = FakeTokens(spare=1)
    it = World(tmp_path, make_plan(*(make_task(f"t{n}") for n in range(5)), max_active_tasks=4), tokens=tokens)
    most: list[int] = []
    it.on_wait = lambda: most.append(len(it.running))
    it.play()

    assert [2, 2, 1] == [number for number in most if number]
    assert it.run.state == JobState.COMPLETED
    assert (0, 1) == (tokens.held, tokens.spare)


def test_a_token_that_comes_free_is_noticed_while_we_wait(tmp_path: Path) -> None:
    """Somebody else gives one back: the second task need not wait for the first."""
    tokens = FakeTokens(spare=0)
    it = World(tmp_path, make_plan(make_task("stubborn1"), make_task("stubborn2")), tokens=tokens)

    def give_back() -> None:
        assert it.started() == ["stubborn1"]
        tokens.spare += 1

    it.after("stubborn1", give_back)

    def finish_both() -> None:
        it.finish("stubborn1")
        it.finish("stubborn2")

    it.after("stubborn2", finish_both)
    it.play()

    assert it.clock.monotonic() == pytest.approx(0.02)
    assert it.run.state == JobState.COMPLETED


def test_nobody_looks_for_tokens_while_nothing_could_start(tmp_path: Path) -> None:
    """No timer ticks for a task that waits for its upstream, also when one had to wait for a token before."""
    tokens = FakeTokens(spare=0)
    first = make_task("a", priority_weight=2)
    plan = make_plan(first, make_task("stubborn", execution_timeout=5.0), make_task("b", ["stubborn"]))
    it = World(tmp_path, plan, tokens=tokens)
    waits: list[None] = []
    it.on_wait = lambda: waits.append(None)
    it.play()

    assert len(waits) < 30  # with a look each 20 ms there would be 750


def test_what_comes_to_no_process_keeps_no_token(tmp_path: Path) -> None:
    """A false `when`, a template that fails, a program that is not there, a retry."""
    tokens = FakeTokens(spare=1)
    it = World(
        tmp_path,
        make_plan(
            make_task("skipped", when="1 > 2"),
            make_task("broken", command="echo {{ tasks.skipped.outputs.x }}", rule="all_done"),
            make_task("missing"),
            make_task("again", retries=2, retry_delay=1.0),
        ),
        tokens=tokens,
    )
    it.refuse["missing"] = SpawnError("no such program: frobnicate", 127)
    for _ in range(3):
        it.after("again", lambda: it.finish("again", 1))
    it.play()

    assert {"skipped": "skipped", "broken": "failed", "missing": "failed", "again": "failed"} == {
        id_: str(state.status) for id_, state in it.run.tasks.items()
    }
    assert (0, 1) == (tokens.held, tokens.spare)


def test_all_tokens_are_back_after_ctrl_c(tmp_path: Path) -> None:
    """Twice, even."""
    tokens = FakeTokens(spare=3)
    it = World(tmp_path, make_plan(*(make_task(f"stubborn{n}") for n in range(3)), max_active_tasks=3), tokens=tokens)
    it.after("stubborn2", lambda: it.facts.extend([Interrupted(signal.SIGINT), Interrupted(signal.SIGINT)]))
    it.play()

    assert it.run.state == JobState.CANCELLED
    assert (0, 3) == (tokens.held, tokens.spare)


# --- what attempts leave behind ---------------------------------------------------------------------------------------


def test_a_run_is_not_over_before_what_its_attempts_left_is_ended(world: Callable[..., World]) -> None:
    """The signals are in the journal, before its last line."""
    it = world(make_task("a"))
    it.leftovers = [LeftoverSignalled("a", 1, signal.SIGTERM)]
    it.play()

    assert [AttemptCompleted, SignalSent, RunFinished] == [type(event) for event in it.journal.events()][-3:]
    assert [SignalSent("a", 1, "SIGTERM", "leftover")] == it.of_type(SignalSent)


class Watcher(Listener):
    """A view that wants a tick every quarter of a second and notes when it is called."""

    tick_seconds = 0.25

    def __init__(self) -> None:
        self.ticks: list[float] = []
        self.closed: list[JobState] = []
        self.records: list[Record] = []

    def record(self, run: Run, record: Record) -> None:
        self.records.append(record)

    def tick(self, run: Run, now: float) -> None:
        self.ticks.append(now)

    def close(self, run: Run, seconds: float) -> None:
        self.closed.append(run.state)


def test_a_view_gets_its_ticks_and_its_end(tmp_path: Path) -> None:
    """Four times a second while nothing else happens; closed once, when the run is over."""
    watcher = Watcher()
    it = World(tmp_path, make_plan(make_task("stubborn", execution_timeout=1.0)), listeners=[watcher], grace=0.5).play()

    assert sorted(set(watcher.ticks)) == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5]
    assert watcher.closed == [JobState.FAILED]
    assert watcher.records == it.journal.records


def test_a_snapshot_is_written_at_once_then_twice_a_second_and_at_the_end(tmp_path: Path) -> None:
    """And not while nothing changes."""
    written: list[tuple[float, int]] = []
    plan = make_plan(make_task("a", retries=3, retry_delay=0.2), make_task("stubborn", execution_timeout=3.0))
    it = World(tmp_path, plan, grace=0.5)
    it.loop = Loop(
        it.run,
        plan,
        Ports(it.clock, it, it.journal, lambda run: written.append((it.clock.monotonic(), run.seq)), grace=0.5),
        Preparation(plan, it.folder, {}),
        Masking(),
    )
    for _ in range(3):
        it.answers("a", returncode=1)
    it.play()

    times = [time for time, _ in written]
    assert times[:2] == [0.0, 0.5]
    assert min(later - earlier for earlier, later in itertools.pairwise(times[:-1])) >= 0.5
    assert written[-1][1] == it.run.seq


def test_what_a_task_left_behind_is_told_with_its_end(world: Callable[..., World]) -> None:
    """Processes that had to be ended, output that found no room."""
    it = world(make_task("a"))

    def leave() -> None:
        it.running.pop("a")
        it.facts.append(Exited("a", 1, 0, leftover=2, lost_bytes=7))

    it.after("a", leave)
    it.play()

    (completed,) = it.of_type(AttemptCompleted)
    assert completed.note == "2 processes left behind ended; 7 bytes of output could not be logged"
