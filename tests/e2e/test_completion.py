"""Completion: what is proposed for a command line, and the real shells, whose users press the tab key."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec
from tests.e2e.terminal import Terminal

WORKFLOW = """\
params: {region: {enum: [eu, us], default: eu, description: Where}, full: false}
templates: {part: {command: "true", description: a part}}
tasks:
  test:unit: {command: "true", description: The units}
  test:all:
    {command: "true", tags: [slow, nightly], params: {size: {enum: [small, large], default: small}}}
  _private: {command: "true", tags: [slow]}
  publish: {matrix: {os: [linux, "mac os"]}, command: "echo {{ matrix.os }}", queue: [part]}
"""
SECONDS_MAX = 0.2
STARTS_MAX = 12
"""So many times as long as Python needs to start, on a machine that is slow or has much to do."""
STARTS = {
    "bash": ('eval "$(_AIREXEC_COMPLETE=source_bash airexec)"', ["--norc", "--noprofile", "-i"]),
    "zsh": ('autoload -U compinit; compinit -u; eval "$(_AIREXEC_COMPLETE=source_zsh airexec)"', ["-f", "-i"]),
    "fish": ("_AIREXEC_COMPLETE=source_fish airexec | source", ["--no-config", "-i"]),
}
SHELLS = ["bash", pytest.param("zsh", marks=pytest.mark.shells), pytest.param("fish", marks=pytest.mark.shells)]


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    """A workflow that has run once."""
    airexec.write("airexec.yml", WORKFLOW)
    (airexec.folder / "sub").mkdir()
    airexec.write("notes.txt", "")
    assert 0 == airexec("run").exit_code
    return airexec


def proposed(airexec: Airexec, *words: str) -> list[str]:
    result = airexec(*words, env={"_AIREXEC_COMPLETE": "words"})
    assert (0, "") == (result.exit_code, result.err)
    return [line.partition("\t")[0] for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["re"], ["resume", "reset"]),
        (["run", ""], ["publish", "test:unit", "test:all", "publish[linux]", "publish[mac_os~4b5a62]"]),
        (["run", "test:"], ["test:unit", "test:all"]),
        (["run", "_"], ["_private"]),
        (["run", "--tag", ""], ["slow", "nightly"]),
        (["list", "--tag", "s"], ["slow"]),
        (["run", "test:all", "pub"], ["publish", "publish[linux]", "publish[mac_os~4b5a62]"]),
        (["-C", ".", "run", "test:u"], ["test:unit"]),
        (["-f", "airexec.yml", "run", "test:u"], ["test:unit"]),
        (["run", "airexec.yml", "test:u"], ["test:unit"]),
        (["run", "-p", ""], ["region=", "full=", "size="]),
        (["run", "--param", "re"], ["region="]),
        (["run", "-p", "region="], ["region=eu", "region=us"]),
        (["run", "-p", "full="], ["full=true", "full=false"]),
        (["run", "-p", "size="], ["size=small", "size=large"]),
        (["run", "--output", "s"], ["stream"]),
        (["run", "--out"], ["--output"]),
        (["why", "test:u"], ["test:unit"]),
        (["logs", "publish[l"], ["publish[linux]"]),
        (["status", ""], ["airexec"]),
        (["resume", "--job", ""], ["airexec"]),
        (["graph", "--run", "l"], ["latest"]),
        (["help", "templ"], ["templates"]),
        (["schema", "q"], ["queue"]),
        (["queue", "--template", ""], ["part"]),
        (["nonsense", ""], []),
        (["validate", ""], []),
        (["-C", "nowhere", "run", ""], []),
    ],
)
def test_what_is_proposed(words: list[str], expected: list[str], project: Airexec) -> None:
    """Nothing where files are meant: the shell knows those."""
    found = proposed(project, *words)

    assert expected == [name if "~" not in name else "publish[mac_os~4b5a62]" for name in found]


def test_runs_are_proposed_newest_first(project: Airexec) -> None:
    assert 0 == project("run").exit_code

    runs = proposed(project, "status", "--run", "2")

    assert runs == sorted(runs, reverse=True)
    assert 2 == len(runs)


def test_a_proposal_says_what_it_is_about(project: Airexec) -> None:
    out = project("run", "test:u", env={"_AIREXEC_COMPLETE": "words"}).out

    assert "test:unit\tThe units\n" == out


@pytest.mark.parametrize("text", ["tasks: [", "tasks: {a: {comand: x}}", ""])
def test_of_a_file_with_mistakes_nothing_is_proposed(text: str, airexec: Airexec) -> None:
    """And nothing is said: somebody is typing."""
    airexec.write("airexec.yml", text)

    assert [] == proposed(airexec, "run", "")


def test_looking_leaves_nothing_behind(airexec: Airexec) -> None:
    airexec.write("airexec.yml", WORKFLOW)

    assert proposed(airexec, "run", "test:u") == ["test:unit"]
    assert not (airexec.folder / ".airexec").exists()


@pytest.mark.parametrize(
    "words", [["run", ""], ["run", "-p", ""], ["status", ""], ["status", "--run", ""], ["why", ""], [""], ["run", "--"]]
)
def test_each_takes_less_time_than_one_notices(words: list[str], airexec: Airexec) -> None:
    """Also with a thousand tasks that has run. Of the processor: it waits for nothing, so that is its time where
    nobody else has anything to do; and where all is slow, it may be so, too."""
    tasks = "".join(f"  t{number}: {{command: 'true'}}\n" for number in range(1000))
    airexec.write("airexec.yml", f"params: {{p: 1}}\ntasks:\n{tasks}")
    assert 0 == airexec("run", "--output", "quiet").exit_code

    pairs = [(seconds(lambda: proposed(airexec, *words)), seconds(start_of_python)) for _ in range(5)]

    best, start = map(min, zip(*pairs, strict=True))
    assert best < max(SECONDS_MAX, start * STARTS_MAX)


def start_of_python() -> object:
    return subprocess.run([sys.executable, "-c", "print()"], capture_output=True, check=True).stdout


def seconds(call: Callable[[], object]) -> float:
    """Return the seconds of the processor that the programs take which are called."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert call()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# --- the shells -------------------------------------------------------------------------------------------------------


