"""A justfile as tasks."""

import pytest

from airexec.adopt.just import read_justfile
from airexec.workflow.diagnostics import WorkflowError
from tests.adopt.drafts import source, text_of

JUSTFILE = """\
#!/usr/bin/env just --justfile
set shell := ["bash", "-uc"]
set dotenv-load
image := "registry/app"
flags := '-O2 -g'
version := `git describe --tags`
tag := image + ":" + version
bin := "target" / "app"
export RUST_BACKTRACE := "1"
alias t := test
home := env('HOME', '/root')

# list the recipes
default:
    @just --list

# Build it
[group('dev')]
build target='debug': _prepare (fetch "x")
    cargo build --profile {{target}} {{flags}} # x
    @echo built {{ image }} at {{home}} $(ls | wc -l)

[group: 'dev']
test *args: build && report
    cargo test {{args}}
    -rm -rf tmp
    cd sub && \\
      ls
    echo "{{{{literal}}"

_prepare:
    mkdir -p {{bin}}

fetch what:
    curl {{what}}

[private]
report:
    #!/usr/bin/env python3
    import sys
    print("hi", sys.argv, '{{version}}')

# Deploy
[confirm("Sure?")]
[linux]
deploy env +hosts="a": build test
    ./deploy {{ if env == "prod" { "x" } else { "y" } }} {{tag}}

push:
    docker push {{tag}}
"""

MADE = """\
# `default` is left out: `airexec` alone lists the tasks.
# not carried over: dotenv-load: write `env_file: .env` if it is always there
params:
  target: debug
  flags: -O2 -g
  image: registry/app
  args: ""
  what: ""
env: {RUST_BACKTRACE: "1"}
shell: [bash, -e, -uc]
default: build

tasks:
  build:
    # target: airexec run build -p target=…
    # not carried over: the arguments of fetch: "x"
    description: Build it
    dependencies: [_prepare, fetch]
    tags: [dev]
    command: |
      cargo build --profile {{ params.target }} {{ params.flags | raw }} # x
      echo built {{ params.image }} at ${HOME:-/root} $(ls | wc -l)

  test:
    # also called: t
    # *args: airexec run test -p args=…
    # not carried over: report, which comes after it
    dependencies: build
    tags: [dev]
    command: |
      cargo test {{ params.args | raw }}
      rm -rf tmp || true
      (cd sub && \\
        ls)
      echo "{{ '{{' | raw }}literal}}"

  _prepare:
    # private: only other recipes call it
    command: mkdir -p target/app

  fetch:
    # what: airexec run fetch -p what=…
    command: |
      test -n {{ params.what }} || { echo 'say -p what=…' >&2; exit 1; }
      curl {{ params.what }}

  report:
    # private: only other recipes call it
    # not carried over: #!python3 with values of commands; so just runs this one
    command: just report

  deploy:
    # not carried over: {{if env == "prod" { "x" } else { "y" }}}; so just runs this one
    description: Deploy
    command: just deploy

  push:
    command: docker push {{ params.image }}:$(git describe --tags)
"""


def read(text: str) -> str:
    return text_of(read_justfile(source(text, "justfile")))


def test_a_justfile_becomes_a_workflow() -> None:
    """Variables and parameters are params; what needs more of just is left to it."""
    assert MADE == read(JUSTFILE)


def command(text: str) -> list[str]:
    """Return the lines of the command of the recipe `a`."""
    body = read(text).partition("  a:\n")[2].partition("\n\n")[0]
    return [line.strip() for line in body.partition("command:")[2].splitlines() if line.strip() not in ("", "|")]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a:\n  @-x\n  -@y\n  z\n", ["x || true", "y || true", "z"]),
        ("a:\n  #!/bin/sh\n  x\n", ["x"]),
        ("v := 'x'\na:\n  y {{v}}\n", ["y {{ params.v }}"]),
        ("v := 'x y'\na:\n  y {{v}}\n", ["y {{ params.v | raw }}"]),
        ("v := 'x' + \"\\\\\"\na:\n  y {{v}}\n", ["y x\\"]),
        ("v := w / 'x'\nw := 'y'\na:\n  z {{v}}\n", ["z {{ params.w }}/x"]),
        ("v := `git x`\na:\n  y {{v}}\n", ["y $(git x)"]),
        ("v := env('HOME')\na:\n  y {{v}}\n", ["y ${HOME:?}"]),
        ("v := env_var_or_default('A', 'b')\na:\n  y {{v}}\n", ["y ${A:-b}"]),
        ("a:\n  x {{os()}} {{justfile_directory()}}\n", ["x $(uname -s | tr A-Z a-z) $PWD"]),
        ("a:\n  x {{uppercase('a')}}\n", ["just a"]),
        ("a:\n  x {{ if 'a' == 'b' { 'c' } else { 'd' } }}\n", ["just a"]),
        ("v := v\na:\n  x {{v}}\n", ["just a"]),
        ("a:\n  #!/usr/bin/env fish\n  x\n", ["just a"]),
        ("a: # about\n  x # {{{{y}}\n", ["\"x # {{ '{{' | raw }}y}}\""]),
        ("a b='c':\n  x {{b}}\n", ["x {{ params.b }}"]),
        ("a b:\n  x {{b}}\n", ["test -n {{ params.b }} || { echo 'say -p b=…' >&2; exit 1; }", "x {{ params.b }}"]),
        ("a *b:\n  x {{b}}\n", ["x {{ params.b | raw }}"]),
    ],
)
def test_a_recipe_is_a_script(text: str, made: list[str]) -> None:
    """Where nothing says the same, just runs the recipe."""
    assert made == command(text)


def test_parameters_of_the_same_name_are_two_params() -> None:
    """The second has the name of its recipe in front."""
    made = read("a x='1':\n  y {{x}}\nb x='2':\n  y {{x}}\n")

    assert 'params:\n  x: "1"\n  b_x: "2"\n' in made
    assert "    command: y {{ params.b_x }}\n" in made


def test_what_comes_before_is_a_dependency() -> None:
    """By its name or another that it has; what comes after it, and what it is given, is said."""
    made = read("a: t (c 'x') && d\nalias t := b\nb:\nc x='':\nd:\n")

    assert made.partition("  a:\n")[2].startswith(
        "    # not carried over: the arguments of c: 'x'\n"
        "    # not carried over: d, which comes after it\n"
        "    dependencies: [b, c]\n"
    )


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("x:\n  y\nbuild:\n  z\n", "x"),
        ("default:\n  @just --list\nx:\n  y\nbuild:\n  z\n", "build"),
        ("x:\n  y\n[default]\nz:\n  z\n", "z"),
    ],
)
def test_the_default_is_that_of_just(text: str, default: str) -> None:
    """A recipe that only lists the others is none."""
    assert f"default: {default}\n" in read(text)


def test_a_line_that_is_nothing_has_its_place() -> None:
    with pytest.raises(WorkflowError) as raised:
        read("a:\n  x\n\n= b\n")

    assert "justfile:4:1: this is no recipe, variable or setting of just" == str(raised.value)
