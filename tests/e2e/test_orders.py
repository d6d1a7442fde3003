"""Jobs that other programs write: ordered, added to, and told of, by two JSON files and nothing else."""

import json
import re

import pytest

from tests.e2e.orders import HOLD, Writer, say
from tests.e2e.rig import Airexec, wait_until, without_times


@pytest.fixture
def writer(airexec: Airexec) -> Writer:
    return Writer(airexec)


def test_an_order_is_carried_out_without_a_workflow_file(airexec: Airexec, writer: Writer) -> None:
    """In order of the dependencies, in the folder that holds the state, without a shell."""
    writer.order(
        {"id": "b", "command": "sh", "args": ["-c", "pwd >where; echo $AIREXEC_TASK >>log"], "dependencies": ["a"]},
        {**say("a"), "job_name": "etl", "started_at": None, "error": None, "of_mine": [1]},
        {"id": "c", "command": "printf", "args": ["%s|", "$HOME", "{{ x }}", "a b"], "dependencies": None},
    )

    result = airexec("run", "--job", "etl")

    assert 0 == result.exit_code, result
    assert ["a", "b"] == airexec.read("log").split()
    assert f"{airexec.folder}\n" == airexec.read("where")
    assert "$HOME|{{ x }}|a b|" in result.out


def test_readers_see_how_it_goes_in_the_fields_that_they_know(airexec: Airexec, writer: Writer) -> None:
    writer.order({**say("a"), "created_at": "2026-11-21T01:00:00Z"}, {"id": "b", "command": "false"}, say("c", "b"))

    assert 1 == airexec("run", "--job", "etl").exit_code

    state, (a, b, c) = writer.state(), writer.tasks()
    assert {"id": "order-1", "name": "etl", "state": "failed"}.items() <= state.items()
    assert "2026-11-21T01:33:12.123456" == state["created_at"] != state["updated_at"]
    assert {
        "id": "a",
        "job_name": "etl",
        "status": "completed",
        "created_at": "2026-11-21T01:00:00Z",
    }.items() <= a.items()
    assert (True, True, None) == (a["started_at"].endswith("Z"), a["completed_at"].endswith("Z"), a["error"])
    assert ("failed", "exit code 1") == (b["status"], b["error"])
    assert "upstream_failed" == c["status"]


def test_what_is_done_is_not_done_again(airexec: Airexec, writer: Writer) -> None:
    writer.order(say("a"))
    airexec("run", "--job", "etl")

    again = airexec("run", "--job", "etl")

    assert (0, "", "airexec: job etl asks for nothing that is not done\n") == again
    assert ["a"] == airexec.read("log").split()


def test_another_id_is_another_order(airexec: Airexec, writer: Writer) -> None:
    """A new run, of the tasks that are there and say so."""
    writer.order(say("a"), say("b"))
    airexec("run", "--job", "etl")

    writer.order({**say("a"), "status": "completed"}, say("b"), say("c", "a"), id="order-2")
    assert 0 == airexec("run", "--job", "etl").exit_code

    assert ["a", "b", "b", "c"] == sorted(airexec.read("log").split())
    assert "order-2" == writer.state()["id"]
    assert 2 == len(airexec("history", "etl").out.splitlines())


def test_tasks_are_added_while_it_runs(airexec: Airexec, writer: Writer) -> None:
    """They may depend on anything that is there, ended or not."""
    writer.order(say("a"), HOLD)
    running = airexec.start("run", "--job", "etl")
    writer.wait_for_status("a", "completed")

    writer.add(say("b", "a"), say("d", "c"), say("c", "b"), say("e", "hold"))
    writer.wait_for_status("d", "completed")
    assert "working" == writer.state()["state"]
    airexec.write("done", "")

    out, _ = running.communicate()
    assert 0 == running.returncode, out
    assert ["a", "b", "c", "d", "e"] == airexec.read("log").split()
    assert "↳ etl: added from outside: 4 tasks: b, d, c and 1 more" in out


def test_a_task_adds_tasks_to_its_own_job(airexec: Airexec, writer: Writer) -> None:
    airexec.write(
        "add.py",
        """
        import json
        path = ".airexec/jobs/etl/tasks.json"
        tasks = json.load(open(path))
        tasks.append({"id": "more", "command": ["sh", "-c", "echo more >>log"], "dependencies": ["grow"]})
        json.dump(tasks, open(path, "w"))
        """,
    )
    writer.order({"id": "grow", "command": "python3", "args": ["add.py"]})

    assert 0 == airexec("run", "--job", "etl").exit_code

    assert ["more"] == airexec.read("log").split()
    assert {"grow": "completed", "more": "completed"} == writer.statuses()


