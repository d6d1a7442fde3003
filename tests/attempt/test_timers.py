"""What is to be done later, in which order, and how long it may be slept until then."""

from math import inf

from airexec.attempt.timers import Timers


def test_timers_fire_when_they_are_due_in_the_order_of_time() -> None:
    timers, fired = Timers(), list[str]()
    timers.set(2.0, lambda: fired.append("second"))
    timers.set(1.0, lambda: fired.append("first"))
    timers.set(2.5, lambda: fired.append("third"))
    timers.fire(0.999)

    assert [] == fired

    timers.fire(2.0)

    assert ["first", "second"] == fired
    assert 2.5 == timers.next_due()

    timers.fire(100.0)

    assert (["first", "second", "third"], inf) == (fired, timers.next_due())


def test_among_equal_times_the_one_set_first_fires_first() -> None:
    timers, fired = Timers(), list[int]()
    for number in range(5):
        timers.set(1.0, lambda number=number: fired.append(number))  # type: ignore[misc]
    timers.fire(1.0)

    assert [0, 1, 2, 3, 4] == fired


def test_what_a_timer_sets_for_now_is_done_at_once() -> None:
    timers, fired = Timers(), list[str]()
    timers.set(1.0, lambda: timers.set(1.0, lambda: fired.append("then")))
    timers.fire(1.0)

    assert ["then"] == fired


def test_time_that_stood_still_puts_everything_off() -> None:
    """And nothing changes its place."""
    timers, fired = Timers(), list[str]()
    timers.set(2.0, lambda: fired.append("second"))
    timers.set(1.0, lambda: fired.append("first"))
    timers.shift(60.0)

    assert 61.0 == timers.next_due()

    timers.fire(62.0)

    assert ["first", "second"] == fired
