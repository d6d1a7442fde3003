"""Journals under attack: what is read is an exact prefix of what was written, or the damage is said; no traceback."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.errors import StateDamagedError
from airexec.graph.draw import draw
from airexec.scheduler import events
from airexec.scheduler.events import Event, Record
from airexec.scheduler.reopen import abandoned, reset_event
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.state.codec import (
    CRC_LENGTH,
    NewerFormatError,
    UnreadableLineError,
    record_from_line,
    record_to_line,
)
from airexec.state.journal import load_run, read_journal
from airexec.state.layout import JobFolder
from airexec.state.view_files import state_text, tasks_text
from airexec.testing import make_plan, make_task
from airexec.views.inspect.explain import explain
from airexec.views.inspect.run_picture import picture_of_run
from airexec.views.inspect.status import status_lines
from airexec.workflow.model import QueuePermission
from tests.fuzz.profile import FUZZ
from tests.views.watching import PLAIN

HAPPENED: list[Event] = [
    events.RunStarted("20261121-120000-0000", make_plan(make_task("a", queue=QueuePermission()), make_task("b", "a"))),
    events.AttemptStarted("a", 1, ("sh", "-c", "true")),
    events.Noticed("a", 1, "warning", "so so"),
    events.NodesQueued("a", 1, (make_task("p"),)),
    events.AttemptCompleted("a", 1, 0.25, {"rows": [1, {"x": None}]}),
    events.AttemptStarted("p", 1, ()),
    events.AttemptFailed("p", 1, 0.5, Reason.EXIT, "exit code 3", 3, None, {}, ("x",)),
    events.TaskUpstreamFailed("b", events.Because("all_success", "p failed", ("p",))),
    events.NodesAdded("outside", (make_task("o", "a"),)),
    events.AdditionsRefused(("tasks.json:1:2: task 'x' depends on 'y', which is not there",)),
    events.StopRequested(StopCause.FAIL_FAST),
    events.RunFinished(
        JobState.FAILED, {Status.COMPLETED: 1, Status.FAILED: 1, Status.UPSTREAM_FAILED: 1, Status.CANCELLED: 1}
    ),
]
RECORDS = [Record(seq, 1_795_262_400.0 + seq, event) for seq, event in enumerate(HAPPENED)]
LINES = [record_to_line(record) for record in RECORDS]
WHOLE = b"".join(LINES)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["a", "p", "exit"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["task", "id", "x", "tasks"]), inner),
    max_leaves=5,
)


def with_checksum(body: bytes) -> bytes:
    return b'%b,"crc":"%08x"}\n' % (body, crc32(body))


def changed(line: bytes, path: list[int], value: Any) -> bytes:
    """Return the line with the value at a path into it replaced, its checksum right again."""
    content = json.loads(line[:-CRC_LENGTH] + b"}")
    place, key = {"": content}, ""
    inner: Any = place
    for step in path:
        following = inner[key]
        if not isinstance(following, dict | list) or not following:
            break
        inner = following
        key = list(inner)[step % len(inner)] if isinstance(inner, dict) else step % len(inner)  # type: ignore[assignment]
    inner[key] = value
    return with_checksum(json.dumps(place[""], allow_nan=True).removesuffix("}").encode())


@given(number=st.integers(0, len(LINES) - 1), path=st.lists(st.integers(0, 30), min_size=1, max_size=6), value=JSON)
@FUZZ
def test_a_line_of_any_content_is_a_record_or_our_own_error(number: int, path: list[int], value: Any) -> None:
    """Its checksum is right, for whoever can write the file can count."""
    with suppress(UnreadableLineError, NewerFormatError):
        record_from_line(changed(LINES[number], path, value))


@pytest.mark.parametrize("body", [b'{"seq":1,"time":' + b"[" * 100_000, b'{"seq":' + b"9" * 5000, b"[" * 100_000])
def test_a_bomb_in_a_line_is_an_unreadable_line(body: bytes) -> None:
    """Too deep to be read, or a number of too many digits."""
    with pytest.raises(UnreadableLineError):
        record_from_line(with_checksum(body))


@given(number=st.integers(0, len(LINES) - 1), path=st.lists(st.integers(0, 30), min_size=1, max_size=6), value=JSON)
@FUZZ
def test_a_run_of_any_content_is_a_run_or_damage(number: int, path: list[int], value: Any, tmp_path: Path) -> None:
    """Also where each event is one, but none that can follow the others."""
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"".join([*LINES[:number], changed(LINES[number], path, value), *LINES[number + 1 :]]))

    with suppress(StateDamagedError):
        records, _, run = load_run(journal)
        look_at(run, records)


def look_at(run: Run, records: Sequence[Record]) -> None:
    """Tell of the run in every way that there is."""
    assert records
    job = JobFolder("/nowhere/.airexec", "job")
    for is_live in (True, False):
        status_lines(run, is_live, PLAIN)
        for task_id in run.tasks:
            explain(run, records, task_id, is_live)
    for name in ("text", "dot", "mermaid", "svg", "html", "json"):
        draw(picture_of_run(run, critical=True), name)
    state_text(job, run)
    tasks_text(job, run)
    abandoned(run)
    reset_event(run)


CUTS = st.lists(
    st.tuples(
        st.integers(0, len(WHOLE)), st.integers(0, 400), st.binary(max_size=20) | st.sampled_from([b"\n", *LINES])
    ),
    min_size=1,
    max_size=3,
)


@given(cuts=CUTS)
@FUZZ
def test_a_mutated_file_is_an_exact_prefix_or_damage(cuts: list[tuple[int, int, bytes]], tmp_path: Path) -> None:
    """Bytes taken out, put in, lines repeated: no event is ever made up, skipped or put in another order."""
    data = WHOLE
    for at, length, put in cuts:
        data = data[:at] + put + data[at + length :]
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(data)

    with suppress(StateDamagedError):
        contents = read_journal(journal)

        assert RECORDS[: len(contents.records)] == contents.records
        assert data == WHOLE[: len(data) - contents.torn_bytes] + data[len(data) - contents.torn_bytes :]
    assert data == journal.read_bytes()


@pytest.mark.parametrize(
    ("number", "old", "new"),
    [
        (6, b'"duration":0.5', b'"duration":NaN'),
        (4, b'"duration":0.25', b'"duration":1e999'),
        (4, b'"rows":[1', b'"rows":[Infinity'),
        (1, b'"attempt":1', b'"attempt":true'),
        (6, b'"reason":"exit"', b'"reason":"fate"'),
        (2, b'"attempt":1', b'"attempt":"1"'),
        (0, b'"max_active_tasks"', b'"max_active_jobs"'),
    ],
)
def test_a_line_that_breaks_the_schema_is_damage(number: int, old: bytes, new: bytes, tmp_path: Path) -> None:
    """However right its checksum is: no reader has to be ready for it."""
    assert old in LINES[number]
    forged = with_checksum(LINES[number].replace(old, new)[:-CRC_LENGTH])
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"".join([*LINES[:number], forged, *LINES[number + 1 :]]))

    with pytest.raises(StateDamagedError):
        load_run(journal)


def test_tasks_that_decide_each_other_are_told_once(tmp_path: Path) -> None:
    """`why` follows who decided; by a forged journal that can go round and round."""
    because = events.Because("all_success", "b failed", ("b",))
    journal = tmp_path / "journal.jsonl"
    forged = record_to_line(RECORDS[7]._replace(event=events.TaskUpstreamFailed("b", because)))
    journal.write_bytes(b"".join([*LINES[:7], forged, *LINES[8:]]))

    records, _, run = load_run(journal)

    assert ["b: upstream_failed", "  its trigger rule is all_success: b failed; decided by b"] == explain(
        run, records, "b"
    )[:2]
