"""Signatures and help of the commands for use inside of tasks."""

from typing import Annotated

from typer import Argument, Option

from airexec.cli.arguments import (
    StateDir,
)


def queue(
    values: Annotated[
        list[str] | None, Argument(metavar="[JSON]... | -- COMMAND...", help="Tasks as JSON, or with --id a command.")
    ] = None,
    id_: Annotated[str | None, Option("--id", metavar="ID", help="The id of the queued task.")] = None,
    template: Annotated[str | None, Option(metavar="NAME", help="The template to instantiate.")] = None,
    with_: Annotated[
        list[str] | None, Option("--with", metavar="KEY=VALUE", help="An argument of the template.")
    ] = None,
    each: Annotated[
        str | None, Option(metavar="KEY", help="One task per line of stdin; the line is the argument KEY.")
    ] = None,
    job: Annotated[
        str | None, Option("--job", metavar="NAME", help="From anywhere: add to this job, which other programs write.")
    ] = None,
    state_dir: StateDir = None,
) -> int:
    """Inside a task: queue more tasks.

    They join the graph when the task has succeeded; its definition must allow it (queue: true, or [template]).
    With --job they are added to a job from outside, also to one that has ended.

    \b
    git ls-files '*.py' | airexec queue --template process --each path
    airexec queue --template process --with path=a.csv
    airexec queue --id check -- python check.py a.csv
    airexec queue '{"id": "check", "command": ["python", "check.py"]}'
    airexec queue --job etl --id check -- python check.py a.csv
    """
    from airexec.cli.commands.queue import QueueRequest, add_tasks, queue_tasks

    request = QueueRequest(tuple(values or ()), id_, template, tuple(with_ or ()), each)
    return queue_tasks(request) if job is None else add_tasks(request, job, state_dir)


def output(
    values: Annotated[list[str], Argument(metavar="KEY=VALUE... | JSON", help="JSON values keep their type.")],
    string: Annotated[bool, Option("--string", help="Take every VALUE as text.")] = False,
) -> int:
    """Inside a task: set outputs for other tasks.

    They are read as {{ tasks.ID.outputs.KEY }}.

    \b
    airexec output rows=42 name=orders
    airexec output --string build=42
    airexec output '{"rows": 42}'
    """
    from airexec.cli.commands.output import set_outputs

    return set_outputs(values, as_text=string)
