"""Values from scripts inside a task: their types, and the file that takes them."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from airexec.cli.side_channel import append_values, json_argument, parse_assignments, typed
from airexec.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("-3", -3),
        ("0.5", 0.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ('{"a": 1}', {"a": 1}),
    ],
)
def test_json_values_keep_their_type(text: str, value: Any) -> None:
    """`rows=42` is a number for whoever reads it."""
    parsed = typed(text)

    assert (type(value), value) == (type(parsed), parsed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "orders",
        "3.10",
        "1e3",
        "012",
        "NaN",
        "Infinity",
        '"quoted"',
        "[1,",
        "True",
        "12345678901234567.0",
        "1e999",
        "9" * 5000,
        "[NaN]",
        "[1e999]",
        "[" * 9999,
        "[" * 101 + "]" * 101,
    ],
)
def test_everything_else_is_the_text_itself(text: str) -> None:
    """Nothing is lost on the way: a version `3.10` does not become 3.1."""
    assert text == typed(text)


def test_an_object_with_a_key_twice_is_refused() -> None:
    """As in the line: it would be another value to each reader, and as a text it is none that was meant."""
    with pytest.raises(UsageError) as refused:
        parse_assignments(['size={"n": 1, "n": 2}'])

    assert "'size={\"n\": 1, \"n\": 2}': key 'n' stands there twice" == refused.value.headline


def test_as_text_such_an_object_is_a_text_like_any_other() -> None:
    """Nobody reads it as JSON."""
    assert {"size": '{"n": 1, "n": 2}'} == parse_assignments(['size={"n": 1, "n": 2}'], as_text=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"n": 1, "n": 2}', "key 'n' stands there twice"),
        ('{"n": NaN}', "NaN is no JSON number"),
        ('{"n": 1e999}', "the number 1e999 is too big"),
        ('{"n": }', "not JSON: expecting value at column 7"),
    ],
)
def test_json_that_the_line_would_refuse_is_refused(text: str, problem: str) -> None:
    """One reader for what a task prints and for what its script hands over: before anything is written."""
    with pytest.raises(UsageError) as refused:
        json_argument(text)

    assert f"'{text}': {problem}" == refused.value.headline


def test_an_argument_that_is_long_is_not_repeated_whole() -> None:
    """Its ends tell which it was."""
    with pytest.raises(UsageError) as refused:
        json_argument("[" + "1," * 9999)

    assert f"'[{'1,' * 14}…{',1' * 14},': not JSON: expecting value at column 20000" == refused.value.headline


def test_the_last_value_of_a_key_wins() -> None:
    """As with `-p`."""
    assert {"a": 2, "b": "x=y"} == parse_assignments(["a=1", "b=x=y", "a=2"])


def test_values_can_be_taken_as_text() -> None:
    """`--string` switches types off."""
    assert {"version": "3"} == parse_assignments(["version=3"], as_text=True)


@pytest.mark.parametrize("assignment", ["rows", "=42", ""])
def test_an_argument_without_key_and_value_is_refused(assignment: str) -> None:
    """The message shows how one looks."""
    with pytest.raises(UsageError) as refused:
        parse_assignments([assignment])

    assert (f"'{assignment}' is not KEY=VALUE", "for example: rows=42") == (refused.value.headline, refused.value.hint)


def test_outside_of_a_task_there_is_no_file() -> None:
    """Which is said instead of writing nowhere."""
    with pytest.raises(UsageError) as refused:
        append_values("AIREXEC_QUEUE", lambda: pytest.fail("asked for values"), {})

    assert "AIREXEC_QUEUE is not set: this command works inside a task only" == refused.value.headline
    assert "call it from the command of a task that `airexec run` has started" == refused.value.hint


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the reason of the operating system."""
    path = tmp_path / "missing" / "queue"

    with pytest.raises(UsageError) as refused:
        append_values("AIREXEC_QUEUE", lambda: [{}], {"AIREXEC_QUEUE": str(path)})

    assert f"cannot write to {path} (AIREXEC_QUEUE): No such file or directory" == refused.value.headline


def test_callers_at_the_same_time_do_not_mix_their_lines(tmp_path: Path) -> None:
    """Each call is one write in append mode, however long its lines are."""
    environment = {"AIREXEC_QUEUE": str(tmp_path / "queue")}
    start = threading.Barrier(8)

    def write(name: int) -> None:
        start.wait()
        for _ in range(20):
            append_values("AIREXEC_QUEUE", lambda: [{"id": name, "text": "x" * 5000}] * 3, environment)

    writers = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    ids = [json.loads(line)["id"] for line in (tmp_path / "queue").read_text().splitlines()]
    assert 8 * 20 * 3 == len(ids)
    assert all(len(set(ids[at : at + 3])) == 1 for at in range(0, len(ids), 3))
