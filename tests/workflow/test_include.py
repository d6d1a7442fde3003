"""`include`: several files that are one workflow, and mistakes that name the file in which they are."""

import os
from pathlib import Path
from textwrap import dedent

import pytest

from airexec.graph.read import read_workflow, read_workflow_with_warnings
from airexec.testing import make_plan, make_task
from airexec.workflow.diagnostics import WorkflowError, render_diagnostics
from airexec.workflow.digest import content_digest
from airexec.workflow.include import DEPTH_MAX
from airexec.workflow.model import IncludedFile, Location, Workflow


class Project:
    """A folder with files; `f.yml` is the workflow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, **files: str) -> None:
        """Write files; `shared__a` is `shared/a.yml`."""
        for name, text in files.items():
            path = self.folder / f"{name.replace('__', '/')}.yml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(dedent(text))

    def workflow(self, **files: str) -> Workflow:
        self.write(**files)
        return read_workflow(self.folder / "f.yml", shown_as="f.yml")

    def complaints(self, **files: str) -> str:
        """Return all that is said about the workflow, as the user would see it."""
        self.write(**files)
        try:
            reading = read_workflow_with_warnings(self.folder / "f.yml", shown_as="f.yml")
        except WorkflowError as error:
            return error.render()
        return render_diagnostics(reading.warnings)

    def headlines(self, **files: str) -> list[str]:
        """Return the first line of each thing that is said."""
        return [line for line in self.complaints(**files).splitlines() if ": error: " in line or ": warning: " in line]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# --- what is merged ---------------------------------------------------------------------------------------------------


def test_what_is_included_is_taken_in_and_the_later_one_wins(project: Project) -> None:
    """Key by key: the file over what it includes, the second include over the first."""
    found = project.workflow(
        f="""\
            include: [a.yml, b.yml]
            vars: {c: f}
            params: {c: f}
            env: {C: f}
            pools: {c: 3}
            default_args: {execution_timeout: 3}
            templates: {c: {command: f}}
            tasks: {f: {command: f}}
            """,
        a="""\
            vars: {a: a, b: a, c: a}
            params: {a: a, b: a, c: a}
            env: {A: a, B: a, C: a}
            pools: {a: 1, b: 1, c: 1}
            default_args: {retries: 1, retry_delay: 1, execution_timeout: 1}
            templates: {a: {command: a}, b: {command: a}, c: {command: a}}
            tasks: {a: {command: a}}
            """,
        b="""\
            vars: {b: b, c: b}
            params: {b: b, c: b}
            env: {B: b, C: b}
            pools: {b: 2, c: 2}
            default_args: {retry_delay: 2, execution_timeout: 2}
            templates: {b: {command: b}, c: {command: b}}
            tasks: {b: {command: b}}
            """,
    )

    abf = {"a": "a", "b": "b", "c": "f"}
    assert abf == {name: var.text for name, var in found.vars.items()}
    assert abf == {name: schema["default"] for name, schema in found.params.items()}
    assert {"A": "a", "B": "b", "C": "f"} == found.env
    assert {"a": 1, "b": 2, "c": 3} == found.pools
    assert abf == {name: task.action.command for name, task in found.templates.items()}
    assert ["a", "b", "f"] == list(found.tasks)
    assert [(1, 2, 3)] * 3 == [(it.retries, it.retry_delay, it.execution_timeout) for it in found.tasks.values()]


def test_where_things_stand_and_what_was_read(project: Project) -> None:
    """The name is that of the main file, a place says in which file it is, and files go by their content."""
    found = project.workflow(
        f="include: shared/a.yml\ntasks:\n  f: {command: x}\n", shared__a="# first\ntasks:\n  a: {command: x}\n"
    )

    a = str(project.folder / "shared/a.yml")
    assert ("f", Location(a, 3, 3), Location("", 3, 3)) == (
        found.name,
        found.tasks["a"].location,
        found.tasks["f"].location,
    )
    assert (IncludedFile(a, content_digest(Path(a).read_bytes())),) == found.files


def test_a_file_without_tasks_may_be_one_that_only_includes(project: Project) -> None:
    """What is included may include more, relative to itself, and comes after that."""
    found = project.workflow(
        f="include: shared/a.yml\n",
        shared__a="include: b.yml\nenv: {X: a}\ntasks: {a: {command: x}}\n",
        shared__b="env: {X: b, Y: b}\ntasks: {b: {command: x}}\n",
    )

    assert (["b", "a"], {"X": "a", "Y": "b"}) == (list(found.tasks), found.env)


def test_a_file_that_is_reached_twice_is_taken_in_once(project: Project) -> None:
    """By whatever name: by a symbolic link, too."""
    project.write(common="tasks: {c: {command: x}}\n")
    (project.folder / "link.yml").symlink_to("common.yml")

    found = project.workflow(
        f="include: [a.yml, b.yml, link.yml]\n", a="include: ./common.yml\n", b="include: ../*/common.yml\n"
        .replace("*", project.folder.name),
    )  # fmt: skip

    assert (["c"], ["a.yml", "common.yml", "b.yml"]) == (
        list(found.tasks),
        [os.path.basename(file.path) for file in found.files],
    )


def test_paths_are_relative_to_the_folder_of_the_main_file(project: Project) -> None:
    """As if all were written there."""
    project.write(shared__a="tasks: {a: {matrix: {x: {files: '*.c'}}, command: x, sources: '*.c'}}\n")
    (project.folder / "x.c").touch()

    found = project.workflow(f="include: shared/a.yml\n")

    assert ["a[x.c]"] == list(found.tasks)


def test_a_file_may_be_a_workflow_of_its_own(project: Project) -> None:
    """Its name and description are not ours, and of other keys a warning says that they have no effect."""
    said = project.complaints(
        f="include: a.yml\n",
        a="name: a\ndescription: x\nx-mine: 1\nschedule: '@dail'\nmax_active_tasks: 2\ntasks: {a: {command: x}}\n",
    )

    assert said == dedent("""\
        a.yml:4:1: warning: 'schedule' has no effect in an included file
            4 | schedule: '@dail'
              | ^^^^^^^^
          included by f.yml:1:10
          hint: write it in the workflow file itself

        a.yml:5:1: warning: 'max_active_tasks' has no effect in an included file
            5 | max_active_tasks: 2
              | ^^^^^^^^^^^^^^^^
          included by f.yml:1:10
          hint: write it in the workflow file itself
        """)


def test_json_is_included_as_well(project: Project) -> None:
    """As a workflow may be written in it."""
    (project.folder / "a.json").write_text('{"tasks": {"a": {"command": "x"}}}')

    assert ["a"] == list(project.workflow(f="include: a.json\n").tasks)


def test_what_is_included_moves_with_the_project(project: Project) -> None:
    """The files below its root, and the places in them."""
    root = str(project.folder)
    tasks = {
        "a": make_task("a")._replace(location=Location(f"{root}/a.yml", 1)),
        "f": make_task("f")._replace(location=Location("", 2)),
    }
    files = (IncludedFile(f"{root}/a.yml", "1"), IncludedFile("/etc/other.yml", "2"))
    plan = make_plan(*tasks.values())._replace(root=root)
    plan = plan._replace(workflow=plan.workflow._replace(path=f"{root}/f.yml", files=files, templates=tasks))

    moved = plan.moved_to("/new")

    assert (IncludedFile("/new/a.yml", "1"), IncludedFile("/etc/other.yml", "2")) == moved.workflow.files
    for found in (moved.tasks, moved.workflow.tasks, moved.workflow.templates):
        assert [Location("/new/a.yml", 1), Location("", 2)] == [task.location for task in found.values()]


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_mistakes_of_all_files_are_told_at_once_each_with_its_place(project: Project) -> None:
    """With the way by which the file came to be read, and related places with their file."""
    said = project.complaints(
        f="""\
            include: [shared/a.yml]
            tasks:
              f: {command: "echo {{ vars.nix }}", dependencies: [bb]}
            """,
        shared__a="""\
            include: b.yml
            tasks:
              a: {command: x, retres: 2}
            """,
        shared__b="""\
            tasks:
              bbb: {command: "echo {{ params.nix }}"}
            env: {A: a}
            env: {A: b}
            """,
    )

    assert said == dedent("""\
        f.yml:3:30: error: unknown var 'nix'
            3 |   f: {command: "echo {{ vars.nix }}", dependencies: [bb]}
              |                              ^^^

        f.yml:3:54: error: task 'f' depends on 'bb', which is not defined
            3 |   f: {command: "echo {{ vars.nix }}", dependencies: [bb]}
              |                                                      ^^
          hint: did you mean 'bbb' (shared/b.yml:2:3)?

        shared/a.yml:3:19: error: unknown key 'retres'
            3 |   a: {command: x, retres: 2}
              |                   ^^^^^^
          included by f.yml:1:11
          hint: did you mean 'retries'?

        shared/b.yml:2:34: error: unknown param 'nix'
            2 |   bbb: {command: "echo {{ params.nix }}"}
              |                                  ^^^
          included by shared/a.yml:1:10
          included by f.yml:1:11

        shared/b.yml:4:1: error: key 'env' is written twice
            4 | env: {A: b}
              | ^^^
          first written: shared/b.yml:3:1
          included by shared/a.yml:1:10
          included by f.yml:1:11
        """)


def test_two_tasks_of_one_id_are_told_with_both_places(project: Project) -> None:
    """Nobody could say which one is meant."""
    said = project.complaints(
        f="include: [a.yml, b.yml]\ntasks:\n  build: {command: x}\n",
        a="tasks:\n  build: {command: x}\n  test: {command: x}\n",
        b="tasks: {test: {command: x}}\n",
    )

    assert said == dedent("""\
        f.yml:3:3: error: task 'build' is defined in two files
            3 |   build: {command: x}
              |   ^^^^^
          first defined: a.yml:2:3
          hint: give one of them another id

        b.yml:1:9: error: task 'test' is defined in two files
            1 | tasks: {test: {command: x}}
              |         ^^^^
          first defined: a.yml:3:3
          included by f.yml:1:18
          hint: give one of them another id
        """)


def test_files_that_include_each_other_are_told_with_the_way(project: Project) -> None:
    """At the include that closes the circle; and the rest is checked all the same."""
    said = project.complaints(
        f="include: a.yml\ntasks: {f: {command: x, dependencies: a}}\n",
        a="include: sub/b.yml\n",
        sub__b="tasks: {b: {command: x}}\ninclude: [../a.yml]\n",
    )

    assert said == dedent("""\
        f.yml:2:39: error: task 'f' depends on 'a', which is not defined
            2 | tasks: {f: {command: x, dependencies: a}}
              |                                       ^

        sub/b.yml:2:11: error: files include each other in a circle: a.yml → sub/b.yml → a.yml
            2 | include: [../a.yml]
              |           ^^^^^^^^
          included by a.yml:1:10
          included by f.yml:1:10
          hint: take one of these includes away
        """)


def test_a_file_that_includes_itself_is_a_circle(project: Project) -> None:
    """The shortest one."""
    said = project.headlines(f="include: f.yml\ntasks: {f: {command: x}}\n")

    assert ["f.yml:1:10: error: files include each other in a circle: f.yml → f.yml"] == said


def test_tasks_of_several_files_that_need_each_other_are_a_circle(project: Project) -> None:
    """Told where a dependency stands."""
    said = project.headlines(
        f="include: a.yml\ntasks: {f: {command: x, dependencies: a}}\n",
        a="tasks: {a: {command: x, dependencies: f}}\n",
    )

    assert ["a.yml:1:39: error: tasks depend on each other in a circle: a → f → a"] == said


def test_a_file_that_is_not_there_is_told_where_it_is_included(project: Project) -> None:
    """With the one that was probably meant. What only its names could tell is left for later."""
    said = project.complaints(
        f="""\
            include: [shared/comon.yml, shared]
            tasks:
              f: {command: x, dependencies: [of-it]}
              g: {comand: x}
            """,
        shared__common="tasks: {of-it: {command: x}}\n",
    )

    assert said == dedent("""\
        f.yml:1:11: error: cannot read shared/comon.yml: no such file or directory
            1 | include: [shared/comon.yml, shared]
              |           ^^^^^^^^^^^^^^^^
          hint: did you mean 'shared/common.yml'?

        f.yml:1:29: error: cannot read shared: it is not a file
            1 | include: [shared/comon.yml, shared]
              |                             ^^^^^^

        f.yml:4:7: error: unknown key 'comand'
            4 |   g: {comand: x}
              |       ^^^^^^
          hint: did you mean 'command'?
        """)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("'{{ params.x }}.yml'", "f.yml:1:10: error: a template is not filled here: what is included is read before "
                                 "anything is known"),
        ('"a\\0"', "f.yml:1:10: error: cannot read 'a�': embedded null byte"),
        ("''", "f.yml:1:10: error: 'include' is empty"),
        ("3", "f.yml:1:10: error: 'include' takes a string or a list, not the number 3"),
        ("[a.yml, 3]", "f.yml:1:18: error: item 2 of 'include' takes a string, not the number 3"),
        ("[a.yml, a.yml]", "f.yml:1:18: error: the string 'a.yml' stands twice in 'include'"),
        ("a.yml/x", "f.yml:1:10: error: cannot read a.yml/x: not a directory"),
        ("[]", "f.yml:1:1: error: there is no task, here or in what is included"),
    ],
)  # fmt: skip
def test_what_cannot_be_included(project: Project, written: str, said: str) -> None:
    """One message each, at the place in question."""
    assert [said] == project.headlines(f=f"include: {written}\n", a="x-y: 1\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["f.yml:1:1: error: there is no task, here or in what is included",
              "a.yml:1:1: warning: the file is empty, so including it has no effect"]),
        ("- x\n", ["a.yml:1:1: error: a map is expected here, not a list"]),
        ("tasks: [x]\n", ["a.yml:1:8: error: 'tasks' takes a map, not a list"]),
        ("tsks: {b: {command: x}}\n", ["a.yml:1:1: error: unknown key 'tsks'"]),
        ("a: [\n", ["a.yml:1:4: error: this is not YAML: did not find expected node content"]),
        ("a: '\ud800'\n", ["a.yml:1:5: error: this byte is not UTF-8"]),
    ],
)  # fmt: skip
def test_files_that_say_nothing_that_could_be_used(project: Project, text: str, said: list[str]) -> None:
    """What follows from that only (`b` is not defined) is not said."""
    (project.folder / "a.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
    tasks = "tasks: {f: {command: x, dependencies: b}}\n" if text else ""

    found = project.headlines(f=f"include: a.yml\n{tasks}")

    assert said == found


def test_nobody_means_the_file_itself(project: Project) -> None:
    """Nor one that has led to it."""
    said = project.complaints(f="include: a.yml\n", a="include: ff.yml\n")

    assert said == dedent("""\
        a.yml:1:10: error: cannot read ff.yml: no such file or directory
            1 | include: ff.yml
              |          ^^^^^^
          included by f.yml:1:10
        """)


def test_a_chain_of_files_has_an_end(project: Project) -> None:
    """Deeper than anybody means it, and no traceback."""
    files = {f"a{number}": f"include: a{number + 1}.yml\n" for number in range(DEPTH_MAX + 10)}

    said = project.headlines(f="include: a0.yml\n", **files)

    assert [f"a{DEPTH_MAX - 1}.yml:1:10: error: more than {DEPTH_MAX} files include each other in a row"] == said


def test_a_pipe_is_not_waited_for(project: Project) -> None:
    """What can be read only once cannot be looked at again."""
    os.mkfifo(project.folder / "a.yml")

    assert ["f.yml:1:10: error: cannot read a.yml: it is not a file"] == project.headlines(f="include: a.yml\n")


def test_an_alias_of_an_included_file_has_its_places_there(project: Project) -> None:
    """Anchors belong to one file; what stands behind one is told where it stands."""
    said = project.complaints(
        f="include: a.yml\n",
        a="""\
            x-base: &base {retres: 1}
            tasks:
              a: {command: x, <<: *base}
            """,
    )

    assert said == dedent("""\
        a.yml:1:16: error: unknown key 'retres'
            1 | x-base: &base {retres: 1}
              |                ^^^^^^
          as part of 'a': a.yml:3:3
          included by f.yml:1:10
          hint: did you mean 'retries'?
        """)