def test_what_is_added_to_a_job_that_has_ended_continues_its_run(airexec: Airexec, writer: Writer) -> None:
    """What has failed there stays as it is: nobody has asked for it again."""
    writer.order(say("a"), {"id": "bad", "command": "sh", "args": ["-c", "echo bad >>log; exit 3"]})
    airexec("run", "--job", "etl")

    writer.add(say("b", "a"))
    result = airexec("run", "--job", "etl")

    assert 1 == result.exit_code
    assert {"a": "completed", "bad": "failed", "b": "completed"} == writer.statuses()
    assert ["a", "b", "bad"] == sorted(airexec.read("log").split())
    assert 1 == len(airexec("history", "etl").out.splitlines())


def test_files_that_are_dropped_are_taken_and_removed(airexec: Airexec, writer: Writer) -> None:
    """A task or a list of them; also for a job that has ended."""
    writer.order(HOLD)
    running = airexec.start("run", "--job", "etl")
    airexec.wait_for_file("held")
    writer.drop("one", say("a"))
    writer.drop("two", [say("b", "a"), say("c", "b")])
    writer.wait_for_status("c", "completed")
    assert [] == list((writer.folder / "incoming").iterdir())
    airexec.write("done", "")
    assert 0 == running.wait(), running.communicate()

    writer.drop("three", say("d", "c"))
    assert 0 == airexec("run", "--job", "etl").exit_code

    assert ["a", "b", "c", "d"] == airexec.read("log").split()


def test_tasks_are_queued_to_a_job_from_anywhere(airexec: Airexec, writer: Writer) -> None:
    """By the command that tasks use, with the name of the job."""
    writer.order(say("a"))
    assert 0 == airexec("run", "--job", "etl").exit_code

    queued = airexec("queue", "--job", "etl", "--id", "b", "--", "sh", "-c", "echo b >>log")
    more = airexec(
        "queue", "--job", "etl", '[{"id": "c", "command": ["sh", "-c", "echo c >>log"], "dependencies": ["b"]}]'
    )
    bad = airexec("queue", "--job", "etl", '{"id": "d"}')

    assert [(0, "", "")] * 2 == [queued, more]
    assert (2, "airexec: error: there is no 'command' (add 'command')\n  hint: see `airexec schema order`\n") == bad[
        ::2
    ]
    assert 0 == airexec("run", "--job", "etl").exit_code
    assert ["a", "b", "c"] == airexec.read("log").split()


def test_a_job_of_a_workflow_file_is_queued_to_by_its_own_tasks_only(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "name: etl\ntasks: {a: {command: 'true'}}\n")
    airexec("run")

    refused = airexec("queue", "--job", "etl", "--id", "b", "--", "true")

    said = "airexec: error: job etl is that of a workflow file\n  hint: its own tasks may queue: `airexec help lines`\n"
    assert (2, said) == refused[::2]


