"""Who takes `{{ args }}`, and where the file may say so."""

import pytest

from airexec.testing import make_task
from airexec.workflow.args import takers, takes_args
from tests.workflow.reading import complaints, workflow


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"command": "pytest {{ args }}"}, True),
        ({"command": "pytest {{args|join(' ')}}"}, True),
        ({"command": "{% for one in args %}{{ one }}{% endfor %}"}, True),
        ({"command": ("pytest", "{{ args }}")}, True),
        ({"command": "pytest", "args": ("{{ args }}",)}, True),
        ({"env": {"WORDS": "{{ args | tojson }}"}}, True),
        ({"when": "args"}, True),
        ({"command": "echo args {{ params.args }}"}, False),
        ({"command": "echo args", "when": "params.args"}, False),
        ({"command": "pytest {{ args }}", "literal": True}, False),
    ],
)
def test_a_task_takes_them_that_names_them_in_a_template(fields: dict[str, object], expected: bool) -> None:
    """Not in other text, and not as part of another name."""
    assert expected is takes_args(make_task("t", **fields))  # type: ignore[arg-type]


def test_what_the_file_says_for_all_tasks_counts_for_each() -> None:
    found = workflow("env: {A: '{{ args | tojson }}'}\ntasks: {a: {command: x}, b: {command: x}}")

    assert ["a", "b"] == takers(found, found.tasks.values())


def test_a_template_counts_where_it_may_be_queued() -> None:
    """By a task of the run."""
    found = workflow("""\
        templates: {part: {command: "x {{ args }}"}}
        tasks: {a: {command: x, queue: [part]}, b: {command: x}}
        """)

    assert ["part"] == takers(found, found.tasks.values())
    assert [] == takers(found, [found.tasks["b"]])


@pytest.mark.parametrize("place", ['"{{ args }}"', "'{{ args }}'", "--x={{ args }}", "> {{ args }}"])
def test_a_list_cannot_stand_in_quotes_or_text(place: str) -> None:
    """Which is said before a run, with the way out."""
    (headline, *_, hint) = complaints(f"tasks:\n  t:\n    command: |\n      pytest {place}\n").splitlines()

    what = "error: `args` is a list, which can only stand bare and alone, where it becomes several words"
    assert headline.endswith(what)
    assert "  hint: write {{ args }} without quotes and text around it, or {{ args | join(' ') }} for one text" == hint


@pytest.mark.parametrize("command", ["pytest {{ args }}", '\'x "{{ args | join(" ") }}"\'', "[pytest, '-k{{ args }}']"])
def test_it_may_stand_alone_or_be_made_a_text(command: str) -> None:
    """Where no shell reads there is nothing to quote."""
    assert "" == complaints(f"tasks:\n  t:\n    command: {command}\n")
