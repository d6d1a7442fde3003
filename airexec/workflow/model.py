"""What the user wrote, as values: a workflow, its tasks, its templates. Knows nothing of runs.

Field names are the keys of the workflow file, so that there is one word per thing in file, schema and code
(`with_` is the key `with`, a Python keyword). Everything is resolved: `default_args` are merged in, durations are
seconds, matrices are expanded, paths are as written.

These are NamedTuples, not dataclasses: a dataclass costs about 0.9 ms at import, a NamedTuple 0.1 ms, and every
`airexec run` imports this module. Treat mappings in them as frozen.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from airexec.workflow.actions.command import Command
from airexec.workflow.actions.condition import Condition

Action = Command
"""What an attempt of a task does: the closed union of the classes in `airexec.workflow.actions`."""


class TriggerRule(StrEnum):
    """Airflow's names; what each decides stands in `airexec.scheduler.trigger_rules`."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_SKIPPED = "all_skipped"
    ONE_FAILED = "one_failed"
    ONE_SUCCESS = "one_success"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ALWAYS = "always"


class SpliceMoment(StrEnum):
    """When the `::queue` lines of an attempt enter the graph (key `queue.when`)."""

    END = "end"
    LINE = "line"


class Dependency(NamedTuple):
    """One item of `dependencies`; with `allow_failure` a failure of `task` counts as success on this edge."""

    task: str
    allow_failure: bool = False
    order_only: bool = False
    """That it has run is no reason to run."""
    from_files: bool = False
    """The task reads what the upstream makes, so its sources say whether it has to run."""


class Secret(NamedTuple):
    """One item of `secrets`: the name of a variable; without an `optional` one there is no run."""

    name: str
    optional: bool = False


class EnvFile(NamedTuple):
    """One item of `env_file`; an `optional` one may be missing."""

    path: str
    optional: bool = False


class QueuePermission(NamedTuple):
    """What a task may queue. `templates` is None for anything (`queue: true`), else the only templates allowed."""

    templates: tuple[str, ...] | None = None
    when: SpliceMoment = SpliceMoment.END


class QueueLimits(NamedTuple):
    """Key `queue_limits`: how many tasks one task and one run may queue, and how long a chain of emitters may be."""

    per_task: int = 10_000
    per_run: int = 100_000
    depth: int = 10_000


class Overlap(StrEnum):
    """Key `overlap`: what becomes of a tick of the schedule that comes while a run of the job is at work."""

    SKIP = "skip"
    QUEUE = "queue"


class Schedule(NamedTuple):
    """Keys `schedule`, `timezone`, `start_date`, `catchup` and `overlap`: when a job manager starts the workflow."""

    cron: str
    """Five fields, or a name such as `@daily`."""
    timezone: str = "UTC"
    start_date: float | None = None
    """Unix seconds: no tick before it counts. None: from when a manager first sees the schedule."""
    catchup: bool = False
    overlap: Overlap = Overlap.SKIP


class Trigger(NamedTuple):
    """An item of `triggers`: what else starts a run. Either `job` or `files` says something."""

    job: str = ""
    state: str = "completed"
    """How its run must have ended: `completed`, `failed`, `cancelled`, or `ended` however."""
    files: tuple[str, ...] = ()
    """Globs, relative to the folder of the workflow file."""
    settle: float = 2.0
    """Seconds that a file must have stayed as it is."""
    param: str = ""
    """Gets the paths, or the run id of the job; empty: nothing does."""


class Location(NamedTuple):
    """A place in what the user wrote, for messages."""

    file: str
    """Absolute path; empty: the workflow's own file, so that a plan of many tasks does not repeat it."""
    line: int
    """1-based, as `column`; a column is one character."""
    column: int = 1


