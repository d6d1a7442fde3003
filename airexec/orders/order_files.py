"""The files of an order while a run carries it out: what others add to them is taken, how it goes is written back.

`tasks.json` and `state.json` belong to everybody who knows the folder. What others write there is looked for four times
a second, and before each write of ours. It becomes part of the run only when it has stood for SETTLE_SECONDS: whoever
writes the next order may begin with either file, and its tasks are not for the run of the present one. Once the next
order is there, both files are left alone until its own run.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from os.path import basename
from time import monotonic

from airexec.orders.found import Found
from airexec.orders.incoming import Incoming
from airexec.orders.order import BROKEN_SECONDS, Order, is_order
from airexec.orders.shared_file import SharedFile
from airexec.orders.texts import Entry, UnreadableTextError, decoded, read_entries, read_state, read_task
from airexec.scheduler.state import Run
from airexec.state.layout import JobFolder
from airexec.state.view_files import state_text, tasks_text
from airexec.workflow.model import Task, Workflow

SETTLE_SECONDS = 0.4
UNDO_SECONDS = 10.0
"""So long may the next order take from its tasks to its state."""


class OrderFiles:
    """The additions of a run that carries out an order, and the one who writes its views. Raises no OSError."""

    def __init__(self, job: JobFolder, workflow: Workflow, clock: Callable[[], float] = monotonic) -> None:
        """`workflow` is that of the job: what its tasks have in common."""
        self._job = job
        self._workflow = workflow
        self._clock = clock
        self._tasks_file = SharedFile(job.tasks_file)
        self._state_file = SharedFile(job.state_file)
        self._incoming = Incoming(job, workflow)
        self._entries: list[Entry] = []
        """Of `tasks.json`, as it was when it could last be read."""
        self._late: dict[str, Entry] = {}
        """What was written into a file that we had replaced, by id."""
        self._broken: dict[str, tuple[float, str]] = {}
        """Since when a file cannot be read, and what is wrong with it, by its name."""
        self._changed_at = -SETTLE_SECONDS
        self._theirs: tuple[float, bytes] | None = None
        """What others wrote last into `tasks.json`, and when, if it adds nothing: it may be the next order's."""
        self._created_at: dict[str, str] = {}
        """When others have written a task, by id."""
        self._ordered_at: str | None = None
        self._is_owed = False
        """A write was put off."""
        self.is_superseded = False
        """The next order is there."""

    def begin(self, run: Run, order: Order) -> None:
        """Take the files for what they were when they were read as `order`, so that nobody has to wait for them."""
        self._read(run, self._clock())
        if [entry.raw for entry in self._entries] == [entry.raw for entry in order.entries]:
            self._changed_at = -SETTLE_SECONDS
        if order.state is not None:
            self._ordered_at = order.state.created_at

    def look(self, run: Run) -> Found:
        """Return what is wanted and not in the run."""
        now = self._clock()
        self._read(run, now)
        if self.is_superseded:
            return Found(problems=run.refused_additions)
        if self._is_settling(now):
            return Found(is_settling=True)
        if self._is_owed:
            self.write(run)
        return self.wanted(run)

    def wanted(self, run: Run) -> Found:
        """Return what is wanted and not in the run, as it was read last."""
        now = self._clock()
        problems = [text for since, text in self._broken.values() if now - since >= BROKEN_SECONDS]
        tasks: list[Task] = []
        places: dict[str, str] = {}
        done = self._done(run)
        for entry, place in self._wanted(run):
            try:
                task = read_task(entry, self._workflow, done)
            except ValueError as error:
                problems.append(f"{place}: {error}")
            else:
                tasks.append(task)
                places.setdefault(task.id, place)
        dropped = self._incoming.look(run)
        return Found((*tasks, *dropped.tasks), {**dropped.places, **places}, (*problems, *dropped.problems))

    def taken(self, run: Run) -> None:
        """Let go of what is in the run by now."""
        self._late = {id_: entry for id_, entry in self._late.items() if id_ not in run.tasks}
        self._incoming.taken(run)

    def write(self, run: Run) -> None:
        """Write both files, unless others are about to; then later."""
        now = self._clock()
        self._read(run, now)
        self._is_owed = bool(self._broken) or self._is_settling(now)
        if self._is_settling(now) or self.is_superseded:
            return
        with suppress(OSError):
            if basename(self._tasks_file.path) not in self._broken:
                others = [entry.raw for entry in self._strangers(run)]
                for content in self._tasks_file.replace(tasks_text(self._job, run, self._created_at, others), now):
                    self._take_late(run, content, now)
                    self._is_owed = True
            for content in self._state_file.replace(state_text(self._job, run, self._ordered_at), now):
                if self._is_next(run, content):
                    self._state_file.replace(content.decode(), now)  # it was ours to give way
                    self._give_way(now)

    def close(self, run: Run, patience: float = 2.0) -> None:
        """Write what is still owed, and let go of the files."""
        from time import sleep

        deadline = self._clock() + patience
        while self._is_owed and not self.is_superseded and self._clock() < deadline:
            sleep(0.05)
            self.write(run)
        if not self._is_owed:  # else whoever follows us finds what is left in what we have replaced
            self._tasks_file.close()
            self._state_file.close()

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self, run: Run, now: float) -> None:
        for content in self._state_file.changed_late(now):
            if self._is_next(run, content):
                self._write_back(self._state_file, content, now)
        if (state := self._changed(self._state_file, now)) is not None and self._is_next(run, state):
            self._give_way(now)
        for content in self._tasks_file.changed_late(now):
            self._take_late(run, content, now)
        if (tasks := self._changed(self._tasks_file, now)) is not None:
            self._take(run, tasks, now)

    def _changed(self, file: SharedFile, now: float) -> bytes | None:
        name = basename(file.path)
        try:
            content = file.changed()
        except OSError as error:
            self._broken.setdefault(name, (now - BROKEN_SECONDS, f"{name}: cannot be read: {error.strerror}"))
            return None
        if content is not None:
            self._broken.pop(name, None)
        return content

    def _take(self, run: Run, content: bytes, now: float) -> None:
        self._changed_at = now
        try:
            self._entries = read_entries(decoded(content))
        except UnreadableTextError as error:
            name = basename(self._tasks_file.path)
            self._broken[name] = (now, f"{name}:{error.line}:{error.column}: {error}")
            return
        self._note(run, content, self._entries, now)

    def _take_late(self, run: Run, content: bytes, now: float) -> None:
        """Take what was written into a file that is no longer there; what can never be whole is left out."""
        with suppress(UnreadableTextError):
            entries = read_entries(decoded(content))
            self._late.update((entry.id, entry) for entry in entries if entry.id not in run.tasks)
            self._changed_at = now
            self._note(run, content, entries, now)

    def _note(self, run: Run, content: bytes, entries: list[Entry], now: float) -> None:
        adds = any(entry.id not in run.tasks for entry in entries)
        self._theirs = None if adds else (now, content)
        for entry in entries:
            if isinstance(entry.raw, dict) and isinstance(created_at := entry.raw.get("created_at"), str):
                self._created_at.setdefault(entry.id, created_at)

    def _is_next(self, run: Run, content: bytes) -> bool:
        """Return whether a `state.json` is that of another order, which has to wait for the end of this one."""
        try:
            state = read_state(decoded(content))
        except UnreadableTextError:
            return False
        if state.id == run.order:
            self._ordered_at = state.created_at or self._ordered_at
        return is_order(state, run.order)

    def _give_way(self, now: float) -> None:
        """Leave the files to the next order. Its tasks may have come before its state, and been written over by us."""
        self.is_superseded = True
        if self._theirs is not None and now - self._theirs[0] < UNDO_SECONDS:
            self._write_back(self._tasks_file, self._theirs[1], now)

    def _write_back(self, file: SharedFile, content: bytes, now: float) -> None:
        with suppress(OSError):
            if file.changed() is None:
                file.replace(content.decode(), now)

    def _is_settling(self, now: float) -> bool:
        return now - self._changed_at < SETTLE_SECONDS

    # --- what is there ------------------------------------------------------------------------------------------------

    def _strangers(self, run: Run) -> Iterator[Entry]:
        """Yield the entries that are no tasks of the run, each once."""
        ids: set[str] = set()
        for entry in (*self._entries, *self._late.values()):
            if entry.id and (entry.id in run.tasks or (entry.id in ids and entry.id in self._late)):
                continue
            ids.add(entry.id)
            yield entry

    def _wanted(self, run: Run) -> Iterator[tuple[Entry, str]]:
        name = basename(self._tasks_file.path)
        for entry in self._strangers(run):
            if entry.is_pending:
                yield entry, f"{name}:{entry.line}:{entry.column}"

    def _done(self, run: Run) -> frozenset[str]:
        """Return what others have done, so that nobody has to wait for it."""
        return frozenset(entry.id for entry in self._entries if entry.id not in run.tasks and entry.has_ended_well)
