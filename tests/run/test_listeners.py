"""When views hear of what happens: at once after a pause, in a burst now and then, always in order."""

from collections.abc import Callable
from math import inf

import pytest

from airexec.attempt.facts import Printed
from airexec.run.listeners import Listeners
from airexec.scheduler.events import Record, RetryReady
from airexec.scheduler.state import Run
from airexec.views.live.view import Listener

RUN = Run()


class Notes(Listener):
    """Notes what it is told."""

    tick_seconds: float | None = None

    def __init__(self, tick_seconds: float | None = None) -> None:
        self.tick_seconds = tick_seconds
        self.heard: list[object] = []

    def record(self, run: Run, record: Record) -> None:
        self.heard.append(record.seq)

    def printed(self, run: Run, printed: Printed) -> None:
        self.heard.append(printed.data)

    def progress(self, run: Run, task: str, done: float, total: float) -> None:
        self.heard.append((done, total))

    def tick(self, run: Run, now: float) -> None:
        self.heard.append(f"tick at {now:g}")

    def close(self, run: Run, seconds: float) -> None:
        self.heard.append(f"close after {seconds:g}")


def record(seq: int) -> Record:
    return Record(seq, 0.0, RetryReady("a"))


def test_the_first_word_is_passed_on_at_once() -> None:
    view = Notes()
    listeners = Listeners([view])
    listeners.record([record(0), record(1)])
    listeners.tick(RUN, 100.0)

    assert [0, 1, "tick at 100"] == view.heard


def test_a_burst_is_passed_on_when_a_twentieth_of_a_second_is_over() -> None:
    view = Notes()
    listeners = Listeners([view])
    for number in range(6):
        listeners.record([record(number)])
        listeners.tick(RUN, number * 0.02)

    assert [0, "tick at 0", 1, 2, 3, "tick at 0.06"] == view.heard


def test_what_was_kept_is_asked_for_when_its_time_has_come() -> None:
    listeners = Listeners([Notes()])
    listeners.tick(RUN, 1.0)
    calm = listeners.due()
    listeners.record([record(0)])

    assert (inf, 1.05) == (calm, listeners.due())


def test_after_a_pause_what_is_new_is_due_now() -> None:
    listeners = Listeners([Notes()])
    listeners.tick(RUN, 1.0)
    listeners.record([record(0)])

    assert 1.05 == listeners.due()


def test_output_and_progress_come_after_all_that_happened_before() -> None:
    view = Notes()
    listeners = Listeners([view])
    listeners.record([record(0)])
    listeners.printed(RUN, Printed("a", 1, "stdout", b"one"))
    listeners.record([record(1)])
    listeners.progress(RUN, "a", 1, 2)

    assert [0, b"one", 1, (1, 2)] == view.heard


@pytest.mark.parametrize(
    "say",
    [
        lambda listeners: listeners.printed(RUN, Printed("a", 1, "stdout", b"one")),
        lambda listeners: listeners.progress(RUN, "a", 1, 2),
    ],
)
def test_output_and_progress_are_news_too(say: Callable[[Listeners], None]) -> None:
    """They may wait in the view for the next tick."""
    listeners = Listeners([Notes()])
    listeners.tick(RUN, 1.0)
    say(listeners)

    assert 1.05 == listeners.due()


def test_the_end_comes_last() -> None:
    view = Notes()
    listeners = Listeners([view])
    listeners.tick(RUN, 1.0)
    listeners.record([record(0)])
    listeners.close(RUN)

    assert ["tick at 1", 0, "close after 0"] == view.heard


def test_the_end_says_how_long_this_process_was_at_it() -> None:
    """From the first event that it wrote: those of a scheduler before are no time that anybody has waited now."""
    view = Notes()
    listeners = Listeners([view])
    listeners.record([Record(7, 100.0, RetryReady("a")), Record(8, 160.0, RetryReady("b"))])
    run = Run()
    run.created_at, run.updated_at = 1.0, 160.0
    listeners.close(run)

    assert [7, 8, "close after 60"] == view.heard


def test_the_view_that_needs_it_soonest_sets_the_pace() -> None:
    """One that is behind (0) is waited for by nobody, a calm one is called now and then."""
    calm, behind = Notes(60.0), Notes(0.25)
    listeners = Listeners([calm, Notes(), behind])
    listeners.tick(RUN, 1.0)
    soon = listeners.due()
    behind.tick_seconds = 0.0
    listeners.tick(RUN, 2.0)

    assert (1.25, 2.0) == (soon, listeners.due())
    listeners.tick(RUN, 2.0)
    assert ["tick at 1", "tick at 2", "tick at 2"] == calm.heard


def test_a_run_without_views_keeps_nothing() -> None:
    listeners = Listeners([])
    listeners.record([record(0)])

    assert inf == listeners.due()
