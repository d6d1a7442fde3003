"""What the names on the command line mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.errors import UsageError
from airexec.graph.select import select_tasks
from airexec.testing import make_plan, make_task
from airexec.workflow.model import Workflow

CI = make_plan(
    make_task("deploy", ["test[py311]", "test[py312]"]),
    make_task("build"),
    make_task("test[py311]", ["build"]),
    make_task("test[py312]", ["build"]),
    make_task("lint"),
    groups={"test": ("test[py311]", "test[py312]")},
    templates={"process": make_task("process")},
).workflow


def selected(*names: str, workflow: Workflow = CI) -> list[str]:
    return list(select_tasks(workflow, names))


def refusal(*names: str, workflow: Workflow = CI) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        select_tasks(workflow, names)
    return caught.value.headline, caught.value.hint


def test_no_names_mean_all_tasks() -> None:
    """In order of the file."""
    assert selected() == ["deploy", "build", "test[py311]", "test[py312]", "lint"]


def test_a_task_comes_with_all_that_it_needs_in_order_of_the_file() -> None:
    """Directly or not; what needs it stays out."""
    assert selected("deploy") == ["deploy", "build", "test[py311]", "test[py312]"]
    assert selected("test[py311]") == ["build", "test[py311]"]


def test_the_bare_id_of_a_matrix_means_all_its_instances() -> None:
    """As it does in `dependencies`."""
    assert selected("test") == ["build", "test[py311]", "test[py312]"]


def test_a_star_stands_for_any_characters_and_a_question_mark_for_one() -> None:
    """Brackets are part of ids, so they stand for themselves."""
    assert selected("l*") == ["lint"]
    assert selected("test[py31?]") == ["build", "test[py311]", "test[py312]"]
    assert selected("*[py312]") == ["build", "test[py312]"]


def test_names_add_up() -> None:
    """The order of the names does not matter."""
    assert selected("lint", "build", "lint") == ["build", "lint"]


def test_an_unknown_name_gets_a_proposal() -> None:
    """The closest task or matrix."""
    assert refusal("biuld") == ("no task is named 'biuld' in /w/job.yml", "did you mean 'build'?")


@pytest.mark.parametrize(("name", "meant"), [("BUILD", "build"), ("depl", "deploy"), ("TEST", "test")])
def test_a_name_in_other_letters_or_cut_short_is_recognized(name: str, meant: str) -> None:
    """As `airexec why` does, and every message about a name."""
    assert refusal(name) == (f"no task is named '{name}' in /w/job.yml", f"did you mean '{meant}'?")


def test_a_task_in_capitals_is_recognized() -> None:
    """Whichever of the two is in capitals."""
    workflow = make_plan(make_task("LINT"), make_task("TEST")).workflow

    assert refusal("lint", workflow=workflow) == ("no task is named 'lint' in /w/job.yml", "did you mean 'LINT'?")


def test_all_unknown_names_are_told_at_once() -> None:
    """One run of the command is enough to mend them."""
    assert refusal("biuld", "lint", "tset") == (
        "no tasks are named 'biuld', 'tset' in /w/job.yml",
        "did you mean 'build' instead of 'biuld'?; did you mean 'test' instead of 'tset'?",
    )


def test_the_name_of_a_template_is_explained() -> None:
    """Its tasks do not exist before they are queued."""
    assert refusal("process") == (
        "no task is named 'process' in /w/job.yml",
        "'process' is a template: its tasks exist once a task has queued them",
    )


def test_without_a_proposal_the_tasks_are_listed() -> None:
    """A matrix by its bare id."""
    assert refusal("q*") == ("no task is named 'q*' in /w/job.yml", "its tasks are test, deploy, build, lint")


def test_a_long_list_of_tasks_is_cut() -> None:
    """The rest is what `airexec list` is for."""
    many = make_plan(*(make_task(f"step{number}") for number in range(30))).workflow

    assert refusal("zzz", workflow=many)[1] == (
        "its tasks are step0, step1, step2, step3, step4, step5, step6, step7 and 22 more (see `airexec list`)"
    )


def test_a_workflow_without_tasks_says_so() -> None:
    """There is nothing to propose."""
    assert refusal("build", workflow=make_plan().workflow)[1] == "the workflow has no tasks"


@given(st.data())
def test_what_is_shown_is_what_would_run(data: st.DataObject) -> None:
    """`run -n TASK` asks the graph, `run TASK` walks it; any graph, any names."""
    names = [f"t{number}" for number in range(data.draw(st.integers(1, 12)))]
    tasks = [make_task(name, data.draw(st.sets(st.sampled_from(names[:n])))) for n, name in enumerate(names) if n]
    workflow = make_plan(make_task(names[0]), *tasks).workflow
    wanted = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))

    assert list(select_tasks(workflow, wanted)) == list(select_tasks(workflow, wanted, for_show=True))


def test_a_param_without_its_option_is_no_task() -> None:
    """As make takes them."""
    assert refusal("cc=gcc") == ("no task is named 'cc=gcc' in /w/job.yml", "to set a param, write -p cc=gcc")


# --- tags -------------------------------------------------------------------------------------------------------------

TAGGED = make_plan(
    make_task("build"),
    make_task("unit", ["build"], tags=("fast", "test")),
    make_task("load", ["build"], tags=("slow", "test"), manual=True),
    make_task("lint", tags=("fast",)),
    make_task("all", ["lint"]),
).workflow


@pytest.mark.parametrize(
    ("names", "tags", "expected"),
    [
        ((), ("fast",), ["build", "unit", "lint"]),
        ((), ("fast", "slow"), ["build", "unit", "load", "lint"]),
        (("all",), ("slow",), ["build", "load", "lint", "all"]),
    ],
)
def test_tags_mean_the_tasks_that_have_one_and_what_they_need(
    names: tuple[str, ...], tags: tuple[str, ...], expected: list[str]
) -> None:
    """A manual one too; together with names it is the union."""
    assert expected == list(select_tasks(TAGGED, names, tags=tags))


@pytest.mark.parametrize(
    ("tags", "headline", "hint"),
    [
        (["slwo"], "no task has the tag 'slwo' in /w/job.yml", "did you mean 'slow'?"),
        (["x", "fast", "y"], "no task has the tags 'x', 'y' in /w/job.yml", "its tags are fast, test, slow"),
    ],
)
def test_a_tag_that_no_task_has_is_a_mistake(tags: list[str], headline: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        select_tasks(TAGGED, (), tags=tags)

    assert (headline, hint) == (caught.value.headline, caught.value.hint)


def test_a_workflow_without_tags_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        select_tasks(CI, (), tags=["x"])

    assert "it has no tags" == caught.value.hint
