"""The environment of an attempt: whose variables win over whose, and what airexec itself adds. Renders no template."""

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from airexec.secrets.forms import encoded
from airexec.workflow.digest import digest
from airexec.workflow.model import EnvFile, EnvLayer, Scope, Task
from airexec.workflow.template.templates import has_template

_TRACEPARENT = r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"


Texts = Callable[[str, Iterable[str]], Sequence[str]]
"""Renders the texts of a key, in order."""


class Environment:
    """The environment of all tasks of one scope, secrets and our own variables aside."""

    def __init__(self, caller: Mapping[str, str], scope: Scope, secrets: Collection[str]) -> None:
        """`secrets` are names of variables that no template may see. Raises UsageError for a bad env file."""
        self._folder = scope.folder
        self._secrets = secrets
        self._files: dict[EnvFile, Mapping[str, str]] = {}
        self._base: dict[str, str] = {}
        """What is known of it for all tasks: the caller's, and layers without templates above that."""
        self._base_secrets: dict[str, str] = {}
        """The values of secrets among that."""
        self._declared: set[str] = set()
        """The names in those layers."""
        self._put(caller, self._base, self._base_secrets)
        layers = list(scope.env)
        while layers and not any(map(has_template, _texts(layers[0]))):
            values = self._values(layers[0], _as_written)
            self._declared.update(self._visible(layers[0], values))
            self._put_layer(layers.pop(0), values, self._base, self._base_secrets)
        self._layers = layers

    def merge(self, task: Task, env: dict[str, str], texts: Texts) -> dict[str, str]:
        """Put the environment of a task into `env`: the caller's, the scope's, the task's; later wins (DESIGN §3).

        Each layer is rendered by `texts` when those before it are in `env` already; a task that is data never is.
        Return the values of secrets, by name: of the last env file that has one, else of the caller.
        """
        secrets = self.merge_scope(env, texts)
        for layer in (task.env_file, task.env):
            if layer:
                values = self._values(layer, _as_written if task.literal else texts)
                self._put_layer(layer, values, env, secrets)
        return secrets

    def merge_scope(self, env: dict[str, str], texts: Texts) -> dict[str, str]:
        """As `merge`, for what is of no task."""
        env.update(self._base)
        secrets = dict(self._base_secrets)
        for layer in self._layers:
            self._put_layer(layer, self._values(layer, texts), env, secrets)
        return secrets

    def declared(self, task: Task, texts: Texts) -> set[str]:
        """Return the names of the variables that the scope and the task set, by whatever layer."""
        own = [layer for layer in (task.env_file, task.env) if layer]
        texts = _as_written if task.literal else texts
        layers = [(layer, self._values(layer, texts)) for layer in (*self._layers, *own)]
        return {*self._declared, *(name for layer, values in layers for name in self._visible(layer, values))}

    def _values(self, layer: EnvLayer, texts: Texts) -> Mapping[str, str]:
        if isinstance(layer, Mapping):
            return dict(zip(layer, texts("env", layer.values()), strict=True))
        merged: dict[str, str] = {}
        for file, path in zip(layer, texts("env_file", _texts(layer)), strict=True):
            merged.update(self._file(file._replace(path=path)))
        return merged

    def _file(self, file: EnvFile) -> Mapping[str, str]:
        if file not in self._files and (read := read_file(file, self._folder)):
            self._files[file] = read
        return self._files.get(file, {})

    def _put_layer(
        self, layer: EnvLayer, values: Mapping[str, str], env: dict[str, str], secrets: dict[str, str]
    ) -> None:
        """Put the values of a layer where they belong: what stands in a workflow file is no secret."""
        if isinstance(layer, Mapping):
            env.update(values)
        else:
            self._put(values, env, secrets)

    def _put(self, values: Mapping[str, str], env: dict[str, str], secrets: dict[str, str]) -> None:
        if not self._secrets:
            env.update(values)
            return
        for name, value in values.items():
            if name not in self._secrets:
                env[name] = value
            elif value:
                secrets[name] = value

    def _visible(self, layer: EnvLayer, values: Iterable[str]) -> Iterator[str]:
        """Yield the names in a layer that are no secrets."""
        return (name for name in values if isinstance(layer, Mapping) or name not in self._secrets)


def read_file(file: EnvFile, folder: str) -> Mapping[str, str]:
    """Return the variables in an env file; none where an optional one is not there. Raises UsageError."""
    from airexec.attempt.env_files import read_env_file

    path = os.path.join(folder, file.path)
    if file.optional and not os.path.exists(path):
        return {}
    return read_env_file(path, shown_as=file.path)


def _as_written(key: str, texts: Iterable[str]) -> Sequence[str]:
    return list(texts)


def _texts(layer: EnvLayer) -> Iterable[str]:
    return layer.values() if isinstance(layer, Mapping) else [file.path for file in layer]


def airexec_variables(
    *,
    job: str,
    run: str,
    task: str,
    attempt: int,
    queue_file: str,
    output_file: str,
    caller: Mapping[str, str],
) -> dict[str, str]:
    """Return what every attempt is told about itself; the files are absolute paths of its two side channels.

    TRACEPARENT (W3C trace context, level 1) carries on the caller's trace or begins one for the run. Output is
    unbuffered unless `caller`, the environment so far, has an opinion: lines shall arrive as they are printed.
    """
    variables = {
        "AIREXEC_JOB": job,
        "AIREXEC_RUN": run,
        "AIREXEC_TASK": task,
        "AIREXEC_ATTEMPT": str(attempt),
        "AIREXEC_QUEUE": queue_file,
        "AIREXEC_OUTPUT": output_file,
        "TRACEPARENT": _traceparent(caller.get("TRACEPARENT", ""), f"{job}/{run}", f"{task}/{attempt}"),
    }
    if "PYTHONUNBUFFERED" not in caller:
        variables["PYTHONUNBUFFERED"] = "1"
    return variables


def own_path(caller: Mapping[str, str]) -> str:
    """Return the caller's PATH with the folder of the running airexec at its end.

    So that scripts in tasks find `airexec queue` also when it was called by its path, as in `.venv/bin/airexec run`;
    at the end, so that nothing else that tasks call is found elsewhere than before.
    """
    folders = caller.get("PATH", os.defpath).split(os.pathsep)
    program = sys.argv[0] if os.path.basename(sys.argv[0]) == "airexec" else sys.executable
    own = os.path.dirname(os.path.abspath(program))
    return os.pathsep.join(folders if own in folders else [*folders, own])


def cwd_by_pwd(caller: Mapping[str, str]) -> str | None:
    """Return our working directory if the caller's PWD names it, by whatever links; else None.

    A shell makes its own PWD good, a program that is started without one relies on it.
    """
    try:
        return os.getcwd() if os.path.samefile(caller.get("PWD", ""), ".") else None
    except OSError:
        return None


def _traceparent(outer: str, trace: str, span: str) -> str:
    trace_id, flags = _trace(outer, trace)
    return f"00-{trace_id}-{_id(f'{trace}/{span}', 8)}-{flags}"


@lru_cache(maxsize=4)
def _trace(outer: str, trace: str) -> tuple[str, str]:
    """Return (trace id, flags): those of the caller's trace, or those of one for the run."""
    match = re.fullmatch(_TRACEPARENT, outer) if outer else None
    return (match[1], match[2]) if match else (_id(trace, 16), "01")


def _id(text: str, size: int) -> str:
    """Return an id of so many bytes for a text, in hexadecimal: the same one after a resume, and never all zeros."""
    return f"{int.from_bytes(digest(encoded(text), size), 'big') or 1:0{2 * size}x}"
