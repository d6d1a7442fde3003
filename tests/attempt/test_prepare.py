"""From a task to an attempt that can be started, without any run: what is rendered, and whose word counts."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from airexec.attempt.lines import CommandLines
from airexec.attempt.prepare import Preparation, surroundings, surroundings_of
from airexec.attempt.spec import AttemptSpec
from airexec.errors import UsageError
from airexec.scheduler.events import AttemptCompleted, Because
from airexec.state.layout import RunFolder
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import EnvFile, QueuePermission, Scope, Secret, SpliceMoment, Task
from airexec.workflow.template.problem import TemplateError

RUN_ID = "20260102-030405-0000"
UP = {"outputs": {"rows": 42}, "status": "completed", "exit_code": 0}
AROUND = surroundings(RUN_ID, 1_767_323_045.0, {"up": UP})
"""What the templates of these tests see of a run."""


def prepare(
    *tasks: Task, caller: Mapping[str, str] = {}, hide: Callable[[str], str | None] | None = None, **settings: Any
) -> Preparation:
    """Return the preparation of a plan of these tasks, whose file is /w/job.yml."""
    return Preparation(make_plan(*tasks, **settings), RunFolder("/state", RUN_ID), caller, hide=hide)


def spec_of(task: Task, number: int = 1, **around: Any) -> AttemptSpec:
    return prepare(task, **around).spec(task, number, AROUND)


def values(spec: AttemptSpec, names: str) -> dict[str, str]:
    """Return those variables of an attempt that have these letters as names."""
    return {name: spec.env[name] for name in names if name in spec.env}


# --- what is started --------------------------------------------------------------------------------------------------


def test_an_attempt_has_its_own_log_and_side_files() -> None:
    """By task and number."""
    spec = spec_of(make_task("a"), 2)

    assert ("a", 2) == (spec.task, spec.attempt)
    assert f"/state/{RUN_ID}/logs/a.2.log" == spec.log_path
    assert (f"/state/{RUN_ID}/side/a.2.queue", f"/state/{RUN_ID}/side/a.2.output") == (
        spec.queue_file,
        spec.output_file,
    )
    assert (spec.queue_file, spec.output_file) == (spec.env["AIREXEC_QUEUE"], spec.env["AIREXEC_OUTPUT"])
    assert ("job", RUN_ID, "a", "2") == tuple(spec.env[f"AIREXEC_{name}"] for name in ("JOB", "RUN", "TASK", "ATTEMPT"))


@pytest.mark.parametrize(
    ("fields", "argv"),
    [
        ({"command": "echo {{ params.x }}"}, ("sh", "-e", "-c", "echo 'a b'")),
        ({"command": "echo {{ params.x }}", "shell": ("zsh", "-c")}, ("zsh", "-c", "echo 'a b'")),
        ({"command": "{{ params.x }}", "args": ("{{ params.x }}", "-n")}, ("a b", "a b", "-n")),
        ({"command": ("echo", "{{ params.x }}")}, ("echo", "a b")),
        ({"command": ("echo", "$X"), "args": ("{{ params.x }}",)}, ("echo", "$X", "a b")),
        ({"command": "echo {{ args }}"}, ("sh", "-e", "-c", "echo c 'd e'")),
        ({"command": ("echo", "{{args}}", "{{ args | length }}")}, ("echo", "c", "d e", "2")),
        ({"command": "echo", "args": ("{{ args }}", "-{{ args }}")}, ("echo", "c", "d e", '-["c", "d e"]')),
        ({"command": "{{ args }}", "args": ()}, ('["c", "d e"]',)),
    ],
)
def test_each_form_of_a_command_is_rendered(fields: dict[str, Any], argv: tuple[str, ...]) -> None:
    """Values in a shell text are quoted for their place; a word of an argv is what it is."""
    assert argv == spec_of(make_task("a", **fields), params={"x": "a b"}, args=("c", "d e")).argv


def test_a_value_is_quoted_as_the_shell_of_its_task_reads_it() -> None:
    """The language is that of `shell:`, not of sh."""
    task = make_task("a", command="print({{ params.x }})", shell=("python3", "-c"))

    assert ("python3", "-c", """print(("it's $HOME"))""") == spec_of(task, params={"x": "it's $HOME"}).argv


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ params.x }}", "px"),
        ("{{ job.name }}", "job"),
        ("{{ run.id }}", RUN_ID),
        ("{{ run.started_at }}", "2026-01-02T03:04:05.000Z"),
        ("{{ tasks.up.outputs.rows + 1 }}", "43"),
        ("{{ tasks.up.status }}", "completed"),
        ("{{ task.id }}", "a"),
        ("{{ task.attempt }}", "3"),
        ("{{ matrix.os }}", "linux"),
        ("{{ with.path }}", "a.csv"),
        ("{{ env.CALLER }}", "c"),
    ],
)
def test_a_template_sees_what_there_is_around_its_attempt(template: str, value: str) -> None:
    task = make_task("a", command=(template,), matrix={"os": "linux"}, with_={"path": "a.csv"})

    assert (value,) == spec_of(task, 3, caller={"CALLER": "c"}, params={"x": "px"}).argv


def test_a_template_sees_the_run_as_it_becomes() -> None:
    """The results of a task are looked up when they are asked for."""
    script = Script(make_plan(make_task("up"), make_task("a", ["up"], command=("{{ tasks.up.status }}",))))
    around = surroundings_of(script.run)
    script.settle()
    task = script.run.tasks["a"].task

    assert ("running",) == prepare(task).spec(task, 1, around).argv
    assert (["up", "a"], 2) == (list(around["tasks"]), len(around["tasks"]))

    script.complete("up")

    assert ("completed",) == prepare(task).spec(task, 1, around).argv


def test_the_results_of_a_matrix_are_lists() -> None:
    """In order of its instances, those included that have not ended."""
    plan = make_plan(
        make_task("pack[b]"), make_task("pack[a]"), make_task("other"), groups={"pack": ("pack[b]", "pack[a]")}
    )
    script = Script(plan._replace(max_active_tasks=3))
    script.settle()
    script.happen(AttemptCompleted("pack[a]", 1, 1.0, {"file": "a.zip"}))

    tasks = surroundings_of(script.run)["tasks"]

    assert {
        "outputs": [{}, {"file": "a.zip"}],
        "status": ["running", "completed"],
        "exit_code": [None, 0],
    } == tasks["pack"]
    assert (["pack[b]", "pack[a]", "other"], False) == (list(tasks), "nope" in tasks)


def test_a_template_that_asks_for_what_is_not_there_is_an_error() -> None:
    with pytest.raises(TemplateError) as error:
        spec_of(make_task("a", command="echo {{ tasks.up.outputs.nope }}"))

    assert "`{{ tasks.up.outputs.nope }}`: task 'up' has no output 'nope'; its outputs: rows" == error.value.headline


def test_a_task_is_taken_as_the_plan_has_it() -> None:
    """That of the run may have its secrets masked; one that the plan does not know was queued."""
    written = make_task("a", command="curl s3cret")
    preparation = prepare(written)

    assert "curl s3cret" == preparation.spec(make_task("a", command="curl ***"), 1, AROUND).argv[-1]
    assert "other" == preparation.spec(make_task("q", command="other"), 1, AROUND).argv[-1]


@pytest.mark.parametrize(
    ("queue", "at_line"),
    [
        (None, False),
        (QueuePermission(), False),
        (QueuePermission(when=SpliceMoment.LINE), True),
    ],
)
def test_an_executor_knows_whether_side_files_count_at_once(queue: QueuePermission | None, at_line: bool) -> None:
    assert at_line is spec_of(make_task("a", queue=queue)).splices_at_line


def test_an_executor_knows_what_reads_along_and_what_may_stay() -> None:
    spec = spec_of(make_task("a", background=True))

    assert (CommandLines, True, False) == (spec.listener, spec.background, spec_of(make_task("a")).background)


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "because"),
    [
        (None, None),
        ("params.x == 'px'", None),
        ("{{ tasks.up.outputs.rows > 41 }}", None),
        ("env.A == 'px'", None),
        ("task.attempt > 1", Because("when", "task.attempt > 1")),
        ("false", Because("when", "false")),
        ("''", Because("when", "''")),
    ],
)
def test_a_task_whose_when_is_false_is_refused(when: str | None, because: Because | None) -> None:
    """By the value of the expression, as Python takes values for true and false; it sees the environment as well."""
    task = make_task("a", when=when, env={"A": "{{ params.x }}"})

    assert because == prepare(task, params={"x": "px"}).refusal(task, 1, AROUND)


def test_the_reason_of_a_refusal_has_no_secret_in_it() -> None:
    """It goes into the journal."""
    task = make_task("a", when="'s3cret' == ''")
    plan = make_plan(task)
    preparation = Preparation(plan, RunFolder("/state", RUN_ID), {}, lambda text: text.replace("s3cret", "***"))

    assert Because("when", "'***' == ''") == preparation.refusal(task, 1, AROUND)


def test_a_when_that_cannot_be_told_is_an_error() -> None:
    task = make_task("a", when="params.nope > 1")

    with pytest.raises(TemplateError, match="nope"):
        prepare(task).refusal(task, 1, AROUND)


# --- the environment --------------------------------------------------------------------------------------------------


def test_later_layers_of_the_environment_win(tmp_path: Path) -> None:
    """The caller's, then env_file, env and default_args.env of the workflow, then env_file and env of the task, then
    our own: each line of this table is a layer that says one thing less than the one before it."""
    (tmp_path / "job.env").write_text("A=file\nB=file\nC=file\nD=file\nE=file\nAIREXEC_JOB=file\n")
    (tmp_path / "task.env").write_text("A=task file\nB=task file\nAIREXEC_JOB=task file\n")
    task = make_task("a", env_file=("task.env",), env={"A": "task", "AIREXEC_JOB": "task"})
    spec = spec_of(
        task,
        caller=dict.fromkeys("ABCDEF", "caller"),
        path=f"{tmp_path}/job.yml",
        env_file=("job.env",),
        env=dict.fromkeys("ABCD", "workflow"),
        default_env=dict.fromkeys("ABC", "default"),
    )

    assert {
        "A": "task",
        "B": "task file",
        "C": "default",
        "D": "workflow",
        "E": "file",
        "F": "caller",
    } == values(spec, "ABCDEF")
    assert "job" == spec.env["AIREXEC_JOB"]


def test_each_layer_sees_those_before_it() -> None:
    """As `env`, rendered."""
    spec = spec_of(
        make_task("a", env={"D": "{{ env.C }}d"}),
        caller={"A": "a"},
        env={"B": "{{ env.A }}b"},
        default_env={"C": "{{ env.B }}c"},
    )

    assert {"A": "a", "B": "ab", "C": "abc", "D": "abcd"} == values(spec, "ABCD")


def test_the_environment_of_the_workflow_is_rendered_for_each_attempt() -> None:
    """It may speak of the task."""
    first, second = make_task("a"), make_task("b")
    preparation = prepare(first, second, env={"A": "{{ task.id }}{{ task.attempt }}", "B": "plain"})

    assert [{"A": "a1", "B": "plain"}, {"A": "b2", "B": "plain"}, {"A": "a3", "B": "plain"}] == [
        values(preparation.spec(task, number, AROUND), "AB") for task, number in ((first, 1), (second, 2), (first, 3))
    ]


def test_of_several_env_files_the_last_one_wins(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("A=1\nB=1\n")
    (tmp_path / "two").write_text("B=2\n")
    task = make_task("a", env_file=("one", "two"))

    assert {"A": "1", "B": "2"} == values(spec_of(task, path=f"{tmp_path}/job.yml"), "AB")


def test_what_an_env_file_says_is_data(tmp_path: Path) -> None:
    """It may come from strangers."""
    (tmp_path / ".env").write_text("A={{ params.x }}\n")
    spec = spec_of(make_task("a"), path=f"{tmp_path}/job.yml", env_file=(".env",), params={"x": "px"})

    assert {"A": "{{ params.x }}"} == values(spec, "A")


def test_the_name_of_an_env_file_may_be_a_template(tmp_path: Path) -> None:
    """Of the workflow and of a task alike, each with what it sees there."""
    (tmp_path / "eu.env").write_text("A=eu\n")
    (tmp_path / "eu-b.env").write_text("B=for b\n")
    first, second = make_task("a"), make_task("b", env_file=("{{ env.A }}-{{ task.id }}.env",))
    preparation = prepare(
        first, second, path=f"{tmp_path}/job.yml", env_file=("{{ params.region }}.env",), params={"region": "eu"}
    )

    assert [{"A": "eu"}, {"A": "eu", "B": "for b"}] == [
        values(preparation.spec(task, 1, AROUND), "AB") for task in (first, second)
    ]


def test_a_missing_env_file_of_the_workflow_is_told_before_anything_starts(tmp_path: Path) -> None:
    """That of a task, or one whose name is a template, when it is needed."""
    with pytest.raises(UsageError, match=r"^env_file 'nope' cannot be read: No such file or directory$"):
        prepare(path=f"{tmp_path}/job.yml", env_file=("nope",))

    for task, of_workflow in ((make_task("a", env_file=("nope",)), ()), (make_task("a"), ("{{ 'nope' }}",))):
        preparation = prepare(task, path=f"{tmp_path}/job.yml", env_file=of_workflow)
        with pytest.raises(UsageError, match=r"^env_file 'nope' cannot be read: No such file or directory$"):
            preparation.spec(task, 1, AROUND)


def test_an_optional_env_file_may_be_missing(tmp_path: Path) -> None:
    """It is asked for anew each time, since a task may make it."""
    task = make_task("a", env_file=(EnvFile("{{ 'task.env' }}", optional=True),))
    preparation = prepare(task, path=f"{tmp_path}/job.yml", env_file=(EnvFile("job.env", optional=True),))
    before = values(preparation.spec(task, 1, AROUND), "A")
    (tmp_path / "task.env").write_text("A=1\n")

    assert ({}, {"A": "1"}) == (before, values(preparation.spec(task, 2, AROUND), "A"))


def test_an_optional_env_file_that_is_there_must_be_good(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()

    with pytest.raises(UsageError, match=r"^env_file '\.env' cannot be read: it is a folder, not a regular file$"):
        prepare(path=f"{tmp_path}/job.yml", env_file=(EnvFile(".env", optional=True),))


def test_an_attempt_finds_the_running_airexec_on_its_path() -> None:
    """At the end, so that nothing else is found elsewhere than before."""
    first, *_, last = spec_of(make_task("a"), caller={"PATH": "/first:/second"}).env["PATH"].split(":")

    assert ("/first", True) == (first, os.path.isdir(last))


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_are_in_the_environment_whatever_the_workflow_says(tmp_path: Path) -> None:
    """Nothing of it replaces the value that is masked."""
    task = make_task("a", env={"K": "task"}, secrets=("K",))
    spec = spec_of(task, caller={"K": "s3cret"}, path=f"{tmp_path}/job.yml", env={"K": "workflow"})

    assert {"K": "s3cret"} == values(spec, "K")


def test_a_secret_comes_from_the_last_env_file_that_has_it(tmp_path: Path) -> None:
    """Else from the caller, as any variable does: each line of this table is a layer with one secret less. A value that
    is empty is none."""
    (tmp_path / "job.env").write_text("A=job file\nB=job file\nC=\n")
    (tmp_path / "task.env").write_text("A=task file\nB=\n")
    task = make_task("a", env_file=("task.env",), secrets=("A", "B"))
    spec = spec_of(
        task,
        caller={"A": "caller", "B": "caller", "C": "caller"},
        path=f"{tmp_path}/job.yml",
        env_file=("job.env",),
        secrets=("C",),
    )

    assert {"A": "task file", "B": "job file", "C": "caller"} == values(spec, "ABC")


def test_a_secret_of_an_env_file_is_for_those_who_name_it(tmp_path: Path) -> None:
    """As one of the caller's."""
    (tmp_path / ".env").write_text("K=s3cret\nL=plain\n")
    first, second = make_task("a", secrets=("K",)), make_task("b")
    preparation = prepare(first, second, path=f"{tmp_path}/job.yml", env_file=(".env",))

    assert [{"K": "s3cret", "L": "plain"}, {"L": "plain"}] == [
        values(preparation.spec(task, 1, AROUND), "KL") for task in (first, second)
    ]


