"""`airexec schedule`: what is due next, what was missed, what else starts runs, and what nobody would start."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.cli.commands import schedule
from airexec.cli.entry import run_command_line
from airexec.triggers.record import Record, RecordFile, key_of
from airexec.workflow.model import Schedule

NOW = 1_795_845_600.0
"""2026-11-28, 06:00 in UTC."""
TASKS = "tasks: {a: {command: 'true'}}\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `airexec schedule` in a folder where it is always the same time; returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(schedule, "time", lambda: NOW)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".airexec").mkdir()
    (tmp_path / ".airexec" / "config.yaml").write_text("workflows: [wf/*.yml]\n")
    (tmp_path / "wf").mkdir()

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run_command_line(["schedule", *arguments])
        return (code, *capsys.readouterr())

    return call


def test_the_next_ticks_of_all_files_and_what_else_starts_them(run: Run) -> None:
    """In order of time, each in its own zone."""
    Path("wf/etl.yml").write_text("schedule: 0 6 * * *\ntimezone: Europe/Berlin\n" + TASKS)
    Path("wf/report.yml").write_text(
        "schedule: '@daily'\ntriggers: [{job: etl}, {job: x, state: ended}, {files: [in/*, b], settle: 1m}]\n" + TASKS
    )
    Path("wf/none.yml").write_text(TASKS)

    assert (
        0,
        """\
2026-11-29 00:00 +00:00  report  @daily                   wf/report.yml
2026-11-29 06:00 +01:00  etl     0 6 * * * Europe/Berlin  wf/etl.yml
2026-11-30 00:00 +00:00  report  @daily                   wf/report.yml

report  when etl is completed                             wf/report.yml
report  when x has ended                                  wf/report.yml
report  when in/*, b has come or changed, 1 m 00 s later  wf/report.yml
""",
        "airexec: no job manager is at work, so none of it is started: airexec start\n",
    ) == run("--next", "3")


@pytest.mark.parametrize(("catchup", "missed"), [("false", ["28T00"]), ("true", ["26T00", "28T00"])])
def test_what_was_missed_comes_first(run: Run, tmp_path: Path, catchup: str, missed: list[str]) -> None:
    """As far as a run is still to be made for it. Asking settles nothing."""
    Path("wf/etl.yml").write_text(f"schedule: '@daily'\ncatchup: {catchup}\n" + TASKS)
    day = 86400.0
    midnight = NOW - day / 4
    file = RecordFile(str(tmp_path / ".airexec"), "etl")
    record = Record(key_of(Schedule("@daily")), until=midnight - 3 * day, settled=(midnight - day,))
    file.change(lambda before: record)

    _, out, _ = run("--json", "--next", "4")

    ticks = json.loads(out)["ticks"]
    assert missed == [tick["scheduled_at"][8:13] for tick in ticks if tick["is_missed"]]
    assert ["2026-11-29T00:00:00+00:00"] == [tick["scheduled_at"] for tick in ticks if not tick["is_missed"]][:1]
    assert record == file.read()


def test_as_json(run: Run, tmp_path: Path) -> None:
    Path("wf/etl.yml").write_text("schedule: 0 6 * * *\ntriggers: [{job: x}, {files: in/*}]\n" + TASKS)
    file = str(tmp_path / "wf" / "etl.yml")

    _, out, _ = run("--json", "--next", "1")

    assert {
        "ticks": [
            {
                "time": "2026-11-29T06:00:00.000Z",
                "scheduled_at": "2026-11-29T06:00:00+00:00",
                "job": "etl",
                "schedule": "0 6 * * *",
                "timezone": "UTC",
                "file": file,
                "is_missed": False,
            }
        ],
        "triggers": [
            {"job": "etl", "after": "x", "state": "completed", "file": file},
            {"job": "etl", "files": ["in/*"], "settle": 2.0, "file": file},
        ],
    } == json.loads(out)


def test_a_file_with_mistakes_harms_no_other(run: Run) -> None:
    Path("wf/bad.yml").write_text("schedule: 0 25 * * *\n" + TASKS)
    Path("wf/good.yml").write_text("schedule: '@daily'\n" + TASKS)

    code, out, err = run("--next", "1")

    assert (3, "2026-11-29 00:00 +00:00  good  @daily  wf/good.yml\n") == (code, out)
    assert err.startswith("wf/bad.yml:1:11: error: '25' is no hour (0-23)\n")


def test_what_nobody_would_start_is_said(run: Run) -> None:
    """A file that no manager keeps, one that has nothing to be kept, and a place where none is kept."""
    Path("by-hand.yml").write_text("schedule: '@daily'\n" + TASKS)
    config = Path(".airexec/config.yaml").absolute()
    assert (
        f"airexec: not kept by the job manager here: by-hand.yml (`workflows` in {config})\n" == run("by-hand.yml")[2]
    )
    Path("plain.yml").write_text(TASKS)
    assert (0, "", "airexec: none of these files has a schedule or triggers\n") == run("plain.yml")

    config.write_text("workflows: [nope/*.yml]\n")
    code, _, err = run()
    assert 2 == code
    assert err == (
        f"airexec: error: no file matches `workflows` in {config}: nope/*.yml\n"
        f"  hint: it is relative to {config.parents[1]}\n"
    )
    config.unlink()
    code, _, err = run()
    assert 2 == code
    assert err == (
        "airexec: error: the job manager here keeps no workflow files\n"
        f"  hint: name files, or write `workflows: workflows/*.yml` into {config}\n"
    )


def test_files_that_the_manager_refuses_are_said_and_not_listed(run: Run) -> None:
    Path("wf/a.yml").write_text("name: etl\nschedule: '@daily'\n" + TASKS)
    Path("wf/b.yml").write_text("name: etl\nschedule: '@hourly'\n" + TASKS)

    _, out, err = run("--next", "9")

    assert "wf/b.yml" not in out
    assert "airexec: wf/b.yml is not kept: job 'etl' is kept for " in err


def test_a_clock_that_was_put_back_is_waited_for(run: Run, tmp_path: Path) -> None:
    """As the manager does."""
    Path("wf/etl.yml").write_text("schedule: '@hourly'\n" + TASKS)
    record = Record(key_of(Schedule("@hourly")), until=NOW + 4 * 3600)
    RecordFile(str(tmp_path / ".airexec"), "etl").change(lambda before: record)

    assert run("--next", "1")[1].startswith("2026-11-28 11:00 +00:00")
