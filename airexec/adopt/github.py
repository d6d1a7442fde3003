"""Reads a workflow of GitHub Actions: each job becomes a task, its steps one script for bash.

What only GitHub can do (actions, services, its contexts) is said where it stood. A step or job whose condition is not
known here does not run by itself: better nothing than a deployment.
"""

import re
from collections.abc import Collection, Mapping
from shlex import quote
from typing import Any

from airexec.adopt.document import read_map, text_of, texts_of
from airexec.adopt.draft import NOTHING, Draft, DraftTask, literal
from airexec.workflow.yaml.source import Source

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KNOWN = (
    *("name", "runs-on", "needs", "steps", "env", "strategy", "timeout-minutes", "if", "continue-on-error", "defaults"),
    *("uses", "with", "services", "container"),
)
_GITHUB = ("sha", "ref", "ref_name", "repository", "actor", "run_id", "run_number", "event_name", "workspace")
"""What is in the environment on GitHub, as GITHUB_SHA and so on."""
_RULES = {"always()": "all_done", "!cancelled()": "all_done", "failure()": "one_failed", "success()": ""}
_CRON = re.compile(r"[\d*/,A-Za-z-]+( [\d*/,A-Za-z-]+){4}")


def is_github(data: Mapping[str, Any]) -> bool:
    """Return whether a YAML file is a workflow of GitHub."""
    return isinstance(data.get("jobs"), dict)


def read_github(source: Source) -> Draft:
    """Return the jobs as tasks. Raises WorkflowError for what is no workflow of GitHub."""
    data = read_map(source)
    jobs = {name: job for name, job in data.get("jobs", {}).items() if isinstance(job, dict)}
    fields: dict[str, Any] = {"shell": "bash"}
    lost: list[str] = [key for key in ("permissions", "concurrency") if key in data]
    params, events = _inputs(data), _events(data)
    tasks = tuple(_Job(name, job, data, params).task() for name, job in jobs.items())
    if params:
        fields["params"] = params
    whole = _Job("", {"steps": []}, {}, params)
    env, renamed = whole.environment(data.get("env"))
    if env:
        fields["env"] = env
    if whole.secrets:
        fields["secrets"] = whole.secrets
    lost += [*whole.lost, *(f"env {name}: the secret {secret} under this name" for name, secret in renamed.items())]
    crons = [it["cron"] for it in events.pop("schedule", None) or () if isinstance(it, dict) and "cron" in it]
    if crons and _CRON.fullmatch(str(crons[0])):
        fields["schedule"] = str(crons.pop(0))
    lost += [f"on schedule: {cron}" for cron in crons]
    events.pop("workflow_dispatch", None)
    lost += [f"on: {', '.join(events)}"] if events else []
    return Draft(source.shown_as.rpartition("/")[2], _without_conditional(tasks), "", fields, (), tuple(lost))


def _without_conditional(tasks: tuple[DraftTask, ...]) -> tuple[DraftTask, ...]:
    """Return jobs that do not take along those that run on a condition alone, which nothing here can ask."""
    conditional = {task.name for task in tasks if task.fields.get("manual")}
    found = []
    for task in tasks:
        if not task.fields.get("manual") and (gone := [name for name in task.dependencies if name in conditional]):
            rest = tuple(name for name in task.dependencies if name not in conditional)
            lost = (*task.lost, *(f"needs: {name}, which would run without its condition" for name in gone))
            task = task._replace(dependencies=rest, lost=lost)
        found.append(task)
    return tuple(found)


def _events(data: Mapping[str, Any]) -> dict[str, Any]:
    events = data.get("on", {})
    return dict(events) if isinstance(events, dict) else dict.fromkeys(texts_of(events))


