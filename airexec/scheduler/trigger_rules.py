"""When a task may run, given how its upstream ended: Airflow's twelve trigger rules with Airflow's exact outcomes.

Source: airflow/ti_deps/deps/trigger_rule_dep.py, checked against runs of Airflow 3.3.2. Two surprises are Airflow's:
`all_done_min_one_success` skips as soon as anything was skipped, though its documentation says otherwise, and
`one_done` counts neither skipped nor upstream_failed. With no upstream every rule passes.

In one thing we differ. Below one failed and one skipped upstream Airflow's `all_success` gives what it sees first. Here
the order of the ends never matters, so a run that is repeated ends as it did: a failure wins over a skip, for which
`all_success` waits until all have ended.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import cache

from airexec.scheduler.statuses import Status
from airexec.workflow.model import TriggerRule


class Tally:
    """How the upstream of one task has ended so far: `finished` of `total`, which grows when a splice adds upstream."""

    __slots__ = ("failed", "finished", "skipped", "success", "total", "upstream_failed")

    def __init__(
        self, total: int = 0, success: int = 0, failed: int = 0, upstream_failed: int = 0, skipped: int = 0
    ) -> None:
        self.total = total
        self.success = success
        self.failed = failed
        self.upstream_failed = upstream_failed
        self.skipped = skipped
        self.finished = success + failed + upstream_failed + skipped

    def count(self, outcome: Status) -> None:
        """Count one more upstream that ended so. Source: the words of the truth table, completed = success."""
        if outcome is Status.COMPLETED:
            self.success += 1
        elif outcome is Status.FAILED:
            self.failed += 1
        elif outcome is Status.UPSTREAM_FAILED:
            self.upstream_failed += 1
        elif outcome is Status.SKIPPED:
            self.skipped += 1
        else:
            raise AssertionError(f"{outcome} is no outcome that a trigger rule knows")
        self.finished += 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Tally({', '.join(f'{name}={getattr(self, name)}' for name in self.__slots__)})"


class Verdict(Enum):
    WAIT = auto()
    RUN = auto()
    SKIP = auto()
    UPSTREAM_FAILED = auto()


def judge(rule: TriggerRule, tally: Tally) -> Verdict:
    """Return what becomes of a task with this rule now; a verdict other than WAIT is final."""
    if tally.total == 0:
        return Verdict.RUN
    return _JUDGES[rule](tally, tally.finished >= tally.total)


@cache
def decides_early(rule: TriggerRule, outcome: Status) -> bool:
    """Return whether an upstream that ended so can decide while others have not. No rule counts further than to one."""
    tally = Tally(total=2)
    tally.count(outcome)
    return judge(rule, tally) is not Verdict.WAIT


def _all_success(tally: Tally, done: bool) -> Verdict:
    if tally.failed or tally.upstream_failed:
        return Verdict.UPSTREAM_FAILED
    if not done:
        return Verdict.WAIT  # also after a skip: a failure may still come, and must not matter more when it comes first
    return Verdict.SKIP if tally.skipped else Verdict.RUN


def _all_failed(tally: Tally, done: bool) -> Verdict:
    if tally.success or tally.skipped:
        return Verdict.SKIP
    return Verdict.RUN if done else Verdict.WAIT


def _all_done(_tally: Tally, done: bool) -> Verdict:
    return Verdict.RUN if done else Verdict.WAIT


def _all_done_min_one_success(tally: Tally, done: bool) -> Verdict:
    if tally.skipped:
        return Verdict.SKIP
    if not done:
        return Verdict.WAIT
    return Verdict.RUN if tally.success else Verdict.UPSTREAM_FAILED


def _all_skipped(tally: Tally, done: bool) -> Verdict:
    if tally.success or tally.failed or tally.upstream_failed:
        return Verdict.SKIP
    return Verdict.RUN if done else Verdict.WAIT


def _one_failed(tally: Tally, done: bool) -> Verdict:
    if tally.failed or tally.upstream_failed:
        return Verdict.RUN
    return Verdict.SKIP if done else Verdict.WAIT


def _one_success(tally: Tally, done: bool) -> Verdict:
    if tally.success:
        return Verdict.RUN
    if not done:
        return Verdict.WAIT
    return Verdict.SKIP if tally.skipped == tally.total else Verdict.UPSTREAM_FAILED


def _one_done(tally: Tally, done: bool) -> Verdict:
    if tally.success or tally.failed:
        return Verdict.RUN
    return Verdict.SKIP if done else Verdict.WAIT


def _none_failed(tally: Tally, done: bool) -> Verdict:
    if tally.failed or tally.upstream_failed:
        return Verdict.UPSTREAM_FAILED
    return Verdict.RUN if done else Verdict.WAIT


def _none_failed_min_one_success(tally: Tally, done: bool) -> Verdict:
    if tally.failed or tally.upstream_failed:
        return Verdict.UPSTREAM_FAILED
    if not done:
        return Verdict.WAIT
    return Verdict.RUN if tally.success else Verdict.SKIP


def _none_skipped(tally: Tally, done: bool) -> Verdict:
    if tally.skipped:
        return Verdict.SKIP
    return Verdict.RUN if done else Verdict.WAIT


def _always(_tally: Tally, _done: bool) -> Verdict:
    return Verdict.RUN


_JUDGES: Mapping[TriggerRule, Callable[[Tally, bool], Verdict]] = {
    TriggerRule.ALL_SUCCESS: _all_success,
    TriggerRule.ALL_FAILED: _all_failed,
    TriggerRule.ALL_DONE: _all_done,
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS: _all_done_min_one_success,
    TriggerRule.ALL_SKIPPED: _all_skipped,
    TriggerRule.ONE_FAILED: _one_failed,
    TriggerRule.ONE_SUCCESS: _one_success,
    TriggerRule.ONE_DONE: _one_done,
    TriggerRule.NONE_FAILED: _none_failed,
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: _none_failed_min_one_success,
    TriggerRule.NONE_SKIPPED: _none_skipped,
    TriggerRule.ALWAYS: _always,
}


_DONE = frozenset({Status.COMPLETED, Status.FAILED, Status.UPSTREAM_FAILED, Status.SKIPPED})
_DECIDING: Mapping[TriggerRule, frozenset[Status]] = {
    TriggerRule.ALL_SUCCESS: frozenset({Status.SKIPPED}),
    TriggerRule.ALL_FAILED: frozenset({Status.COMPLETED, Status.SKIPPED}),
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS: frozenset({Status.SKIPPED}),
    TriggerRule.ALL_SKIPPED: _DONE - {Status.SKIPPED},
    TriggerRule.NONE_SKIPPED: frozenset({Status.SKIPPED}),
}


def deciding(rule: TriggerRule, verdict: Verdict) -> frozenset[Status]:
    """Return which upstream outcomes speak against a task that `judge` refused: those to name to the user."""
    if verdict is Verdict.UPSTREAM_FAILED:
        return frozenset({Status.FAILED, Status.UPSTREAM_FAILED})
    return _DECIDING.get(rule, _DONE)
