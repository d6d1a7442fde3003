"""From a task to an attempt that can be started: rendering, environment, paths. It needs no run, only `Surroundings`.

Rendered once per attempt, just before its start. What a task printed is data, so a queued command (`Task.literal`) is
taken as it is, and `with` values enter a declared template as values.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from airexec.attempt.environment import Environment, airexec_variables, cwd_by_pwd, own_path
from airexec.attempt.kinds import kind_of
from airexec.attempt.spec import AttemptSpec, Files
from airexec.scheduler.events import Because
from airexec.scheduler.state import Run, TaskState
from airexec.state.layout import RunFolder
from airexec.state.timestamps import to_iso
from airexec.workflow.actions.forms import EXPRESSION, RENDERED, Form
from airexec.workflow.model import Plan, Scope, SpliceMoment, Task
from airexec.workflow.template.templates import Templates

Surroundings = Mapping[str, Any]
"""What templates see of the run around an attempt: `run`, a map of its `id` and `started_at`; `tasks`, by id a map of
the `outputs`, `status` and `exit_code` of each, which may be lazy."""


class Preparation:
    """Prepares the attempts of one plan."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        caller: Mapping[str, str],
        secrets: Mapping[str, str] = {},
        mask: Callable[[str], str] = str,
    ) -> None:
        """`plan` is what the user wrote, while that of the run has its secrets masked. `caller` is the environment that
        airexec was started with; `mask` hides the values of `secrets`, given by the names of their variables.

        Raises UsageError for a bad env file.
        """
        self._plan = plan
        self._folder = folder
        self._secrets = secrets
        self._secret_names = _names_of_secrets(plan, secrets)
        self._mask = mask
        self._templates = Templates()
        self._caller = {**caller, "PATH": own_path(caller)}
        self._cwd_by_pwd = cwd_by_pwd(caller)
        self._scopes: dict[str, tuple[Scope, Environment]] = {}
        self._folders: dict[tuple[str, bool, str | None], str] = {}
        """Working directories without templates, by scope, whether the task is data, and what the task says."""
        self._job = {"name": plan.workflow.name}
        self._scope("")

    def refusal(self, task: Task, number: int, surroundings: Surroundings) -> Because | None:
        """Return why the task is skipped by its `when` instead of attempt `number`, or None. Raises TemplateError."""
        task = self._as_written(task)
        if task.when is None:
            return None
        context = self._context(task, number, surroundings)
        is_true = self._templates.evaluate(task.when, context)
        return None if is_true else Because("when", self._mask(task.when))

    def spec(self, task: Task, number: int, surroundings: Surroundings) -> AttemptSpec:
        """Return attempt `number` with everything rendered. Raises TemplateError, and UsageError for its env files."""
        task = self._as_written(task)
        context = self._context(task, number, surroundings)
        kind = kind_of(task.action)
        argv = task.action.argv() if task.literal else kind.prepare(task.action, self._rendering(context))
        queue_file, output_file = self._folder.side_files(task.id, number)
        env = context["env"]
        if self._secrets:
            known = (*self._plan.workflow.secrets, *task.secrets)
            env.update({name: value for name, value in self._secrets.items() if name in known})
        env.update(
            airexec_variables(
                job=self._plan.workflow.name,
                run=surroundings["run"]["id"],
                task=task.id,
                attempt=number,
                queue_file=queue_file,
                output_file=output_file,
                caller=env,
            )
        )
        cwd = self._cwd(task, context)
        files = self._files(task, context, cwd) if task.says_what else None
        if files is not None and files.atomic is not None:
            env["AIREXEC_OUT"] = files.atomic[0]
        if cwd != self._cwd_by_pwd:
            env["PWD"] = cwd
        return AttemptSpec(
            task.id,
            number,
            argv,
            env,
            cwd,
            self._folder.log(task.id, number),
            task.background,
            queue_file,
            output_file,
            task.queue is not None and task.queue.when is SpliceMoment.LINE,
            files,
            kind.listener,
        )

    def _as_written(self, task: Task) -> Task:
        return self._plan.tasks.get(task.id, task)

    def _scope(self, name: str) -> tuple[Scope, Environment]:
        if name not in self._scopes:
            scope = self._plan.scope(name)
            self._scopes[name] = scope, Environment(self._caller, scope, self._secret_names)
        return self._scopes[name]

    def _context(self, task: Task, number: int, surroundings: Surroundings) -> dict[str, Any]:
        """Return what the templates of a task see. `env` is filled layer by layer, each seeing those before it."""
        scope, environment = self._scope(task.scope)
        env: dict[str, str] = {}
        context = {
            **surroundings,
            "params": scope.params,
            "job": self._job,
            "env": env,
            "task": {"id": task.id, "attempt": number},
            "matrix": task.matrix,
            "with": task.with_,
        }
        environment.merge(task, env, lambda key, texts: self._rendered(key, texts, context))
        return context

    def _rendered(self, key: str, texts: Iterable[str], context: Mapping[str, Any]) -> list[str]:
        render, form = self._rendering(context), RENDERED[key]
        return [render(text, form) for text in texts]

    def _rendering(self, context: Mapping[str, Any]) -> Callable[[str, Form], str]:
        """Return what renders a text in a form; the value of an expression is no text (see `refusal`)."""

        def render(text: str, form: Form) -> str:
            assert form is not EXPRESSION
            if form.shell:
                return self._templates.render_shell(text, context, form.shell)
            return self._templates.render(text, context)

        return render

    def _files(self, task: Task, context: Mapping[str, Any], cwd: str) -> Files:
        def rendered(key: str, texts: Iterable[str]) -> list[str]:
            return list(texts) if task.literal else self._rendered(key, texts, context)

        _, environment = self._scope(task.scope)
        env: Mapping[str, str] = context["env"]
        names = environment.declared(task, lambda key, texts: self._rendered(key, texts, context))
        known = (*self._plan.workflow.secrets, *task.secrets)
        depfile, cache_key, atomic = (
            rendered(key, [text])[0]
            for key, text in (
                ("depfile", task.depfile),
                ("cache_key", task.cache_key),
                ("generates", task.atomic),
            )
        )
        return Files(
            sources=tuple(rendered("sources", task.sources)),
            generates=tuple(rendered("generates", task.generates)),
            depfile=os.path.normpath(os.path.join(cwd, depfile)) if depfile else "",
            cache_key=cache_key,
            env={name: env[name] for name in sorted(names) if name in env and name not in self._secrets},
            secrets={name: value for name, value in self._secrets.items() if name in known},
            atomic=_beside(os.path.normpath(os.path.join(cwd, atomic))) if atomic else None,
        )

    def _cwd(self, task: Task, context: Mapping[str, Any]) -> str:
        key = (task.scope, task.literal, task.cwd)
        if (known := self._folders.get(key)) is not None:
            return known
        scope, _ = self._scope(task.scope)
        written = (scope.cwd, task.cwd or "")
        (of_file,) = self._rendered("cwd", written[:1], context)
        (of_task,) = written[1:] if task.literal else self._rendered("cwd", written[1:], context)
        cwd = os.path.normpath(os.path.join(scope.folder, of_file, of_task))
        if (of_file, of_task) == written:
            self._folders[key] = cwd
        return cwd