def _inputs(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of somebody who starts it by hand, as params."""
    params: dict[str, Any] = {}
    for name, fields in ((_events(data).get("workflow_dispatch") or {}).get("inputs") or {}).items():
        fields = fields if isinstance(fields, dict) else {}
        name = name.replace("-", "_")
        default = fields.get("default", False if fields.get("type") == "boolean" else "")
        if _WORD.fullmatch(name) and isinstance(default, str | bool | int | float):
            options = fields.get("options")
            is_choice = isinstance(options, list) and default in options
            params[name] = {"default": default, "enum": options} if is_choice else default
    return params


class _Told:
    """A text of GitHub's in our words, and what of it could not be said."""

    def __init__(
        self, text: str, axes: Mapping[str, bool], params: Collection[str], *, in_script: bool = False
    ) -> None:
        self.lost: list[str] = []
        self.secrets: list[str] = []
        self._axes, self._params, self._in_script = axes, params, in_script
        parts, end = [], 0
        for found in _EXPRESSION.finditer(text):
            parts += [literal(text[end : found.start()]), self._value(found[0], found[1])]
            end = found.end()
        self.text = "".join([*parts, literal(text[end:])])

    def _value(self, written: str, expression: str) -> str:
        context, _, name = expression.removeprefix("github.event.").partition(".")
        if context in ("matrix", "inputs"):
            name = name.replace("-", "_")
        if context == "matrix" and name in self._axes:
            return f"{{{{ matrix.{name} }}}}" if self._axes[name] else f"{{{{ matrix.{name} | default('') }}}}"
        if context == "inputs" and name in self._params:
            return f"{{{{ params.{name} }}}}"
        if context == "env" and _WORD.fullmatch(name):
            return f"${{{name}}}" if self._in_script else f"{{{{ env.{name} }}}}"
        if self._in_script and context == "secrets" and _WORD.fullmatch(name):
            self.secrets.append(name)
            return f"${{{name}}}"
        if self._in_script and context == "github" and name in _GITHUB:
            return f"${{GITHUB_{name.upper()}:?}}"  # only GitHub sets it: better no command than one with a gap
        self.lost.append(written)
        return ""


class _Job:
    def __init__(self, name: str, job: Mapping[str, Any], workflow: Mapping[str, Any], params: Collection[str]) -> None:
        self._name = name
        self._job = job
        self._params = params
        self._axes: dict[str, bool] = {}
        """The keys of the matrix: whether each instance has the key."""
        self.lost: list[str] = []
        self._remarks: list[str] = []
        self.secrets: list[str] = []
        self._fields: dict[str, Any] = {}
        self._defaults = {**_run_defaults(workflow), **_run_defaults(job)}
        self._steps = [step for step in job.get("steps") or () if isinstance(step, dict)]

    def task(self) -> DraftTask:
        job, fields = self._job, self._fields
        if isinstance(title := job.get("name"), str) and title.strip() and title != self._name:
            fields["description"] = " ".join(_EXPRESSION.sub(lambda it: it[1].rpartition(".")[2], title).split())
        self._take_condition()
        self._take_matrix()
        actions = [_action(it) for it in (job, *self._steps) if "uses" in it]
        actions = [it for it in actions if not re.fullmatch(r"actions/checkout@\S+", it)]  # the files are here
        self.lost += [f"uses: {it}" for it in dict.fromkeys(actions)]
        self._take_services()
        self._take_steps()
        if self.secrets:
            fields["secrets"] = list(dict.fromkeys(self.secrets))
        minutes = job.get("timeout-minutes")
        if isinstance(minutes, int | float) and 0 < minutes < 100_000:
            fields["execution_timeout"] = f"{minutes:g}m"
        if job.get("continue-on-error") is True:
            fields["allow_failure"] = True
        self.lost += [key for key in job if key not in _KNOWN]
        needs, lost = tuple(texts_of(job.get("needs"))), tuple(dict.fromkeys(self.lost))
        return DraftTask(self._name, fields, needs, (), tuple(self._remarks), lost)

    def _take_condition(self) -> None:
        if "if" not in self._job:
            return
        condition = text_of(self._job["if"]).strip()
        plain = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", condition)
        if plain in _RULES:
            if rule := _RULES[plain]:
                self._fields["trigger_rule"] = rule
            return
        self.lost.append(f"if: {condition}; so it runs only when it is named or needed")
        self._fields["manual"] = True

    def _take_services(self) -> None:
        services = self._job.get("services")
        for name, service in services.items() if isinstance(services, dict) else ():
            image = service.get("image", "") if isinstance(service, dict) else service
            self.lost.append(f"service {name}: {image}; it has to be running")
        container = self._job.get("container")
        if container:
            self.lost.append(f"container: {container.get('image') if isinstance(container, dict) else container}")

    # --- the matrix ---------------------------------------------------------------------------------------------------

    def _take_matrix(self) -> None:
        strategy = self._job.get("strategy")
        matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
        if not isinstance(matrix, dict):
            self.lost += [f"matrix: {text_of(matrix)}"] if matrix else []
            return
        kept: dict[str, Any] = {}
        extra = {key: _plain_maps(matrix.get(key)) for key in ("include", "exclude")}
        for axis, values in ((axis.replace("-", "_"), values) for axis, values in matrix.items()):
            if axis in extra:
                if extra[axis] is None:
                    self.lost.append(f"matrix {axis}: {_short(values)}")
            elif not isinstance(values, list) or not values or not all(map(_is_scalar, values)) or not _is_word(axis):
                self.lost.append(f"matrix {axis}: {_short(values)}")
            elif self._is_place(axis) and not extra["include"] and not extra["exclude"]:
                self.lost.append(f"runs-on: {', '.join(map(text_of, values))}; everything runs on this machine")
            else:
                kept[axis] = list(dict.fromkeys(values))
        axes = set(kept)
        kept.update({key: maps for key, maps in extra.items() if maps})
        kept["exclude"] = [it for it in kept.get("exclude", ()) if set(it) <= axes]
        if not kept["exclude"]:
            del kept["exclude"]
        if kept:
            self._fields["matrix"] = kept
        added = {key for it in kept.get("include", ()) for key in it if _is_word(key)}
        self._axes = {name: name in axes for name in sorted(axes | added)}

    def _is_place(self, axis: str) -> bool:
        """Return whether an axis only says which machine it is."""
        place = re.fullmatch(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", text_of(self._job.get("runs-on")))
        used = f"{[it for it in self._steps if 'run' in it]}{self._job.get('env')}"
        return place is not None and place[1].replace("-", "_") == axis and f"matrix.{place[1]}" not in used

    # --- the steps ----------------------------------------------------------------------------------------------------

    def _take_steps(self) -> None:
        """Make a script of the steps. What all of them have in common is the task's, such as the only step's folder."""
        steps = [step for step in self._steps if "run" in step]
        env, renamed = self.environment(self._job.get("env"))
        own = [self.environment(step.get("env")) for step in steps]
        seen: dict[str, set[str]] = {}
        for variables, _ in own:
            for name, value in variables.items():
                seen.setdefault(name, {env[name]} if name in env else set()).add(value)
        sure = [set(it) for step, (it, _) in zip(steps, own, strict=True) if not _is_doubtful(step.get("if"))]
        in_all = set.intersection(*sure) if sure else set()
        common = {name: values.pop() for name, values in seen.items() if len(values) == 1 and name in in_all}
        env |= common
        folders = {text_of(it.get("working-directory", self._defaults.get("working-directory"))) for it in steps}
        folder = folders.pop() if len(folders) == 1 else ""
        if folder and not (told := self._told(folder)).lost:
            self._fields["cwd"] = told.text
        script = [f"export {name}=${secret}" for name, secret in renamed.items()]
        for step, (variables, secrets) in zip(steps, own, strict=True):
            before = [f"export {name}={_in_shell(value)}" for name, value in variables.items() if name not in common]
            before += [f"export {name}=${secret}" for name, secret in secrets.items()]
            if script and _runs_always(step.get("if")):
                self.lost.append(f"if: {step['if']} of a step, which runs here only if those before it have succeeded")
            script += self._step(step, before, folder, is_alone=len(steps) == 1)
        if env:
            self._fields["env"] = env
        if script:
            is_empty = all(line.startswith("#") for line in script)
            self._fields["command"] = "\n".join([*script, NOTHING] if is_empty else script)

    def _told(self, text: str, *, in_script: bool = False) -> _Told:
        return _Told(text, self._axes, self._params, in_script=in_script)

    def environment(self, data: Any) -> tuple[dict[str, str], dict[str, str]]:
        """Return variables with their values, and those that have a secret of another name with that name."""
        variables: dict[str, str] = {}
        renamed: dict[str, str] = {}
        for name, value in data.items() if isinstance(data, dict) else ():
            secret = re.fullmatch(r"\$\{\{\s*secrets\.(\w+)\s*\}\}", text_of(value))
            if secret and _is_word(secret[1]) and _is_word(name):
                self.secrets.append(secret[1])
                if secret[1] != name:
                    renamed[name] = secret[1]
            elif (told := self._told(text_of(value))).lost or not _is_word(name):
                self.lost.append(f"env {name}: {_short(value)}")
            else:
                variables[name] = told.text
        return variables, renamed

    def _step(self, step: Mapping[str, Any], before: list[str], folder: str, *, is_alone: bool) -> list[str]:
        """Return the lines of a step; as comments where it cannot be known here whether or how it would run."""
        title = " ".join(text_of(step.get("name")).split())
        heading = [f"# {literal(title)}"] if title else []
        shell = text_of(step.get("shell", self._defaults.get("shell", "bash"))).split()[:1] or ["bash"]
        text = text_of(step["run"]).strip("\n")
        told = self._told(text, in_script=True)
        own = text_of(step.get("working-directory", self._defaults.get("working-directory")))
        where = self._told("" if own == folder else own)
        reasons = [f"if: {step['if']}"] if _is_doubtful(step.get("if")) else []
        reasons += [f"shell: {shell[0]}"] if shell[0] not in ("bash", "sh", "python") else []
        reasons += [f"{it} is not known here" for it in dict.fromkeys([*told.lost, *where.lost])]
        reasons += [f"${it[0]} is GitHub's" for it in [re.search(r"GITHUB_(OUTPUT|ENV|PATH)\b", text)] if it]
        if reasons:
            return [*heading, *_commented(f"not carried over: {'; '.join(reasons)}", text)]
        self.secrets += told.secrets
        lines = told.text.split("\n") if shell[0] != "python" else _python(told.text)
        before = [*before, *([f"cd {where.text}"] if where.text else [])]
        may_fail = " || true" if step.get("continue-on-error") is True else ""
        if may_fail or (before and not is_alone):
            return [*heading, "(", *before, *lines, f"){may_fail}"]
        return [*heading, *before, *lines]


def _is_doubtful(condition: Any) -> bool:
    words = text_of(condition).strip().removeprefix("${{").removesuffix("}}").strip()
    return words not in ("", "success()", "always()", "true", "!cancelled()")


def _runs_always(condition: Any) -> bool:
    return text_of(condition).strip().removeprefix("${{").removesuffix("}}").strip() in ("always()", "!cancelled()")


def _python(text: str) -> list[str]:
    """Return the lines that hand a text to Python; a template may not stand in a here-document."""
    if "{{" in text or "PYTHON" in text:
        return [f"python3 -c {quote(text)}"]
    return ["python3 - <<'PYTHON'", *text.split("\n"), "PYTHON"]


def _in_shell(value: str) -> str:
    """Return a value for the right side of an assignment; a template quotes itself."""
    return value if value.startswith("{{ ") and value.endswith(" }}") else quote(value)


def _commented(first: str, text: str) -> list[str]:
    lines = [" ".join(first.split()), *(f"  {line}" for line in text.split("\n"))]
    lines = [_EXPRESSION.sub(r"${\1}", line) for line in lines]
    return [f"# {literal(line)}".rstrip() for line in lines]


def _run_defaults(data: Mapping[str, Any]) -> dict[str, Any]:
    defaults = data.get("defaults")
    run = defaults.get("run") if isinstance(defaults, dict) else None
    return run if isinstance(run, dict) else {}


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_word(name: str) -> bool:
    return _WORD.fullmatch(name) is not None


def _plain_maps(value: Any) -> list[dict[str, Any]] | None:
    """Return a list of maps of scalars, None for anything else."""
    if not isinstance(value, list) or not value:
        return None
    is_plain = all(isinstance(it, dict) and it and all(map(_is_scalar, it.values())) for it in value)
    maps = [{key.replace("-", "_"): inner for key, inner in it.items()} for it in value] if is_plain else []
    return maps if maps and all(_is_word(key) for it in maps for key in it) else None


def _short(value: Any) -> str:
    words = " ".join((text_of(value) if not isinstance(value, list | dict) else str(value)).split())
    return words if len(words) <= 80 else f"{words[:79]}…"


def _action(step: Mapping[str, Any]) -> str:
    """Return an action with what it is given, as far as that is short."""
    given = step.get("with")
    shown = ", ".join(f"{key}: {_short(value)}" for key, value in given.items()) if isinstance(given, dict) else ""
    return f"{step['uses']} ({shown})" if shown and len(shown) <= 80 else text_of(step["uses"])
