"""Airflow's truth table with real processes: every rule below every pair of outcomes, in one run."""

from tests.airflow_outcomes import CELLS
from tests.e2e.rig import Airexec, statuses

OUTCOMES = {"S": "command: 'true'", "F": "command: 'false'", "K": "command: 'true', when: 'false'"}


def test_every_rule_below_every_pair_of_outcomes(airexec: Airexec) -> None:
    """72 tasks, each with its own answer."""
    lines = ["name: table", "tasks:"]
    for outcome, keys in OUTCOMES.items():
        lines += [f"  {outcome}{number}: {{{keys}}}" for number in (1, 2)]
    expected = {}
    for rule, pair, outcome in CELLS:
        first, second = pair.split(",")
        task = f"{rule}.{first}{second}"
        lines.append(f"  {task}: {{command: 'true', trigger_rule: {rule}, dependencies: [{first}1, {second}2]}}")
        expected[task] = "completed" if outcome == "run" else outcome
    airexec.write("table.yml", "\n".join(lines))

    assert airexec("run", "table.yml", "-k").exit_code == 1

    found = statuses(airexec, "table")
    assert expected == {task: found[task] for task in expected}
