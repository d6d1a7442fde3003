"""What was read, as a file that airexec takes: ids, dependencies, comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.adopt.draft import Draft, DraftTask, literal, place_of, settled, with_raw, without, written
from airexec.workflow.template.templates import Templates
from tests.adopt.drafts import text_of


def test_a_draft_becomes_a_file() -> None:
    """Keys in the order of the manual, what is lost where it was, and a task with nothing of its own."""
    tasks = (
        DraftTask("all", {"description": "Everything"}, ("build",), ("dir",)),
        DraftTask("build", {"command": "cc a.c\nld a.o", "env": {"A": "1"}}, remarks=("also called: b",), lost=("x",)),
        DraftTask("dir", {"command": "mkdir -p dir"}),
    )

    text = written(Draft("there", tasks, "all", {"shell": "bash"}, ("one",), ("two",)), "flow", "s.json", "there")

    assert text == (
        "# yaml-language-server: $schema=s.json\n"
        "# Made of there by `airexec init`: `airexec run -n` says what would run.\n"
        "# one\n"
        "# not carried over: two\n"
        "name: flow\n"
        "shell: bash\n"
        "default: all\n"
        "\n"
        "tasks:\n"
        "  all:\n"
        "    description: Everything\n"
        "    dependencies: [build, {task: dir, order_only: true}]\n"
        '    command: "true"\n'
        "\n"
        "  build:\n"
        "    # also called: b\n"
        "    # not carried over: x\n"
        '    env: {A: "1"}\n'
        "    command: |\n"
        "      cc a.c\n"
        "      ld a.o\n"
        "\n"
        "  dir:\n"
        "    command: mkdir -p dir\n"
    )


def test_what_is_no_id_gets_one_and_dependencies_follow() -> None:
    """Of two that would be called the same, the second has a number; a name that is an id keeps it."""
    tasks = (
        DraftTask("a/b", {}, ("a b", "a-b")),
        DraftTask("a b", {}),
        DraftTask("a-b", {}),
        DraftTask("ü", {}),
    )

    assert text_of(Draft("there", tasks, "a/b")) == (
        "default: a-b-2\n"
        "\n"
        "tasks:\n"
        "  a-b-2:\n"
        "    # a/b in there\n"
        "    dependencies: [a-b-3, a-b]\n"
        '    command: "true"\n'
        "\n"
        "  a-b-3:\n"
        "    # a b in there\n"
        '    command: "true"\n'
        "\n"
        "  a-b:\n"
        '    command: "true"\n'
        "\n"
        "  task:\n"
        "    # ü in there\n"
        '    command: "true"\n'
    )


def test_a_dependency_that_cannot_be_is_said() -> None:
    """One that is not there, the task itself, and the last of a circle."""
    tasks = (DraftTask("a", {}, ("b", "gone", "a")), DraftTask("b", {}, ("c",)), DraftTask("c", {}, ("a",)))

    found = {task.name: (task.dependencies, task.lost) for task in settled(Draft("there", tasks)).tasks}

    assert found == {
        "a": (
            ("b",),
            (
                "the dependency on gone, which is not there",
                "the dependency on a, which depends on this one",
            ),
        ),
        "b": (("c",), ()),
        "c": ((), ("the dependency on a, which depends on this one",)),
    }


def test_of_two_tasks_of_a_name_the_first_is_taken() -> None:
    """just has such for several systems."""
    tasks = (DraftTask("a", {"command": "x"}), DraftTask("a", {"command": "y"}))

    assert (DraftTask("a", {"command": "x"}, lost=("another a below",)),) == settled(Draft("there", tasks)).tasks


@pytest.mark.parametrize(
    ("text", "is_written"),
    [
        ("docker ps --format '{{.Names}}'", "docker ps --format '{% raw %}{{.Names}}{% endraw %}'"),
        ("echo ${#list[@]} {{", "echo ${#list[@]} {{ '{{' | raw }}"),
        ("a {% b", "a {{ '{%' | raw }} b"),
        ("a {# b", "a {{ '{#' | raw }} b"),
    ],
)
def test_templates_of_others_are_no_templates_of_ours(text: str, is_written: str) -> None:
    assert is_written == literal(text)


@given(st.text("{}%#- ab'\"$\n", max_size=20))
def test_a_literal_text_renders_as_itself(text: str) -> None:
    assert text == Templates().render(literal(text), {})


def test_a_key_that_is_taken_away_is_said() -> None:
    """Of a task, or of the file, which has no name."""
    draft = Draft("there", (DraftTask("a", {"sources": ["x", "y"], "command": "z"}),), fields={"schedule": "1"})

    less = without(without(draft, ["a"], "sources"), [""], "schedule")

    assert less == Draft(
        "there",
        (DraftTask("a", {"command": "z"}, lost=("sources: x, y",)),),
        lost=("schedule: 1",),
    )


def test_a_value_that_cannot_be_quoted_is_taken_as_it_is() -> None:
    tasks = tuple(DraftTask(name, {"command": "`{{ params.x }}`"}) for name in "ab")

    found = with_raw(Draft("there", tasks), "b", "params.x").tasks

    assert ["`{{ params.x }}`", "`{{ params.x | raw }}`"] == [task.fields["command"] for task in found]


def test_a_line_is_that_of_a_key_of_a_task() -> None:
    """Also inside of a script, and where the id is quoted; a line above the tasks is the file's."""
    tasks = (DraftTask("yes", {"command": "a\nb: c"}),)
    text = written(Draft("there", tasks, fields={"env": {"A": "1", "B": "2"}}), "flow", "s.json", "there")
    lines = text.splitlines()

    places = [place_of(text, lines.index(it) + 1) for it in ("      b: c", '  B: "2"', "name: flow")]

    assert [("yes", "command"), ("", "env"), ("", "name")] == places
