"""The values of the secrets of a plan, as far as they are known before anything starts.

A secret comes from the last env file that applies to a task and has it, else from the caller's environment: as any
variable does (DESIGN §3), so that to call it a secret changes nothing but who sees it. What is empty counts as not set.
An env file whose name only a run can tell, or that is not there yet, is read when its task starts, and what it holds is
hidden from then on (`Preparation`).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from airexec.attempt.environment import read_file
from airexec.errors import AirexecError
from airexec.secrets.names import is_too_short, refuse_missing, refuse_short
from airexec.workflow.model import EnvFile, Plan, Secret, secrets_named
from airexec.workflow.template.templates import Templates


def secret_values(plan: Plan, caller: Mapping[str, str]) -> tuple[str, ...]:
    """Return all values that must not be seen, each once. Raises UsageError that names all that cannot be used."""
    found: dict[tuple[str, str], None] = {}
    missing: dict[str, dict[str, None]] = {}
    for need in _needs(plan, caller):
        found.update(dict.fromkeys(need.values.items()))
        for secret in need.secrets if need.is_certain else ():
            if secret.name not in need.values and not secret.optional:
                missing.setdefault(secret.name, {}).update(dict.fromkeys(need.files))
    refuse_missing({name: tuple(missing[name]) for name in plan.secret_names() if name in missing}, caller)
    refuse_short(found)
    return tuple(dict.fromkeys(value for _, value in found))


def known_values(plan: Plan, caller: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of them that are there and can be hidden, for a look at what a run would do."""
    values = [value for need in _needs(plan, caller) for value in need.values.values()]
    return tuple(dict.fromkeys(value for value in values if not is_too_short(value)))


class _Need(NamedTuple):
    """What tasks that say the same of it need."""

    secrets: tuple[Secret, ...]
    files: tuple[str, ...]
    """The paths of the env files that apply, in order."""
    values: Mapping[str, str]
    """By name, of the secrets that have one."""
    is_certain: bool
    """Whether all of the files could be read."""


def _needs(plan: Plan, caller: Mapping[str, str]) -> Iterator[_Need]:
    seen: set[object] = set()
    templates = Templates()
    for task in (*plan.tasks.values(), *plan.workflow.templates.values()):
        if not (secrets := secrets_named(plan.workflow, task)):
            continue
        scope = plan.scope(task.scope)
        layers = [*(layer for layer in scope.env if not isinstance(layer, Mapping)), task.env_file]
        files = tuple(file for layer in layers for file in layer)
        try:
            context = {"params": scope.params, "matrix": task.matrix, "with": task.with_}
            files = tuple(file._replace(path=templates.render(file.path, context)) for file in files)
            is_certain = True
        except AirexecError:
            files, is_certain = (), False
        key = (scope.folder, files, secrets, is_certain)
        if key not in seen:
            seen.add(key)
            yield _need(secrets, files, scope.folder, caller, is_certain)


def _need(
    secrets: tuple[Secret, ...], files: tuple[EnvFile, ...], folder: str, caller: Mapping[str, str], is_certain: bool
) -> _Need:
    names = {secret.name for secret in secrets}
    values = {name: value for name in names if (value := caller.get(name, ""))}
    for file in files:
        try:
            read = read_file(file, folder)
        except AirexecError:  # an upstream may yet make it; else it is said where it is needed
            is_certain = False
            continue
        values.update((name, value) for name, value in read.items() if name in names and value)
    return _Need(secrets, tuple(file.path for file in files), values, is_certain)
