"""Start-up is a feature: what a start imports is a list, and it grows only on purpose. Nothing is timed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.graphs import independent, write_workflow

REPORT = """
import sys
before = set(sys.modules)
from airexec.__main__ import main
try:
    exit_code = main()
finally:
    with open("modules", "w") as file:
        print(*sorted(set(sys.modules) - before), file=file)
sys.exit(exit_code)
"""

FOR_A_RUN = (
    "collections, contextlib, enum, errno, fcntl, gc, heapq, itertools, json, math, re, select, signal, typing, zlib"
)
"""Of the standard library, with all that these import themselves."""

CHECKS = {"build", "check", "expand", "load", "matrix", "places", "schema", "source"}
FOR_OTHERS = {"attempt.env_files", "runner.job_control", "scheduler.reopen", "reading.finding", "workflow.queue_line"}
"""Tasks with env files or queue lines, Ctrl-Z, `resume`."""
LOOKS_AT_THE_FILE = {f"airexec.workflow.{name}" for name in CHECKS} | {"airexec.graph.read"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_workflow(tmp_path, independent(1))
    return tmp_path


def test_the_version_needs_nothing_but_itself(folder: Path) -> None:
    """Not even what a command line needs."""
    assert {"airexec", "airexec.__main__"} == imported(folder, "--version")


def test_the_second_run_of_a_workflow_imports_little_of_the_standard_library(folder: Path) -> None:
    """And nothing of others: YAML, templates, graphs and typer are for those who need them."""
    imported(folder, "run")

    others = {name for name in imported(folder, "run") if not name.startswith(("airexec", "_"))}

    assert set() == others - standard_library()


def test_a_run_in_which_all_goes_well_imports_nothing_for_the_others(folder: Path) -> None:
    """Also from the run on at whose start there is an old one to remove."""
    imported(folder, "run")
    (run,) = (folder / ".airexec" / "jobs" / "bench" / "runs").iterdir()
    for number in range(50):
        shutil.copytree(run, run.with_name(f"20200101-000000-{number:04x}"))

    names = imported(folder, "run")

    assert set() == names & {"psutil", "shutil", *(f"airexec.{name}" for name in FOR_OTHERS)}
    assert 50 == len(list(run.parent.iterdir()))


def test_names_in_templates_do_not_bring_in_jinja(folder: Path) -> None:
    (folder / "airexec.yml").write_text(
        "name: bench\nparams: {who: you}\n"
        "tasks:\n  hello: {command: 'echo {{ params.who }}', env: {JOB: '{{ job.name }}'}}\n"
    )
    imported(folder, "run")

    assert set() == imported(folder, "run") & {"jinja2", "markupsafe", "airexec.workflow.template.jinja_texts"}


def test_the_second_run_of_a_workflow_does_not_look_at_its_file(folder: Path) -> None:
    """What was checked once is known to be good; its templates, had it any, would be the exception."""
    imported(folder, "run")

    again = imported(folder, "run")

    assert set() == again & LOOKS_AT_THE_FILE
    assert set() == {name for name in again if name.startswith(("airexec.workflow.shell", "airexec.workflow.yaml"))}
    assert {"airexec.graph", "airexec.graph.walks"} >= {name for name in again if name.startswith("airexec.graph")}


@pytest.mark.parametrize("arguments", [("run",), ("run", "t0"), ("run", "-n")])
def test_the_first_run_needs_neither_networkx_nor_typer(folder: Path, arguments: tuple[str, ...]) -> None:
    """A good file of a few tasks is checked by ourselves; rich and Jinja2 have nothing to do either."""
    names = {name.split(".")[0] for name in imported(folder, *arguments)}

    assert set() == names & {"asyncio", "dataclasses", "inspect", "jinja2", "jsonschema", "networkx", "rich", "typer"}


def test_a_good_file_in_any_language_needs_no_rich(folder: Path) -> None:
    """How wide its texts are is asked for a drawing, and where there is something to complain about."""
    (folder / "airexec.yml").write_text(
        "name: bench\ndescription: 日本語 größer\ntasks:\n  hello: {command: echo ✔, description: 'é 👍'}\n"
    )

    assert "rich" not in imported(folder, "run")


@pytest.mark.parametrize("command", ["validate", "list", "graph", "graph --format dot", "run -n t0"])
def test_who_checks_or_shows_a_file_reads_it_into_a_networkx_graph(folder: Path, command: str) -> None:
    """Nobody waits for a task to start."""
    assert {"networkx", "airexec.graph.dag"} <= imported(folder, *command.split())


def test_the_first_run_validates_with_the_library_that_starts_sooner(folder: Path) -> None:
    """jsonschema explains what is wrong, and nothing is; the second run validates nothing at all."""
    first, second = imported(folder, "run"), imported(folder, "run")

    assert {"jsonschema_rs"} == first & {"jsonschema", "jsonschema_rs", "referencing"}
    assert set() == second & {"jsonschema", "jsonschema_rs", "referencing"}


def test_params_on_the_command_line_of_the_second_run_need_no_validator(folder: Path) -> None:
    """Where a type is all that is asked of them."""
    workflow = folder / "airexec.yml"
    workflow.write_text("params: {who: you, shards: {type: integer, default: 4}}\n" + workflow.read_text())
    imported(folder, "run")

    assert "jsonschema_rs" not in imported(folder, "run", "-p", "who=me", "-p", "shards=2")


def imported(folder: Path, *arguments: str) -> set[str]:
    """Return the modules that a start of airexec imports beyond those that Python has anyway."""
    command = [sys.executable, "-I", "-c", REPORT, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return set((folder / "modules").read_text().split())


def standard_library() -> set[str]:
    """Return FOR_A_RUN and what comes with it in this version of Python."""
    command = [sys.executable, "-I", "-c", f"import sys, {FOR_A_RUN}; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
