"""Signatures and help of the commands that change the state of a job, or files."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from airexec.cli.arguments import (
    JobOption,
    RunId,
    StateDir,
)


def reset(
    names: Annotated[
        list[str] | None,
        Argument(metavar="[JOB] [TASK]...", help="The first name is a TASK if the job here has it, else the JOB."),
    ] = None,
    job: JobOption = None,
    yes: Annotated[bool, Option("-y", "--yes", help="Do not ask, where a whole job would be reset.")] = False,
    run_id: RunId = None,
    state_dir: StateDir = None,
) -> int:
    """Make tasks pending again, for the next resume.

    Without TASKs, all. What they had queued is removed, and what is downstream of them runs again too.

    \b
    airexec reset extract                a task of the only job
    airexec reset etl extract merge      two tasks of the job etl
    """
    from airexec.cli.commands.reset import reset_tasks

    return reset_tasks(names or [], job, run_id, state_dir, is_sure=yes)


def clean(
    arguments: Annotated[
        list[str] | None,
        Argument(metavar="[WORKFLOW] [TASK]...", help="What ends in .yml, .yaml or .json or has a / is WORKFLOW."),
    ] = None,
    yes: Annotated[bool, Option("-y", "--yes", help="Do not ask.")] = False,
    params: Annotated[list[str] | None, Option("-p", "--param", metavar="KEY=VALUE", help="Set a parameter.")] = None,
    state_dir: StateDir = None,
) -> int:
    """Remove the files that tasks generate.

    Shows them first, and asks. Without TASKs, of all tasks.

    \b
    airexec clean                        all products
    airexec clean docs -y                those of one task, without a question
    """
    from airexec.cli.commands.clean import clean

    return clean(arguments or [], params or [], state_dir, is_sure=yes)


def init(
    path: Annotated[Path, Argument(metavar="[FILE]", help="The file to write.", show_default=False)] = Path(
        "airexec.yml"
    ),
    from_: Annotated[
        Path | None,
        Option("--from", metavar="FILE", help="Make it of this file of another tool.", show_default=False),
    ] = None,
) -> int:
    """Write a workflow file, of a Makefile or the like.

    Read are a Makefile, the scripts of package.json, a Taskfile, a justfile and GitHub's workflows, in this order;
    what does not carry over stands as a comment where it would be. Nothing of them is run, and an existing file is
    never overwritten.

    \b
    airexec init
    airexec init --from .github/workflows/ci.yml ci.yml
    """
    from airexec.cli.commands.init import write_first_workflow

    return write_first_workflow(path, from_)
