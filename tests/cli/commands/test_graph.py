"""`airexec graph` hands the drawing what was asked for."""

from pathlib import Path

import pytest

from airexec.cli.commands.graph import GraphRequest, draw_graph


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """Two ways from `a` to `d`, one of them longer."""
    path = tmp_path / "flow.yml"
    path.write_text(
        "tasks:\n"
        "  a: {command: x}\n"
        "  b: {command: x, dependencies: a}\n"
        "  c: {command: x, dependencies: b}\n"
        "  d: {command: x, dependencies: [a, c]}\n"
    )
    return path


def test_the_longest_path_of_a_file_is_marked_when_it_is_asked_for(
    workflow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each task counts the same: a file knows of no run."""
    draw_graph(GraphRequest(workflow, critical_path=True))

    assert "◆ critical path: a → b → c → d" == capsys.readouterr().out.splitlines()[-1]


def test_no_path_is_marked_unless_it_is_asked_for(workflow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw_graph(GraphRequest(workflow))

    assert "◆" not in capsys.readouterr().out


def test_a_matrix_is_one_node_when_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.yml"
    path.write_text("tasks:\n  t: {matrix: {n: [1, 2]}, command: x}\n  e: {command: x, dependencies: t}\n")

    draw_graph(GraphRequest(path, fold=True))
    draw_graph(GraphRequest(path))

    assert ["m  3 tasks", "○ t (2)", "○ e", "m  3 tasks", "├─○ t[1]", "├─○ t[2]", "○ e  ← t[1], t[2]"] == (
        capsys.readouterr().out.splitlines()
    )
