"""MAKEFLAGS as GNU make 3.81 to 4.4 writes it: which jobserver it names, and what a make without one may see of it."""

import pytest

from airexec.runner.make_flags import NO_PIPE, Fifo, Pipe, is_dry_run, jobserver, without_jobserver


@pytest.mark.parametrize(
    ("make_flags", "expected"),
    [
        ("", None),
        ("k", None),
        (" -j8", None),
        (" -j3 --jobserver-auth=3,4", Pipe(3, 4)),
        ("k --jobserver-fds=5,6 -j", Pipe(5, 6)),
        (" -j8 --jobserver-auth=fifo:/tmp/GMfifo12", Fifo("/tmp/GMfifo12")),
        (r" -j8 --jobserver-auth=fifo:/tmp/my\ dir/$$x", Fifo("/tmp/my dir/$x")),
        (" --jobserver-fds=3,4 --jobserver-auth=5,6", Pipe(5, 6)),
        (" -j3 --jobserver-auth=-2,-2", NO_PIPE),
        (" -j3 --jobserver-auth=3", NO_PIPE),
        (" -j3 --jobserver-auth=3,x", NO_PIPE),
        (" -j3 --jobserver-auth=", NO_PIPE),
        (" -j3 --jobserver-auth=3,٤", NO_PIPE),
        (" -- X=--jobserver-auth=3,4", None),
        (" -- --jobserver-auth=3,4", None),
        (r" -- X=a\ --jobserver-auth=3,4", None),
        (" -I--jobserver-auth=3,4", None),
    ],
)
def test_the_last_jobserver_that_make_names_counts(make_flags: str, expected: Fifo | Pipe | None) -> None:
    """Variables of the command line, after `--`, may hold any text. What cannot be read is not for us."""
    assert expected == jobserver(make_flags)


@pytest.mark.parametrize(
    ("make_flags", "expected"),
    [
        ("", ""),
        ("kw", "kw"),
        (" -j3 --jobserver-auth=3,4", ""),
        ("k --jobserver-fds=3,4 -j", "k"),
        ("k -l2.5 -j3 --jobserver-auth=3,4 --no-print-directory", "k -l2.5 --no-print-directory"),
        (" --jobs=3 --jobserver-auth=3,4 --jobs", ""),
        (r" --jobserver-auth=fifo:/a\ b -k", " -k"),
        (" -j3 --jobserver-auth=3,4 -- X=-j3", " -- X=-j3"),
        (" -job", " -job"),
    ],
)
def test_a_make_without_the_jobserver_sees_neither_it_nor_its_size(make_flags: str, expected: str) -> None:
    """With `-j3` alone it would run three jobs of its own, with the jobserver it would warn."""
    assert expected == without_jobserver(make_flags)


@pytest.mark.parametrize(
    ("make_flags", "expected"),
    [
        ("n", True),
        ("kn -j -- X=1", True),
        ("", False),
        ("k", False),
        (" -j3", False),
        (" -- n=n", False),
        ("n=1", False),
        ("--no-print-directory", False),
        ("-j3 n", False),
    ],
)
def test_the_letters_before_all_options_say_whether_make_only_looks(make_flags: str, expected: bool) -> None:
    """As the manual of make asks of tools that a line with a `+` calls."""
    assert expected is is_dry_run(make_flags)
