"""Whoever is told what happens in a run says only what he has a use for."""

from airexec.testing import make_plan, make_task
from airexec.views.live.view import View
from tests.views.watching import WatchedRun


def test_a_view_may_leave_everything_out() -> None:
    """Whatever it is told, it does nothing, and it keeps nobody from sleeping."""
    view = View()
    run = WatchedRun(make_plan(make_task("a")), view)
    run.settle()
    run.print("a", b"hello\n")
    view.progress(run.run, "a", 1, 2)
    run.complete("a")
    run.tick()
    run.close()

    assert (None, {}) == (view.tick_seconds, vars(view))
