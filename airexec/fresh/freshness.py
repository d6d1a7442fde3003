"""What a run asks about each task that says what it reads and makes: has it to run, and why? It remembers successes.

Content is read where nothing else tells whether a file is what it was. How much that would be is said before, so that
whoever has other things to do can have it done beside, in another thread.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from glob import has_magic
from hashlib import blake2b
from json import dumps
from typing import Any, NamedTuple

from airexec.attempt.spec import AttemptSpec, Files
from airexec.errors import JournalError
from airexec.fresh.depfile import DepfileError, prerequisites
from airexec.fresh.files import ABSENT, Facts, Seen, digest_of, facts_of
from airexec.fresh.judge import (
    NO_SUCCESS,
    State,
    Wanted,
    clean,
    difference,
    facts_difference,
    relative,
    renewed,
    state_of,
    unsure,
)
from airexec.fresh.record import Call, Success
from airexec.fresh.record_file import RecordFile
from airexec.fresh.standstill import Standstill
from airexec.state.layout import JobFolder
from airexec.state.view_files import replace_file
from airexec.workflow.globs import matching

Made = tuple[str, int]
"""The run id and the attempt of a success."""
FORCED = "it is forced (-B)"
_NOT_THERE = Facts(0, 0, 0, 0)
READ_AT_ONCE = 4 << 20
"""Bytes of files that are read on the spot; more are read beside, or in the end."""
_SEAL_BYTES = 16
_KEY_BYTES = 16


_File = tuple[str, Facts]
"""Its absolute path, and the facts by which it is the one that is meant."""
_Before = tuple[Facts | None, int]
"""A file as it was when it may have been read, None for nobody knows; and when it was looked at."""


class _Case(NamedTuple):
    """A task between the question and its end."""

    wanted: Wanted
    last: Success | None
    state: State
    since: int
    """When its files were looked at, in nanoseconds of their file system."""


class Freshness:
    """Answers for the tasks of one run of a job, whose lock is held."""

    def __init__(
        self,
        job: JobFolder,
        mask: Callable[[str], str],
        is_forced: Callable[[str], bool] = lambda task: False,
        *,
        has_secrets: bool = False,
        only_looks: bool = False,
    ) -> None:
        self._job = job
        self._only_looks = only_looks
        self._root = job.root
        self._mask = mask
        self._is_forced = is_forced
        self._has_secrets = has_secrets
        self._records = RecordFile(job)
        self._cases: dict[str, _Case] = {}
        self._left_out: frozenset[str] = frozenset()
        self._digests: dict[tuple[str, Facts], str] = {}
        self._up_to_date: list[tuple[Wanted, State, Success]] = []
        self._late: list[tuple[list[_File], Callable[[], None]]] = []
        """What is to be remembered in the end, after these files have been read."""

    def has_success(self, task_id: str) -> bool:
        """Return whether there is a success that may still hold."""
        return self._records.get(task_id) is not None and not self._is_forced(task_id)

    def has_much_to_read(self, spec: AttemptSpec) -> bool:
        """Return whether so much has to be read before `judge` can answer that `look` should do it, beside the loop."""
        case = self._cases[spec.task] = self._case(spec)
        return sum(facts.size for _, facts in self._to_look_at(spec, case)) > READ_AT_ONCE

    def look(self, spec: AttemptSpec) -> None:
        """Read what `judge` has to know, from any thread."""
        self._read(self._to_look_at(spec, self._cases[spec.task]))

    def judge(self, spec: AttemptSpec, upstream: Mapping[str, Made]) -> tuple[Success | None, str]:
        """Return the success that still holds, or None and why the task has to run.

        `upstream`: by task that it needs and whose products it does not read, the attempt that made what is there.
        """
        case = self._cases.get(spec.task) or self._case(spec)
        after = {id_: self._done(id_, made) for id_, made in upstream.items()}
        case = self._cases[spec.task] = case._replace(wanted=case.wanted._replace(after=after))
        if self._is_forced(spec.task):
            return None, FORCED
        why = self._words(spec.task, difference(case.wanted, case.last, case.state, self._digest))
        if why or case.last is None:
            return None, self._mask(why)
        del self._cases[spec.task]
        now = renewed(case.last, case.state, case.since)
        if now != case.last:
            self._records.put(spec.task, now)
        self._up_to_date.append((case.wanted, case.state, now))
        return now, ""

    def standstill(self, run_id: str) -> Standstill | None:
        """Return what was gone by, after a run in which every task was up to date; None when that is not sure enough to
        go by it again: something was written just before it was looked at."""
        files: dict[str, Seen] = {}
        absent: list[str] = []
        globs = set()
        for wanted, state, success in self._up_to_date:
            for now, before in (
                (state.sources, success.sources),
                (state.headers, success.headers),
                (state.products, success.products),
            ):
                for path, facts in now.items():
                    whole = os.path.join(self._root, path)
                    if facts is None:
                        absent.append(whole)
                    elif (seen := before.get(path)) is None:
                        files[whole] = Seen(facts, "", 0)  # another file that a pattern of products matches
                    elif seen.is_surely(facts):
                        files[whole] = seen
                    else:
                        return None
            patterns = wanted.call.sources
            if any(
                has_magic(it) or it.startswith("!") or os.path.isdir(os.path.join(wanted.cwd, it)) for it in patterns
            ):
                globs.add((wanted.cwd, patterns, tuple(matching(patterns, wanted.cwd))))
            else:
                absent += [path for it in patterns if not os.path.lexists(path := os.path.join(wanted.cwd, it))]
        record = facts_of(self._job.built)
        if record is None or self._has_secrets:
            return None
        number = len(self._up_to_date)
        return Standstill(
            self._job.name,
            run_id,
            number,
            record,
            {path: seen.facts for path, seen in files.items()},
            [seen.digest for seen in files.values()],
            tuple(absent),
            tuple(sorted(globs)),
        )

    def preview(self, spec: AttemptSpec, upstream: Iterable[str]) -> str:
        """Return why a task would have to run, empty when it is up to date. Writes nothing.

        `upstream`: the tasks that it needs and whose products it does not read, as far as they would not run.
        """
        last, wanted = self._records.get(spec.task), self._wanted(spec)
        known = ((id_, self._records.get(id_)) for id_ in upstream)
        after = {id_: self._done(id_, (made.run_id, made.attempt)) for id_, made in known if made is not None}
        wanted = wanted._replace(after=after)
        if self._is_forced(spec.task):
            return FORCED
        state = state_of(wanted, last)
        state = state._replace(sources={path: it for path, it in state.sources.items() if path not in self._left_out})
        return self._words(spec.task, difference(wanted, last, state, self._digest))

    def changed(self, spec: AttemptSpec) -> str:
        """Return what has changed since a task began of the files that it is known to read, in words; empty: nothing.

        Goes by their facts alone: what was in them when it began may be known to the task only.
        """
        before = self._cases[spec.task]
        now = state_of(before.wanted, before.last)
        return facts_difference("source", before.state.sources, now.sources) or facts_difference(
            "header", before.state.headers, now.headers
        )

    def leave_out(self, paths: Iterable[str]) -> None:
        """Take files, as records have them, for gone: a run would remove them before it begins."""
        self._left_out = frozenset(paths)

    def vanished(self, is_gone: Callable[[str], bool]) -> dict[str, Success]:
        """Return the last successes of tasks that are gone because a file is that they read, and forget them."""
        found = {
            id_: success
            for id_, success in self._records.successes().items()
            if is_gone(id_) and not all(os.path.lexists(os.path.join(self._root, path)) for path in success.sources)
        }
        if not self._only_looks:
            self._records.forget(found)
        return found

    def begin(self, spec: AttemptSpec) -> None:
        """Forget the last success of a task that is about to run: what it leaves half-made is nothing to go by."""
        self._records.forget([spec.task])
        self._cases[spec.task] = self._cases[spec.task]._replace(since=self._records.now())

    def succeeded(
        self,
        spec: AttemptSpec,
        run_id: str,
        time: float,
        outputs: Mapping[str, Any],
        queued: Sequence[Mapping[str, Any]],
    ) -> str:
        """Remember a success, at the latest when the run ends. Return what is wrong with its depfile, or nothing."""
        case = self._cases.pop(spec.task)
        assert spec.files is not None
        headers, problem = self._headers(spec.files, spec.cwd)
        if problem:
            return f"{problem}; so the task will run again next time"
        sources, read, products, unread = self._files_of(case, headers)
        for path in (*sources, *read, *products, *case.wanted.call.sources, *case.wanted.call.generates):
            if self._mask(path) != path:
                return "the path of a file holds a secret, so the task will run again next time"
        missing = [it for it in case.wanted.call.generates if not matching([it], case.wanted.cwd)]

        def remember() -> None:
            success = Success(
                run_id,
                spec.attempt,
                time,
                case.wanted.call,
                sources=self._seen_files(sources),
                headers=self._seen_files(read),
                products=self._seen_files(products),
                after=case.wanted.after,
                outputs=outputs,
                queued=queued,
            )
            self._records.put(spec.task, success)

        if sum(facts.size for _, facts in unread) > READ_AT_ONCE:
            self._late.append((unread, remember))
        else:
            remember()
        return f"it has not made {', '.join(missing)}, so it will run again next time" if missing else ""

    def missing(self, spec: AttemptSpec) -> list[str]:
        """Return the sources that are named without a wildcard and are not there."""
        patterns = self._cases[spec.task].wanted.call.sources
        return [it for it in patterns if not has_magic(it) and not it.startswith("!") and not _is_there(it, spec.cwd)]

    def close(self, *, is_stopped: bool = False) -> None:
        """Remember what is left to be remembered; of a run that was stopped nothing for which much has to be read."""
        with suppress(JournalError):  # what is not remembered runs once more
            if self._late and not is_stopped:
                self._read(file for unread, _ in self._late for file in unread)
                for _, remember in self._late:
                    remember()
        self._records.close()

    # --- one task -----------------------------------------------------------------------------------------------------

    def _words(self, task: str, why: str) -> str:
        """Return why a task has to run, more exactly where nothing is known of a success."""
        is_known = why == NO_SUCCESS and self._records.is_forgotten(task)
        return "it has not succeeded since it was last started, or was reset" if is_known else why

    def _case(self, spec: AttemptSpec) -> _Case:
        last = self._records.get(spec.task)
        wanted = self._wanted(spec)
        return _Case(wanted, last, state_of(wanted, last), self._records.now())

    def _wanted(self, spec: AttemptSpec) -> Wanted:
        files = spec.files
        assert files is not None
        mask = self._mask
        call = Call(
            argv=tuple(map(mask, spec.argv)),
            cwd=relative(spec.cwd, self._root),
            env={name: mask(value) for name, value in files.env.items()},
            cache_key=mask(files.cache_key),
            sources=files.sources,
            generates=files.generates,
            depfile=relative(files.depfile, self._root),
            seal=self._seal(spec, files) if self._has_secrets else "",
        )
        return Wanted(call, self._root, spec.cwd)

    def _seal(self, spec: AttemptSpec, files: Files) -> str:
        """Return what is another one when a secret is, and tells nothing of it."""
        key = seal_key(self._job.state_dir, may_write=not self._only_looks)
        told = dumps([spec.argv, dict(files.env), files.cache_key, dict(sorted(files.secrets.items()))])
        return blake2b(told.encode(), key=key, digest_size=_SEAL_BYTES).hexdigest()

    def _to_look_at(self, spec: AttemptSpec, case: _Case) -> list[tuple[str, Facts]]:
        if case.last is None or case.last.call != case.wanted.call or self._is_forced(spec.task):
            return []
        several = unsure(case.last, case.state)
        paths = ((os.path.join(self._root, path), facts) for path, facts in several)
        return [(path, facts) for path, facts in paths if (path, facts) not in self._digests]

    def _digest(self, path: str, facts: Facts) -> str:
        """Return the digest of a file that has these facts; empty when it has others by the time that it is read."""
        key = path, facts
        if key not in self._digests:
            digest = digest_of(path)
            self._digests[key] = digest if facts_of(path) == facts else ""
        return self._digests[key]

    def _read(self, files: Iterable[_File]) -> None:
        """Read files at once, as many as there are CPUs: the digest lets other threads work."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor() as pool:
            for _ in pool.map(lambda file: self._digest(*file), files):
                pass

    def _headers(self, files: Files, cwd: str) -> tuple[list[str], str]:
        """Return the files that the depfile names, absolute, or none and what is wrong with it."""
        if not files.depfile:
            return [], ""
        shown = relative(files.depfile, self._root)
        try:
            with open(files.depfile, encoding="utf-8", errors="surrogateescape") as file:
                named = prerequisites(file.read())
        except OSError as error:
            return [], f"depfile {shown} cannot be read ({error.strerror})"
        except DepfileError as error:
            return [], f"depfile {shown}, {error}"
        return [clean(os.path.join(cwd, path)) for path in named], ""

    def _files_of(
        self, case: _Case, headers: Iterable[str]
    ) -> tuple[dict[str, _Before], dict[str, _Before], dict[str, _Before], list[_File]]:
        """Return sources, headers and products by path, and those whose content is still to be read.

        A source that is not what it was when the task began may have been read before or after: nobody knows.
        """
        root, looked = self._root, self._records.now()
        sources = {
            path: (before if facts_of(os.path.join(root, path)) == before else None, looked)
            for path, before in case.state.sources.items()
        }
        read: dict[str, _Before] = {}
        made = matching(case.wanted.call.generates, case.wanted.cwd)
        for path in headers:
            if (shown := relative(path, root)) in sources or path in made:
                continue
            if (facts := facts_of(path)) is None:
                read[shown] = _NOT_THERE, looked
            else:  # a time of change cannot be set, so it tells that nobody has written while the task ran
                read[shown] = facts if facts.ctime < case.since else None, looked
        products: dict[str, _Before] = {relative(path, root): (facts_of(path), looked) for path in made}
        if case.last is not None:
            self._recall(case.last.sources, sources)
            self._recall(case.last.headers, read)
            self._recall(case.last.products, products)
        unread = [
            (os.path.join(root, path), facts)
            for files in (sources, read, products)
            for path, (facts, _) in files.items()
            if facts not in (None, _NOT_THERE) and (os.path.join(root, path), facts) not in self._digests
        ]
        return sources, read, products, unread

    def _recall(self, last: Mapping[str, Seen], files: Mapping[str, _Before]) -> None:
        """Take the digests of files that are the same without doubt as when the task last succeeded."""
        for path, (facts, _) in files.items():
            if facts is not None and (seen := last.get(path)) is not None and seen.is_surely(facts):
                self._digests[os.path.join(self._root, path), facts] = seen.digest

    def _seen_files(self, files: Mapping[str, _Before]) -> dict[str, Seen]:
        found = {}
        for path, (facts, looked) in files.items():
            if facts is None or facts == _NOT_THERE:
                found[path] = Seen(_NOT_THERE, "" if facts is None else ABSENT, looked)
            else:
                found[path] = Seen(facts, self._digest(os.path.join(self._root, path), facts), looked)
        return found

    def _done(self, task: str, made: Made) -> str:
        """Return what another task has done: what it has made, where it says what that is, else when it last ran."""
        success = self._records.get(task)
        if success is None or (success.run_id, success.attempt) != made or not success.products:
            return f"{made[0]}/{made[1]}"
        digests = dumps(sorted((path, seen.digest) for path, seen in success.products.items()))
        return blake2b(digests.encode("utf-8", "surrogatepass"), digest_size=_SEAL_BYTES).hexdigest()


def _is_there(pattern: str, cwd: str) -> bool:
    return os.path.exists(os.path.join(cwd, pattern))


def seal_key(state_dir: str, *, may_write: bool) -> bytes:
    """Return the key of this state folder. Where there is none yet it is made, and kept if that may be.

    Raises JournalError.
    """
    path = f"{state_dir}/seal.key"
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read(2 * _KEY_BYTES)
    except FileNotFoundError:
        key = os.urandom(_KEY_BYTES).hex()
    except OSError as error:
        raise JournalError(f"cannot read {path}: {error.strerror}") from error
    try:
        if may_write:
            replace_file(path, key, 0o600)
    except OSError as error:
        raise JournalError(f"cannot write {path}: {error.strerror}") from error
    return key.encode()
