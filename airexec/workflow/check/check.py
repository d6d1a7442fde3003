"""What the schema cannot say about a workflow file: names that must exist, numbers that must fit, YAML's traps.

Works on data of the right shape (what breaks the schema has been taken out) and reports every mistake. Templates
are checked beside this, in `templates`; cycles in `airexec.graph.dag`.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from airexec.workflow.arguments import Arguments
from airexec.workflow.build import Fields, build_params, exit_codes
from airexec.workflow.check.arguments import check_call
from airexec.workflow.check.file_patterns import check_patterns
from airexec.workflow.check.makefile import left_over
from airexec.workflow.check.matching import mistake_in_matching
from airexec.workflow.check.matrices import check_matrices
from airexec.workflow.check.misread import misread_numbers, unrendered
from airexec.workflow.check.names import SUGGESTIONS_MAX, TaskNames, names_of
from airexec.workflow.check.templates import check_templates
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.template.templates import has_template
from airexec.workflow.wording import did_you_mean, nearest, quoted
from airexec.workflow.yaml.places import Places

MISTAKES_MAX = 1000
"""Of one kind of check. Nobody reads more, and a file of ten megabytes may have a million."""


def check(
    data: Fields,
    raw: Fields,
    places: Places,
    job: str,
    arguments: Mapping[str, Arguments] = {},
    inner: Mapping[str, Iterable[str]] = {},
) -> list[Finding]:
    """Return what is wrong with a workflow file beyond the schema.

    `raw` is the data before broken parts were taken out: a name that is there, though broken, is known. `job` is the
    name of the file's job, `arguments` what its templates take, `inner` the ids in the files that are its nodes.
    """
    names = TaskNames(data.get("tasks", {}), inner)
    checker = _Checker(data, raw, names, places, job, arguments)
    found = chain(checker.findings(), check_matrices(data.get("tasks", {}), raw.get("tasks", {}), places))
    return [*_first(found), *_first(check_templates(data, raw, names, places))]


def _first(found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield up to MISTAKES_MAX errors, then stop; of the warnings as many, for an error may come after them."""
    left = {"error": MISTAKES_MAX, "warning": MISTAKES_MAX}
    for one in found:
        if left[one.severity]:
            left[one.severity] -= 1
            yield one
        if not left["error"]:
            return


_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Z_][A-Z0-9_]+)\}|(?P<name>[A-Z_][A-Z0-9_]+))")
"""In capitals, as most variables are; a password may hold a dollar sign."""
_SHELLS = ("sh", "bash")
_STARTS = {"schedule", "timezone", "start_date", "catchup", "overlap", "triggers"}
"""What says when a job manager starts the workflow."""


