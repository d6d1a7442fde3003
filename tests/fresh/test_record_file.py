"""What is remembered of successes: the last line counts, and what is damaged was never there."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.fresh.files import Facts, Seen
from airexec.fresh.record import Call, Success, from_json, to_json
from airexec.fresh.record_file import RecordFile
from airexec.state.layout import JobFolder

texts = st.text(max_size=6)
tuples = st.lists(texts, max_size=2).map(tuple)
numbers = st.integers(0, 2**60)
seen = st.builds(Seen, st.builds(Facts, numbers, numbers, numbers, numbers), texts, numbers)
files = st.dictionaries(texts, seen, max_size=2)
calls = st.builds(Call, tuples, texts, st.dictionaries(texts, texts, max_size=2), texts, tuples, tuples, texts, texts)
plain = st.dictionaries(texts, texts | st.integers() | st.lists(texts), max_size=2)
successes = st.builds(
    Success,
    texts,
    st.integers(1, 9),
    st.floats(0, 2e9),
    calls,
    files,
    files,
    files,
    plain,
    st.dictionaries(texts, texts, max_size=2),
    st.lists(plain, max_size=2),
)
ONE = Success("20260102-030405-0000", 1, 5.0, Call(("true",), ".", {}), queued=[])


@given(successes)
def test_a_success_comes_back_as_it_was(success: Success) -> None:
    assert success == from_json(json.loads(json.dumps(to_json(success))))


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    folder = JobFolder(str(tmp_path / ".airexec"), "etl")
    folder.create()
    return folder


def test_the_last_line_counts(job: JobFolder) -> None:
    """In the file as in memory."""
    file = RecordFile(job)
    file.put("a", ONE)
    file.put("b", ONE)
    file.put("a", ONE._replace(attempt=2))
    file.forget(["b", "c"])
    file.close()

    for one in (file, RecordFile(job)):
        assert (2, None, None) == ((one.get("a") or ONE).attempt, one.get("b"), one.get("c"))


@pytest.mark.parametrize("damage", ["{", "[]", "7", '{"x": 1}', "\x00"])
def test_a_damaged_line_is_as_if_it_were_not_there(job: JobFolder, damage: str) -> None:
    """Also a torn one at the end, behind which the next is written."""
    file = RecordFile(job)
    file.put("a", ONE)
    file.close()
    with open(f"{job.path}/built.jsonl", "a") as stream:
        stream.write(damage)
    after = RecordFile(job)
    after.put("b", ONE)
    after.close()

    assert [ONE, ONE] == [RecordFile(job).get(task) for task in "ab"]


def test_a_line_that_cannot_be_understood_makes_its_task_run(job: JobFolder) -> None:
    file = RecordFile(job)
    file.put("a", ONE)
    file.close()
    with open(f"{job.path}/built.jsonl", "a") as stream:
        stream.write('{"task": "a", "call": 1}\n')

    assert RecordFile(job).get("a") is None


def test_a_file_that_is_mostly_out_of_date_is_written_anew(job: JobFolder) -> None:
    file = RecordFile(job)
    for number in range(150):
        file.put("a", ONE._replace(attempt=number))
    file.close()

    assert 1 == len(Path(f"{job.path}/built.jsonl").read_text().splitlines())
    assert 149 == (RecordFile(job).get("a") or ONE).attempt
