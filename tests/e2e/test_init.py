"""`airexec init` in a folder where another tool is at home: what it reads, and that nothing of it runs."""

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, Result

MAKEFILE = """\
CC = cc
CFLAGS ?= -O2
SRC := $(wildcard src/*.c)
OBJ := $(SRC:src/%.c=build/%.o)
VERSION := $(shell git describe)

.PHONY: all test clean install
all: hello  ## Build everything

hello: $(OBJ)
	$(CC) -o $@ $^

build/%.o: src/%.c | build
	$(CC) $(CFLAGS) -MMD -c $< -o $@

build:
	mkdir -p build

-include $(OBJ:.o=.d)

# Run the tests
# against what was built.
test: hello
	@echo testing $(VERSION)
	cd tests && ./run.sh
	./hello | grep -q hello

clean:
	-rm -r build
	rm -f hello $(CURDIR)/core

install: all
	install -m 755 hello $(DESTDIR)$(HOME)/.local/bin
"""

MADE = """\
# yaml-language-server: $schema=.airexec/workflow.schema.json
# Made of Makefile by `airexec init`: `airexec run -n` says what would run.
name: {name}
params: {{CFLAGS: -O2}}
default: all

tasks:
  all:
    description: Build everything
    dependencies: hello
    command: "true"

  hello:
    sources: build/*.o
    generates: hello
    command: cc -o hello build/*.o

  build:
    command: mkdir -p build

  test:
    description: Run the tests against what was built.
    dependencies: hello
    command: |
      echo testing $(git describe)
      (cd tests && ./run.sh)
      ./hello | grep -q hello

  clean:
    command: |
      rm -r build || true
      rm -f hello $PWD/core

  install:
    dependencies: all
    command: install -m 755 hello $HOME/.local/bin

  objects:
    matrix: {{src: {{files: src/*.c}}}}
    dependencies: [{{task: build, order_only: true}}]
    sources: "{{{{ matrix.src }}}}"
    generates: build/{{{{ matrix.src | stem }}}}.o
    depfile: build/{{{{ matrix.src | stem }}}}.d
    command: cc {{{{ params.CFLAGS | raw }}}} -MMD -c {{{{ matrix.src }}}} -o build/{{{{ matrix.src | stem }}}}.o
"""

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@needs_make
def test_a_makefile_becomes_a_workflow(airexec: Airexec) -> None:
    """As short as a person would write it, and valid; variables, patterns and $(shell …) as make has them."""
    airexec.write("Makefile", MAKEFILE)
    for name in ("main", "util"):
        airexec.write(f"src/{name}.c", "")

    result = airexec("init")

    assert Result(0, "read Makefile: 7 tasks\nwrote airexec.yml; run it with: airexec run\n", "") == result
    assert MADE.format(name=airexec.folder.name.strip("-_.")) == airexec.read("airexec.yml")
    assert Result(0, "airexec.yml: ok (8 tasks)\n", "") == airexec("validate")


@needs_make
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")
def test_a_c_project_builds_as_before(airexec: Airexec) -> None:
    """Also when a file has come that neither of both has seen."""
    airexec.write("Makefile", MAKEFILE.replace("git describe", "echo 1"))
    airexec.write("src/main.c", 'int puts(const char *);int f(void);int main(void) { puts("hello"); return f(); }')
    airexec.write("src/util.c", "int f(void) { return 0; }")
    airexec("init")
    first = airexec("run", "test")
    airexec.write("tests/run.sh", "#!/bin/sh\ntrue\n").chmod(0o755)
    airexec.write("src/util.c", "int g(void); int f(void) { return g(); }")
    airexec.write("src/more.c", "int g(void) { return 0; }")

    second = airexec("run", "test")

    assert (1, 0) == (first.exit_code, second.exit_code), second
    assert (airexec.folder / "build/more.o").exists()


@needs_make
def test_what_was_made_of_a_makefile_builds(airexec: Airexec) -> None:
    """As make does."""
    airexec.write("Makefile", "all: out/b\nout/b: a | out\n\tcp $< $@\nout:\n\tmkdir -p $@\n")
    airexec.write("a", "text")
    airexec("init")

    runs = [airexec("run").exit_code, airexec("run").exit_code]

    assert [0, 0] == runs
    assert "text" == airexec.read("out/b")


