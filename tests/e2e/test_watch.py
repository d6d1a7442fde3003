"""`airexec watch`: a real project, saves as editors do them, and what runs after each."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.e2e.rig import Airexec, Result, wait_until

PROJECT = """\
tasks:
  upper:
    matrix: {src: {files: "src/*.txt"}}
    sources: ["{{ matrix.src }}"]
    generates: ["out/{{ matrix.src | stem }}.up"]
    command: "mkdir -p out && tr a-z A-Z < {{ matrix.src }} > out/{{ matrix.src | stem }}.up"
  all:
    sources: ["out/*.up"]
    generates: [out/all]
    command: cat out/*.up > out/all
"""
HABIT = " changes whenever tasks run; who makes it should say so: `generates`\n"
WAITING = "airexec: waiting for changes (Ctrl-C ends)\n"


class Watch:
    """A watch that goes on, and what it has said."""

    def __init__(self, airexec: Airexec, *arguments: str) -> None:
        self.airexec = airexec
        self._path = airexec.folder.parent / "watch.log"
        with open(self._path, "w") as file:
            self.process = airexec.start("watch", *arguments, env={"NO_COLOR": "1"}, stdout=file, stderr=file)

    def said(self) -> str:
        return self._path.read_text()

    def settle(self, runs: int) -> "Watch":
        """Wait until so many runs have been and nothing is to be done any more."""
        return self.hear(lambda text: text.count("▸") == runs and text.endswith(WAITING), f"{runs} runs")

    def hear(self, heard: Callable[[str], object], what: str) -> "Watch":
        wait_until(lambda: heard(self.said()) or self.process.poll() is not None, f"{what}:\n{self.said()}")
        assert self.process.poll() is None, self.said()
        return self

    def last(self) -> str:
        """Return what was said since the last time that it waited for changes."""
        return self.said().removesuffix(WAITING).rpartition(WAITING)[2]

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    """Three sources, nothing built, in a real repository."""
    shutil.rmtree(airexec.folder / ".git")
    subprocess.run(["git", "init", "-q", airexec.folder], check=True)
    airexec.write("airexec.yml", PROJECT)
    for name in "abc":
        airexec.write(f"src/{name}.txt", f"{name}\n")
    return airexec


def built(airexec: Airexec) -> str:
    return airexec.read("out/all").replace("\n", "")


def test_a_save_runs_what_it_made_stale_and_says_why(project: Airexec) -> None:
    """Ctrl-C ends, with the exit code of the last run."""
    watch = Watch(project).settle(1)

    project.write("src/b.txt", "bee\n")
    watch.settle(2)

    assert "airexec: src/b.txt has changed\n▸ airexec: run" in watch.last()
    assert "◆ upper[src/b.txt]  runs: source src/b.txt has changed\n" in watch.last()
    assert "◆ all  runs: source out/b.up has changed\n" in watch.last()
    assert "4 tasks: 2 ran, 2 up to date" in watch.last()
    assert "ABEEC" == built(project)
    assert 0 == watch.end()


def test_files_that_come_and_go_are_tasks_that_come_and_go(project: Airexec) -> None:
    """By a rename, as many editors save: the new file takes the place of the old one."""
    watch = Watch(project).settle(1)

    project.write("src/.d.txt.new", "d\n")
    os.rename(project.folder / "src/.d.txt.new", project.folder / "src/d.txt")
    watch.settle(2)
    assert "src/d.txt is new\n" in watch.last()

    os.rename(project.folder / "src/d.txt", project.folder / "src/a.txt")
    watch.settle(3)
    assert "src/a.txt and src/d.txt have changed\n" in watch.last()
    assert "DBC" == built(project)  # what was made of d.txt is gone with it


def test_a_touch_is_no_change(project: Airexec) -> None:
    """Nor is what a task generates, what git ignores, or what an editor writes beside."""
    project.write(".gitignore", "src/ignored*.txt\n")
    watch = Watch(project).settle(1)

    os.utime(project.folder / "src/a.txt")
    project.write("out/all", "by hand")
    project.write("src/ignored.txt", "x")
    project.write("src/.a.txt.swp", "x")
    project.write("README", "x")
    project.write("src/b.txt", "bb\n")
    watch.settle(2)

    assert "airexec: src/b.txt has changed\n" in watch.last()


def test_a_folder_may_go_and_come_again(project: Airexec) -> None:
    """As when somebody changes to a branch that has not got it, and back."""
    watch = Watch(project).settle(1)

    shutil.rmtree(project.folder / "src")
    watch.hear(lambda text: "are gone\n" in text, "the folder has gone")
    for name in "abc":
        project.write(f"src/{name}.txt", f"{name}{name}\n")
    watch.hear(lambda text: text.endswith(WAITING) and "AABBCC" == built(project), "the folder is back")
    project.write("src/b.txt", "x\n")
    watch.hear(lambda text: text.endswith(WAITING) and "AAXCC" == built(project), "it is still watched")


def test_a_checkout_of_a_thousand_files_is_a_run_or_two(project: Airexec) -> None:
    """Not one for each file, nor for each tenth of a second."""
    git = ["git", "-C", str(project.folder), "-c", "user.name=x", "-c", "user.email=x@x"]
    project.write("airexec.yml", "tasks: {count: {sources: src, command: 'ls src | wc -l > count'}}")
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "few"], check=True)
    subprocess.run([*git, "checkout", "-qb", "many"], check=True)
    for number in range(1000):
        project.write(f"src/{number}.txt", f"{number}\n")
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "many"], check=True)
    subprocess.run([*git, "checkout", "-q", "-"], check=True)
    watch = Watch(project).settle(1)

    began = time.monotonic()
    subprocess.run([*git, "checkout", "-q", "many"], check=True)
    seconds = time.monotonic() - began
    watch.hear(lambda text: text.endswith(WAITING) and "1003" == project.read("count").strip(), "all files")

    assert watch.said().count("▸") <= 3 + 5 * seconds  # with the first; more where the checkout is held up by others
    assert " more are new\n" in watch.said()


def test_what_comes_while_a_run_goes_on_is_not_missed(project: Airexec) -> None:
    """Though what matters is worked out anew when that ends."""
    project.write(
        "airexec.yml",
        "tasks: {count: {sources: src, command: 'ls src | wc -l > count; until [ -e go ]; do sleep 0.05; done'}}",
    )
    watch = Watch(project)
    project.wait_for_file("count")
    watch.process.send_signal(signal.SIGSTOP)  # so that it hears of the file only when the run is over
    project.write("src/d.txt", "d")
    project.write("go", "")
    wait_until(lambda: "count" in project("status").out and "completed" in project("status").out, "the run is over")

    watch.process.send_signal(signal.SIGCONT)

    watch.hear(lambda text: text.endswith(WAITING) and "4" == project.read("count").strip(), "the file counts")


def test_a_running_task_whose_files_change_is_ended_and_starts_anew(project: Airexec) -> None:
    """The others go on: only what reads the file is disturbed. It takes none of its retries."""
    project.write(
        "airexec.yml",
        "tasks:\n"
        "  slow: {sources: src/a.txt, command: 'cp src/a.txt got; until [ -e go ]; do sleep 0.05; done; cp got done'}\n"
        "  other: {sources: src/b.txt, command: 'echo x >> others; until [ -e go ]; do sleep 0.05; done'}\n",
    )
    watch = Watch(project)
    wait_until(lambda: (project.folder / "got").exists() and (project.folder / "others").exists(), "both run")

    project.write("src/a.txt", "new\n")
    wait_until(lambda: project.read("got") == "new\n", "it has started anew")
    project.write("go", "")
    watch.settle(1)

    assert "new\n" == project.read("done")
    assert "x\n" == project.read("others")
    assert "◆ slow  SIGTERM sent: what it reads has changed\n" in watch.said()
    assert "ended: source src/a.txt has changed; attempt 2 of 2 follows\n" in watch.said()
    assert "◆ slow  runs: source src/a.txt has changed\n" in watch.said()
    tasks = {task["id"]: task for task in json.loads(project.read(".airexec/jobs/airexec/tasks.json"))}
    assert ("completed", 2) == (tasks["slow"]["status"], tasks["slow"]["attempt"])
    assert "attempt 1 started" in (explained := project("why", "slow").out)
    assert "was ended after" in explained


def test_after_a_failure_any_file_may_be_the_one_that_mends_it(project: Airexec) -> None:
    """The exit code is that of the last run."""
    project.write("airexec.yml", "tasks: {t: {sources: src/a.txt, command: '. ./lib/settings.sh'}}")
    watch = Watch(project).settle(1)
    assert "✗ t" in watch.said()

    project.write("lib/settings.sh", "exit 3\n")
    watch.hear(lambda text: "lib/settings.sh has changed" in text or "lib has changed" in text, "a file has come")
    watch.settle(2)
    assert 1 == watch.end()


def test_a_task_that_says_nothing_of_what_it_reads_runs_after_any_change(project: Airexec) -> None:
    """But not after its own: what it makes in each run is told, and does not count any more."""
    project.write("airexec.yml", "tasks: {t: {command: 'date +%N > report; cat notes > copy'}}")
    project.write("notes", "1")
    watch = Watch(project)
    watch.hear(lambda text: text.count(HABIT) == 2, "both habits")
    runs = watch.said().count("▸")
    assert 3 == runs

    project.write("notes", "2")
    watch.hear(lambda text: text.count("▸") > runs and text.endswith(WAITING), "one more run")

    assert "airexec: notes has changed\n" in watch.last()
    assert "2" == project.read("copy")
    assert f"airexec: report{HABIT}" in watch.said()


def test_the_workflow_file_itself_is_watched(project: Airexec) -> None:
    """A mistake in it is told, and waited for to be mended."""
    watch = Watch(project).settle(1)

    project.write("airexec.yml", PROJECT.replace("command: cat", "commnd: cat"))
    watch.hear(lambda text: "did you mean" in text and text.endswith(WAITING), "the mistake")
    project.write("airexec.yml", PROJECT.replace("cat out", "tac out"))
    watch.hear(lambda text: "command has changed: tac was cat" in text and text.endswith(WAITING), "the new command")


def test_what_the_workflow_includes_is_watched_as_well(project: Airexec) -> None:
    """Wherever it lies; also while it is wrong, and when it was only just included."""
    folder = project.folder.parent / "shared"
    folder.mkdir()
    command = "tasks: {all: {sources: 'src/*.txt', command: 'cat src/*.txt'}}\n"
    (folder / "one.yml").write_text(command)
    project.write("airexec.yml", "include: ../shared/one.yml\n")
    watch = Watch(project).settle(1)

    (folder / "one.yml").write_text(command.replace("cat ", "tac "))
    watch.hear(lambda text: "command has changed: tac was cat" in text and text.endswith(WAITING), "the new command")
    assert watch.last().startswith("airexec: ../shared/one.yml has changed\n")
    (folder / "two.yml").write_text(command.replace("command", "comand"))
    project.write("airexec.yml", "include: ../shared/two.yml\n")
    watch.hear(lambda text: "did you mean 'command'" in text and text.endswith(WAITING), "the mistake")
    (folder / "two.yml").write_text(command.replace("cat ", "sort "))
    watch.hear(lambda text: "command has changed: sort was tac" in text and text.endswith(WAITING), "it to be mended")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_then_us(project: Airexec, number: int) -> None:
    """Once, and in good order: the tasks get their grace."""
    command = "trap 'sleep 0.3; touch tidy; exit 1' INT TERM; touch up; while :; do sleep 0.05; done"
    project.write("airexec.yml", f'tasks: {{t: {{sources: src, command: "{command}"}}}}')
    watch = Watch(project)
    project.wait_for_file("up")

    assert 128 + number == watch.end(number)

    assert (project.folder / "tidy").exists()


def test_a_run_does_not_outlive_who_watches(project: Airexec) -> None:
    """Also when that is killed."""
    project.write("airexec.yml", "tasks: {t: {sources: src, command: 'echo $$ > pid; sleep 600'}}")
    watch = Watch(project)
    wait_until(lambda: (project.folder / "pid").exists() and project.read("pid").strip(), "the task runs")
    pid = int(project.read("pid"))

    watch.process.kill()

    wait_until(lambda: not psutil.pid_exists(pid), "the task is gone")


def test_what_is_wrong_at_the_start_is_said_at_once(project: Airexec) -> None:
    """There is nothing to watch yet."""
    assert (2, f"airexec: error: no task is named 'nosuch' in {project.folder}/airexec.yml") == _end(
        project("watch", "nosuch")
    )
    assert (2, "airexec: error: cannot read nosuch.yml: no such file or directory") == _end(
        project("watch", "nosuch.yml")
    )


def _end(result: Result) -> tuple[int, str]:
    return result.exit_code, result.err.splitlines()[0]


def test_without_watchfiles_it_says_what_to_install(project: Airexec, tmp_path: Path) -> None:
    """And runs nothing."""
    (tmp_path / "watchfiles.py").write_text("raise ImportError")

    result = project("watch", env={"PYTHONPATH": f"{tmp_path}:{os.getcwd()}"})

    assert 2 == result.exit_code
    assert "airexec: error: watchfiles is not installed\n  hint: pip install 'airexec[watch]'\n" == result.err


def test_a_run_by_hand_is_waited_for(project: Airexec) -> None:
    """Two runs of a job at once there are not."""
    project.write(
        "airexec.yml", "tasks: {t: {sources: src, command: 'touch up; until [ -e go ]; do sleep 0.05; done'}}"
    )
    by_hand = project.start("run")
    project.wait_for_file("up")
    watch = Watch(project).hear(lambda text: "waiting" in text, "it waits")

    project.write("go", "")

    assert 0 == by_hand.wait(30)
    watch.settle(1)


def test_it_costs_nothing_while_nothing_happens(project: Airexec) -> None:
    """Under one per cent of a CPU."""
    watch = Watch(project).settle(1)
    process = psutil.Process(watch.process.pid)
    before, began = process.cpu_times(), time.monotonic()

    time.sleep(3)  # there is no event to wait for: nothing is what should happen

    now = process.cpu_times()
    assert now.user + now.system - before.user - before.system < 0.01 * (time.monotonic() - began) + 0.02


def is_copied(project: Airexec, number: int) -> bool:
    return (project.folder / "copy").exists() and project.read("copy") == f"{number}\n"


def test_saves_in_every_run_are_each_run(project: Airexec) -> None:
    """However many in a row: a source is never taken for something that our runs make."""
    project.write(
        "airexec.yml",
        "tasks:\n"
        "  a: {sources: src/a.txt, generates: out, command: cp src/a.txt out}\n"
        "  c: {sources: out, command: 'cp out copy; until [ $(cat go)0 -ge $(cat out)0 ]; do sleep 0.05; done'}\n",
    )
    project.write("go", "-1\n")
    project.write("src/a.txt", "0\n")
    watch = Watch(project)
    for number in range(1, 6):
        wait_until(partial(is_copied, project, number - 1), "it runs")
        project.write("src/a.txt", f"{number}\n")
        project.write("go", f"{number - 1}\n")
    project.write("go", "5\n")
    watch.hear(lambda text: text.endswith(WAITING) and "5\n" == project.read("out"), "the last save")


def test_runs_that_cause_each_other_come_to_an_end(project: Airexec) -> None:
    """A task that fails and changes its own source would go on for ever, as would one with a new file in each run."""
    project.write("airexec.yml", "tasks: {t: {sources: src/a.txt, command: 'date +%N > src/a.txt; false'}}")
    watch = Watch(project)
    watch.hear(lambda text: "10 times in a row: waiting for a change from outside\n" in text, "an end")

    project.write("airexec.yml", "tasks: {t: {command: 'f=$(mktemp -p .); rm $f'}}")
    wait_until(lambda: watch.said().endswith(WAITING), "the new task")
    runs = watch.said().count("▸")
    project.write("src/b.txt", "x")
    watch.hear(lambda text: text.count("▸") > runs and text.endswith(WAITING), "it is watched again")


def test_the_folder_of_the_workflow_may_go_and_come_again(project: Airexec) -> None:
    """As when another branch has not got it."""
    project.write("sub/w.yml", "tasks: {t: {sources: a, generates: b, command: cp a b}}")
    project.write("sub/a", "1")
    watch = Watch(project, "sub/w.yml").settle(1)

    os.rename(project.folder / "sub", project.folder / "aside")
    watch.hear(lambda text: "cannot read sub/w.yml" in text and text.endswith(WAITING), "it is gone")
    project.write("sub/w.yml", "tasks: {t: {sources: a, generates: b, command: cp a b}}")
    project.write("sub/a", "2")
    watch.hear(lambda text: text.endswith(WAITING) and (project.folder / "sub/b").exists(), "it is back")
    project.write("sub/a", "3")
    watch.hear(lambda text: text.endswith(WAITING) and "3" == project.read("sub/b"), "it is watched")


def has_built(project: Airexec, text: str) -> Callable[[str], bool]:
    return lambda said: said.endswith(WAITING) and text in project.read("out")


@pytest.mark.parametrize("kind", ["a folder outside", "a link to a file", "a link to a folder", "a linked workflow"])
def test_what_lies_elsewhere_is_watched_as_well(project: Airexec, kind: str) -> None:
    """Also after it was replaced, removed and made again, or the link leads elsewhere."""
    elsewhere = project.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_text("0")
    source = {"a folder outside": "../elsewhere/*", "a link to a folder": "there/a"}.get(kind, "a")
    text = f"tasks: {{t: {{sources: {source}, generates: out, command: 'cat {source} > out'}}}}"
    if kind == "a linked workflow":
        (elsewhere / "w.yml").write_text(text)
        (project.folder / "airexec.yml").unlink()
        (project.folder / "airexec.yml").symlink_to(elsewhere / "w.yml")
        project.write("a", "0")
    else:
        project.write("airexec.yml", text)
    if kind == "a link to a file":
        (project.folder / "a").symlink_to(elsewhere / "a")
    (project.folder / "there").symlink_to(elsewhere)
    watch = Watch(project).settle(1)

    for number in "123":
        if kind == "a linked workflow":
            (elsewhere / "n").write_text(text.replace("> out", f"> out; echo {number} >> out"))
            os.replace(elsewhere / "n", elsewhere / "w.yml")
        elif kind == "a folder outside":
            shutil.rmtree(elsewhere)
            elsewhere.mkdir()
            (elsewhere / "a").write_text(number)
        else:
            (elsewhere / "n").write_text(number)
            os.replace(elsewhere / "n", elsewhere / "a")
        watch.hear(has_built(project, number), f"change {number}")


@pytest.mark.parametrize("fault", ["ENOSPC", "EACCES"])
def test_folders_that_cannot_be_watched_are_told(fault: str) -> None:
    """watchfiles is asked not to keep quiet about it."""
    from airexec.watch import events

    told: list[object] = []

    def watch(*paths: str, **options: object) -> object:
        assert options["ignore_permission_denied"] is False
        raise OSError(fault)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("watchfiles.watch", watch)
        happenings = events.Happenings(told.append)
        happenings.follow([("/", False)])

    wait_until(lambda: told, "it is told")
    assert [f"the files cannot be watched: {fault}"] == told


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3])
def test_a_signal_at_any_moment_ends_it_without_a_traceback(project: Airexec, delay: float) -> None:
    """Also before the run that has just begun could hear of it."""
    watch = Watch(project).settle(1)
    project.write("src/a.txt", "other\n")
    time.sleep(delay)  # the moment is what is tried

    code = watch.end()

    assert code in (0, 130)
    assert "Traceback" not in watch.said()


def test_when_nobody_reads_what_it_says_it_ends(project: Airexec) -> None:
    """As `| head -1` does."""
    process = project.start("watch")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    wait_until(lambda: "completed" in project("status").out, "the run is over")

    project.write("src/a.txt", "other\n")

    assert process.wait(30) in (0, 1)


def test_under_nohup_a_hangup_ends_nothing(project: Airexec) -> None:
    """Who ignores it has said so."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        watch = Watch(project).settle(1)
    finally:
        signal.signal(signal.SIGHUP, before)

    watch.process.send_signal(signal.SIGHUP)
    project.write("src/a.txt", "other\n")

    watch.settle(2)
