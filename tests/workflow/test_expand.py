"""Matrices are written out before anybody else sees the tasks."""

from airexec.workflow.model import Dependency, Location
from tests.workflow.reading import workflow

TEXT = """
tasks:
  build: {command: make, matrix: {os: [linux, mac]}}
  test:
    command: pytest {{ matrix.py }}
    matrix: {py: ["3.11", "3.12"]}
    dependencies: [build]
  one: {command: x, dependencies: ["build[mac]"]}
  all: {command: x, dependencies: [test, {task: build, allow_failure: true}, one, "build[mac]"]}
"""


def test_a_matrix_task_becomes_its_instances_in_its_place() -> None:
    """In the order of the file."""
    expected = ["build[linux]", "build[mac]", "test[3.11]", "test[3.12]", "one", "all"]

    found = workflow(TEXT)

    assert expected == list(found.tasks)
    assert {"build": ("build[linux]", "build[mac]"), "test": ("test[3.11]", "test[3.12]")} == found.groups


def test_an_instance_knows_its_values() -> None:
    """Not the table that they come from."""
    instance = workflow(TEXT).tasks["test[3.12]"]

    assert ("test[3.12]", {"py": "3.12"}, Location("", 3, 3)) == (instance.id, instance.matrix, instance.location)


def test_the_bare_id_means_all_instances() -> None:
    """Also from one matrix to another."""
    tasks = workflow(TEXT).tasks

    both = (Dependency("build[linux]"), Dependency("build[mac]"))
    assert [both, both] == [tasks["test[3.11]"].dependencies, tasks["test[3.12]"].dependencies]
    assert (Dependency("build[mac]"),) == tasks["one"].dependencies


def test_each_upstream_stands_once_and_keeps_the_tolerance_of_its_first_mention() -> None:
    """Whether by the bare id or by its own."""
    expected = (
        Dependency("test[3.11]"), Dependency("test[3.12]"),
        Dependency("build[linux]", allow_failure=True), Dependency("build[mac]", allow_failure=True),
        Dependency("one"),
    )  # fmt: skip

    assert expected == workflow(TEXT).tasks["all"].dependencies


def test_a_template_keeps_the_bare_id_of_a_matrix() -> None:
    """What is queued from it looks into the groups, which may be others by then."""
    template = workflow("templates: {t: {command: x, dependencies: [build]}}" + TEXT).templates["t"]

    assert (Dependency("build"),) == template.dependencies


def test_an_instance_may_depend_on_the_matching_one() -> None:
    """Its values stand as in ids; beside the bare id, which means that one as well, it stands once."""
    text = """
tasks:
  pack: {command: x, matrix: {os: [linux, "mac os"], fast: [true]}}
  sign: {command: x, matrix: {os: [linux, "mac os"]}, dependencies: ["pack[{{ matrix.os }},true]"]}
  ship:
    command: x
    matrix: {system: [linux]}
    dependencies: [{task: "sign[{{matrix.system}}]", allow_failure: true}, "sign[linux]", pack]
"""
    tasks = workflow(text).tasks

    assert (Dependency("pack[linux,true]"),) == tasks["sign[linux]"].dependencies
    assert (Dependency("pack[mac_os~db72e0,true]"),) == tasks["sign[mac_os~db72e0]"].dependencies
    assert (
        Dependency("sign[linux]", allow_failure=True),
        Dependency("pack[linux,true]"),
        Dependency("pack[mac_os~db72e0,true]"),
    ) == tasks["ship[linux]"].dependencies


def test_an_instance_may_have_a_name_for_people() -> None:
    """One line, rendered over its values; its id stays as it is, and nobody else's task gets a name."""
    text = """
tasks:
  test:
    command: x
    matrix: {py: ["3.11", "3.12"]}
    map_index_template: " Py\\n {{ matrix.py | replace('.', '') }} "
  other: {command: x, map_index_template: nothing}
"""
    found = {id_: task.label for id_, task in workflow(text).tasks.items()}

    assert {"test[3.11]": "Py 311", "test[3.12]": "Py 312", "other": ""} == found