def test_an_optional_secret_that_is_missing_is_not_set() -> None:
    """Nor is one that is empty."""
    hidden: list[str] = []
    task = make_task("a", secrets=(Secret("K", optional=True), Secret("L", optional=True), "M"))
    spec = prepare(task, caller={"L": "", "M": "s3cret"}, hide=hidden.append).spec(task, 1, AROUND)

    assert {"M": "s3cret"} == values(spec, "KLM")
    assert ["s3cret"] == hidden


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "secret 'K' is not set in the environment"),
        ("K=12345\n", "secret 'K' is too short to be masked: at least 6 bytes are needed"),
        ("K=s3cret\n", "secret 'K' cannot be masked: not here"),
    ],
)
def test_an_attempt_needs_its_secrets_and_that_they_can_be_hidden(tmp_path: Path, text: str, complaint: str) -> None:
    """They may stand in a file that came to be only now."""
    (tmp_path / ".env").write_text(text)
    task = make_task("a", env_file=("{{ 'x' and '.env' }}",), secrets=("K",))
    preparation = prepare(task, path=f"{tmp_path}/job.yml", hide=lambda value: "not here")

    with pytest.raises(UsageError) as error:
        preparation.spec(task, 1, AROUND)
    assert complaint == error.value.headline


def test_a_secret_that_only_a_queued_task_names_is_hidden_from_then_on() -> None:
    hidden: list[str] = []
    queued = make_task("q", secrets=("K",), literal=True)
    spec = prepare(caller={"K": "s3cret"}, hide=hidden.append).spec(queued, 1, AROUND)

    assert ({"K": "s3cret"}, ["s3cret"]) == (values(spec, "K"), hidden)


