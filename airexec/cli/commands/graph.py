"""`airexec graph`: the picture of a workflow or of a run, in the format that was asked for. Draws nothing itself."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from airexec.cli.safe_text import under_github
from airexec.errors import ReportUnwritableError, UsageError

if TYPE_CHECKING:
    from airexec.graph.picture import Picture
    from airexec.workflow.model import Workflow

FORMAT_OF_ENDING = {
    ".dot": "dot",
    ".gv": "dot",
    ".html": "html",
    ".json": "json",
    ".md": "mermaid",
    ".mmd": "mermaid",
    ".png": "png",
    ".svg": "svg",
    ".txt": "text",
}


class GraphRequest(NamedTuple):
    workflow: Path | None = None
    format: str | None = None
    output: Path | None = None
    run_id: str | None = None
    """Draw this run; None: the workflow as written."""
    critical_path: bool = False
    fold: bool = False
    """Draw all instances of a matrix as one node."""
    job: str | None = None
    state_dir: Path | None = None


def draw_graph(request: GraphRequest) -> int:
    """Draw and write what is asked for. Raises AirexecError."""
    from airexec.graph.draw import draw, remarks

    if request.job is not None and request.run_id is None:
        raise UsageError("--job names a job whose run is drawn, and no run is named", "add --run latest")
    if str(request.output) == "-":
        request = request._replace(output=None)
    format_name = request.format or format_of(request.output)
    if format_name == "png" and request.output is None and sys.stdout.isatty():
        raise UsageError("a png is no text for a terminal", "name a file: -o graph.png")
    picture = _picture(request)
    width, color = _terminal() if request.output is None else (100, False)
    drawn = draw(picture, format_name, color=color, width=width)
    for remark in remarks(picture, format_name):
        print(f"airexec: {remark}", file=sys.stderr)
    if request.output is None and isinstance(drawn, str) and (sys.stdout.isatty() or under_github()):
        _print(drawn, format_name)
    else:
        _write(drawn.encode(errors="backslashreplace") if isinstance(drawn, str) else drawn, request.output)
    return 0


def format_of(output: Path | None) -> str:
    """Return the format that a file's name asks for, `text` without one. Raises UsageError."""
    if output is None:
        return "text"
    try:
        return FORMAT_OF_ENDING[output.suffix.lower()]
    except KeyError:
        raise UsageError(f"the name '{output}' does not tell a format", "add --format svg, for example") from None


def _picture(request: GraphRequest) -> "Picture":
    if request.run_id is not None:
        from airexec.reading.named import named_job, run_folder
        from airexec.reading.standing import standing_of
        from airexec.views.inspect.run_picture import picture_of_run

        job = named_job(request.job or (str(request.workflow) if request.workflow else None), request.state_dir)
        run = standing_of(run_folder(job, request.run_id)).run
        assert run.plan is not None, "a run has a plan from its first event on"
        return _folded(picture_of_run(run, critical=request.critical_path), run.plan.workflow, request)
    from airexec.cli.workflows import load_dag
    from airexec.graph.dag import critical_path
    from airexec.graph.picture import picture_of_workflow

    workflow, dag = load_dag(request.workflow)
    picture = picture_of_workflow(workflow, critical=critical_path(dag, {}) if request.critical_path else ())
    return _folded(picture, workflow, request)


def _folded(picture: "Picture", workflow: "Workflow", request: GraphRequest) -> "Picture":
    if not request.fold:
        return picture
    from airexec.graph.fold import fold

    return fold(picture, {instance: name for name, several in workflow.groups.items() for instance in several})


def _terminal() -> tuple[int, bool]:
    """Return the width of what we print to, and whether it shows colours."""
    import shutil

    from airexec.cli.console import style_of

    return shutil.get_terminal_size((100, 24)).columns, style_of(sys.stdout).colour


def _print(drawn: str, format_name: str) -> None:
    """Print where somebody reads along: no byte of it may steer a terminal or be a command to a CI."""
    if format_name == "json" and under_github():
        from airexec.views.live.json_lines import without_commands

        drawn = without_commands(drawn.encode()).decode()
    sys.stdout.write(drawn)


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    from airexec.views.user_file import write_user_file

    try:
        write_user_file(output, [data])
    except OSError as error:
        raise ReportUnwritableError(f"cannot write {output}: {error.strerror}") from None
