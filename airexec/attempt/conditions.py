"""What the answer of a condition means for its attempt. Pure."""

from airexec.attempt.kinds import command
from airexec.attempt.spec import ConditionSpec
from airexec.attempt.verdict import Failure, Skip, exit_code_of
from airexec.scheduler.events import Because
from airexec.scheduler.statuses import Reason

_CANNOT_START = (126, 127)
"""By which a shell says that there is no such command. To take that for `false` would hide each typing mistake."""


def answer(condition: ConditionSpec, returncode: int) -> Failure | Skip | None:
    """Return what follows when a condition has exited so by itself: an end of the attempt, or None: it goes on.

    `returncode` is -n for signal n. Only exit code 0 is true. What `when` is when it did not come to an answer nobody
    knows, so that is a failure.
    """
    failure = command.verdict(returncode)
    if not condition.is_when:
        return None if failure is None else no_answer(condition, failure)
    exit_code = exit_code_of(returncode)
    if failure is not None and exit_code in _CANNOT_START:
        return no_answer(condition, failure._replace(reason=Reason.SPAWN))
    if failure is not None and failure.reason is not Reason.EXIT:
        return no_answer(condition, failure)
    if (failure is None) is not condition.negate:
        return None
    return Skip(Because("when", f"{condition.text} (exit code {exit_code})"))


def timed_out(condition: ConditionSpec) -> Failure:
    """Return the failure of an attempt whose condition has taken longer than it may."""
    return no_answer(condition, Failure(Reason.TIMEOUT, f"timed out after {condition.timeout:g} s"))


def no_answer(condition: ConditionSpec, failure: Failure) -> Failure:
    """Return the failure of an attempt whose condition failed so. It has no exit code: that is the command's."""
    _, words, *_ = failure
    if condition.is_when:
        return Failure(failure.reason, f"when: {condition.text}: {words}")
    if not condition.message:
        return Failure(Reason.PRECONDITION, f"{condition.text}: {words}")
    return Failure(Reason.PRECONDITION, condition.message, details=(f"precondition: {condition.text}", words))
