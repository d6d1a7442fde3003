"""What `airexec logs` prints of the logs of a run."""

import io
import re
from pathlib import Path

import pytest

from airexec.cli.commands import log_printer
from airexec.cli.commands.log_printer import LogPrinter
from airexec.cli.commands.logs import LogRequest, print_new, show_logs
from airexec.errors import UsageError
from airexec.reading.logs import Logs, offset_of_last_lines
from airexec.scheduler.events import AttemptStarted, RetryReady
from airexec.scheduler.statuses import JobState
from airexec.state.lock import acquire
from tests.cli.jobs_on_disk import completed, failed, finished, started, task, write_run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def etl(tmp_path: Path) -> Path:
    """A state folder with a run: extract failed once and was retried while check ran; load printed nothing."""
    first_try, second_try = failed("extract", 1, retry_delay=0.0), completed("extract", 2)
    check, load = completed("check"), completed("load")
    events = [*first_try, RetryReady("extract"), check[0], *second_try, check[1], *load]
    write_run(
        tmp_path,
        started("etl", task("extract"), task("check"), task("load", "extract"), task("report", "load")),
        [*events, finished(JobState.CANCELLED, {})],
        logs={
            ("extract", 1): b"no such file\nno end",
            ("extract", 2): b"one\ntwo\nthree\n",
            ("check", 1): b"fine\n",
            ("load", 1): b"",
        },
    )
    return tmp_path


def check_log(state_dir: Path) -> Path:
    return next(state_dir.rglob("check.1.log"))


def test_without_a_task_all_are_shown_in_the_order_of_their_start(etl: Path, capsys: Capture) -> None:
    """With headers; who printed nothing has none."""
    exit_code = show_logs(LogRequest(state_dir=etl))

    assert 0 == exit_code
    assert (
        "==> extract <==  echo extract\nno such file\nno end\n\n"
        "==> check <==  echo check\nfine\n\n==> extract, attempt 2 <==  echo extract\none\ntwo\nthree\n",
        "",
    ) == capsys.readouterr()


def test_one_task_is_shown_as_it_printed(etl: Path, capsys: Capture) -> None:
    """Without a header, for pipes and files."""
    show_logs(LogRequest(("check",), state_dir=etl))

    assert ("fine\n", "") == capsys.readouterr()


def test_a_further_attempt_has_a_header(etl: Path, capsys: Capture) -> None:
    """The job may stand before the task."""
    show_logs(LogRequest(("etl", "extract"), state_dir=etl))

    assert (
        "no such file\nno end\n\n==> extract, attempt 2 <==  echo extract\none\ntwo\nthree\n",
        "",
    ) == capsys.readouterr()


def test_a_tail_is_the_last_lines_of_each_attempt(etl: Path, capsys: Capture) -> None:
    """`--tail 1`."""
    show_logs(LogRequest(("extract",), tail=1, state_dir=etl))

    assert ("no end\n\n==> extract, attempt 2 <==  echo extract\nthree\n", "") == capsys.readouterr()


def test_all_that_comes_while_following_is_shown_whatever_the_tail(tmp_path: Path, capsys: Capture) -> None:
    """A tail is taken of what is there already, and the log of a task that was silent so far is not."""
    first, second = completed("first"), completed("second")
    logs = {("first", 1): b"1\n2\n"}
    _, run = write_run(tmp_path, started("etl", task("first"), task("second")), [first[0], second[0]], logs=logs)
    follower = Logs(run, None, 1)
    printer = LogPrinter(only_task=False, for_people=follower.for_people)

    print_new(follower, printer)
    Path(run.log("second", 1)).write_bytes(b"3\n4\n")
    print_new(follower, printer, is_end=True)

    assert "==> first <==\n2\n\n==> second <==\n3\n4\n" == capsys.readouterr().out


def test_following_a_run_that_is_over_shows_it_and_ends(etl: Path, capsys: Capture) -> None:
    """Nothing is waited for."""
    show_logs(LogRequest(("check",), follow=True, state_dir=etl))

    assert ("fine\n", "") == capsys.readouterr()


