"""The benchmarks measure what they say: their arithmetic on small cases, and one case for real."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.graphs import Node
from tests.bench.makespan import list_schedule, lower_bound, remaining
from tests.bench.measure import Measured, Sample
from tests.bench.programs import bare_loop
from tests.bench.table import Row, against, as_text

GRAPH = [Node("a", (), "", 1.0), Node("b", (), "", 1.0), Node("c", (), "", 2.0), Node("d", ("a",), "", 1.5)]


def test_no_schedule_beats_the_critical_path_nor_all_work_divided_by_the_slots() -> None:
    """The larger of both: 2.5 seconds through a and d, 5.5 seconds of work in all."""
    assert [5.5, 2.75, 2.5] == [lower_bound(GRAPH, slots) for slots in (1, 2, 3)]


def test_a_free_slot_goes_to_the_first_or_to_the_heaviest_that_is_ready() -> None:
    """With two slots in file order a and b come first, then c and d: 1 + 2 seconds. By weight a and c begin."""
    assert [5.5, 3.0, 2.5] == [list_schedule(GRAPH, slots, lambda node: 0.0) for slots in (1, 2, 3)]
    assert [5.5, 3.0, 2.5] == [list_schedule(GRAPH, slots, remaining(GRAPH)) for slots in (1, 2, 3)]
    assert {"a": 2.5, "b": 1.0, "c": 2.0, "d": 1.5} == {node.name: remaining(GRAPH)(node) for node in GRAPH}


def test_a_ratio_is_that_of_the_medians_and_says_when_its_goal_is_missed() -> None:
    """One slow round does not count."""
    ours = Measured("airexec", [Sample(seconds, 0.0125, 0) for seconds in (0.03, 0.9, 0.02)])
    make = Measured("make", [Sample(0.02, 0.002, 0)] * 3)

    rows = against("work", ours, [make], {"make": 1.2})

    assert Row("work", "make", [20.0] * 3, "ms", 1.5, 1.2, 2.0) == rows[1]
    assert (
        "| work | who     | median | min to max | CPU ms | ratio | goal         |\n"
        "|------|---------|--------|------------|--------|-------|--------------|\n"
        "| work | airexec | 30 ms  | 20 to 900  | 12     |       |              |\n"
        "| work | make    | 20 ms  | 20 to 20   | 2      | 1.50  | ≤ 1.2 missed |"
    ) == as_text(rows)


def test_the_bare_loop_runs_all_tasks_in_an_order_that_their_graph_allows(tmp_path: Path) -> None:
    """One by one with one slot; what became ready last goes first."""
    [contender] = bare_loop(tmp_path / "bare", GRAPH, 1)
    subprocess.run(contender.command, cwd=contender.folder, check=True)
    journal = [json.loads(line) for line in (contender.folder / "journal").read_text().splitlines()]

    assert ["started", "completed"] * 4 == [entry["event"] for entry in journal]
    assert ["a", "d", "b", "c"] == [entry["task"] for entry in journal[::2]]


def test_a_case_measures_the_real_program(tmp_path: Path) -> None:
    """With no peer to be found there is still Python, and a list of those who are absent."""
    (tmp_path / "sh").symlink_to("/bin/sh")
    env = {**os.environ, "PATH": str(tmp_path)}
    command = [sys.executable, "-m", "tests.bench", "start", "--rounds", "1", "--json"]

    found = json.loads(subprocess.run(command, env=env, capture_output=True, check=True).stdout)

    assert {"airexec", "python -c pass"} == {row["who"] for row in found["rows"]}
    assert ["make", "ninja", "just", "task", "doit", "snakemake"] == found["absent"]
