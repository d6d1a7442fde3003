"""A journal line holds its event exactly, and says when it does not."""

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args
from zlib import crc32

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.scheduler import events
from airexec.scheduler.events import Because, Event, Record
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.state import plan_codec
from airexec.state.codec import (
    NewerFormatError,
    UnreadableLineError,
    event_to_json,
    record_from_line,
    record_to_line,
)
from airexec.state.plan_codec import plan_from_json, plan_to_json, task_from_json, task_to_json
from airexec.testing import make_plan, make_task
from airexec.workflow.actions.command import Command
from airexec.workflow.model import (
    Action,
    Argument,
    Dependency,
    FileAxis,
    IncludedFile,
    Location,
    Overlap,
    Plan,
    QueueLimits,
    QueuePermission,
    Schedule,
    Scope,
    SpliceMoment,
    Task,
    Trigger,
    TriggerRule,
    Var,
    Workflow,
)

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "event.schema.json").read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

texts = st.text(max_size=8) | st.sampled_from(["\udcff", "\u2028", "a\nb", '"', "\x00"])
ids = st.from_regex(r"\A[a-z][a-z0-9.-]{0,5}(\[[^\]\n]{1,4}\])?\Z")
tuples = st.lists(texts, max_size=2).map(tuple)
argvs = st.lists(texts, min_size=1, max_size=3).map(tuple)
seconds = st.floats(0, 1e6)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)
mappings = st.dictionaries(texts, plain, max_size=2)
environments = st.dictionaries(texts, texts, max_size=2)
attempts = st.integers(1, 99)

Fields = dict[str, st.SearchStrategy[Any]]


def values(cls: type, required: Fields, optional: Fields) -> st.SearchStrategy[Any]:
    """Return values of a NamedTuple class, with any choice of the optional fields."""
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: cls(**fields))


commands = values(Command, {"command": texts | argvs}, {"args": tuples, "shell": tuples})
actions = commands

TASK_FIELDS: Fields = {
    "dependencies": st.lists(st.builds(Dependency, ids, st.booleans(), st.booleans(), st.booleans()), max_size=2).map(
        tuple
    ),
    "trigger_rule": st.sampled_from(TriggerRule),
    "when": texts,
    "env": environments,
    "env_file": tuples,
    "cwd": texts,
    "secrets": tuples,
    "retries": st.integers(0, 9),
    "retry_delay": seconds,
    "retry_exponential_backoff": seconds,
    "max_retry_delay": seconds,
    "retry_on": st.lists(st.integers(0, 255), max_size=2).map(tuple),
    "execution_timeout": seconds,
    "pool": texts,
    "pool_slots": attempts,
    "priority_weight": st.integers(),
    "allow_failure": st.booleans(),
    "queue": st.builds(QueuePermission, st.none() | tuples, st.sampled_from(SpliceMoment)),
    "matrix": mappings,
    "sources": tuples,
    "generates": tuples,
    "atomic": texts,
    "depfile": texts,
    "cache_key": texts,
    "manual": st.booleans(),
    "background": st.booleans(),
    "description": texts,
    "tags": tuples,
    "template": texts,
    "with_": mappings,
    "literal": st.booleans(),
    "detached": st.booleans(),
    "scope": texts,
    "location": st.builds(Location, texts, attempts, attempts),
}
variables = values(Var, {}, {"text": texts, "action": actions, "cwd": texts, "env": environments, "timeout": seconds})
tasks = values(Task, {"id": ids, "action": actions}, TASK_FIELDS)
tables = st.lists(tasks, max_size=2).map(lambda items: {task.id: task for task in items})