class Task(NamedTuple):
    """A task as written, as expanded from a matrix, as queued, or (with the template's name as id) a template."""

    id: str
    action: Action
    params: Mapping[str, Mapping[str, Any]] = {}
    """Those that the task has for itself, as `Workflow.params`: known in its templates, asked for where it runs."""
    dependencies: tuple[Dependency, ...] = ()
    after: tuple[str, ...] = ()
    """Tasks that have ended before this one is decided, where they are in the run as well: order without need."""
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS
    when: str | Condition | None = None
    """A text is an expression."""
    preconditions: tuple[Condition, ...] = ()
    env: Mapping[str, str] = {}
    env_file: tuple[EnvFile, ...] = ()
    cwd: str | None = None
    secrets: tuple[Secret, ...] = ()
    retries: int = 0
    retry_delay: float = 0.0
    retry_exponential_backoff: float = 1.0
    max_retry_delay: float | None = None
    retry_on: tuple[int, ...] = ()
    """Exit codes worth a retry; empty: every failure is."""
    execution_timeout: float | None = None
    pool: str | None = None
    pool_slots: int = 1
    priority_weight: int = 1
    allow_failure: bool | tuple[int, ...] = False
    """Whether its failure is tolerated; a tuple: if it is one with these exit codes."""
    skip_on_exit_code: tuple[int, ...] = ()
    """Exit codes that skip the task."""
    queue: QueuePermission | None = None
    matrix: Mapping[str, Any] = {}
    """The values of this instance, not the table that it was expanded from."""
    label: str = ""
    """What an instance of a matrix is called for people, beside its id: `map_index_template`, rendered."""
    sources: tuple[str, ...] = ()
    """Globs of the files that it reads, from its working directory."""
    generates: tuple[str, ...] = ()
    """Globs of the files that it makes."""
    atomic: str = ""
    """The one of them that is written as `$AIREXEC_OUT`, and takes its name when the task succeeds."""
    depfile: str = ""
    """A file in which the task names further files that it has read, as compilers do."""
    cache_key: str = ""
    """A text that makes the task run when it is another one."""
    manual: bool = False
    """Runs only when it is named or needed."""
    background: bool = False
    """`background: allow`: what the attempt leaves in its process group may live on."""
    description: str = ""
    tags: tuple[str, ...] = ()
    numbers: Mapping[str, str] = {}
    """Templates of keys that are numbers, by key; in a plan only templates of the workflow have some left."""
    template: str | None = None
    """The template that the task was made from."""
    with_: Mapping[str, Any] = {}
    """Its arguments: of a task of the file as written, so a text may be a template; of a queued one, values."""
    literal: bool = False
    """The command was printed by a task, so it is data: no field of this task is ever rendered."""
    detached: bool = False
    """Queued with `detached: true`: what is downstream of the emitter does not wait for it."""
    scope: str = ""
    """The name of the scope that it belongs to; empty: that of the workflow's own file."""
    location: Location | None = None
    """Where its key stands in the file; None for queued tasks. Excluded from comparison of definitions."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The commands that are asked before it does its work, in order: `when` first, for who is to be skipped needs
        nothing else."""
        return (
            self.preconditions if self.when is None or isinstance(self.when, str) else (self.when, *self.preconditions)
        )

    @property
    def is_private(self) -> bool:
        """Whether its name begins with `_`: it is for other tasks, and not listed."""
        return any(part.startswith("_") for part in self.id.partition("[")[0].split("."))

    @property
    def says_what(self) -> bool:
        """Whether it says anything of what it reads and makes, so that it may be up to date."""
        return bool(self.sources or self.generates or self.depfile or self.cache_key)


class Var(NamedTuple):
    """An item of `vars`: a text, or what a command prints. Worked out once, when a run begins that needs it."""

    text: str = ""
    action: Action | None = None
    """None: the text is all there is."""
    cwd: str | None = None
    env: Mapping[str, str] = {}
    timeout: float = 60.0
    """Seconds that the command may take."""


class Argument(NamedTuple):
    """What a template takes in `with`."""

    is_required: bool = True
    schema: Mapping[str, Any] = {}
    """What its value must be, with the default if there is one; empty: anything."""


EnvLayer = Mapping[str, str] | tuple[EnvFile, ...]
"""Variables, or env files."""


class Node(NamedTuple):
    """A whole file as one node of another: what its tasks have in common, before the params of a run are known."""

    path: str
    """Absolute, of the file."""
    outer: str = ""
    """The scope that the node stands in; empty: the workflow's own file."""
    given: Mapping[str, Any] = {}
    """Its params as the outer file writes them: a text may be a template over the outer params and `matrix`."""
    matrix: Mapping[str, Any] = {}
    when: str | None = None
    """An expression in the outer scope: where it is false, all tasks of the node are skipped."""
    params: Mapping[str, Mapping[str, Any]] = {}
    """As `Workflow.params`, of its file; so are all that follow."""
    vars: Mapping[str, Var] = {}
    env: tuple[EnvLayer, ...] = ()
    cwd: str = "."
    secrets: tuple[Secret, ...] = ()
    default_args: Mapping[str, Any] = {}


