"""Airflow's truth table with real processes: every rule below every pair of outcomes, in one run."""

from tests.e2e.rig import Airexec, statuses

OUTCOMES = {"S": "command: 'true'", "F": "command: 'false'", "K": "command: 'true', when: 'false'"}

AIRFLOW = """
rule                        S,S     S,K     S,F             F,K             K,K     F,F
all_success                 run     skipped upstream_failed upstream_failed skipped upstream_failed
all_failed                  skipped skipped skipped         skipped         skipped run
all_done                    run     run     run             run             run     run
all_done_min_one_success    run     skipped run             skipped         skipped upstream_failed
all_skipped                 skipped skipped skipped         skipped         run     skipped
one_failed                  skipped skipped run             run             skipped run
one_success                 run     run     run             upstream_failed skipped upstream_failed
one_done                    run     run     run             run             skipped run
none_failed                 run     run     upstream_failed upstream_failed run     upstream_failed
none_failed_min_one_success run     run     upstream_failed upstream_failed skipped upstream_failed
none_skipped                run     skipped run             skipped         skipped run
always                      run     run     run             run             run     run
"""


def test_every_rule_below_every_pair_of_outcomes(airexec: Airexec) -> None:
    """72 tasks, each with its own answer."""
    header, *rows = (line.split() for line in AIRFLOW.strip().splitlines())
    lines = ["name: table", "tasks:"]
    for outcome, keys in OUTCOMES.items():
        lines += [f"  {outcome}{number}: {{{keys}}}" for number in (1, 2)]
    expected = {}
    for rule, *cells in rows:
        for pair, cell in zip(header[1:], cells, strict=True):
            first, second = pair.split(",")
            task = f"{rule}.{first}{second}"
            lines.append(f"  {task}: {{command: 'true', trigger_rule: {rule}, dependencies: [{first}1, {second}2]}}")
            expected[task] = "completed" if cell == "run" else cell
    airexec.write("table.yml", "\n".join(lines))

    assert airexec("run", "table.yml", "-k").exit_code == 1

    found = statuses(airexec, "table")
    assert expected == {task: found[task] for task in expected}
