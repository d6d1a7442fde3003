"""Axes of a matrix that are not written out."""

from tests.workflow.reading import complaints, headlines, workflow


def _ids(axis: str) -> list[str]:
    return list(workflow("tasks: {t: {command: x, matrix: {n: " + axis + "}}}").tasks)


def test_both_ends_of_a_range_are_in_it() -> None:
    """Whole numbers, which count up."""
    found = workflow("tasks: {t: {command: x, matrix: {n: {range: [1, 3]}}}}")

    assert {"t[1]": {"n": 1}, "t[2]": {"n": 2}, "t[3]": {"n": 3}} == {
        id_: task.matrix for id_, task in found.tasks.items()
    }


def test_a_third_number_is_the_step_of_a_range() -> None:
    """The second is in it only if a step ends there; below zero it counts down."""
    assert ["t[0]", "t[5]", "t[10]"] == _ids("{range: [0, 14, 5]}")
    assert ["t[10]", "t[6]", "t[2]"] == _ids("{range: [10, 1, -4]}")
    assert ["t[7]"] == _ids("{range: [7, 7]}")


def test_a_range_stands_beside_lists() -> None:
    """An axis as any other: also for `exclude`."""
    text = "tasks: {t: {command: x, matrix: {n: {range: [1, 2]}, os: [a, b], exclude: [{n: 2, os: a}]}}}"

    assert ["t[1,a]", "t[1,b]", "t[2,b]"] == list(workflow(text).tasks)


def test_a_range_without_a_number_is_an_error_at_its_place() -> None:
    """With what was probably meant."""
    text = """
        tasks:
          t: {command: x, matrix: {n: {range: [3, 1]}}}
        """
    expected = [
        "f.yml:2:31: error: no number is in the range from 3 to 1",
        "    2 |   t: {command: x, matrix: {n: {range: [3, 1]}}}",
        "      |                               ^",
        "  hint: write [3, 1, -1]",
    ]
    assert expected == complaints(text).splitlines()


def test_a_range_is_counted_before_it_is_written_out() -> None:
    """It may have as many numbers as a matrix may make tasks, and it leads somewhere."""
    text = """
        tasks:
          a: {command: x, matrix: {n: {range: [1, 10001]}}}
          b: {command: x, matrix: {n: {range: [0, 1000000000000000000000000]}}}
          c: {command: x, matrix: {n: {range: [1, 9, 0]}}}
          d: {command: x, matrix: {n: {range: [1, 9, -2]}}}
        """
    expected = [
        "f.yml:2:31: error: this range has 10001 numbers; at most 10000 are allowed",
        "f.yml:3:31: error: this range has 1000000000000000000000001 numbers; at most 10000 are allowed",
        "f.yml:4:31: error: a step of 0 leads nowhere",
        "f.yml:5:31: error: no number is in the range from 1 to 9 by steps of -2",
    ]
    assert expected == headlines(text)


def test_the_bounds_of_a_range_are_whole_numbers() -> None:
    """And two, or three."""
    text = """
        tasks:
          a: {command: x, matrix: {n: {range: [1.5, 2]}}}
          b: {command: x, matrix: {n: {range: [1]}}}
          c: {command: x, matrix: {n: {range: 10}}}
          d: {command: x, matrix: {n: {seq: [1, 2]}}}
        """
    expected = [
        "f.yml:2:40: error: item 1 of 'range' takes a whole number, not the number 1.5",
        "f.yml:3:39: error: 'range' must have at least 2 items",
        "f.yml:4:39: error: 'range' takes a list, not the number 10",
        "f.yml:5:32: error: unknown key 'seq'",
    ]
    assert expected == headlines(text)


def test_globs_of_an_axis_hold_no_template() -> None:
    """Files are looked for when the workflow is read; it is said once."""
    text = """
        tasks:
          t: {command: x, matrix: {n: {files: "{{ params.folder }}/*.c"}}}
        """
    message = "a template is not filled here: the tasks of a matrix are made before the run"
    assert [f"f.yml:2:39: error: {message}"] == headlines(text)


def test_words_of_other_tools_for_a_matrix_are_known() -> None:
    """Those of GitHub, GitLab and shells."""
    text = """
        tasks:
          a: {command: x, strategy: {matrix: {os: [linux]}}}
          b: {command: x, parallel: {matrix: [{os: [linux]}]}}
          c: {command: x, matrix: {n: {glob: "*.c"}}}
        """
    assert [
        "f.yml:2:19: error: unknown key 'strategy'",
        "  hint: it is called 'matrix' here",
        "f.yml:3:19: error: unknown key 'parallel'",
        "  hint: it is called 'matrix' here",
        "f.yml:4:32: error: unknown key 'glob'",
        "  hint: it is called 'files' here",
    ] == [line for line in complaints(text).splitlines() if line.startswith(("f.yml", "  hint"))]
