"""From `::queue` JSON to task definitions: what is taken, what is refused, and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.testing import make_task
from airexec.workflow.actions.command import SHELLS
from airexec.workflow.actions.condition import Condition
from airexec.workflow.model import Argument, QueueLimits, QueuePermission, Task, Workflow
from airexec.workflow.queue_line import QueueBatch, content_id

ANYTHING = QueuePermission()
ONLY_PROCESS = QueuePermission(templates=("process",))
PROCESS = make_task("process", command="python process.py {{ with.path }}", retries=2)
WORKFLOW = Workflow("job", "/w/job.yml", {}, {"process": PROCESS, "other": make_task("other")}, pools={"db": 2})


def read(*payloads: str, permission: QueuePermission = ANYTHING, workflow: Workflow = WORKFLOW) -> QueueBatch:
    batch = QueueBatch(permission, workflow)
    for number, payload in enumerate(payloads, 1):
        batch.read(f"line {number}", payload)
    return batch


def only_task(payload: str, permission: QueuePermission = ANYTHING) -> Task:
    batch = read(payload, permission=permission)
    assert batch.problems == []
    (task,) = batch.tasks
    return task


def test_a_command_becomes_a_literal_task() -> None:
    """What a task prints is data: nothing of it is ever rendered."""
    task = only_task('{"id": "p-1", "command": ["python", "process.py", "{{ params.x }}"]}')

    assert (task.id, task.action.command, task.literal) == ("p-1", ("python", "process.py", "{{ params.x }}"), True)


def test_a_template_instance_takes_the_values_of_with() -> None:
    """The template is the workflow's, the values are the item's."""
    task = only_task('{"id": "p-1", "template": "process", "with": {"path": "a.csv"}}')

    assert task == PROCESS._replace(id="p-1", template="process", with_={"path": "a.csv"})


def test_a_template_instance_may_say_itself_how_it_is_run() -> None:
    """With `queue: true`: what the item says wins over the template."""
    task = only_task('{"id": "p-1", "template": "process", "retries": 7, "tags": ["slow"], "skip_on_exit_code": 99}')

    assert task == PROCESS._replace(id="p-1", template="process", retries=7, tags=("slow",), skip_on_exit_code=(99,))


def test_a_template_instance_without_an_id_is_named_by_content() -> None:
    """`process[a.csv]`, never by position."""
    assert only_task('{"template": "process", "with": {"path": "a.csv"}}').id == "process[a.csv]"


def test_an_array_queues_a_batch() -> None:
    """Two items in one line."""
    batch = read('[{"template": "process", "with": {"path": "a"}}, {"template": "process", "with": {"path": "b"}}]')

    assert [task.id for task in batch.tasks] == ["process[a]", "process[b]"]


def test_dependencies_of_an_item_come_after_those_of_its_template() -> None:
    """A string, a list, or objects, as in the file."""
    task = only_task('{"template": "process", "dependencies": ["x", {"task": "y", "allow_failure": true}]}')

    assert [(dependency.task, dependency.allow_failure) for dependency in task.dependencies] == [
        ("x", False),
        ("y", True),
    ]


def test_a_dependency_on_a_bare_matrix_id_means_all_instances() -> None:
    """As in the file."""
    workflow = WORKFLOW._replace(groups={"test": ("test[a]", "test[b]")})

    batch = read('{"id": "p", "command": "true", "dependencies": ["test"]}', workflow=workflow)

    assert [dependency.task for dependency in batch.tasks[0].dependencies] == ["test[a]", "test[b]"]


def test_the_same_item_twice_is_one_task() -> None:
    """Same id and same definition again: no-op."""
    line = '{"template": "process", "with": {"path": "a"}}'

    assert len(read(line, line).tasks) == 1


def test_two_definitions_of_one_id_are_refused() -> None:
    """Ids are global."""
    batch = read('{"id": "p", "command": "a"}', '{"id": "p", "command": "b"}')

    assert batch.problems == ["line 2: task 'p' stands in the batch twice, with different definitions"]
    assert batch.tasks == ()


def test_every_bad_line_is_reported_and_nothing_is_left_of_the_batch() -> None:
    """All or nothing, with the number of each bad line."""
    batch = read('{"id": "good", "command": "true"}', "{", '{"template": "ghost"}')

    assert batch.problems == [
        "line 2: not JSON: expecting property name enclosed in double quotes at column 2",
        "line 3: template 'ghost' is not defined; there is process, other",
    ]
    assert batch.tasks == ()


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ('{"id": "p", "command": "rm -rf /"}', "may queue only template process; `queue: true` allows commands"),
        ('{"template": "other"}', "this task may not queue template 'other', only process"),
        (
            '{"template": "process", "retries": 9}',
            "this task may not set retries; `queue: true` allows it",
        ),
    ],
)
def test_a_task_that_may_queue_one_template_can_do_no_more(payload: str, problem: str) -> None:
    """`queue: [process]`: untrusted text can at worst start a declared template."""
    batch = read(payload, permission=ONLY_PROCESS)

    assert len(batch.problems) == 1
    assert problem in batch.problems[0]


def test_every_mistake_of_an_item_is_reported() -> None:
    """With the line it stands in, each."""
    batch = read("", '{"id": "p", "command": "a", "retries": -1, "wehn": "1"}')

    assert [problem.partition(":")[0] for problem in batch.problems[1:]] == ["line 2", "line 2"]
    assert sorted("retries" in problem for problem in batch.problems[1:]) == [False, True]


def test_no_key_whose_text_would_be_rendered_can_be_queued() -> None:
    """`env` of a template instance, `when` of a command."""
    batch = read('{"template": "process", "env": {"A": "{{ params.x }}"}}', '{"id": "p", "command": "a", "when": "1"}')

    assert [problem.split(" (")[0] for problem in batch.problems] == [
        "line 1: 'env' cannot be set for an instance of a template",
        "line 2: 'when' takes a map, not the string '1'",
    ]


def test_conditions_of_a_command_are_data_as_it_is_those_of_the_file_are_not() -> None:
    """`default_args` hold templates for whatever has none of its own."""
    defaults = {"preconditions": ["test -e {{ params.x }}"], "when": {"command": "x"}, "shell": "bash"}
    workflow = WORKFLOW._replace(default_args=defaults)

    own = read('{"id": "p", "command": "a", "preconditions": [{"command": ["{{ x }}"]}]}', workflow=workflow).tasks[0]
    none = read('{"id": "q", "command": "a", "when": {"command": "y"}}', workflow=workflow).tasks[0]

    assert (Condition(("{{ x }}",), SHELLS["bash"], literal=True),) == own.preconditions
    assert Condition("x", SHELLS["bash"]) == own.when
    assert (Condition("test -e {{ params.x }}", SHELLS["bash"]),) == none.preconditions
    assert Condition("y", SHELLS["bash"], literal=True) == none.when


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ('{"id": "p", "command": "a", "pool": "ghost"}', "task 'p' uses pool 'ghost', which is not defined"),
        ('{"id": "p", "command": "a", "pool": "db", "pool_slots": 3}', "task 'p' needs 3 slots, pool 'db' has 2"),
    ],
)
def test_pools_are_checked(payload: str, problem: str) -> None:
    """A task that could never start is refused."""
    assert read(payload).problems == [f"line 1: {problem}"]


def test_beyond_the_limit_there_is_one_message_and_flat_memory() -> None:
    """The rest is not even read."""
    workflow = WORKFLOW._replace(queue_limits=QueueLimits(per_task=2))
    batch = QueueBatch(ANYTHING, workflow)

    for number in range(1, 1000):
        batch.read(f"line {number}", f'{{"id": "p-{number}", "command": "true"}}')

    batch.read("line 1000", "{")
    batch.read("line 1001", '[{"template": "ghost"}]')

    assert batch.problems == ["line 3: a task may queue 2 tasks (queue_limits.per_task); the rest was not read"]
    assert batch.tasks == ()


def test_beyond_the_limit_the_rest_of_an_array_is_not_read_either() -> None:
    """A thousand messages would say no more."""
    items = ", ".join(['{"id": "p", "command": "a"}', '{"id": "q", "command": "a"}', *['{"template": "ghost"}'] * 9])
    batch = read(f"[{items}]", workflow=WORKFLOW._replace(queue_limits=QueueLimits(per_task=1)))

    assert batch.problems == ["line 1: a task may queue 1 tasks (queue_limits.per_task); the rest was not read"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"path": "src/a b.py"}, "process[src/a b.py]"),
        ({"n": 3, "fast": True}, "process[true,3]"),
        ({"n": "3"}, 'process["3"]'),
        ({"path": "a,b"}, 'process["a,b"]'),
        ({"path": "café"}, "process[café]"),
        ({"path": "a\nb"}, 'process["a\\nb"]'),
        ({"path": ""}, 'process[""]'),
        ({"path": " a"}, 'process[" a"]'),
        ({"path": "Infinity"}, 'process["Infinity"]'),
        ({}, "process[]"),
        ({"path": "x" * 100}, f"process[{'x' * 67}~da3d4f1d746f]"),
    ],
)
def test_content_ids(arguments: dict[str, object], expected: str) -> None:
    """Short, readable, and what could be mistaken is written as JSON."""
    assert content_id("process", arguments) == expected


@given(
    st.lists(
        st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none()), min_size=1, max_size=3, unique_by=repr
    )
)
def test_different_values_have_different_ids(values: list[object]) -> None:
    """One argument, any two values."""
    ids = {content_id("t", {"v": value}) for value in values}

    assert len(ids) == len(values)


@given(st.text())
def test_the_parser_never_raises_anything_else(text: str) -> None:
    """Whatever a task prints."""
    batch = read(text)

    assert batch.tasks == () or batch.problems == []


ARGUMENTS = {"process": {"path": Argument(True, {"type": "string"}), "n": Argument(False, {"default": 3})}}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("{}", "line 1: template 'process' needs 'path' in `with`"),
        ('{"path": "a", "pth": 1}', "line 1: template 'process' takes no 'pth' (did you mean 'path'?)"),
        (
            '{"path": 1}',
            "line 1: template 'process': 'path' takes a string, not the number 1 (write \"1\", with the quotes)",
        ),
    ],
)
def test_arguments_that_a_template_does_not_take_are_errors_of_the_line(given: str, problem: str) -> None:
    """At once, and not when the instance starts."""
    batch = QueueBatch(QueuePermission(), WORKFLOW._replace(arguments=ARGUMENTS))
    batch.read("line 1", f'{{"template": "process", "with": {given}}}')

    assert [problem] == batch.problems


def test_what_has_a_default_need_not_be_given() -> None:
    """The id goes by what was printed."""
    batch = QueueBatch(QueuePermission(), WORKFLOW._replace(arguments=ARGUMENTS))
    batch.read("line 1", '{"template": "process", "with": {"path": "{{ x }}"}}')
    (task,) = batch.tasks

    assert ('process["{{ x }}"]', {"path": "{{ x }}", "n": 3}) == (task.id, task.with_)


# --- numbers that are said by templates -------------------------------------------------------------------------------


def test_the_numbers_of_an_instance_are_worked_out_from_its_arguments_and_the_params() -> None:
    """What the item says itself is a number already."""
    numbers = {"retries": "{{ with.n + params.m }}", "retry_delay": "{{ with.n }}s"}
    workflow = Workflow("job", "/w/job.yml", {}, {"t": make_task("t", numbers=numbers)})
    batch = QueueBatch(ANYTHING, workflow, {"m": 2})
    batch.read("line 1", '{"template": "t", "with": {"n": 1}}')
    batch.read("line 2", '{"template": "t", "with": {"n": 2}, "retries": 9}')

    assert [] == batch.problems
    assert [(3, 1.0, {}), (9, 2.0, {})] == [(task.retries, task.retry_delay, task.numbers) for task in batch.tasks]


def test_a_default_of_the_workflow_is_worked_out_for_a_queued_command() -> None:
    workflow = Workflow("job", "/w/job.yml", {}, default_args={"retries": "{{ params.m }}"})
    batch = QueueBatch(ANYTHING, workflow, {"m": 2})
    batch.read("line 1", '{"id": "q", "command": "true"}')

    assert [2] == [task.retries for task in batch.tasks]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (
            '{"template": "t", "with": {"n": "x"}}',
            "line 1: 'retries' of task 't[x]' cannot be 'x' (it takes a whole number of at least 0)",
        ),
        (
            '{"id": "q", "command": "true", "retries": "{{ params.m }}"}',
            "line 1: 'retries' is a template, and what a task or a program says is data",
        ),
    ],
)
def test_an_argument_that_is_no_number_and_a_template_that_was_printed_are_refused(item: str, problem: str) -> None:
    workflow = Workflow("job", "/w/job.yml", {}, {"t": make_task("t", numbers={"retries": "{{ with.n }}"})})

    assert [problem] == read(item, workflow=workflow).problems
