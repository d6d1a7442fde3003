"""From a task and the state of its run to an attempt that can be started: rendering, environment, paths, secrets.

Rendered once per attempt, just before its start. What a task printed is data, so a queued command (`Task.literal`) is
taken as it is, and `with` values enter a declared template as values.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from airexec.attempt.attempt import Live
from airexec.attempt.environment import airexec_variables, cwd_by_pwd, own_path
from airexec.attempt.executor import Executor
from airexec.attempt.spec import AttemptSpec
from airexec.scheduler.events import Because
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.state import Run, TaskState
from airexec.secrets.names import Secrets
from airexec.secrets.plain_data import masked
from airexec.state.layout import RunFolder
from airexec.state.timestamps import to_iso
from airexec.workflow.model import Plan, Task
from airexec.workflow.template.templates import Templates, has_template


class Attempts:
    """Prepares the attempts of one run."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        caller: Mapping[str, str],
        secrets: Secrets,
        results: "Callable[[Run], Mapping[str, Any]] | None" = None,
    ) -> None:
        """`plan` is what the user wrote, while that of the run has its secrets masked. `caller` is the environment that
        airexec was started with; `results` makes `tasks` for templates.

        Raises UsageError for a bad env file.
        """
        self._results = results or Results
        self._folder = folder
        self._secrets = secrets
        self._workflow = plan.workflow
        self._tasks = plan.tasks
        self._params = plan.params
        self._home = os.path.dirname(self._workflow.path)
        self._templates = Templates()
        self._env_files: dict[str, Mapping[str, str]] = {}
        caller = {**caller, "PATH": own_path(caller), **self._read_env_files(self._workflow.env_file)}
        self._cwd_by_pwd = cwd_by_pwd(caller)
        self._visible = {name: value for name, value in caller.items() if name not in secrets.values}
        """The environment of all attempts, as far as it is known now."""
        self._workflow_env: Sequence[Mapping[str, str]] = (self._workflow.env, self._workflow.default_env)
        """The layers above that, where one of them has to be rendered for each attempt anew."""
        if not any(has_template(value) for layer in self._workflow_env for value in layer.values()):
            self._visible = {**self._visible, **self._workflow.env, **self._workflow.default_env}
            self._workflow_env = ()
        self._folders: dict[tuple[str, str], str] = {}
        """Working directories, by how they are written for the workflow and the task."""
        self._of_run: Mapping[str, Any] = {}
        """What templates see of the run, whatever the task."""
        self.mask_text = secrets.mask_text
        self.has_secrets = bool(secrets.values)
        """Whether there is anything to hide; becomes true with the first `::mask`."""

    # --- what the loop asks -------------------------------------------------------------------------------------------

    def refusal(self, run: Run, state: TaskState, attempt: int) -> Because | None:
        """Return why the task is skipped by its `when`, or None. Raises TemplateError."""
        task = self._as_written(state.task)
        if task.when is None:
            return None
        context = self._context(run, task, attempt)
        self._environment(task, context)
        return None if self._templates.evaluate(task.when, context) else Because("when", self.mask_text(task.when))

    def spec(self, run: Run, state: TaskState, attempt: int) -> AttemptSpec:
        """Return the attempt with everything rendered. Raises TemplateError, and UsageError for its env files."""
        task = self._as_written(state.task)
        context = self._context(run, task, attempt)
        env = self._environment(task, context)
        argv = task_argv(task) if task.literal else self._argv(task, context)
        env.update(self._secrets.values)
        env.update(self._own_variables(run, task.id, attempt, env))
        cwd = self._cwd(task, context)
        if cwd != self._cwd_by_pwd:
            env["PWD"] = cwd
        return AttemptSpec(task.id, attempt, argv, env, cwd, self._folder.log(task.id, attempt), task.background)

    def live(self, run: Run, state: TaskState, spec: AttemptSpec) -> Live:
        return Live(spec, state.task.queue, self._workflow)

    def read_side_channels(self, live: Live) -> Iterable[tuple[str, str]]:
        """Take what the attempt wrote into its queue and output files; return (level, message) for the user."""
        queue_file, output_file = live.spec.env["AIREXEC_QUEUE"], live.spec.env["AIREXEC_OUTPUT"]
        if not os.access(queue_file, os.F_OK) and not os.access(output_file, os.F_OK):  # nearly always
            return ()
        notices = []
        for number, line in _lines(queue_file):
            taken = live.queue(f"queue file line {number}", line)
            if taken.notice is not None:
                notices.append(taken.notice)
        for number, line in _lines(output_file):
            live.output(f"output file line {number}", line)
        return notices

    def hide(self, live: Live, secret: str, processes: Executor) -> str | None:
        """Hide a value that an attempt has named by `::mask`; return why that cannot be, the first time only."""
        self.has_secrets = True
        problem = processes.mask(secret)
        if problem is None or live.told_mask:
            return None
        live.told_mask = True
        return problem

    def check_secrets(self, batch: Iterable[Task]) -> None:
        """Refuse queued tasks that hold the value of a secret: it would end up in the journal. Raises
        SpliceRejectedError."""
        if not self.has_secrets:
            return
        problems = [
            f"task '{task.id}' holds the value of a secret; give it by `secrets:` and use the variable"
            for task in batch
            if self.mask_value(task) != task
        ]
        if problems:
            raise SpliceRejectedError(problems)

    def mask_value(self, value: Any) -> Any:
        """Return plain data with secrets hidden in it, those that tasks have named by `::mask` included."""
        return masked(value, self.mask_text) if self.has_secrets else value

    # --- rendering ----------------------------------------------------------------------------------------------------

    def _argv(self, task: Task, context: Mapping[str, Any]) -> tuple[str, ...]:
        render = self._templates.render
        if isinstance(task.command, str) and task.args is None:
            return (*task.shell, self._templates.render_shell(task.command, context, task.shell))
        return tuple(render(word, context) for word in task_argv(task))

    def _cwd(self, task: Task, context: Mapping[str, Any]) -> str:
        written = self._workflow.cwd, task.cwd or ""
        if not task.literal:
            written = self._templates.render(written[0], context), self._templates.render(written[1], context)
        if written not in self._folders:
            self._folders[written] = os.path.normpath(os.path.join(self._home, *written))
        return self._folders[written]

    def _as_written(self, task: Task) -> Task:
        return self._tasks.get(task.id, task)

    def _context(self, run: Run, task: Task, attempt: int) -> dict[str, Any]:
        if not self._of_run:
            self._of_run = {
                "params": self._params,
                "tasks": self._results(run),
                "run": {"id": run.run_id, "started_at": to_iso(run.created_at)},
                "job": {"name": self._workflow.name},
            }
        own = {"id": task.id, "attempt": attempt}
        return {**self._of_run, "env": {}, "task": own, "matrix": task.matrix, "with": task.with_}

    # --- environment --------------------------------------------------------------------------------------------------

    def _environment(self, task: Task, context: dict[str, Any]) -> dict[str, str]:
        """Merge the layers of DESIGN §3, later wins. Each is rendered with those before it as `env`, but no secret."""
        env = dict(self._visible)
        context["env"] = env
        for layer in self._workflow_env:
            env.update(self._rendered(layer, context))
        if task.env_file:
            env.update(self._read_env_files(task.env_file))
        if task.env:
            env.update(task.env if task.literal else self._rendered(task.env, context))
        return env

    def _rendered(self, layer: Mapping[str, str], context: Mapping[str, Any]) -> Mapping[str, str]:
        return {name: self._templates.render(value, context) for name, value in layer.items()}

    def _read_env_files(self, paths: Sequence[str]) -> dict[str, str]:
        merged: dict[str, str] = {}
        for path in paths:
            if path not in self._env_files:
                from airexec.attempt.env_files import read_env_file

                self._env_files[path] = read_env_file(os.path.join(self._home, path), shown_as=path)
            merged.update(self._env_files[path])
        return merged

    def _own_variables(self, run: Run, task_id: str, attempt: int, env: Mapping[str, str]) -> Mapping[str, str]:
        queue_file, output_file = self._folder.side_files(task_id, attempt)
        return airexec_variables(
            job=self._workflow.name,
            run=run.run_id,
            task=task_id,
            attempt=attempt,
            queue_file=queue_file,
            output_file=output_file,
            caller=env,
        )


class Results(Mapping[str, Any]):
    """`tasks` in a template: id to outputs, status and exit code, made only when asked for."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, task_id: str) -> Mapping[str, Any]:
        state = self._run.tasks[task_id]
        return {"outputs": state.outputs, "status": str(state.status), "exit_code": state.exit_code}

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.tasks)

    def __len__(self) -> int:
        return len(self._run.tasks)


def task_argv(task: Task) -> tuple[str, ...]:
    """Return the argv of a task as written: a shell text after its shell, or the program and its arguments."""
    if isinstance(task.command, tuple):
        return (*task.command, *(task.args or ()))
    if task.args is not None:
        return (task.command, *task.args)
    return (*task.shell, task.command)


def _lines(path: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a side-channel file with their 1-based numbers, nothing when it was never written.

    The file is removed: what counts of it goes into the journal, and it may hold secrets as they are.
    """
    try:
        file = open(path, encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below
    except OSError:
        return
    with file:
        with suppress(OSError):
            os.unlink(path)
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line
