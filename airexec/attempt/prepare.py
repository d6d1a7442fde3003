"""From a task to an attempt that can be started: rendering, environment, paths. It needs no run, only `Surroundings`.

Rendered once per attempt, just before its start. What a task printed is data, so a queued command (`Task.literal`) is
taken as it is, and `with` values enter a declared template as values.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from airexec.attempt.environment import Environment, airexec_variables, cwd_by_pwd, own_path
from airexec.attempt.kinds import kind_of
from airexec.attempt.spec import AttemptSpec, ConditionSpec, Files
from airexec.errors import UsageError
from airexec.scheduler.events import Because
from airexec.scheduler.state import Run, TaskState
from airexec.state.layout import RunFolder
from airexec.state.timestamps import to_iso
from airexec.workflow.actions.forms import CONDITIONS, EXPRESSION, RENDERED, TEXT, Form
from airexec.workflow.model import Plan, Scope, SpliceMoment, Task, params_of, secrets_named
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates, has_template

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
        mask: Callable[[str], str] = str,
        hide: Callable[[str], str | None] | None = None,
    ) -> None:
        """`plan` is what the user wrote, while that of the run has its secrets masked. `caller` is the environment that
        airexec was started with; `mask` masks secrets in a text. `hide` makes it do so for a value from here on, and
        returns why that cannot be; without it nothing is going to start, so secrets may be missing.

        Raises UsageError for a bad env file.
        """
        self._plan = plan
        self._folder = folder
        self._secret_names = _names_of_secrets(plan)
        self._mask = mask
        self._hide = hide
        self._templates = Templates()
        self._caller = {**caller, "PATH": own_path(caller)}
        self._cwd_by_pwd = cwd_by_pwd(caller)
        self._scopes: dict[str, tuple[Scope, Environment]] = {}
        self._folders: dict[tuple[str, bool, str | None], str] = {}
        """Working directories without templates, by scope, whether the task is data, and what the task says."""
        self._job = {"name": plan.workflow.name}
        self._args = list(plan.args)
        self._own_params = params_of(plan.workflow, plan.tasks.values()).keys() - plan.workflow.params.keys()
        """Those that only some tasks have."""
        self._scope("")

    def refusal(self, task: Task, number: int, surroundings: Surroundings) -> Because | None:
        """Return why the task is skipped by the expression `when` instead of attempt `number`, or None.

        A `when` that is a command is a part of the attempt. Raises TemplateError.
        """
        task = self._as_written(task)
        if task.scope and (because := self._refused_node(task.scope, surroundings)) is not None:
            return because
        if not isinstance(task.when, str):
            return None
        context, _ = self._context(task, number, surroundings)
        is_true = self._templates.evaluate(task.when, context)
        return None if is_true else Because("when", self._mask(task.when))

    def _refused_node(self, name: str, surroundings: Surroundings) -> Because | None:
        """Return why a whole node is skipped: by its own `when`, or that of one around it."""
        node = self._plan.workflow.nodes.get(name)
        if node is None:
            return None
        if node.outer and (because := self._refused_node(node.outer, surroundings)) is not None:
            return because
        if node.when is None:
            return None
        scope, environment = self._scope(node.outer)
        env: dict[str, str] = {}
        context = {**self._of_scope(node.outer, scope, surroundings), "env": env, "matrix": node.matrix}
        environment.merge_scope(env, lambda key, texts: self._rendered(key, texts, context))
        return None if self._templates.evaluate(node.when, context) else Because("when", self._mask(node.when))

    def _of_scope(self, name: str, scope: Scope, surroundings: Surroundings) -> dict[str, Any]:
        """Return what all templates of a scope see."""
        around = {**surroundings, "params": scope.params, "vars": scope.vars, "args": self._args, "job": self._job}
        return {**around, "tasks": ResultsBelow(surroundings["tasks"], name)} if name else around

    def spec(self, task: Task, number: int, surroundings: Surroundings) -> AttemptSpec:
        """Return attempt `number` with everything rendered. Raises TemplateError, and UsageError for its env files."""
        task = self._as_written(task)
        context, found = self._context(task, number, surroundings)
        kind = kind_of(task.action)
        argv = task.action.argv() if task.literal else kind.prepare(task.action, self._rendering(context))
        queue_file, output_file = self._folder.side_files(task.id, number)
        env = context["env"]
        secrets = self._secrets(task, found, env)
        env.update(secrets)
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
        files = self._files(task, context, cwd, secrets) if task.says_what else None
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
            tuple(self._conditions(task, context)) if task.conditions else (),
        )

    def _as_written(self, task: Task) -> Task:
        return self._plan.tasks.get(task.id, task)

    def _scope(self, name: str) -> tuple[Scope, Environment]:
        if name not in self._scopes:
            scope = self._plan.scope(name)
            self._scopes[name] = scope, Environment(self._caller, scope, self._secret_names)
        return self._scopes[name]

    def _secrets(self, task: Task, found: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
        """Return the secrets of a task by name, out of those that are `found`. Raises UsageError for what is missing or
        cannot be hidden.

        One that only a queued task names is still a variable like others.
        """
        named = secrets_named(self._plan.workflow, task)
        if not named:
            return {}
        known = {
            it.name: found.get(it.name) or "" if it.name in self._secret_names else env.get(it.name, "") for it in named
        }
        values = {name: value for name, value in known.items() if value}
        if self._hide is None:
            return values
        from airexec.secrets.names import refuse_missing, refuse_short

        refuse_missing({it.name: () for it in named if it.name not in values and not it.optional}, env)
        refuse_short(values.items())
        for name, value in values.items():
            if (problem := self._hide(value)) is not None:
                raise UsageError(f"secret '{name}' cannot be masked: {problem}")
        return values

    def _context(self, task: Task, number: int, surroundings: Surroundings) -> tuple[dict[str, Any], dict[str, str]]:
        """Return what the templates of a task see, and the values of secrets, which they do not. `env` is filled layer
        by layer, each seeing those before it."""
        scope, environment = self._scope(task.scope)
        env: dict[str, str] = {}
        context = {
            **self._of_scope(task.scope, scope, surroundings),
            "params": scope.params if task.scope or not self._own_params else self._params_of(task, scope.params),
            "env": env,
            "task": {"id": task.id, "attempt": number},
            "matrix": task.matrix,
            "with": task.with_,
        }
        if task.with_ and task.id in self._plan.tasks:  # else it was queued, and is data
            self._fill(task, context, environment)
        secrets = environment.merge(task, env, lambda key, texts: self._rendered(key, texts, context))
        return context, secrets

    def _fill(self, task: Task, context: dict[str, Any], environment: Environment) -> None:
        """Render the arguments of a template that a task of the file is made of: they see the scope's environment."""
        written, env = context["with"], context["env"]
        if not any(isinstance(value, str) and has_template(value) for value in written.values()):
            return
        environment.merge_scope(env, lambda key, texts: self._rendered(key, texts, context))
        known = self._plan.workflow.arguments.get(task.template or "", {})
        texts = {name for name, argument in known.items() if argument.schema.get("type") == "string"}
        context["with"] = {
            name: self._templates.render(value, context)
            if name in texts and isinstance(value, str)
            else self._templates.value(value, context)
            for name, value in written.items()
        }
        if any(argument.schema for argument in known.values()):
            from airexec.workflow.arguments import wrong_values

            for _, problem in wrong_values(context["with"], known, are_written=False):
                raise TemplateError(f"template '{task.template}': {problem}")

    def _params_of(self, task: Task, params: Mapping[str, Any]) -> Mapping[str, Any]:
        hidden = self._own_params - task.params.keys()
        return {name: value for name, value in params.items() if name not in hidden}

    def _rendered(self, key: str, texts: Iterable[str], context: Mapping[str, Any]) -> list[str]:
        render, form = self._rendering(context), RENDERED[key]
        return [render(text, form) for text in texts]

    def _rendering(self, context: Mapping[str, Any]) -> Callable[[str, Form], str]:
        """Return what renders a text in a form; the value of an expression is no text (see `refusal`)."""

        def render(text: str, form: Form) -> str:
            assert form not in (EXPRESSION, CONDITIONS)
            if form.shell:
                return self._templates.render_shell(text, context, form.shell)
            return self._templates.render(text, context)

        return render

    def _conditions(self, task: Task, context: Mapping[str, Any]) -> Iterator[ConditionSpec]:
        render = self._rendering(context)
        for condition in task.conditions:
            action, message = condition.action, condition.message
            if condition.literal:
                argv = action.argv()
            else:
                argv, message = kind_of(action).prepare(action, render), render(message, TEXT)
            first, *more = action.as_lines(argv) or [""]
            text = f"{'! ' if condition.negate else ''}{first}{' …' if more else ''}"
            is_when = condition is task.when
            yield ConditionSpec(argv, text, is_when, message, condition.negate, condition.timeout)

    def _files(self, task: Task, context: Mapping[str, Any], cwd: str, secrets: Mapping[str, str]) -> Files:
        def rendered(key: str, texts: Iterable[str]) -> list[str]:
            return list(texts) if task.literal else self._rendered(key, texts, context)

        _, environment = self._scope(task.scope)
        env: Mapping[str, str] = context["env"]
        names = environment.declared(task, lambda key, texts: self._rendered(key, texts, context))
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
            env={name: env[name] for name in sorted(names) if name in env and name not in secrets},
            secrets=secrets,
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