def test_a_bad_addition_is_told_and_harms_no_other(airexec: Airexec, writer: Writer) -> None:
    """On the console, in `status`, and in the file it stays as it was written."""
    writer.order(HOLD)
    running = airexec.start("run", "--job", "etl")
    airexec.wait_for_file("held")

    bad = [{"id": "../x", "command": "true"}, say("lost", "nowhere"), {"id": "n", "command": 7}, 17]
    writer.add(*bad, say("good"))
    writer.wait_for_status("good", "completed")
    wait_until(lambda: "problems" in writer.state(), "the problems in state.json")
    airexec.write("done", "")

    out, _ = running.communicate()
    assert 0 == running.returncode
    told = writer.state()["problems"]
    assert [
        "'id' cannot be '../x' (an id has letters, digits, '_', '.', '-' and ':', starts with a letter, digit or '_', "
        "and has at most 128 characters)",
        "'command' must be the name of a program, or a list of it and its arguments",
        "a map is expected here, not the number 17",
        "task 'lost' depends on 'nowhere', which is not there",
    ] == [problem.split(": ", 1)[1] for problem in told]
    assert all(re.match(r"tasks\.json:\d+:\d+: ", problem) for problem in told)
    assert "what cannot be added:" in out
    assert f"cannot be added: {told[0]}" in airexec("status", "etl").out
    assert all(item in writer.tasks() for item in bad)

    writer.add(say("nowhere"))  # what was missing comes
    assert 0 == airexec("run", "--job", "etl").exit_code
    assert "completed" == writer.statuses()["lost"]


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        (
            [{"id": "../x", "command": "true"}],
            "tasks.json:1:2: error: 'id' cannot be '../x' (an id has letters",
        ),
        ([say("a", "b"), say("b", "a")], "tasks.json:1:2: error: task 'a' is in a cycle: a -> b -> a"),
        ([say("a", "zz")], "tasks.json:1:2: error: task 'a' depends on 'zz', which is not there"),
        ([say("a"), say("a", text="other")], "error: task 'a' is there already, with another definition"),
        ({"no": "list"}, "tasks.json:1:1: error: there is no 'id' (add 'id'); there is no 'command' (add 'command')"),
        ("text", "tasks.json:1:1: error: a list of tasks is expected here"),
    ],
)
def test_an_order_that_is_none_is_refused_whole(tasks: object, said: str, airexec: Airexec, writer: Writer) -> None:
    """With file and place, exit code 3, and its files stay as they are."""
    (writer.folder / "tasks.json").write_text(json.dumps(tasks))
    writer.write_state()
    before = writer.folder / "tasks.json"
    content, state = before.read_text(), writer.state()

    result = airexec("run", "--job", "etl")

    assert 3 == result.exit_code, result
    assert said in result.err
    assert "Traceback" not in result.err
    assert (content, state) == (before.read_text(), writer.state())
    assert said.split("error: ")[1][:30] in airexec("status", "etl").out


def test_a_file_that_stays_broken_is_told_with_its_place(airexec: Airexec, writer: Writer) -> None:
    writer.order(say("a"))
    (writer.folder / "tasks.json").write_text('[\n {"id": "a", "command"')

    result = airexec("run", "--job", "etl")

    assert 3 == result.exit_code
    assert "tasks.json:2:23: error: this is no JSON: expecting ':' delimiter" in result.err
    assert '[\n {"id": "a", "command"' == (writer.folder / "tasks.json").read_text()


def test_a_broken_file_of_a_running_job_is_told_and_left_alone(airexec: Airexec, writer: Writer) -> None:
    """Until somebody mends it; the run goes on."""
    writer.order(HOLD, say("a"))
    running = airexec.start("run", "--job", "etl")
    writer.wait_for_status("a", "completed")
    (writer.folder / "tasks.json").write_text("[{")
    wait_until(lambda: "problems" in writer.state() or running.poll(), "the problem in state.json")
    assert "[{" == (writer.folder / "tasks.json").read_text()
    assert ["tasks.json:1:3: this is no JSON: expecting property name enclosed in double quotes"] == (
        writer.state()["problems"]
    )

    writer.write_tasks([say("b")])
    writer.wait_for_status("b", "completed")
    airexec.write("done", "")

    assert 0 == running.wait()
    assert {"hold": "completed", "a": "completed", "b": "completed"} == writer.statuses()
    assert "problems" not in writer.state()


def test_the_next_order_waits_for_the_end_of_the_present_one(airexec: Airexec, writer: Writer) -> None:
    """Whichever of its files comes first, and though its tasks are called the same."""
    for number, state_first in enumerate((True, False)):
        (airexec.folder / "done").unlink(missing_ok=True)
        (airexec.folder / "held").unlink(missing_ok=True)
        (airexec.folder / "log").unlink(missing_ok=True)
        writer.order(say("a"), HOLD, id=f"first-{number}")
        running = airexec.start("run", "--job", "etl")
        writer.wait_for_status("a", "completed")

        if state_first:
            writer.write_state(id=f"second-{number}")
            writer.write_tasks([say("a"), say("b", "a")])
        else:
            writer.order(say("a"), say("b", "a"), id=f"second-{number}")
        assert None is running.poll()
        airexec.write("done", "")

        out, _ = running.communicate()
        assert 0 == running.returncode, out
        assert ["a", "a", "b"] == airexec.read("log").split(), out
        assert {"a": "completed", "b": "completed"} == writer.statuses()
        assert (f"second-{number}", "completed") == (writer.state()["id"], writer.state()["state"])


