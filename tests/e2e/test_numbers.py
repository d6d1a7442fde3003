"""Numbers that are said by templates, with the real program: what a run goes by, and what is refused before it."""

import json
from typing import Any

from tests.e2e.rig import Airexec, load_tasks

FLOW = """\
params: {tries: 1, slots: 1}
pools: {db: 2}
tasks:
  a: {command: exit 1, retries: "{{ params.tries }}", pool: db, pool_slots: "{{ params.slots }}", allow_failure: true}
  slow: {command: sleep 60, execution_timeout: "{{ params.slots }}0ms", allow_failure: true}
  grow: {command: 'airexec queue --template t --with n=2', queue: [t]}
templates:
  t: {command: exit 1, retries: "{{ with.n }}", allow_failure: true}
"""


def test_a_run_goes_by_the_numbers_that_its_params_and_arguments_make(airexec: Airexec) -> None:
    """The journal has numbers, so that whoever reads it needs no template."""
    airexec.write("w.yml", FLOW)

    result = airexec("run", "w.yml", "-p", "tries=2")

    tasks = load_tasks(airexec, "w")
    assert 0 == result.exit_code, result
    assert {"a": 3, "slow": 1, "grow": 1, "t[2]": 3} == {name: task["attempt"] for name, task in tasks.items()}
    assert "timed out after 0.01 s" == tasks["slow"]["error"]
    (journal,) = airexec.folder.glob(".airexec/jobs/w/runs/*/journal.jsonl")
    plan: dict[str, Any] = json.loads(journal.read_text().splitlines()[0])["plan"]
    assert [2, None, None] == [task.get("retries") for task in plan["workflow"]["tasks"]]
    assert "tasks" not in plan


def test_a_bad_value_is_refused_before_the_run(airexec: Airexec) -> None:
    """Also by a dry run."""
    airexec.write("w.yml", FLOW)
    expected = (
        2,
        "",
        "airexec: error: 'retries' of task 'a' cannot be '-1'\n"
        "  hint: it takes a whole number of at least 0; param 'tries' is -1: -p tries=…\n",
    )

    assert expected == airexec("run", "w.yml", "-p", "tries=-1")
    assert expected == airexec("run", "-n", "w.yml", "-p", "tries=-1")
    assert not list(airexec.folder.glob(".airexec/jobs/*"))


def test_a_resumed_run_may_have_other_numbers(airexec: Airexec) -> None:
    """And the file is not said to have changed."""
    airexec.write("w.yml", 'params: {tries: 0}\ntasks: {a: {command: exit 1, retries: "{{ params.tries }}"}}\n')
    airexec("run", "w.yml")
    airexec("resume", "w")
    before = load_tasks(airexec, "w")["a"]["attempt"]

    assert 1 == airexec("resume", "w", "-p", "tries=1").exit_code
    assert (2, 4) == (before, load_tasks(airexec, "w")["a"]["attempt"])
