"""When a task may run, given how its upstream ended: Airflow's twelve trigger rules with Airflow's exact outcomes.

Source: airflow/ti_deps/deps/trigger_rule_dep.py, checked against runs of Airflow 3.3.2. Two surprises are Airflow's:
`all_done_min_one_success` skips as soon as anything was skipped, though its documentation says otherwise, and
`one_done` counts neither skipped nor upstream_failed. With no upstream every rule passes.
"""

from enum import Enum, auto

from airexec.workflow.model import TriggerRule


class Tally:
    """How the upstream of one task has ended so far. `total` grows when a splice adds upstream tasks."""

    __slots__ = ("failed", "skipped", "success", "total", "upstream_failed")

    def __init__(
        self, total: int = 0, success: int = 0, failed: int = 0, upstream_failed: int = 0, skipped: int = 0
    ) -> None:
        self.total = total
        self.success = success
        self.failed = failed
        self.upstream_failed = upstream_failed
        self.skipped = skipped

    @property
    def finished(self) -> int:
        return self.success + self.failed + self.upstream_failed + self.skipped

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
    raise NotImplementedError
