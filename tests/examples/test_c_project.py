"""examples/c-project: what is compiled after each edit. With a compiler of our own, so that none has to be there."""

import json

import pytest

from tests.e2e.rig import ROOT, Airexec

PATH = "examples/c-project/workflow.yml"
COMPILER = '''\
#!/usr/bin/env python3
"""Does with text what cc does: reads what is included, writes a depfile, and makes of several objects a program."""
import os, re, sys

arguments = sys.argv[1:]
out = arguments[arguments.index("-o") + 1]
inputs = [it for it in arguments if it.endswith((".c", ".o"))and it != out]
if "-c" not in arguments:
    with open(out, "w") as program:
        program.write("#!/bin/sh\\\\n" + "".join(open(it).read() for it in inputs))
    os.chmod(out, 0o755)
    sys.exit()
folders = [os.path.dirname(inputs[0]), *(it[2:] for it in arguments if it.startswith("-I"))]
read, text = [inputs[0]], open(inputs[0]).read()
for name in re.findall(r'#include "(.*)"', text):
    path = next(f"{it}/{name}" for it in folders if os.path.exists(f"{it}/{name}"))
    read.append(path)
    text += open(path).read()
code = re.sub(r"/\\\\*.*?\\\\*/", "", text, flags=re.S)
version = re.search(r'VERSION "(.*)"', code)
with open(out, "w") as file:
    if version:
        file.write(f'echo "hello, ${{1:-world}} (version {version[1]})" # {len(code)}\\\\n')
    else:
        file.write(f"# {' '.join(arguments)} {len(code)}\\\\n")
with open(arguments[arguments.index("-MF") + 1], "w") as file:
    file.write(f"{out}: " + " \\\\\\\\\\\\n ".join(read) + "\\\\n")
'''.replace("\\\\", "\\")
MAIN, GREETING = "compile[src/main.c]", "compile[src/greeting.c]"


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    for path in (ROOT / "examples/c-project").rglob("*"):
        if path.is_file():
            airexec.write(str(path.relative_to(ROOT)), path.read_text())
    airexec.environment()
    compiler = airexec.write(".bin/cc", COMPILER)
    compiler.chmod(0o755)
    assert {"version", MAIN, GREETING, "program"} == ran(airexec)
    return airexec


def ran(project: Airexec, *arguments: str) -> set[str]:
    result = project("run", PATH, *arguments)
    assert 0 == result.exit_code, result
    tasks = json.loads(project.read(".airexec/jobs/c-project/tasks.json"))
    return {task["id"] for task in tasks if "up_to_date" not in task}


def edit(project: Airexec, name: str, old: str, new: str) -> None:
    text = project.read(f"examples/c-project/{name}")
    assert old in text
    (project.folder / "examples/c-project" / name).write_text(text.replace(old, new))


def test_it_builds_a_program_that_works(project: Airexec) -> None:
    assert {"test"} == ran(project, "test")
    assert set() == ran(project, "test")


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("src/main.c", "world", "all", {MAIN, "program"}),
        ("src/greeting.c", "hello", "hello!", {GREETING, "program"}),
        ("src/greeting.h", "void", "extern void", {MAIN, GREETING, "program"}),
        ("src/greeting.h", "looks like", "is", {MAIN, GREETING}),
        ("VERSION", "1.0", "1.1", {"version", GREETING, "program"}),
        ("VERSION", "1.0\n", "1.0\n\n", {"version"}),
    ],
)
def test_what_an_edit_makes_run(project: Airexec, name: str, old: str, new: str, expected: set[str]) -> None:
    """A header makes run who includes it, and a comment nobody who would only link the same again."""
    edit(project, name, old, new)

    assert expected == ran(project)
    assert set() == ran(project)


def test_a_file_that_comes_and_goes(project: Airexec) -> None:
    project.write("examples/c-project/src/more.c", '#include "greeting.h"\n')
    assert {"compile[src/more.c]", "program"} == ran(project)

    (project.folder / "examples/c-project/src/more.c").unlink()
    (project.folder / "examples/c-project/obj/more.o").unlink()
    assert {"program"} == ran(project)


def test_other_flags_make_all_of_it_anew(project: Airexec) -> None:
    assert {MAIN, GREETING, "program"} == ran(project, "-p", 'flags=["-O2"]')


def test_what_was_made_is_removed(project: Airexec) -> None:
    result = project("clean", PATH, "-y")

    assert 0 == result.exit_code
    assert "removed 4 files" in result.out
    assert {"version", MAIN, GREETING, "program"} == ran(project)
