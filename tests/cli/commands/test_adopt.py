"""Files of other tools, also as they should not be: there comes a good workflow file of them, or a message."""

import shutil
from pathlib import Path

import pytest

from airexec.cli.commands.adopt import adopted
from airexec.errors import AirexecError

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def made(folder: Path, name: str, text: str) -> str:
    """Return the tasks of the workflow file that is made of a file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    found = adopted(folder / "airexec.yml", folder / name, "flow", "schema.json")
    assert found is not None
    return found.text.partition("name: flow\n")[2]


PAGES = "all: a.html b.html\n%.html: %.md\n\tmd $< >$@\n"


@needs_make
@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("a:\n\techo $$HOME $(HOME) $(CURDIR)\n", "  a:\n    command: echo $HOME $HOME $PWD\n"),
        ("a:\n\tcd x && y $(CURDIR)/z\n", "  a:\n    command: |\n      root=$PWD\n      cd x && y $root/z\n"),
        ("a: b # c\n\tx\nb:\n\ty\n", "  a:\n    dependencies: b\n    command: x\n"),
        ("# ----\n\n# Say\n# it.\na:\n\tx\n", "  a:\n    description: Say it.\n    command: x\n"),
        ("a: ## Say it\n\tx\n", "  a:\n    description: Say it\n    command: x\n"),
        (".ONESHELL:\na:\n\t@cd x\n\ty\n", "  a:\n    command: |\n      cd x\n      y\n"),
        ("a.o: a.c a.h\n\tcc -c $< -o $@\n", "    sources: [a.c, a.h]\n    generates: a.o\n    command: cc -c a.c -o"),
        ("a: x\n\techo >a\n", "  a:\n    sources: x\n    generates: a\n    command: echo >a\n"),
        ("a: FORCE\n\techo >$@\nFORCE:\n", "  a:\n    command: echo >a\n"),
        ("a: $(shell find src -name '*.c')\n\tcc $^ -o $@\n", "    sources: src/**/*.c\n"),
        ("a: $(shell ls)\n\tcc -o $@\n", "    # not carried over: prerequisites that come from $(shell …)\n"),
        ("a:\n\techo $(firstword $(shell x y))\n", "    command: make a\n"),
        ("a:\n\t$(error no)\nb:\n\tx\n", "  b:\n    command: x\n"),
        ("a:\n\t$(error no)\nb:\n\tx\n", "    command: make a\n"),
        ("SHELL = /bin/bash\na:\n\tx\n", "shell: bash\n"),
        ("SHELL = bash\n.SHELLFLAGS = -eu -c\na:\n\tx\n", "shell: [bash, -eu, -c]\n"),
        ("export A = 1\nexport B\na:\n\tx\n", 'env: {A: "1"}\n'),
        (".DEFAULT_GOAL = b\na:\n\tx\nb:\n\ty\n", "default: b\n"),
        ("$(shell mkdir -p out)\na:\n\tx\n", "  a:\n    command: x\n"),
        ("p: a.o\n\tcc -o $@ $^\na.o: a.c\n", "  a.o:\n    sources: a.c\n    generates: a.o\n    command: cc -c -o "),
        (PAGES, "  html:\n    matrix: {stem: [a, b]}\n    sources: "),
        (PAGES, "  all:\n    dependencies: html\n"),
        (f"S = $(wildcard *.md)\n{PAGES}", '    matrix: {src: {files: "*.md"}}\n    sources: "{{ matrix.src }}"\n'),
        (f"E = md\nS = $(wildcard x *.$(E))\n{PAGES}", "    generates: \"{{ matrix.src | stem }}.html\"\n"),
        (f"S = $(filter-out b.md,$(wildcard *.md))\n{PAGES}", "    matrix: {stem: [a, b]}\n"),
        ("A ?= x\nB ?= -O -g\na:\n\tcc $(A) $(B)\n", "params:\n  A: x\n  B: -O -g\n"),
        ("A ?= x\nB ?= -O -g\na:\n\tcc $(A) $(B)\n", "    command: cc {{ params.A }} {{ params.B | raw }}\n"),
        ("A ?= x\na: $(A).c\n\tcc $(A) -o $@\n", "    command: cc x -o a\n"),
        ("A ?= x\na:\n\t$(if $(filter x,$(A)),yes,no) $(A)\n", "    command: yes x\n"),
        ("A ?= $(shell b)\na:\n\tcc $(A)\n", "    command: cc $(b)\n"),
        ("help:\n\t@grep '##' $(MAKEFILE_LIST) | awk x\nb:\n\ty\n", "default: b\n\ntasks:\n  b:\n"),
    ],
)  # fmt: skip
def test_a_makefile_says_what_make_makes_of_it(text: str, task: str, tmp_path: Path) -> None:
    (tmp_path / "a.c").touch()
    (tmp_path / "a.md").touch()
    (tmp_path / "b.md").touch()

    assert task in made(tmp_path, "Makefile", text)


@needs_make
def test_what_depends_on_a_command_is_said(tmp_path: Path) -> None:
    """A condition that no command was run for may be the wrong one."""
    (tmp_path / "Makefile").write_text("OS := $(shell uname)\nifeq ($(OS),Linux)\nA = 1\nendif\na:\n\techo $(A)\n")

    found = adopted(tmp_path / "airexec.yml", None, "flow", "schema.json")

    assert found is not None
    line = "# not carried over: what follows from `ifeq ($(OS),Linux)`, for no command was run to find out\n"
    assert line in found.text


def test_two_tasks_that_make_the_same_file_keep_one(tmp_path: Path) -> None:
    """go-task does not look, airexec would not know whose it is."""
    text = "version: 3\ntasks: {a: {generates: [x], cmd: p}, b: {generates: [x], cmd: q}}\n"

    assert "  b:\n    # not carried over: generates: x\n    command: q\n" in made(tmp_path, "Taskfile.yml", text)


def test_tasks_that_read_in_a_circle_do_not(tmp_path: Path) -> None:
    """As formatters do, and who makes sources from sources."""
    text = "version: 3\ntasks: {a: {sources: [x], generates: [y], cmd: p}, b: {sources: [y], generates: [x], cmd: q}}\n"

    assert 2 == made(tmp_path, "Taskfile.yml", text).count("    # not carried over: sources: ")


def test_a_value_where_nothing_can_be_quoted_is_raw(tmp_path: Path) -> None:
    """As it was there; elsewhere it is quoted."""
    text = 'version: 3\nvars: {A: b}\ntasks: {a: "echo {{.A}}", c: "echo `x {{.A}}`"}\n'

    found = made(tmp_path, "Taskfile.yml", text)

    assert "command: echo {{ params.A }}\n" in found
    assert "command: echo `x {{ params.A | raw }}`\n" in found


NASTY = {
    "package.json": [
        '{"scripts": {"true": "x", "a: b": "{{ x }} {% if %} {# c #} ${#x}", "": "x", "\\u00e9": "x\\u0000\\ud800"}}',
        '{"scripts": {"a": "npm run b && x", "b": "npm run a && y", "prea": "z", "preprea": "z", "c": "\\t x\\n y"}}',
        '{"scripts": {"a": "cat <<E\\n{{ x }}\\nE", "b": "%>{{", "c": "}}{{", "d": "`{{x}}` $(( {{x}} )) # {{ y"}}',
    ],
    "Taskfile.yml": [
        "tasks: {a: null, b: 1, c: [], d: {cmds: null}, e: {cmds: [null, 1, {}, [x]]}, f: {deps: x}}",
        "tasks: {g: {deps: [[x], {}, 1]}, h: {vars: [1]}, i: {env: x, cmds: [x]}, 'x y': x, j: {dir: [x]}}",
        "tasks: {k: {sources: {a: b}}, l: {sources: [1, {x: y}, null]}, m: {preconditions: x, status: {a: b}}}",
        "vars: {A: '{{.B}}', B: '{{.A}}', x-y: 1, L: [1], M: {map: {}}, S: {sh: [x]}}\ntasks: {a: 'x {{.A}}'}",
        "vars: {Q: 'it''s \"q\" `x`'}\ntasks: {a: \"'{{.Q}}' {{.Q}}\\\" # {{.Q}}\", b: \"cat <<E\\n{{.Q}}\\nE\"}",
        "tasks: {c: {deps: [d]}, d: {deps: [c]}, f: {sources: ['{{.X}}/y'], generates: [../x, /abs, '']}}",
        "tasks: {d: {sources: ['{a,b}'], generates: ['**'], cmds: [x]}, default: {cmds: [{task: default}]}}",
    ],
    "justfile": [
        "a x y='1' *z:\n\techo {{x}} {{y}} {{z}} {{ x + y }} {{ 'a' / y }} {{{{ }}\n",
        "[group(\"a, b\"), private]\na:\n  #!\n  x\nb: a\nc: b c\n[linux]\nb:\n  x\n",
        "x := \"it's\"\na:\n  echo `{{x}}`\nb:\n  cat <<E\n  {{x}}\n  E\nc:\n  echo '{{x}}' # {{x}}\nd:\n  {{\n",
        "mod foo\nset foo\nimport? 'x'\nb c=\"x y\" $e=\"1\" +f:\n  echo {{c}} {{f}}\n",
    ],
    ".github/workflows/x.yml": [
        "jobs: {a: null, c: {steps: x}, d: {steps: [x, {run: null}, {run: 1}, {uses: null}]}, e: {needs: {a: b}}}",
        "jobs: {g: {strategy: {matrix: {a: x, b: [], c: [[1]], x-y: [1], d: [1, 1.0, '1', true, null]}}}, h: {env: x}}",
        "jobs: {i: {services: x, container: {}}, j: {timeout-minutes: x, strategy: y, defaults: x}, k: {if: true}}",
        "jobs: {a: {strategy: {matrix: {a: [1], exclude: [{a: 1}]}}, steps: [{run: '# `x ${{ matrix.a }}`'}]}}",
        "on: {workflow_dispatch: {inputs: {x: {default: [1]}, a-b: {}, y: null}}}\njobs: {a: {steps: [{run: x}]}}",
        "on: {schedule: [{cron: '99 * * * *'}, {cron: 1}, x]}\nenv: {A: '${{ secrets.B }}', x-y: 1}\njobs: {a: {}}",
        "jobs: {a: {steps: [{run: x, shell: ''}, {run: x, working-directory: '${{ x }}', env: {A: '${{ y }}'}}]}}",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in NASTY.items() for text in texts])
def test_whatever_is_in_a_file_what_is_made_is_valid(name: str, text: str, tmp_path: Path) -> None:
    """The checker has taken it: an AssertionError would say that it has not."""
    assert "tasks:\n" in made(tmp_path, name, text)


NASTY_MAKE = [
    "a b c: d\n\techo $@\nd:\n",
    "a: b\nb: a\n",
    'a:\n\techo {{ x }} {% y %} "{{.Z}}" # {{ q\n',
    "x/y.z: x\n\techo > $@\nx:\n\tmkdir x\nx/q: | x\n\techo $@ > $@\nall: x/y.z x/q\n",
    "a::\n\techo 1\na::\n\techo 2\n",
    "define R\necho 1\necho 2\nendef\na:\n\t$(R)\n\t-$(R)\n",
    "a:\n\tcat <<E\n\t@echo $$$$ `date` $(shell a \"b\" 'c' $$x)\n",
    "true:\n\tx\nyes: true\n1:\n\ty\n",
    "%: force\n\techo $@\nforce:\na: b\n",
    "A=$(A)\na:\n\techo $(A)\n",
    "include nope.mk\na:\n\tx\x0c\n",
    "a\\:b: c\\ d\n\tx $@\n",
]


@needs_make
@pytest.mark.parametrize("text", NASTY_MAKE)
def test_whatever_is_in_a_makefile_what_is_made_is_valid(text: str, tmp_path: Path) -> None:
    assert "tasks:\n" in made(tmp_path, "Makefile", text)


def test_what_is_no_text_is_a_message(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 stand as signs for that; in YAML they are a mistake."""
    (tmp_path / "justfile").write_bytes(b"a:\n  x \xff\n")
    (tmp_path / "Taskfile.yml").write_bytes(b"\xff")

    just = adopted(tmp_path / "airexec.yml", tmp_path / "justfile", "flow", "schema.json")

    assert just is not None
    assert "command: x \ufffd\n" in just.text
    with pytest.raises(AirexecError):
        adopted(tmp_path / "airexec.yml", tmp_path / "Taskfile.yml", "flow", "schema.json")
