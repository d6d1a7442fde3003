"""The JUnit report: what CI systems show in their table of tests."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from airexec.errors import ReportUnwritableError, UsageError
from airexec.scheduler.events import AttemptFailed, Because, StopRequested, TaskSkipped, TaskUpToDate
from airexec.scheduler.statuses import Reason, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.views.live.junit import JunitView
from tests.views.watching import Logs, WatchedRun


def report(script: Script, logs: Logs, path: Path) -> ElementTree.Element:
    view = JunitView(path, logs.path)
    for record in script.records:
        view.record(script.run, record)
    view.close(script.run, script.run.updated_at - script.records[0].time)
    return ElementTree.parse(path).getroot()


def one_failed(logs: Logs, tmp_path: Path, reason: Reason, **fields: object) -> ElementTree.Element:
    """Return the test case of a task that failed for `reason`."""
    script = Script(make_plan(make_task("a")))
    script.settle()
    script.happen(AttemptFailed("a", 1, 0.5, reason, "it went wrong", **fields))  # type: ignore[arg-type]
    script.settle()
    case = report(script, logs, tmp_path / "r.xml").find("testsuite/testcase")
    assert case is not None
    return case


def test_a_job_is_a_suite_and_a_task_is_a_case(logs: Logs, tmp_path: Path) -> None:
    """With times, and totals at both levels."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c", ["b"]), name="etl"))
    script.settle()
    script.complete("a")
    script.fail("b")
    root = report(script, logs, tmp_path / "r.xml")
    suite = root.find("testsuite")
    assert suite is not None

    totals = {"name": "etl", "tests": "3", "failures": "1", "errors": "0", "skipped": "1", "time": "6.000"}
    assert root.attrib == totals
    assert suite.attrib == {**totals, "timestamp": "1970-01-01T00:16:40+00:00"}
    assert [case.attrib for case in suite.iter("testcase")] == [
        {"classname": "etl", "name": "a", "time": "1.000"},
        {"classname": "etl", "name": "b", "time": "1.000"},
        {"classname": "etl", "name": "c", "time": "0.000"},
    ]


def test_a_task_that_is_up_to_date_has_passed_and_says_since_when(logs: Logs, tmp_path: Path) -> None:
    """Without a time, as it took none."""
    script = Script(make_plan(make_task("a")))
    script.happen(TaskUpToDate("a", {}, "20260101-030405-0000", 2))
    script.settle()

    case = report(script, logs, tmp_path / "r.xml").find("testsuite/testcase")

    assert case is not None
    assert ["system-out"] == [element.tag for element in case]
    assert "nothing has changed since attempt 2 of run 20260101-030405-0000" == case.findtext("system-out")


@pytest.mark.parametrize("reason", [Reason.EXIT, Reason.SIGNAL])
def test_a_task_that_ran_and_said_no_is_a_failure(logs: Logs, tmp_path: Path, reason: Reason) -> None:
    """The message is what the console says."""
    failure = one_failed(logs, tmp_path, reason).find("failure")

    assert failure is not None
    assert failure.attrib == {"message": "it went wrong", "type": str(reason)}


@pytest.mark.parametrize("reason", [Reason.SPAWN, Reason.TEMPLATE, Reason.QUEUE, Reason.LOST, Reason.TIMEOUT])
def test_a_task_that_did_not_run_to_its_end_is_an_error(logs: Logs, tmp_path: Path, reason: Reason) -> None:
    """With its command and what is known besides as its text."""
    error = one_failed(logs, tmp_path, reason, details=("line 1: <x>", "line 2: y")).find("error")

    assert error is not None
    assert (error.attrib, error.text) == (
        {"message": "it went wrong", "type": str(reason)},
        "$ true\nline 1: <x>\nline 2: y",
    )


def test_what_was_not_tried_is_skipped_and_says_why(logs: Logs, tmp_path: Path) -> None:
    """By its condition, by its rule, by the end of the run; and a failure that is allowed makes nothing red."""
    tasks = [make_task("a", allow_failure=True), make_task("b"), make_task("c", ["b"]), make_task("d"), make_task("e")]
    script = Script(make_plan(*tasks, max_active_tasks=4))
    script.happen(TaskSkipped("d", Because("when", "params.full")))
    script.settle()
    script.fail("a")
    script.fail("b")
    script.happen(StopRequested(StopCause.INTERRUPT))
    script.fail("e", reason=Reason.CANCELLED)
    root = report(script, logs, tmp_path / "r.xml")

    messages = {
        case.get("name"): skipped.get("message")
        for case in root.iter("testcase")
        if (skipped := case.find("skipped")) is not None
    }
    assert messages == {
        "a": "allowed to fail: exit code 1",
        "c": "upstream_failed: 1 failed of 1 upstream (b)",
        "d": "skipped: condition is false: params.full",
        "e": "cancelled: interrupted (Ctrl-C)",
    }


def test_the_end_of_the_log_is_in_the_report(logs: Logs, tmp_path: Path) -> None:
    """Without anything that XML has no place for, and not without bounds."""
    logs.write(
        "a", b"x" * 99 + b"\n" + b"0123456789" * 3000 + b"\n\x1b[31m<red>\x1b[0m & \x00\xff \x1b[2J \xef\xbf\xbe]]>\n"
    )
    out = one_failed(logs, tmp_path, Reason.EXIT).find("system-out")

    assert out is not None
    assert out.text is not None
    assert out.text.split("\n")[-1] == r"<red> & \x00\xff \x1b[2J \ufffe]]>"
    assert len(out.text) < 33_000


def test_names_with_quotes_and_brackets_are_kept(logs: Logs, tmp_path: Path) -> None:
    """Ids are tame, job names and messages are not."""
    script = Script(make_plan(make_task("test[a,b]"), name='say "hi" <&>'))
    root = report(script, logs, tmp_path / "r.xml")

    assert [root.get("name"), *(case.get("name") for case in root.iter("testcase"))] == ['say "hi" <&>', "test[a,b]"]


def test_the_report_appears_as_a_whole(logs: Logs, tmp_path: Path) -> None:
    """Nobody reads half of one, and nothing is left beside it; missing folders are made."""
    path = tmp_path / "deep" / "er" / "report.xml"
    report(Script(make_plan(make_task("a"))), logs, path)

    assert list(path.parent.iterdir()) == [path]


def test_a_report_that_cannot_be_written_is_refused_before_the_run(logs: Logs, tmp_path: Path) -> None:
    """Rather than after two hours."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportUnwritableError) as no_folder:
        JunitView(tmp_path / "file" / "r.xml", logs.path)
    with pytest.raises(UsageError) as folder:
        JunitView(tmp_path, logs.path)

    assert folder.value.headline == f"--report-junit: {tmp_path} is a folder"
    assert no_folder.value.headline.startswith(f"--report-junit: cannot make the folder of {tmp_path}/file/r.xml: ")


def test_a_disk_that_fills_up_is_said_and_does_not_stop_the_run(
    logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asked for the report learns that it is missing."""
    view = JunitView(tmp_path / "deep" / "r.xml", logs.path)
    run = WatchedRun(make_plan(make_task("a")), view)
    (tmp_path / "deep").rmdir()
    run.close()

    assert capsys.readouterr().err == f"airexec: error: cannot write {tmp_path}/deep/r.xml: No such file or directory\n"
    assert view.has_failed
