"""Which vars a run needs, and what stands for those that are not worked out."""

import pytest

from airexec.testing import make_plan, make_task
from airexec.workflow.actions.command import Command
from airexec.workflow.model import Plan, QueuePermission, Var
from airexec.workflow.vars import circle_in, names_in, needed, with_unknown

KNOWN = ["a", "b", "version"]
GIT = Var(action=Command("git describe"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ vars.a }}", ["a"]),
        ("{{ vars['b'] }} {{ vars [ \"a\" ] }}", ["a", "b"]),
        ("{{ vars.version | int + vars .b }}", ["b", "version"]),
        ("{{ params.a }}", []),
        ("{{ vars.other }}", []),
        ("{{ vars[params.x] }}", KNOWN),
        ("{% for name in vars %}{% endfor %}", KNOWN),
        ("{{ myvars.a }}", []),
    ],
)
def test_names_are_found_without_reading_a_tree(text: str, names: list[str]) -> None:
    assert names == names_in(text, KNOWN)


def plan(*commands: str, **definitions: Var) -> Plan:
    plan = make_plan(*(make_task(f"t{number}", command=command) for number, command in enumerate(commands)))
    return plan._replace(workflow=plan.workflow._replace(vars=definitions))


def test_a_run_needs_what_its_tasks_use_and_what_that_uses() -> None:
    """In order of the file; of tasks that do not run, nothing."""
    some = plan("x {{ vars.image }}", image=Var("r/{{ vars.version }}"), other=GIT, version=GIT)

    assert ["image", "version"] == needed(some)
    assert [] == needed(plan("x", version=GIT))


def test_a_run_needs_what_its_conditions_settings_and_templates_use() -> None:
    """A condition also without braces; templates where something may be queued."""
    some = plan("x", a=GIT, b=GIT, c=GIT, d=GIT)
    task = some.tasks["t0"]
    workflow = some.workflow._replace(
        env={"A": "{{ vars.a }}"}, templates={"t": make_task("t", command="{{ vars.c }}")}
    )
    some = some._replace(workflow=workflow, tasks={"t0": task._replace(when="vars.b == '1'")})

    assert ["a", "b"] == needed(some)
    growing = some._replace(tasks={"t0": task._replace(queue=QueuePermission())})
    assert ["a", "c"] == needed(growing)


def test_a_circle_is_told_in_the_order_of_need() -> None:
    definitions = {"a": Var("{{ vars.b }}"), "b": Var("{{ vars.c }}"), "c": Var("{{ vars.b }}")}

    assert ["b", "c", "b"] == circle_in(definitions)
    assert None is circle_in({"a": Var("{{ vars.b }}"), "b": GIT})


def test_before_a_run_what_a_command_prints_stands_for_itself() -> None:
    """Also within what is made of it; a filter that cannot take it leaves the whole var unknown."""
    some = plan(
        "x",
        image=Var("r/{{ vars.version }}-{{ params.region }}"),
        version=GIT,
        home=Var("{{ env.HOME }}"),
        next=Var("{{ (vars.version | fromjson).next }}"),
    )._replace(params={"region": "eu"})

    assert {
        "image": "r/\u2039vars.version\u203a-eu",
        "version": "\u2039vars.version\u203a",
        "home": "/home/me",
        "next": "\u2039vars.next\u203a",
    } == with_unknown(some, {"HOME": "/home/me"}).vars
