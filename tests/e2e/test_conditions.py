"""Preconditions, and `when` as a command: asked by the real program, killed, interrupted, shown."""

import json
import signal
import xml.etree.ElementTree as ElementTree

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, statuses, wait_until, without_times


def log(airexec: Airexec, job: str, task: str) -> str:
    return airexec.read(f".airexec/jobs/{job}/logs/{task}.1.log")


def test_conditions_run_where_and_as_their_task_runs(airexec: Airexec) -> None:
    """Its folder, its variables, its shell, quoted values; `when` first, then the preconditions in order."""
    airexec.write("sub/there", "")
    airexec.write(
        "flow.yml",
        """\
        params: {name: "a b; touch broken"}
        tasks:
          a:
            command: echo work >> order
            cwd: sub
            env: {COLOUR: red}
            shell: bash
            when: {command: "echo when >> order; test -e there"}
            preconditions:
              - '[[ $COLOUR == red ]] && echo {{ params.name }} >> order'
              - {command: [test, "{{ params.name }}", "=", "a b; touch broken"]}
        """,
    )

    result = airexec("run", "flow.yml")

    assert (0, "") == (result.exit_code, result.err)
    assert "when\na b; touch broken\nwork\n" == airexec.read("sub/order")
    assert not (airexec.folder / "sub/broken").exists()


def test_what_the_console_says(airexec: Airexec) -> None:
    """A skip, a message, what was printed below the name of who printed it."""
    airexec.write(
        "flow.yml",
        """\
        max_active_tasks: 1
        tasks:
          deploy:
            command: ./deploy
            retries: 3
            preconditions: [{command: "echo looking; test -f key.pem", message: run `make key` first}]
          web: {command: make web, when: {command: "echo no web; test -e web"}}
          site: {command: make site, dependencies: web}
          build:
            command: printf 'built'
            preconditions: ["printf 'checked '; printf ok >&2", "true"]
        """,
    )

    result = airexec("run", "flow.yml")

    assert 1 == result.exit_code
    assert [
        "○ web  N s  skipped: condition is false: echo no web; test -e web (exit code 1)",
        "  # when: echo no web; test -e web",
        "  no web",
        "○ site  skipped: 1 skipped of 1 upstream (web)",
        "✗ deploy  N s  run `make key` first",
        "    precondition: echo looking; test -f key.pem",
        "    exit code 1",
        "  # precondition: echo looking; test -f key.pem",
        "  looking",
    ] == without_times(result.out).splitlines()[1:10]
    assert "# precondition: printf 'checked '; printf ok >&2\nchecked ok\n# command\nbuilt" == log(
        airexec, "flow", "build"
    )
    deploy = load_tasks(airexec, "flow")["deploy"]
    assert (1, "precondition", None, "run `make key` first") == (
        deploy["attempt"], deploy["reason"], deploy["exit_code"], deploy["error"]
    )  # fmt: skip


def test_why_names_the_condition_that_decided(airexec: Airexec) -> None:
    airexec.write(
        "flow.yml",
        """\
        tasks:
          key: {command: x, preconditions: [{command: test -f key.pem, message: run `make key` first}]}
          web: {command: x, when: {command: "true", negate: true}}
        """,
    )
    airexec("run", "flow.yml")

    key, web = (airexec("why", "flow", task).out.splitlines() for task in ("key", "web"))

    assert key[1].endswith(": run `make key` first (reason precondition)")
    assert ["    precondition: test -f key.pem", "    exit code 1"] == key[3:5]
    assert "  its condition `when` is false: ! true (exit code 0)" == web[-1]


def test_reports_tell_it_as_any_failure_and_skip(airexec: Airexec) -> None:
    """JUnit, GitHub's page, the events."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          key: {command: x, preconditions: [{command: test -f key.pem, message: no key}]}
          web: {command: x, when: {command: "false"}}
        """,
    )
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(airexec.folder / "page.md")}

    events = [json.loads(line) for line in airexec("run", "flow.yml", "--json").out.splitlines()]
    airexec("run", "flow.yml", "--report-junit", "report.xml", env=env)

    cases = {case.get("name"): case[0] for case in ElementTree.parse(airexec.folder / "report.xml").iter("testcase")}
    (skipped,) = (event for event in events if event["event"] == "attempt_skipped")
    assert ("error", "no key", "precondition") == (
        cases["key"].tag, cases["key"].get("message"), cases["key"].get("type")
    )  # fmt: skip
    assert "skipped: condition is false: false (exit code 1)" == cases["web"].get("message")
    assert {"rule": "when", "detail": "false (exit code 1)"} == skipped["because"]
    assert "| ❌ | key | failed |" in (page := airexec.read("page.md"))
    assert "| ⏭️ | web | skipped |" in page
    assert "precondition: test -f key.pem\nexit code 1\n" in page


