"""Numbers that are said by templates: whether what comes of the defaults of the params is what each key takes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from airexec.workflow.build import Fields, build_params
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.expand import Expanded
from airexec.workflow.numbers import OF_WORKFLOWS, NumberError, numbered, params_in, templates_in, worked_out
from airexec.workflow.yaml.places import Places


def check_numbers(data: Fields, tasks: Expanded, places: Places) -> Iterator[Finding]:
    """Yield an error for each key that no run could begin with. What needs a param without a default only a run can
    tell, and what is wrong with a template itself has been said."""
    params = {name: it["default"] for name, it in build_params(data.get("params", {})).items() if "default" in it}
    bare = {instance: name for name, several in tasks.groups.items() for instance in several}
    found: dict[Path, Finding] = {}
    numbers = templates_in(data, OF_WORKFLOWS)
    if _are_known(numbers, params):
        for error in _errors(lambda: worked_out("", numbers, OF_WORKFLOWS, {"params": params})):
            found[(error.key,)] = Finding(places.value((error.key,)), error.headline, error.hint)
    for task in tasks.tasks.values():
        if not task.numbers or task.scope or not _are_known(task.numbers, params):
            continue
        for error in _errors(lambda it=task: numbered(it, params, data.get("pools", {}), is_written=True)):  # type: ignore[misc]
            name = bare.get(task.id, task.id)
            path: Path = ("tasks", name, error.key)
            fields = data["tasks"][name]
            if error.key not in fields:
                called = fields.get("template")
                is_of_template = called and error.key in data["templates"].get(called, {})
                path = ("templates", called, error.key) if is_of_template else ("default_args", error.key)
            found.setdefault(path, Finding(places.value(path), error.headline, error.hint))
    yield from found.values()


def _are_known(numbers: Mapping[str, str], params: Mapping[str, Any]) -> bool:
    return all(name in params for text in numbers.values() for name in params_in(text))


def _errors(work: Callable[[], object]) -> Iterator[NumberError]:
    try:
        work()
    except NumberError as error:
        if not error.is_of_template:
            yield error
