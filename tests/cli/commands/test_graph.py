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
