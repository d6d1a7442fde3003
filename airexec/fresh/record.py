"""What is known of the last success of a task: what it was called with, what it read, what it made and handed on."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from airexec.fresh.files import Facts, Seen


class Call(NamedTuple):
    """What a task is called with, as far as that decides whether it has to run. Secrets are masked in the texts."""

    argv: tuple[str, ...]
    cwd: str
    """As the paths of files."""
    env: Mapping[str, str]
    """What the workflow and the task themselves say, by name, sorted."""
    cache_key: str = ""
    sources: tuple[str, ...] = ()
    """Patterns, as `generates`; another one may be another meaning."""
    generates: tuple[str, ...] = ()
    depfile: str = ""
    """As a path."""
    seal: str = ""
    """A keyed digest of all of it, secrets included: it is another one when a secret is."""


class Success(NamedTuple):
    """The last success of a task. Files are by path: relative to the folder that holds the state where they are below
    that, else absolute."""

    run_id: str
    attempt: int
    time: float
    """When it ended, Unix seconds."""
    call: Call
    sources: Mapping[str, Seen] = {}
    headers: Mapping[str, Seen] = {}
    """What a depfile named besides."""
    products: Mapping[str, Seen] = {}
    outputs: Mapping[str, Any] = {}
    after: Mapping[str, str] = {}
    """By upstream task that it needs and whose products it does not read, what that had done by then."""
    queued: Sequence[Mapping[str, Any]] = ()
    """The tasks that it had queued, as `task_to_json` has them."""


def to_json(success: Success) -> dict[str, Any]:
    """Return a success as plain data."""
    return {
        **success._asdict(),
        "call": {**success.call._asdict()},
        **{name: _files_to_json(getattr(success, name)) for name in ("sources", "headers", "products")},
    }


def from_json(fields: dict[str, Any]) -> Success:
    """Return the success that `to_json` was given. Raises what wrong data raises: KeyError, TypeError, ValueError."""
    is_sound = (
        isinstance(fields["run_id"], str)
        and isinstance(fields["attempt"], int)
        and isinstance(fields["outputs"], dict)
        and all(isinstance(task, dict) for task in fields["queued"])
    )
    if not is_sound:
        raise ValueError(fields)
    call = dict(fields["call"])
    call.update({name: tuple(call[name]) for name in ("argv", "sources", "generates")})
    files = {name: _files_from_json(fields[name]) for name in ("sources", "headers", "products")}
    return Success(**{**fields, "call": Call(**call), **files})


def _files_to_json(files: Mapping[str, Seen]) -> dict[str, Any]:
    return {path: [*seen.facts, seen.digest, seen.looked] for path, seen in files.items()}


def _files_from_json(files: Mapping[str, Any]) -> dict[str, Seen]:
    found = {}
    for path, (size, mtime, ctime, inode, digest, looked) in files.items():
        found[path] = Seen(Facts(size, mtime, ctime, inode), digest, looked)
    return found
