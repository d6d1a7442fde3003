"""The texts of other programs: what is a task in them, what is none, and what may be half of something."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.orders.texts import Entry, UnreadableTextError, decoded, line_column, read_entries, read_state, read_task
from airexec.workflow.actions.command import Command
from airexec.workflow.model import Dependency, Task, Workflow

WORKFLOW = Workflow("etl", "/p/.airexec/jobs/etl/tasks.json", {}, default_args={"execution_timeout": 60})


def task_of(raw: Mapping[str, Any], *done: str) -> Task:
    return read_task(Entry(raw, 0, 1, 2), WORKFLOW, frozenset(done))


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ({"command": "echo"}, Command("echo", ())),
        ({"command": "echo", "args": ["$A", "{{ x }}"]}, Command("echo", ("$A", "{{ x }}"))),
        ({"command": ["echo", "a"]}, Command(("echo", "a"))),
        ({"command": ["echo"], "args": ["b"]}, Command(("echo", "b"))),
        ({"command": "echo", "args": None}, Command("echo", ())),
    ],
)
def test_a_command_never_meets_a_shell(fields: Mapping[str, Any], command: Command) -> None:
    """Nor a template: what another program wrote is data."""
    task = task_of({"id": "a", **fields})

    assert (command, True, False) == (task.action, task.literal, task.action.is_shell_text)


def test_what_a_task_does_not_say_is_said_by_the_job() -> None:
    assert 60 == task_of({"id": "a", "command": "x"}).execution_timeout
    assert 5 == task_of({"id": "a", "command": "x", "execution_timeout": "5s"}).execution_timeout


def test_nobody_waits_for_what_is_done() -> None:
    raw = {"id": "a", "command": "x", "dependencies": ["b", {"task": "c", "allow_failure": True}]}

    assert (Dependency("c", allow_failure=True),) == task_of(raw, "b").dependencies


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"command": "x"}, "there is no 'id' (add 'id')"),
        ({"id": "a"}, "there is no 'command' (add 'command')"),
        ({"id": "a", "command": ""}, "'command' must be the name of a program, or a list of it and its arguments"),
        ({"id": "a", "command": "x", "args": "y"}, "'args' must be a list of strings"),
        ({"id": "a", "command": "x", "args": ["y", 1]}, "item 2 of 'args' must be a string: quote it"),
        ({"id": "a", "command": "x", "retries": -1}, "'retries' must be at least 0, not -1"),
        (["a"], "a map is expected here, not a list"),
    ],
)
def test_what_is_no_task_has_a_reason(raw: Any, problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        task_of(raw)

    assert problem == str(refused.value)


@pytest.mark.parametrize(
    ("status", "is_pending", "has_ended_well"),
    [
        (None, True, False),
        ("pending", True, False),
        ("running", True, False),
        ("up_for_retry", True, False),
        ("completed", False, True),
        ("skipped", False, True),
        ("failed", False, False),
        ("cancelled", False, False),
        ("upstream_failed", False, False),
    ],
)
def test_only_what_is_pending_is_to_be_done(status: str | None, is_pending: bool, has_ended_well: bool) -> None:
    entry = Entry({"id": "a", "status": status}, 0, 1, 1)

    assert (is_pending, has_ended_well) == (entry.is_pending, entry.has_ended_well)


def test_each_entry_has_a_place() -> None:
    text = '[\n  {"id": "a",\n   "command": "x"},\n\n  7, {"id": "b"}\n]\n'

    found = [(entry.id, entry.line, entry.column) for entry in read_entries(text)]

    assert [("a", 2, 3), ("", 5, 3), ("b", 5, 6)] == found


def test_one_task_may_stand_alone() -> None:
    assert [("a", 2, 1)] == [(entry.id, entry.line, entry.column) for entry in read_entries('\n{"id": "a"}')]


WHOLE = json.dumps([{"id": "ä", "command": "x", "args": ["[", '"', "\\"]}, {"id": "b", "command": ["y", "1.5e3"]}])


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_half_of_a_text_is_never_taken_for_the_whole(length: int) -> None:
    """Wherever it was cut; who looks again finds the rest."""
    with pytest.raises(UnreadableTextError) as refused:
        read_entries(WHOLE[:length])

    assert refused.value.may_be_cut


@pytest.mark.parametrize("length", range(len('{"id": "o", "state": "waiting"}')))
def test_half_of_a_state_is_never_taken_for_the_whole(length: int) -> None:
    with pytest.raises(UnreadableTextError) as refused:
        read_state('{"id": "o", "state": "waiting"}'[:length])

    assert refused.value.may_be_cut


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "a map is expected here, not a list"),
        ('{"id": 7, "state": "waiting"}', "'id' must be a text of 1 to 200 characters"),
        ('{"id": "", "state": "waiting"}', "'id' must be a text of 1 to 200 characters"),
        (
            '{"id": "o", "state": "done"}',
            "'state' cannot be 'done' (it takes waiting, working, completed, failed or cancelled)",
        ),
    ],
)
def test_a_state_that_is_none_is_not_about_to_become_one(text: str, problem: str) -> None:
    with pytest.raises(UnreadableTextError) as refused:
        read_state(text)

    assert (problem, False) == (str(refused.value), refused.value.may_be_cut)


def test_a_state_with_a_run_is_ours() -> None:
    assert read_state('{"id": "o", "state": "waiting", "run_id": "20261121-013312-a3f9"}').is_ours
    assert not read_state('{"id": "o", "state": "waiting"}').is_ours


@pytest.mark.parametrize("text", ["[NaN]", "[" * 100_000, "7", '"a"'])
def test_what_no_time_will_mend_is_known_at_once(text: str) -> None:
    with pytest.raises(UnreadableTextError) as refused:
        read_entries(text)

    assert not refused.value.may_be_cut


def test_what_is_no_utf_8_has_a_place() -> None:
    with pytest.raises(UnreadableTextError) as refused:
        decoded(b'[\n"\xff"]')

    assert ("this is not UTF-8", 2, 2) == (str(refused.value), refused.value.line, refused.value.column)
    assert "[]" == decoded(b"\xef\xbb\xbf[]")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(items=st.lists(JSON, max_size=5), indent=st.none() | st.integers(0, 3), is_ascii=st.booleans())
def test_any_list_is_read_as_json_reads_it(items: list[Any], indent: int | None, is_ascii: bool) -> None:
    text = json.dumps(items, indent=indent, ensure_ascii=is_ascii)

    entries = read_entries(text)

    assert items == [entry.raw for entry in entries]
    assert all((entry.line, entry.column) == line_column(text, entry.offset) for entry in entries)
