"""`airexec run` and `status` as they are mostly typed, read without typer, whose import takes longer than a small run.

Whatever is not understood at once, also every mistake, is left to typer: None. A test holds both to the same reading.
"""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, NamedTuple

from airexec.run.options import OUTPUT_MODES, RunOptions

_FLAGS = {
    "-k": "keep_going",
    "--keep-going": "keep_going",
    "--json": "json",
    "-B": "force",
    "--force": "force",
    "--explain": "explain",
    "-n": "dry_run",
    "--dry-run": "dry_run",
    "--allow-network-state": "allow_network_state",
}
_VALUES = {
    "-j": "jobs",
    "--jobs": "jobs",
    "-p": "params",
    "--param": "params",
    "--tag": "tags",
    "--params-file": "params_file",
    "--output": "output",
    "--report-junit": "report_junit",
    "--job": "job",
    "--state-dir": "state_dir",
    "--sync": "sync",
}
_CHOICES = {
    "output": frozenset(OUTPUT_MODES),
    "sync": frozenset({"off", "batch", "barrier"}),
}
_PATHS = ("params_file", "report_junit", "state_dir")


def quick_options(arguments: Sequence[str]) -> RunOptions | None:
    """Return the options of a plain `run` command line, None when it takes more to read it."""
    if not arguments or arguments[0] != "run":
        return None
    fields: dict[str, Any] = {}
    lists: dict[str, list[str]] = {"params": [], "tags": []}
    names: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        if not argument.startswith("-"):
            names.append(argument)
        elif argument == "--":
            fields["args"] = tuple(rest)
        elif argument == "--wait":
            fields["wait"] = inf
        elif argument in _FLAGS:
            fields[_FLAGS[argument]] = True
        elif (found := _value(argument, rest)) is None:
            return None
        elif found[0] in lists:
            lists[found[0]].append(found[1])
        else:
            fields[found[0]] = found[1]
    return _options(fields, lists, names)


class StatusFlags(NamedTuple):
    all_jobs: bool
    as_json: bool


def quick_status(arguments: Sequence[str]) -> StatusFlags | None:
    """Return the flags of a plain `status` command line, None when it takes more to read it."""
    flags = set(arguments[1:])
    if not arguments or arguments[0] != "status" or not flags <= {"-a", "--all", "--json"}:
        return None
    return StatusFlags(all_jobs=bool(flags - {"--json"}), as_json="--json" in flags)


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
    field = _VALUES[name]
    return (field, value) if _is_good(field, value) else None


def _is_good(field: str, value: str) -> bool:
    if field == "jobs":
        return value.isascii() and value.isdigit() and int(value) > 0
    if field in _CHOICES:
        return value in _CHOICES[field]
    return bool(value) or field not in _PATHS


def _options(fields: dict[str, Any], lists: dict[str, list[str]], names: list[str]) -> RunOptions:
    from airexec.cli.operands import split_arguments, workflow_to_run

    jobs = fields.pop("jobs", None)
    workflow, tasks = split_arguments(names)
    return RunOptions(
        workflow=workflow_to_run(workflow, fields.get("job"), fields.get("state_dir")),
        tasks=tasks,
        params=tuple(lists["params"]),
        tags=tuple(lists["tags"]),
        max_active_tasks=None if jobs is None else int(jobs),
        **fields,
    )
