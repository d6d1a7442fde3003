"""From arguments to an exit code: the one place where errors become messages. Knows no command."""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from errno import EMFILE, ENFILE, ENOSPC
from typing import TYPE_CHECKING, TextIO

from airexec.cli.quick import quick_options, quick_status
from airexec.cli.safe_text import SafeText
from airexec.errors import AirexecError

if TYPE_CHECKING:
    from typer._click.exceptions import UsageError as WrongCommandLine

EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_OUTPUT_FAILED = 74
EXIT_INTERRUPTED = 130


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Every message goes to stderr, no exception leaves."""
    with _safe_streams():
        exit_code = _guarded(lambda: _invoke(arguments))
        exit_code_of_flush = _guarded(_flush)
    return exit_code or exit_code_of_flush


def _guarded(step: Callable[[], int]) -> int:
    try:
        return step()
    except AirexecError as error:
        from airexec.cli.messages import complain

        complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough (`| head -1`), which is no error
        _forget_stdout()
        return 0
    except OSError as error:
        if error.errno in (EMFILE, ENFILE):
            print("airexec: error: too many open files\n  hint: raise the limit: ulimit -n 1024", file=sys.stderr)
            return EXIT_OUTPUT_FAILED
        if error.filename is None and not _have_folder():
            problem, hint = "the current folder is not there any more", "go to another one, or name it: -C DIR"
            print(f"airexec: error: {problem}\n  hint: {hint}", file=sys.stderr)
            return EXIT_USAGE
        if error.errno != ENOSPC or error.filename is not None:
            return _report_bug()
        _forget_stdout()
        print(f"airexec: error: cannot write the output: {error.strerror}", file=sys.stderr)
        return EXIT_OUTPUT_FAILED
    except Exception:
        return _report_bug()


def _have_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


@contextmanager
def _safe_streams() -> Iterator[None]:
    """Make sure that printing neither fails for a character or a closed stream, nor steers a terminal or a CI."""
    streams = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller: `>&-`
            stream = open(os.devnull, "w")  # noqa: SIM115  # for the life of the process
        if not _blocks(stream):
            from airexec.cli.patient import patient

            stream = patient(stream)
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, SafeText(stream, lenient=name == "stderr"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def _blocks(stream: TextIO) -> bool:
    """Return whether a write waits for room, as writes do unless our caller has changed that."""
    try:
        return os.get_blocking(stream.fileno())
    except (OSError, ValueError):
        return True


def _flush() -> int:
    sys.stdout.flush()
    return 0


def _invoke(arguments: Sequence[str]) -> int:
    """Let typer parse and call. Its own `main` is not used: it would swallow a broken pipe and choose exit codes."""
    if instruction := os.environ.get("_AIREXEC_COMPLETE"):
        from airexec.cli.completion import complete

        return complete(instruction, arguments)
    arguments = _placed(arguments)
    if (options := quick_options(arguments)) is not None:
        from airexec.run.still import stands_still

        if stands_still(options):
            return 0
        from airexec.run.run_file import run_workflow

        return run_workflow(options)
    if (flags := quick_status(arguments)) is not None:
        from airexec.cli.commands.status import StatusRequest, show_status

        return show_status(StatusRequest(all_jobs=flags.all_jobs, as_json=flags.as_json))
    import typer
    from typer._click.exceptions import NoArgsIsHelpError
    from typer._click.exceptions import UsageError as WrongCommandLine

    from airexec.cli.application import command_line
    from airexec.cli.arguments import with_values

    command = command_line(arguments)
    try:
        with command.make_context("airexec", with_values(arguments)) as context:
            return int(command.invoke(context) or 0)
    except typer.Exit as finished:
        return finished.exit_code
    except NoArgsIsHelpError as nothing_asked:
        print(nothing_asked.format_message(), file=sys.stderr)
        return nothing_asked.exit_code
    except WrongCommandLine as wrong:
        raise _as_usage_error(wrong, arguments) from None


def _placed(arguments: Sequence[str]) -> Sequence[str]:
    """Go where `-C` says and return the other arguments, see `placed`. Raises UsageError."""
    if arguments and arguments[0] == "run" and not any(it[:2] in ("-C", "-f") for it in arguments):
        return arguments  # as most of them are
    from airexec.cli.operands import placed

    folders, arguments = placed(arguments)
    for folder in folders:
        try:
            os.chdir(folder)
        except OSError as error:
            from airexec.errors import UsageError

            raise UsageError(f"-C: cannot go to {folder}: {error.strerror}") from None
    return arguments


def _as_usage_error(wrong: "WrongCommandLine", arguments: Sequence[str]) -> AirexecError:
    """Return typer's complaint in our words: what is wrong as the headline, what was meant or where to look as hint."""
    from airexec.cli.application import COMMANDS
    from airexec.errors import UsageError

    headline = wrong.message.partition(" Did you mean ")[0]
    if not headline or hasattr(wrong, "param"):
        headline = wrong.format_message().replace(": Value error, ", ": ", 1)  # pydantic's prefix, as of typer 0.29
    path = f"airexec {arguments[0]}" if arguments[0] in COMMANDS else "airexec"
    hint = _meant(wrong, arguments, COMMANDS) or f"see `{path} --help`"
    return UsageError(headline[:1].lower() + headline[1:].rstrip("."), hint)


def _meant(wrong: "WrongCommandLine", arguments: Sequence[str], commands: Collection[str]) -> str:
    """Return what somebody meant by a command line that typer does not take; empty when nobody can tell."""
    from typer._click.exceptions import NoSuchOption

    from airexec.cli.meant import choice_hint, command_hint, option_hint

    if isinstance(wrong, NoSuchOption):
        options = [name for option in (wrong.ctx.command.params if wrong.ctx else ()) for name in option.opts]
        if (hint := option_hint(wrong.option_name, options)) or not arguments[0].startswith("-"):
            return hint
        command = next((word for word in arguments if word in commands), "run")
        return f"options stand behind the command: airexec {command} {arguments[0]}"
    if (parameter := getattr(wrong, "param", None)) is not None:
        choices = list(getattr(parameter.type, "choices", ()))
        given = [word for argument in arguments for word in (argument, argument.partition("=")[2])]
        return next((hint for word in given if word not in choices and (hint := choice_hint(word, choices))), "")
    if arguments[0] in commands or arguments[0].startswith("-"):
        return ""
    if task := _task_called(arguments[0]):
        return f"it is a task: airexec run {task}"
    return command_hint(arguments[0], commands)


def _task_called(name: str) -> str | None:
    """Return a name if it is that of a task of the workflow that is found here."""
    from airexec.state.layout import find_state_dir
    from airexec.state.workflow_cache import WorkflowCache
    from airexec.workflow.find import find_file

    try:
        path = find_file(None)
        workflow = WorkflowCache(find_state_dir(path), path).read().workflow
    except (AirexecError, OSError):
        return None
    return name if name in workflow.tasks or name in workflow.groups else None


def _forget_stdout() -> None:
    """Point a closed stdout nowhere, so that the interpreter's own flush at exit has nothing to complain about."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_bug() -> int:
    import traceback

    traceback.print_exc()
    print(
        "airexec: error: this is a bug in airexec, not in your workflow\n"
        "  hint: please report it to the project, with the lines above and the workflow file",
        file=sys.stderr,
    )
    return EXIT_BUG