class _Checker:
    def __init__(
        self,
        data: Fields,
        raw: Fields,
        names: TaskNames,
        places: Places,
        job: str,
        arguments: Mapping[str, Arguments],
    ) -> None:
        self._data = data
        self._arguments = arguments
        self._job = job
        self._places = places
        self._tasks: Fields = data.get("tasks", {})
        self._names = names
        self._templates = names_of(raw, "templates")
        self._templates_by_name: Fields = data.get("templates", {})
        self._pools = names_of(raw, "pools")
        self._suggestions: dict[str, str | None] = {}

    def findings(self) -> Iterator[Finding]:
        defaults = self._data.get("default_args", {})
        yield from self._environment(("env",), self._data.get("env", {}))
        yield from self._environment(("default_args", "env"), defaults.get("env", {}))
        yield from self._pool(("default_args",), defaults, {})
        yield from self._params(("params",), self._data.get("params", {}))
        yield from self._differing_params()
        yield from self._vars()
        yield from self._starts()
        yield from self._default_tasks()
        for section in ("tasks", "templates"):
            for name, fields in self._data.get(section, {}).items():
                yield from self._task((section, name), fields, defaults)

    def _default_tasks(self) -> Iterator[Finding]:
        for path, name in _names_in(self._data.get("default", []), ("default",)):
            if name not in self._tasks and name not in self._names.instances:
                yield self._unknown_task(path, "default names", name)

    def _task(self, path: Path, fields: Fields, defaults: Fields) -> Iterator[Finding]:
        if "dependencies" in fields:
            yield from self._dependencies(path, fields, fields["dependencies"])
        if "template" in fields:
            known = self._arguments.get(fields["template"])
            yield from check_call(path, fields, self._templates_by_name, known, self._places)
        if "after" in fields:
            yield from self._after(path, fields)
        if "params" in fields and "workflow" not in fields:
            yield from self._params((*path, "params"), fields["params"])
        if "pool" in fields or "pool_slots" in fields:
            yield from self._pool(path, fields, defaults)
        if "map_index_template" in fields and "matrix" not in fields:
            message = "'map_index_template' without a 'matrix' has no effect"
            yield self._at((*path, "map_index_template"), message, severity="warning")
        if "queue" in fields:
            yield from self._queue(path, fields["queue"])
        if "args" in fields:
            yield from self._program(path, fields)
        elif isinstance(fields.get("command"), str) and {**defaults, **fields}.get("shell", "sh") in ("sh", "bash"):
            for message, hint in left_over(fields["command"]):
                yield self._at((*path, "command"), message, hint, severity="warning")
        if "env" in fields:
            yield from self._environment((*path, "env"), fields["env"])
        if "generates" in fields:
            yield from self._products((*path, "generates"), fields["generates"])
        if "sources" in fields or "generates" in fields:
            yield from check_patterns(fields, path, self._places, self._folder(fields, defaults))
        if "skip_on_exit_code" in fields:
            yield from self._skip_codes(path, fields)
        if self._data.get("fail_fast") is True:
            yield from self._fail_fast(path, fields)

    def _dependencies(self, path: Path, fields: Fields, dependencies: Any) -> Iterator[Finding]:
        section, name = path[0], str(path[1])
        seen: set[str] = set()
        for item_path, upstream in _names_in(dependencies, (*path, "dependencies")):
            if section == "tasks" and upstream == name:
                yield self._at(item_path, f"task {quoted(name)} depends on itself")
            elif upstream in seen:
                message = f"{quoted(upstream)} stands twice in the dependencies of {quoted(name)}"
                yield self._at(item_path, message, severity="warning")
            elif has_template(upstream):
                if problem := mistake_in_matching(path, fields, upstream, self._names, self._nearest_task):
                    yield self._at(item_path, *problem)
            elif upstream not in self._tasks and upstream not in self._names.instances:
                yield self._unknown_task(item_path, f"{section[:-1]} {quoted(name)} depends on", upstream)  # type: ignore[index]
            seen.add(upstream)

    def _after(self, path: Path, fields: Fields) -> Iterator[Finding]:
        name, seen = str(path[1]), set[str]()
        needed = {upstream for _, upstream in _names_in(fields.get("dependencies", ()), path)}
        for item_path, first in _names_in(fields["after"], (*path, "after")):
            if first == name or self._names.bare(first) == name:
                yield self._at(item_path, f"task {quoted(name)} cannot come after itself")
            elif first in seen:
                message = f"{quoted(first)} stands twice in the 'after' of {quoted(name)}"
                yield self._at(item_path, message, severity="warning")
            elif first in needed:
                message = f"task {quoted(name)} depends on {quoted(first)}, so it comes after it anyway"
                yield self._at(item_path, message, "name it in one of 'dependencies' and 'after'", "warning")
            elif first not in self._tasks and first not in self._names.instances:
                yield self._unknown_task(item_path, f"task {quoted(name)} comes after", first)
            seen.add(first)

    def _unknown_task(self, path: Path, who: str, upstream: str) -> Finding:
        message = f"{who} {quoted(upstream)}, which is not defined"
        several = re.split(r"[,\s]+", upstream.strip())
        if len(several) > 1 and all(name in self._tasks for name in several):
            return self._at(path, message, f"several are a list: [{', '.join(several)}]")
        if upstream in self._templates:
            verb = "run by default" if path[0] == "default" else "waited for" if "after" in path else "depended on"
            return self._at(path, message, f"{quoted(upstream)} is a template; only tasks can be {verb}")
        near = self._nearest_task(upstream)
        if near is None:
            return self._at(path, message)
        where = f" ({self._places.shown(('tasks', near))})" if near in self._tasks else ""
        return self._at(path, message, f"did you mean '{near}'{where}?")

    def _nearest_task(self, name: str) -> str | None:
        """Return the task that was probably meant, for the first SUGGESTIONS_MAX names only."""
        if name not in self._suggestions and len(self._suggestions) < SUGGESTIONS_MAX:
            self._suggestions[name] = nearest(name, [*self._tasks, *self._names.instances])
        return self._suggestions.get(name)

    def _pool(self, path: Path, fields: Fields, defaults: Fields) -> Iterator[Finding]:
        pool, slots = fields.get("pool", defaults.get("pool")), fields.get("pool_slots", defaults.get("pool_slots", 1))
        if "pool" in fields and pool not in self._pools:
            hint = did_you_mean(pool, self._pools) or f"define it under pools, such as  pools: {{{pool}: 1}}"
            yield self._at((*path, "pool"), f"pool {quoted(pool)} is not defined", hint)
        elif pool is None and "pool_slots" in fields and path[0] != "default_args":
            yield self._at((*path, "pool_slots"), "'pool_slots' without a 'pool' has no effect", severity="warning")
        available = self._data.get("pools", {}).get(pool)
        if available is not None and isinstance(slots, int) and slots > available:
            message = f"{slots} slots are more than pool {quoted(pool)} has ({available}): this could never start"
            yield self._at((*path, "pool_slots" if "pool_slots" in fields else "pool"), message)

    def _queue(self, path: Path, queue: Any) -> Iterator[Finding]:
        at: Path = (*path, "queue")
        if isinstance(queue, Mapping):
            queue, at = queue.get("templates", []), (*at, "templates")
        if not isinstance(queue, list):
            return
        for place, name in enumerate(queue):
            if name not in self._templates:
                hint = did_you_mean(name, self._templates)
                if name in self._tasks:
                    hint = f"{quoted(name)} is a task; move it to templates"
                yield self._at((*at, place), f"template {quoted(name)} is not defined", hint)

    def _program(self, path: Path, fields: Fields) -> Iterator[Finding]:
        command = fields.get("command")
        if isinstance(command, str) and " " in command.strip() and "{" not in command:
            program, *words = command.split()
            hint = f"write command: {program} and begin args with {', '.join(words)}"
            message = f"with 'args', 'command' is a program, and its name {quoted(command)} holds a space"
            yield self._at((*path, "command"), message, hint, severity="warning")

    def _products(self, path: Path, products: Any) -> Iterator[Finding]:
        """Yield what is wrong with products that are written as `$AIREXEC_OUT`."""
        items = (
            [((*path, place), it) for place, it in enumerate(products)]
            if isinstance(products, list)
            else [(path, products)]
        )
        atomic = [(at, it["path"]) for at, it in items if isinstance(it, Mapping) and it.get("atomic") is True]
        for at, _ in atomic[1:]:
            yield self._at(at, "only one product of a task can be atomic: there is one $AIREXEC_OUT")
        for at, product in atomic:
            if any(sign in product for sign in "*?["):
                yield self._at((*at, "path"), "an atomic product is one file, so its path holds no wildcard")

    def _folder(self, fields: Fields, defaults: Fields) -> str:
        """Return the working directory of a task, relative to the file; empty where only a run can tell."""
        parts = [str(self._data.get("cwd", "")), str(fields.get("cwd", defaults.get("cwd", "")))]
        return "" if any("{" in part for part in parts) else os.path.join(".", *parts)

    def _environment(self, path: Path, env: Fields) -> Iterator[Finding]:
        for name in env:
            if name.startswith("AIREXEC_"):
                yield Finding(self._places.key((*path, name)), f"{quoted(name)} is set by airexec itself")
            if found := _VARIABLE.search(str(env[name])):
                message = f"`{found.group()}` stays as it is: nothing is expanded in `env`"
                hint = f"write {{{{ env.{found['name'] or found['braced']} }}}}, or set the variable in the command"
                yield self._at((*path, name), message, hint, severity="warning")

    def _skip_codes(self, path: Path, fields: Fields) -> Iterator[Finding]:
        """Warn of exit codes that skip the task, and are named where failures are."""
        skipping, allowed = exit_codes(fields["skip_on_exit_code"]), fields.get("allow_failure")
        others = {
            "retry_on": exit_codes(fields.get("retry_on", [])),
            "allow_failure": exit_codes(allowed.get("exit_codes", [])) if isinstance(allowed, Mapping) else (),
        }
        for key, codes in others.items():
            if both := [str(code) for code in codes if code in skipping]:
                message = f"exit code {both[0]} skips the task (skip_on_exit_code), so it is no failure"
                yield self._at((*path, key), message, f"take {both[0]} away in one of the two", severity="warning")

    def _fail_fast(self, path: Path, fields: Fields) -> Iterator[Finding]:
        rule = fields.get("trigger_rule", "all_success")
        if rule in ("all_failed", "one_failed"):
            yield self._at(
                (*path, "trigger_rule"),
                f"with 'fail_fast' the first failure ends the run, so '{rule}' hardly ever comes true",
                "take 'fail_fast' away, or let the upstream have allow_failure: true",
                severity="warning",
            )

    def _differing_params(self) -> Iterator[Finding]:
        """Yield the params of tasks that are there already, and are something else there: a name has one value."""
        own = build_params(self._data.get("params", {}))
        first: dict[str, tuple[Path, Fields]] = {name: (("params", name), it) for name, it in own.items()}
        for task_id, fields in self._tasks.items():
            for name, schema in build_params(fields.get("params", {})).items() if "workflow" not in fields else ():
                path: Path = ("tasks", task_id, "params", name)
                known, other = first.setdefault(name, (path, schema))
                if other != schema:
                    whose = f"task {quoted(str(known[1]))}" if known[0] == "tasks" else "the workflow"
                    message = f"param {quoted(name)} is not that of {whose} ({self._places.shown(known)})"
                    hint = "a name has one value in a run: write the same in both places, or give it another name"
                    yield Finding(self._places.key(path), message, hint)

    def _params(self, section: Path, params: Fields) -> Iterator[Finding]:
        for name, schema in build_params(params).items():
            path: Path = (*section, name)
            default_path = (*path, "default") if isinstance(params[name], dict) else path
            if "default" in schema and not (isinstance(params[name], dict) and "type" in params[name]):
                yield from misread_numbers(schema["default"], default_path, self._places)
            if "default" in schema:
                why = "params are what templates are filled with"
                yield from unrendered(schema["default"], default_path, self._places, why)
            yield from self._param(name, schema, path, default_path)

    def _param(self, name: str, schema: Fields, path: Path, default_path: Path) -> Iterator[Finding]:
        from airexec.workflow.params import patterns
        from airexec.workflow.schema.patterns import pattern_mistake

        places = [((*path, *way), pattern) for way, pattern in patterns(schema)]
        mistakes = [(place, found) for place, pattern in places if (found := pattern_mistake(pattern))]
        yield from (self._at(place, message, hint) for place, (message, hint) in mistakes)
        if "default" in schema and not mistakes:
            yield from self._default(name, schema, default_path, {pattern: place for place, pattern in places})

    def _default(self, name: str, schema: Fields, path: Path, patterns: Mapping[str, Path]) -> Iterator[Finding]:
        from airexec.workflow.params import value_problems
        from airexec.workflow.schema.patterns import UNDECIDED_HINT, PatternBudgetError

        try:
            for problem in value_problems(name, schema, schema["default"]):
                yield self._at(path, f"the default breaks its own schema: {problem}")
        except PatternBudgetError as error:
            yield self._at(patterns[error.pattern], f"{error} for the default", UNDECIDED_HINT)

    def _vars(self) -> Iterator[Finding]:
        items: Fields = self._data.get("vars", {})
        for name, item in items.items():
            if isinstance(item, Mapping):
                if "env" in item:
                    yield from self._environment(("vars", name, "env"), item["env"])
                if isinstance(item.get("command"), str) and "args" not in item and item.get("shell", "sh") in _SHELLS:
                    for message, hint in left_over(item["command"]):
                        yield self._at(("vars", name, "command"), message, hint, severity="warning")
            else:
                yield from misread_numbers(item, ("vars", name), self._places)
        if items:
            from airexec.workflow.build import build_vars
            from airexec.workflow.vars import circle_in

            if circle := circle_in(build_vars(items)):
                message = f"vars need each other in a circle: {' → '.join(circle)}"
                yield self._at(("vars", circle[0]), message, "let one of them do without the others")

    def _starts(self) -> Iterator[Finding]:
        if not _STARTS & self._data.keys():
            return
        from airexec.workflow.check.schedule import check_schedule

        yield from check_schedule(self._data, self._job, self._places)

    def _at(self, path: Path, message: str, hint: str = "", severity: str = "error") -> Finding:
        return Finding(self._places.value(path), message, hint, severity)


def _names_in(dependencies: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield path and id of each item of `dependencies`, or of `default`."""
    if isinstance(dependencies, str):
        yield path, dependencies
        return
    for place, item in enumerate(dependencies):
        yield ((*path, place), item) if isinstance(item, str) else ((*path, place, "task"), item["task"])
