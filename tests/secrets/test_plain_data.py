"""Secrets in what is written down: no field of a task or a workflow can be forgotten."""

from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest

from airexec.secrets.masker import MASK, Masker
from airexec.secrets.plain_data import masked_plan, masked_task
from airexec.testing import make_plan, make_task
from airexec.workflow.actions.command import Command
from airexec.workflow.model import Task, Workflow

SECRET = "s3cret-value"
HIDE = Masker([SECRET]).mask_text
NAMES = {
    "id",
    "name",
    "path",
    "dependencies",
    "after",
    "secrets",
    "pool",
    "pools",
    "template",
    "scope",
    "schedule",
    "groups",
}
"""What holds names: the journal must hang together."""


def holding(cls: Any, value: str) -> dict[str, Any]:
    """Return for each field of a class that may hold a text a value with this text in it."""
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(cls).items():
        kind = str(hint)
        if name in NAMES or name in ("tasks", "templates"):
            continue
        if hint is Command:
            fields[name] = Command(f"echo {value}")
        elif "Mapping[str, str]" in kind or "Mapping[str, typing.Any]" in kind:
            fields[name] = {"key": value}
        elif "Mapping[str, collections.abc.Mapping" in kind:
            fields[name] = {"key": {"default": value}}
        elif kind.startswith("tuple[str"):
            fields[name] = (value,)
        elif hint is str or kind == "str | None":
            fields[name] = value
    return fields


@pytest.mark.parametrize("field", holding(Task, SECRET))
def test_a_secret_in_any_text_of_a_task_is_hidden(field: str) -> None:
    """Also in a field that is added tomorrow."""
    task = make_task("a")._replace(**{field: holding(Task, SECRET)[field]})

    hidden = getattr(masked_task(task, HIDE), field)

    assert SECRET not in str(hidden)
    assert MASK.decode() in str(hidden)


@pytest.mark.parametrize("field", holding(Workflow, SECRET))
def test_a_secret_in_any_text_of_a_workflow_is_hidden(field: str) -> None:
    plan = make_plan(make_task("a"))
    workflow = plan.workflow._replace(**{field: holding(Workflow, SECRET)[field]})

    hidden = getattr(masked_plan(plan._replace(workflow=workflow), HIDE).workflow, field)

    assert SECRET not in str(hidden)
    assert MASK.decode() in str(hidden)


def test_names_of_variables_and_arguments_stay_as_they_are() -> None:
    """A name that is known to everybody is none."""
    task = make_task("a", env={SECRET: "x"}, with_={SECRET: SECRET})

    hidden = masked_task(task, HIDE)

    assert ({SECRET: "x"}, {SECRET: "***"}) == (hidden.env, hidden.with_)


def test_a_task_without_a_secret_is_the_same_task() -> None:
    """There may be a hundred thousand of them."""
    task = make_task("a", env={"A": "b"})

    assert masked_task(task, HIDE) is task


def test_settings_stay_numbers() -> None:
    """Whatever a secret looks like."""
    task = make_task("a", description=SECRET, execution_timeout=123456.0)
    hide = Masker([SECRET, "123456"]).mask_text

    assert 123456.0 == masked_task(task, hide).execution_timeout
    assert isinstance(holding(Task, SECRET)["env"], Mapping)


@pytest.mark.parametrize("field", ["tasks", "templates", "unexpanded"])
def test_a_secret_in_any_task_of_a_workflow_is_hidden(field: str) -> None:
    """Also in how it is written, before a matrix is expanded."""
    plan = make_plan()
    written: dict[str, Any] = {field: {"a": make_task("a", command=f"echo {SECRET}")}}

    hidden = getattr(masked_plan(plan._replace(workflow=plan.workflow._replace(**written)), HIDE).workflow, field)

    assert "echo ***" == hidden["a"].action.command
