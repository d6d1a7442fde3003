"""The loop of `airexec watch`: look what has changed, run, wait. Each run is a process of its own, `airexec run`.

That something happened comes from the system; what has changed is found by comparing how the files were and are, so
nothing depends on which events come, or how many. Whether a change makes anything run is for the run to find out. A run
that goes on is told at once: it ends a task whose files have changed, and starts it anew. What else the change makes
stale is done by the next run.
"""

import os
import select
import signal
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, time_ns
from typing import NamedTuple

from airexec.errors import AirexecError, UsageError
from airexec.fresh.files import Facts, digest_of, facts_of
from airexec.run.changes import PIPE, SIGNALS
from airexec.run.options import RunOptions
from airexec.run.planning import make_plan, read_workflow
from airexec.state.layout import JobFolder, find_state_dir
from airexec.watch.events import Happenings
from airexec.watch.ignored import ignored_by_git
from airexec.watch.interest import Interest, interest_of, joined
from airexec.workflow.diagnostics import WorkflowError

_FOLDER_FILES_MAX = 1_000
"""Files of a new folder that are looked at where any file matters."""
_QUIET_SECONDS = 0.1
"""Nothing has changed for so long before a run begins, but when it goes on and on for longer than:"""
_UNQUIET_SECONDS = 2.0
_NAMED_MAX = 3
_HABIT = 3
"""Runs in a row in which a file changes that no task names, before it is taken for something that they make."""
_RUNS_IN_A_ROW = 10
"""So many runs for nothing but what has changed while we ran, before we wait for a change from outside."""
_LATE_NS = 500_000_000
"""So long after a run we may hear of what was removed in it."""
_EDITORS = (".swp", ".swx", ".swo", "~", ".tmp", ".part", ".DS_Store")
"""How the names of files end that editors write beside."""
_EDITORS_BEGIN = (".#", "#", "4913", ".goutputstream")


class _Happened(NamedTuple):
    """Something has happened at these paths; text: what is wrong with watching."""

    where: Collection[str] | str


class _Ended(NamedTuple):
    """The run is over."""

    code: int


class _Signalled(NamedTuple):
    """Somebody wants us to end."""

    number: int