def check_environment(plan: Plan, caller: Mapping[str, str]) -> None:
    """Raise UsageError for what a run of the plan could not begin with: a bad env file of its own. Reads them anew, so
    that it can be asked before there is a run."""
    Environment(caller, plan.scope(""), _names_of_secrets(plan))


def _names_of_secrets(plan: Plan) -> frozenset[str]:
    """Return the variables that only those may see who name them, also those of tasks that are not in the plan."""
    names = set(plan.secret_names())
    for task in plan.workflow.tasks.values():
        if task.secrets:
            names.update(secret.name for secret in task.secrets)
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
        workflow = self._run.plan.workflow
        if task_id in workflow.nodes:
            return self._of_node(task_id)
        if nodes := [name for name in workflow.nodes if name.startswith(f"{task_id}[") and name.endswith("]")]:
            several = [self._of_node(name) for name in nodes]
            return {"outputs": [dict(one["outputs"]) for one in several], "status": [one["status"] for one in several]}
        several = [self._of(self._run.tasks[one]) for one in workflow.groups[task_id] if one in self._run.tasks]
        return {key: [each[key] for each in several] for key in ("outputs", "status", "exit_code")}

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.tasks)

    def __len__(self) -> int:
        return len(self._run.tasks)

    def _of_node(self, name: str) -> Mapping[str, Any]:
        """Return what a node has made, and how it has ended: as its worst task."""
        below = ResultsBelow(self, name)
        statuses = {below[task]["status"] for task in below}
        worst = "failed" if statuses & {"failed", "upstream_failed", "cancelled"} else "completed"
        return {"outputs": OutputsBelow(self, name), "status": "skipped" if statuses == {"skipped"} else worst}

    def _of(self, state: TaskState) -> Mapping[str, Any]:
        return {"outputs": self._outputs(state), "status": str(state.status), "exit_code": state.exit_code}


class ResultsBelow(Mapping[str, Any]):
    """`tasks` in a template of a node's file: its tasks by the names that they have there."""

    def __init__(self, results: Mapping[str, Any], node: str) -> None:
        self._results = results
        self._prefix = f"{node}."

    def __getitem__(self, task_id: str) -> Any:
        return self._results[f"{self._prefix}{task_id}"]

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self._prefix) for name in self._results if name.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class OutputsBelow(Mapping[str, Any]):
    """`outputs` of a node: those of its tasks, by the names that they have in their file."""

    def __init__(self, results: Mapping[str, Any], node: str) -> None:
        self._below = ResultsBelow(results, node)

    def __getitem__(self, task_id: str) -> Any:
        return self._below[task_id]["outputs"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._below)

    def __len__(self) -> int:
        return len(self._below)


def surroundings_of(run: Run) -> Surroundings:
    """Return what templates see of a run that has started, also of what it becomes."""
    return surroundings(run.run_id, run.created_at, Results(run))


def surroundings(run_id: str, started_at: float, results: Mapping[str, Any]) -> Surroundings:
    """Return what templates see of a run; `started_at` is in Unix seconds."""
    return {"run": {"id": run_id, "started_at": to_iso(started_at)}, "tasks": results}
