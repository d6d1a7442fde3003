"""The house keeps its order: what lies at the top level, who imports whom, and what the core does without."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FLOORS = [
    "workflow", "secrets", "graph", "adopt", "scheduler", "state", "attempt", "fresh", "reading", "runner", "views",
    "orders", "triggers", "run", "manager", "watch", "cli",
]  # fmt: skip
"""From the ground up. `errors` is below all."""

TOP_LEVEL = {
    "airexec", "schemas", "examples", "tests", "workflows",
    "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
}  # fmt: skip
IGNORED = {"dist", "build", "__pycache__"}

WRITES = {
    "live/junit.py": "the folder of the report that the user asks for",
    "user_file.py": "that report, or a picture, where the user asks for it",
    "live/github_page.py": "the page of the step, where GitHub asks for it",
}
"""The views that write anything but to their console."""

PURE = {
    "abc",
    "collections",
    "copy",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "operator",
    "re",
    "shlex",
    "typing",
    "zlib",
}
"""What the core may take from the standard library: nothing in it reads a clock, a file or a die."""


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    """Who opens the repository sees the product at one glance."""
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert TOP_LEVEL == there - IGNORED


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_from_itself_and_from_below(floor: str) -> None:
    """Imports inside of functions count as well: they are late, not secret."""
    above = FLOORS[FLOORS.index(floor) + 1 :]

    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in (ROOT / "airexec" / floor).rglob("*.py")
        for module in imports_of(path)
        if any(f"{module}.".startswith(f"airexec.{other}.") for other in above)
    ]

    assert [] == wrong


def test_every_folder_of_the_program_is_a_floor() -> None:
    """A new folder has to say where it belongs."""
    folders = {path.parent.name for path in (ROOT / "airexec").glob("*/__init__.py")}

    assert set(FLOORS) == folders


def test_no_modules_import_each_other() -> None:
    """Not in a circle either, and not inside of functions: what cannot be read one after the other has no order."""
    modules = {path: imported(path) for path in (ROOT / "airexec").rglob("*.py")}

    assert modules.keys() == set(TopologicalSorter(modules).static_order())


def test_the_core_imports_nothing_that_could_do_io() -> None:
    """Nor does anything of ours that it imports: the scheduler is a function of values."""
    modules = closure(ROOT / "airexec" / "scheduler")

    outside = {module.split(".")[0] for path in modules for module in imports_of(path)} - {"airexec"}

    assert set() == outside - PURE


def test_a_view_changes_nothing() -> None:
    """It writes to the console and where it was asked to, and has nothing to do with the state of a run on disk."""
    views = ROOT / "airexec" / "views"
    modules = {str(path.relative_to(views)): path for path in views.rglob("*.py")}

    assert [] == [name for name, path in modules.items() if any("airexec.state" in it for it in imports_of(path))]
    assert set(WRITES) == {name for name, path in modules.items() if changes_files(path)}


def test_every_module_says_what_it_is() -> None:
    """A module opens with a sentence on what it is."""
    modules = [path for path in (ROOT / "airexec").rglob("*.py") if path.read_text().strip()]

    silent = [str(path.relative_to(ROOT)) for path in modules if not ast.get_docstring(ast.parse(path.read_text()))]

    assert [] == silent


def imports_of(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it; `from airexec.run import loop` is `airexec.run.loop`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative path, which this test does not follow"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from [name for name in inner if file_of(name)] or [str(node.module)]


def changes_files(path: Path) -> bool:
    """Return whether anything in a module opens a file to write, or makes, moves or removes one."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [(ast.unparse(call.func).rpartition(".")[2], [ast.unparse(it) for it in call.args]) for call in calls]
    changing = {"mkdir", "makedirs", "unlink", "rename", "link", "symlink", "write_text", "touch", "rmtree"}
    writing = re.compile("'[rb]*[wax+][wax+b]*'")
    return any(name in changing or (name == "open" and any(map(writing.fullmatch, args))) for name, args in named)


def imported(path: Path) -> set[Path]:
    """Return the files of ours that a file imports."""
    return {found for module in imports_of(path) if module.startswith("airexec.") and (found := file_of(module))}


def closure(folder: Path) -> set[Path]:
    """Return the files of a folder, and all files of ours that they lead to."""
    todo, seen = list(folder.rglob("*.py")), set[Path]()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += [found for module in imports_of(path) if (found := file_of(module))]
    return seen


def file_of(module: str) -> Path | None:
    """Return the file of a module of ours, None for others and for names that are no module."""
    if module.split(".")[0] in sys.stdlib_module_names:
        return None
    path = ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def test_the_mutation_tester_knows_tests_for_every_floor() -> None:
    """A floor that it knows no end-to-end tests for would stop it in the middle of its work."""
    tree = ast.parse((ROOT / "workflows" / "mutate.py").read_text())
    (table,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "END_TO_END"
    )

    assert set(FLOORS) == set(table)
    missing = [name for names in table.values() for name in names.split() if not e2e_test(name).is_file()]
    assert [] == missing


def e2e_test(name: str) -> Path:
    return ROOT / "tests" / "e2e" / f"test_{name}.py"