class _Running:
    """A run that goes on, and the pipe by which it is told of changes."""

    def __init__(self, command: Sequence[str], folder: str, tell: Callable[[_Ended], None]) -> None:
        """Raises OSError."""
        theirs, self._pipe = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until it can answer them
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs,),
                env={**os.environ, PIPE: str(theirs)},
                process_group=0,  # or Ctrl-C would reach it twice, and the second one kills
            )
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os.close(theirs)
        os.set_blocking(self._pipe, False)
        Thread(target=lambda: tell(_Ended(_exit_code(self._process.wait()))), daemon=True).start()

    def look(self) -> None:
        """Have it look at what its tasks read."""
        with suppress(OSError):  # it is ending, or has been told more often than it has looked
            os.write(self._pipe, b"\n")

    def signal(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.send_signal(signal.SIGCONT)  # a stopped one would not hear of it

    def close(self) -> None:
        os.close(self._pipe)


def _exit_code(returncode: int) -> int:
    """Return an exit code as shells have it, where a process was killed by a signal as well."""
    return returncode if returncode >= 0 else 128 - returncode


class Watching:
    """Runs a workflow, and again whenever what it reads has changed."""

    def __init__(self, options: RunOptions, command: Sequence[str], say: Callable[[str], None]) -> None:
        """`options`: of each run, as `command` has them: a whole command line."""
        self._folder = os.getcwd()
        """What paths are relative to; it may go and come again."""
        absolute = {
            name: os.path.abspath(value)
            for name in ("workflow", "params_file", "state_dir")
            if (value := getattr(options, name)) is not None
        }
        self._typed, self._options = options, options._replace(**absolute)
        self._command = command
        self._say = say
        self._queue: SimpleQueue[_Happened | _Ended | _Signalled] = SimpleQueue()
        self._happenings = Happenings(lambda where: self._queue.put(_Happened(where)))
        self._interest: Interest
        self._known: dict[str, Facts] = {}
        """How the files were when it was last looked, by path."""
        self._running: _Running | None = None
        self._is_over = False
        """Somebody wants us to end."""
        self._runs = 0
        self._code = 0
        """Of the last run, which ended at `_ended_at`, in nanoseconds since 1970."""
        self._ended_at = 0
        self._in_a_row = 0
        """How many runs there have been for nothing but what changed while we ran."""
        self._is_from_outside = True
        """Something of what has changed did so while nothing ran."""
        self._changed: dict[str, str] = {}
        """What has changed since the last run began, and how, by path."""
        self._where: set[str] = set()
        """Where something has happened since the last look."""
        self._waiting_since = 0.0
        """Since when we wait for quiet, in monotonic seconds; 0: we do not."""
        self._habits = Habits()

    def work(self) -> int:
        """Run, watch and run until a signal comes. Return the exit code of the last run.

        Raises AirexecError for what is wrong with the workflow at the start, or with watching.
        """
        self._interest = self._read(self._typed)
        with self._signals():
            try:
                self._known = self._found()
                self._run()
                while self._running is not None or not self._is_over:
                    if (news := self._next()) is not None:
                        self._take(news)
                    else:
                        self._settled()
                return self._code
            finally:
                self._happenings.close()

    def _next(self) -> "_Happened | _Ended | _Signalled | None":
        """Return what comes next; None when something has happened, and nothing more for a while."""
        if not self._where and (self._running is not None or not self._changed):
            return self._queue.get()
        self._waiting_since = self._waiting_since or monotonic()
        if monotonic() - self._waiting_since > _UNQUIET_SECONDS:
            return None
        try:
            return self._queue.get(timeout=_QUIET_SECONDS)
        except Empty:
            return None

    # --- what comes ---------------------------------------------------------------------------------------------------

    def _take(self, news: "_Happened | _Ended | _Signalled") -> None:
        match news:
            case _Happened(where=str(problem)):
                raise UsageError(problem, _WATCHES_HINT)
            case _Happened(where=paths):
                self._where.update(paths)
            case _Ended(code=code):
                self._ended(code)
            case _Signalled(number=number):
                self._is_over = True
                if self._running is not None:
                    self._running.signal(number)

    def _settled(self) -> None:
        self._look()
        self._waiting_since = 0.0
        if self._changed and self._running is None:
            self._run()

    def _look(self) -> None:
        """Find out what has changed, and tell the run that goes on."""
        where, self._where = self._where, set()
        changed = self._differences(where)
        if changed and self._running is not None:
            self._running.look()
        self._note(changed)
        if self._interest.reads_anything or self._code:  # whoever mends something may do it anywhere
            self._note(self._made_by_nobody(self._others(where, changed)))

    def _ended(self, code: int) -> None:
        assert self._running is not None
        self._running.close()
        self._running, self._code, self._ended_at = None, code, time_ns()
        if self._is_over:
            return
        try:
            self._learn(joined(self._interest, self._read(self._options)))
        except WorkflowError as error:  # the run has said it
            included = {file.path for file in error.files}
            self._learn(self._interest._replace(files=self._interest.files | included))
        except AirexecError:
            pass
        self._note(self._differences())
        self._changed = {path: how for path, how in self._changed.items() if not self._is_done_with(path)}
        if not self._changed:
            self._say("waiting for changes (Ctrl-C ends)")

    def _note(self, changed: Mapping[str, str]) -> None:
        """Keep what has changed for the next run."""
        self._changed.update(changed)
        self._is_from_outside = self._is_from_outside or not all(map(self._happened_in_run, changed))

    def _made_by_nobody(self, changed: Mapping[str, str]) -> dict[str, str]:
        """Return what of it is not changed by our own runs, again and again; that is said once."""
        found = {}
        for path, how in changed.items():
            if not self._happened_in_run(path):
                self._habits.forget(path)
            elif how == "is gone":
                continue  # it came and went
            elif self._habits.is_new(path, self._runs):
                self._say(f"{self._shown(path)} changes whenever tasks run; who makes it should say so: `generates`")
            if not self._habits.has(path):
                found[path] = how
        return found

    def _shown(self, path: str) -> str:
        return os.path.relpath(path, self._folder)

    def _happened_in_run(self, path: str) -> bool:
        if self._running is not None:
            return True
        facts = facts_of(path)
        return time_ns() - self._ended_at < _LATE_NS if facts is None else facts.ctime <= self._ended_at

    def _learn(self, interest: Interest) -> None:
        """Let something else matter from now on. A file that matters now, and did not before, has not changed since it
        was read; one that matters as before and was not there has come."""
        found = interest.look()
        for path in found.keys() - self._interest.look().keys():  # in this order: what comes meanwhile is not new here
            seen = interest.read.get(path)
            self._known.setdefault(path, seen.facts if seen else found[path])
        self._interest = interest

    # --- runs ---------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """Start a run, unless nobody would hear of it, or our own runs would go on for ever."""
        if nobody_listens():
            self._is_over = True
            return
        self._in_a_row = 0 if self._is_from_outside else self._in_a_row + 1
        if self._changed:
            self._say(changes_text(self._changed, self._folder))
        self._changed = {}
        if self._in_a_row >= _RUNS_IN_A_ROW:
            self._in_a_row = 0
            self._say(
                f"that happens while tasks run, {_RUNS_IN_A_ROW} times in a row: waiting for a change from outside"
            )
            return
        self._is_from_outside = False
        self._runs += 1
        try:
            self._running = _Running(self._command, self._folder, self._queue.put)
        except OSError as error:
            self._code = 1
            self._say(f"cannot run in {self._folder}: {error.strerror}")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def note(number: int, frame: object) -> None:
            self._queue.put(_Signalled(number))

        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # as under nohup
        before = {number: signal.signal(number, note) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    # --- files --------------------------------------------------------------------------------------------------------

    def _read(self, options: RunOptions) -> Interest:
        """Return what matters by the workflow file as it is now. Raises AirexecError."""
        path = os.fspath(options.workflow or "")
        workflow, _ = read_workflow(path, options.state_dir, options.job)
        plan = make_plan(workflow, options)
        job = JobFolder(options.state_dir or find_state_dir(path), workflow.name)
        folder = os.path.dirname(os.path.abspath(path))
        env_files = {*workflow.env_file, *(it for task in plan.tasks.values() for it in task.env_file)}
        files = [path, *(file.path for file in workflow.files), *(os.path.join(folder, it.path) for it in env_files)]
        if options.params_file is not None:
            files.append(os.fspath(options.params_file))
        return interest_of(plan, job, files, os.environ)

    def _found(self, where: Collection[str] = ()) -> dict[str, Facts]:
        """Return the facts of all that tasks read, and see to it that we hear of its next change. `where`: where
        something has happened."""
        self._happenings.not_in = f"{self._interest.state_dir}/"
        found = self._interest.look()
        while (unreadable := self._happenings.follow(self._interest.folders(found), where)) is not None:
            where = ()
            for folder in unreadable:
                self._say(f"{self._shown(folder)} may not be read, so it is not watched")
            found = self._interest.look()  # what came before we heard of it
        return found

    def _differences(self, where: Collection[str] = ()) -> dict[str, str]:
        """Return what has changed since the last look of what tasks read, and how, by path."""
        before, now = self._known, self._found(where)
        self._known = now
        changed = {}
        for path in sorted({*before, *now}):
            if before.get(path) != now.get(path) and not self._is_same(path, now.get(path)):
                changed[path] = "is new" if path not in before else "is gone" if path not in now else "has changed"
        if not changed:
            return {}
        products, kept = self._interest.products(), {*self._interest.named, *self._interest.files}
        changed = {path: how for path, how in changed.items() if path not in products}
        ignored = ignored_by_git((path for path in changed if path not in kept), self._interest.folder)
        return {path: how for path, how in changed.items() if path not in ignored}

    def _is_done_with(self, path: str) -> bool:
        """Return whether the last run has gone by a file as it is now."""
        seen = self._interest.read.get(path)
        is_all = not (self._code or self._interest.reads_anything)
        return is_all and seen is not None and bool(seen.digest) and seen.facts == facts_of(path)

    def _is_same(self, path: str, now: Facts | None) -> bool:
        """Return whether a file has the content that tasks have read; after a failure, nothing is as it should be."""
        seen = self._interest.read.get(path)
        if self._code or now is None or seen is None or seen.facts.size != now.size or not seen.digest:
            return False
        return digest_of(path) == seen.digest

    def _others(self, where: Iterable[str], known: Collection[str]) -> dict[str, str]:
        """Return which files in the folder of the workflow have changed that no task names, as far as one could be read
        by a task: none that is hidden, ignored by git, made by a task, or an editor's."""
        interest = self._interest
        inside, state = f"{interest.folder}/", f"{interest.state_dir}/"
        found: set[str] = set()
        for path in where:
            if path.startswith(inside) and not f"{path}/".startswith(state):
                found.update(_files_below(path) if os.path.isdir(path) else [path])
        found -= {*known, *self._known, *interest.products()}
        found = {path for path in found if not is_aside(path.removeprefix(inside))}
        found -= ignored_by_git(found, interest.folder)
        return {path: "has changed" if os.path.lexists(path) else "is gone" for path in found}


class Habits:
    """Knows files that change in one run after the other: a task makes them, and does not say so."""

    def __init__(self) -> None:
        self._in_a_row: dict[str, tuple[int, int]] = {}
        """The last run in which it changed, and in how many before it without a gap, by path."""

    def is_new(self, path: str, run: int) -> bool:
        """Note that a file has changed in a run, given by its number; return whether that is a habit from now on."""
        last, times = self._in_a_row.get(path, (0, 0))
        if last == run:
            return False
        self._in_a_row[path] = run, times + 1 if last == run - 1 else 1
        return self._in_a_row[path][1] == _HABIT

    def has(self, path: str) -> bool:
        return self._in_a_row.get(path, (0, 0))[1] >= _HABIT

    def forget(self, path: str) -> None:
        """Note that a file has changed though nothing ran."""
        self._in_a_row.pop(path, None)


_WATCHES_HINT = "where the system has no watches left: sysctl fs.inotify.max_user_watches=524288"


def changes_text(changed: Mapping[str, str], folder: str) -> str:
    """Return e.g. `a.c has changed` or `a.c, b.c, c.c and 997 more have changed`; paths are relative to `folder`."""
    paths = sorted(os.path.relpath(path, folder) for path in changed)
    how = set(changed.values())
    if len(paths) == 1:
        return f"{paths[0]} {how.pop()}"
    more = f" and {len(paths) - _NAMED_MAX} more" if len(paths) > _NAMED_MAX else ""
    shown = ", ".join(paths[:_NAMED_MAX]) + more if more else f"{', '.join(paths[:-1])} and {paths[-1]}"
    verb = {"is new": "are new", "is gone": "are gone"}.get(how.pop(), "") if len(how) == 1 else ""
    return f"{shown} {verb or 'have changed'}"


def nobody_listens() -> bool:
    """Return whether our output goes to a pipe that nobody reads from any more."""
    poll = select.poll()
    poll.register(1, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _files_below(folder: str) -> list[str]:
    found: list[str] = []
    for path, _, names in os.walk(folder):
        found += [os.path.join(path, name) for name in names]
        if len(found) > _FOLDER_FILES_MAX:
            break
    return found


def is_aside(path: str) -> bool:
    """Return whether a file, relative to the folder of the workflow, is hidden, or what an editor writes beside."""
    *folders, name = path.split("/")
    is_hidden = any(part.startswith(".") for part in (*folders, name)) or "__pycache__" in folders
    return is_hidden or name.endswith(_EDITORS) or name.startswith(_EDITORS_BEGIN)
