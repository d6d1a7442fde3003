"""The whole way from bytes to a Workflow: what it holds, and that nothing but our own errors comes out of it."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.errors import UsageError
from airexec.graph.read import read_workflow
from airexec.workflow.actions.command import SHELLS, Command
from airexec.workflow.diagnostics import WorkflowError
from airexec.workflow.load import job_name
from airexec.workflow.model import (
    Dependency,
    EnvFile,
    Location,
    Overlap,
    QueueLimits,
    QueuePermission,
    Schedule,
    Secret,
    SpliceMoment,
    Task,
    Trigger,
    TriggerRule,
)
from tests.workflow.reading import workflow

FULL = """\
# yaml-language-server: $schema=../schemas/workflow.schema.json
name: etl
description: Load the day's orders
params:
  region: eu
  shards: {type: integer, default: 4, minimum: 1}
  found: []
env: {PYTHONUNBUFFERED: "1"}
env_file: .env
secrets: [API_TOKEN]
cwd: src
shell: bash
max_active_tasks: 8
fail_fast: false
dagrun_timeout: 2h
pools: {database: 2}
schedule: "0 6 * * *"
timezone: Europe/Berlin
start_date: 2026-07-01
catchup: true
triggers: [{job: other, state: failed}, {files: "in/*.csv", settle: 10s, param: found}]
queue_limits: {per_task: 5, depth: 2}
default_args: {retries: 2, retry_delay: 5s, execution_timeout: 30m, env: {A: "1"}}
x-anything: [1, 2]
templates:
  process:
    command: python process.py {{ with.path }}
tasks:
  extract:
    command: python extract.py --region {{ params.region }}
    queue: [process]
  merge:
    command: python
    args: [merge.py, "--rows={{ tasks.extract.outputs.rows }}"]
    dependencies: [{task: extract, allow_failure: true}]
    trigger_rule: all_done
    when: params.shards > 1
    env: {B: "2"}
    env_file: [a.env, {path: b.env, optional: true}]
    cwd: merge
    secrets: [{name: OTHER, optional: true}]
    shell: [zsh, -c]
    retries: 0
    retry_exponential_backoff: 2
    max_retry_delay: 1m
    retry_on: [75]
    pool: database
    pool_slots: 2
    priority_weight: 3
    allow_failure: true
    queue: {templates: [process], when: line}
    sources: "src/*.py"
    generates: [dist/a]
    background: allow
    description: Merge
    tags: [slow]