def test_a_runner_that_was_killed_is_followed_by_the_next(airexec: Airexec, writer: Writer) -> None:
    """What was completed stays, what was running runs again, what has failed is not tried again."""
    writer.order(say("a"), {"id": "bad", "command": "false"}, HOLD)
    running = airexec.start("run", "--job", "etl")
    writer.wait_for_status("a", "completed")
    airexec.wait_for_file("held")
    running.kill()
    running.wait()
    writer.add(say("b"))
    airexec.write("done", "")

    assert 1 == airexec("run", "--job", "etl").exit_code

    assert {"a": "completed", "bad": "failed", "hold": "completed", "b": "completed"} == writer.statuses()
    assert ["a", "b"] == airexec.read("log").split()


def test_one_runner_at_a_time(airexec: Airexec, writer: Writer) -> None:
    writer.order(HOLD)
    running = airexec.start("run", "--job", "etl")
    airexec.wait_for_file("held")

    assert 75 == airexec("run", "--job", "etl").exit_code

    airexec.write("done", "")
    assert 0 == running.wait()


def test_settings_hold_for_orders(airexec: Airexec, writer: Writer) -> None:
    """`cwd` of a task is relative to where the state lies."""
    airexec.write("sub/keep", "")
    writer.order(say("a"), say("b"), {"id": "c", "command": "pwd", "cwd": "sub"})
    (writer.folder.parents[1] / "config.yaml").write_text("max_active_tasks: 1\ntask_timeout: 60\n")

    result = airexec("run", "--job", "etl")

    assert "one at a time" in result.out
    assert f"  {airexec.folder}/sub\n" in result.out
    started = airexec.read(f".airexec/jobs/etl/runs/{writer.state()['run_id']}/journal.jsonl").splitlines()[0]
    assert 60 == json.loads(started)["plan"]["workflow"]["tasks"][0]["execution_timeout"]


def test_an_order_that_is_waiting_is_shown(airexec: Airexec, writer: Writer) -> None:
    writer.order(say("a"), say("b", "a"))

    assert (
        "etl: waiting (order order-1); `airexec run --job etl` carries it out\n  2 tasks: 2 pending\n",
        "",
    ) == airexec("status", "etl")[1:]
    assert "etl" in airexec("jobs").out


def test_a_job_of_a_workflow_file_cannot_be_ordered(airexec: Airexec, writer: Writer) -> None:
    airexec.write("airexec.yml", "name: etl\ntasks: {a: {command: 'true'}}\n")
    airexec("run")
    writer.order(say("x"))

    result = airexec("run", "--job", "etl")

    assert 0 == result.exit_code  # it is the job of the file, as ever
    assert "run RUN: 1 task" in without_times(result.out)


def test_resume_tries_again_what_has_failed(airexec: Airexec, writer: Writer) -> None:
    writer.order({"id": "a", "command": ["test", "-e", "mended"]}, say("b", "a"))
    airexec("run", "--job", "etl")
    airexec.write("mended", "")

    assert 0 == airexec("resume", "etl").exit_code

    assert {"a": "completed", "b": "completed"} == writer.statuses()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-p", "x=1"], "airexec: error: an order has no params\n  hint: leave out -p and --params-file\n"),
        (["--", "x"], "airexec: error: an order takes no words behind `--`\n  hint: leave them out\n"),
        (["a"], "airexec: error: an order is run as a whole, not 'a' alone\n  hint: name no tasks beside --job\n"),
    ],
)
def test_what_has_no_meaning_for_an_order_is_refused(
    arguments: list[str], said: str, airexec: Airexec, writer: Writer
) -> None:
    writer.order(say("a"))

    assert (2, "", said) == airexec("run", "--job", "etl", *arguments)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_texts_that_no_program_can_be_given_fail_their_task_alone(text: str, airexec: Airexec, writer: Writer) -> None:
    writer.order(
        {"id": "odd", "command": ["echo", text]}, {"id": "env", "command": "true", "env": {"A": text}}, say("a")
    )

    result = airexec("run", "--job", "etl")

    assert 1 == result.exit_code
    assert {"odd": "failed", "env": "failed", "a": "completed"} == writer.statuses()
    assert "Traceback" not in result.err
