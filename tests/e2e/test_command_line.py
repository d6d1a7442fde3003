"""What the program says before it does anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from airexec import __version__
from tests.e2e.rig import DEADLINE_SECONDS, ROOT, Airexec, read_all

HEAVY = {"networkx", "jsonschema", "rich", "jinja2", "ruamel", "psutil", "asyncio"}

LONG_AND_SHORT = [("schema", "workflow"), ("schema", "config"), ("--version",)]
"""Schemas that are printed in several writes, and in one when the program ends."""


def modules_after(code: str, folder: Path = ROOT) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after running `code` in a folder."""
    program = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}\nprint('|'.join(sys.modules))"
    printed = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=folder)
    return set(printed.splitlines()[-1].split("|"))


def test_the_version_is_printed(airexec: Airexec) -> None:
    """On one line."""
    assert (0, f"airexec {__version__}\n", "") == airexec("--version")


def test_the_version_waits_for_nothing() -> None:
    """`--version` loads two modules of ours and none of anybody else."""
    before = modules_after("")
    after = modules_after("from airexec.__main__ import main\nsys.argv = ['airexec', '--version']\nmain()")

    assert {"airexec", "airexec.__main__"} == after - before


def test_the_command_line_loads_nothing_heavy() -> None:
    """A command pays for what it needs itself, and for typer."""
    loaded = modules_after("from airexec.cli.entry import run_command_line\nrun_command_line(['queue'])")

    assert "typer" in loaded
    assert set() == HEAVY & loaded


def test_a_plain_run_loads_what_it_uses(airexec: Airexec) -> None:
    """YAML is read; there are no templates, no pictures and no terminal."""
    airexec.write("airexec.yml", "tasks: {a: {command: 'true'}, b: {command: 'true', dependencies: a}}\n")

    loaded = modules_after("from airexec.cli.entry import run_command_line\nrun_command_line(['run'])", airexec.folder)

    assert {"ruamel"} == HEAVY & loaded


def test_a_mistyped_command_is_guessed(airexec: Airexec) -> None:
    """Exit code 2, and nothing on stdout."""
    assert (2, "", "airexec: error: no such command 'rnu'\n  hint: did you mean 'run'?\n") == airexec("rnu")


def test_a_mistyped_option_is_guessed(airexec: Airexec) -> None:
    """Exit code 2, and nothing on stdout."""
    message = "airexec: error: no such option: --dry-rnu\n  hint: did you mean '--dry-run'?\n"
    assert (2, "", message) == airexec("run", "--dry-rnu")


@pytest.mark.parametrize("arguments", LONG_AND_SHORT)
def test_a_reader_may_stop_reading(arguments: tuple[str, ...], airexec: Airexec) -> None:
    """`airexec schema | head -1` is no error and prints none."""
    process = airexec.start(*arguments)
    assert process.stdout is not None
    process.stdout.close()

    assert (0, "") == (process.wait(DEADLINE_SECONDS), read_all(process.stderr))


@pytest.mark.parametrize("arguments", LONG_AND_SHORT)
def test_output_that_cannot_be_written_is_an_error(arguments: tuple[str, ...], airexec: Airexec) -> None:
    """A full disk behind `>` must not look like success."""
    with open("/dev/full", "w") as full:
        process = airexec.start(*arguments, stdout=full)

    message = "airexec: error: cannot write the output: No space left on device\n"
    assert (message, 74) == (read_all(process.stderr), process.wait(DEADLINE_SECONDS))


def test_the_program_ends_without_a_farewell() -> None:
    """What Python does at its end takes longer than a small run; what was said arrives all the same."""
    code = "import atexit, sys; from airexec.__main__ import program; atexit.register(print, 'farewell')\n"
    code += "sys.argv = ['airexec', '--version']; program()"

    assert f"airexec {__version__}\n" == subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)


def test_half_a_line_arrives_all_the_same() -> None:
    """On both streams; the exit code is that of the command."""
    code = "import sys, airexec.__main__ as it\n"
    code += "it.main = lambda: sys.stdout.write('one') and sys.stderr.write('two') and 9\n"
    command = [sys.executable, "-c", f"{code}it.program()"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)

    assert (9, "one", "two") == (result.returncode, result.stdout, result.stderr)


def test_a_closed_stdout_is_no_error(airexec: Airexec) -> None:
    """`airexec list >&-`."""
    script = airexec.write("script.sh", "airexec schema >&- && echo fine >&2\n")
    process = subprocess.run(["sh", script], env=airexec.environment(), capture_output=True, text=True)

    assert (0, "fine\n") == (process.returncode, process.stderr)


def test_a_terminal_that_lacks_a_character_shows_its_number(airexec: Airexec) -> None:
    """Printing never fails for it."""
    airexec.write("flow.yml", "tasks: {a: {command: x, description: naïve}}\n")

    result = airexec("list", "flow.yml", env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})

    assert (0, "flow\n\ntasks:\n  a  na\\xefve\n", "") == result


@pytest.mark.parametrize("value", ['{"id": "a"}', "no JSON"])
@pytest.mark.parametrize("command", ["queue", "output"])
def test_a_command_for_tasks_says_that_it_is_one(command: str, value: str, airexec: Airexec) -> None:
    """Outside of a task there is nothing to write to, and nothing else is worth a word."""
    assert (
        2,
        "",
        f"airexec: error: AIREXEC_{command.upper()} is not set: this command works inside a task only\n"
        "  hint: call it from the command of a task that `airexec run` has started\n",
    ) == airexec(command, "--", value)


def test_queue_writes_what_a_task_would_print(airexec: Airexec) -> None:
    """Options end at the first value, so the queued command keeps its own."""
    env = {"AIREXEC_QUEUE": str(airexec.folder / "queue")}

    airexec("queue", "--id", "check", "python", "check.py", "--id", "x", env=env)
    airexec("queue", "--template", "process", "--each", "path", stdin="a.csv\nb c.csv\n", env=env)

    assert [
        {"id": "check", "command": ["python", "check.py", "--id", "x"]},
        {"template": "process", "with": {"path": "a.csv"}},
        {"template": "process", "with": {"path": "b c.csv"}},
    ] == [json.loads(line) for line in airexec.read("queue").splitlines()]


def test_output_writes_what_a_task_would_print(airexec: Airexec) -> None:
    """A negative number is a value, not an option."""
    env = {"AIREXEC_OUTPUT": str(airexec.folder / "output")}

    airexec("output", "rows=42", "name=orders", env=env)
    airexec("output", "--string", "version=3", env=env)

    assert '{"rows": 42, "name": "orders"}\n{"version": "3"}\n' == airexec.read("output")
