"""`airexec run` as it is mostly typed, read without typer, whose import takes longer than a small run.

Whatever is not understood at once, also every mistake, is left to typer: None. A test holds both to the same reading.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from airexec.run.options import RunOptions

_FLAGS = {"-k": "keep_going", "--keep-going": "keep_going", "--json": "json", "-n": "dry_run", "--dry-run": "dry_run"}
_VALUES = {"-j": "jobs", "--jobs": "jobs", "-p": "params", "--param": "params", "--output": "output", "--job": "job"}
_OUTPUTS = frozenset({"auto", "grouped", "stream", "prefixed", "quiet"})


def quick_options(arguments: Sequence[str]) -> RunOptions | None:
    """Return the options of a plain `run` command line, None when it takes more to read it."""
    if not arguments or arguments[0] != "run":
        return None
    fields: dict[str, Any] = {}
    params: list[str] = []
    names: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        if not argument.startswith("-"):
            names.append(argument)
        elif argument in _FLAGS:
            fields[_FLAGS[argument]] = True
        elif (found := _value(argument, rest)) is None:
            return None
        elif found[0] == "params":
            params.append(found[1])
        else:
            fields[found[0]] = found[1]
    return _options(fields, params, names)


def _value(argument: str, rest: Iterator[str]) -> tuple[str, str] | None:
    """Return the field and the value of an option: `-j 4`, `-j4`, `--jobs 4` or `--jobs=4`."""
    name, equals, value = argument.partition("=") if argument.startswith("--") else (argument[:2], "", argument[2:])
    if name not in _VALUES:
        return None
    if not value and not equals:
        following = next(rest, None)
        if following is None or following.startswith("-"):
            return None
        value = following
    return _VALUES[name], value


def _options(fields: dict[str, Any], params: list[str], names: list[str]) -> RunOptions | None:
    jobs = fields.pop("jobs", None)
    if jobs is not None and not (jobs.isascii() and jobs.isdigit() and int(jobs) > 0):
        return None
    if fields.get("output", "auto") not in _OUTPUTS:
        return None
    from airexec.cli.run import split_arguments
    from airexec.cli.workflows import find_file

    workflow, tasks = split_arguments(names)
    return RunOptions(
        workflow=find_file(workflow),
        tasks=tasks,
        params=tuple(params),
        max_active_tasks=None if jobs is None else int(jobs),
        **fields,
    )
