"""`vars`: worked out once when a run begins that needs them, and never by what only looks at the file."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, wait_until
from tests.e2e.test_guardian import processes_of

FILE = """\
    name: v
    params: {region: eu, tries: 2}
    env: {GREETING: hello, TAG: "{{ vars.version }}"}
    vars:
      plain: "it's \\"$HOME\\""
      number: 3
      image: "r/{{ params.region }}:{{ vars.version }}"
      version: {command: "echo asked >> asked; printf '1.2 %s\\n\\n' $GREETING{{ params.tries }}"}
      list: {command: [python3, -c, "print('[1, 2]')"]}
      other: {command: "touch other; false"}
    tasks:
      show: {command: "printf '%s|' {{ vars.plain }} {{ vars.image }} {{ vars.number | int + 1 }} $TAG"}
      sum: {command: "echo {{ (vars.list | fromjson) | sum }}"}
      bad: {command: "echo {{ vars.other }}", manual: true}
"""


def log(airexec: Airexec, task: str) -> str:
    return airexec.read(f".airexec/jobs/v/logs/{task}.1.log")


def run_dir(airexec: Airexec) -> Path:
    (found,) = (airexec.folder / ".airexec/jobs/v/runs").iterdir()
    return found


def test_they_are_worked_out_once_and_only_those_that_are_needed(airexec: Airexec) -> None:
    """Quoted as any value; without the last end of a line; `env` that needs vars is not there for their commands."""
    airexec.write("w.yml", FILE)

    result = airexec("run", "w.yml")

    assert 0 == result.exit_code, result.err
    assert 'it\'s "$HOME"|r/eu:1.2 hello2\n|4|1.2|hello2|' == log(airexec, "show")
    assert "3\n" == log(airexec, "sum")
    assert "asked\n" == airexec.read("asked")
    assert not (airexec.folder / "other").exists()


def test_what_only_looks_runs_none_of_them(airexec: Airexec) -> None:
    """Each stands for itself."""
    airexec.write("w.yml", FILE)

    shown = airexec("run", "w.yml", "-n")
    looks = [airexec(*command, "w.yml") for command in (["validate"], ["list"], ["graph"])]

    assert "echo {{ (vars.list | fromjson) | sum }}" in shown.out
    assert "'r/eu:\u2039vars.version\u203a'" in shown.out
    assert [0, 0, 0, 0] == [one.exit_code for one in (shown, *looks)]
    assert not (airexec.folder / "asked").exists()


def test_the_values_are_in_the_journal_and_resume_takes_them_from_there(airexec: Airexec) -> None:
    airexec.write(
        "w.yml",
        """\
        name: v
        vars: {now: {command: "echo asked >> asked; wc -l < asked"}}
        tasks:
          first: {command: "test {{ vars.now }} = 1"}
          second: {command: "test -e mended; echo {{ vars.now }}", dependencies: first}
    """,
    )
    failed = airexec("run", "w.yml")
    airexec.write("mended", "")
    resumed = airexec("resume")
    start = json.loads((run_dir(airexec) / "journal.jsonl").read_text().splitlines()[0])

    assert (1, 0) == (failed.exit_code, resumed.exit_code)
    assert "asked\n" == airexec.read("asked")
    assert {"now": "1"} == start["plan"]["vars"]
    assert "1\n" == airexec.read(".airexec/jobs/v/logs/second.2.log") or "1\n" == log(airexec, "second")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            '"echo out; echo oops >&2; exit 3"',
            "var 'x': `echo out; echo oops >&2; exit 3` ended with exit code 3",
        ),
        ("[no-such-program]", "var 'x': `no-such-program` cannot be started: No such file or directory"),
        ("kill -9 $$", "var 'x': `kill -9 $$` was ended by SIGKILL"),
        ("\"printf '\\\\000'\"", "var 'x': `printf '\\000'` printed a NUL, which no text may hold"),
        ("\"printf '\\\\377'\"", "var 'x': `printf '\\377'` printed what is no UTF-8"),
        ("sleep 1000, timeout: 0.1", "var 'x': `sleep 1000` took longer than 0.1 s"),
        ("head -c 1100000 /dev/zero", "var 'x': `head -c 1100000 /dev/zero` printed more than 1024 KiB"),
    ],
)
def test_a_failure_is_no_run(command: str, said: str, airexec: Airexec) -> None:
    """With what the command has printed on stderr; nothing is left behind."""
    airexec.write(
        "w.yml", f"name: v\nvars: {{x: {{command: {command}}}}}\ntasks: {{a: {{command: 'echo {{{{ vars.x }}}}'}}}}\n"
    )

    result = airexec("run", "w.yml")

    printed = "oops\n" if "oops" in command else ""
    assert (1, f"{printed}airexec: error: {said}\n", "") == (result.exit_code, result.err, result.out)
    assert [] == list((airexec.folder / ".airexec/jobs/v/runs").iterdir())


def test_those_that_do_not_need_each_other_are_worked_out_side_by_side(airexec: Airexec) -> None:
    """Each waits for the other to have begun."""
    airexec.write(
        "w.yml",
        """\
        name: v
        vars:
          a: {command: "touch a; until [ -e b ]; do sleep 0.01; done; echo a"}
          b: {command: "touch b; until [ -e a ]; do sleep 0.01; done; echo b"}
        tasks: {x: {command: "echo {{ vars.a }}{{ vars.b }}"}}
    """,
    )

    result = airexec("run", "w.yml")

    assert (0, "ab\n") == (result.exit_code, log(airexec, "x"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_of_them_outlives_a_run_that_is_ended(number: signal.Signals, airexec: Airexec) -> None:
    """Also what has left its session."""
    airexec.write(
        "w.yml",
        """\
        name: v
        vars: {a: {command: "setsid sleep 1000 & touch up; sleep 1000"}}
        tasks: {x: {command: "echo {{ vars.a }}"}}
    """,
    )
    scheduler = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)
    airexec.wait_for_file("up")
    folder = run_dir(airexec)
    wait_until(lambda: processes_of(folder), "its processes")
    os.kill(scheduler.pid, number)
    scheduler.wait(DEADLINE_SECONDS)

    wait_until(lambda: not processes_of(folder), "the end of all of them")
    assert {signal.SIGINT: 130}.get(number, -number) == scheduler.returncode


def test_secrets_of_the_workflow_are_there_and_never_seen(airexec: Airexec) -> None:
    """Neither in the journal nor in what is said of a failure."""
    airexec.write(
        "w.yml",
        """\
        name: v
        secrets: [TOKEN]
        vars:
          good: {command: "echo got $TOKEN"}
          bad: {command: "echo $TOKEN >&2; false"}
        tasks:
          x: {command: "echo {{ vars.good }}"}
          y: {command: "echo {{ vars.bad }}", manual: true}
    """,
    )
    env = {"TOKEN": "s3cret-s3cret"}

    good, bad = airexec("run", "w.yml", env=env), airexec("run", "w.yml", "y", env=env)

    assert (0, 1) == (good.exit_code, bad.exit_code)
    assert "***\nairexec: error: var 'bad': " in bad.err
    assert "got ***\n" == log(airexec, "x")
    assert "s3cret" not in (run_dir(airexec) / "journal.jsonl").read_text()


def test_a_run_with_a_var_of_a_command_is_never_taken_for_still(airexec: Airexec) -> None:
    """What is up to date goes by its value."""
    airexec.write(
        "w.yml",
        """\
        name: v
        vars: {version: {command: cat version}}
        tasks: {build: {command: "echo {{ vars.version }} > out", sources: src, generates: out}}
    """,
    )
    airexec.write("src", "")
    airexec.write("version", "1\n")
    outs = [airexec("run", "w.yml").out for _ in range(3)]
    airexec.write("version", "2\n")
    last = airexec("run", "w.yml")

    assert ["1 up to date" in out for out in outs] == [False, True, True]
    assert (0, "2\n") == (last.exit_code, airexec.read("out"))
    assert "completed" == load_tasks(airexec, "v")["build"]["status"]


def test_clean_knows_what_tasks_make_whose_commands_use_vars(airexec: Airexec) -> None:
    """As far as their paths do not; and from their records where they do."""
    airexec.write(
        "w.yml",
        """\
        name: v
        vars: {version: {command: echo 1}}
        tasks:
          part: {command: "echo {{ vars.version }} > part", generates: part}
          whole: {command: "cat part > whole.{{ vars.version }}", sources: "p*", generates: "whole.{{ vars.version }}"}
    """,
    )
    ran = airexec("run", "w.yml")
    cleaned = airexec("clean", "w.yml", "-y")

    assert (0, "part\nwhole.1\nremoved 2 files\n") == (ran.exit_code, cleaned.out)


def test_a_resume_with_other_params_works_out_what_is_made_of_them(airexec: Airexec) -> None:
    """So that no command sees two values; what is made of none stays as it was."""
    airexec.write(
        "w.yml",
        """\
        name: v
        params: {who: p0}
        vars:
          text: "L-{{ params.who }}"
          asked: {command: "echo C-{{ vars.text }}"}
          fixed: {command: "echo x >> asked; wc -l < asked"}
        tasks: {a: {command: "echo {{ params.who }} {{ vars.text }} {{ vars.asked }} {{ vars.fixed }}; test -e ok"}}
    """,
    )
    airexec("run", "w.yml")
    airexec.write("ok", "")
    resumed = airexec("resume", "-p", "who=p1")

    assert 0 == resumed.exit_code, resumed.err
    assert "p1 L-p1 C-L-p1 1\n" in resumed.out


def test_a_condition_that_needs_a_var_is_left_open_before_a_run(airexec: Airexec) -> None:
    airexec.write(
        "w.yml",
        """\
        name: v
        vars: {q: {command: echo x}}
        tasks: {s: {command: "true", when: "vars.q == 'x'"}, t: {command: "true", when: "vars.q != 'x'"}}
    """,
    )

    shown = airexec("run", "w.yml", "-n").out

    assert "skipped" not in shown
    assert "1. s (when: vars.q == 'x')" in shown
