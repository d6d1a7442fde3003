"""What may stand in the place of the word that somebody is typing. Whatever is wrong, there is nothing to propose."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from airexec.errors import AirexecError
from airexec.workflow.model import Workflow, params_of

Proposal = tuple[str, str]
"""(value, what it is about); the value ends in `=` where more has to follow."""

RUNS_MAX = 50


def split_line(line: str) -> list[str]:
    """Return the words of a line up to the cursor, the last one as far as it is typed; quotes may be open."""
    for end in ("", "'", '"'):
        with suppress(ValueError):
            words = shlex.split(f"{line}{end}")
            return words if line[-1:].strip() or end else [*words, ""]
    return [line]


def proposals(words: Sequence[str]) -> Iterator[Proposal]:
    """Yield what may stand in the place of the last of the words behind `airexec`."""
    *before, current = words
    with suppress(AirexecError, OSError):
        for value, about in _Line(before, current).proposals():
            if value.startswith(current):
                yield value, " ".join(about.split())


class _Line:
    def __init__(self, before: Sequence[str], current: str) -> None:
        self._current = current
        self._before = list(before)
        self._file: str | None = None
        self._take_globals()
        self._command = self._before[0] if self._before else None

    def _take_globals(self) -> None:
        """Go where `-C` says, and remember the file of `-f`: they may stand in front of the command."""
        import os

        while len(self._before) > 1 and self._before[0] in ("-C", "-f"):
            option, value, *self._before = self._before
            if option == "-C":
                os.chdir(value)
            else:
                self._file = value

    def proposals(self) -> Iterable[Proposal]:
        from airexec.cli.application import COMMANDS, help_of_command, parameters_of

        if self._command is None:
            return [(name, _first_line(str(help_of_command(name)))) for name in COMMANDS]
        if self._command not in COMMANDS:
            return ()
        parameters = parameters_of(self._command)
        if self._command in ("run", "watch") and "--" in self._before:
            return ()  # whatever the task takes
        shown = [parameter for parameter in parameters if not getattr(parameter, "hidden", False)]
        options = {name: parameter for parameter in shown for name in (*parameter.opts, *parameter.secondary_opts)}
        previous = self._before[-1] if len(self._before) > 1 else ""
        if previous in options and previous.startswith("-") and not options[previous].is_flag:
            return self._values(options[previous])
        if self._current.startswith("-"):
            named = [(name, it) for name, it in options.items() if name.startswith("--") or self._current == name]
            return [(name, it.help or "") for name, it in named if name.startswith("-")]
        return self._arguments(parameters)

    def _values(self, option: Any) -> Iterable[Proposal]:
        """Return the values of an option."""
        if choices := getattr(option.type, "choices", None):
            return [(str(choice), "") for choice in choices]
        by_name: Mapping[str, Callable[[], Iterable[Proposal]]] = {
            "--param": self._params,
            "--job": self._jobs,
            "--run": self._runs,
            "--template": self._templates,
            "--tag": self._tags,
            "--from": self._files_of_other_tools,
        }
        return next((by_name[name]() for name in option.opts if name in by_name), ())

    def _arguments(self, parameters: Sequence[Any]) -> Iterable[Proposal]:
        command = self._command
        if command in ("run", "watch", "clean"):
            return self._tasks()
        if command in ("resume", "status", "history"):
            return self._jobs()
        if command in ("logs", "why", "reset"):
            return [*self._tasks_of_run(), *self._jobs()]
        if command == "help":
            from airexec.cli.application import COMMANDS
            from airexec.cli.commands.help import TOPICS, about

            return [*((topic, about(topic)) for topic in TOPICS), *((name, "") for name in COMMANDS)]
        arguments = [it for it in parameters if it.param_type_name == "argument"]
        return [(str(one), "") for it in arguments for one in getattr(it.type, "choices", ())]

    # --- what there is ------------------------------------------------------------------------------------------------

    def _workflow(self) -> Workflow:
        from airexec.state.layout import find_state_dir
        from airexec.state.workflow_cache import WorkflowCache
        from airexec.workflow.find import find_file, is_path, is_stream

        named = [word for word in self._before[1:] if is_path(word)]
        if "-f" in self._before[1:-1]:
            named = [self._before[self._before.index("-f") + 1]]
        path = find_file(named[0] if named else self._file)
        if is_stream(path):
            raise AirexecError("it can be read only once")
        return WorkflowCache(find_state_dir(path), path).read().workflow

    def _tasks(self) -> Iterator[Proposal]:
        """Yield names of tasks; private ones to those who have begun with `_`."""
        workflow = self._workflow()
        listed = [task for task in workflow.tasks.values() if not task.is_private or self._current.startswith("_")]
        ids = {task.id for task in listed}
        for name, instances in workflow.groups.items():
            if not ids.isdisjoint(instances):
                yield name, f"all {len(instances)} of its matrix"
        for task in listed:
            yield task.id, task.description

    def _tags(self) -> list[Proposal]:
        counts: dict[str, int] = {}
        for task in self._workflow().tasks.values():
            for tag in task.tags:
                counts[tag] = counts.get(tag, 0) + 1
        return [(tag, "1 task" if count == 1 else f"{count} tasks") for tag, count in counts.items()]

    def _templates(self) -> list[Proposal]:
        return [(task.id, task.description) for task in self._workflow().templates.values()]

    def _params(self) -> Iterator[Proposal]:
        name, equals, _ = self._current.partition("=")
        workflow = self._workflow()
        for known, schema in params_of(workflow, workflow.tasks.values()).items():
            if not equals:
                yield f"{known}=", str(schema.get("description", ""))
            elif name == known:
                values = schema.get("enum", ("true", "false") if schema.get("type") == "boolean" else ())
                yield from ((f"{name}={value}", "") for value in values)

    def _files_of_other_tools(self) -> list[Proposal]:
        from pathlib import Path

        from airexec.cli.commands.adopt import readable

        return [(str(path), "") for path in readable(Path())]

    def _jobs(self) -> list[Proposal]:
        from airexec.reading.folders import job_names, state_fields
        from airexec.state.layout import JobFolder, find_state_dir

        state_dir = find_state_dir("-")
        jobs = [JobFolder(state_dir, name) for name in job_names(state_dir)]
        return [(job.name, str(state_fields(job).get("state", ""))) for job in jobs]

    def _job(self) -> Any:
        from airexec.reading.finding import find_job
        from airexec.reading.folders import job_names
        from airexec.state.layout import find_state_dir

        known = job_names(find_state_dir("-"))
        named = [word for word in self._before[1:] if word in known]
        return find_job("", named[0] if named else None)

    def _runs(self) -> list[Proposal]:
        return [("latest", ""), *((run_id, "") for run_id in self._job().run_ids()[:RUNS_MAX])]

    def _tasks_of_run(self) -> list[Proposal]:
        """Return the tasks of the newest run, going by its view: it is there at once, however long the journal."""
        from json import loads

        try:
            with open(self._job().tasks_file, "rb") as file:
                tasks = loads(file.read())
            return [(str(task["id"]), str(task["status"])) for task in tasks]
        except (AirexecError, OSError, ValueError, KeyError, TypeError):
            return []


def _first_line(help_text: str) -> str:
    """Return what a command does, from its help."""
    lines = [line.strip() for line in help_text.splitlines()[1:]]
    return next((line for line in lines if line), "")
