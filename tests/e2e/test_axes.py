"""Axes that params say: a run has the tasks for its own values, and keeps them when it is resumed."""

from tests.e2e.rig import Airexec, statuses

TEXT = """\
name: w
params: {systems: [linux, mac]}
tasks:
  pack:
    matrix: {os: "{{ params.systems }}"}
    command: test -e go && echo '::output {"file":"{{ matrix.os }}.zip"}'
  sign:
    matrix: {os: "{{ params.systems }}"}
    dependencies: ["pack[{{ matrix.os }}]"]
    command: echo {{ matrix.os }}
  ship: {command: "echo {{ tasks.pack.outputs | map(attribute='file') | list }} > shipped", dependencies: [pack, sign]}
"""


def test_a_run_that_is_resumed_has_the_tasks_that_it_began_with(airexec: Airexec) -> None:
    """Not those of the defaults; other values are other tasks, which is asked about."""
    airexec.write("airexec.yml", TEXT)

    assert 1 == airexec("run", "-p", 'systems=["bsd", "sun"]').exit_code
    assert ["pack[bsd]", "pack[sun]", "sign[bsd]", "sign[sun]", "ship"] == list(statuses(airexec, "w"))

    refused = airexec("resume", "-p", 'systems=["bsd"]')
    assert 2 == refused.exit_code
    assert [
        "airexec: error: these params make other tasks than when the run began:",
        "airexec: error: task 'pack[sun]' is gone",
        "airexec: error: task 'sign[sun]' is gone",
        "airexec: error: task 'ship' is defined otherwise",
    ] == refused.err.splitlines()[:4]

    airexec.write("go", "")
    assert 0 == airexec("resume").exit_code
    assert "bsd.zip sun.zip\n" == airexec.read("shipped")


def test_the_next_run_without_the_param_has_the_tasks_of_the_defaults(airexec: Airexec) -> None:
    """Also from the cache, and so does a dry run."""
    airexec.write("airexec.yml", TEXT)
    airexec.write("go", "")

    assert 0 == airexec("run", "-p", 'systems=["bsd"]').exit_code
    assert 0 == airexec("run").exit_code
    assert ["pack[linux]", "pack[mac]", "sign[linux]", "sign[mac]", "ship"] == list(statuses(airexec, "w"))
    assert "1. pack[sun]" in airexec("run", "-n", "-p", 'systems=["sun"]').out


def test_a_secret_becomes_no_part_of_an_id(airexec: Airexec) -> None:
    """Ids are shown everywhere; the run is refused and leaves nothing behind."""
    airexec.write("airexec.yml", TEXT + "secrets: [API_TOKEN]\n")

    result = airexec("run", "-p", 'systems=["t0ps3cret/1"]', env={"API_TOKEN": "t0ps3cret/1"})

    assert 2 == result.exit_code
    assert (
        "airexec: error: the matrix of task 'pack' has a secret among its values, and ids of tasks are shown\n"
        == result.err
    )
    assert not (airexec.folder / ".airexec").exists()


def test_a_value_of_which_no_matrix_can_be_made_is_refused_before_the_run(airexec: Airexec) -> None:
    """It leaves nothing behind."""
    airexec.write("airexec.yml", TEXT)

    result = airexec("run", "-p", "systems=[]")

    assert 2 == result.exit_code
    why = "{{ params.systems }} is an empty list, so there is nothing to do"
    assert [
        f"airexec: error: the matrix of task 'pack': os: {why}",
        """  hint: such as -p systems='["a", "b"]'""",
    ] == result.err.splitlines()
    assert not (airexec.folder / ".airexec").exists()


def test_clean_knows_what_the_tasks_of_other_values_make(airexec: Airexec) -> None:
    """By the params that it is given."""
    airexec.write(
        "airexec.yml",
        """\
params: {n: [1]}
tasks:
  a:
    matrix: {n: "{{ params.n }}"}
    generates: out-{{ matrix.n }}
    command: touch out-{{ matrix.n }}
""",
    )
    assert 0 == airexec("run", "-p", "n=[2]").exit_code

    assert "out-2\nremoved 1 file\n" == airexec("clean", "-y", "-p", "n=[2]").out
