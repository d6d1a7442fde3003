"""Which signals end what runs, one after the other with a grace between them, and what signals to us mean."""

import signal
from collections.abc import Sequence

from airexec.scheduler.statuses import Reason, StopCause

TERMINATE = (signal.SIGTERM, signal.SIGKILL)
_INTERRUPT = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

CAUSES = {signal.SIGINT: StopCause.INTERRUPT, signal.SIGTERM: StopCause.TERMINATE, signal.SIGHUP: StopCause.HANGUP}


def ladder(cause: Reason | StopCause) -> Sequence[signal.Signals]:
    """Return the signals for an attempt that is ended for this cause."""
    return _INTERRUPT if cause is StopCause.INTERRUPT else TERMINATE