def test_nothing_that_a_condition_prints_is_taken_for_a_line_of_ours(airexec: Airexec) -> None:
    """Shown as it was printed; and there are no side files to write to."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          a:
            command: |
              echo '::output {"from": "work"}'
            queue: true
            preconditions:
              - |
                echo '::output {"from": "condition", "more": 1}'
                echo '::queue {"id": "q", "command": "true"}'
                test "${AIREXEC_OUTPUT-none}${AIREXEC_QUEUE-none}" = nonenone
        """,
    )

    result = airexec("run", "flow.yml")

    assert 0 == result.exit_code
    assert {"a": "completed"} == statuses(airexec, "flow")
    assert {"from": "work"} == load_tasks(airexec, "flow")["a"]["outputs"]
    assert '  ::output {"from": "condition", "more": 1}\n  ::queue {"id": "q", "command": "true"}\n' in result.out
    assert '{"from": "work"}' not in result.out


def test_secrets_are_hidden_in_what_conditions_say_and_print(airexec: Airexec) -> None:
    """Also where a value came by a param, and stands in the condition itself."""
    airexec.write(
        "flow.yml",
        """\
        secrets: [TOKEN]
        params: {given: {type: string}}
        tasks:
          a:
            command: x
            preconditions: [{command: "echo $TOKEN; test {{ params.given }} = x", message: "no {{ params.given }}"}]
          b: {command: x, when: {command: "echo {{ params.given }}; false"}}
        """,
    )
    secret = "s3cr3t-value"

    result = airexec("run", "flow.yml", "-p", f"given={secret}", env={"TOKEN": secret})

    shown = result.out + airexec("why", "flow", "a").out + airexec("why", "flow", "b").out
    shown += log(airexec, "flow", "a") + log(airexec, "flow", "b")
    shown += max((airexec.folder / ".airexec/jobs/flow/runs").glob("*/journal.jsonl")).read_text()
    assert secret not in shown
    assert "# precondition: echo $TOKEN; test *** = x\n***\n" == log(airexec, "flow", "a")
    assert "✗ a" in result.out
    assert "no ***" in result.out


def test_after_kill_9_in_a_condition_the_attempt_is_lost_and_asked_anew(airexec: Airexec) -> None:
    """And nothing of it lives on."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          a:
            command: echo done >> ran
            preconditions: ["echo $$ > pid; echo asked >> ran; [ -e go ] || { touch up; exec sleep 1000; }"]
        """,
    )
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    process.send_signal(signal.SIGKILL)
    process.wait(DEADLINE_SECONDS)
    pid = int(airexec.read("pid"))
    wait_until(lambda: not _lives(pid), "the end of the condition")
    airexec.write("go", "")

    result = airexec("resume")

    assert 0 == result.exit_code
    assert "asked\nasked\ndone\n" == airexec.read("ran")
    assert (2, "completed") == (
        load_tasks(airexec, "flow")["a"]["attempt"],
        load_tasks(airexec, "flow")["a"]["status"],
    )
    assert "was lost" in airexec("why", "flow", "a").out


def test_ctrl_c_interrupts_a_condition(airexec: Airexec) -> None:
    """As it would the command."""
    airexec.write("flow.yml", 'tasks: {a: {command: touch ran, when: {command: "touch up; exec sleep 1000"}}}')
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE_SECONDS)

    assert (130, {"a": "cancelled"}) == (process.returncode, statuses(airexec, "flow"))
    assert not (airexec.folder / "ran").exists()


def test_a_skip_stays_over_a_resume_and_goes_with_a_reset(airexec: Airexec) -> None:
    """As that of an expression."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          a: {command: echo a >> ran, when: {command: "test -e go"}}
          b: {command: "test -e go"}
        """,
    )
    airexec("run", "flow.yml")
    airexec.write("go", "")

    airexec("resume")
    kept = statuses(airexec, "flow")
    airexec("reset", "flow", "a")
    airexec("resume")

    assert {"a": "skipped", "b": "completed"} == kept
    assert {"a": "completed", "b": "completed"} == statuses(airexec, "flow")
    assert "a\n" == airexec.read("ran")


