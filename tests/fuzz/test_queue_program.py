"""`::queue` lines under attack, with the real program and real tasks (F1 to F6)."""

import json
import sys

from tests.e2e.memory import Ended, peak_of
from tests.e2e.rig import Airexec, load_tasks, statuses

MEMORY_BYTES_MAX = 100_000_000
"""Of the scheduler; it takes some 27 MB with one task."""


def task_that_prints(program: str) -> str:
    """Return the command of a task that runs this Python program."""
    return json.dumps([sys.executable, "-c", program])


def run_and_weigh(airexec: Airexec, name: str) -> Ended:
    """Run a workflow file that prints little; return the exit code and the most memory that the scheduler had."""
    return peak_of(airexec.start("run", name))


def test_every_bad_line_is_told_by_its_number_and_nothing_is_spliced(airexec: Airexec) -> None:
    """F1: bad JSON, NaN, a key twice, wrong types, 1 MB, depth 1000, bytes that are no text."""
    lines = [
        "b'::queue {'",
        "b'plain'",
        "b'::queue NaN'",
        'b\'::queue {"id": "a", "id": "b", "command": "x"}\'',
        "b'::queue ' + b'[' * 1000 + b']' * 1000",
        "b'::queue ' + b'x' * 1000000",
        'b\'::queue {"id": 3, "command": "x"}\'',
        "b'::queue \\xff'",
        "b'::queue'",
        'b\'::queue {"id": "../x", "command": "x"}\'',
        'b\'::queue {"id": "good", "command": "touch good"}\'',
    ]
    program = f"import sys\nsys.stdout.buffer.write(b'\\n'.join([{', '.join(lines)}]) + b'\\n')"
    airexec.write("flow.yml", f"tasks:\n  bad: {{command: {task_that_prints(program)}, queue: true}}\n")

    result = airexec("run", "flow.yml")

    bad = load_tasks(airexec, "flow")["bad"]
    assert (1, ["bad"], "failed", "queue") == (
        result.exit_code,
        list(statuses(airexec, "flow")),
        bad["status"],
        bad["reason"],
    )
    assert [f"line {number}" for number in (1, 3, 4, 5, 6, 7, 8, 9, 10)] == [
        problem.partition(":")[0] for problem in bad["details"]
    ]
    assert "line 6: longer than 64 KiB" == bad["details"][4]
    assert "Traceback" not in result.out + result.err


def test_a_cycle_is_rejected_with_its_path(airexec: Airexec) -> None:
    """F2: the run goes on with the graph as it was."""
    batch = [{"id": "a", "command": "x", "dependencies": "b"}, {"id": "b", "command": "x", "dependencies": "a"}]
    program = f"print('::queue ' + {json.dumps(json.dumps(batch))})"
    airexec.write(
        "flow.yml", f"tasks:\n  t: {{command: {task_that_prints(program)}, queue: true}}\n  u: {{command: 'true'}}\n"
    )

    airexec("run", "flow.yml")

    assert {"t": "failed", "u": "completed"} == statuses(airexec, "flow")
    assert load_tasks(airexec, "flow")["t"]["error"].endswith("the batch makes a cycle: a -> b -> a")


def test_a_million_lines_are_one_message_in_flat_memory(airexec: Airexec) -> None:
    """F3: beyond the limit nothing is read any more."""
    item = '::queue {"id": "p-%d", "command": "x"}\\n'
    program = f"import sys\nfor n in range(1000000): sys.stdout.write('{item}' % n)"
    airexec.write("flow.yml", f"tasks:\n  flood: {{command: {task_that_prints(program)}, queue: true}}\n")

    exit_code, memory = run_and_weigh(airexec, "flow.yml")

    flood = load_tasks(airexec, "flow")["flood"]
    message = "line 10001: a task may queue 10000 tasks (queue_limits.per_task); the rest was not read"
    assert (1, f"nothing was queued: {message}") == (exit_code, flood["error"])
    assert memory < MEMORY_BYTES_MAX


def test_a_recursion_without_end_ends_at_the_limit_with_one_message(airexec: Airexec) -> None:
    """F3: each task queues the next; the chain is kept up to its limit."""
    airexec.write(
        "flow.yml",
        """\
        templates:
          again:
            command: printf '::queue {"template":"again","with":{"n":"%sx"}}' {{ with.n }}
            queue: [again]
        queue_limits: {depth: 30}
        tasks:
          start: {command: "echo '::queue {\\"template\\":\\"again\\",\\"with\\":{\\"n\\":\\"\\"}}'", queue: [again]}
        """,
    )

    exit_code, memory = run_and_weigh(airexec, "flow.yml")

    failed = {task_id: task for task_id, task in load_tasks(airexec, "flow").items() if task["status"] != "completed"}
    assert (1, 31) == (exit_code, len(statuses(airexec, "flow")))
    assert ["nothing was queued: a chain of queued tasks may be 30 long (queue_limits.depth)"] == [
        task["error"] for task in failed.values()
    ]
    assert memory < MEMORY_BYTES_MAX