def test_following_ends_when_nobody_works_on_the_run(tmp_path: Path, capsys: Capture) -> None:
    """The scheduler was killed: its journal has no end, and its lock is free."""
    write_run(
        tmp_path,
        started("etl", task("load")),
        completed("load")[:1],
        logs={("load", 1): b"half a line"},
    )

    show_logs(LogRequest(follow=True, state_dir=tmp_path))

    assert ("==> load <==  echo load\nhalf a line\n", "") == capsys.readouterr()


def test_following_an_older_run_does_not_wait_for_the_newest(tmp_path: Path, capsys: Capture) -> None:
    """It was left behind, and nobody will add to it."""
    logs = {("load", 1): b"loading\n"}
    job, older = write_run(tmp_path, started("etl", task("load")), completed("load")[:1], logs)
    write_run(tmp_path, started("etl", task("load")), seconds_later=60)
    lock = acquire(job, ["airexec", "run"], now=0.0)

    show_logs(LogRequest(follow=True, run_id=older.run_id, state_dir=tmp_path))

    lock.release()
    assert ("==> load <==  echo load\nloading\n", "") == capsys.readouterr()


def test_lines_of_tasks_at_work_do_not_mix(tmp_path: Path, capsys: Capture) -> None:
    """While attempts run, what they have of a last line is held back until it is whole."""
    first, second = completed("first"), completed("second")
    _, run = write_run(
        tmp_path,
        started("etl", task("first"), task("second")),
        [first[0], second[0]],
        logs={("first", 1): b"whole\nhalf", ("second", 1): b"other\n"},
    )
    logs = Logs(run, None, None)
    printer = LogPrinter(only_task=False, for_people=logs.for_people)

    print_new(logs, printer)
    before = capsys.readouterr().out
    with open(run.log("first", 1), "ab") as file:
        file.write(b" a line\n")
    print_new(logs, printer, is_end=True)

    assert "==> first <==\nwhole\n\n==> second <==\nother\n" == before
    assert "\n==> first <==\nhalf a line\n" == capsys.readouterr().out


def test_a_task_that_has_not_started_has_no_log(etl: Path, capsys: Capture) -> None:
    """Which is said, and is no error."""
    exit_code = show_logs(LogRequest(("report",), state_dir=etl))

    printed = capsys.readouterr()
    assert (0, "") == (exit_code, printed.out)
    assert printed.err.startswith("airexec: report has not started in run 2026")


def test_a_run_that_has_started_nothing_has_no_log(tmp_path: Path, capsys: Capture) -> None:
    """As when it was killed at once."""
    _, folder = write_run(tmp_path, started("etl", task("extract")))

    show_logs(LogRequest(state_dir=tmp_path))

    assert ("", f"airexec: no task has started in run {folder.run_id}\n") == capsys.readouterr()


def test_of_all_tasks_the_last_fifty_lines_are_shown(etl: Path, capsys: Capture) -> None:
    """With how to get the rest; whoever names a task, or says how many, gets that."""
    check_log(etl).write_text("".join(f"line {number}\n" for number in range(1, 53)))

    show_logs(LogRequest(state_dir=etl))
    overview = capsys.readouterr().out
    show_logs(LogRequest(("check",), state_dir=etl))
    whole = capsys.readouterr().out
    show_logs(LogRequest(tail=51, state_dir=etl))
    longer = capsys.readouterr().out

    how = f"airexec logs etl --state-dir {etl} check"
    assert f"==> check <==  echo check\n    … its last 50 lines; all of them: {how}\nline 3\n" in overview
    assert 1 == overview.count("…")
    assert whole.startswith("line 1\n")
    assert "==> check <==  echo check\nline 2\n" in longer


