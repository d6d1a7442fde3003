"""Which argument is what. Knows nothing of workflows but how their files are named, and no command."""

import sys
from collections.abc import Sequence
from os.path import isfile

from airexec.errors import UsageError
from airexec.workflow.find import StrPath, find_file, is_path


def split_arguments(arguments: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return WORKFLOW, if the first argument is one, and the TASKs.

    What looks like a file is one, whether it is there or not. A file of another name is taken for the workflow only
    where no other could be meant: a task `build` must not change its meaning when somebody makes a file of that name.
    """
    if arguments and (is_path(arguments[0]) or _is_only_candidate(arguments[0])):
        return arguments[0], tuple(arguments[1:])
    return None, tuple(arguments)


def _is_only_candidate(name: str) -> bool:
    if not isfile(name):
        return False
    try:
        find_file(None)
    except UsageError:
        return True
    return False


def workflow_to_run(named: StrPath | None, job: str | None, state_dir: StrPath | None) -> str | None:
    """As `workflow_file`; None for a job that other programs have written, which has no file."""
    if job and not named:
        from airexec.run.run_file import ordered_job

        if ordered_job(job, state_dir) is not None:
            return None
    return workflow_file(named)


def workflow_file(named: StrPath | None) -> str:
    """Return the workflow file that is named, or is found; one above this folder is said. Raises UsageError."""
    path = find_file(named)
    if not named and path.startswith(".."):
        print(f"airexec: workflow file: {path}", file=sys.stderr)
    return path


def placed(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the folders of all `-C DIR`, in order, and the command line without them.

    They may stand before the command or behind it, as may `-f FILE`, which becomes the WORKFLOW (or the JOB) of its
    command. `logs -f` follows, so there a file stands before. What belongs to another program is left alone. Without a
    command it is `list`. Raises UsageError for an option without its value.
    """
    folders: list[str] = []
    files: list[str] = []
    rest = list(arguments)
    while rest and _takes(rest[0], ("-C", "-f")):
        _take(rest, 0, folders, files)
    if (not rest and (files or folders)) or not arguments:
        rest = ["list"]
    command = rest[0] if rest else ""
    at = 1
    while command not in NOT_OURS and at < len(rest) and rest[at] != "--":
        if _takes(rest[at], ("-C",) if command in FOLLOW else ("-C", "-f")):
            _take(rest, at, folders, files)
        else:
            at += 1
    if len(files) > 1 and command != "validate":
        raise UsageError(f"-f names several workflow files: {', '.join(files)}", "name one")
    for file in files[::-1]:
        rest.insert(1, file if is_path(file) or "/" in file else f"./{file}")
    return folders, rest


NOT_OURS = frozenset({"queue", "output", "init", "schema", "help"})
"""Commands that take no workflow file, or whose values may look like options."""
FOLLOW = frozenset({"logs"})


def _takes(argument: str, options: Sequence[str]) -> bool:
    return argument[:2] in options


def _take(rest: list[str], at: int, folders: list[str], files: list[str]) -> None:
    option = rest.pop(at)
    kind, value = option[:2], option[2:]
    if not value:
        if at >= len(rest):
            wanted = "a folder: -C DIR" if kind == "-C" else "a workflow file: -f FILE"
            raise UsageError(f"{kind} needs {wanted}")
        value = rest.pop(at)
    (folders if kind == "-C" else files).append(value)


def one_of(argument: str | None, option: str | None) -> str | None:
    """Return the job that was named as an argument or as `--job`; both together must agree."""
    if argument and option and argument != option:
        raise UsageError(f"two jobs are named: '{argument}' and --job '{option}'", "name one")
    return argument or option