WORKFLOW_FIELDS: Fields = {
    "default": tuples,
    "templates": tables,
    "description": texts,
    "params": st.dictionaries(texts, mappings, max_size=2),
    "vars": st.dictionaries(texts, variables, max_size=2),
    "env": environments,
    "default_env": environments,
    "default_args": mappings,
    "env_file": tuples,
    "secrets": tuples,
    "cwd": texts,
    "max_active_tasks": attempts,
    "max_active_runs": attempts,
    "fail_fast": st.booleans(),
    "dagrun_timeout": seconds,
    "pools": st.dictionaries(texts, attempts, max_size=2),
    "schedule": values(
        Schedule,
        {"cron": texts},
        {
            "timezone": texts,
            "start_date": seconds,
            "catchup": st.booleans(),
            "overlap": st.sampled_from(Overlap),
        },
    ),
    "triggers": st.lists(
        values(
            Trigger, {}, {"job": texts, "state": st.just("ended"), "files": tuples, "settle": seconds, "param": texts}
        ),
        max_size=2,
    ).map(tuple),
    "queue_limits": st.builds(QueueLimits, attempts, attempts, attempts),
    "groups": st.dictionaries(texts, tuples, max_size=2),
    "arguments": st.dictionaries(
        texts, st.dictionaries(texts, st.builds(Argument, st.booleans(), mappings), max_size=2), max_size=2
    ),
    "axes": st.lists(st.builds(FileAxis, texts, tuples, tuples), max_size=2).map(tuple),
    "files": st.lists(st.builds(IncludedFile, texts, texts), max_size=2).map(tuple),
}
workflows = values(Workflow, {"name": texts, "path": texts, "tasks": tables}, WORKFLOW_FIELDS)


layers = st.lists(environments | tuples, max_size=3).map(tuple)
scopes = values(Scope, {"folder": texts}, {"params": mappings, "vars": environments, "env": layers, "cwd": texts})


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """All tasks of a workflow, some of them, or others."""
    workflow = draw(workflows)
    selected = draw(st.just(dict(workflow.tasks)) | tables)
    durations = draw(st.dictionaries(ids, seconds, max_size=2))
    shuffle = draw(st.none() | st.integers())
    several = draw(st.dictionaries(texts, scopes, max_size=2))
    return Plan(workflow, selected, draw(mappings), draw(attempts), draw(st.booleans()), shuffle, durations, several)


becauses = st.builds(Because, texts, texts, tuples)
counts = st.dictionaries(st.sampled_from(Status), st.integers(0, 9))
EVENTS: dict[type, st.SearchStrategy[Any]] = {
    events.RunStarted: st.builds(events.RunStarted, texts, plans()),
    events.RunResumed: st.builds(events.RunResumed, st.none() | plans()),
    events.AttemptStarted: st.builds(events.AttemptStarted, ids, attempts, tuples, texts),
    events.TaskUpToDate: st.builds(events.TaskUpToDate, ids, mappings, texts, st.integers(0, 9)),
    events.AttemptCompleted: st.builds(events.AttemptCompleted, ids, attempts, seconds, mappings, texts),
    events.AttemptFailed: st.builds(
        events.AttemptFailed,
        ids,
        attempts,
        seconds,
        st.sampled_from(Reason),
        texts,
        st.none() | st.integers(0, 255),
        st.none() | seconds,
        mappings,
        tuples,
        texts,
    ),
    events.RetryReady: st.builds(events.RetryReady, ids),
    events.TaskSkipped: st.builds(events.TaskSkipped, ids, becauses),
    events.TaskUpstreamFailed: st.builds(events.TaskUpstreamFailed, ids, becauses),
    events.NodesQueued: st.builds(events.NodesQueued, ids, attempts, st.lists(tasks, max_size=3).map(tuple), tuples),
    events.NodesAdded: st.builds(events.NodesAdded, st.just("outside"), st.lists(tasks, max_size=3).map(tuple)),
    events.AdditionsRefused: st.builds(events.AdditionsRefused, tuples),
    events.SignalSent: st.builds(events.SignalSent, ids, attempts, texts, texts),
    events.Noticed: st.builds(events.Noticed, ids, attempts, st.sampled_from(["notice", "warning", "error"]), texts),
    events.StopRequested: st.builds(events.StopRequested, st.sampled_from(StopCause)),
    events.TasksReset: st.builds(events.TasksReset, tuples, tuples),
    events.RunFinished: st.builds(events.RunFinished, st.sampled_from(JobState), counts),
}


def same(first: object, second: object) -> bool:
    """Return whether two values are equal and of the same types all the way down."""
    if type(first) is not type(second):
        return False
    if isinstance(first, tuple | list) and isinstance(second, tuple | list):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return same(list(first.items()), list(second.items()))
    return first == second


def test_every_event_is_known_here() -> None:
    """A new event needs a strategy in this file, a name in the codec and a definition in the schema."""
    assert set(get_args(Event)) == set(EVENTS)
    assert set(Task._fields) == {"id", "action", *TASK_FIELDS}
    assert set(Workflow._fields) == {"name", "path", "tasks", *WORKFLOW_FIELDS}


