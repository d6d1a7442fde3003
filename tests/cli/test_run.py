"""Which argument of `airexec run` is what."""

from pathlib import Path

import pytest

from airexec.cli.run import split_arguments


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
    """Only the first argument can be one, and the files that happen to lie around change nothing."""
    assert (Path(workflow) if workflow else None, tasks) == split_arguments(arguments)
