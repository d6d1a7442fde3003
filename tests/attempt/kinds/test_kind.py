"""What a kind of action has to offer is enough: one that the package does not know is prepared, run and judged."""

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from airexec.attempt import attempt, kinds, prepare
from airexec.attempt.drive import drive
from airexec.attempt.kinds import command, kind_of
from airexec.attempt.prepare import Preparation, surroundings
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.verdict import Failure, Verdict
from airexec.runner.processes import LocalProcesses
from airexec.scheduler.statuses import Reason
from airexec.state.layout import RunFolder
from airexec.testing import FakeClock, make_plan, make_task
from airexec.workflow.actions.command import Command
from airexec.workflow.model import Action, Plan
from tests.attempt.kinds import tally
from tests.attempt.kinds.tally import Tally

if TYPE_CHECKING:
    from airexec.attempt.kinds.kind import Kind

    KINDS: tuple[Kind, ...] = (command, tally)
    """mypy holds the modules to the protocol."""

RUN_ID = "20260102-030405-0000"


def test_a_command_is_carried_out_by_the_module_of_its_name() -> None:
    assert command is kind_of(Command("true"))


@pytest.fixture
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if `kind_of` had one more case, which is all that a kind adds to the room of the attempt."""

    def with_tally(action: Any) -> "Kind":
        return tally if isinstance(action, Tally) else kinds.kind_of(action)

    for module in (attempt, prepare):
        monkeypatch.setattr(module, "kind_of", with_tally)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[LocalProcesses]:
    with LocalProcesses() as processes:
        yield processes


def prepared(folder: Path, *words: str) -> tuple[Plan, AttemptSpec]:
    task = make_task("a")._replace(action=cast(Action, Tally(words)))
    plan = make_plan(task, path=f"{folder}/job.yml", params={"x": "eu west"})
    run_folder = RunFolder(str(folder), RUN_ID)
    os.makedirs(run_folder.logs)
    preparation = Preparation(plan, run_folder, dict(os.environ))
    return plan, preparation.spec(task, 1, surroundings(RUN_ID, 0.0, {}))


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize(
    ("exit_code", "failure"),
    [(0, None), (7, None), (33, Failure(Reason.EXIT, "counted too much: 33", 33))],
)
def test_another_kind_is_rendered_listened_to_and_judged_in_its_own_way(
    tmp_path: Path, processes: LocalProcesses, exit_code: int, failure: Failure | None
) -> None:
    """By a real process, whose executor has never heard of it."""
    script = f'echo hello; echo "region=$1"; echo "::output 7"; exit {exit_code}'
    plan, spec = prepared(tmp_path, "sh", "-c", script, "sh", "{{ params.x }}")
    verdict, _ = drive(spec, plan.tasks["a"], plan.workflow, processes, FakeClock())

    assert Verdict(failure, 0.0, {"region": "eu west"}) == verdict


@pytest.mark.usefixtures("_known")
def test_its_spec_can_go_to_another_machine(tmp_path: Path) -> None:
    """With what reads along on its output."""
    _, spec = prepared(tmp_path, "true")

    assert spec == pickle.loads(pickle.dumps(spec))
    assert tally.Listener is spec.listener
