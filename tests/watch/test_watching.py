"""What `airexec watch` says of changes, which files it takes for nobody's, and which for the doings of its own runs."""

import os
import subprocess
from pathlib import Path

import pytest

from airexec.cli.commands.watch import arguments_of
from airexec.cli.quick import quick_options
from airexec.run.options import RunOptions
from airexec.watch.ignored import ignored_by_git
from airexec.watch.watching import Habits, changes_text, is_aside


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        (["/w/src/a.c"], "src/a.c has changed"),
        (["/w/b.c", "/w/a.c"], "a.c and b.c have changed"),
        (["/w/c", "/w/b", "/w/a"], "a, b and c have changed"),
        ([f"/w/{name}" for name in "edcba"], "a, b, c and 2 more have changed"),
        (["/v/a.c"], "../v/a.c has changed"),
    ],
)
def test_many_changes_are_told_in_a_line(paths: list[str], text: str) -> None:
    """Three of them by name, in order, from the folder that the user is in."""
    assert text == changes_text(dict.fromkeys(paths, "has changed"), "/w")


@pytest.mark.parametrize(("how", "verb"), [("is new", "are new"), ("is gone", "are gone")])
def test_what_became_of_all_is_said_of_all(how: str, verb: str) -> None:
    """Of a mixture, that they have changed."""
    assert f"a and b {verb}" == changes_text({"/w/a": how, "/w/b": how}, "/w")
    assert "a and b have changed" == changes_text({"/w/a": how, "/w/b": "has changed"}, "/w")


def test_one_change_is_told_with_what_became_of_the_file() -> None:
    """Of several it is not said."""
    assert "a is gone" == changes_text({"/w/a": "is gone"}, "/w")


@pytest.mark.parametrize(
    "path", [".git/index", "src/.a.c.swp", "a.c~", "src/.#a.c", "src/#a.c#", "4913", "x/__pycache__/a.pyc", ".venv/x"]
)
def test_what_editors_and_tools_write_beside_is_nobodys(path: str) -> None:
    """Hidden files, files in hidden folders, backups, and what vim tries its folder with."""
    assert is_aside(path)


@pytest.mark.parametrize("path", ["a.c", "src/a.c", "src/a.swpx", "tmp/a", "4912"])
def test_an_ordinary_file_is_somebodys(path: str) -> None:
    """However close its name comes to one of an editor."""
    assert not is_aside(path)


def test_what_changes_in_three_runs_in_a_row_is_made_by_them() -> None:
    """Else a task that writes a file without saying so would run for ever. It is noted once."""
    habits = Habits()

    news = [habits.is_new("log", run) for run in (1, 1, 2, 3, 3, 4)]

    assert [False, False, False, True, False, False] == news
    assert habits.has("log")
    assert not habits.has("other")


def test_a_run_without_the_change_or_a_change_without_a_run_ends_the_row() -> None:
    """A person who saves a file while tests run does so now and then, and not in each run."""
    habits = Habits()
    for run in (1, 2, 4, 5):
        habits.is_new("a.py", run)
    assert not habits.has("a.py")

    habits.is_new("a.py", 6)
    assert habits.has("a.py")
    habits.forget("a.py")

    assert not habits.has("a.py")


def test_git_says_what_it_ignores(tmp_path: Path) -> None:
    """By all that it goes by; a file that it tracks is not ignored, whatever a pattern says."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("*.log\nbuild/\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / ".gitignore").write_text("!kept.log\n")
    (tmp_path / "tracked.log").touch()
    subprocess.run(["git", "-C", tmp_path, "add", "-f", "tracked.log"], check=True)
    paths = {
        name: f"{tmp_path}/{name}" for name in ("a.c", "a.log", "build/x", "src/kept.log", "tracked.log", "ä\n.log")
    }

    assert {paths["a.log"], paths["build/x"], paths["ä\n.log"]} == ignored_by_git(paths.values(), str(tmp_path))


def test_what_git_does_not_judge_hides_nothing_from_it(tmp_path: Path) -> None:
    """A path behind a link is what the link is; a folder that is gone may have been one that is ignored."""
    folder, elsewhere = tmp_path / "repository", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / ".gitignore").write_text("out/\nlink\n")
    (folder / "link").symlink_to(elsewhere)
    (folder / "other").symlink_to(elsewhere)
    (elsewhere / "x").touch()
    there = [f"{folder}/{name}" for name in ("link/x", "other/x", "out/log", "out", "a")]

    ignored = ignored_by_git([*there, f"{elsewhere}/x"], str(folder))

    assert {f"{folder}/{name}" for name in ("link/x", "out/log", "out")} == ignored


def test_outside_of_a_repository_nothing_is_ignored(tmp_path: Path) -> None:
    """Nor is it where git is not installed."""
    assert set() == ignored_by_git([f"{tmp_path}/a"], str(tmp_path))
    assert set() == ignored_by_git([], str(tmp_path))


def test_without_git_nothing_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is no reason to stop."""
    monkeypatch.setenv("PATH", os.fspath(tmp_path))

    assert set() == ignored_by_git([f"{tmp_path}/a"], str(tmp_path))


def test_each_run_gets_what_watch_was_given() -> None:
    """Read without typer, so that a run after a save begins at once."""
    options = RunOptions(
        workflow="w.yml",
        tasks=("a", "b"),
        job="other",
        max_active_tasks=3,
        keep_going=True,
        params=("x=1 2", "y="),
        params_file="p.yml",
        output="prefixed",
        state_dir="/s",
        sync="off",
        allow_network_state=True,
        args=("-k", "a b"),
    )

    read = quick_options(arguments_of(options))

    assert read == options._replace(explain=True, wait=float("inf"))
