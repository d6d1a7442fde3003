"""When a run is written for others to read."""

from math import inf

from airexec.run.snapshots import Snapshots
from airexec.scheduler.apply import replay
from airexec.scheduler.events import Record, RunStarted
from airexec.scheduler.state import Run
from airexec.testing import FakeClock, make_plan, make_task


def begun_run() -> Run:
    """One of which there is something to tell."""
    run = Run()
    run.seq = 0
    return run


def test_a_run_in_which_nothing_happened_is_not_written_again() -> None:
    """However long ago the last time is."""
    clock, run, written = FakeClock(), begun_run(), list[int]()
    snapshots = Snapshots(lambda run: written.append(run.seq), clock)

    snapshots.write_if_due(run, 0.0)
    snapshots.write_if_due(run, 100.0)

    assert [run.seq] == written
    assert inf == snapshots.due(run)


def test_a_big_run_is_not_written_before_its_first_tasks_had_half_a_second() -> None:
    """A small one is written as soon as it begins."""
    clock, written = FakeClock(), list[int]()
    big = replay([Record(0, 0.0, RunStarted("r", make_plan(*(make_task(f"t{number}") for number in range(101)))))])
    snapshots = Snapshots(lambda run: written.append(run.seq), clock)

    snapshots.write_if_due(big, 7.0)
    too_early, due = list(written), snapshots.due(big)
    snapshots.write_if_due(big, 7.5)

    assert ([], 7.5, [0]) == (too_early, due, written)


def test_writing_a_big_run_takes_a_twentieth_of_the_time() -> None:
    """Two seconds to write it: the next is due after forty."""
    clock, run = FakeClock(), begun_run()
    snapshots = Snapshots(lambda run: clock.advance(2.0), clock)

    snapshots.write_if_due(run, clock.monotonic())
    run.seq += 1

    assert 40.0 == snapshots.due(run)


def test_a_small_run_is_written_twice_a_second() -> None:
    """And at once when somebody says so."""
    clock, run, written = FakeClock(), begun_run(), list[int]()
    snapshots = Snapshots(lambda run: written.append(run.seq), clock)

    for _ in range(3):
        run.seq += 1
        snapshots.write_if_due(run, 0.0)
    snapshots.write(run)

    assert [run.seq - 2, run.seq] == written
