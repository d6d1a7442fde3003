"""Slots of a jobserver: who gets one, what is written back, and what happens when there is no way to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from airexec.runner.jobserver import Jobserver, membership


class Make(NamedTuple):
    """The pipe of a make, and what a process that it started would find."""

    read: int
    write: int

    @property
    def env(self) -> dict[str, str]:
        return {"MAKEFLAGS": f"k -j3 --jobserver-auth={self.read},{self.write}", "HOME": "/home/me"}

    def tokens(self) -> bytes:
        """Return all tokens that are in the pipe, and put them back."""
        os.set_blocking(self.read, False)
        try:
            there = os.read(self.read, 100)
        except BlockingIOError:
            return b""
        finally:
            os.set_blocking(self.read, True)
        os.write(self.write, there)
        return there


@pytest.fixture
def make() -> Iterator[Make]:
    """A pipe with two tokens, as `make -j3` has, told apart by their bytes."""
    read, write = os.pipe()
    os.write(write, b"xy")
    yield Make(read, write)
    os.close(read)
    os.close(write)


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[tuple[Path, Make]]:
    path = tmp_path / "GMfifo 1"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR)
    os.write(fd, b"xy")
    yield path, Make(fd, fd)
    os.close(fd)


def joined(env: dict[str, str], slots: int | None = None) -> tuple[Jobserver | None, dict[str, str], str | None]:
    """Return what membership gives; left at once, so nothing may be acquired."""
    with membership(env, slots) as member:
        return member.tokens, dict(member.env), member.warning


@contextmanager
def client(make: Make) -> Iterator[Jobserver]:
    with membership(make.env, None) as member:
        assert member.tokens is not None
        yield member.tokens


def test_one_slot_is_ours_and_each_further_one_costs_a_token(make: Make) -> None:
    """`make -j3` has two tokens: three attempts, and no fourth."""
    with client(make) as tokens:
        taken = [tokens.acquire() for _ in range(4)]

        assert [True, True, True, False] == taken
        assert b"" == make.tokens()


def test_the_same_bytes_are_written_back(make: Make) -> None:
    """Tokens before our own slot, since others may wait for them; nothing is written for our own."""
    with client(make) as tokens:
        for _ in range(3):
            tokens.acquire()

        seen = []
        for _ in range(3):
            tokens.release()
            seen.append(sorted(make.tokens()))

    assert [[ord("y")], [ord("x"), ord("y")], [ord("x"), ord("y")]] == seen


def test_our_own_slot_comes_back_too(make: Make) -> None:
    """Else the second attempt of a serial run would already need a token."""
    make_read = os.read(make.read, 2)
    with client(make) as tokens:
        taken = [tokens.acquire(), tokens.acquire()]
        tokens.release()
        taken.append(tokens.acquire())
    os.write(make.write, make_read)

    assert [True, False, True] == taken


def test_leaving_gives_everything_back(make: Make) -> None:
    """Also by an exception: a bug of ours must not starve the build around us."""
    with suppress(RuntimeError), client(make) as tokens:
        taken = [tokens.acquire() for _ in range(3)]
        raise RuntimeError

    assert [True, True, True] == taken
    assert b"xy" == bytes(sorted(make.tokens()))


def test_the_pipe_of_make_stays_blocking(make: Make) -> None:
    """Everybody who holds it would feel a change."""
    with client(make) as tokens:
        tokens.acquire()

        assert os.get_blocking(make.read)
        assert os.get_blocking(make.write)


def test_a_fifo_is_joined_by_its_name(fifo: tuple[Path, Make]) -> None:
    """And handed on to tasks as it is: everybody can open it."""
    path, make = fifo
    env = {"MAKEFLAGS": f" -j3 --jobserver-auth=fifo:{str(path).replace(' ', chr(92) + ' ')}"}
    with membership(env, None) as member:
        assert member.tokens is not None
        taken = [member.tokens.acquire() for _ in range(4)]

    assert [True, True, True, False] == taken
    assert b"xy" == bytes(sorted(make.tokens()))
    assert (env, None) == (member.env, member.warning)


def test_tasks_do_not_look_for_descriptors_that_they_do_not_get(make: Make) -> None:
    """They have 0-2 only. An airexec inside of a task is told another way."""
    _, env, warning = joined({**make.env, "MFLAGS": f"-k -j3 --jobserver-auth={make.read},{make.write}"})

    assert {
        "MAKEFLAGS": "k",
        "MFLAGS": "-k",
        "HOME": "/home/me",
        "AIREXEC_JOBSERVER": f"/proc/{os.getpid()}/fd/{make.read}",
    } == env
    assert warning is None


def test_an_airexec_in_a_task_shares_the_pipe_through_us(make: Make) -> None:
    """It opens the pipe by the name that we give it."""
    with membership(make.env, None) as outer, membership(outer.env, None) as inner:
        assert outer.tokens is not None
        assert inner.tokens is not None
        taken = [tokens.acquire() for tokens in (outer.tokens, outer.tokens, inner.tokens, inner.tokens, inner.tokens)]

        assert [True, True, True, True, False] == taken
    assert b"xy" == bytes(sorted(make.tokens()))


def test_a_make_between_two_runs_of_ours_counts(make: Make, fifo: tuple[Path, Make]) -> None:
    """MAKEFLAGS is set anew by every make, so it is the nearer one."""
    with membership({**make.env, "AIREXEC_JOBSERVER": str(fifo[0])}, None) as member:
        assert member.tokens is not None
        assert member.tokens.acquire()
        assert member.tokens.acquire()

        assert (1, 2) == (len(make.tokens()), len(fifo[1].tokens()))


def test_j_on_the_command_line_wins(make: Make) -> None:
    """As it does in make, with a warning; tasks are told the same as ever."""
    tokens, env, warning = joined(make.env, slots=8)

    assert tokens is None
    assert "k" == env["MAKEFLAGS"]
    assert "-j8 was given, so make's jobserver is left alone" == warning


def test_without_a_jobserver_nothing_changes() -> None:
    """`-j8` in MAKEFLAGS alone is somebody's wish for make."""
    env = {"MAKEFLAGS": "-j8"}

    assert (None, env, None) == joined(env)