"""


def test_every_key_of_the_file_reaches_the_model() -> None:
    """The file of the reference, with every key of a task used once."""
    found = workflow(FULL)

    assert found._replace(tasks={}, templates={}) == found._replace(
        name="etl", path="/there/f.yml", tasks={}, templates={}, description="Load the day's orders",
        params={
            "region": {"type": "string", "default": "eu"},
            "shards": {"type": "integer", "default": 4, "minimum": 1},
            "found": {"type": "array", "default": []},
        },
        env={"PYTHONUNBUFFERED": "1"}, default_env={"A": "1"}, env_file=(EnvFile(".env"),),
        secrets=(Secret("API_TOKEN"),), cwd="src",
        max_active_tasks=8, fail_fast=False, dagrun_timeout=7200.0, pools={"database": 2},
        schedule=Schedule("0 6 * * *", "Europe/Berlin", 1782856800.0, catchup=True, overlap=Overlap.QUEUE),
        triggers=(Trigger("other", "failed"), Trigger(files=("in/*.csv",), settle=10.0, param="found")),
        queue_limits=QueueLimits(per_task=5, depth=2), groups={},
        default_args={"retries": 2, "retry_delay": "5s", "execution_timeout": "30m", "shell": "bash"},
    )  # fmt: skip
    assert ["extract", "merge"] == list(found.tasks)


def test_every_key_of_a_task_reaches_the_model() -> None:
    """Durations in seconds, lists as tuples, defaults merged in."""
    expected = Task(
        id="merge",
        action=Command("python", ("merge.py", "--rows={{ tasks.extract.outputs.rows }}"), ("zsh", "-c")),
        dependencies=(Dependency("extract", allow_failure=True),),
        trigger_rule=TriggerRule.ALL_DONE, when="params.shards > 1", env={"B": "2"},
        env_file=(EnvFile("a.env"), EnvFile("b.env", optional=True)),
        cwd="merge", secrets=(Secret("OTHER", optional=True),),
        retries=0, retry_delay=5.0, retry_exponential_backoff=2.0,
        max_retry_delay=60.0, retry_on=(75,), execution_timeout=1800.0, pool="database", pool_slots=2,
        priority_weight=3, allow_failure=True, queue=QueuePermission(("process",), SpliceMoment.LINE),
        sources=("src/*.py",), generates=("dist/a",), background=True, description="Merge", tags=("slow",),
        location=Location("", 32, 3),
    )  # fmt: skip

    assert expected == workflow(FULL).tasks["merge"]


def test_templates_get_the_defaults_as_tasks_do() -> None:
    """And the shell of the workflow."""
    template = workflow(FULL).templates["process"]

    assert ("process", 2, SHELLS["bash"], Location("", 26, 3)) == (
        template.id,
        template.retries,
        template.action.shell,
        template.location,
    )


def test_the_smallest_workflow() -> None:
    """All else has a default; the job is named after the file."""
    found = workflow("tasks: {hello: {command: echo hello}}")

    assert ("f", {"hello": Task("hello", Command("echo hello"), location=Location("", 1, 9))}) == (
        found.name,
        found.tasks,
    )


@pytest.mark.parametrize(
    ("file", "name"),
    [("etl.yml", "etl"), ("z.json", "z"), ("etl.airexec.yml", "etl"),
     ("my flow.yaml", "my_flow"), ("a.b.yaml", "a.b"), (".hidden.yml", "hidden"), ("größe.yml", "gr__e"),
     (".yml", "workflow"), ("x" * 200 + ".yml", "x" * 128)],
)  # fmt: skip
def test_a_job_without_a_name_is_called_after_its_file(file: str, name: str) -> None:
    """A name is safe as the name of a folder."""
    assert name == job_name(Path("/there") / file)


TOKENS = [
    "tasks:", "\n", "  ", "a:", "b:", "command:", " x", "dependencies:", "[a]", "[b, a]", "{{ params.x }}", "'", '"',
    "|",
    "{", "}", "[", "]", ":", ",", "-", "*a", "&a", "<<:", "#", "---", "!!int", "\t", "3.10", "no", "0", "matrix:",
    "{py: [1]}", "when:", "queue:", "params:", "default_args:", "env:", "templates:", "pools:", "\u2028", "\x00", "é",
]  # fmt: skip


VALUES = ["3", "[]", "{}", "[1]", "{a: 1}", "", "x", "true", "[[x]]", "{a: {b: c}}", "'{{ x }}'", "[{}]"]


def only_our_errors(data: bytes, folder: Path) -> None:
    """Read bytes as a workflow file. Whatever else is raised fails the test."""
    path = folder / "f.yml"
    path.write_bytes(data)
    with suppress(WorkflowError):
        read_workflow(path)


FUZZ = settings(max_examples=250)


@given(tokens=st.lists(st.sampled_from(TOKENS), max_size=40))
@FUZZ
def test_no_words_of_ours_make_it_raise(tokens: list[str], tmp_path: Path) -> None:
    """In any order."""
    only_our_errors("".join(tokens).encode(), tmp_path)


@given(data=st.binary(max_size=60))
@FUZZ
def test_no_bytes_make_it_raise(data: bytes, tmp_path: Path) -> None:
    """As a file that is no text at all."""
    only_our_errors(data, tmp_path)


@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(FULL)), st.integers(0, 12), st.sampled_from([*TOKENS, ""])), min_size=1, max_size=3
    )
)
@settings(FUZZ, max_examples=300)
def test_no_damage_to_a_good_file_makes_it_raise(cuts: list[tuple[int, int, str]], tmp_path: Path) -> None:
    """Anything taken out, anything put in, at up to three places."""
    text = FULL
    for start, length, put in cuts:
        text = text[:start] + put + text[start + length :]
    only_our_errors(text.encode(), tmp_path)


@given(
    values=st.lists(
        st.tuples(
            st.sampled_from([line.split(":")[0].strip() for line in FULL.splitlines() if ":" in line]),
            st.sampled_from(
                ["3", "[]", "{}", "[1]", "{a: 1}", "", "x", "true", "[[x]]", "{a: {b: c}}", "'{{ x }}'", "[{}]"]
            ),
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(FUZZ, max_examples=300)
def test_no_wrong_value_makes_it_raise(values: list[tuple[str, str]], tmp_path: Path) -> None:
    """Every key with every kind of value: the checks come after the schema and must not stumble."""
    lines = FULL.splitlines()
    for key, value in values:
        lines = [f"{line.split(':')[0]}: {value}" if line.strip().startswith(f"{key}:") else line for line in lines]
    only_our_errors("\n".join(lines).encode(), tmp_path)


def test_reading_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for a schema that refers to one elsewhere."""
    monkeypatch.setattr("socket.socket", None)

    assert "etl" == workflow(FULL).name


def test_a_folder_is_not_a_workflow_file(tmp_path: Path) -> None:
    """Said as a usage error."""
    with pytest.raises(UsageError, match=r"^cannot read .*: is a directory$"):
        read_workflow(tmp_path)


def test_ten_thousand_tasks_load_in_seconds() -> None:
    """Measured 1.2 to 1.8 s of one busy core; the bound only catches what is not linear."""
    tasks = "".join(
        f"  t{n}:\n    command: [x, '{n}']\n    dependencies: [t{n - 1}, t{n // 2}x]\n    env: {{A: b}}\n"
        f"  t{n}x:\n    command: y\n    retries: 2\n    tags: [a]\n"
        for n in range(1, 5001)
    )
    started = time.process_time()
    found = workflow("tasks:\n  t0: {command: x}\n  t0x: {command: x}\n" + tasks)
    seconds = time.process_time() - started

    assert 10_002 == len(found.tasks)
    assert seconds < 15
