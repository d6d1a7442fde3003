"""The folder `incoming/` of a job: each file in it is a task, or a list of tasks, that somebody wants added.

Files are written beside and renamed in, so each is whole, nobody ever writes over another one, and none is lost. One is
removed when all of its tasks are in the journal. What cannot be taken stays, and is told.
"""

import os
from contextlib import suppress

from airexec.orders.found import Found
from airexec.orders.shared_file import read_file
from airexec.orders.texts import UnreadableTextError, decoded, read_entries, read_task
from airexec.scheduler.state import Run
from airexec.state.layout import JobFolder
from airexec.workflow.model import Task, Workflow, same_definition


class Incoming:
    """What lies in that folder. Raises no OSError."""

    def __init__(self, job: JobFolder, workflow: Workflow) -> None:
        self._folder = job.incoming
        self._workflow = workflow
        self._files: dict[str, Found] = {}
        """What each file holds, by its name: they do not change."""

    def look(self, run: Run) -> Found:
        """Return the tasks of all files, in order of their names."""
        names = incoming_names(self._folder)
        self._files = {name: self._files.get(name) or self._read(name) for name in names}
        found = self._files.values()
        return Found(
            tuple(task for one in found for task in one.tasks),
            {id_: place for one in found for id_, place in one.places.items()},
            tuple(problem for one in found for problem in one.problems),
        )

    def taken(self, run: Run) -> None:
        """Remove the files of which nothing is left to do."""
        for name, found in list(self._files.items()):
            if not found.problems and all(_is_in(run, task) for task in found.tasks):
                with suppress(OSError):
                    os.unlink(f"{self._folder}/{name}")
                del self._files[name]

    def _read(self, name: str) -> Found:
        shown = f"incoming/{name}"
        try:
            entries = read_entries(decoded(read_file(f"{self._folder}/{name}")))
        except OSError as error:
            return Found(problems=(f"{shown}: cannot be read: {error.strerror}",))
        except UnreadableTextError as error:
            return Found(problems=(f"{shown}:{error.line}:{error.column}: {error}",))
        tasks, places, problems = [], {}, []
        for entry in entries:
            place = f"{shown}:{entry.line}:{entry.column}"
            try:
                task = read_task(entry, self._workflow)
            except ValueError as error:
                problems.append(f"{place}: {error}")
            else:
                tasks.append(task)
                places[task.id] = place
        return Found(tasks, places, tuple(problems))


def incoming_names(folder: str) -> list[str]:
    """Return the files of such a folder, sorted; those that begin with a dot are about to be written."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(name for name in names if not name.startswith(".") and name.endswith(".json"))


def _is_in(run: Run, task: Task) -> bool:
    return task.id in run.tasks and same_definition(run.tasks[task.id].task, task)