HOSTILE = """\
A := $(shell touch shell)
B != touch bang
C = $(shell touch lazy)
$(shell touch alone)
$(info $(C))
all:
	+touch plus
	$(MAKE) -C sub; touch recursive
	touch $(shell touch inside) plain
ifeq ($(shell touch condition),)
	touch branch
endif
included.mk: all
	touch included included.mk
Makefile: force
	touch remade
force: ; touch forced
include included.mk
-include maybe.mk
maybe.mk: ; +touch maybe $@
.DEFAULT: ; touch default
SHELL := /bin/sh
.SHELLFLAGS := -c
MAKEFLAGS += --no-silent
export SHELL
all: SHELL := /bin/sh
"""


@needs_make
def test_nothing_of_a_makefile_is_run(airexec: Airexec) -> None:
    """Neither what make runs while it reads, nor what it runs in spite of -n, nor what makes the files it includes."""
    airexec.write("Makefile", HOSTILE)

    result = airexec("init")

    assert 0 == result.exit_code
    assert {"Makefile", "airexec.yml"} == files_in(airexec.folder)
    assert "      touch plus\n      make -C sub; touch recursive\n" in airexec.read("airexec.yml")


@needs_make
@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("override SHELL := /bin/sh", "sets SHELL by override"),
        ("export override SHELL=/bin/sh", "sets SHELL by override"),
        ("load evil.so", "loads a library"),
        ('A := $(guile (system "touch x"))', "runs Guile"),
        ("A := $(file >x,text)", "writes a file by $(file …)"),
    ],
)
@pytest.mark.parametrize("file", ["Makefile", "more.mk"])
def test_a_makefile_that_acts_when_it_is_read_is_refused(file: str, line: str, what: str, airexec: Airexec) -> None:
    """Make is not even started, also where the line is in a file that is included."""
    airexec.write("Makefile", "include *.mk\nall:\n\techo\n")
    airexec.write(file, f"{line}\nall:\n\techo\n")
    before = files_in(airexec.folder)

    result = airexec("init")

    assert (2, "") == (result.exit_code, result.out)
    assert f"airexec: error: {file} {what}: make would run things only by reading it\n" in result.err
    assert before == files_in(airexec.folder)


def test_without_make_a_makefile_cannot_be_read(airexec: Airexec) -> None:
    """And that is said rather than that there is nothing."""
    airexec.write("Makefile", "all:\n\techo\n")

    result = airexec("init", env={"PATH": str(airexec.folder / ".bin")})

    assert (
        Result(
            2,
            "",
            "airexec: error: make is not installed, and only that can say what a Makefile runs\n"
            "  hint: name another file: airexec init --from FILE\n",
        )
        == result
    )


@needs_make
@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("all:\n\techo\nfoo\n", "3:1", "missing separator"),
        ("all:\n\techo\n$(error not here)\n", "3:1", "not here"),
        ("ifeq (a,b)\nall:\n\techo\n", "4:1", "missing 'endif'"),
    ],
)
def test_a_mistake_in_a_makefile_has_its_place(text: str, place: str, message: str, airexec: Airexec) -> None:
    airexec.write("Makefile", text)

    result = airexec("init")

    assert (3, "") == (result.exit_code, result.out)
    assert f"Makefile:{place}: error: make says: {message}" == result.err.splitlines()[0]
    assert {"Makefile"} == files_in(airexec.folder)


def test_one_of_several_files_is_read_and_the_others_are_named(airexec: Airexec) -> None:
    """In the order that the manual has; what has nothing to run does not count."""
    airexec.write("package.json", '{"name": "no scripts"}')
    airexec.write("Taskfile.yml", 'version: "3"\ntasks: {a: echo a}\n')
    airexec.write("justfile", "b:\n  echo b\n")
    airexec.write(".github/workflows/release.yml", "jobs: {r: {steps: [{run: x}]}}")
    airexec.write(".github/workflows/ci.yml", "jobs: {c: {steps: [{run: x}]}}")

    result = airexec("init")

    assert (
        Result(
            0,
            "read Taskfile.yml: 1 task; there are also justfile, .github/workflows/ci.yml, "
            ".github/workflows/release.yml (airexec init --from FILE)\nwrote airexec.yml; run it with: airexec run\n",
            "",
        )
        == result
    )


