"""`::` lines of a log that nobody has heeded are shown, all others are not."""

from pathlib import Path

import pytest

from airexec.attempt.plain_lines import BYTES_MAX, ForPeople, PlainLines

NOTICE = '::notice "text"'


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(tmp_path / "a.1.log")


def test_heeded_lines_are_left_out(log: str) -> None:
    """What they cause is said in its own way."""
    assert ["before", "after"] == list(ForPeople(log, may_queue=False)(["before", NOTICE, "after"]))


def test_a_line_that_was_plain_is_shown_as_often_as_it_was_printed(log: str) -> None:
    """Twice on stderr, twice on stdout: the log does not tell which is which, and two of them are shown."""
    plain = PlainLines(log)
    plain.add(NOTICE)
    plain.add(NOTICE)

    assert ["a", NOTICE, NOTICE, "b"] == list(
        ForPeople(log, may_queue=False)(["a", NOTICE, NOTICE, NOTICE, "b", NOTICE])
    )


def test_blanks_make_no_difference(log: str) -> None:
    PlainLines(log).add('::notice\t"text" ')

    assert [NOTICE] == list(ForPeople(log, may_queue=False)([NOTICE]))


def test_who_follows_a_log_learns_of_plain_lines_as_they_come(log: str) -> None:
    """The attempt still runs."""
    plain, for_people = PlainLines(log), ForPeople(log, may_queue=False)

    before = list(for_people([NOTICE]))
    plain.add(NOTICE)

    assert ([], [NOTICE]) == (before, list(for_people([NOTICE])))


def test_what_is_shown_anyway_is_not_kept(log: str, tmp_path: Path) -> None:
    """Nearly no attempt has such a file."""
    PlainLines(log).add("::notice nonsense")

    assert [] == list(tmp_path.iterdir())


def test_a_flood_of_plain_lines_is_bounded(log: str, tmp_path: Path) -> None:
    plain = PlainLines(log)
    for number in range(10_000):
        plain.add(f'::notice "{number}"')

    (file,) = tmp_path.iterdir()
    assert BYTES_MAX - 100 < file.stat().st_size <= BYTES_MAX


def test_the_file_of_an_attempt_that_was_forgotten_is_begun_anew(log: str) -> None:
    PlainLines(log).add('::notice "old"')
    PlainLines(log).add(NOTICE)

    assert [NOTICE] == list(ForPeople(log, may_queue=False)(['::notice "old"', NOTICE]))


def test_a_folder_that_is_gone_is_no_reason_to_fail(tmp_path: Path) -> None:
    PlainLines(str(tmp_path / "gone" / "a.1.log")).add(NOTICE)

    assert [] == list(tmp_path.iterdir())


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Its name is easy to guess for a task."""
    (tmp_path / "precious").write_text("precious")
    (tmp_path / ".log.plain").symlink_to("precious")
    PlainLines(str(tmp_path / "log")).add("::notice no message of ours")

    assert "precious" == (tmp_path / "precious").read_text()
