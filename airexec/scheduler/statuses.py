"""The words for where a job, a task and a failed attempt stand (DESIGN: Words)."""

from enum import StrEnum


class JobState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Status(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    UP_FOR_RETRY = "up_for_retry"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"
    CANCELLED = "cancelled"


TERMINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.SKIPPED, Status.UPSTREAM_FAILED, Status.CANCELLED})


class Reason(StrEnum):
    """Why an attempt failed or was killed."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    SPAWN = "spawn"
    TEMPLATE = "template"
    QUEUE = "queue"
    LOST = "lost"
    PRECONDITION = "precondition"
    """One of its preconditions does not hold, so its command was not started."""
    CHANGED = "changed"
    """What it reads has changed, so it was ended to start anew."""
    CANCELLED = "cancelled"


class StopCause(StrEnum):
    """Why a run stops before everything was tried."""

    INTERRUPT = "interrupt"
    TERMINATE = "terminate"
    HANGUP = "hangup"
    FAIL_FAST = "fail_fast"
    DAGRUN_TIMEOUT = "dagrun_timeout"


STOP_WORDS: dict[str, str] = {
    StopCause.INTERRUPT: "interrupted (Ctrl-C)",
    StopCause.TERMINATE: "airexec was told to terminate (SIGTERM)",
    StopCause.HANGUP: "the terminal went away (SIGHUP)",
    StopCause.FAIL_FAST: "a task failed and fail_fast is set",
    StopCause.DAGRUN_TIMEOUT: "dagrun_timeout is over",
}
"""For people. Here, since the journal (why an attempt was cancelled) and the console must say the same."""
