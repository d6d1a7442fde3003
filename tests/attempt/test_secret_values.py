"""Which secrets are known, and which are missing, before anything starts."""

from pathlib import Path
from typing import Any

import pytest

from airexec.attempt.secret_values import known_values, secret_values
from airexec.errors import UsageError
from airexec.testing import make_plan, make_task
from airexec.workflow.model import EnvFile, Plan, Scope, Secret, Task


def plan(folder: Path, *tasks: Task, **settings: Any) -> Plan:
    return make_plan(*tasks, path=f"{folder}/job.yml", **settings)


def refusal(of: Plan, caller: dict[str, str]) -> str:
    with pytest.raises(UsageError) as error:
        secret_values(of, caller)
    return error.value.headline


def test_the_values_of_the_caller_and_of_env_files_are_known(tmp_path: Path) -> None:
    """One name may have several values; each is to be hidden. One that no task gets is not looked at."""
    (tmp_path / "job.env").write_text("A=a-of-job\nB=b-of-job\nX=no-secret\n")
    (tmp_path / "eu.env").write_text("B=b-of-task\n")
    task = make_task("a", env_file=("{{ params.region }}.env",), secrets=("B",))
    asked = plan(
        tmp_path, task, make_task("b", secrets=("B",)), secrets=("A",), env_file=("job.env",), params={"region": "eu"}
    )

    assert ("a-of-job", "b-of-task", "b-of-job") == secret_values(asked, {"A": "short", "X": "x"})


def test_all_that_is_missing_is_named_in_order_of_the_file(tmp_path: Path) -> None:
    """An empty value counts as none, and what is optional may be missing."""
    (tmp_path / ".env").write_text("B=\nC=c-of-file\n")
    task = make_task("a", secrets=("A", "B", "C", Secret("D", optional=True)), env_file=(".env",))

    assert (
        "secrets 'A', 'B' are not set in the environment, nor in .env\n"
        "secret 'W' is empty in the environment, nor in .env"
    ) == refusal(plan(tmp_path, task, secrets=("W",)), {"W": ""})


def test_a_file_that_only_a_run_can_name_or_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    """The values of the caller are hidden all the same."""
    late = make_task("a", secrets=("A", "B"), env_file=("{{ tasks.up.outputs.path }}",))
    made = make_task("b", secrets=("A", "C"), env_file=("made.env",))
    of_template = make_task("t", secrets=("D",), env_file=("{{ with.path }}",))

    asked = plan(tmp_path, late, made, templates={"t": of_template})
    assert ("a-of-caller",) == secret_values(asked, {"A": "a-of-caller"})


def test_a_missing_optional_env_file_leaves_nothing_to_wait_for(tmp_path: Path) -> None:
    task = make_task("a", secrets=("A",), env_file=(EnvFile("nope", optional=True),))

    assert "secret 'A' is not set in the environment, nor in nope" == refusal(plan(tmp_path, task), {})


def test_what_is_too_short_is_refused_also_in_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=12345\n")
    asked = plan(tmp_path, make_task("a", secrets=(Secret("A", optional=True),)), env_file=(".env",))

    assert "secret 'A' is too short to be masked: at least 6 bytes are needed" == refusal(asked, {})


def test_a_task_of_a_further_file_reads_the_env_files_of_that(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=a-of-web\n")
    scope = Scope(str(tmp_path), {}, {}, ((EnvFile(".env"),), {"A": "no secret"}))
    task = make_task("web.a", secrets=("A",), scope="web")

    assert ("a-of-web",) == secret_values(make_plan(task, scopes={"web": scope}), {})


def test_a_look_ahead_takes_what_there_is(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=12345\nB=b-of-file\n")
    asked = plan(tmp_path, make_task("a", secrets=("A", "B", "C")), env_file=(".env",))

    assert ("b-of-file",) == known_values(asked, {"A": "a-of-caller"})