class Shell:
    """A shell at a terminal in the folder of the project, with completion switched on."""

    def __init__(self, name: str, terminal: Terminal, folder: Path) -> None:
        self._name = name
        self._terminal = terminal
        self._folder = folder

    def typed(self, keys: str) -> list[str]:
        """Return the words of the command line after these keys: it is run, and writes them down."""
        out = self._folder / "words.out"
        out.unlink(missing_ok=True)
        self._terminal.press(f"airexec {keys}\r")
        self._terminal.wait_until(lambda: out.exists() and out.read_text().endswith("\0\n"), f"{keys!r} to be run")
        return out.read_text().removesuffix("\n").split("\0")[:-1]


@pytest.fixture
def shell(request: pytest.FixtureRequest, project: Airexec) -> Iterator[Shell]:
    """One for which `airexec` is a script that writes down its words, unless it is asked to complete."""
    name: str = request.param
    path = shutil.which(name)
    assert path is not None, f"there is no {name} here"
    real = project.folder / ".bin/airexec"
    project.environment()  # makes it
    real.rename(real.with_name("airexec-itself"))
    real.write_text(
        '#!/bin/sh\n[ -z "$_AIREXEC_COMPLETE" ] || exec airexec-itself "$@"\n'
        f"printf '%s\\0' \"$@\" > {project.folder}/words.tmp; echo >> {project.folder}/words.tmp\n"
        f"mv {project.folder}/words.tmp {project.folder}/words.out\n"
    )
    real.chmod(0o755)
    start, options = STARTS[name]
    with Terminal(project, path, *options, env=quiet_environment(project)) as terminal:
        terminal.press(f" {start}; echo sta''rted\r")
        terminal.wait_until(lambda: "started" in terminal.text, "the shell to start")
        yield Shell(name, terminal, project.folder)


def quiet_environment(project: Airexec) -> Mapping[str, str]:
    return {"HOME": str(project.folder), "PS1": "$ ", "HISTFILE": os.devnull, "TERM": "dumb"}


@pytest.mark.parametrize("shell", SHELLS, indirect=True)
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("hist\t", ["history"]),
        ("run test:u\t", ["run", "test:unit"]),
        ("run test:all test:u\t", ["run", "test:all", "test:unit"]),
        ("run publish\\[l\t", ["run", "publish[linux]"]),
        ("run -p re\teu", ["run", "-p", "region=eu"]),
        ("run -p region=u\t", ["run", "-p", "region=us"]),
        ("status airex\t", ["status", "airexec"]),
        ("graph --run lat\t", ["graph", "--run", "latest"]),
        ("validate note\t", ["validate", "notes.txt"]),
    ],
)
def test_the_tab_key(keys: str, words: list[str], shell: Shell) -> None:
    """What stands on the command line then is what airexec gets."""
    assert words == shell.typed(keys)
