"""A Taskfile as tasks."""

import pytest

from airexec.adopt.task import read_taskfile
from airexec.workflow.diagnostics import WorkflowError
from tests.adopt.drafts import source, text_of

TASKFILE = """\
version: "3"
vars:
  BIN: app
  LDFLAGS: "-s -w -X main.version={{.VERSION}}"
  VERSION:
    sh: git describe --tags --always
  FLAGS: -race -v
  N: 3
env:
  CGO_ENABLED: "0"
dotenv: [.env]
includes:
  docs: ./docs/Taskfile.yml
tasks:
  default:
    cmds: [{task: lint}, {task: test}, {task: build}]
  build:
    desc: Build the binary
    aliases: [b]
    deps: [generate]
    sources: ["**/*.go", {exclude: "**/*_test.go"}, go.mod]
    generates: ["bin/{{.BIN}}"]
    cmds:
      - go build -ldflags "{{.LDFLAGS}}" -o bin/{{.BIN}} ./cmd/app
  generate: {internal: true, cmd: go generate ./...}
  test:
    desc: Run tests
    env: {GOFLAGS: "{{.FLAGS}}"}
    cmds:
      - go test {{.FLAGS}} ./... {{.CLI_ARGS}}
      - cmd: rm -rf tmp
        ignore_error: true
      - cmd: cd sub && ls
      - echo done
  lint: golangci-lint run --timeout={{.TIMEOUT | default "5m"}}
  docker:
    desc: |
      Build images
      for all

      More about it
    dir: docker
    vars: {IMAGE: "reg/{{.BIN}}"}
    cmds:
      - for: [amd64, arm64]
        cmd: docker build --platform {{.ITEM}} -t {{.IMAGE}}:{{.VERSION}} . --format '{{"{{.Names}}"}}'
      - task: notify
        vars: {WHO: team}
  notify: echo hello {{.WHO}}
  check:
    preconditions: [{sh: test -f key.pem, msg: make a key first}]
    status: [test -f done]
    cmd: ./check > done
  release:
    prompt: Sure?
    cmds:
      - task: build
      - git push {{.X | upper}}
"""

MADE = """\
# not carried over: dotenv .env: write `env_file: .env` if it is always there
# not carried over: includes docs: ./docs/Taskfile.yml; `airexec init --from` reads one file at a time
params:
  BIN: app
  FLAGS: -race -v
env: {CGO_ENABLED: "0"}
default: default

tasks:
  default:
    # not carried over: the order of lint, test, build: they run at the same time
    dependencies: [lint, test, build]
    command: "true"

  build:
    # also called: b
    description: Build the binary
    dependencies: generate
    sources: ["**/*.go", "!**/*_test.go", go.mod]
    generates: bin/{{ params.BIN }}
    command: go build -ldflags "-s -w -X main.version=$(git describe --tags --always)" -o bin/{{ params.BIN }} ./cmd/app

  generate:
    # internal: only other tasks call it
    command: go generate ./...

  test:
    description: Run tests
    env: {GOFLAGS: "{{ params.FLAGS }}"}
    command: |
      go test {{ params.FLAGS | raw }} ./... {{ args }}
      rm -rf tmp || true
      (cd sub && ls)
      echo done

  lint:
    command: golangci-lint run --timeout=${TIMEOUT:-5m}

  docker:
    # not carried over: a call of notify, which runs in another folder; so go-task runs this one
    description: Build images for all
    command: task docker

  notify:
    command: echo hello ${WHO:-}

  check:
    command: |
      { test -f key.pem; } || { echo 'make a key first' >&2; exit 1; }
      if test -f done; then exit 0; fi
      ./check > done

  release:
    # not carried over: prompt, which says whether it may run; so go-task runs this one
    command: task release
"""


def read(text: str) -> str:
    return text_of(read_taskfile(source(text, "Taskfile.yml")))


def test_a_taskfile_becomes_a_workflow() -> None:
    """Variables are params where they are texts and used; what needs more of go-task is left to it."""
    assert MADE == read(TASKFILE)


def command(text: str, more: str = "") -> list[str]:
    """Return the lines of the command of the task `a` with this body."""
    made = read(f"version: 3\n{more}tasks:\n  a: {text}\n  b: {{cmds: [x, y]}}\n  d: {{dir: sub, cmd: z}}\n")
    body = made.partition("  a:\n")[2].partition("\n\n")[0]
    return [line.strip() for line in body.partition("command:")[2].splitlines() if line.strip() not in ("", "|")]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{cmds: [1, {cmd: x, ignore_error: true}]}", ["1", "x || true"]),
        ("{cmds: [x, {task: b}, z]}", ["x", "x", "y", "z"]),
        ("{cmds: [x, {task: d}]}", ["x", "(", "cd sub", "z", ")"]),
        ("{dir: c, cmds: [x, {task: b}]}", ["task a"]),
        ("{cmds: [x, {task: a}]}", ["task a"]),
        ("{cmds: [x, {task: gone}]}", ["task a"]),
        ("{cmds: [{defer: x}, y]}", ["task a"]),
        ("{cmds: [{for: [1, 2], cmd: 'x {{.ITEM}}'}]}", ["x 1", "x 2"]),
        ("{cmds: [{for: sources, cmd: x}]}", ["task a"]),
        ("{vars: {V: 1}, cmd: 'x {{.V}} {{.TASK}}'}", ["x 1 {{ task.id }}"]),
        ("x {{.UNKNOWN}} {{.U | default \"v\"}}", ["x ${UNKNOWN:-} ${U:-v}"]),
        ("x {{.lower}}", ["task a"]),
        ("{preconditions: [p], status: [s, t], cmd: x}",
         ["{ p; } || { echo 'not so: p' >&2; exit 1; }", "if s && t; then exit 0; fi", "x"]),
    ],
)  # fmt: skip
def test_commands_carry_over(text: str, made: list[str]) -> None:
    """Calls behind a command are replaced by what they call; where nothing says the same, go-task runs the task."""
    assert made == command(text)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("word", "{{ params.V }}"),
        ("two words", "{{ params.V | raw }}"),
        ("''", "{{ params.V | raw }}"),
        ("{sh: git describe}", "$(git describe)"),
        ("'{{.W}}/x'", "{{ params.W }}/x"),
    ],
)
def test_a_variable_is_what_stood_for_it(value: str, made: str) -> None:
    """go-task quotes nothing: what is more than one word is to be as many here."""
    assert [f"x {made}"] == command("x {{.V}}", f"vars: {{V: {value}, W: w}}\n")


def test_several_calls_in_front_run_at_the_same_time() -> None:
    """That their order is lost is said."""
    made = read("version: 3\ntasks: {a: {cmds: [{task: b}, {task: c}]}, b: x, c: y}\n")

    assert "    # not carried over: the order of b, c: they run at the same time\n    dependencies: [b, c]\n" in made


@pytest.mark.parametrize("text", ["", "tasks: [", "- a"])
def test_a_mistake_has_a_place(text: str) -> None:
    with pytest.raises(WorkflowError) as raised:
        read(text)

    assert str(raised.value).startswith("Taskfile.yml:1:")