def test_a_look_ahead_asks_for_no_secrets() -> None:
    """What nobody can hide is going to start nothing."""
    task = make_task("a", secrets=("K", "L"))

    assert {"K": "short"} == values(spec_of(task, caller={"K": "short"}), "KL")


@pytest.mark.parametrize("layer", ["caller", "file of the workflow", "file of the task"])
def test_no_template_sees_a_secret(tmp_path: Path, layer: str) -> None:
    """Its value would be in the command line, and from there in the journal."""
    (tmp_path / ".env").write_text("K=s3cret\n")
    around: dict[str, Any] = {"path": f"{tmp_path}/job.yml", "secrets": ("K",)}
    fields: dict[str, Any] = {}
    if layer == "caller":
        around["caller"] = {"K": "s3cret"}
    elif layer == "file of the workflow":
        around["env_file"] = (".env",)
    else:
        fields["env_file"] = (".env",)

    with pytest.raises(TemplateError, match="K"):
        spec_of(make_task("a", command="echo {{ env.K }}", **fields), **around)


# --- the working directory --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_workflow", "of_task", "cwd"),
    [
        (".", None, "/w"),
        ("sub", None, "/w/sub"),
        (".", "there", "/w/there"),
        ("sub", "there", "/w/sub/there"),
        ("sub", "../there/.", "/w/there"),
        ("sub", "/tmp", "/tmp"),
        ("/srv", "there", "/srv/there"),
        ("{{ params.x }}", "{{ task.id }}", "/w/px/a"),
    ],
)
def test_the_working_directory_is_seen_from_the_file(of_workflow: str, of_task: str | None, cwd: str) -> None:
    """The task's from the workflow's, that from the folder of the file; PWD names it."""
    spec = spec_of(make_task("a", cwd=of_task), caller={"PWD": "/"}, cwd=of_workflow, params={"x": "px"})

    assert (cwd, cwd) == (spec.cwd, spec.env["PWD"])


