"""Texts, arguments and options that several commands share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

FOREVER = "forever"
"""What `--wait` without a duration says; see `with_values`."""


def read_wait(text: str) -> float:
    """Return the seconds of `--wait=T`. Raises typer's BadParameter."""
    from typer import BadParameter

    from airexec.workflow.durations import seconds

    try:
        return float("inf") if text == FOREVER else seconds(text)
    except ValueError:
        pass
    try:
        return max(0.0, float(text))
    except ValueError:
        raise BadParameter(f"'{text}' is no duration such as 30s or 1h30m") from None


def whole_number(least: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number, of `least` or more. It raises typer's BadParameter.

    Typer reads numbers as well, but each of its versions complains in words of its own.
    """

    def read(text: str) -> int:
        from typer import BadParameter

        try:
            number = int(text)
        except ValueError:
            raise BadParameter(f"'{text}' is no whole number") from None
        if least is not None and number < least:
            raise BadParameter(f"{number} is less than {least}")
        return number

    return read


def with_values(arguments: Sequence[str]) -> list[str]:
    """Return a command line as typer can read it: what it knows nothing of is put in its own words.

    A lone `--wait` of `run` or `resume` gets the value that it stands for: typer knows no options whose value may be
    left out, and what follows is the workflow file. Each word behind the `--` of `run` or `watch` is one of `args`:
    typer would take it for one more task.
    """
    command = arguments[0] if arguments else ""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours, rest = list(arguments[:end]), list(arguments[end:])
    if command in ("run", "resume"):
        ours = [f"--wait={FOREVER}" if it == "--wait" else it for it in ours]
    if command in ("run", "watch"):
        rest = [f"--args={word}" for word in rest[1:]]
    return ours + rest


Output = Literal["auto", "grouped", "stream", "prefixed", "quiet"]
Sync = Literal["off", "batch", "barrier"]
GraphFormat = Literal["text", "dot", "mermaid", "svg", "png", "html", "json"]
DiagnosticFormat = Literal["text", "concise", "json", "github", "sarif"]
SchemaName = Literal["workflow", "queue", "event", "config", "order"]

WorkflowFile = Annotated[
    Path | None,
    Argument(metavar="[WORKFLOW]", help="A file, or a folder with airexec.yml, workflow.yml or airflow.yml."),
]
Job = Annotated[
    str | None,
    Argument(metavar="[JOB]", help="A job's name or its workflow file. Not said: the job that ran last."),
]
JobOption = Annotated[str | None, Option("--job", metavar="NAME", help="The name of the job.")]
StateDir = Annotated[Path | None, Option("--state-dir", metavar="D", help="Folder of the state, instead of .airexec.")]
AsJson = Annotated[bool, Option("--json", help="Print JSON.")]
MaxActiveTasks = Annotated[
    int | None,
    Option(
        "-j",
        "--jobs",
        metavar="N",
        parser=whole_number(1),
        help="At most N tasks at once, 1 or more; else as the workflow says.",
    ),
]
KeepGoing = Annotated[
    bool, Option("-k", "--keep-going", help="Run all that can still run after a failure, whatever fail_fast says.")
]
OutputMode = Annotated[
    Output,
    Option(
        "--output",
        help="How output is shown; else as AIREXEC_OUTPUT_MODE says. auto: live on a terminal, else grouped.",
        show_default=False,
    ),
]
JsonLines = Annotated[bool, Option("--json", help="Print the events of the run as JSON lines.")]
ReportJUnit = Annotated[Path | None, Option("--report-junit", metavar="F", help="Write a JUnit report.")]
SyncMode = Annotated[Sync, Option("--sync", help="When the journal reaches the disk: batch is at most 100 ms later.")]
Wait = Annotated[
    float | None,
    Option(
        "--wait",
        metavar="[=T]",
        parser=read_wait,
        help="While another run has the job, wait for its end, or for T (30s, 5m).",
        show_default=False,
    ),
]
AllowNetworkState = Annotated[
    bool, Option("--allow-network-state", help="Keep state on a network file system, where it is not safe.")
]
Args = Annotated[list[str] | None, Option("--args", hidden=True, help="A word behind `--`, see `with_values`.")]
RunId = Annotated[str | None, Option("--run", metavar="RUN", help="A run's id, or latest.")]

EXIT_CODE_TABLE = (
    ("0", "all good"),
    ("1", "a task failed"),
    ("2", "wrong command line"),
    ("3", "invalid workflow file"),
    ("65", "damaged or newer state, which was left untouched"),
    ("70", "a bug of ours"),
    ("73, 74", "state or output cannot be written"),
    ("75", "the job is locked by another run, also after `--wait=T`"),
    ("124", "`dagrun_timeout` is over"),
    ("129, 130, 143", "ended by SIGHUP, Ctrl-C, SIGTERM"),
)
EXIT_CODES = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODE_TABLE).replace("`", "") + "."
