"""Which argument is what. Knows nothing of workflows but how their files are named, and no command."""

from collections.abc import Sequence
from os.path import isfile

from airexec.errors import UsageError
from airexec.workflow.find import find_workflow, is_path


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
        find_workflow("")
    except UsageError:
        return True
    return False


def one_of(argument: str | None, option: str | None) -> str | None:
    """Return the job that was named as an argument or as `--job`; both together must agree."""
    if argument and option and argument != option:
        raise UsageError(f"two jobs are named: '{argument}' and --job '{option}'", "name one")
    return argument or option
