"""Errors become messages and exit codes in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.__main__ import main
from airexec.cli import application, entry
from airexec.cli.entry import run_command_line
from airexec.errors import AirexecError, JobLockedError, StateDamagedError

Commands = Callable[[Callable[[], int]], None]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Put a function in the place of the command `history`."""

    def install(function: Callable[[], int]) -> None:
        monkeypatch.setattr(application, "COMMANDS", {**application.COMMANDS, "history": function})

    return install


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "no such command 'rnu'\n  hint: did you mean 'run'?\n"),
        (["zzz"], "no such command 'zzz'\n  hint: see `airexec --help`\n"),
        (["ls"], "no such command 'ls'\n  hint: `airexec list` shows the tasks\n"),
        (["vars"], "no such command 'vars'\n  hint: `airexec list` shows the params\n"),
        (["run", "--quiet"], "no such option: --quiet\n  hint: --output quiet shows failures and the end only\n"),
        (["run", "--watch"], "no such option: --watch\n  hint: airexec does not watch files\n"),
        (["--list"], "no such option: --list\n  hint: `airexec list` lists the tasks\n"),
        (
            ["schema", "workflw"],
            "invalid value for '[workflow|queue|event|config|order]': 'workflw' is not one of "
            "'workflow', 'queue', 'event', 'config', 'order'\n  hint: did you mean 'workflow'?\n",
        ),
        (
            ["graph", "--format=svgg"],
            "invalid value for '--format': 'svgg' is not one of "
            "'text', 'dot', 'mermaid', 'svg', 'png', 'html', 'json'\n  hint: did you mean 'svg'?\n",
        ),
        (["run", "--shufle", "3"], "no such option: --shufle\n  hint: did you mean '--shuffle'?\n"),
        (["run", "-x"], "no such option: -x\n  hint: see `airexec run --help`\n"),
        (["run", "-j", "0"], "invalid value for '-j' / '--jobs': 0 is less than 1\n  hint: see `airexec run --help`\n"),
        (
            ["run", "-j", "many"],
            "invalid value for '-j' / '--jobs': 'many' is no whole number\n  hint: see `airexec run --help`\n",
        ),
        (
            ["run", "--shuffle", "1.5"],
            "invalid value for '--shuffle': '1.5' is no whole number\n  hint: see `airexec run --help`\n",
        ),
        (
            ["logs", "--tail", "-1"],
            "invalid value for '--tail': -1 is less than 0\n  hint: see `airexec logs --help`\n",
        ),
        (
            ["run", "--wait=soon"],
            "invalid value for '--wait': 'soon' is no duration such as 30s or 1h30m\n"
            "  hint: see `airexec run --help`\n",
        ),
        (
            ["run", "--sync", "never"],
            "invalid value for '--sync': 'never' is not one of 'off', 'batch', 'barrier'\n"
            "  hint: see `airexec run --help`\n",
        ),
        (["run", "-p"], "option '-p' requires an argument\n  hint: see `airexec run --help`\n"),
        (["why"], "missing argument '[JOB] TASK'\n  hint: see `airexec why --help`\n"),
        (["why", "a", "b", "c"], "why explains one task, not a, b, c\n  hint: write [JOB] TASK\n"),
        (["run", "-C"], "-C needs a folder: -C DIR\n"),
        (["list", "-f"], "-f needs a workflow file: -f FILE\n"),
        (["-C", "not-there"], "-C: cannot go to not-there: No such file or directory\n"),
        (["status", "etl", "--job", "web"], "two jobs are named: 'etl' and --job 'web'\n  hint: name one\n"),
    ],
)
def test_a_wrong_command_line_is_explained(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong, and what was meant or where to look; exit code 2."""
    exit_code = run_command_line(arguments)

    assert (2, "", f"airexec: error: {message}") == (exit_code, *capsys.readouterr())


def test_without_a_command_and_a_workflow_file_the_way_to_one_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2: there is nothing to list."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    exit_code = run_command_line([])

    printed = capsys.readouterr()
    assert (2, "") == (exit_code, printed.out)
    assert "airexec: error: no workflow file in .\n  hint: name one, or make one with `airexec init`" in printed.err


@pytest.mark.parametrize("name", ["", *application.COMMANDS])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, also as `-h`."""
    exit_code = run_command_line([name, "-h"] if name else ["-h"])

    printed = capsys.readouterr()
    assert (0, "") == (exit_code, printed.err)
    assert printed.out.startswith(f"Usage: airexec {name}".rstrip())


def test_the_overview_cuts_no_sentence_short(capsys: pytest.CaptureFixture[str]) -> None:
    """The first line of each command's help fits beside its name."""
    run_command_line(["--help"])

    commands = capsys.readouterr().out.partition("Commands:")[2].partition("Exit codes:")[0]
    assert "  run " in commands
    assert "..." not in commands


@pytest.mark.parametrize(
    ("error", "exit_code"), [(JobLockedError("held", "wait"), 75), (StateDamagedError("held", "wait"), 65)]
)
def test_an_error_brings_its_message_and_exit_code(
    error: AirexecError, exit_code: int, command: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands raise; they never print errors themselves."""

    def fail() -> int:
        raise error

    command(fail)

    assert exit_code == run_command_line(["history"])
    assert ("", "airexec: error: held\n  hint: wait\n") == capsys.readouterr()


def test_an_interrupt_is_no_error(command: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends a command with 130, quietly."""

    def interrupt() -> int:
        raise KeyboardInterrupt

    command(interrupt)

    assert 130 == run_command_line(["history"])
    assert ("", "") == capsys.readouterr()


def test_an_interrupt_during_the_start_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C may come before there is anybody to handle it."""

    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "run_command_line", interrupt)

    assert 130 == main()
    assert ("", "") == capsys.readouterr()


@pytest.mark.parametrize("stumbling", [RuntimeError("stumbled"), PermissionError(13, "stumbled", "file")])
def test_a_bug_says_that_it_is_one(stumbling: Exception, command: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """With the traceback, since that is what a report needs; exit code 70."""

    def stumble() -> int:
        raise stumbling

    command(stumble)

    exit_code = run_command_line(["history"])
    printed = capsys.readouterr()
    assert (70, "") == (exit_code, printed.out)
    assert printed.err.startswith("Traceback (most recent call last):\n")
    assert printed.err.endswith(
        f"{type(stumbling).__name__}: {stumbling}\n"
        "airexec: error: this is a bug in airexec, not in your workflow\n"
        "  hint: please report it to the project, with the lines above and the workflow file\n"
    )


def test_the_exit_code_of_a_command_is_ours(command: Commands) -> None:
    """A command returns it."""
    command(lambda: 124)

    assert 124 == run_command_line(["history"])
