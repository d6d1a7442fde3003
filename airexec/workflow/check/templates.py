"""Templates of a workflow file: syntax, names, unsafe places, and that a task whose results are used comes before.

Only texts that hold a template are looked at. What a template may say is known to `template.checker`; here
stands where the texts are, which names there are at each place, and where in the source a mistake is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airexec.workflow.actions.condition import build_condition
from airexec.workflow.actions.forms import CONDITIONS, EXPRESSION, NUMBER, RENDERED, TEXT, Form
from airexec.workflow.build import Fields, build_action, task_defaults
from airexec.workflow.check.names import SUGGESTIONS_MAX, TaskNames, names_of, upstream_names
from airexec.workflow.check.upstream import Upstream
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.expand import label_of
from airexec.workflow.matrix import combinations, instance_id, is_too_large
from airexec.workflow.matrix import names as matrix_names
from airexec.workflow.numbers import KNOWN_EARLY, OF_TASKS, OF_WORKFLOWS
from airexec.workflow.template.problem import Names, TemplateError, TemplateProblem
from airexec.workflow.template.templates import Templates, has_template
from airexec.workflow.wording import quoted
from airexec.workflow.yaml.places import Places


class _Text(NamedTuple):
    """A text that holds a template, and what it stands in."""

    path: Path
    text: str
    form: Form
    matrix: frozenset[str] = frozenset()
    """The keys of the matrix of its task."""
    params: frozenset[str] = frozenset()
    """The params that its task has for itself."""
    is_label: bool = False
    """It names instances, and is rendered when they are made."""

    @property
    def task_id(self) -> str | None:
        """The task that it belongs to; None for a template, and for what is for every task."""
        return str(self.path[1]) if self.path[0] == "tasks" else None


def check_templates(data: Fields, raw: Fields, names: TaskNames, places: Places) -> Iterator[Finding]:
    """Yield the mistakes in all templates of a file."""
    if texts := list(_all_texts(data, raw)):
        yield from _Checker(data, raw, names, places, texts).findings()


class _Checker:
    def __init__(self, data: Fields, raw: Fields, names: TaskNames, places: Places, texts: list[_Text]) -> None:
        from airexec.workflow.template.checker import Checker  # Jinja2, for files that hold a template

        self._data = data
        self._places = places
        self._texts = texts
        self._params = names_of(raw, "params")
        self._vars = names_of(raw, "vars")
        self._params_of_tasks = {
            name: task_id
            for task_id, task in data.get("tasks", {}).items()
            if "workflow" not in task
            for name in names_of(task, "params")
        }
        self._suggestions_left = SUGGESTIONS_MAX
        self._checker = Checker()
        tasks = data.get("tasks", {})
        self._names = names
        self._secrets = frozenset(_secrets(data))
        self._groups = frozenset(name for name, fields in tasks.items() if "matrix" in fields)
        self._used = [self._used_tasks(text) for text in texts]
        asked = {self._names.bare(one) for used in self._used for one in used}
        called = {name: _called(fields, data.get("templates", {})) for name, fields in tasks.items()}
        self._upstream = Upstream(called, self._names, asked & frozenset(tasks))

    def findings(self) -> Iterator[Finding]:
        for text, used in zip(self._texts, self._used, strict=True):
            yield from self._text(text, used)

    def _text(self, text: _Text, used: frozenset[str]) -> Iterator[Finding]:
        queued = self._perhaps_queued(text, used - self._names.all)
        for other in sorted(queued):
            message = f"no task of the file is called {quoted(other)}; this works only if it is queued"
            yield self._reference(text, other, message)._replace(severity="warning")
        for problem in self._problems(text, queued):
            start = self._places.in_text(text.path, problem.offset)
            end = None if start == self._places.value(text.path) else start + _word_length(text.text, problem.offset)
            yield Finding(start, problem.message, problem.hint, end=end, related=self._places.borrowed(text.path))
        if text.is_label:
            yield from self._label(text)
        is_early = self._roots(text)[0] is not None or text.form is NUMBER
        for other in sorted(used & self._names.all) if not is_early else ():
            yield from self._order(text, other)
        if len(text.path) > 1 and text.path[-2] == "env" and "env" in text.text:
            yield from self._neighbours(text)

    def _label(self, text: _Text) -> Iterator[Finding]:
        """Complain about a name of instances that one of them cannot have."""
        matrix = self._data["tasks"][text.task_id]["matrix"]
        if is_too_large(matrix) or self._problems(text, frozenset()):
            return
        templates = Templates()
        for values in combinations(matrix):
            try:
                label_of(text.text, values, templates)
            except TemplateError as error:
                one = instance_id(str(text.task_id), matrix, values)
                yield Finding(self._places.value(text.path), f"{one} cannot be named: {error.headline}", error.hint)
                return

    def _neighbours(self, text: _Text) -> Iterator[Finding]:
        """Warn of `env.A` beside an `A` of the same map, which it does not mean: layers see only those below them."""
        *way, name = text.path
        values: Any = self._data
        for part in way:
            values = values[part]
        below = {*self._data.get("env", {}), *self._data.get("default_args", {}).get("env", {})} if len(way) > 2 else {}
        for other in _ENV_NAME.findall(text.text):
            if other != name and other in values and other not in below:
                message = f"`env.{other}` is that of the caller, not the one beside it"
                hint = "the variables of one map do not see each other: repeat the value, or make it a param"
                yield Finding(self._places.value(text.path), message, hint, "warning")

    def _used_tasks(self, text: _Text) -> frozenset[str]:
        """Return the ids of the tasks whose results a text uses; most texts use none and need no parsing."""
        if "tasks" not in text.text or text.is_label:
            return frozenset()
        return self._checker.task_references(text.text, expression=text.form is EXPRESSION)

    def _perhaps_queued(self, text: _Text, unknown: frozenset[str]) -> frozenset[str]:
        """Return the unknown ids if a task further up may queue tasks of these names."""
        if not unknown or text.task_id is None or not self._upstream.is_known:
            return frozenset()
        return unknown if self._upstream.may_grow(text.task_id) else frozenset()

    def _problems(self, text: _Text, queued: frozenset[str]) -> list[TemplateProblem]:
        """Check a text against the ids it may mean; against all only if it fails, for the sake of suggestions.

        Sifting 10 000 ids for each of 10 000 texts would take minutes.
        """
        roots, why = self._roots(text)
        names = Names(
            self._params | text.params,
            _ids_in(text.text, self._names.all) | queued,
            text.matrix,
            self._with(text),
            self._secrets,
            self._vars,
            self._params_of_tasks,
            _early(text) if text.form is NUMBER else None,
            self._groups,
            roots,
            why,
        )
        problems = self._problems_with(text, names)
        if problems and self._suggestions_left:
            self._suggestions_left -= 1
            problems = self._problems_with(text, names._replace(tasks=self._names.all | queued))
        return problems

    def _roots(self, text: _Text) -> tuple[frozenset[str] | None, str]:
        """Return the top-level names that there are at a place, None for all, and why there are no others."""
        if text.path[0] == "vars":
            return _OF_VARS, "vars are worked out before anything runs: from params, env and other vars"
        if text.path[0] == "tasks" and text.path[2] == "params":
            return _OF_NODES, "params of a node are worked out before anything runs: from params and matrix"
        if text.is_label:
            return frozenset({"matrix"}), "only 'matrix' can be used"
        return None, ""

    def _with(self, text: _Text) -> frozenset[str] | None:
        """Return the names of `with` that there are for a text; None: any."""
        if text.path[0] not in ("tasks", "templates"):
            return frozenset()
        fields = self._data[text.path[0]][text.path[1]]
        if text.path[0] == "tasks":
            return frozenset() if text.path[2] == "with" else frozenset(fields.get("with", {}))
        return frozenset(fields["params"]) if "params" in fields else None

    def _problems_with(self, text: _Text, names: Names) -> list[TemplateProblem]:
        if text.form is EXPRESSION:
            return self._checker.expression(text.text, names)
        return self._checker.template(text.text, names, text.form.shell or None)

    def _order(self, text: _Text, other: str) -> Iterator[Finding]:
        """Complain about the use of a task's results where they are not there yet."""
        task_id = text.task_id
        if task_id is None:
            if text.path[0] != "templates":
                message = f"this is for every task, so it cannot use the results of {quoted(other)}"
                yield self._reference(text, other, message)
        elif self._names.bare(other) == task_id:
            message = f"task {quoted(task_id)} uses its own results, which are not there yet"
            yield self._reference(text, other, message)
        elif self._upstream.is_known and not self._upstream.comes_before(other, task_id):
            whom = "all its instances" if other in self._groups else "it"
            message = f"task {quoted(task_id)} uses the results of {quoted(other)}, but does not wait for {whom}"
            yield self._reference(text, other, message, f"add '{other}' to its dependencies")

    def _reference(self, text: _Text, task_id: str, message: str, hint: str = "") -> Finding:
        found = re.search(rf"tasks\s*(\.|\[\s*[\"'])\s*{re.escape(task_id)}", text.text)
        if not found:
            return Finding(self._places.value(text.path), message, hint)
        start = self._places.in_text(text.path, found.start())
        return Finding(start, message, hint, end=start + len(found.group()))


