"""Which argument of `airexec run` is what."""

from pathlib import Path

import pytest

from airexec.cli.operands import placed, split_arguments
from airexec.errors import UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "workflow", "tasks"),
    [
        ([], None, ()),
        (["build"], None, ("build",)),
        (["build", "test"], None, ("build", "test")),
        (["etl.yml"], "etl.yml", ()),
        (["etl.yaml", "build"], "etl.yaml", ("build",)),
        (["etl.json"], "etl.json", ()),
        (["./etl", "build"], "./etl", ("build",)),
        (["/dev/stdin"], "/dev/stdin", ()),
        (["."], ".", ()),
        (["process[data/a.csv]"], None, ("process[data/a.csv]",)),
        (["build", "etl.yml"], None, ("build", "etl.yml")),
    ],
)
def test_what_looks_like_a_file_is_the_workflow(
    arguments: list[str], workflow: str | None, tasks: tuple[str, ...]
) -> None:
    """Only the first argument can be one."""
    assert (workflow, tasks) == split_arguments(arguments)


def test_another_file_is_the_workflow_where_there_is_none(folder: Path) -> None:
    """`airexec run Flowfile`: nothing else can be meant."""
    (folder / "Flowfile").touch()

    assert ("Flowfile", ("build",)) == split_arguments(["Flowfile", "build"])


def test_a_file_named_like_a_task_changes_nothing(folder: Path) -> None:
    """Where there is a workflow, `build` is its task."""
    (folder / "build").touch()
    (folder / "airexec.yml").touch()

    assert (None, ("build",)) == split_arguments(["build"])


def test_one_workflow_file_is_enough() -> None:
    """But for the command that checks several."""
    assert ([], ["validate", "a.yml", "b.yml"]) == placed(["validate", "-f", "a.yml", "-f", "b.yml"])
    with pytest.raises(UsageError, match=r"-f names several workflow files: a\.yml, b\.yml"):
        placed(["run", "-f", "a.yml", "-f", "b.yml"])
