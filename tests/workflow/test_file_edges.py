"""Edges that follow from files: who makes what whom reads."""

import time

import pytest

from airexec.testing import make_task
from airexec.workflow.file_edges import with_file_edges
from airexec.workflow.model import Dependency
from tests.workflow.reading import complaints, workflow

AFTER_A = (Dependency("a", from_files=True),)


def upstream(reader: str, maker: str = "generates: gen/x.h", more: str = "") -> tuple[Dependency, ...]:
    found = workflow(f"{more}tasks:\n  a: {{command: x, {maker}}}\n  b: {{command: x, {reader}}}\n")
    return found.tasks["b"].dependencies


@pytest.mark.parametrize(
    "reader",
    [
        "sources: gen/x.h",
        "sources: ./gen//x.h",
        "sources: [src/*.c, gen/*.h]",
        "sources: '**/*.h'",
        "sources: gen/**",
        "sources: 'g?n/[xy].h'",
        "sources: gen",
        "sources: x.h, cwd: gen",
        "sources: ../gen/*.h, cwd: src",
        "sources: 'gen/{{ params.name }}.h'",
        "sources: 'gen/{{ matrix.name }}.h', matrix: {name: [x]}, command: y",
    ],
)
def test_who_reads_what_another_task_makes_depends_on_it(reader: str) -> None:
    """Whatever the pattern."""
    text = f"params: {{name: x}}\ntasks:\n  a: {{command: x, generates: gen/x.h}}\n  b: {{{reader}, shell: sh}}\n"
    text = text if "command:" in reader else text.replace("shell: sh", "command: x")
    found = workflow(text.replace(", command: y", ", command: x"))

    assert [AFTER_A] == [task.dependencies for id_, task in found.tasks.items() if id_.startswith("b")]


@pytest.mark.parametrize(
    "reader",
    [
        "sources: gen/y.h",
        "sources: '*.h'",
        "sources: gen/x.h.bak",
        "sources: 'gen/**/*.c'",
        "sources: '**/*.y'",
        "sources: gen/x.h.d/**",
        "sources: ge",
        "sources: [other, '!gen/x.h']",
        "sources: '{{ tasks.a.outputs.path }}', dependencies: []",
        "generates: gen/y.h",
    ],
)
def test_who_does_not_read_it_does_not(reader: str) -> None:
    """Nor who would have to be asked at run time."""
    if "tasks.a" in reader:
        reader = "sources: '{{ env.SOMEWHERE }}'"

    assert () == upstream(reader)


@pytest.mark.parametrize(
    ("made", "read"),
    [
        ("out/*.o", "out/a.o"),
        ("out/?.o", "out/a.o"),
        ("out/[ab].o", "out/a.o"),
        ("out/*.o", "out/a*"),
        ("out", "out/a.o"),
        ("out/", "out/x/a.o"),
        ("out/**", "out/a.o"),
        ("out", "out/*"),
        ("out", "**/a.o"),
        ("out/a.o", "."),
        ("out/s", "**"),
        ("out/**/x", "out/x"),
        ("out/*.o", "out"),
        ("out/a.o", "/there/out/a.o"),
    ],
)
def test_globs_that_may_mean_the_same_file_make_an_edge(made: str, read: str) -> None:
    """Nobody knows which files there will be."""
    tasks = {"a": make_task("a")._replace(generates=(made,)), "b": make_task("b")._replace(sources=(read,))}

    assert AFTER_A == with_file_edges(tasks, {}, "/there", ".")[0]["b"].dependencies


@pytest.mark.parametrize(
    ("made", "read"),
    [("out/*.o", "out/a.c"), ("out/*.o", "out/x/a.o"), ("a*", "b*"), ("out", "outer"), ("x/**/a", "y/a")],
)
def test_globs_that_cannot_mean_the_same_file_make_none(made: str, read: str) -> None:
    tasks = {"a": make_task("a")._replace(generates=(made,)), "b": make_task("b")._replace(sources=(read,))}

    assert () == with_file_edges(tasks, {}, "/there", ".")[0]["b"].dependencies


def test_what_is_written_already_stays_and_is_known_to_be_read() -> None:
    assert (Dependency("a", order_only=True, from_files=True),) == upstream(
        "sources: gen/x.h, dependencies: [{task: a, order_only: true}]"
    )


def test_nobody_depends_on_himself() -> None:
    found = workflow("tasks: {a: {command: x, sources: '*.h', generates: x.h}}\n")

    assert () == found.tasks["a"].dependencies


def test_two_tasks_that_make_the_same_are_an_error() -> None:
    """With both places; of a matrix with a way out."""
    assert complaints(
        "tasks:\n  a: {command: x, generates: out/x}\n  b: {command: x, cwd: out, generates: [./x]}\n"
    ) == (
        "f.yml:3:40: error: task 'b' generates out/x, and so does 'a' (f.yml:2:3)\n"
        "    3 |   b: {command: x, cwd: out, generates: [./x]}\n"
        "      |                                        ^\n"
        "  hint: nobody could say whose it is\n"
    )
    assert complaints("tasks: {a: {command: x, matrix: {n: [1, 2, 3]}, generates: x}}\n") == (
        "f.yml:1:60: error: task 'a' generates x in more than one of its instances\n"
        "    1 | tasks: {a: {command: x, matrix: {n: [1, 2, 3]}, generates: x}}\n"
        "      |                                                            ^\n"
        "  hint: let a value of its matrix be in the path\n"
    )


def test_a_circle_through_files_is_told_at_what_is_read() -> None:
    assert complaints(
        "tasks:\n  a: {command: x, sources: y, generates: x}\n  b: {command: x, sources: x, generates: y}\n"
    ) == (
        "f.yml:2:28: error: tasks depend on each other in a circle: a → b → a\n"
        "    2 |   a: {command: x, sources: y, generates: x}\n"
        "      |                            ^\n"
        "  hint: take one of these dependencies away\n"
    )


def test_many_files_are_linked_in_time_that_grows_with_their_number() -> None:
    """Ten thousand tasks that make and read a file each, some of them by folders and globs."""
    makers = {f"m{n}": make_task(f"m{n}")._replace(generates=(f"obj/{n}/x.o",)) for n in range(5000)}
    readers = {
        f"r{n}": make_task(f"r{n}")._replace(sources=(f"src/{n}.c", f"obj/{n}", f"obj/{n}/**/*.h")) for n in range(5000)
    }
    began = time.process_time()

    linked, clashes = with_file_edges({**makers, **readers}, {}, "/there", ".")

    assert time.process_time() - began < 5, "each with each would be a minute"
    assert [] == clashes
    assert [f"m{n}" for n in range(5000)] == [linked[f"r{n}"].dependencies[0].task for n in range(5000)]
