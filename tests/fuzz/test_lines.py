"""`::` lines under attack (F1): any bytes, cut anywhere, through the loop's view of an attempt, without a raise."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from airexec.attempt.attempt import OUTPUT_BYTES_MAX, Attempt
from airexec.attempt.facts import CommandLine, Exited
from airexec.attempt.lines import CommandLines, FoundLine
from airexec.attempt.spec import AttemptSpec
from airexec.testing import FakeClock, FakeExecutor, FakeHost, make_plan, make_task
from airexec.workflow.json_value import JsonError, parse_json
from airexec.workflow.model import QueueLimits, QueuePermission, Task, Workflow
from airexec.workflow.queue_line import PROBLEMS_MAX, QueueBatch
from tests.fuzz.profile import FUZZ, MORE

TEMPLATE = make_task("process", command="echo {{ with.path }}")
WORKFLOW: Workflow = make_plan(make_task("a")).workflow._replace(
    templates={"process": TEMPLATE}, pools={"db": 2}, queue_limits=QueueLimits(per_task=3)
)
ANYTHING = QueuePermission()
ONLY_PROCESS = QueuePermission(("process",))

PIECES = st.sampled_from(
    [
        b"::queue ",
        b"::output ",
        b"::progress ",
        b"::mask ",
        b"::notice ",
        b"::error ",
        b"::nothing ",
        b"\n",
        b"\r\n",
        b"{",
        b"}",
        b'"id"',
        b":",
        b'"a"',
        b'"command"',
        b'"x"',
        b"[",
        b"]",
        b",",
        b"NaN",
        b"1e999",
        b"-0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\x00",
        b'"\\ud800"',
        b" ",
        b"\t",
        b"::",
        b'{"id": "a", "command": "x"}',
        b'{"template": "process", "with": {"path": "a"}}',
        b'{"done": 1, "total": 2}',
        b'{"message": "m"}',
        b'{"rows": 3}',
        b"[" * 1000,
        b"9" * 5000,
        b"x" * 70_000,
    ]
)


def attempt(permission: QueuePermission | None, host: FakeHost) -> Attempt:
    return Attempt(AttemptSpec("a", 1, (), {}, "/", "/log"), make_task("a", queue=permission), WORKFLOW, host)


def found_lines(data: bytes, cuts: list[int]) -> list[FoundLine]:
    lines = CommandLines()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    found = [line for start, end in pairwise(places) for line in lines.feed(data[start:end])]
    return found + lines.finish()


@given(
    st.lists(PIECES, max_size=15).map(b"".join),
    st.lists(st.integers(0, 10**6), max_size=8),
    st.sampled_from([None, ANYTHING, ONLY_PROCESS]),
)
@MORE
def test_any_output_in_any_pieces_is_taken_without_a_raise(
    data: bytes, cuts: list[int], permission: QueuePermission | None
) -> None:
    """How it is cut changes nothing, and what is taken is in its bounds."""
    host = FakeHost(FakeExecutor(FakeClock()))
    it = attempt(permission, host)
    found = found_lines(data, cuts)
    for line in found:
        it.take(CommandLine("a", 1, *line))
    it.exited(Exited("a", 1, 0))

    assert found_lines(data, []) == found
    assert all(min(entry[1:]) >= 0 for entry in host.log if entry[0] == "progress")
    assert host.verdict is not None
    assert host.verdict.failure is None or "splice" not in {entry[0] for entry in host.log}
    assert permission is not None or "splice" not in {entry[0] for entry in host.log}
    assert json.dumps(host.verdict.outputs, allow_nan=False)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
@FUZZ
def test_json_of_good_manners_comes_through_as_it_is(value: Any) -> None:
    """Strict is not lossy."""
    assert value == parse_json(json.dumps(value))


@given(st.text(alphabet='{}[]",:0123456789.eE+-truefalsnNIiy \\u', max_size=40))
@MORE
def test_what_is_taken_for_json_means_the_same_to_everybody(text: str) -> None:
    """It can be written again, without NaN, and has no key twice."""
    try:
        value = parse_json(text)
    except JsonError as error:
        problem = str(error)
    else:
        problem = ""

        assert value == parse_json(json.dumps(value, allow_nan=False))
    assert "\n" not in problem


KEYS = st.sampled_from(
    [
        "id",
        "template",
        "with",
        "command",
        "args",
        "shell",
        "dependencies",
        "trigger_rule",
        "when",
        "preconditions",
        "skip_on_exit_code",
        "env",
        "env_file",
        "cwd",
        "secrets",
        "retries",
        "retry_delay",
        "pool",
        "pool_slots",
        "queue",
        "matrix",
        "detached",
        "allow_failure",
        "sources",
        "generates",
        "background",
        "description",
        "tags",
        "execution_timeout",
        "x",
        "__class__",
        "",
    ]
)
HOSTILE = (
    st.sampled_from(["a", "../x", "process", "{{ 7 * 7 }}", "db", "all_done", "$(id)", "1h", "\x00", "\ud800"]) | JSON
)
ITEMS = st.dictionaries(
    KEYS, HOSTILE | st.lists(HOSTILE, max_size=2) | st.dictionaries(KEYS, HOSTILE, max_size=2), max_size=6
)


@given(st.lists(ITEMS, max_size=3), st.sampled_from([ANYTHING, ONLY_PROCESS]))
@example([{"template": "process", "with": {"path": "a"}, "retries": 9}], ONLY_PROCESS)
@MORE
def test_any_item_is_a_task_or_a_problem(items: list[dict[str, Any]], permission: QueuePermission) -> None:
    """All of a line or nothing of it; with `queue: [process]` nothing but `process` as it was declared (F4)."""
    batch = QueueBatch(permission, WORKFLOW)
    batch.read("line 1", json.dumps(items))

    assert bool(items) == bool(batch.tasks or batch.problems)
    for task in batch.tasks:
        assert permission is ANYTHING or as_declared(task) == as_declared(TEMPLATE)
        assert task.template is not None or task.literal


def as_declared(task: Task) -> Task:
    """Return the task without what a line may choose itself."""
    return task._replace(
        id="", template=None, with_={}, dependencies=(), detached=False, location=None, description="", tags=()
    )


def test_a_million_bad_lines_are_counted() -> None:
    """A hundred are kept, so memory stays flat (F3)."""
    batch = QueueBatch(ANYTHING, WORKFLOW)
    for number in range(20_000):
        batch.read(f"line {number}", "{")

    assert (PROBLEMS_MAX, 20_000 - PROBLEMS_MAX) == (len(batch.problems), batch.problems_more)


def test_outputs_beyond_the_limit_are_complained_about_and_not_kept() -> None:
    """A flood of `::output` lines is as flat as one of `::queue` lines."""
    host = FakeHost(FakeExecutor(FakeClock()))
    it = attempt(None, host)
    for number in range(20_000):
        it.take(CommandLine("a", 1, "output", json.dumps({f"k{number}": "x" * 100}), number))
    it.exited(Exited("a", 1, 0))

    assert host.verdict is not None
    assert host.verdict.failure is not None
    assert PROBLEMS_MAX == len(host.verdict.failure.details)
    assert len(json.dumps(host.verdict.outputs)) <= OUTPUT_BYTES_MAX
