"""Files that are nodes of another: what becomes of their tasks, and what is said about mistakes in them."""

from pathlib import Path
from textwrap import dedent

import pytest

from airexec.graph.read import read_workflow_with_warnings
from airexec.workflow.diagnostics import WorkflowError
from airexec.workflow.model import Dependency, QueuePermission, Secret, TriggerRule, Workflow

WEB = """\
    name: web
    params: {mode: {type: string}, n: 1}
    secrets: [TOKEN]
    pools: {db: 3}
    templates: {more: {command: "echo {{ with.x }}"}}
    default: [test]
    tasks:
      build: {command: make, pool: db, location: 1}
      test: {command: make test, dependencies: build, queue: [more], secrets: [OTHER]}
      clean: {command: make clean}
"""


def read(folder: Path, **files: str) -> Workflow:
    """Write files and return the workflow `all`."""
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(dedent(text))
    return read_workflow_with_warnings(folder / "all.yml", shown_as="all.yml").workflow


def complaints(folder: Path, **files: str) -> str:
    with pytest.raises(WorkflowError) as caught:
        read(folder, **files)
    return caught.value.render()


def test_the_tasks_of_a_node_are_below_its_name(tmp_path: Path) -> None:
    """Those that a run of the file itself would take; the others run when they are named. What is before the node is
    before its roots, and who waits for the node waits for all of it."""
    workflow = read(
        tmp_path,
        web=WEB.replace(", location: 1", ""),
        all="""\
            tasks:
              setup: {command: x}
              web: {workflow: web.yml, params: {mode: ci}, dependencies: setup, trigger_rule: all_done, tags: [t]}
              done: {command: x, dependencies: [web]}
        """,
    )
    tasks = workflow.tasks

    assert ["setup", "web.build", "web.test", "web.clean", "done"] == list(tasks)
    assert {"web": ("web.build", "web.test")} == workflow.groups
    assert ((Dependency("setup"),), TriggerRule.ALL_DONE) == (
        tasks["web.build"].dependencies,
        tasks["web.build"].trigger_rule,
    )
    assert ((Dependency("web.build"),), TriggerRule.ALL_SUCCESS) == (
        tasks["web.test"].dependencies,
        tasks["web.test"].trigger_rule,
    )
    assert (Dependency("web.build"), Dependency("web.test")) == tasks["done"].dependencies
    assert [False, False, True] == [tasks[f"web.{name}"].manual for name in ("build", "test", "clean")]
    assert ((Secret("TOKEN"), Secret("OTHER")), QueuePermission(("web.more",)), "web", ("t",)) == (
        tasks["web.test"].secrets,
        tasks["web.test"].queue,
        tasks["web.test"].scope,
        tasks["web.test"].tags,
    )
    assert [f"{tmp_path}/web.yml"] == [file.path for file in workflow.files]
    assert ({"db": 3}, ["web.more"]) == (workflow.pools, list(workflow.templates))


def test_nodes_in_nodes_and_nodes_with_a_matrix(tmp_path: Path) -> None:
    """A name for each instance; the pools of the outermost file win."""
    workflow = read(
        tmp_path,
        web=WEB.replace(", location: 1", ""),
        mid="tasks: {web: {workflow: web.yml, params: {mode: a}}, after: {command: x, dependencies: web}}",
        all="""\
            pools: {db: 1}
            tasks: {mid: {workflow: mid.yml, matrix: {os: [l, m]}}, last: {command: x, dependencies: "mid[l]"}}
        """,
    )

    assert ["mid[l]", "mid[l].web", "mid[m]", "mid[m].web"] == list(workflow.nodes)
    assert ("mid[l]", {}) == (workflow.nodes["mid[l].web"].outer, workflow.nodes["mid[l].web"].matrix)
    assert {"os": "m"} == workflow.nodes["mid[m]"].matrix
    assert ["mid[l].web.build", "mid[l].web.test", "mid[l].after"] == [
        one.task for one in workflow.tasks["last"].dependencies
    ]
    assert {"db": 1} == workflow.pools


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("{workflow: nowhere.yml}", """\
all.yml:1:23: error: cannot read nowhere.yml: no such file or directory
    1 | tasks: {a: {workflow: nowhere.yml}}
      |                       ^^^^^^^^^^^
"""),
        ("{workflow: web.yml}", """\
all.yml:1:13: error: web.yml needs 'mode'
    1 | tasks: {a: {workflow: web.yml}}
      |             ^^^^^^^^
  hint: such as  params: {mode: …}
"""),
        ("{workflow: web.yml, params: {mode: ci, m: 1}}", """\
all.yml:1:51: error: web.yml has no param 'm'
    1 | tasks: {a: {workflow: web.yml, params: {mode: ci, m: 1}}}
      |                                                   ^
  hint: it has mode, n
"""),
        ("{workflow: web.yml, params: {mode: ci, n: x}}", """\
all.yml:1:54: error: 'n' takes a whole number, not the string 'x'
    1 | tasks: {a: {workflow: web.yml, params: {mode: ci, n: x}}}
      |                                                      ^
"""),
        ("{workflow: all.yml}", """\
all.yml:1:23: error: files are nodes of each other in a circle: all.yml → all.yml
    1 | tasks: {a: {workflow: all.yml}}
      |                       ^^^^^^^
"""),
        ("{workflow: web.yml, params: {mode: ci}, retries: 2}", """\
all.yml:1:52: error: 'retries' cannot stand beside 'workflow'
    1 | tasks: {a: {workflow: web.yml, params: {mode: ci}, retries: 2}}
      |                                                    ^^^^^^^
  hint: say it in that file
"""),
        ("{workflow: web.yml, with: {mode: ci}}", """\
all.yml:1:32: error: 'with' cannot stand beside 'workflow'
    1 | tasks: {a: {workflow: web.yml, with: {mode: ci}}}
      |                                ^^^^
  hint: what that file is given are its 'params'
"""),
        ("{workflow: web.yml, params: {mode: '{{ vars.x }}'}}", """\
all.yml:1:51: error: 'vars' is not known here
    1 | tasks: {a: {workflow: web.yml, params: {mode: '{{ vars.x }}'}}}
      |                                                   ^^^^^^
  hint: params of a node are worked out before anything runs: from params and matrix
"""),
    ],
)  # fmt: skip
def test_mistakes_in_a_call(task: str, said: str, tmp_path: Path) -> None:
    assert said == complaints(tmp_path, web=WEB.replace(", location: 1", ""), all=f"tasks: {{a: {task}}}\n")