def test_a_working_directory_with_a_template_is_another_each_time() -> None:
    task, other = make_task("a", cwd="{{ task.attempt }}"), make_task("b", cwd="x")
    preparation = prepare(task, other)

    assert ["/w/1", "/w/2", "/w/x", "/w/x"] == [
        preparation.spec(it, number, AROUND).cwd for it, number in ((task, 1), (task, 2), (other, 1), (other, 2))
    ]


def test_our_own_working_directory_is_called_as_the_caller_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whatever links: a shell would say the same."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "real")
    spec = spec_of(make_task("a"), path=f"{tmp_path}/real/job.yml", caller={"PWD": f"{tmp_path}/link"})

    assert (f"{tmp_path}/real", f"{tmp_path}/link") == (spec.cwd, spec.env["PWD"])


# --- what a task has queued is data -----------------------------------------------------------------------------------


def test_nothing_that_a_task_printed_is_rendered(tmp_path: Path) -> None:
    """Not its command, its environment, its folder or the names of its files, braces and all."""
    (tmp_path / "{{ params.x }}").write_text("B=2\n")
    text = "{{ params.x }}"
    task = make_task("q", command=text, env={"A": text}, env_file=(text,), cwd=text, literal=True)
    spec = prepare(params={"x": "px"}, path=f"{tmp_path}/job.yml").spec(task, 1, AROUND)

    assert ("sh", "-e", "-c", text) == spec.argv
    assert {"A": text, "B": "2"} == values(spec, "AB")
    assert f"{tmp_path}/{text}" == spec.cwd


