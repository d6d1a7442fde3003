"""Signatures and help of the commands that run a workflow."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from airexec.cli.arguments import (
    AllowNetworkState,
    Args,
    Job,
    JobOption,
    JsonLines,
    KeepGoing,
    MaxActiveTasks,
    OutputMode,
    ReportJUnit,
    StateDir,
    SyncMode,
    Wait,
    whole_number,
)
from airexec.cli.operands import one_of


def run(
    arguments: Annotated[
        list[str] | None,
        Argument(
            metavar="[WORKFLOW] [TASK]... [-- ARGS]...",
            help="What ends in .yml, .yaml or .json or has a / is WORKFLOW. ARGS are {{ args }} in the tasks.",
        ),
    ] = None,
    jobs: MaxActiveTasks = None,
    keep_going: KeepGoing = False,
    params: Annotated[list[str] | None, Option("-p", "--param", metavar="KEY=VALUE", help="Set a parameter.")] = None,
    params_file: Annotated[Path | None, Option(metavar="F", help="Parameters from a YAML or JSON file.")] = None,
    tags: Annotated[
        list[str] | None,
        Option("--tag", metavar="TAG", help="The tasks with TAG, and what they need; again for another one."),
    ] = None,
    dry_run: Annotated[bool, Option("-n", "--dry-run", help="Print what would run, in order; start nothing.")] = False,
    force: Annotated[
        bool, Option("-B", "--force", help="Run the TASKs that are named, or all, though nothing has changed.")
    ] = False,
    explain: Annotated[bool, Option("--explain", help="Say for each task why it runs.")] = False,
    output: OutputMode = "auto",
    json: JsonLines = False,
    report_junit: ReportJUnit = None,
    shuffle: Annotated[
        int | None, Option(metavar="SEED", parser=whole_number(), help="Start ready tasks in a random order.")
    ] = None,
    job: Annotated[
        str | None, Option("--job", metavar="NAME", help="The job's name, instead of the workflow's.")
    ] = None,
    state_dir: StateDir = None,
    sync: SyncMode = "batch",
    wait: Wait = None,
    allow_network_state: AllowNetworkState = False,
    args: Args = None,
) -> int:
    """Run a workflow; with TASKs or TAGs, those and what they need.

    \b
    airexec run                          airexec.yml, workflow.yml or airflow.yml of this folder
    airexec run etl.yml -p region=us     with a parameter
    airexec run test lint -j4            two tasks and what they need
    airexec run test -- -k login         with words for `pytest {{ args }}`
    airexec run -n                       what would run
    """
    from airexec.cli.operands import split_arguments, workflow_to_run
    from airexec.run.options import RunOptions
    from airexec.run.run_file import run_workflow

    workflow, tasks = split_arguments(arguments or [])
    return run_workflow(
        RunOptions(
            workflow=workflow_to_run(workflow, job, state_dir),
            tasks=tasks,
            tags=tuple(tags or ()),
            job=job,
            max_active_tasks=jobs,
            keep_going=keep_going,
            params=tuple(params or ()),
            params_file=params_file,
            args=tuple(args or ()),
            force=force,
            explain=explain,
            dry_run=dry_run,
            output=output,
            json=json,
            report_junit=report_junit,
            shuffle=shuffle,
            state_dir=state_dir,
            sync=sync,
            wait=wait,
            allow_network_state=allow_network_state,
        )
    )


def watch(
    arguments: Annotated[
        list[str] | None,
        Argument(
            metavar="[WORKFLOW] [TASK]... [-- ARGS]...",
            help="What ends in .yml, .yaml or .json or has a / is WORKFLOW. ARGS are {{ args }} in the tasks.",
        ),
    ] = None,
    jobs: MaxActiveTasks = None,
    keep_going: KeepGoing = False,
    params: Annotated[list[str] | None, Option("-p", "--param", metavar="KEY=VALUE", help="Set a parameter.")] = None,
    params_file: Annotated[Path | None, Option(metavar="F", help="Parameters from a YAML or JSON file.")] = None,
    output: OutputMode = "auto",
    job: Annotated[
        str | None, Option("--job", metavar="NAME", help="The job's name, instead of the workflow's.")
    ] = None,
    state_dir: StateDir = None,
    sync: SyncMode = "batch",
    allow_network_state: AllowNetworkState = False,
    args: Args = None,
) -> int:
    """Run a workflow, and again whenever a file changes that it reads.

    A task that runs is ended and started anew when its files change. Ctrl-C ends, with the exit code of the last run.

    \b
    airexec watch                        what `airexec run` runs
    airexec watch test -j4               one task and what it needs
    """
    from airexec.cli.commands.watch import watch
    from airexec.cli.operands import split_arguments, workflow_file
    from airexec.run.options import RunOptions

    workflow, tasks = split_arguments(arguments or [])
    return watch(
        RunOptions(
            workflow=workflow_file(workflow),
            tasks=tasks,
            job=job,
            max_active_tasks=jobs,
            keep_going=keep_going,
            params=tuple(params or ()),
            params_file=params_file,
            args=tuple(args or ()),
            output=output,
            state_dir=state_dir,
            sync=sync,
            allow_network_state=allow_network_state,
        )
    )


def resume(
    job: Job = None,
    job_option: JobOption = None,
    run_id: Annotated[
        str | None, Option("--run", metavar="RUN", help="This run. [default: the newest that is not completed]")
    ] = None,
    jobs: MaxActiveTasks = None,
    keep_going: KeepGoing = False,
    params: Annotated[
        list[str] | None, Option("-p", "--param", metavar="KEY=VALUE", help="Set a parameter for what is left to do.")
    ] = None,
    accept_changes: Annotated[
        bool, Option("--accept-changes", help="Go on though the workflow file has changed since the run began.")
    ] = False,
    accept_foreign_state: Annotated[
        bool, Option("--accept-foreign-state", help="Go on with a run that you did not make on this machine.")
    ] = False,
    output: OutputMode = "auto",
    json: JsonLines = False,
    report_junit: ReportJUnit = None,
    state_dir: StateDir = None,
    sync: SyncMode = "batch",
    wait: Wait = None,
    allow_network_state: AllowNetworkState = False,
) -> int:
    """Continue the newest run that is not completed.

    Finished tasks are kept.

    Works for a run that failed, was interrupted, or was killed.

    \b
    airexec resume etl
    airexec resume etl --run a3f9        a run, or what its id begins or ends with
    """
    from airexec.reading.named import named_job
    from airexec.run.options import RunOptions
    from airexec.run.resume import resume_job

    folder = named_job(one_of(job, job_option), state_dir)
    return resume_job(
        RunOptions(
            job=folder.name,
            run_id=run_id,
            params=tuple(params or ()),
            max_active_tasks=jobs,
            keep_going=keep_going,
            accept_changes=accept_changes,
            accept_foreign_state=accept_foreign_state,
            output=output,
            json=json,
            report_junit=report_junit,
            state_dir=Path(folder.state_dir),
            sync=sync,
            wait=wait,
            allow_network_state=allow_network_state,
        )
    )
