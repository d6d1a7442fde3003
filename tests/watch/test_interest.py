"""Which files matter to a workflow that is watched."""

import os
from pathlib import Path

import pytest

from airexec.run.options import RunOptions
from airexec.run.planning import make_plan, read_workflow
from airexec.state.layout import JobFolder
from airexec.watch.interest import Interest, interest_of, joined

WORKFLOW = """\
tasks:
  compile:
    matrix: {src: {files: "src/*.c"}}
    sources: ["{{ matrix.src }}", "!src/skip.c"]
    generates: ["obj/{{ matrix.src | stem }}.o"]
    depfile: "obj/{{ matrix.src | stem }}.d"
    command: cc
  link:
    sources: ["obj/*.o", lib, ../shared/main.ld]
    generates: [app]
    command: ld
  deploy:
    manual: true
    command: deploy
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project beside a folder that it shares with others."""
    folder = tmp_path / "project"
    for name in ("src/a.c", "src/b.c", "obj/a.o", "obj/a.d", "lib/x", "lib/deep/y", "other", "../shared/main.ld"):
        path = Path(os.path.normpath(folder / name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (folder / "w.yml").write_text(WORKFLOW)
    return folder


def interest(folder: Path, *tasks: str) -> Interest:
    path = str(folder / "w.yml")
    workflow, _ = read_workflow(path, folder / ".airexec", None)
    plan = make_plan(workflow, RunOptions(tasks=tasks))
    return interest_of(plan, JobFolder(folder / ".airexec", "w"), [path], {})


def names(folder: Path, paths: object) -> list[str]:
    return sorted(os.path.relpath(path, folder) for path in paths)  # type: ignore[attr-defined]


def test_what_tasks_read_matters_and_what_they_generate_does_not(folder: Path) -> None:
    """Though another task reads it: nobody edits a product, but the task that makes it."""
    assert ["../shared/main.ld", "lib/deep/y", "lib/x", "src/a.c", "src/b.c", "w.yml"] == names(
        folder, interest(folder).look()
    )


def test_only_what_is_to_run_matters(folder: Path) -> None:
    """A task that was not named, and that nobody needs, reads nothing now."""
    (folder / "w.yml").write_text("tasks: {a: {sources: src, command: x}, b: {sources: lib, command: x}}")

    assert ["lib/deep/y", "lib/x", "w.yml"] == names(folder, interest(folder, "b").look())


def test_folders_are_watched_each_once(folder: Path) -> None:
    """That of the workflow, with all below it, and those outside in which something is read."""
    assert [".", "../shared"] == names(folder, dict(interest(folder).folders([])))


def test_of_a_folder_that_is_not_there_the_one_above_is_watched(folder: Path) -> None:
    """It may come."""
    (folder / "w.yml").write_text("tasks: {a: {sources: ../none/deep/*.c, command: x}}")

    assert [".", ".."] == names(folder, dict(interest(folder).folders([])))


def test_a_new_file_matters_as_soon_as_a_pattern_matches_it(folder: Path) -> None:
    """Also where it makes a task of its own."""
    found = interest(folder)
    (folder / "src" / "c.c").touch()

    assert "src/c.c" in names(folder, found.look())


def test_a_task_that_says_nothing_of_what_it_reads_reads_anything(folder: Path) -> None:
    """One that only says what it generates reads nothing."""
    (folder / "w.yml").write_text("tasks: {a: {command: x}, b: {generates: app, command: x}}")

    assert ("a",) == interest(folder).reads_anything


def test_headers_that_mattered_go_on_to(folder: Path) -> None:
    """A task that fails for what is in a header has no success that names it, and somebody is about to mend it."""
    now = interest(folder)
    before = now._replace(headers=frozenset({f"{folder}/other"}))

    assert "other" in names(folder, joined(before, now).look())
