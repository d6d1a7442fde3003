"""The user's mistakes and the machine's refusals, as exceptions that carry facts. One function in the CLI prints them.

Below every floor: any module may raise these. A failed task is none of them (it is an event), and neither is a bug
of ours (that is an AssertionError or whatever Python raises, exit code 70).
"""


class AirexecError(Exception):
    """Something a user can mend. `headline` says what is wrong and where, `hint` how to mend it."""

    exit_code = 70

    def __init__(self, headline: str, hint: str = "") -> None:
        super().__init__(headline)
        self.headline = headline
        self.hint = hint


class UsageError(AirexecError):
    """The command line asks for something that is not there or cannot be."""

    exit_code = 2


class StateDamagedError(AirexecError):
    """State on disk is damaged before its tail, or written by a newer version. It was left untouched."""

    exit_code = 65


class StateNewerError(StateDamagedError):
    """State on disk was written by another version of airexec, which may keep its state in other ways altogether."""


class ReportUnwritableError(AirexecError):
    """A report, a picture or another file that the user has asked for cannot be written."""

    exit_code = 74


class StateUnwritableError(AirexecError):
    """The state folder cannot be created or written; nothing has started."""

    exit_code = 73


class JournalError(AirexecError):
    """Writing the journal failed in the middle of a run."""

    exit_code = 74


class JobLockedError(AirexecError):
    """Another scheduler holds the job."""

    exit_code = 75