def test_the_same_text_is_data_in_one_task_and_a_template_in_another() -> None:
    """Whichever of them comes first."""
    queued, written = make_task("q", cwd="{{ task.id }}", literal=True), make_task("a", cwd="{{ task.id }}")
    preparation = prepare(written)

    assert ["/w/{{ task.id }}", "/w/a", "/w/{{ task.id }}"] == [
        preparation.spec(task, 1, AROUND).cwd for task in (queued, written, queued)
    ]


def test_what_the_workflow_says_for_all_is_rendered_for_what_a_task_printed_too() -> None:
    """Nobody but the user wrote that."""
    task = make_task("q", cwd="{{ raw }}", literal=True)
    preparation = prepare(params={"x": "px"}, env={"A": "{{ params.x }}"}, cwd="{{ params.x }}/{{ task.id }}")
    spec = preparation.spec(task, 1, AROUND)

    assert ({"A": "px"}, "/w/px/q/{{ raw }}") == (values(spec, "A"), spec.cwd)


def test_with_values_enter_a_template_as_values() -> None:
    """The template is the user's, its values came from a task."""
    task = make_task("q", command="process {{ with.path }}", with_={"path": "{{ params.x }}; rm"}, template="t")

    assert "process '{{ params.x }}; rm'" == prepare().spec(task, 1, AROUND).argv[-1]


