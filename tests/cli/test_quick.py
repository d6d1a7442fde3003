"""The short way into `airexec run` reads a command line as typer does, or leaves it to typer."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.cli.commands.status import StatusRequest
from airexec.cli.entry import run_command_line
from airexec.cli.quick import quick_options, quick_status
from airexec.run.options import RunOptions

WORDS = st.sampled_from(
    ["flow.yml", "build", "test[a,b]", "-k", "--keep-going", "-n", "--dry-run", "-B", "--explain",
     "--force", "--json", "-j", "4", "-j4", "-j0",
     "-jx", "-j²", "-j٣",
     "--jobs", "--jobs=2", "--jobs=", "-p", "a=b", "-pa=b", "--param", "--param=a=b", "--output", "quiet",
     "--output=grouped", "--output=loud", "--job", "name", "--job=name", "--job=", "--", "-x", "--wait",
     "--state-dir", "--state-dir=s", "--state-dir=", "--sync", "off", "--sync=off", "--sync=no", "--params-file=p.yml",
     "--report-junit", "r.xml", "--allow-network-state",
     "--tag", "--tag=a", "--tag=", "-kn", "-h", "", "-"]
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quick")
    (folder / "airexec.yml").write_text("tasks: {a: {command: x}}")
    return folder


def by_typer(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> RunOptions | None:
    """Return the options that typer makes of a command line, None when it refuses it or prints help."""
    import typer
    from typer._click.exceptions import ClickException

    from airexec.cli.application import command_line
    from airexec.cli.arguments import with_values

    taken: list[RunOptions] = []

    def take(options: RunOptions) -> int:
        taken.append(options)
        return 0

    monkeypatch.setattr("airexec.run.run_file.run_workflow", take)
    command: Any = command_line(["run", *arguments])
    try:
        with command.make_context("airexec", with_values(["run", *arguments])) as context:
            command.invoke(context)
    except (typer.Exit, ClickException):
        return None
    return _with_paths_as_text(taken[0]) if taken else None


def _with_paths_as_text(options: RunOptions) -> RunOptions:
    params_file, report_junit, state_dir = (
        None if path is None else str(path) for path in (options.params_file, options.report_junit, options.state_dir)
    )
    return options._replace(params_file=params_file, report_junit=report_junit, state_dir=state_dir)


@given(arguments=st.lists(WORDS, max_size=6))
@settings(max_examples=300)
def test_what_is_read_quickly_is_what_typer_reads(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any words in any order."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        quick = quick_options(["run", *arguments])
        if quick is not None:
            assert quick == by_typer(arguments, monkeypatch)


@pytest.mark.parametrize("line", ["", "--all", "-a --json", "--json", "--json -a --all"])
def test_a_plain_status_is_read_quickly_and_as_typer_reads_it(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[StatusRequest] = []

    def show_status(request: StatusRequest) -> int:
        asked.append(request)
        return 0

    monkeypatch.setattr("airexec.cli.commands.status.show_status", show_status)
    monkeypatch.setattr("airexec.cli.entry.quick_status", lambda arguments: None)
    run_command_line(["status", *line.split()])

    quick = quick_status(["status", *line.split()])

    assert quick is not None
    assert [StatusRequest(all_jobs=quick.all_jobs, as_json=quick.as_json)] == asked


@pytest.mark.parametrize("line", ["status etl", "status --al", "status --help", "run --all", "", "status --watch"])
def test_what_is_no_plain_status_is_left_to_typer(line: str) -> None:
    assert quick_status(line.split()) is None


def test_plain_command_lines_are_read_quickly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that people type all day."""
    monkeypatch.chdir(folder)

    for line in (
        "run",
        "run airexec.yml",
        "run a b -j4",
        "run -k --output quiet -p x=1 -p y=2",
        "run -n",
        "run --jobs=2",
        "run --state-dir /tmp/state --sync=off --report-junit r.xml",
    ):
        assert quick_options(line.split()) is not None, line


@pytest.mark.parametrize(
    "line",
    [
        "",
        "resume",
        "run --help",
        "run -j",
        "run -j 0",
        "run -j ²",
        "run --output loud",
        "run --sync=no",
        "run --state-dir=",
        "run --wat",
        "run -p -k",
    ],
)
def test_all_else_is_left_to_typer(line: str) -> None:
    """Help and mistakes are its trade."""
    assert quick_options(line.split()) is None
