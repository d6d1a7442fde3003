"""`airexec run` from outside: what runs, what is left on disk, and the exit code."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, load_tasks, statuses, without_times

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_a_good_run_ends_with_0(airexec: Airexec) -> None:
    """Tasks run in the order of their dependencies."""
    airexec.write(
        "airexec.yml",
        """\
        name: flow
        tasks:
          last: {command: echo last >> order, dependencies: [first]}
          first: {command: echo first >> order}
        """,
    )

    result = airexec("run")

    assert (0, "") == (result.exit_code, result.err)
    assert "first\nlast\n" == airexec.read("order")
    assert {"last": "completed", "first": "completed"} == statuses(airexec, "flow")


def test_tasks_json_tells_all_about_a_task(airexec: Airexec) -> None:
    """One object per task, times in UTC."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          make: {command: echo, args: [a b, c]}
          check: {command: exit 3, dependencies: make}
        """,
    )

    result = airexec("run", "flow.yml")

    tasks = load_tasks(airexec, "flow")
    assert 1 == result.exit_code
    wanted = ("id", "job_name", "command", "args", "dependencies", "status", "error", "attempt", "exit_code")
    assert ["make", "flow", "echo", ["a b", "c"], [], "completed", None, 1, 0] == [tasks["make"][key] for key in wanted]
    assert ["check", "flow", "exit 3", [], ["make"], "failed", "exit code 3", 1, 3] == [
        tasks["check"][key] for key in wanted
    ]
    assert all(UTC.fullmatch(tasks["check"][key]) for key in ("created_at", "started_at", "completed_at"))


def test_every_attempt_has_a_log_in_the_end(airexec: Airexec) -> None:
    """Also those that printed nothing, or never came to a process; where `tasks.json` says."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          silent: {command: ":"}
          failing: {command: exit 1, retries: 1}
          absent: {command: nowhere, args: []}
          talking: {command: echo hello}
          last: {command: ":"}
        """,
    )

    airexec("run", "flow.yml", "-k")

    logs = {id_: airexec.read(f".airexec/jobs/flow/{task['log']}") for id_, task in load_tasks(airexec, "flow").items()}
    assert {"silent": "", "failing": "", "absent": "", "talking": "hello\n", "last": ""} == logs
    assert 6 == len(os.listdir(airexec.folder / ".airexec/jobs/flow/logs"))


@pytest.mark.parametrize("command", ["env", "env | cat", [shutil.which("env")]])
def test_a_task_is_told_its_working_directory(command: object, airexec: Airexec) -> None:
    """In PWD, as by a shell: not that of the caller where it has another or none, by its links where it is that."""
    folder = os.path.realpath(airexec.folder)
    (airexec.folder / "sub").mkdir()
    (airexec.folder / "link").symlink_to(".")
    airexec.write(
        "flow.yml", json.dumps({"tasks": {"a": {"command": command}, "b": {"command": command, "cwd": "sub"}}})
    )

    def told(pwd: str | None) -> list[str]:
        airexec("run", "flow.yml", env={"PWD": pwd} if pwd else {})
        return [
            "".join(re.findall("^PWD=(.*)$", airexec.read(f".airexec/jobs/flow/logs/{id_}.1.log"), re.MULTILINE))
            for id_ in ("a", "b")
        ]

    assert [folder, f"{folder}/sub"] == told("/elsewhere")
    assert [folder, f"{folder}/sub"] == told(None)
    assert [folder, f"{folder}/sub"] == told(folder)
    assert [f"{folder}/link", f"{folder}/sub"] == told(f"{folder}/link")


def test_a_failed_task_makes_the_run_fail(airexec: Airexec) -> None:
    """Exit code 1; it is listed again at the end, with its command and those that show more."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          good: {command: echo fine}
          bad: {command: "echo some words; exit 2", dependencies: good}
          after: {command: touch after, dependencies: bad}
        """,
    )

    result = airexec("run", "flow.yml", "-j1")

    assert (1, "") == (result.exit_code, result.err)
    assert {"good": "completed", "bad": "failed", "after": "upstream_failed"} == statuses(airexec, "flow")
    assert not (airexec.folder / "after").exists()
    assert """\
▸ flow: run RUN: 3 tasks, one at a time
✓ good  N s
  fine
