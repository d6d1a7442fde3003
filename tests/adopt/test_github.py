"""A workflow of GitHub Actions as tasks."""

import pytest

from airexec.adopt.github import read_github
from airexec.workflow.diagnostics import WorkflowError
from tests.adopt.drafts import source, text_of

WORKFLOW = """\
name: CI
on:
  push: {branches: [main]}
  pull_request:
  schedule: [{cron: "0 3 * * *"}]
  workflow_dispatch:
    inputs:
      level: {default: info, type: choice, options: [info, debug]}
permissions: {contents: read}
env:
  CACHE: ~/.cache
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install ruff
      - name: Run ruff
        run: ruff check .
  test:
    name: Test with ${{ matrix.python }}
    needs: lint
    runs-on: ${{ matrix.os }}
    timeout-minutes: 20
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest, macos-latest]
        python: ["3.11", "3.12"]
    services:
      postgres:
        image: postgres:16
        ports: ["5432:5432"]
    env:
      DATABASE_URL: postgres://localhost/test
    steps:
      - uses: actions/checkout@v4
      - run: |
          pip install -e .[dev]
          pytest --python ${{ matrix.python }} -l ${{ inputs.level }}
        env:
          LEVEL: "2"
      - name: Upload coverage
        if: matrix.python == '3.12'
        run: codecov --token ${{ secrets.CODECOV }}
  deploy:
    needs: [lint, test]
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    environment: production
    continue-on-error: true
    steps:
      - run: ./deploy.sh "${{ github.sha }}"
        working-directory: web
        env: {TOKEN: "${{ secrets.API_TOKEN }}"}
  report:
    needs: test
    if: always()
    uses: ./.github/workflows/report.yml
"""

MADE = """\
# not carried over: permissions
# not carried over: on: push, pull_request
shell: bash
params: {level: {default: info, enum: [info, debug]}}
env: {CACHE: ~/.cache}
schedule: "0 3 * * *"

tasks:
  lint:
    # not carried over: uses: actions/setup-python@v5 (python-version: 3.12)
    command: |
      pip install ruff
      # Run ruff
      ruff check .

  test:
    # not carried over: runs-on: ubuntu-latest, macos-latest; everything runs on this machine
    # not carried over: service postgres: postgres:16; it has to be running
    description: Test with python
    matrix: {python: ["3.11", "3.12"]}
    dependencies: lint
    env:
      DATABASE_URL: postgres://localhost/test
      LEVEL: "2"
    execution_timeout: 20m
    command: |
      pip install -e .[dev]
      pytest --python {{ matrix.python }} -l {{ params.level }}
      # Upload coverage
      # not carried over: if: matrix.python == '3.12'
      #   codecov --token ${secrets.CODECOV}

  deploy:
    # not carried over: if: github.ref == 'refs/heads/main'; so it runs only when it is named or needed
    # not carried over: environment
    manual: true
    dependencies: [lint, test]
    secrets: [API_TOKEN]
    cwd: web
    allow_failure: true
    command: |
      export TOKEN=$API_TOKEN
      ./deploy.sh "${GITHUB_SHA:?}"

  report:
    # not carried over: uses: ./.github/workflows/report.yml
    dependencies: test
    trigger_rule: all_done
    command: "true"
"""


def read(text: str) -> str:
    return text_of(read_github(source(text, "ci.yml")))


def test_a_job_is_a_task() -> None:
    """Its steps are one script, what only GitHub can do is said, and what all steps have in common is the task's."""
    assert MADE == read(WORKFLOW)


def job(fields: str) -> str:
    """Return what becomes of a job with these lines, without its id."""
    return read(f"jobs:\n  j:\n{fields}").partition("  j:\n")[2]


@pytest.mark.parametrize(
    ("condition", "made"),
    [
        ("always()", "trigger_rule: all_done"),
        ("${{ always() }}", "trigger_rule: all_done"),
        ("failure()", "trigger_rule: one_failed"),
        ("success()", ""),
        ("github.ref == 'x'", "manual: true"),
    ],
)
def test_a_condition_on_how_others_ended_is_a_trigger_rule(condition: str, made: str) -> None:
    """Any other cannot be known: the job does not run by itself."""
    lines = job(f"    if: {condition}\n    steps: [{{run: x}}]\n").splitlines()

    assert [made] * bool(made) == [it.strip() for it in lines if "manual" in it or "trigger_rule" in it]


