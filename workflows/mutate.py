"""Breaks lines of the program one by one, by cosmic-ray, and looks whether the closest tests notice.

    python3 workflows/mutate.py SEED NUMBER

Works on a copy, and only in a PID namespace of its own: a broken line of the runner may kill
whatever it finds. The lines are drawn by the seed, as many from each floor; annotations, constants of modules and
operators that mean the same (`is None`, `== None`) are left out. What no test has noticed is printed as a diff.
"""

import ast
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parents[1]
TIMEOUT = 240.0
"""Seconds for one stage of tests; a mutant that takes longer is noticed."""

MEANT = re.compile(
    r"core/(AddNot|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceBreakWithContinue"
    r"|ReplaceContinueWithBreak|ExceptionReplacer|ZeroIterationForLoop|NumberReplacer|ReplaceUnaryOperator_Delete_\w+"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Add|FloorDiv_Mul|Mod_Add|BitOr_BitAnd|BitAnd_BitOr)"
    r"|ReplaceComparisonOperator_(?!Is_Eq|IsNot_NotEq|Eq_Is|NotEq_IsNot)\w+)"
)

END_TO_END = {
    "cli": "command_line command_lines files looking first_hour completion deleted_folder",
    "run": "run resume changes whose_state default_and_manual first_hour guardian jobserver orders",
    "views": "looking github terminal hostile_output slow_readers",
    "runner": "hostile_tasks guardian jobserver nested interrupts terminal run",
    "state": "storage locks resume whose_state",
    "orders": "orders order_races",
    "triggers": "schedule",
    "manager": "manager schedule",
    "watch": "watch",
    "fresh": "fresh fresh_interplay",
    "attempt": "run env_files side_files secrets hostile_tasks",
    "reading": "looking resume first_hour whose_state",
    "secrets": "secrets",
    "scheduler": "trigger_rules run resume",
    "adopt": "init",
    "graph": "files looking",
    "workflow": "files run first_hour",
}
"""The tests of tests/e2e that a floor is seen by."""


def main(seed: int, number: int) -> int:
    if os.getpid() > 2:
        print("not in a PID namespace: see workflows/mutate.yml", file=sys.stderr)
        return 2
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(copied(Path(folder) / "airexec"))
        for count, mutant in enumerate(drawn(random.Random(seed), number), start=1):
            diff = unnoticed(mutant)
            survived += diff is not None
            place = f"{mutant.module_path}:{mutant.start_pos[0]} {mutant.operator_name.removeprefix('core/')}"
            print(f"{count}/{number} {'noticed ' if diff is None else 'SURVIVED'} {place}", flush=True)
            if diff is not None:
                print(diff, flush=True)
            print(f"::progress {json.dumps({'done': count, 'total': number})}", flush=True)
    print(f"::output {json.dumps({'mutants': number, 'survived': survived})}")
    print(f"seed {seed}: of {number} mutants {survived} were noticed by no test")
    return 0


def copied(target: Path) -> Path:
    """Copy what git knows of the project."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def drawn(chance: random.Random, number: int) -> Iterator[MutationSpec]:
    """Yield as many mutants from each floor, at lines drawn with equal chances within it."""
    floors = sorted(path.parent.name for path in Path("airexec").glob("*/__init__.py"))
    lines = {floor: logic_lines(floor) for floor in floors}
    for count in range(number):
        floor = floors[count % len(floors)]
        while True:
            path, line = chance.choice(lines[floor])
            lines[floor].remove((path, line))
            if mutants := mutants_at(path, line):
                yield chance.choice(mutants)
                break


def logic_lines(floor: str) -> list[tuple[Path, int]]:
    """Return the lines of functions, without annotations, docstrings and defaults."""
    found = []
    for path in sorted(Path("airexec", floor).rglob("*.py")):
        tree = ast.parse(path.read_text())
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for statement in function.body:
                    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
                        found += [(path, line) for line in range(statement.lineno, statement.end_lineno + 1)]  # type: ignore[operator]
    return sorted(set(found))


def mutants_at(path: Path, line: int) -> list[MutationSpec]:
    """Return what may be broken at a line."""
    with use_db(":memory:", mode=WorkDB.Mode.create) as db:
        init([path], db, {})
        items = [item.mutations[0] for item in db.work_items]
    skipped = annotations(path)
    return [
        it
        for it in sorted(items, key=lambda it: (it.start_pos, it.operator_name, it.occurrence))
        if it.start_pos[0] == line and MEANT.fullmatch(it.operator_name) and it.start_pos not in skipped
    ]


def annotations(path: Path) -> set[tuple[int, int]]:
    """Return the places inside of annotations."""
    places = set()
    for node in ast.walk(ast.parse(path.read_text())):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(part, ast.AST):
                places |= {
                    (line, column)
                    for line in range(part.lineno, part.end_lineno + 1)  # type: ignore[attr-defined]
                    for column in range(part.col_offset, part.end_col_offset + 1)  # type: ignore[attr-defined]
                }
    return places


def unnoticed(mutant: MutationSpec) -> str | None:
    """Return the diff of a mutant that the closest tests do not notice, the nearest being asked first."""
    diff = None
    for paths in stages(Path(mutant.module_path)):
        command = shlex.join([sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *paths])
        if failure := failing(command):
            raise SystemExit(f"{failure}\nthese tests fail with no line broken: {command}")
        result = mutate_and_test([mutant], command, TIMEOUT)
        if result.test_outcome is not TestOutcome.SURVIVED:
            return None
        diff = result.diff
    return diff


@cache
def failing(command: str) -> str:
    """Return what tests say that fail with no line broken, "" when they pass: else they would notice anything."""
    ended = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, check=False, text=True)
    return ended.stdout if ended.returncode else ""


def stages(module: Path) -> Iterator[list[str]]:
    """Yield the tests of a module from near to far: its own and those that import it, its floor's, the program's."""
    floor = module.parts[1]
    dotted = ".".join(module.with_suffix("").parts)
    importers = [
        str(path) for path in sorted(Path("tests").rglob("test_*.py")) if f"from {dotted} import" in path.read_text()
    ]
    near = [path for path in importers if not path.startswith("tests/e2e")]
    if near:
        yield near
    folders = [f"tests/{floor}"] if Path("tests", floor).is_dir() else []
    yield [*folders, "tests/fuzz", "tests/simulation"]
    yield [f"tests/e2e/test_{name}.py" for name in END_TO_END[floor].split()]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