✗ bad  N s  exit code 2
  some words
○ after  not run: 1 failed of 1 upstream (bad)

✗ bad  N s  exit code 2
  $ echo some words; exit 2
  more: airexec logs flow bad
  why:  airexec why flow bad

flow: failed in N s: 3 tasks: 1 completed, 1 failed, 1 upstream_failed (run RUN)
  continue: airexec resume flow
""" == without_times(result.out)


def test_params_reach_the_tasks(airexec: Airexec) -> None:
    """Typed, from the command line over a file over the default."""
    airexec.write(
        "flow.yml",
        """\
        params: {who: world, shards: {type: integer, default: 1}, greeting: hello}
        tasks: {greet: {command: "echo {{ params.greeting }} {{ params.who }} {{ params.shards + 1 }} > greeting"}}
        """,
    )
    airexec.write("params.json", '{"who": "you", "greeting": "good day"}')

    result = airexec("run", "flow.yml", "--params-file", "params.json", "-p", "who=$(id) 'x'", "-p", "shards=8")

    assert 0 == result.exit_code
    assert "good day $(id) 'x' 9\n" == airexec.read("greeting")


def test_params_that_do_not_fit_are_refused(airexec: Airexec) -> None:
    """All of them at once, before anything is written; exit code 2."""
    airexec.write(
        "flow.yml",
        """\
        params: {shards: {type: integer}}
        tasks: {go: {command: "echo {{ params.shards }}"}}
        """,
    )

    result = airexec("run", "flow.yml", "-p", "shards=many", "-p", "shard=3")

    assert (
        2,
        "",
        "airexec: error: param 'shards' takes a whole number, not 'many'\n"
        "airexec: error: unknown param 'shard' (did you mean 'shards'?)\n"
        "  hint: params of this workflow: shards (integer, required)\n",
    ) == result
    assert not (airexec.folder / ".airexec").exists()


def test_selected_tasks_run_with_what_they_need(airexec: Airexec) -> None:
    """And nothing else."""
    airexec.write(
        "airexec.yml",
        """\
        name: flow
        tasks:
          fetch: {command: echo fetch >> ran}
          build: {command: echo build >> ran, dependencies: fetch}
          lint: {command: echo lint >> ran, dependencies: fetch}
        """,
    )

    result = airexec("run", "build")

    assert 0 == result.exit_code
    assert "fetch\nbuild\n" == airexec.read("ran")
    assert {"fetch": "completed", "build": "completed"} == statuses(airexec, "flow")


def test_an_unknown_task_is_guessed(airexec: Airexec) -> None:
    """Exit code 2, nothing runs."""
    airexec.write("airexec.yml", "tasks: {build: {command: touch ran}}\n")

    result = airexec("run", "biuld")

    assert (2, "") == (result.exit_code, result.out)
    assert result.err.startswith("airexec: error: no task is named 'biuld' in ")
    assert result.err.endswith("  hint: did you mean 'build'?\n")
    assert not (airexec.folder / "ran").exists()


def test_a_dry_run_starts_nothing(airexec: Airexec) -> None:
    """It prints the rendered plan in order, and leaves no trace."""
    airexec.write(
        "flow.yml",
        """\
        params: {who: world}
        tasks:
          greet: {command: "touch ran; echo {{ params.who }}"}
          after: {command: touch, args: [ran], dependencies: greet}
        """,
    )

    result = airexec("run", "flow.yml", "-n", "-p", "who=a b")

    assert (
        0,
        "1. greet\n     touch ran; echo 'a b'\n2. after (after greet)\n     touch ran\n2 tasks; nothing was started\n",
        "",
    ) == result
    assert {".bin", ".git", "flow.yml"} == {path.name for path in airexec.folder.iterdir()}


def test_a_dry_run_names_also_what_a_skip_keeps_from_running(airexec: Airexec) -> None:
    """With the reason; who asks for its status gets the truth."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          gate: {command: "true", when: "false"}
          deploy: {command: "true", dependencies: gate}
          tell: {command: "echo {{ tasks.deploy.status }}", dependencies: deploy, trigger_rule: all_done}
        """,
    )

    result = airexec("run", "flow.yml", "-n")

    assert (
        0,
        "1. gate: skipped, when false is false\n"
        "2. deploy: not run, all_success: 1 skipped of 1 upstream\n"
        "3. tell (after deploy, all_done)\n     echo skipped\n"
        "3 tasks; nothing was started\n",
        "",
    ) == result


def test_events_can_be_read_by_programs(airexec: Airexec) -> None:
    """`--json`: stdout is the journal, line by line."""
    airexec.write("flow.yml", "tasks: {go: {command: echo hello}}\n")

    result = airexec("run", "flow.yml", "--json")

    events = [json.loads(line) for line in result.out.splitlines()]
    assert (0, "") == (result.exit_code, result.err)
    assert ["run_started", "attempt_started", "attempt_completed", "run_finished"] == [
        event["event"] for event in events
    ]
    assert [0, 1, 2, 3] == [event["seq"] for event in events]


def test_one_job_at_a_time_means_one(airexec: Airexec) -> None:
    """`-j 1`: no task starts before the one before it has ended."""
    airexec.write(
        "flow.yml",
        """\
        matrix_note: &go {command: "echo + >> log; sleep 0.01; echo - >> log"}
        tasks: {a: *go, b: *go, c: *go, d: *go}
        """.replace("matrix_note", "x-note"),
    )

    result = airexec("run", "flow.yml", "-j", "1")

    assert 0 == result.exit_code
    assert "+\n-\n" * 4 == airexec.read("log")


def test_two_jobs_at_a_time_means_two(airexec: Airexec) -> None:
    """`-j 2`: two tasks that wait for each other get past."""
    airexec.write(
        "flow.yml",
        """\
        max_active_tasks: 1
        tasks:
          ping: {command: "mkfifo pipe; touch made; echo hello > pipe"}
          pong: {command: "until [ -e made ]; do sleep 0.01; done; cat pipe > got"}
        """,
    )

    result = airexec("run", "flow.yml", "-j2")

    assert 0 == result.exit_code
    assert "hello\n" == airexec.read("got")


def test_a_run_that_takes_too_long_ends_with_124(airexec: Airexec) -> None:
    """`dagrun_timeout`."""
    airexec.write(
        "flow.yml", "dagrun_timeout: 300ms\ntasks: {slow: {command: sleep 1000}, next: {command: sleep 1000}}\n"
    )

    result = airexec("run", "flow.yml", "-j1")

    assert 124 == result.exit_code
    assert {"slow": "cancelled", "next": "cancelled"} == statuses(airexec, "flow")


def test_tasks_queue_tasks_and_hand_on_outputs(airexec: Airexec) -> None:
    """From scripts: a task per line, and a value for whoever is downstream; the downstream waits for all of them."""
    airexec.write(
        "flow.yml",
        """\
        templates:
          shout: {command: "echo {{ with.word }}! >> words"}
        tasks:
          find:
            command: |
              printf 'a\\nb c\\nd\\n' | airexec queue --template shout --each word
              airexec output count=3 unit="a b"
            queue: [shout]
          merge:
            command: echo {{ tasks.find.outputs.count + 1 }} {{ tasks.find.outputs.unit }} $(sort words) > merged
            dependencies: [find]
        """,
    )

    result = airexec("run", "flow.yml")

    assert (0, "") == (result.exit_code, result.err)
    assert "4 a b a! b c! d!\n" == airexec.read("merged")
    tasks = load_tasks(airexec, "flow")
    assert ["shout[a]", "shout[b c]", "shout[d]"] == [
        name for name, task in tasks.items() if task["queued_by"] == "find"
    ]
    assert {"count": 3, "unit": "a b"} == tasks["find"]["outputs"]


def test_a_bad_workflow_file_ends_with_3(airexec: Airexec) -> None:
    """Nothing is written."""
    airexec.write("flow.yml", "tasks: {a: {comand: x}}\n")

    result = airexec("run", "flow.yml")

    assert (3, "") == (result.exit_code, result.out)
    assert "flow.yml:1:13: error: unknown key 'comand'\n" in result.err
    assert not (airexec.folder / ".airexec").exists()


def test_warnings_of_a_good_file_go_to_stderr(airexec: Airexec) -> None:
    """And the run goes on."""
    airexec.write("flow.yml", "tasks:\n  a: {command: echo a, pool_slots: 2}\n")

    result = airexec("run", "flow.yml", "--json")

    assert 0 == result.exit_code
    assert (
        "flow.yml:2:36: warning: 'pool_slots' without a 'pool' has no effect\n"
        "    2 |   a: {command: echo a, pool_slots: 2}\n"
        "      |                                    ^\n"
    ) == result.err
    assert all(line.startswith("{") for line in result.out.splitlines())


def test_a_dry_run_fails_where_a_task_would_not_even_start(airexec: Airexec) -> None:
    """Exit code 1, after all that can be said of the others."""
    airexec.write(
        "flow.yml", "params: {n: {type: integer, default: 0}}\ntasks: {a: {command: 'echo {{ 1 // params.n }}'}}\n"
    )

    result = airexec("run", "flow.yml", "-n")

    assert (1, "") == (result.exit_code, result.err)
    assert "     cannot be rendered: " in result.out
    assert result.out.endswith("1 task; nothing was started\n")
    assert 0 == airexec("run", "flow.yml", "-n", "-p", "n=1").exit_code


@pytest.mark.parametrize("option", [("--json",), ("--report-junit", "r.xml")])
def test_a_dry_run_takes_no_option_that_tells_of_a_run(option: tuple[str, ...], airexec: Airexec) -> None:
    """Rather than pass over it."""
    airexec.write("flow.yml", "tasks: {a: {command: x}}\n")

    message = (
        "airexec: error: --json and --report-junit tell of a run, and -n starts none\n  hint: leave them out, or -n\n"
    )
    assert (2, "", message) == airexec("run", "flow.yml", "-n", *option)


def test_a_report_that_cannot_be_written_ends_with_74(airexec: Airexec) -> None:
    """Before the run where that can be known, else after it; a task that failed counts for more."""
    airexec.write("flow.yml", "tasks: {a: {command: touch ran; rm -r deep}}\n")
    airexec.write("file", "")

    before = airexec("run", "flow.yml", "--report-junit", "file/r.xml")
    ran = (airexec.folder / "ran").exists()
    after = airexec("run", "flow.yml", "--report-junit", "deep/r.xml")

    assert (74, False) == (before.exit_code, ran)
    assert (74, "airexec: error: cannot write deep/r.xml: No such file or directory\n") == (after.exit_code, after.err)


def test_state_that_cannot_be_written_ends_with_73(airexec: Airexec) -> None:
    """Nothing has started."""
    airexec.write("flow.yml", "tasks: {a: {command: touch ran}}\n")
    airexec.write("file", "")

    result = airexec("run", "flow.yml", "--state-dir", "file/state")

    assert (73, "") == (result.exit_code, result.out)
    assert result.err.startswith("airexec: error: cannot keep state in ")
    assert not (airexec.folder / "ran").exists()


def test_the_state_can_be_elsewhere(airexec: Airexec) -> None:
    """`--state-dir`, for run and for the commands that read."""
    airexec.write("flow.yml", "tasks: {a: {command: echo hello}}\n")

    result = airexec("run", "flow.yml", "--state-dir", "elsewhere")

    assert 0 == result.exit_code
    assert not (airexec.folder / ".airexec").exists()
    assert (0, "hello\n", "") == airexec("logs", "a", "--state-dir", "elsewhere")


def test_a_reader_may_stop_reading(airexec: Airexec) -> None:
    """`airexec run | head -1`: the run goes on, and its exit code is what it would have been."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          a: {command: echo a}
          b: {command: echo b; exit 1, dependencies: a}
        """.replace("echo b; exit 1", '"echo b; exit 1"'),
    )
    script = airexec.write("script.sh", "airexec run flow.yml | head -1\necho ${PIPESTATUS[0]}\n")

    process = subprocess.run(
        ["bash", script], cwd=airexec.folder, env=airexec.environment(), capture_output=True, text=True
    )

    assert ("1", "") == (process.stdout.splitlines()[-1], process.stderr)
    assert {"a": "completed", "b": "failed"} == statuses(airexec, "flow")


def test_a_junit_report_can_be_asked_for(airexec: Airexec) -> None:
    """`--report-junit FILE`."""
    airexec.write("flow.yml", "tasks: {a: {command: 'true'}, b: {command: exit 2}}\n")

    airexec("run", "flow.yml", "--report-junit", "junit.xml")

    from xml.etree import ElementTree

    cases = ElementTree.fromstring(airexec.read("junit.xml")).iter("testcase")
    assert {"a": [], "b": ["failure"]} == {
        case.attrib["name"]: [child.tag for child in case if child.tag != "system-out"] for case in cases
    }


def test_the_same_seed_shuffles_alike(airexec: Airexec) -> None:
    """`--shuffle SEED`: another order than that of the file, the same each time."""
    names = "abcdefgh"
    airexec.write("flow.yml", "tasks:\n" + "".join(f"  {name}: {{command: echo {name} >> order}}\n" for name in names))

    airexec("run", "flow.yml", "-j1", "--shuffle", "7")
    first = airexec.read("order").split()
    airexec("run", "flow.yml", "-j1", "--shuffle", "7")

    assert list(names) != first
    assert first * 2 == airexec.read("order").split()


def test_the_first_failure_can_stop_everything(airexec: Airexec) -> None:
    """`fail_fast`; `--keep-going` overrules it."""
    airexec.write(
        "flow.yml",
        """\
        fail_fast: true
        tasks:
          bad: {command: exit 1, priority_weight: 2}
          other: {command: touch ran}
        """,
    )

    stopped = airexec("run", "flow.yml", "-j1").exit_code
    had_run = (airexec.folder / "ran").exists()
    kept_going = airexec("run", "flow.yml", "-j1", "-k").exit_code

    assert (1, False) == (stopped, had_run)
    assert 1 == kept_going
    assert (airexec.folder / "ran").exists()


@pytest.mark.parametrize("policy", ["off", "batch", "barrier"])
def test_every_sync_policy_keeps_the_same_journal(policy: str, airexec: Airexec) -> None:
    """They differ in when it is forced to the disk."""
    airexec.write("flow.yml", "tasks: {a: {command: 'true'}}\n")

    result = airexec("run", "flow.yml", "--sync", policy)

    (journal,) = (airexec.folder / ".airexec/jobs/flow/runs").glob("*/journal.jsonl")
    assert 0 == result.exit_code
    assert ["run_started", "attempt_started", "attempt_completed", "run_finished"] == [
        json.loads(line)["event"] for line in journal.read_text().splitlines()
    ]


def test_tasks_find_the_airexec_that_runs_them(airexec: Airexec) -> None:
    """Called by its path, as in `.venv/bin/airexec run`, with a PATH that does not have it."""
    airexec.write("flow.yml", "tasks: {a: {command: command -v airexec >found}}")

    assert 0 == airexec("run", "flow.yml", env={"PATH": "/usr/bin:/bin"}).exit_code

    assert airexec.read("found") == f"{Path(os.path.abspath(sys.executable)).parent}/airexec\n"  # without `..` in it


@pytest.mark.parametrize("keep_runs", [1, 2])
def test_only_the_newest_runs_are_kept(keep_runs: int, airexec: Airexec) -> None:
    """As many as `config.yaml` says, the one that just ran among them."""
    airexec.write("flow.yml", "tasks: {a: {command: 'true'}}\n")
    airexec.write(".airexec/config.yaml", f"keep_runs: {keep_runs}\n")
    ids = [re.findall(r"run (\d+-\d+-\w+):", airexec("run", "flow.yml").out)[0] for _ in range(3)]

    kept = sorted(path.name for path in (airexec.folder / ".airexec/jobs/flow/runs").iterdir())

    assert ids[-keep_runs:] == kept


def test_descriptors_that_the_caller_has_closed_are_not_taken_for_files(airexec: Airexec) -> None:
    """What somebody prints to a closed stderr must not end up in the lock or the journal."""
    airexec.write("flow.yml", "tasks: {a: {command: 'for fd in 0 1 2; do readlink /proc/$PPID/fd/$fd; done > fds'}}")
    command = [sys.executable, "-m", "airexec", "run", "flow.yml"]

    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command],
        cwd=airexec.folder,
        env=airexec.environment(),
        check=False,
    )

    assert (0, ["/dev/null"] * 3) == (done.returncode, airexec.read("fds").splitlines())
