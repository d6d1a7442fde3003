"""A new event asks every reader: each says of every event that it does something with it, or that it need not."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from airexec.scheduler.events import Event
from airexec.state import codec

ROOT = Path(__file__).parents[1]

IGNORED = {
    "scheduler/apply.py": "",
    "views/wording.py": "",
    "views/live/terminal.py": "",
    # Its lines come from wording.py. Only the start of an attempt is left out where a block says it all at the end.
    "views/live/plain.py": """
        RunStarted RunResumed AttemptCompleted AttemptFailed RetryReady TaskSkipped TaskUpstreamFailed NodesQueued
        SignalSent Noticed StopRequested TasksReset RunFinished
        TaskUpToDate NodesAdded AdditionsRefused AttemptSkipped
    """,
    # A plain view that also makes annotations, of what went wrong and of what tasks have to say.
    "views/live/github.py": """
        RunStarted RunResumed AttemptStarted AttemptCompleted RetryReady TaskSkipped TaskUpstreamFailed NodesQueued
        SignalSent StopRequested TasksReset RunFinished
        TaskUpToDate NodesAdded AdditionsRefused AttemptSkipped
    """,
    # Looks at the tasks when the run is over.
    "views/live/junit.py": """
        RunStarted RunResumed AttemptStarted AttemptCompleted AttemptFailed RetryReady TaskSkipped TaskUpstreamFailed
        NodesQueued SignalSent Noticed StopRequested TasksReset RunFinished
        TaskUpToDate NodesAdded AdditionsRefused AttemptSkipped
    """,
    # Tells attempts of one task; why it was not run is in its state, and messages are in its log.
    "views/inspect/attempt_lines.py": """
        RunStarted RetryReady TaskSkipped TaskUpstreamFailed NodesQueued Noticed StopRequested RunFinished
        TaskUpToDate NodesAdded AdditionsRefused
    """,
    # Sorts by task what attempt_lines.py tells; looks up when the run was stopped and who queued, has the rest from it.
    "views/inspect/explain.py": """
        RunStarted RetryReady TaskSkipped TaskUpstreamFailed Noticed RunFinished
        TaskUpToDate NodesAdded AdditionsRefused
    """,
    # Wants to know which logs there are, which of them are complete, and when to stop waiting.
    "reading/logs.py": """
        RetryReady TaskSkipped TaskUpstreamFailed SignalSent Noticed StopRequested TasksReset
        TaskUpToDate AdditionsRefused
    """,
    # Leaves a log where an attempt has ended.
    "run/empty_logs.py": """
        RunStarted RunResumed AttemptStarted RetryReady TaskSkipped TaskUpstreamFailed NodesQueued SignalSent Noticed
        StopRequested TasksReset RunFinished
        TaskUpToDate NodesAdded AdditionsRefused
    """,
    # Reads the last line, to save itself the others when the run is over; what comes before a resume was idle time.
    "reading/history.py": """
        RunStarted AttemptStarted AttemptCompleted AttemptFailed RetryReady TaskSkipped TaskUpstreamFailed NodesQueued
        SignalSent Noticed StopRequested
        TaskUpToDate NodesAdded AdditionsRefused AttemptSkipped
    """,
}
"""What reads events, and those from which it has nothing to learn."""

NO_READERS = {
    "run/loop.py": "tells apart what is to be done next, before that is an event",
    "run/dry_run.py": "the same",
    "run/last_run.py": "the same",
    "state/codec.py": "writes two of them by a quicker way",
}
"""What tells events apart for another reason."""


def test_every_reader_has_an_answer_for_every_event() -> None:
    """When this fails for a new event: teach it to the readers named, or say in IGNORED that they can do without."""
    known = {event.__name__ for event in get_args(Event)}

    assert {} == unanswered(known)


def test_a_new_event_is_a_question_to_every_reader() -> None:
    known = {event.__name__ for event in get_args(Event)}

    asked = unanswered(known | {"TaskDreamt"})

    assert [*IGNORED, "state/codec.py", "schemas/event.schema.json"] == list(asked)
    assert all(events == {"TaskDreamt"} for events in asked.values())


@pytest.mark.parametrize("reader", IGNORED)
def test_nobody_ignores_what_he_reads(reader: str) -> None:
    """Nor anything that has ceased to be an event."""
    known = {event.__name__ for event in get_args(Event)}
    ignored = set(IGNORED[reader].split())

    assert ignored == known - events_in(ROOT / "airexec" / reader, known)


def test_whoever_reads_events_is_a_reader() -> None:
    """A new one has to be written down here."""
    known = {event.__name__ for event in get_args(Event)}
    files = {str(path.relative_to(ROOT / "airexec")): path for path in (ROOT / "airexec").rglob("*.py")}

    readers = {name for name, path in files.items() if events_in(path, known)}

    assert set() == readers - IGNORED.keys() - NO_READERS.keys()


def unanswered(events: set[str]) -> dict[str, set[str]]:
    """Return the readers that neither read nor ignore some of these events, with those."""
    answered = {
        reader: events_in(ROOT / "airexec" / reader, events) | set(ignored.split())
        for reader, ignored in IGNORED.items()
    }
    answered["state/codec.py"] = {event.__name__ for event in codec._EVENTS.values()}
    answered["schemas/event.schema.json"] = set(published())
    return {reader: left for reader, known in answered.items() if (left := events - known)}


def events_in(path: Path, events: set[str]) -> set[str]:
    """Return which of these events a module tells from others, by `match` or `isinstance`."""
    return {name.rpartition(".")[2] for name in classes_asked_for(ast.parse(path.read_text()))} & events


def classes_asked_for(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.MatchClass):
            yield ast.unparse(node.cls)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
            yield from re.findall(r"[\w.]+", ast.unparse(node.args[1]))


def published() -> Iterator[str]:
    """Yield the events that the schema of a journal has, by the names of their classes."""
    schema = json.loads((ROOT / "schemas" / "event.schema.json").read_text())
    for definition in schema["oneOf"]:
        yield definition["$ref"].rpartition("/")[2].title().replace("_", "")
