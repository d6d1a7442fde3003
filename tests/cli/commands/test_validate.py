"""`airexec validate` remembers big files, and is never fooled by that."""

from json import loads
from pathlib import Path

import pytest

from airexec.cli.arguments import DiagnosticFormat
from airexec.cli.commands.validate import validate_files


def write_big(folder: Path, more: str = "") -> Path:
    path = folder / "airexec.yml"
    path.write_text("tasks:\n" + "".join(f"  t{number}: {{command: x}}\n" for number in range(1_000)) + more)
    return path


def test_the_second_check_of_a_big_file_says_the_same_without_reading_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is gone by then, so nobody can have read."""
    path = write_big(tmp_path)
    assert 0 == validate_files([path])
    first = capsys.readouterr()
    monkeypatch.setattr("airexec.graph.read.read_dag", None)

    exit_code = validate_files([path])

    assert (0, first) == (exit_code, capsys.readouterr())
    assert f"{path}: ok (1000 tasks)\n" == first.out
    assert "*\n" == (tmp_path / ".airexec" / ".gitignore").read_text()


def test_a_change_of_a_big_file_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is remembered is for just the bytes that were checked."""
    assert 0 == validate_files([write_big(tmp_path)])

    assert 3 == validate_files([write_big(tmp_path, "  bad: {comand: x}\n")])


def test_the_warnings_of_a_big_file_are_said_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So a file that has some is read each time."""
    path = write_big(tmp_path, "  odd: {command: x, env: {VERSION: 3.10}}\n")
    validate_files([path])
    first = capsys.readouterr()

    validate_files([path])

    assert first == capsys.readouterr()
    assert "warning" in first.err


def test_the_check_of_a_small_file_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is quick enough without."""
    path = tmp_path / "airexec.yml"
    path.write_text("tasks: {a: {command: x}}\n")

    validate_files([path])

    assert [path] == list(tmp_path.iterdir())


def test_every_format_tells_every_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stdout, and nothing about what is good; the exit code is always that of the worst file."""
    monkeypatch.chdir(tmp_path)
    Path("good.yml").write_text("tasks: {a: {command: x}}\n")
    Path("bad.yml").write_text("tasks:\n  a: {comand: x}\n")
    told = {}
    formats: tuple[DiagnosticFormat, ...] = ("concise", "github", "sarif", "json")
    for format_ in formats:
        assert 3 == validate_files([Path("good.yml"), Path("bad.yml"), Path("gone.yml")], format_)
        told[format_], err = capsys.readouterr()
        assert "" == err

    concise = told["concise"].splitlines()
    assert "bad.yml:2:7: error: " == concise[0][:20]
    assert concise[-1].startswith("gone.yml: error: ")
    annotations = told["github"].splitlines()
    assert len(concise) == len(annotations) == len(loads(told["sarif"])["runs"][0]["results"])
    assert annotations[0].startswith("::error file=bad.yml,line=2,col=7,")
    assert [True, False, False] == [file["valid"] for file in loads(told["json"])]


def test_under_github_mistakes_are_annotations_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the text for people, at most ten: GitHub drops more without a word."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    bad = tmp_path / "bad.yml"
    bad.write_text("tasks:\n" + "".join(f"  t{number}: {{comand: x}}\n" for number in range(20)))

    assert 3 == validate_files([bad])

    annotations = [line for line in capsys.readouterr().err.splitlines() if line.startswith("::")]
    assert 10 == len(annotations)
    assert annotations[0].startswith("::error file=bad.yml,line=2,col=8,")
