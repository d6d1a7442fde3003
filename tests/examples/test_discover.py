"""The discover example on real trees: its report against a count of our own."""

import ast
import json
import sysconfig
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.rig import ROOT, Airexec, load_tasks

WORKFLOW = "examples/discover/workflow.yml"
MINUTES = 15 * 60.0
INSTALLED = {"site-packages", "dist-packages"}


def test_discover_counts_this_project(airexec: Airexec) -> None:
    """A task per file, each queued by find, and a report that agrees with our count."""
    report = discover(airexec, ROOT / "airexec")

    assert own_count(ROOT / "airexec") == report


def test_discover_fails_rather_than_report_on_a_part(airexec: Airexec) -> None:
    """An inspection that cannot read its file fails, and there is no report."""
    airexec.write("tree/good.py", "def one(): pass\n")
    (airexec.folder / "tree/gone.py").symlink_to("nowhere")

    result = airexec("run", WORKFLOW, "-p", f"tree={airexec.folder}/tree")

    assert 1 == result.exit_code
    assert ["completed", "upstream_failed", "failed", "completed"] == [
        task["status"] for task in load_tasks(airexec, "discover").values()
    ]
    assert not (airexec.folder / "examples/discover/out/report.json").exists()


def test_discover_says_when_there_is_nothing_to_do(airexec: Airexec) -> None:
    """A mistyped tree is no success."""
    result = airexec("run", WORKFLOW, "-p", f"tree={airexec.folder}/tre")

    assert 1 == result.exit_code
    assert f"no Python files in {airexec.folder}/tre" in result.out


@pytest.mark.soak
def test_discover_counts_the_standard_library(airexec: Airexec) -> None:
    """Over a thousand files, some of them no valid Python, which is a finding and no failure."""
    tree = Path(sysconfig.get_path("stdlib"))

    report = discover(airexec, tree)

    assert report["files"] > 1000
    assert own_count(tree) == report


def discover(airexec: Airexec, tree: Path) -> dict[str, Any]:
    """Run the example on a tree to its good end and return its report."""
    process = airexec.start("run", WORKFLOW, "-p", f"tree={tree}", "--output", "quiet")
    _, errors = process.communicate(timeout=MINUTES)
    tasks = load_tasks(airexec, "discover")
    report: dict[str, Any] = json.loads(airexec.read("examples/discover/out/report.json"))

    assert (0, "") == (process.returncode, errors)
    assert {"completed"} == {task["status"] for task in tasks.values()}
    assert report["files"] == sum(task["queued_by"] == "find" for task in tasks.values()) == len(tasks) - 2
    return report


def own_count(tree: Path) -> dict[str, Any]:
    """Return what the report has to say, found in this process and by another way through the tree."""
    files = [file for file in tree.rglob("*.py") if not INSTALLED.intersection(file.relative_to(tree).parts)]
    by_file: dict[str, int] = {}
    not_python: dict[str, str] = {}
    classes = 0
    for file in files:
        name = str(file.relative_to(tree))
        try:
            with warnings.catch_warnings(action="ignore"):
                kinds = [type(node) for node in ast.walk(ast.parse(file.read_bytes()))]
        except (SyntaxError, ValueError) as error:
            not_python[name] = str(error)
            continue
        by_file[name] = kinds.count(ast.FunctionDef) + kinds.count(ast.AsyncFunctionDef)
        classes += kinds.count(ast.ClassDef)
    return {
        "files": len(files),
        "functions": sum(by_file.values()),
        "classes": classes,
        "not_python": not_python,
        "functions_by_file": by_file,
    }