@pytest.mark.parametrize("auth", ["-2,-2", "{null},{null}", "{read},{null}", "{read},{other}", "999999,999999", "3,4x"])
def test_descriptors_that_are_no_pipe_leave_one_slot(make: Make, auth: str) -> None:
    """The line of the Makefile had no `+`, so make has closed them, and others may have their numbers."""
    null, other = os.open(os.devnull, os.O_RDWR), os.pipe()
    try:
        auth = auth.format(null=null, read=make.read, other=other[1])
        with membership({"MAKEFLAGS": f" -j3 --jobserver-auth={auth}"}, None) as member:
            assert member.tokens is not None
            taken = [member.tokens.acquire(), member.tokens.acquire()]
    finally:
        for fd in (null, *other):
            os.close(fd)

    assert [True, False] == taken
    assert {"MAKEFLAGS": ""} == member.env
    assert (
        "make's jobserver is not open to airexec, so tasks run one at a time (begin the line of the Makefile with +)"
        == member.warning
    )


@pytest.mark.parametrize("kind", ["missing", "regular"])
def test_what_is_no_fifo_leaves_one_slot(tmp_path: Path, kind: str) -> None:
    """No byte of a regular file is taken for a token, and none is written."""
    path = tmp_path / "fifo"
    if kind == "regular":
        path.write_text("precious")
    with membership({"MAKEFLAGS": f" --jobserver-auth=fifo:{path}"}, None) as member:
        assert member.tokens is not None
        taken = [member.tokens.acquire(), member.tokens.acquire()]

    assert [True, False] == taken
    assert f"make's jobserver cannot be opened, so tasks run one at a time: {path}" == member.warning
    assert kind == "missing" or path.read_text() == "precious"