def test_every_kind_of_action_can_be_read_again() -> None:
    """By the key of the file that tells it from the others: a kind without a reader would make journals unreadable."""
    kinds = get_args(Action) or (Action,)

    assert {kind._fields[0] for kind in kinds} == set(plan_codec._ACTION_READERS)


@pytest.mark.parametrize("cls", EVENTS, ids=lambda cls: cls.__name__)
@given(data=st.data())
@settings(max_examples=30)
def test_an_event_comes_back_as_it_was(cls: type, data: st.DataObject) -> None:
    """Values and types: tuples, enums, None and -0.0 included; and the line keeps to the published schema."""
    seq = data.draw(st.integers(0, 3))
    record = Record(seq, 1_795_262_400.125, data.draw(EVENTS[cls]))

    line = record_to_line(record)

    assert same(record, record_from_line(line))
    VALIDATOR.validate(json.loads(line))
    assert written_by_json(record, json.loads(line)["event"]) == line


def written_by_json(record: Record, name: str) -> bytes:
    """Return the line of a record with all of its JSON left to the library."""
    version = {"version": 1} if record.seq == 0 else {}
    head = {"seq": record.seq, "time": "2026-11-21T12:00:00.125Z", "event": name}
    return with_checksum(json.dumps(head | version | event_to_json(record.event), separators=(",", ":"))[:-1].encode())


@given(tasks)
def test_a_task_comes_back_as_it_was(task: Task) -> None:
    """Through JSON text."""
    assert same(task, task_from_json(json.loads(json.dumps(task_to_json(task)))))


@given(plans())
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    """Through JSON text; the order of the tasks as well."""
    assert same(plan, plan_from_json(json.loads(json.dumps(plan_to_json(plan)))))


def test_a_line_is_json_with_the_checksum_as_its_last_key() -> None:
    """For `jq` as much as for us."""
    record = Record(7, 1_795_224_792.345, events.AttemptCompleted("build", 1, 0.5))

    line = record_to_line(record)

    head = b'{"seq":7,"time":"2026-11-21T01:33:12.345Z","event":"attempt_completed"'
    body = head + b',"task":"build","attempt":1,"duration":0.5'
    assert body + b',"crc":"%08x"}\n' % crc32(body) == line


@pytest.mark.parametrize("more", [{"outputs": {"rows": 1}}, {"note": "2 processes left behind ended"}])
def test_a_good_end_with_something_to_say_says_it(more: dict[str, Any]) -> None:
    """The line of one without is put together by hand."""
    event = events.AttemptCompleted("build", 1, 0.5, **more)

    assert event == record_from_line(record_to_line(Record(1, 0.0, event))).event


class AttemptStarted(NamedTuple):
    """Our own with one more field, as it may become."""

    task: str
    attempt: int
    command: tuple[str, ...]
    host: str = "here"


class AttemptCompleted(NamedTuple):
    """Our own with one more field, as it may become."""

    task: str
    attempt: int
    duration: float
    outputs: Mapping[str, Any] = {}
    note: str = ""
    cpu_seconds: float = 0.0