class IncludedFile(NamedTuple):
    """A further file that a workflow was read from."""

    path: str
    """Absolute."""
    digest: str = ""
    """Of its content (`digest.content_digest`); empty: it could not be read."""


class FileAxis(NamedTuple):
    """An axis `{files: …}` of a matrix, as it was when the workflow was read."""

    folder: str
    """Absolute: what the globs are relative to."""
    globs: tuple[str, ...]
    files: tuple[str, ...]
    """What they matched, sorted; below the folder relative to it."""


class Workflow(NamedTuple):
    """A checked workflow file, every matrix expanded; `tasks` and `templates` keep the order of the file."""

    name: str
    path: str
    """Absolute path of the file."""
    tasks: Mapping[str, Task]
    templates: Mapping[str, Task] = {}
    description: str = ""
    params: Mapping[str, Mapping[str, Any]] = {}
    """Name to JSON Schema; a bare value in the file is `{type: inferred, default: value}`; no `default`: required."""
    vars: Mapping[str, Var] = {}
    env: Mapping[str, str] = {}
    default_env: Mapping[str, str] = {}
    """`default_args.env`, between the workflow's `env` and the task's `env_file` in precedence."""
    env_file: tuple[EnvFile, ...] = ()
    secrets: tuple[Secret, ...] = ()
    cwd: str = "."
    """Relative to the folder of the workflow file."""
    max_active_tasks: int | None = None
    max_active_runs: int = 1
    """So many runs of the job may be at work at once."""
    fail_fast: bool = False
    dagrun_timeout: float | None = None
    pools: Mapping[str, int] = {}
    schedule: Schedule | None = None
    triggers: tuple[Trigger, ...] = ()
    queue_limits: QueueLimits = QueueLimits()
    default: tuple[str, ...] = ()
    """What a run takes that names no tasks: ids, also bare ids of a matrix; empty: every task that is not manual."""
    default_args: Mapping[str, Any] = {}
    """What every task gets that does not set it itself, in the keys and forms of the file: `default_args` without
    `env` (that is `default_env`) and with the workflow's `shell`. For `build_task` of queued tasks."""
    groups: Mapping[str, tuple[str, ...]] = {}
    """Bare id of a matrix task to the ids of its instances, in order of expansion."""
    axes: tuple[FileAxis, ...] = ()
    """The axes of matrices that came from files."""
    arguments: Mapping[str, Mapping[str, Argument]] = {}
    """By template and name what it takes in `with`; a template that is not there takes anything."""
    nodes: Mapping[str, Node] = {}
    """Whole files that are nodes of this one, by the name of their scope, outer ones first."""
    files: tuple[IncludedFile, ...] = ()
    """The further files that it was read from."""
    numbers: Mapping[str, str] = {}
    """As of tasks: `max_active_tasks` and `dagrun_timeout`; a plan has none left."""
    unexpanded: Mapping[str, Task] = {}
    """The tasks as they are written, if a matrix has an axis that a param says: `matrix` of each is its table, where
    such an axis is a text, `label` the template, and dependencies are bare ids. Empty where no task has one."""

    @property
    def has_vars(self) -> bool:
        """Whether it, or a node of it, has any."""
        return bool(self.vars) or any(node.vars for node in self.nodes.values())

    def vars_of(self, scope: str) -> Mapping[str, Var]:
        """Return the `vars` of a scope, by name, in order of its file."""
        return self.nodes[scope].vars if scope else self.vars


class Scope(NamedTuple):
    """What the tasks of one file have in common. A run may consist of several files, each with a scope of its own."""

    folder: str
    """Absolute; what paths in the file are relative to."""
    params: Mapping[str, Any] = {}
    """The value of each param."""
    vars: Mapping[str, str] = {}
    """The value of each var that the run needs."""
    env: tuple[EnvLayer, ...] = ()
    """Layers of the environment above that of the caller and below those of the task; later wins."""
    cwd: str = "."