def test_mistakes_in_a_file_say_where_it_is_and_how_it_came_to_be_read(tmp_path: Path) -> None:
    """Those of all files at once."""
    said = complaints(
        tmp_path,
        web="tasks: {x: {command: '{{ params.y }}'}, a: {command: b, dependencies: c}, "
        "c: {command: d, dependencies: a}}\n",
        mid="tasks: {web: {workflow: web.yml}}\n",
        all="tasks: {mid: {workflow: mid.yml}, z: {comand: x}}\n",
    )

    assert (
        """\
all.yml:1:39: error: unknown key 'comand'
    1 | tasks: {mid: {workflow: mid.yml}, z: {comand: x}}
      |                                       ^^^^^^
  hint: did you mean 'command'?

web.yml:1:33: error: unknown param 'y'
    1 | tasks: {x: {command: '{{ params.y }}'}, a: {command: b, dependencies: c}, c: {command: d, dependencies: a}}
      |                                 ^
  read because of mid.yml:1:15
  read because of all.yml:1:15

web.yml:1:41: error: tasks depend on each other in a circle: a → c → a
    1 | tasks: {x: {command: '{{ params.y }}'}, a: {command: b, dependencies: c}, c: {command: d, dependencies: a}}
      |                                         ^
  read because of mid.yml:1:15
  read because of all.yml:1:15
  hint: take one of these dependencies away
"""
        == said
    )


def test_a_circle_through_a_node_is_one_of_the_file(tmp_path: Path) -> None:
    said = complaints(
        tmp_path,
        web="tasks: {x: {command: y}}\n",
        all="tasks: {web: {workflow: web.yml, dependencies: a}, a: {command: x, dependencies: web}}\n",
    )

    assert "tasks depend on each other in a circle: " in said
    assert "web.x" not in said


@pytest.mark.parametrize(
    "tasks",
    [
        "{n: {workflow: web.yml}, n.x: {command: y}}",
        "{n.x: {command: y}, n: {workflow: web.yml}}",
        "{n: {workflow: mid.yml}, n.web: {workflow: web.yml}}",
    ],
)
def test_an_id_that_a_node_makes_a_second_time_is_an_error(tasks: str, tmp_path: Path) -> None:
    """None of them may vanish."""
    said = complaints(
        tmp_path,
        web="tasks: {x: {command: y}}\n",
        mid="tasks: {web: {workflow: web.yml}}\n",
        all=f"tasks: {tasks}\n",
    )

    assert "in this node is the id of another task, too\n" in said


def test_the_matrix_of_a_node_is_written_out(tmp_path: Path) -> None:
    """Params of a run could not change it."""
    said = complaints(
        tmp_path,
        web="tasks: {x: {command: y}}\n",
        all="params: {l: [a]}\ntasks: {n: {workflow: web.yml, matrix: {y: '{{ params.l }}'}}}\n",
    )

    assert (
        """\
all.yml:2:44: error: the matrix of a file that is a node cannot be made of params
    2 | tasks: {n: {workflow: web.yml, matrix: {y: '{{ params.l }}'}}}
      |                                            ^^^^^^^^^^^^^^^^
  hint: write a list
"""
        == said
    )


def test_the_bare_id_of_a_matrix_in_a_node_is_known(tmp_path: Path) -> None:
    workflow = read(
        tmp_path,
        web="tasks: {m: {matrix: {i: [1, 2]}, command: x}}\n",
        all="tasks: {n: {workflow: web.yml}, e: {command: y, dependencies: [n.m]}}\n",
    )

    assert ["n.m[1]", "n.m[2]"] == [one.task for one in workflow.tasks["e"].dependencies]