@pytest.mark.parametrize(
    ("grown", "more"),
    [
        (AttemptStarted("build", 1, ("true",)), {"host": "there"}),
        (AttemptCompleted("build", 1, 0.5), {"cpu_seconds": 0.1}),
    ],
)
def test_a_field_that_is_added_is_written(grown: Any, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where lines are put together by hand; at its default it changes nothing."""
    ours = getattr(events, type(grown).__name__)
    monkeypatch.setattr(events, type(grown).__name__, type(grown))
    codec = load_anew("airexec.state.codec")

    lines = [codec.record_to_line(Record(1, 0.0, event)) for event in (grown, grown._replace(**more))]

    assert record_to_line(Record(1, 0.0, ours(*grown[:3]))) == lines[0]
    assert more.items() <= json.loads(lines[1]).items()
    assert [grown, grown._replace(**more)] == [codec.record_from_line(line).event for line in lines]


def load_anew(name: str) -> Any:
    """Return a module as it is made of what it imports by now; the one that all others use stays."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_first_line_carries_the_version() -> None:
    """And no other."""
    event = events.RetryReady("build")

    assert {"version": 1}.items() <= json.loads(record_to_line(Record(0, 0.0, event))).items()
    assert "version" not in json.loads(record_to_line(Record(1, 0.0, event)))


def test_the_name_of_an_event_is_that_of_its_class() -> None:
    """In snake case, so that a reader of the journal finds it in the code."""
    names = {json.loads(record_to_line(Record(1, 0.0, example(cls))))["event"] for cls in get_args(Event)}

    assert {re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower() for cls in get_args(Event)} == names


def test_no_field_of_an_event_collides_with_the_keys_of_a_line() -> None:
    """Each event may use any other name."""
    used = {name for cls in get_args(Event) for name in cls._fields}

    assert set() == used & {"seq", "time", "event", "version", "crc"}


def test_a_task_that_is_as_in_the_workflow_is_not_written_twice() -> None:
    """The plan of 10 000 tasks is the bulk of a journal."""
    plan = make_plan(make_task("a"), make_task("b"))

    assert "tasks" not in plan_to_json(plan)
    assert ["b"] == plan_to_json(plan._replace(tasks={"b": make_task("b")}))["tasks"]
    assert ["b", "a"] == plan_to_json(plan._replace(tasks={name: plan.tasks[name] for name in "ba"}))["tasks"]


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    """Better our bug at once than a journal that `jq` cannot read."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        record_to_line(Record(1, 0.0, events.AttemptCompleted("build", 1, float("nan"))))


@pytest.mark.parametrize("version", [2, 0, -1, "1", None])
def test_a_line_of_another_version_is_refused_by_what_it_says(version: object) -> None:
    """No version but ours is ours."""
    line = with_checksum(b'{"seq":0,"version":%b,"event":"leap"' % json.dumps(version).encode())

    with pytest.raises(NewerFormatError) as caught:
        record_from_line(line)

    assert version == caught.value.version


def test_a_line_of_a_later_version_is_refused_by_its_number() -> None:
    """Whatever else it contains."""
    with pytest.raises(NewerFormatError) as caught:
        record_from_line(with_checksum(b'{"seq":0,"version":2,"event":"leap"'))

    assert 2 == caught.value.version


@pytest.mark.parametrize(
    "body",
    [
        b'{"seq":1',
        b'{"seq":1,"time":"yesterday","event":"retry_ready","task":"a"',
        b'{"seq":1,"time":"2026-11-21T01:33:12.345Z","event":"leap"',
        b'{"seq":1,"time":"2026-11-21T01:33:12.345Z","event":"retry_ready"',
        b'{"seq":1,"time":"2026-11-21T01:33:12.345Z","event":"retry_ready","task":"a","color":"red"',
        b'{"seq":1,"time":"2026-11-21T01:33:12.345Z","event":"stop_requested","cause":"boredom"',
        b'{"seq":1,"time":7,"event":"retry_ready","task":"a"',
        b"[1",
        b"\xff",
        b"",
    ],
)
def test_a_line_that_is_no_event_raises_our_own_error(body: bytes) -> None:
    """Though its checksum is right: nothing else than UnreadableLineError leaves the codec."""
    with pytest.raises(UnreadableLineError, match="not an event of this version"):
        record_from_line(with_checksum(body))


@given(st.binary(max_size=60))
def test_any_bytes_are_an_event_or_our_own_error(line: bytes) -> None:
    """A checksum that does not match is found first."""
    with pytest.raises(UnreadableLineError, match="the checksum does not match"):
        record_from_line(line)


def with_checksum(body: bytes) -> bytes:
    return body + b',"crc":"%08x"}\n' % crc32(body)


def example(cls: type) -> Any:
    """Return the plainest value of an event class."""
    plainest: dict[str, Any] = {
        "plan": make_plan(make_task("a")),
        "because": Because("all_success", "1 of 1 upstream failed"),
        "tasks": (),
        "counts": {},
        "task": "a",
        "command": (),
    }
    names = [name for name in cls._fields if name not in cls._field_defaults]  # type: ignore[attr-defined]
    return cls(*(plainest.get(name, 0) for name in names))


def test_event_fields_at_their_default_are_left_out() -> None:
    """So that a line of an everyday event is short."""
    assert {"task": "a", "attempt": 1, "duration": 0.5} == event_to_json(events.AttemptCompleted("a", 1, 0.5))
