"""Airflow's truth tables, cell by cell: what becomes of a task with two upstreams, and what is decided at once."""

from collections.abc import Iterable
from itertools import permutations, product

import pytest

from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptStarted,
    Because,
    TaskSkipped,
    TaskUpstreamFailed,
)
from airexec.scheduler.statuses import Reason, Status
from airexec.scheduler.trigger_rules import Tally, Verdict, decides_early, judge
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import TriggerRule
from tests.airflow_outcomes import CELLS

UPSTREAMS = {
    "S,S": Tally(total=2, success=2),
    "S,K": Tally(total=2, success=1, skipped=1),
    "S,F": Tally(total=2, success=1, failed=1),
    "F,K": Tally(total=2, failed=1, skipped=1),
    "K,K": Tally(total=2, skipped=2),
    "F,F": Tally(total=2, failed=2),
}
VERDICTS = {"run": Verdict.RUN, "skipped": Verdict.SKIP, "upstream_failed": Verdict.UPSTREAM_FAILED}


def test_the_table_covers_every_rule() -> None:
    """A thirteenth rule cannot be added without its row."""
    assert {rule for rule, _, _ in CELLS} == {str(rule) for rule in TriggerRule}


@pytest.mark.parametrize(("rule", "upstream", "verdict"), CELLS)
def test_two_finished_upstreams_decide_as_in_airflow(rule: str, upstream: str, verdict: str) -> None:
    """The second table of Airflow's outcomes."""
    assert VERDICTS[verdict] == judge(TriggerRule(rule), UPSTREAMS[upstream])


@pytest.mark.parametrize("rule", TriggerRule)
def test_without_upstream_every_rule_passes(rule: TriggerRule) -> None:
    """With no upstream every rule passes."""
    assert judge(rule, Tally()) == Verdict.RUN


S, F, UF, K = "success", "failed", "upstream_failed", "skipped"
OUTCOMES = Status.COMPLETED, Status.FAILED, Status.UPSTREAM_FAILED, Status.SKIPPED
R, SKIP, UPF, WAIT = Verdict.RUN, Verdict.SKIP, Verdict.UPSTREAM_FAILED, Verdict.WAIT


@pytest.mark.parametrize(
    ("rule", "success", "failed", "upstream_failed", "skipped"),
    [
        ("all_success", WAIT, UPF, UPF, WAIT),
        ("all_failed", SKIP, WAIT, WAIT, SKIP),
        ("all_done", WAIT, WAIT, WAIT, WAIT),
        ("all_done_min_one_success", WAIT, WAIT, WAIT, SKIP),
        ("all_skipped", SKIP, SKIP, SKIP, WAIT),
        ("one_failed", WAIT, R, R, WAIT),
        ("one_success", R, WAIT, WAIT, WAIT),
        ("one_done", R, R, WAIT, WAIT),
        ("none_failed", WAIT, UPF, UPF, WAIT),
        ("none_failed_min_one_success", WAIT, UPF, UPF, WAIT),
        ("none_skipped", WAIT, WAIT, WAIT, SKIP),
        ("always", R, R, R, R),
    ],
)
def test_what_one_finished_upstream_of_two_decides_at_once(
    rule: str, success: Verdict, failed: Verdict, upstream_failed: Verdict, skipped: Verdict
) -> None:
    """The first table: the words "at once"; WAIT means that the other upstream is waited for."""
    decided = [judge(TriggerRule(rule), Tally(total=2, **{status: 1})) for status in (S, F, UF, K)]

    assert decided == [success, failed, upstream_failed, skipped]


@pytest.mark.parametrize(
    ("rule", "only_upstream_failed", "upstream_failed_and_skipped"),
    [
        ("all_success", UPF, UPF),
        ("all_failed", R, SKIP),
        ("all_done", R, R),
        ("all_done_min_one_success", UPF, SKIP),
        ("all_skipped", SKIP, SKIP),
        ("one_failed", R, R),
        ("one_success", UPF, UPF),
        ("one_done", SKIP, SKIP),
        ("none_failed", UPF, UPF),
        ("none_failed_min_one_success", UPF, UPF),
        ("none_skipped", R, SKIP),
        ("always", R, R),
    ],
)
def test_upstream_failed_counts_as_a_failure_except_for_one_done(
    rule: str, only_upstream_failed: Verdict, upstream_failed_and_skipped: Verdict
) -> None:
    """The first table's cells about UF."""
    decided = [
        judge(TriggerRule(rule), Tally(total=2, upstream_failed=2)),
        judge(TriggerRule(rule), Tally(total=2, upstream_failed=1, skipped=1)),
    ]

    assert decided == [only_upstream_failed, upstream_failed_and_skipped]


