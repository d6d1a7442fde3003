"""`after`: order where both tasks are in the run, and nothing where they are not."""

import json

import pytest

from tests.e2e.rig import Airexec, statuses

FILE = """\
    name: w
    tasks:
      lint: {command: echo lint >> ran, after: [fmt]}
      fmt: {command: echo fmt >> ran; exit 3}
      build: {command: echo build >> ran, dependencies: lint}
"""


def test_both_run_in_order_whatever_becomes_of_the_first(airexec: Airexec) -> None:
    """Though `lint` stands first in the file; the run has failed, since `fmt` has."""
    airexec.write("airexec.yml", FILE)

    result = airexec("run")

    assert 1 == result.exit_code
    assert "fmt\nlint\nbuild\n" == airexec.read("ran")
    assert {"lint": "completed", "fmt": "failed", "build": "completed"} == statuses(airexec, "w")


def test_a_task_that_is_named_takes_nothing_along(airexec: Airexec) -> None:
    """Neither directly nor through what it needs."""
    airexec.write("airexec.yml", FILE)

    assert 0 == airexec("run", "build").exit_code
    assert "lint\nbuild\n" == airexec.read("ran")
    assert "1. lint\n     echo lint >> ran\n2. build (after lint)\n" in airexec("run", "-n", "build").out


def test_those_that_are_named_keep_the_order(airexec: Airexec) -> None:
    """Without `build`."""
    airexec.write("airexec.yml", FILE)

    airexec("run", "lint", "fmt")

    assert "fmt\nlint\n" == airexec.read("ran")


def test_a_resume_waits_as_the_run_did(airexec: Airexec) -> None:
    """`fmt` is tried again, and `lint` is done already."""
    airexec.write("airexec.yml", FILE)
    airexec("run")
    airexec.write("airexec.yml", FILE.replace("; exit 3", ""))

    result = airexec("resume", "--accept-changes")

    assert 0 == result.exit_code
    assert "fmt\nlint\nbuild\nfmt\n" == airexec.read("ran")


def test_a_dry_run_has_the_order_and_says_why(airexec: Airexec) -> None:
    """In the words of the list."""
    airexec.write("airexec.yml", FILE)

    assert (
        "1. fmt\n     echo fmt >> ran; exit 3\n"
        "2. lint (not before fmt)\n     echo lint >> ran\n"
        "3. build (after lint)\n     echo build >> ran\n"
        "3 tasks; nothing was started\n"
    ) == airexec("run", "-n").out


def test_the_list_shows_it(airexec: Airexec) -> None:
    """In words, and in JSON."""
    airexec.write("airexec.yml", FILE)

    assert "  lint     not before fmt" in airexec("list").out.splitlines()
    data = json.loads(airexec("list", "--json").out)
    assert [["fmt"], [], []] == [task["after"] for task in data["tasks"]]


@pytest.mark.parametrize(
    ("format_name", "expected"),
    [
        ("text", "  ← fmt (after)"),
        ("dot", '"fmt" -> "lint" [style="dotted", tooltip="order only: after"]'),
        ("mermaid", "-. after .->"),
        ("json", '{"upstream": "fmt", "downstream": "lint", "kind": "after"}'),
        ("svg", ">after, where both run</text>"),
        ("html", "after, where both run</span>"),
    ],
)
def test_every_graph_draws_an_edge_of_its_own_kind(format_name: str, expected: str, airexec: Airexec) -> None:
    """As planned, and as it was."""
    airexec.write("airexec.yml", FILE)
    airexec("run")

    assert expected in airexec("graph", "--format", format_name).out
    assert expected in airexec("graph", "--run", "latest", "--format", format_name).out


def test_the_critical_path_goes_along_it(airexec: Airexec) -> None:
    """It is the order in which things happen."""
    airexec.write("airexec.yml", FILE)

    assert "critical path: fmt → lint → build\n" in airexec("graph", "--critical-path").out


def test_an_up_to_date_task_has_ended_and_gives_no_reason_to_run(airexec: Airexec) -> None:
    """`lint` says what it reads; that `fmt` has run does not make it run."""
    airexec.write("src", "x")
    airexec.write(
        "airexec.yml",
        """\
        name: w
        tasks:
          lint: {command: echo lint >> ran, sources: src, after: fmt}
          fmt: {command: echo fmt >> ran}
        """,
    )
    airexec("run")
    airexec("run")

    assert "fmt\nlint\nfmt\n" == airexec.read("ran")
