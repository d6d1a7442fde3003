"""The commands and options that are promised, and what reaches the code behind them."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from airexec.cli.application import COMMANDS
from airexec.cli.entry import run_command_line
from airexec.run import run_file
from airexec.run.options import RunOptions

RUN_OPTIONS = (
    "--tag -j -k --keep-going -p --params-file -n --dry-run --output --json --report-junit --shuffle --state-dir --sync"
)
EVERYTHING = (
    "-j 3 -k -p a=1 build --tag t --tag=u -p b=2 --params-file p.yml -n --output quiet --json test "
    "--report-junit r.xml --shuffle 7 --job other --state-dir state --sync off"
)
PROMISED = {
    "jobs": "--json --state-dir",
    "run": f"{RUN_OPTIONS} --job",
    "watch": "[WORKFLOW] [TASK] -j --keep-going --param --params-file --output --job --state-dir --sync",
    "resume": "--job -j --keep-going --accept-changes --output --json --report-junit --state-dir --sync",
    "validate": "--json",
    "list": "--tag --all --json",
    "clean": "[WORKFLOW] [TASK] --yes --param --state-dir",
    "start": "--foreground --config --shared --state-dir",
    "stop": "--now --config --state-dir",
    "schedule": "[WORKFLOW] --next --json --config --state-dir",
    "schema": "workflow|queue|event|config|order",
    "graph": "--format -o --run --critical-path --fold --job --state-dir text|dot|mermaid|svg|png|html|json",
    "status": "--json --job --run --all --watch --stale --state-dir",
    "logs": "--tail -f --job --run --state-dir",
    "history": "--json --job --run --state-dir",
    "why": "TASK --job --run --state-dir",
    "reset": "[JOB] [TASK] --job --yes --run --state-dir",
    "init": "[FILE] --from",
    "queue": "--id --template --with --each",
    "output": "--string",
    "help": "[TOPIC]",
}


def test_every_promised_command_is_there() -> None:
    """In the order in which `--help` shows them."""
    assert list(COMMANDS) == [
        *(
            "run",
            "watch",
            "resume",
            "validate",
            "list",
            "graph",
            "status",
            "logs",
            "history",
            "jobs",
            "why",
            "reset",
            "clean",
        ),
        *("start", "stop", "schedule", "init", "schema", "queue", "output", "help"),
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_promised_option_is_in_the_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the command that takes it."""
    run_command_line([command, "--help"])

    help_text = capsys.readouterr().out
    assert [] == [option for option in PROMISED[command].split() if option not in help_text]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunOptions]:
    """What would be run."""
    options: list[RunOptions] = []

    def remember(asked_for: RunOptions) -> int:
        options.append(asked_for)
        return 0

    monkeypatch.setattr(run_file, "run_workflow", remember)
    return options


def test_without_options_the_workflow_decides(asked: list[RunOptions]) -> None:
    """And the file is the one of this folder, once there is one."""
    run_command_line(["run", "flow.yml"])

    assert [RunOptions(workflow="flow.yml")] == asked


def test_every_option_reaches_the_run(asked: list[RunOptions]) -> None:
    """As typed; words may stand between options."""
    run_command_line(["run", "flow.yml", *shlex.split(EVERYTHING)])

    assert [
        RunOptions(
            workflow="flow.yml",
            tasks=("build", "test"),
            tags=("t", "u"),
            job="other",
            max_active_tasks=3,
            keep_going=True,
            params=("a=1", "b=2"),
            params_file=Path("p.yml"),
            dry_run=True,
            output="quiet",
            json=True,
            report_junit=Path("r.xml"),
            shuffle=7,
            state_dir=Path("state"),
            sync="off",
        )
    ] == asked


@pytest.mark.parametrize(("option", "field", "value"), [("-j3", "max_active_tasks", 3), ("-pa=1", "params", ("a=1",))])
def test_a_value_may_touch_its_option(option: str, field: str, value: Any, asked: list[RunOptions]) -> None:
    """As make users type it."""
    run_command_line(["run", "flow.yml", option])

    assert value == getattr(asked[0], field)


def test_what_stands_behind_two_dashes_is_for_the_tasks(asked: list[RunOptions]) -> None:
    """Whatever it looks like; read quickly, and by typer."""
    run_command_line(["run", "flow.yml", "test", "--", "-k", "a b", "other.yml"])
    run_command_line(["run", "flow.yml", "test", "--shuffle=1", "--", "-k", "a b", "other.yml"])

    args = ("-k", "a b", "other.yml")
    quick = RunOptions(workflow="flow.yml", tasks=("test",), args=args)
    assert [quick, quick._replace(shuffle=1)] == asked
