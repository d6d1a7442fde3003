"""Which signals end an attempt, one after the other with a grace between them."""

import signal
from collections.abc import Sequence

from airexec.scheduler.statuses import Reason, StopCause

GRACE = 10.0
"""Seconds between two steps of a ladder."""
TERMINATE = (signal.SIGTERM, signal.SIGKILL)
_INTERRUPT = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

CAUSES = {signal.SIGINT: StopCause.INTERRUPT, signal.SIGTERM: StopCause.TERMINATE, signal.SIGHUP: StopCause.HANGUP}
"""What signals to airexec itself mean for the run."""


def ladder(cause: Reason | StopCause) -> Sequence[signal.Signals]:
    """Return the signals for an attempt that is ended for this cause."""
    return _INTERRUPT if cause is StopCause.INTERRUPT else TERMINATE
