"""The one way to a checked workflow: which file, what is raised, what is only a warning."""

from pathlib import Path

import pytest

from airexec.graph.read import read_workflow, read_workflow_with_warnings
from airexec.workflow.diagnostics import WorkflowError, render_diagnostics

GOOD = "tasks: {a: {command: x}}\n"


def test_a_good_file_is_a_workflow_with_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it was named."""
    (tmp_path / "flow.yml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)

    found = read_workflow(Path("flow.yml"))

    assert ("flow", str(tmp_path / "flow.yml")) == (found.name, found.path)


def test_messages_name_the_file_as_the_user_did(tmp_path: Path) -> None:
    """Not as we resolved it."""
    path = tmp_path / "flow.yml"
    path.write_text("tasks: 3\n")

    with pytest.raises(WorkflowError) as raised:
        read_workflow(path, shown_as="../flow.yml")

    assert "../flow.yml:1:8: 'tasks' takes a map, not the number 3" == raised.value.headline
    assert 3 == raised.value.exit_code


def test_warnings_of_a_good_file_are_handed_back(tmp_path: Path) -> None:
    """For `run` and `validate` to print; they do not stop anybody."""
    path = tmp_path / "flow.yml"
    path.write_text("params: {version: 3.10}\n" + GOOD)

    reading = read_workflow_with_warnings(path, shown_as="flow.yml")

    expected = """\
flow.yml:1:19: warning: 3.10 is read as the number 3.1
    1 | params: {version: 3.10}
      |                   ^^^^
  hint: write "3.10" if the text is meant
"""
    assert expected == render_diagnostics(reading.warnings)
    assert ["a"] == list(reading.workflow.tasks)


def test_an_error_comes_with_the_warnings(tmp_path: Path) -> None:
    """All that there is to say, by position."""
    path = tmp_path / "flow.yml"
    path.write_text("params: {version: 3.10}\ntasks: {a: {comand: x}}\n")

    with pytest.raises(WorkflowError) as raised:
        read_workflow(path)

    assert ["warning", "error"] == [found.severity for found in raised.value.diagnostics]


def cycle(text: str, tmp_path: Path) -> str:
    path = tmp_path / "f.yml"
    path.write_text(text)
    with pytest.raises(WorkflowError) as raised:
        read_workflow(path, shown_as="f.yml")
    return raised.value.render()


def test_a_cycle_is_told_with_its_path(tmp_path: Path) -> None:
    """At the dependency where it begins."""
    text = """\
tasks:
  a: {command: x, dependencies: [z, c]}
  b: {command: x, dependencies: [a]}
  c: {command: x, dependencies: b}
  z: {command: x}
"""

    expected = """\
f.yml:2:37: error: tasks depend on each other in a circle: a → c → b → a
    2 |   a: {command: x, dependencies: [z, c]}
      |                                     ^
  hint: take one of these dependencies away
"""

    assert expected == cycle(text, tmp_path)


def test_a_cycle_of_matrix_tasks_is_told_by_their_bare_ids(tmp_path: Path) -> None:
    """As the file writes them, and once, not once per instance."""
    text = """\
tasks:
  a: {command: x, matrix: {n: [1, 2]}, dependencies: [b]}
  b: {command: x, matrix: {n: [1, 2]}, dependencies: [a]}
"""

    expected = """\
f.yml:2:55: error: tasks depend on each other in a circle: a → b → a
    2 |   a: {command: x, matrix: {n: [1, 2]}, dependencies: [b]}
      |                                                       ^
  hint: take one of these dependencies away
"""

    assert expected == cycle(text, tmp_path)


def test_a_long_cycle_is_shortened_in_the_middle(tmp_path: Path) -> None:
    """Its ends are what helps."""
    lines = "".join(f"  t{n}: {{command: x, dependencies: t{(n + 1) % 30}}}\n" for n in range(30))

    headline = cycle("tasks:\n" + lines, tmp_path).splitlines()[0]

    path = "t0 → t1 → t2 → t3 → t4 → t5 → … 20 more … → t26 → t27 → t28 → t29 → t0"
    assert f"f.yml:2:34: error: tasks depend on each other in a circle: {path}" == headline
