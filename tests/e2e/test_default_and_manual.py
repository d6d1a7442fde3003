"""What a run takes that names no tasks: `default`, and `manual` tasks only when they are named or needed."""

import json

import pytest

from tests.e2e.rig import Airexec, statuses

MANUAL = """\
    name: w
    tasks:
      build: {command: echo build >> ran}
      clean: {command: echo clean >> ran, manual: true}
      deploy: {command: echo deploy >> ran, dependencies: [build, confirm]}
      confirm: {command: echo confirm >> ran, manual: true}
"""

DEFAULT = """\
    name: w
    default: test
    tasks:
      build: {command: echo build >> ran}
      test: {command: "echo test{{ matrix.py }} >> ran", matrix: {py: [11, 12]}, dependencies: build}
      lint: {command: echo lint >> ran}
      clean: {command: echo clean >> ran, manual: true}
"""


def ran(airexec: Airexec) -> set[str]:
    return set(airexec.read("ran").split())


def test_a_run_that_names_nothing_takes_no_manual_task_but_those_that_are_needed(airexec: Airexec) -> None:
    """`clean` stays where it is, `confirm` comes with `deploy`."""
    airexec.write("airexec.yml", MANUAL)

    result = airexec("run")

    assert 0 == result.exit_code
    assert {"build", "confirm", "deploy"} == ran(airexec) == set(statuses(airexec, "w"))


@pytest.mark.parametrize(("names", "expected"), [(["clean"], {"clean"}), (["c*"], {"clean", "confirm"})])
def test_a_manual_task_runs_when_it_is_named(names: list[str], expected: set[str], airexec: Airexec) -> None:
    """By its id or by a pattern."""
    airexec.write("airexec.yml", MANUAL)

    assert 0 == airexec("run", *names).exit_code
    assert expected == ran(airexec)


def test_default_says_what_runs_with_all_that_it_needs(airexec: Airexec) -> None:
    """The bare id of a matrix means all its instances; what is not named is still there to be named."""
    airexec.write("airexec.yml", DEFAULT)

    assert 0 == airexec("run").exit_code
    assert {"build", "test11", "test12"} == ran(airexec)
    assert 0 == airexec("run", "lint").exit_code
    assert "lint" in ran(airexec)


def test_a_default_run_is_resumed_as_it_was(airexec: Airexec) -> None:
    """Also when by now another task is manual, for that is no change of its work."""
    airexec.write("airexec.yml", DEFAULT.replace("echo build", "test -e go && echo build"))
    assert 1 == airexec("run").exit_code
    airexec.write("go", "")
    text = airexec.read("airexec.yml")
    airexec.write("airexec.yml", text.replace("lint >> ran", "lint >> ran, manual: true"))

    result = airexec("resume")

    assert (0, "") == (result.exit_code, result.err)
    assert {"build", "test11", "test12"} == ran(airexec)


def test_a_file_of_manual_tasks_alone_has_nothing_to_run(airexec: Airexec) -> None:
    """Which is an error that says what to do, and makes no state."""
    airexec.write("airexec.yml", "tasks: {clean: {command: x, manual: true}, docs: {command: y, manual: true}}\n")

    result = airexec("run")

    assert 2 == result.exit_code
    assert (
        f"airexec: error: every task of {airexec.folder}/airexec.yml is manual, "
        "so a run that names none has nothing to do\n"
        "  hint: name one, such as `airexec run clean`, or set `default` (tasks: clean, docs)\n"
    ) == result.err
    assert not (airexec.folder / ".airexec").exists()


def test_list_tells_both(airexec: Airexec) -> None:
    """In words, and in JSON."""
    airexec.write("airexec.yml", DEFAULT)

    lines = airexec("list").out.splitlines()
    data = json.loads(airexec("list", "--json").out)

    assert [
        "w",
        "",
        "tasks:",
        "  build",
        "  test[…]    2 instances; default; after build",
        "  lint",
        "  clean      manual",
    ] == lines
    assert ["test"] == data["default"]
    assert ["clean"] == [task["id"] for task in data["tasks"] if task["manual"]]


@pytest.mark.parametrize("format_name", ["text", "dot", "mermaid", "json", "svg", "html"])
def test_every_graph_tells_both(format_name: str, airexec: Airexec) -> None:
    """Beside the ids."""
    airexec.write("airexec.yml", "default: [a]\ntasks: {a: {command: x}, b: {command: y, manual: true}}\n")

    drawn = airexec("graph", "--format", format_name).out

    assert "default" in drawn
    assert "manual" in drawn


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        (MANUAL, (), "left out (manual): clean\n3 tasks; nothing was started\n"),
        (DEFAULT, (), "left out (default: test): lint, clean\n3 tasks; nothing was started\n"),
        (MANUAL, ("clean",), "1. clean (manual)\n     echo clean >> ran\n1 task; nothing was started\n"),
    ],
)
def test_a_dry_run_tells_both(text: str, arguments: tuple[str, ...], expected: str, airexec: Airexec) -> None:
    """What is left out by itself, and that what was named is manual."""
    airexec.write("airexec.yml", text)

    result = airexec("run", "-n", *arguments)

    assert result.out.endswith(expected)


def test_a_tag_names_tasks(airexec: Airexec) -> None:
    """With what they need, private ones among it; `default` is not asked then. A second run is one as well, though
    nothing has changed."""
    airexec.write(
        "airexec.yml",
        """\
        default: other
        tasks:
          _setup: {command: "true"}
          a: {command: "true", dependencies: _setup, tags: [x]}
          b: {command: "true", manual: true, tags: [x, y], sources: airexec.yml, generates: []}
          other: {command: "true"}
        """,
    )

    def started(*words: str) -> set[str]:
        assert 0 == airexec("run", *words).exit_code
        return set(statuses(airexec, "airexec"))

    assert {"_setup", "a", "b"} == started("--tag", "x")
    assert {"b"} == started("--tag=y") == started("--tag=y")
    assert {"b", "other"} == started("other", "--tag", "y")
    assert {"_setup"} == started("_setup")
    assert (
        2,
        "",
        f"airexec: error: no task has the tag 'z' in {airexec.folder}/airexec.yml\n  hint: its tags are x, y\n",
    ) == airexec("run", "--tag", "z")
    listed = airexec("list", "--tag", "y")
    assert (0, "b    manual; tags x, y") == (listed.exit_code, listed.out.splitlines()[-1].strip())
    assert "left out" not in airexec("run", "-n", "--tag", "y").out
