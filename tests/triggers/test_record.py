"""What is settled: nothing starts a run twice, whoever asks, and however the clock was put."""

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.errors import StateUnwritableError
from airexec.triggers.record import CLOCK_SECONDS, DAMAGED, SETTLED_MAX, Record, RecordFile, claim, seen, settle
from airexec.triggers.start import Start, start_from_text, start_to_text
from airexec.workflow.model import Overlap, Schedule

DAILY = Schedule("0 6 * * *", "Europe/Berlin")
NOW = 1_800_000_000.0
FACTS = (1, 2, 3)


def tick(moment: float, schedule: Schedule = DAILY) -> Start:
    return Start("schedule", schedule, moment)


def test_a_schedule_counts_from_when_it_is_first_seen() -> None:
    """Or from its start date, whose own moment may be a tick; and so does another one in its place."""
    assert NOW == seen(Record(), DAILY, NOW).until
    assert NOW - 500 - 1 == seen(Record(), DAILY._replace(start_date=NOW - 500), NOW).until

    known = seen(Record(), DAILY, NOW)
    assert known == seen(known, DAILY, NOW + 9)
    assert known == seen(known, DAILY._replace(catchup=True, overlap=Overlap.QUEUE), NOW + 9)
    for other in (DAILY._replace(cron="0 7 * * *"), DAILY._replace(timezone="UTC"), DAILY._replace(start_date=NOW + 9)):
        assert known.until < seen(known, other, NOW + 9).until


def test_a_tick_is_claimed_once() -> None:
    """And with it all before it."""
    first = claim(seen(Record(), DAILY, NOW), tick(NOW + 60))

    assert first is not None
    assert claim(first, tick(NOW + 60)) is None
    assert claim(first, tick(NOW + 30)) is None
    assert claim(settle(first, NOW + 90.0), tick(NOW + 90)) is None
    assert claim(first, tick(NOW + 120)) is not None


def test_a_clock_that_was_put_back_starts_nothing_again() -> None:
    """By hours: it is waited for. By days: the ticks go on, but for those that were."""
    start = NOW + 60
    record = claim(seen(Record(), DAILY, NOW), tick(start))
    assert record is not None

    assert record == seen(record, DAILY, start - CLOCK_SECONDS + 1)
    back = seen(record, DAILY, start - 3 * CLOCK_SECONDS)

    assert start - 3 * CLOCK_SECONDS == back.until
    assert claim(back, tick(start)) is None
    assert claim(back, tick(start - 60)) is not None


def test_a_start_date_to_come_is_no_clock_that_was_put_back() -> None:
    later = DAILY._replace(start_date=NOW + 9 * CLOCK_SECONDS)
    record = seen(Record(), later, NOW)

    assert record == seen(record, later, NOW + 1)


def test_only_the_last_ticks_are_remembered_one_by_one() -> None:
    """Enough for any clock that is put back by less than half a day."""
    record = settle(Record(), *map(float, range(SETTLED_MAX + 5)))

    assert SETTLED_MAX == len(record.settled)
    assert SETTLED_MAX + 4.0 == record.settled[-1]


def test_an_end_of_a_job_is_claimed_once() -> None:
    end = Start("job", job="etl", run_id="one")
    first = claim(Record(), end)

    assert first is not None
    assert claim(first, end) is None
    assert claim(first, end._replace(run_id="two")) is not None


def test_files_are_claimed_once_as_they_are() -> None:
    """Changed ones are others; what else is known of the glob stays."""
    known = Record(files={"in/*": {"old": FACTS}})
    first = claim(known, Start("files", files={"in/*": {"new": FACTS}}))

    assert first is not None
    assert {"in/*": {"old": FACTS, "new": FACTS}} == first.files
    assert claim(first, Start("files", files={"in/*": {"new": FACTS}})) is None
    assert claim(first, Start("files", files={"in/*": {"new": (2, 2, 3)}})) is not None
    several = {"new": FACTS, "newer": FACTS}
    assert claim(first, Start("files", files={"in/*": several})) is None, "somebody has taken one of them"


texts = st.text(max_size=8)
facts = st.tuples(st.integers(0), st.integers(0), st.integers(0))
files = st.dictionaries(texts, st.dictionaries(texts, facts, max_size=2), max_size=2)
moments = st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000)
records = st.builds(
    Record, texts, moments, st.lists(moments, max_size=3).map(tuple), st.dictionaries(texts, texts, max_size=2), files
)
schedules = st.builds(Schedule, texts, texts, st.none() | moments, st.booleans(), st.sampled_from(Overlap))
plain = st.dictionaries(texts, st.lists(texts) | texts, max_size=2)
starts = st.builds(Start, texts, st.none() | schedules, st.none() | moments, texts, texts, files, plain)


@given(starts)
def test_a_start_comes_over_as_it_was(start: Start) -> None:
    assert start == start_from_text(start_to_text(start))


@given(records)
def test_a_record_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, record: Record) -> None:
    file = RecordFile(str(tmp_path_factory.getbasetemp() / "state"), "etl")

    file.change(lambda before: record)

    assert record == file.read()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schedule": 1}', "null", '{"files": {"a": {"b": 1}}}'])
def test_what_cannot_be_read_is_put_aside(tmp_path: Path, text: str) -> None:
    """By who writes, not by who only looks. The job begins anew, from now on: what was before may have been run."""
    file = RecordFile(str(tmp_path), "etl")
    file.change(lambda before: Record("x"))
    path = tmp_path / "schedules" / "etl.json"
    path.write_text(text)
    assert Record(DAMAGED) == file.read()
    assert text == path.read_text()

    after = file.change(lambda record: seen(record, DAILY._replace(start_date=0.0), NOW))

    assert after is not None
    assert (NOW, True) == (after.until, file.was_damaged)
    assert text == (tmp_path / "schedules" / "etl.json.damaged").read_text()
    assert after == RecordFile(str(tmp_path), "etl").read()


def test_a_record_without_a_schedule_is_put_aside_once(tmp_path: Path) -> None:
    file = RecordFile(str(tmp_path), "etl")
    file.change(lambda before: Record("x"))
    (tmp_path / "schedules" / "etl.json").write_text("{")

    file.change(lambda record: record._replace(jobs={"a": "b"}))

    assert Record(jobs={"a": "b"}) == file.read()


def test_of_many_who_want_one_tick_one_gets_it(tmp_path: Path) -> None:
    got = []

    def take() -> None:
        if RecordFile(str(tmp_path), "etl").change(lambda record: claim(record, tick(NOW))):
            got.append(os.getpid())

    threads = [threading.Thread(target=take) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 == len(got)
    assert ["2027-01-15T08:00:00.000Z"] == json.loads((tmp_path / "schedules" / "etl.json").read_text())["settled"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "schedules").symlink_to(tmp_path)

    with pytest.raises(StateUnwritableError, match="is a symbolic link"):
        RecordFile(str(tmp_path), "etl").change(lambda record: Record("x"))
