"""All commands by name, and the parser for them. What each takes, and its help, stands in `signatures`.

Those know no work: a body hands its arguments to a module of `commands`, which it imports only then, so a command pays
for its own imports only. Texts after a backspace-only line (`\\b`) are shown as they stand.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Exit, Option, Typer

from airexec.cli.arguments import EXIT_CODES
from airexec.cli.signatures.changing import clean, init, reset
from airexec.cli.signatures.checking import schema, validate
from airexec.cli.signatures.inside import output, queue
from airexec.cli.signatures.looking import graph, history, jobs, list_, logs, status, why
from airexec.cli.signatures.managing import schedule, start, stop
from airexec.cli.signatures.running import resume, run, watch

if TYPE_CHECKING:
    from typer.core import TyperGroup


def help_(
    topic: Annotated[str | None, Argument(metavar="[TOPIC]", help="A page of the manual, or a command.")] = None,
) -> int:
    """Show the manual: its topics, or one of them.

    \b
    airexec help                         what there is
    airexec help templates               how values get into commands
    """
    from airexec.cli.commands.help import show_help

    return show_help(topic, help_of_command)


def help_of_command(name: str, width: int | None = None) -> str | None:
    """Return what `airexec NAME --help` prints, in lines of `width` columns; None when there is no such command."""
    if name not in COMMANDS:
        return None
    group = command_line([name])
    sizes = {} if width is None else {"max_content_width": width, "terminal_width": width}
    with group.make_context("airexec", [], resilient_parsing=True) as parent:
        context = group.commands[name].make_context(name, [], parent, resilient_parsing=True, **sizes)
        return str(context.get_help())


def parameters_of(name: str) -> Sequence[Any]:
    """Return the options and arguments of a command, as typer has them."""
    parameters: Sequence[Any] = command_line([name]).commands[name].params
    return parameters


COMMANDS: Mapping[str, Callable[..., int]] = {
    "run": run,
    "watch": watch,
    "resume": resume,
    "validate": validate,
    "list": list_,
    "graph": graph,
    "status": status,
    "logs": logs,
    "history": history,
    "jobs": jobs,
    "why": why,
    "reset": reset,
    "clean": clean,
    "start": start,
    "stop": stop,
    "schedule": schedule,
    "init": init,
    "schema": schema,
    "queue": queue,
    "output": output,
    "help": help_,
}
TAKE_THE_REST = frozenset({"queue", "output"})
"""Commands whose options end at the first value: what follows may look like options and is not ours."""


def print_version(asked: bool) -> None:
    if asked:
        from airexec import __version__

        print(f"airexec {__version__}")
        raise Exit(0)


def overview(
    version: Annotated[
        bool, Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run a declarative workflow file as make runs a Makefile; tasks may queue more tasks while it runs.

    \b
    airexec init                                      write a first workflow file, of a Makefile or the like
    airexec                                           list its tasks
    airexec run                                       run it
    airexec -C DIR COMMAND                            as if called in DIR, before or behind the command
    airexec -f FILE COMMAND                           with this workflow file
    airexec help                                      the manual
    eval "$(_AIREXEC_COMPLETE=source_bash airexec)"   complete tasks, params, jobs, runs; also zsh
    _AIREXEC_COMPLETE=source_fish airexec | source    and fish
    """


def command_line(arguments: Sequence[str]) -> "TyperGroup":
    """Return the parser for these arguments: of the command that they name, or of all when they name none of them.

    Building all costs 5 ms more than building one.
    """
    from typer.main import get_group

    application = Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    help_of = _help_of if sys.flags.optimize < 2 else _help_in_source
    application.callback(epilog=EXIT_CODES, help=help_of(overview))(overview)
    named = arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS
    for name in named:
        settings: dict[str, Any] = {"allow_interspersed_args": name not in TAKE_THE_REST}
        application.command(name, context_settings=settings, help=help_of(COMMANDS[name]))(COMMANDS[name])
    return get_group(application)


def _help_of(command: Callable[..., object]) -> str:
    return getdoc(command) or ""


def _help_in_source(command: Callable[..., object]) -> str:
    """Return the help of a command where Python was told to forget it (`-OO`, `PYTHONOPTIMIZE=2`)."""
    import ast

    tree = ast.parse(Path(command.__code__.co_filename).read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == command.__name__)
    return next((ast.get_docstring(node) or "" for node in functions), "")