_OF_VARS = frozenset({"params", "vars", "env", "job"})
"""What there is while vars are worked out."""
_OF_NODES = frozenset({"params", "matrix"})


def _called(fields: Fields, templates: Fields) -> Fields:
    """Return the fields of a task with those of the template that it is made of."""
    template = templates.get(fields["template"]) if "template" in fields else None
    if template is None:
        return fields
    return {**template, **fields, "dependencies": [*upstream_names(template), *upstream_names(fields)]}


def _ids_in(text: str, ids: frozenset[str]) -> frozenset[str]:
    """Return the ids that a text may mean: those that stand behind `tasks.` or `tasks['`, however far they go."""
    runs = {run for found in _TASK_RUN.findall(text) for run in found if run}
    return frozenset(run[:end] for run in runs for end in range(1, len(run) + 1) if run[:end] in ids)


_LABEL = "map_index_template"
_ENV_NAME = re.compile(r"\benv\s*\.\s*(\w+)")
_TASK_RUN = re.compile(r"""tasks\s*(?:\.\s*([\w.-]{1,300})|\[\s*["']([^"']{1,600}))""")


def _early(text: _Text) -> frozenset[str]:
    """Return what a number may be made of: that of a workflow belongs to no task."""
    return KNOWN_EARLY if len(text.path) > 1 else frozenset({"params"})


