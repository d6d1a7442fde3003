"""The workflows of examples/schedule, by hand and by the job manager."""

import pytest

from tests.e2e.rig import Airexec, wait_until

FOLDER = "examples/schedule"
FILES = ("examples/schedule/nightly.yml", "examples/schedule/load.yml", "examples/schedule/report.yml")


def test_they_are_due_when_they_say(airexec: Airexec) -> None:
    result = airexec("schedule", *FILES, "--next", "2")

    assert 0 == result.exit_code
    ticks, _, others = result.out.partition("\n\n")
    assert [":30 +0" in line and "30 2 * * * Europe/Berlin" in line for line in ticks.splitlines()] == [True, True]
    assert ["load", "report"] == [line.split()[0] for line in others.splitlines()]


@pytest.mark.parametrize(
    ("name", "param", "said"),
    [
        ("nightly", "scheduled_at=2026-11-28T02:30:00+01:00", "loading what came before 2026-11-28T02:30:00+01:00\n"),
        ("load", 'files=["report.yml"]', "14\n"),
        ("report", "loaded=20261128-013312-a3f9", "a report on what 20261128-013312-a3f9 has loaded\n"),
    ],
)
def test_they_run_by_hand(airexec: Airexec, name: str, param: str, said: str) -> None:
    result = airexec("run", f"{FOLDER}/{name}.yml", "-p", param)

    assert 0 == result.exit_code
    assert said in result.out


def test_a_file_that_comes_is_loaded_and_reported(airexec: Airexec) -> None:
    """One job starts the other."""
    airexec.write(".airexec/config.yaml", f"workflows: {FOLDER}/*.yml\npoll_interval: 1\n")
    try:
        airexec("start")
        wait_until(lambda: airexec.read(".airexec/manager.log").count("workflow kept") == 3, "the manager to keep them")
        wait_until((airexec.folder / ".airexec/schedules/load.json").exists, "the manager to look")
        airexec.write(f"{FOLDER}/in/a.csv", "1\n2\n3\n")
        wait_until((airexec.folder / ".airexec/jobs/report/state.json").exists, "the report")
        wait_until(lambda: "completed" in airexec.read(".airexec/jobs/report/state.json"), "its end")
    finally:
        airexec("stop", "--now")

    assert "3\n" in airexec("logs", "load", "count").out
    assert "a report on what 20" in airexec("logs", "report", "report").out