# --- a run of several files -------------------------------------------------------------------------------------------


def test_a_task_has_the_params_the_folder_and_the_environment_of_its_own_file(tmp_path: Path) -> None:
    """And nothing of the other's but the environment of the caller."""
    for folder in ("job", "web"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".env").write_text(f"B={folder} file\n")
    text = "{{ params.x }} {{ env.A }}"
    task, of_web = make_task("a", command=(text,)), make_task("web.a", command=(text,), scope="web", env={"D": "task"})
    layers = ((EnvFile(".env"),), {"A": "of {{ params.x }}", "D": "scope"})
    web = Scope(f"{tmp_path}/web", {"x": "web"}, {}, layers, "src")
    preparation = prepare(
        task,
        of_web,
        caller={"C": "caller"},
        path=f"{tmp_path}/job/job.yml",
        params={"x": "job"},
        env_file=(".env",),
        env={"A": "of job"},
        scopes={"web": web},
    )
    spec, spec_of_web = (preparation.spec(it, 1, AROUND) for it in (task, of_web))

    assert ("job of job",) == spec.argv
    assert {"A": "of job", "B": "job file", "C": "caller"} == values(spec, "ABCD")
    assert f"{tmp_path}/job" == spec.cwd
    assert ("web of web",) == spec_of_web.argv
    assert {"A": "of web", "B": "web file", "C": "caller", "D": "task"} == values(spec_of_web, "ABCD")
    assert f"{tmp_path}/web/src" == spec_of_web.cwd


def test_an_env_file_of_a_task_is_seen_from_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / ".env").write_text("A=web\nK=file\n")
    task = make_task("web.a", scope="web", env_file=(".env",), secrets=("K",))
    scopes = {"web": Scope(f"{tmp_path}/web")}
    spec = spec_of(task, path=f"{tmp_path}/job.yml", scopes=scopes)

    assert {"A": "web", "K": "file"} == values(spec, "AK")


def test_the_same_folder_is_another_in_another_file() -> None:
    """Though both tasks write the same."""
    task, of_web = make_task("a", cwd="src"), make_task("web.a", cwd="src", scope="web")
    preparation = prepare(task, of_web, scopes={"web": Scope("/web")})

    assert ["/w/src", "/web/src", "/w/src"] == [preparation.spec(it, 1, AROUND).cwd for it in (task, of_web, task)]