@pytest.mark.parametrize(
    ("step", "made"),
    [
        ("run: x ${{ env.A }}", ["x ${A}"]),
        ("run: x ${{ github.sha }}", ["x ${GITHUB_SHA:?}"]),
        ("{name: a, run: x, if: b}", ["# a", "# not carried over: if: b", "#   x"]),
        ("{run: x, shell: pwsh}", ["# not carried over: shell: pwsh", "#   x"]),
        (
            "run: x ${{ steps.a.outputs.b }} ${{ matrix.c }}",
            [
                "# not carried over: ${steps.a.outputs.b} is not known here; ${matrix.c} is not known here",
                "#   x ${steps.a.outputs.b} ${matrix.c}",
            ],
        ),
        (
            "run: echo a=b >> $GITHUB_ENV",
            ["# not carried over: $GITHUB_ENV is GitHub's", "#   echo a=b >> $GITHUB_ENV"],
        ),
        ("{run: x, continue-on-error: true}", ["(", "x", ") || true"]),
        ("{run: print(1), shell: python}", ["python3 - <<'PYTHON'", "print(1)", "PYTHON"]),
    ],
)
def test_a_step_is_a_part_of_the_script(step: str, made: list[str]) -> None:
    """As a comment, where it is not known whether or how it would run: better nothing than a command with a gap."""
    lines = job(f"    steps:\n      - run: first\n      - {step}\n").splitlines()

    assert ["command: |", "first", *made] == [it.strip() for it in lines]


def test_steps_that_differ_keep_what_is_theirs() -> None:
    """A folder and variables of one step end with it."""
    made = job(
        "    steps:\n"
        "      - {run: x, env: {A: 1, B: same}, working-directory: web}\n"
        "      - {run: y, env: {A: it's, B: same}}\n"
    )

    assert made == (
        "    env: {B: same}\n"
        "    command: |\n"
        "      (\n"
        "      export A=1\n"
        "      cd web\n"
        "      x\n"
        "      )\n"
        "      (\n"
        "      export A='it'\"'\"'s'\n"
        "      y\n"
        "      )\n"
    )


def test_a_matrix_carries_over_with_what_is_added_and_left_out() -> None:
    """A key that only some instances have is empty in the others, as on GitHub; what is no list of values is said."""
    made = job(
        "    strategy:\n"
        "      matrix:\n"
        "        os: [l, m]\n"
        "        more: ${{ fromJSON(x) }}\n"
        "        include: [{os: w, extra: 1}]\n"
        "        exclude: [{os: m}]\n"
        "    steps: [{run: 'x ${{ matrix.os }} ${{ matrix.extra }}'}]\n"
    )

    assert made == (
        "    # not carried over: matrix more: ${{ fromJSON(x) }}\n"
        "    matrix:\n"
        "      os: [l, m]\n"
        "      include: [{os: w, extra: 1}]\n"
        "      exclude: [{os: m}]\n"
        "    command: x {{ matrix.os }} {{ matrix.extra | default('') }}\n"
    )


def test_an_axis_has_a_name_that_templates_can_use() -> None:
    """Of GitHub's `go-version`."""
    made = job(
        "    strategy: {matrix: {go-version: [1.25.x, 1.26.x]}}\n    steps: [{run: 'x ${{matrix.go-version}}'}]\n"
    )

    assert made == "    matrix: {go_version: [1.25.x, 1.26.x]}\n    command: x {{ matrix.go_version }}\n"


def test_a_secret_comes_from_the_environment() -> None:
    """Under the name that GitHub knows it by."""
    made = job(
        "    env: {A: '${{ secrets.A }}'}\n    steps: [{run: 'x ${{ secrets.B }}', env: {C: '${{ secrets.D }}'}}]\n"
    )

    assert made == "    secrets: [A, D, B]\n    command: |\n      export C=$D\n      x ${B}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ci.yml:1:1: the file is empty"),
        ("[]", "ci.yml:1:1: this is no map of keys and values"),
        ("jobs:\n\ta: b", "ci.yml:2:1: a tab cannot indent YAML"),
    ],
)
def test_a_mistake_has_a_place(text: str, message: str) -> None:
    with pytest.raises(WorkflowError) as raised:
        read(text)

    assert message == str(raised.value)