def test_of_two_names_the_first_is_the_job(tmp_path: Path, capsys: Capture) -> None:
    """Also where a task is called as its job."""
    write_run(
        tmp_path, started("build", task("build")), [*completed("build"), finished(JobState.COMPLETED, {})],
        logs={("build", 1): b"built\n"},
    )  # fmt: skip

    show_logs(LogRequest(("build", "build"), state_dir=tmp_path))

    assert "built\n" == capsys.readouterr().out


def test_two_tasks_are_refused(etl: Path) -> None:
    """`logs` shows one or all."""
    with pytest.raises(UsageError) as refused:
        show_logs(LogRequest(("check", "load"), state_dir=etl))

    assert ("logs shows one task, and these are 2: check, load", "ask for one") == (
        refused.value.headline,
        refused.value.hint,
    )


def test_a_log_is_no_command_to_a_ci_that_obeys_output(
    etl: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under GitHub Actions, where stdout is a pipe, also for a single task."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr(log_printer, "_is_file", lambda fd: False)
    check_log(etl).write_bytes(b"::error::x\n ##[group]y\nfine\n")

    show_logs(LogRequest(("check",), state_dir=etl))

    assert "\\::error::x\n #\\#[group]y\nfine\n" == capfd.readouterr().out


def test_a_header_is_no_command_to_a_ci_that_obeys_output(
    etl: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows the command of an attempt, which may hold anything. Elsewhere it is shown as it is."""
    command = "echo '##[error]x'"
    write_run(
        etl, started("etl", task("a")), [AttemptStarted("a", 1, ("sh", "-e", "-c", command))], logs={("a", 1): b"x\n"}
    )
    show_logs(LogRequest(job="etl", state_dir=etl))
    assert f"==> a <==  {command}\n" in capfd.readouterr().out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    show_logs(LogRequest(job="etl", state_dir=etl))

    assert "==> a <==  echo '#\\#[error]x'\n" in capfd.readouterr().out


def test_a_log_in_a_file_is_as_it_was_printed(
    etl: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`airexec logs check > check.log` in a step of GitHub Actions: no runner reads it there."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr(log_printer, "_is_file", lambda fd: True)
    check_log(etl).write_bytes(b"::error::x\n")

    show_logs(LogRequest(("check",), state_dir=etl))

    assert "::error::x\n" == capfd.readouterr().out


@pytest.mark.parametrize("line", ["==> load <==", "\x1b[31m==> load <==", "x\r==> load <=="])
def test_no_line_of_a_log_passes_for_a_header(etl: Path, capfd: pytest.CaptureFixture[str], line: str) -> None:
    """It is indented where headers are shown (promise D5), also behind a colour or a carriage return."""
    check_log(etl).write_text(f"{line}\n")

    show_logs(LogRequest(state_dir=etl))

    bare = re.sub(r"\x1b\[[0-9;]*m", "", capfd.readouterr().out)
    assert [
        "==> extract <==  echo extract",
        "==> check <==  echo check",
        "==> extract, attempt 2 <==  echo extract",
    ] == [line for line in bare.splitlines() if line.startswith("==>")]


@pytest.mark.parametrize(
    ("data", "count", "lines"),
    [
        (b"", 3, b""),
        (b"a\nb\nc\n", 0, b""),
        (b"a\nb\nc", 0, b""),
        (b"a\nb\nc\n", 1, b"c\n"),
        (b"a\nb\nc\n", 3, b"a\nb\nc\n"),
        (b"a\nb\nc\n", 9, b"a\nb\nc\n"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"\n\n\n", 2, b"\n\n"),
        (b"x" * 70_000 + b"\ny\n", 2, b"x" * 70_000 + b"\ny\n"),
        (b"a\n" + b"x" * 200_000 + b"\ny\n", 2, b"x" * 200_000 + b"\ny\n"),
    ],
)
def test_the_last_lines_begin_where_they_begin(data: bytes, count: int, lines: bytes) -> None:
    """However long they are, and whether or not the last one has an end."""
    file = io.BytesIO(data)

    file.seek(offset_of_last_lines(file, count))

    assert lines == file.read()