def _beside(product: str) -> tuple[str, str]:
    """Return the path beside a product that an attempt writes, and the product."""
    folder, name = os.path.split(product)
    return f"{folder}/.{name}.airexec", product


def check_environment(plan: Plan, caller: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Raise UsageError for what a run of the plan could not begin with: a bad env file of its own. Reads them anew, so
    that it can be asked before there is a run."""
    Environment(caller, plan.scope(""), _names_of_secrets(plan, secrets))


def _names_of_secrets(plan: Plan, secrets: Iterable[str]) -> frozenset[str]:
    """Return the variables that only those may see who name them, also those of tasks that are not in the plan."""
    names = set(secrets)
    for task in plan.workflow.tasks.values():
        if task.secrets:
            names.update(task.secrets)
    return frozenset(names)


class Results(Mapping[str, Any]):
    """`tasks` in a template: id to outputs, status and exit code, made only when asked for. By the bare id of a matrix
    each of the three is a list, in order of its instances."""

    def __init__(
        self, run: Run, outputs: Callable[[TaskState], Mapping[str, Any]] = lambda state: state.outputs
    ) -> None:
        self._run = run
        self._outputs = outputs

    def __getitem__(self, task_id: str) -> Mapping[str, Any]:
        if (state := self._run.tasks.get(task_id)) is not None:
            return self._of(state)
        if self._run.plan is None:
            raise KeyError(task_id)
        instances = self._run.plan.workflow.groups[task_id]
        several = [self._of(self._run.tasks[one]) for one in instances if one in self._run.tasks]
        return {key: [each[key] for each in several] for key in ("outputs", "status", "exit_code")}

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.tasks)

    def __len__(self) -> int:
        return len(self._run.tasks)

    def _of(self, state: TaskState) -> Mapping[str, Any]:
        return {"outputs": self._outputs(state), "status": str(state.status), "exit_code": state.exit_code}


def surroundings_of(run: Run) -> Surroundings:
    """Return what templates see of a run that has started, also of what it becomes."""
    return surroundings(run.run_id, run.created_at, Results(run))


def surroundings(run_id: str, started_at: float, results: Mapping[str, Any]) -> Surroundings:
    """Return what templates see of a run; `started_at` is in Unix seconds."""
    return {"run": {"id": run_id, "started_at": to_iso(started_at)}, "tasks": results}