def _all_texts(data: Fields, raw: Fields) -> Iterator[_Text]:
    of_tasks = {**RENDERED, **dict.fromkeys(OF_TASKS, NUMBER)}
    yield from _texts((), data, {**RENDERED, **dict.fromkeys(OF_WORKFLOWS, NUMBER)})
    for name, item in data.get("vars", {}).items():
        fields = item if isinstance(item, Mapping) else {"text": item}
        forms = {"text": TEXT, "cwd": TEXT, "env": TEXT, **build_action(fields).rendered()}
        for text in _texts(("vars", name), fields, forms):
            yield text if isinstance(item, Mapping) else text._replace(path=("vars", name))
    defaults = task_defaults(data)
    yield from _texts((), data, RENDERED)
    yield from _texts(
        ("default_args",), {**data.get("default_args", {}), "shell": defaults.get("shell", "sh")}, RENDERED
    )
    for section in ("tasks", "templates"):
        for name, fields in data.get(section, {}).items():
            keys = matrix_names(fields["matrix"]) if "matrix" in fields else _broken_axes(raw[section][name])
            both = {**defaults, **fields}
            forms = {**build_action(both).rendered(), "with": TEXT, **of_tasks}
            own = names_of(raw[section][name], "params") if section == "tasks" else frozenset[str]()
            if "workflow" in fields:
                forms["params"] = TEXT
                own = frozenset()
            for text in _texts((section, name), {**fields, "shell": both.get("shell", "sh")}, forms):
                yield text._replace(matrix=keys, params=own)
            if "matrix" in fields and isinstance(label := fields.get(_LABEL), str):
                yield _Text((section, name, _LABEL), label, TEXT, keys, is_label=True)


def _secrets(data: Fields) -> Iterator[str]:
    """Yield the names of all secrets: one task's are kept from all templates."""
    for fields in (
        data,
        data.get("default_args", {}),
        *data.get("tasks", {}).values(),
        *data.get("templates", {}).values(),
    ):
        for secret in fields.get("secrets", ()):
            yield secret if isinstance(secret, str) else secret["name"]


def _broken_axes(task: Any) -> frozenset[str]:
    """Return the keys of a matrix that was taken out because it breaks the schema, which has been said."""
    matrix = task.get("matrix") if isinstance(task, Mapping) else None
    return frozenset(map(str, matrix)) if isinstance(matrix, Mapping) else frozenset()


def _texts(path: Path, fields: Fields, forms: Mapping[str, Form]) -> Iterator[_Text]:
    """Yield the texts to be rendered among the keys of a task, in order of the table."""
    for key, form in forms.items():
        if key not in fields:
            continue
        if form is CONDITIONS:
            for place, condition in enumerate(fields[key]):
                yield from _condition_texts((*path, key, place), condition, fields)
        elif form is EXPRESSION and isinstance(fields[key], Mapping):
            yield from _condition_texts((*path, key), fields[key], fields)
        else:
            for at, text in _texts_in((*path, key), fields[key]):
                if form is EXPRESSION or has_template(text):
                    yield _Text(at, text, form)


def _condition_texts(path: Path, condition: Any, fields: Fields) -> Iterator[_Text]:
    """Yield the texts of a condition, which is run by the shell of its task."""
    forms = build_condition(condition, fields.get("shell", "sh")).rendered()
    if not isinstance(condition, str):
        yield from _texts(path, condition, forms)
    elif has_template(condition):
        yield _Text(path, condition, forms["command"])


def _texts_in(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    """Yield a text, or those in a list or map, with the path of each."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping | list):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            if isinstance(item, str):
                yield (*path, key), item
            elif isinstance(item, Mapping):
                yield from _texts_in((*path, key), item)


def _word_length(text: str, offset: int) -> int:
    found = re.compile(r"[\w.]+|\S").match(text, offset)
    return len(found.group()) if found else 1