class Plan(NamedTuple):
    """One run as decided before it starts: the workflow, the tasks selected from it, and the settings that apply."""

    workflow: Workflow
    tasks: Mapping[str, Task]
    """The selected tasks and all that they need, in order of the file."""
    params: Mapping[str, Any]
    max_active_tasks: int
    fail_fast: bool = False
    shuffle: int | None = None
    """Seed that replaces longest path and file order when choosing among ready tasks."""
    durations: Mapping[str, float] = {}
    """Seconds that a task took in earlier runs, where known."""
    scopes: Mapping[str, Scope] = {}
    """Of further files, by name."""
    vars: Mapping[str, str] = {}
    """The values of those vars of the workflow that the run needs, worked out when it began."""
    root: str = ""
    """The folder that holds the state, absolute; with the project it may have been moved since."""
    args: tuple[str, ...] = ()
    """The words behind `--` on the command line: `args` in every template."""

    @property
    def file(self) -> str:
        """The workflow file, relative to the root if it is below it; else absolute."""
        return self.workflow.path.removeprefix(f"{self.root}/") if self.root else self.workflow.path

    def moved_to(self, root: str) -> "Plan":
        """Return the plan of a project that now lies at `root`: what lay below the old root lies below the new one."""
        if self.root in ("", root):
            return self

        def moved(path: str) -> str:
            inside = path == self.root or path.startswith(f"{self.root}/")
            return root + path[len(self.root) :] if inside else path

        def moved_tasks(tasks: Mapping[str, Task]) -> Mapping[str, Task]:
            return {
                name: task._replace(location=task.location._replace(file=moved(task.location.file)))
                if task.location is not None and task.location.file
                else task
                for name, task in tasks.items()
            }

        workflow = self.workflow._replace(
            path=moved(self.workflow.path),
            nodes={name: node._replace(path=moved(node.path)) for name, node in self.workflow.nodes.items()},
        )
        if workflow.files:
            workflow = workflow._replace(
                files=tuple(file._replace(path=moved(file.path)) for file in workflow.files),
                tasks=moved_tasks(workflow.tasks),
                templates=moved_tasks(workflow.templates),
            )
        return self._replace(
            workflow=workflow,
            tasks=moved_tasks(self.tasks) if workflow.files else self.tasks,
            scopes={name: scope._replace(folder=moved(scope.folder)) for name, scope in self.scopes.items()},
            root=root,
        )

    def secret_names(self) -> list[str]:
        """Return the secrets that the workflow, its tasks and templates name, each once, in that order."""
        names = dict.fromkeys(secret.name for secret in self.workflow.secrets)
        for task in (*self.tasks.values(), *self.workflow.templates.values()):
            if task.secrets:
                names.update(dict.fromkeys(secret.name for secret in task.secrets))
        return list(names)

    def scope(self, name: str) -> Scope:
        """Return the scope of this name; the empty name is that of the workflow's own file."""
        if name:
            return self.scopes[name]
        workflow = self.workflow
        env = (workflow.env_file, workflow.env, workflow.default_env)
        return Scope(workflow.path.rpartition("/")[0] or "/", self.params, self.vars, env, workflow.cwd)


def secrets_named(workflow: Workflow, task: Task) -> tuple[Secret, ...]:
    """Return the secrets that a task sees; one of a further file has those of its file among its own."""
    return task.secrets if task.scope else (*workflow.secrets, *task.secrets)


def params_of(workflow: Workflow, tasks: Iterable[Task], scope: str = "") -> dict[str, Mapping[str, Any]]:
    """Return the schema of each param that a run of these tasks has: those of the file, then those of the tasks of a
    scope."""
    found = dict(workflow.params)
    for task in tasks:
        if task.params and task.scope == scope:
            found.update(task.params)
    return found


def default_ids(workflow: Workflow) -> frozenset[str]:
    """Return the ids of the tasks that `default` names, all instances for the bare id of a matrix."""
    return frozenset(task_id for name in workflow.default for task_id in workflow.groups.get(name, (name,)))


def same_definition(first: Task, second: Task) -> bool:
    """Return whether two tasks are the same work; where they stand in a file, and who takes them, does not matter."""
    return first._replace(location=None, manual=False) == second._replace(location=None, manual=False)