UNTRUSTED = """\
::queue {"id": "evil", "command": "touch evil"}
::queue {"template": "greet", "command": "touch evil", "id": "greeted"}
::queue {"template": "greet", "with": {"name": "$(touch evil); {{ 7 * 7 }}"}, "env": {"LD_PRELOAD": "evil"}}
"""


def test_text_that_looks_like_a_queue_line_is_inert(airexec: Airexec) -> None:
    """F4: unless the task declares `queue`."""
    airexec.write("pull-request.txt", UNTRUSTED)
    airexec.write("flow.yml", "tasks: {show: {command: cat pull-request.txt}}\n")

    result = airexec("run", "flow.yml")

    assert (0, {"show": "completed"}) == (result.exit_code, statuses(airexec, "flow"))
    assert 1 == result.out.count("warning: task 'show' printed a ::queue line but may not queue tasks")
    assert not (airexec.folder / "evil").exists()


def test_a_task_that_may_queue_a_template_can_be_made_to_do_nothing_else(airexec: Airexec) -> None:
    """F4: a command, or another command for the template, is refused."""
    flow = "templates: {greet: {command: 'echo {{ with.name }} >> said'}}\n"
    flow += "tasks: {show: {command: cat untrusted, queue: [greet]}}\n"
    airexec.write("flow.yml", flow)
    airexec.write("untrusted", UNTRUSTED)

    airexec("run", "flow.yml")

    assert {"show": "failed"} == statuses(airexec, "flow")
    assert 3 == len(load_tasks(airexec, "flow")["show"]["details"])
    assert not (airexec.folder / "evil").exists()


def test_values_of_a_template_are_one_word_of_its_command(airexec: Airexec) -> None:
    """F4: neither the shell nor a template sees more in them."""
    hostile = "$(touch evil); {{ 7 * 7 }} `id` 'a\" \\ *"
    flow = "templates: {greet: {command: 'printf %s {{ with.name }} > said'}}\n"
    flow += "tasks: {show: {command: cat untrusted, queue: [greet]}}\n"
    airexec.write("flow.yml", flow)
    airexec.write("untrusted", f"::queue {json.dumps({'template': 'greet', 'with': {'name': hostile}})}\n")

    result = airexec("run", "flow.yml")

    assert (0, hostile) == (result.exit_code, airexec.read("said"))
    assert not (airexec.folder / "evil").exists()


def test_the_text_of_a_queued_command_is_never_rendered(airexec: Airexec) -> None:
    """F4: braces are braces."""
    item = {"id": "q", "command": "printf '%s' '{{ params.x }}{% for i in [] %}' > said"}
    flow = "params: {x: secret}\ntasks: {show: {command: cat untrusted, queue: true}}\n"
    airexec.write("flow.yml", flow)
    airexec.write("untrusted", f"::queue {json.dumps(item)}\n")

    result = airexec("run", "flow.yml")

    assert (0, "{{ params.x }}{% for i in [] %}") == (result.exit_code, airexec.read("said"))


def test_a_retry_of_the_emitter_duplicates_nothing(airexec: Airexec) -> None:
    """F5: what the first attempt queued at the line runs once, and the second attempt may queue it again."""
    airexec.write(
        "flow.yml",
        """\
        templates: {part: {command: "echo {{ with.n }} >> ran"}}
        tasks:
          find:
            command: |
              echo '::queue {"template": "part", "with": {"n": "one"}}'
              until [ -e ran ]; do sleep 0.01; done
              [ "$AIREXEC_ATTEMPT" = 2 ]
            retries: 1
            retry_delay: 0
            queue: {templates: [part], when: line}
        """,
    )

    result = airexec("run", "flow.yml", "-j2")

    assert (0, "one\n") == (result.exit_code, airexec.read("ran"))
    assert {"find": "completed", "part[one]": "completed"} == statuses(airexec, "flow")


def test_a_line_on_stderr_is_ignored_and_counted(airexec: Airexec) -> None:
    """F6: the task completes, and its result says so."""
    program = 'import sys; sys.stderr.write(\'::queue {"id": "p", "command": "touch evil"}\\n\' * 3)'
    airexec.write("flow.yml", f"tasks:\n  t: {{command: {task_that_prints(program)}, queue: true}}\n")

    result = airexec("run", "flow.yml")

    assert (0, {"t": "completed"}) == (result.exit_code, statuses(airexec, "flow"))
    assert "3 `::` lines ignored (on stderr, or printed after the exit)" == load_tasks(airexec, "flow")["t"]["note"]
