"""Signatures and help of the commands that show what there is and what happened."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from airexec.cli.arguments import (
    AsJson,
    GraphFormat,
    Job,
    JobOption,
    RunId,
    StateDir,
    WorkflowFile,
    whole_number,
)
from airexec.cli.operands import one_of


def list_(
    workflow: WorkflowFile = None,
    tags: Annotated[
        list[str] | None, Option("--tag", metavar="TAG", help="Only tasks with TAG; again for those with another one.")
    ] = None,
    all_tasks: Annotated[
        bool, Option("-a", "--all", help="Each instance of a matrix, and tasks whose names begin with _, too.")
    ] = False,
    json: AsJson = False,
) -> int:
    """List tasks with their descriptions and dependencies.

    JSON has each instance and all names.
    """
    from airexec.cli.commands.listing import list_tasks

    return list_tasks(workflow, as_json=json, tags=tuple(tags or ()), everything=all_tasks)


def graph(
    workflow: WorkflowFile = None,
    format_: Annotated[
        GraphFormat | None,
        Option("--format", help="Default: by the name of the -o file, else text. png needs airexec[png] or Graphviz."),
    ] = None,
    output: Annotated[Path | None, Option("-o", "--output", metavar="FILE", help="Write to FILE.")] = None,
    run_id: RunId = None,
    critical_path: Annotated[bool, Option("--critical-path", help="Mark the longest path.")] = False,
    fold: Annotated[bool, Option("--fold", help="Draw all instances of a matrix as one node.")] = False,
    job: JobOption = None,
    state_dir: StateDir = None,
) -> int:
    """Draw the graph of a workflow, or of a run.

    With --run it is the graph that really ran, with statuses and who queued what.

    \b
    airexec graph -o graph.svg
    airexec graph --run latest --format html -o run.html
    """
    from airexec.cli.commands.graph import GraphRequest, draw_graph

    return draw_graph(GraphRequest(workflow, format_, output, run_id, critical_path, fold, job, state_dir))


def status(
    job: Job = None,
    job_option: JobOption = None,
    json: AsJson = False,
    run_id: RunId = None,
    all_jobs: Annotated[
        bool,
        Option("-a", "--all", help="A table of all jobs here; also where no workflow file is and no JOB is named."),
    ] = False,
    watch: Annotated[bool, Option("--watch", help="Show it again and again, until Ctrl-C.")] = False,
    stale: Annotated[
        bool, Option("--stale", help="Which tasks a run of the workflow file would run now, and why. JOB is the file.")
    ] = False,
    state_dir: StateDir = None,
) -> int:
    """Show where a job stands: its last run and its tasks.

    Where other programs write jobs, a table of all of them.
    """
    from airexec.cli.commands.status import StatusRequest, show_status

    return show_status(StatusRequest(one_of(job, job_option), run_id, json, all_jobs, watch, stale, state_dir))


def logs(
    names: Annotated[
        list[str] | None,
        Argument(metavar="[JOB] [TASK]", help="One name alone is the TASK if the job has it, else the JOB."),
    ] = None,
    job: JobOption = None,
    tail: Annotated[
        int | None,
        Option(
            metavar="N",
            parser=whole_number(0),
            help="Only the last N lines of each task. Not said: 50, and all of a TASK.",
        ),
    ] = None,
    follow: Annotated[bool, Option("-f", "--follow", help="Go on until the run ends.")] = False,
    run_id: RunId = None,
    state_dir: StateDir = None,
) -> int:
    """Print what the tasks of a run have printed.

    In the order in which they started.

    \b
    airexec logs                         all tasks, with headers, 50 lines each
    airexec logs build --tail 20         the end of one task's log
    airexec logs etl extract -f          follow a task, across its attempts
    """
    from airexec.cli.commands.logs import LogRequest, show_logs

    return show_logs(LogRequest(tuple(names or ()), job, tail, follow, run_id, state_dir))


def history(
    job: Job = None,
    job_option: JobOption = None,
    json: AsJson = False,
    run_id: RunId = None,
    state_dir: StateDir = None,
) -> int:
    """List the runs of a job, newest first."""
    from airexec.cli.commands.history import show_history

    return show_history(one_of(job, job_option), run_id, json, state_dir)


def jobs(json: AsJson = False, state_dir: StateDir = None) -> int:
    """List the jobs here: how the last run of each went."""
    from airexec.cli.commands.jobs import show_jobs

    return show_jobs(json, state_dir)


def why(
    names: Annotated[list[str], Argument(metavar="[JOB] TASK", help="One name alone is the TASK.")],
    job: JobOption = None,
    run_id: RunId = None,
    state_dir: StateDir = None,
) -> int:
    """Explain the status of a task.

    Which rule and which upstream decided, which attempt failed how, who queued it, what it waits for now.

    \b
    airexec why merge                    a task of the job that ran last
    airexec why etl merge                of another job
    """
    from airexec.cli.commands.why import explain_task

    return explain_task(names, job, run_id, state_dir)
