"""One attempt on a stage: its host, its executor and its clock do what a test says, and keep what they hear."""

from typing import Any

from airexec.attempt.attempt import Attempt
from airexec.attempt.facts import CommandLine, Exited, SpawnBusyError
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.verdict import Failure, Verdict
from airexec.testing import FakeClock, FakeExecutor, FakeHost, make_plan, make_task
from airexec.workflow.model import SpliceMoment, Task, Workflow


class Stage:
    """One attempt, and all around it that a test may move or look at."""

    def __init__(self, executor: FakeExecutor | None = None, **fields: Any) -> None:
        """`fields` are those of `make_task`, of the spec, or settings of the workflow."""
        self.executor = executor or FakeExecutor(FakeClock())
        self.host = FakeHost(self.executor)
        own = {name: fields.pop(name) for name in AttemptSpec._fields if name in fields and name not in Task._fields}
        settings = {name: fields.pop(name) for name in Workflow._fields if name in fields and name not in Task._fields}
        task = make_task("a", **fields)
        at_line = task.queue is not None and task.queue.when is SpliceMoment.LINE
        self.spec = AttemptSpec("a", 1, ("true",), {}, "/w", "/w/a.log", splices_at_line=at_line)._replace(**own)
        workflow = make_plan(task, **settings).workflow
        self.attempt = Attempt(self.spec, task, workflow, self.host)

    def begin(self) -> "Stage":
        self.attempt.begin()
        return self

    def says(self, *lines: tuple[str, str], source: str = "") -> "Stage":
        """Let it print `::verb payload` lines, or write them into a side file."""
        for number, (verb, payload) in enumerate(lines, 1):
            self.attempt.take(CommandLine("a", 1, verb, payload, number, source=source))
        return self

    def says_too_much(self, verb: str, line: int, source: str = "") -> "Stage":
        self.attempt.take(CommandLine("a", 1, verb, "", line, overlong=True, source=source))
        return self

    def exits(self, returncode: int = 0) -> Verdict:
        self.attempt.exited(Exited("a", 1, returncode))
        return self.verdict

    def fails(self, returncode: int = 0) -> Failure:
        """Let it exit, and return what is wrong with it."""
        self.exits(returncode)
        return self.failure

    def pass_time(self, seconds: float) -> None:
        self.host.pass_time(seconds)

    @property
    def verdict(self) -> Verdict:
        assert self.host.verdict is not None
        return self.host.verdict

    @property
    def failure(self) -> Failure:
        assert self.verdict.failure is not None
        return self.verdict.failure

    @property
    def log(self) -> list[tuple[Any, ...]]:
        return self.host.log


class FullMachine(FakeExecutor):
    """There is no room for another process before `room_at`; `tries` has the times of all tries."""

    def __init__(self, room_at: float) -> None:
        super().__init__(FakeClock())
        self.room_at = room_at
        self.tries: list[float] = []

    def start(self, spec: AttemptSpec) -> None:
        self.tries.append(round(self.clock.monotonic(), 3))
        if self.clock.monotonic() < self.room_at:
            raise SpawnBusyError("too many open files", 126)
        super().start(spec)
