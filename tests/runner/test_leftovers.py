"""The ladder for what outlives a leader, step by step."""

import os
import signal

from airexec.runner.group import Group
from airexec.runner.leftovers import GRACE, MOMENT, PATIENCE, Leftovers


class FakeGroup(Group):
    """So many members, whatever is sent to them."""

    def __init__(self, count: int) -> None:
        super().__init__(os.getpid(), None)
        self.count = count
        self.sent: list[int] = []

    def members(self) -> int:
        return self.count

    def send(self, signum: int) -> bool:
        self.sent.append(signum)
        return True


def test_what_ends_by_itself_in_its_moment_gets_no_signal() -> None:
    group = FakeGroup(1)
    left = Leftovers(group, now=10.0)
    assert (None, False) == (left.step(10.0), left.is_over)

    group.count = 0
    assert (None, True, 0) == (left.step(10.05), left.is_over, left.count)
    assert [] == group.sent


def test_the_ladder_is_term_then_kill_until_it_is_given_up() -> None:
    group = FakeGroup(3)
    left = Leftovers(group, now=0.0)
    moments = [MOMENT, MOMENT + GRACE - 0.1, MOMENT + GRACE, MOMENT + GRACE + 0.1, MOMENT + GRACE + PATIENCE]
    said = [left.step(now) for now in moments]

    assert [signal.SIGTERM, None, signal.SIGKILL, None, None] == said
    assert [signal.SIGTERM, signal.SIGCONT, signal.SIGKILL, signal.SIGKILL] == group.sent
    assert (True, 3) == (left.is_over, left.count)


def test_in_a_hurry_kill_comes_at_once() -> None:
    group = FakeGroup(1)
    left = Leftovers(group, now=0.0)
    left.hurry(0.01)

    assert (0.01, signal.SIGKILL, 1) == (left.look_at, left.step(0.01), left.count)
