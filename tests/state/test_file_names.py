"""The name of a task's files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.state.file_names import LONGEST, file_name


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("build", "build"),
        ("test[py3.11,linux]", "test[py3.11,linux]"),
        ("process[src/a b.py]", "process[src%2Fa%20b.py]"),
        ("process[../../etc/passwd]", "process[..%2F..%2Fetc%2Fpasswd]"),
        ("process[100%]", "process[100%25]"),
        ("process[é]", "process[%C3%A9]"),
        ("process[e\u0301]", "process[e%CC%81]"),
        ("process[\udcff]", "process[%ED%B3%BF]"),
        ("process[a~b\0\n]", "process[a%7Eb%00%0A]"),
    ],
)
def test_what_is_unsafe_in_a_file_name_is_percent_encoded(task: str, name: str) -> None:
    """Two spellings of é are two names, also where the file system takes them for one."""
    assert name == file_name(task)


def test_a_long_name_ends_in_a_digest() -> None:
    """So that names which differ only at the end differ."""
    first, second = (file_name(f"process[{'x' * 10_000}{end}]") for end in "ab")

    assert first != second
    assert (LONGEST, LONGEST) == (len(first), len(second))
    assert first.startswith("process[xxx")


@given(st.text(), st.text())
def test_two_tasks_never_share_a_file(first: str, second: str) -> None:
    """Nor does any name hold what a path gives a meaning to."""
    assert (first == second) == (file_name(first) == file_name(second))
    assert not set("/\\\0\n :*") & set(file_name(first))


@given(st.text(alphabet="a%~/5é", min_size=150, max_size=400))
def test_no_name_is_longer_than_a_file_system_takes(task: str) -> None:
    """The attempt and the ending still have to fit."""
    assert len(file_name(task)) <= LONGEST