@pytest.mark.parametrize("rule", TriggerRule)
def test_it_makes_no_difference_which_upstream_ends_first(rule: TriggerRule) -> None:
    """Any three outcomes in any order: a run that is repeated gives what it gave. In Airflow `all_success` may not."""
    for outcomes in product(OUTCOMES, repeat=3):
        assert 1 == len({first_verdict(rule, order) for order in permutations(outcomes)})


def first_verdict(rule: TriggerRule, outcomes: Iterable[Status]) -> Verdict:
    """Return what is decided, at the first upstream that decides it."""
    tally = Tally(total=3)
    for outcome in outcomes:
        tally.count(outcome)
        if (verdict := judge(rule, tally)) is not WAIT:
            return verdict
    return WAIT


@pytest.mark.parametrize("rule", TriggerRule)
def test_a_verdict_is_final(rule: TriggerRule) -> None:
    """Whatever the rest of three upstreams does, what was decided early is not taken back."""
    for first in (S, F, UF, K):
        early = judge(rule, Tally(total=3, **{first: 1}))
        if early is WAIT:
            continue
        for second in (S, F, UF, K):
            counts = {first: 1}
            counts[second] = counts.get(second, 0) + 1
            later = judge(rule, Tally(total=3, **counts))
            assert early == later


@pytest.mark.parametrize("rule", TriggerRule)
def test_a_rule_need_not_be_asked_before_the_last_upstream_but_for_those_that_decide_early(rule: TriggerRule) -> None:
    for outcomes in product(OUTCOMES, repeat=4):
        tally = Tally(total=4)
        for place, outcome in enumerate(outcomes, start=1):
            before = judge(rule, tally)
            tally.count(outcome)
            if before is WAIT and judge(rule, tally) is not WAIT:
                assert place == 4 or decides_early(rule, outcome)


def test_what_decides_early_is_what_the_rule_waits_for_or_fears() -> None:
    early = {(str(rule), str(one)) for rule in TriggerRule for one in OUTCOMES if decides_early(rule, one)}

    assert ("all_success", "failed") in early
    assert ("all_success", "completed") not in early
    assert ("one_success", "completed") in early
    assert ("all_done", "failed") not in early


@pytest.mark.parametrize(
    ("rule", "upstream", "named"),
    [
        ("all_success", "sk", "k"),
        ("all_success", "sf", "f"),
        ("all_success", "su", "u"),
        ("all_failed", "fs", "s"),
        ("all_failed", "fk", "k"),
        ("all_done_min_one_success", "sk", "k"),
        ("all_done_min_one_success", "fu", "fu"),
        ("all_skipped", "ks", "s"),
        ("all_skipped", "kf", "f"),
        ("all_skipped", "ku", "u"),
        ("one_failed", "sk", "sk"),
        ("one_success", "kk2", "k k2"),
        ("one_success", "fk", "f"),
        ("one_done", "uk", "uk"),
        ("none_failed", "sf", "f"),
        ("none_failed_min_one_success", "su", "u"),
        ("none_failed_min_one_success", "kk2", "k k2"),
        ("none_skipped", "sk", "k"),
    ],
)
def test_a_task_that_does_not_run_names_the_upstream_that_decided(rule: str, upstream: str, named: str) -> None:
    """Not those that would have let it run: people mend what is named."""
    ids = ["k", "k2"] if upstream == "kk2" else list(upstream)
    script = Script(
        make_plan(*map(make_task, "sfk"), make_task("k2"), make_task("u", ["f"]), make_task("t", ids, rule))
    )
    for task_id in "sf":
        script.happen(AttemptStarted(task_id, 1, ("true",)))
    script.happen(AttemptCompleted("s", 1, 1.0))
    script.happen(AttemptFailed("f", 1, 1.0, Reason.EXIT, "exit code 1", 1))
    for task_id in ("k", "k2"):
        script.happen(TaskSkipped(task_id, Because("when", "1 > 2")))
    script.settle()

    (because,) = [
        record.event.because
        for record in script.records
        if isinstance(record.event, TaskSkipped | TaskUpstreamFailed) and record.event.task == "t"
    ]
    assert tuple(named.split() if " " in named else named) == because.upstream