def test_what_is_up_to_date_asks_no_condition(airexec: Airexec) -> None:
    """An expression is looked at first, a command only where something is to be done."""
    airexec.write("source", "1")
    airexec.write(
        "flow.yml",
        """\
        tasks:
          a:
            command: cp source made
            sources: [source]
            generates: [made]
            when: {command: echo when >> asked}
            preconditions: [echo precondition >> asked]
        """,
    )
    for _ in range(2):
        airexec("run", "flow.yml")
    asked_once = airexec.read("asked")
    airexec.write("source", "2")
    airexec("run", "flow.yml")

    assert "when\nprecondition\n" == asked_once
    assert "when\nprecondition\n" * 2 == airexec.read("asked")
    assert "2" == airexec.read("made")


def test_what_was_skipped_is_not_up_to_date(airexec: Airexec) -> None:
    """Nothing was made of the source as it is now."""
    airexec.write("source", "1")
    airexec.write(
        "flow.yml",
        """\
        tasks: {a: {command: cp source made, sources: [source], generates: [made], when: {command: test -e go}}}
        """,
    )
    seen = []
    for go, source in ((True, "1"), (False, "2"), (True, "2"), (False, "2")):
        airexec.write("source", source)
        airexec.write("go", "") if go else (airexec.folder / "go").unlink()
        airexec("run", "flow.yml")
        seen.append((statuses(airexec, "flow")["a"], airexec.read("made")))

    assert [("completed", "1"), ("skipped", "1"), ("completed", "2"), ("completed", "2")] == seen


@pytest.mark.parametrize(
    "arguments",
    [("run", "-n"), ("validate",), ("list",), ("list", "--json"), ("graph",), ("graph", "--format", "json")],
)
def test_who_only_looks_asks_nothing(airexec: Airexec, arguments: tuple[str, ...]) -> None:
    """No condition is run, at most shown."""
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          a:
            command: echo work
            when: {command: touch asked, negate: true}
            preconditions: [{command: [touch, asked, "a b"], message: no}]
        """,
    )

    result = airexec(*arguments)

    assert (0, "") == (result.exit_code, result.err)
    assert not (airexec.folder / "asked").exists()
    if arguments == ("run", "-n"):
        assert [
            "1. a",
            "     when: ! touch asked",
            "     precondition: touch asked 'a b'",
            "     echo work",
        ] == result.out.splitlines()[:4]


def test_a_queued_command_has_conditions_that_are_data(airexec: Airexec) -> None:
    """Nothing in them is rendered."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          emit:
            queue: true
            command: |
              cat lines
        """,
    )
    airexec.write(
        "lines",
        """\
        ::queue {"id": "p", "command": ["touch", "p"], "when": {"command": "test '{{ params.x }}' = $WANTED"}}
        ::queue {"id": "q", "command": ["touch", "q"], "preconditions": [{"command": "false", "message": "{{ x }}"}]}
        """,
    )

    airexec("run", "flow.yml", env={"WANTED": "{{"})

    tasks = load_tasks(airexec, "flow")
    assert ("failed", "{{ x }}") == (tasks["q"]["status"], tasks["q"]["error"])
    assert "test '{{ params.x }}' = $WANTED (exit code" in tasks["p"]["because"]["detail"]


def test_a_task_that_skips_itself(airexec: Airexec) -> None:
    """By its exit code; what it queued goes with it, and so does what waits for it."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          fetch:
            command: |
              echo '::queue {"id": "q", "command": "true"}'
              echo nothing new; exit 99
            queue: true
            skip_on_exit_code: [98, 99]
            retries: 3
          load: {command: touch loaded, dependencies: fetch}
          lint: {command: exit 3, allow_failure: {exit_codes: [3]}}
        """,
    )

    result = airexec("run", "flow.yml")

    assert 0 == result.exit_code
    assert {"fetch": "skipped", "load": "skipped", "lint": "failed"} == statuses(airexec, "flow")
    assert (1, 99) == (
        load_tasks(airexec, "flow")["fetch"]["attempt"],
        load_tasks(airexec, "flow")["fetch"]["exit_code"],
    )
    assert "○ fetch  N s  skipped: skip_on_exit_code: exit code 99" in without_times(result.out)
    assert "  nothing new\n" in result.out


def _lives(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