def test_a_file_can_be_named(airexec: Airexec) -> None:
    """Also one of another folder: there its commands run, wherever the workflow file is."""
    airexec.write("web/package.json", '{"scripts": {"where": "pwd"}}')
    airexec.write("Taskfile.yml", "version: 3\ntasks: {a: echo a}\n")

    result = airexec("init", "--from", "web/package.json", "flows.yml")

    assert (
        Result(0, "read web/package.json: 1 task\nwrote flows.yml; run it with: airexec run flows.yml\n", "") == result
    )
    assert "\ncwd: web\n" in airexec.read("flows.yml")
    assert f"{airexec.folder}/web\n" in airexec("run", "flows.yml", "--output", "stream").out


def test_jobs_of_github_run_in_the_folder_of_the_repository(airexec: Airexec) -> None:
    airexec.write(".github/workflows/ci.yml", "jobs: {where: {steps: [{run: pwd}]}}")

    airexec("init", "--from", ".github/workflows/ci.yml", "ci.yml")

    assert "cwd" not in airexec.read("ci.yml")
    assert f"{airexec.folder}\n" in airexec("run", "ci.yml", "--output", "stream").out


@pytest.mark.parametrize(
    ("name", "text", "exit_code", "message"),
    [
        ("package.json", "{", 3, "package.json:1:2: error: this is not JSON: expecting property name"),
        ("package.json", "{}", 2, "airexec: error: package.json has nothing to run"),
        ("Taskfile.yml", "tasks: [", 3, "Taskfile.yml:1:8: error: "),
        ("justfile", "a:\n  x\n= y\n", 3, "justfile:3:1: error: this is no recipe, variable or setting of just"),
        ("ci.yml", "a: {b: c}", 2, "airexec: error: ci.yml is nothing that init can read"),
        ("x.txt", "", 2, "airexec: error: x.txt is nothing that init can read"),
        ("gone.mk", None, 2, "airexec: error: cannot read gone.mk: No such file or directory"),
        ("gone.yml", None, 2, "airexec: error: "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_message(
    name: str, text: str | None, exit_code: int, message: str, airexec: Airexec
) -> None:
    """With its place where there is one; nothing is written."""
    if text is not None:
        airexec.write(name, text)

    result = airexec("init", "--from", name)

    assert (exit_code, "") == (result.exit_code, result.out)
    assert result.err.startswith(message)
    assert 1 == result.err.count("error:")
    assert not (airexec.folder / "airexec.yml").exists()


def test_a_file_that_is_there_is_not_overwritten(airexec: Airexec) -> None:
    """And is found before anything is read."""
    airexec.write("package.json", "{")
    airexec.write("airexec.yml", "mine")

    result = airexec("init")

    assert (2, "mine") == (result.exit_code, airexec.read("airexec.yml"))
    assert result.err.startswith("airexec: error: airexec.yml is there already, and init overwrites nothing\n")


def test_what_is_lost_is_counted(airexec: Airexec) -> None:
    airexec.write("Taskfile.yml", "version: 3\ntasks: {a: {prompt: sure?, cmd: x}}\n")

    assert airexec("init").out.startswith("read Taskfile.yml: 1 task, 1 thing not carried over (see the comments)\n")


def test_the_files_that_can_be_read_are_completed(airexec: Airexec) -> None:
    airexec.write("package.json", "{}")
    airexec.write("Justfile", "")

    found = airexec("init", "--from", "", env={"_AIREXEC_COMPLETE": "words"})

    assert ["package.json", "Justfile"] == [line.split("\t")[0] for line in found.out.splitlines()]


def files_in(folder: Path) -> set[str]:
    """Return the files that somebody could have left, without those of git and of the state."""
    there = {path for path in os.listdir(folder) if not path.startswith(".")}
    return there


def test_a_job_on_a_condition_is_taken_along_by_none(airexec: Airexec) -> None:
    """A bare run must not deploy."""
    airexec.write(
        ".github/workflows/x.yml",
        """\
        on: push
        jobs:
          build: {runs-on: x, steps: [{run: echo building}]}
          deploy: {needs: build, if: "github.ref == 'refs/heads/main'", runs-on: x, steps: [{run: echo DEPLOYED}]}
          notify: {needs: deploy, if: always(), runs-on: x, steps: [{run: echo notify}]}
    """,
    )
    airexec("init")
    result = airexec("run")

    assert 0 == result.exit_code
    assert "DEPLOYED" not in result.out
    assert "needs: deploy, which would run without its condition" in airexec.read("airexec.yml")


def test_a_command_that_is_lost_fails(airexec: Airexec) -> None:
    """Nobody shall take the task for done."""
    airexec.write("package.json", '{"scripts": {"d": "echo \'{# x #}\'"}}')
    airexec("init")

    assert 1 == airexec("run").exit_code


def test_a_task_that_asks_first_is_left_to_its_tool(airexec: Airexec) -> None:
    airexec.write("Taskfile.yml", "version: '3'\ntasks:\n  wipe: {prompt: Delete all?, cmds: [echo WIPED]}\n")
    airexec("init")

    assert "command: task wipe" in airexec.read("airexec.yml")


def test_values_of_other_kinds_are_one_message(airexec: Airexec) -> None:
    airexec.write("q.yml", "version: 3\ntasks:\n  a: {sources: 3, cmds: [echo]}\n")
    result = airexec("init", "--from", "q.yml")

    assert (2, "") == (result.exit_code, result.out)
    assert result.err.startswith("airexec: error: cannot make sense of q.yml: a value in it is not what its tool takes")


def test_no_file_is_put_before_one_that_is_found_by_its_name(airexec: Airexec) -> None:
    airexec.write("airexec.yaml", "tasks: {mine: {command: echo mine}}\n")
    result = airexec("init")

    assert (2, "airexec: error: airexec.yaml is there already\n") == (result.exit_code, result.err.splitlines(True)[0])


def test_what_a_step_sets_ends_with_it(airexec: Airexec) -> None:
    """Also where the workflow sets the same name."""
    airexec.write(
        ".github/workflows/c.yml",
        """\
        on: push
        env: {STAGE: base}
        jobs:
          a:
            runs-on: x
            steps:
              - run: echo first $STAGE
              - {run: 'echo second $STAGE', env: {STAGE: prod}}
              - run: echo third $STAGE
    """,
    )
    airexec("init")
    result = airexec("run")

    assert ["first base", "second prod", "third base"] == [
        line.strip() for line in result.out.splitlines() if " base" in line or " prod" in line
    ]


def test_a_makefile_for_one_shell_and_one_task_at_a_time_runs_twice(airexec: Airexec) -> None:
    """What is only a folder is made once; signs in front of lines are make's."""
    airexec.write("in.txt", "1")
    airexec.write(
        "Makefile",
        "SHELL := /bin/bash\n.ONESHELL:\n.NOTPARALLEL:\nall: build/a.txt\n\techo one\n\t@echo two\n"
        "build/a.txt: in.txt | build\n\tcp $< $@\nbuild:\n\tmkdir $@\n",
    )
    airexec("init")
    first, second = airexec("run"), airexec("run")

    assert (0, 0) == (first.exit_code, second.exit_code), first.out
    assert "max_active_tasks: 1\n" in airexec.read("airexec.yml")


def test_an_ignored_error_of_a_taskfile_does_not_end_the_commands(airexec: Airexec) -> None:
    """And words behind -- are handed on."""
    airexec.write(
        "Taskfile.yml",
        "version: 3\ntasks:\n  a: {ignore_error: true, cmds: ['false', 'echo after {{.CLI_ARGS}}']}\n",
    )
    airexec("init")

    assert "after x y" in airexec("run", "a", "--", "x", "y").out
