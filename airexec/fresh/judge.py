"""Has anything changed? Compares what a task is called with, and the files around it, with its last success. Reads no
content of a file but where that is the only way to tell, and says before how much that would be."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from airexec.fresh.files import ABSENT, Facts, Seen, facts_in, facts_of
from airexec.fresh.record import Call, Success
from airexec.workflow.globs import files, matching

NO_SUCCESS = "it has no success to go by"
Look = Callable[[str, Facts], str]
"""Returns the digest of a file, given its absolute path and facts."""


class Wanted(NamedTuple):
    """What a task is about to be called with."""

    call: Call
    root: str
    """What paths are relative to."""
    cwd: str
    """Absolute: what patterns are relative to."""
    after: Mapping[str, str] = {}
    """By upstream task that it needs and whose products it does not read, what that has done by now."""


class State(NamedTuple):
    """The files around a task as they are now, by path as in a record."""

    sources: Mapping[str, Facts]
    products: Mapping[str, Facts]
    headers: Mapping[str, Facts | None]


def state_of(wanted: Wanted, last: Success | None) -> State:
    """Return how the files are that the task reads, and that it made and read when it last succeeded."""
    products = _facts(wanted.call.generates, wanted)
    sources = _facts(wanted.call.sources, wanted)
    return State(
        {path: facts for path, facts in sources.items() if path not in products},  # its own are no reason to run
        products,
        {} if last is None else {path: facts_of(os.path.join(wanted.root, path)) for path in last.headers},
    )


def unsure(last: Success, state: State) -> list[tuple[str, Facts]]:
    """Return the files whose content has to be looked at to tell whether it is what it was."""
    pairs = [(last.sources, state.sources), (last.headers, state.headers), (last.products, state.products)]
    return [
        (path, now)
        for before, files in pairs
        for path, now in files.items()
        if now is not None and (seen := before.get(path)) and seen.digest and not seen.is_surely(now)
        and seen.facts.size == now.size
    ]  # fmt: skip


def difference(wanted: Wanted, last: Success | None, state: State, look: Look) -> str:
    """Return the first thing that makes the task run, in words; empty when nothing has changed."""
    if last is None:
        return NO_SUCCESS
    return next(_differences(wanted, last, state, look), "")


def renewed(last: Success, state: State, looked: int) -> Success:
    """Return a success that holds for the files as they are now, whose content is what it was."""

    def now(before: Mapping[str, Seen], files: Mapping[str, Facts | None]) -> dict[str, Seen]:
        return {
            path: seen
            if (facts := files.get(path)) is None or seen.is_surely(facts)
            else Seen(facts, seen.digest, looked)
            for path, seen in before.items()
        }

    return last._replace(
        sources=now(last.sources, state.sources),
        headers=now(last.headers, state.headers),
        products=now(last.products, state.products),
    )


def _differences(wanted: Wanted, last: Success, state: State, look: Look) -> Iterator[str]:
    if wanted.call != last.call:
        yield _call_difference(wanted.call, last.call)
    for id_, done in wanted.after.items():
        if last.after.get(id_) != done:
            yield f"task {id_} {'has run since' if id_ in last.after else 'is something that it waits for now'}"
    yield from _file_differences("source", last.sources, state.sources, look, wanted.root)
    yield from _file_differences("header", last.headers, state.headers, look, wanted.root)
    for pattern in wanted.call.generates:
        is_there = len(wanted.call.generates) == 1 and state.products  # then it is what they match
        if not is_there and not matching([pattern], wanted.cwd):
            yield f"product {pattern} is not there"
    made = {path: facts for path, facts in state.products.items() if path in last.products}
    yield from _file_differences("product", last.products, made, look, wanted.root)


def _call_difference(now: Call, before: Call) -> str:
    if now.argv != before.argv:
        return _command_difference(now.argv, before.argv)
    for name in sorted({*now.env, *before.env}):
        if now.env.get(name) != before.env.get(name):
            how = "is new" if name not in before.env else "is gone" if name not in now.env else "has changed"
            return f"the variable {name} {how}"
    for name, words in (("cwd", "the working directory"), ("cache_key", "cache_key")):
        if getattr(now, name) != getattr(before, name):
            return f"{words} is {getattr(now, name) or 'none'}, and was {getattr(before, name) or 'none'}"
    for name in ("sources", "generates", "depfile"):
        if getattr(now, name) != getattr(before, name):
            return f"`{name}` has changed"
    return "a secret has changed"


def _command_difference(now: Sequence[str], before: Sequence[str]) -> str:
    """Return which word of a command is another one."""
    words, earlier = " ".join(now).split(), " ".join(before).split()
    for word, other in zip(words, earlier, strict=False):
        if word != other:
            return f"the command has changed: {word} was {other}"
    if len(words) != len(earlier):
        longer, how = (words, "is new") if len(words) > len(earlier) else (earlier, "is gone")
        return f"the command has changed: {longer[min(len(words), len(earlier))]} {how}"
    return "the command has changed: its blanks"


def _file_differences(
    what: str, before: Mapping[str, Seen], now: Mapping[str, Facts | None], look: Look, root: str
) -> Iterator[str]:
    for path, seen in before.items():
        facts = now.get(path)
        if seen.digest == ABSENT:
            if facts is not None:
                yield f"{what} {path} is new"
        elif facts is None:
            yield f"{what} {path} is gone"
        elif seen.is_surely(facts):
            continue
        elif not seen.digest:
            yield f"{what} {path} has changed while the task ran, or could not be read"
        elif facts.size != seen.facts.size or look(os.path.join(root, path), facts) != seen.digest:
            yield f"{what} {path} has changed"
    if len(now) > len(before) or now.keys() - before.keys():
        yield f"{what} {min(now.keys() - before.keys())} is new"


def facts_difference(what: str, before: Mapping[str, Facts | None], now: Mapping[str, Facts | None]) -> str:
    """Return the first file that is not what it was by its facts, in words; empty when all are."""
    for path in sorted({*before, *now}):
        was, is_ = before.get(path), now.get(path)
        if was != is_:
            how = "is new" if was is None else "is gone" if is_ is None else "has changed"
            return f"{what} {path} {how}"
    return ""


def clean(path: str) -> str:
    """Return a path without what means nothing in it. What is behind a link and then above is not what is written."""
    return os.path.realpath(path) if "/../" in path else os.path.normpath(path)


def _facts(patterns: Iterable[str], wanted: Wanted) -> dict[str, Facts]:
    found = files(patterns, wanted.cwd)
    return {relative(path, wanted.root): facts_in(found[path]) for path in sorted(found)}


def relative(path: str, root: str) -> str:
    """Return a path as records have it."""
    return path[len(root) + 1 :] or "." if f"{path}/".startswith(f"{root}/") else path
