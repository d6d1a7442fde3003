"""Tasks that leave things behind, refuse to end, end in odd ways, or turn against the run that started them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from airexec.attempt.prepare import Preparation
from airexec.run.loop import Loop
from airexec.run.ports import Ports
from airexec.run.session import SystemClock
from airexec.runner.processes import LocalProcesses
from airexec.scheduler.events import AttemptFailed, RunStarted, SignalSent
from airexec.scheduler.state import Run
from airexec.secrets.plain_data import Masking
from airexec.state.layout import RunFolder
from airexec.testing import MemoryJournal, make_plan, make_task
from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, statuses, wait_until
from tests.e2e.test_guardian import guardians, processes_of

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

DAEMONS = {
    "ampersand": "sh -c 'echo $$ >> ampersand; exec sleep 1000' &",
    "nohup": "nohup sh -c 'echo $$ >> nohup; exec sleep 1000' >/dev/null 2>&1 &",
    "setsid": "setsid sh -c 'echo $$ >> setsid; exec sleep 1000' &",
    "silent": "setsid sh -c 'echo $$ >> silent; exec sleep 1000' >/dev/null 2>&1 </dev/null &",
    "deaf": "setsid sh -c 'trap \"\" TERM INT HUP; echo $$ >> deaf; while :; do sleep 0.02; done' &",
    "double": f"'{sys.executable}' double_fork.py &",
    "stopped": "setsid sh -c 'echo $$ >> stopped; kill -STOP $$; exec sleep 1000' &",
    "storm": f"'{sys.executable}' storm.py &",
}
DOUBLE_FORK = """\
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open("double", "a") as file:
            file.write(f"{os.getpid()}\\n")
        time.sleep(1000)
os._exit(0)
"""
STORM = """\
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
children = []
for _ in range(50):
    if (child := os.fork()) == 0:
        os.setsid()
        time.sleep(1000)
    children.append(child)
with open("storm", "a") as file:
    file.write("".join(f"{pid}\\n" for pid in (*children, os.getpid())))
time.sleep(1000)
"""


def leaving(airexec: Airexec, *names: str) -> str:
    """Return tasks that each leave such a daemon behind once it runs."""
    airexec.write("double_fork.py", DOUBLE_FORK)
    airexec.write("storm.py", STORM)
    tasks = {name: {"command": f"{DAEMONS[name]} until [ -s {name} ]; do sleep 0.01; done"} for name in names}
    return json.dumps(tasks)[1:-1]


def left(airexec: Airexec, name: str) -> list[int]:
    """Return the pids of a daemon of this name."""
    return [int(pid) for pid in airexec.read(name).split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run_dir(airexec: Airexec, job: str = "w") -> Path:
    return max((airexec.folder / f".airexec/jobs/{job}/runs").iterdir())


def journal(airexec: Airexec, event: str) -> list[dict[str, Any]]:
    lines = (run_dir(airexec) / "journal.jsonl").read_text().splitlines()
    return [record for record in map(json.loads, lines) if record["event"] == event]


def run(airexec: Airexec, tasks: str, *options: str, exit_code: int = 0) -> dict[str, dict[str, Any]]:
    """Run these tasks, all at once, and return tasks.json."""
    airexec.write("w.yml", f"name: w\ntasks: {{{tasks}}}\n")
    result = airexec("run", "w.yml", "-j", "16", "--output", "quiet", *options)
    assert exit_code == result.exit_code, result
    return load_tasks(airexec, "w")


# --- what is left behind ----------------------------------------------------------------------------------------------


def test_whatever_a_task_leaves_behind_is_gone_while_the_run_goes_on(airexec: Airexec) -> None:
    """However it has fled; the attempt is good, and the journal names it."""
    airexec.write(
        "watch.py",
        f"""\
        import os, time
        def alive(pid):
            try:
                return open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[0] not in "ZX"
            except OSError:
                return False
        for name in {list(DAEMONS)}:
            while not os.path.exists(name) or any(alive(pid) for pid in open(name).read().split()):
                time.sleep(0.01)
        """,
    )
    watch = f'"watch": {{"command": ["{sys.executable}", "watch.py"], "execution_timeout": 50}}'

    tasks = run(airexec, f"{leaving(airexec, *DAEMONS)}, {watch}")

    assert dict.fromkeys(tasks, "completed") == {id_: task["status"] for id_, task in tasks.items()}
    sent = journal(airexec, "signal_sent")
    assert set(DAEMONS) == {event["task"] for event in sent if event["cause"] == "leftover"}
    assert {"deaf", "storm"} <= {event["task"] for event in sent if event["signal"] == "SIGKILL"}
    assert 51 == len(left(airexec, "storm"))


@pytest.mark.parametrize("name", ["setsid", "silent", "deaf"])
def test_nothing_lives_when_a_run_is_over(name: str, airexec: Airexec) -> None:
    """Even if the last thing it did was to leave a daemon."""
    run(airexec, leaving(airexec, name))

    assert [False] == [is_alive(pid) for pid in left(airexec, name)]
    assert "SIGTERM" in [event["signal"] for event in journal(airexec, "signal_sent") if event["cause"] == "leftover"]


def test_nothing_lives_after_a_failure(airexec: Airexec) -> None:
    """Which ends the other tasks too."""
    airexec.write("w.yml", "name: w\nfail_fast: true\nmax_active_tasks: 9\ntasks:\n  bad:\n    command: exit 1\n")
    text = airexec.read("w.yml").replace("exit 1", "until [ -s silent ] && [ -s deaf ]; do sleep 0.01; done; exit 1")
    slow = leaving(airexec, "silent", "deaf").replace("sleep 0.01; done", "sleep 0.01; done; sleep 1000")
    tasks = "".join(f"  {json.dumps(id_)}: {json.dumps(task)}\n" for id_, task in json.loads(f"{{{slow}}}").items())
    airexec.write("w.yml", text + tasks)

    assert 1 == airexec("run", "w.yml").exit_code

    assert [] == processes_of(run_dir(airexec))
    assert [False, False] == [is_alive(pid) for name in ("silent", "deaf") for pid in left(airexec, name)]


def test_nothing_lives_after_ctrl_c(airexec: Airexec) -> None:
    """Neither what runs nor what it has left elsewhere."""
    slow = leaving(airexec, "silent", "deaf").replace("sleep 0.01; done", "sleep 0.01; done; sleep 1000")
    airexec.write("w.yml", f"name: w\nmax_active_tasks: 9\ntasks: {{{slow}}}\n")
    process = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)
    for name in ("silent", "deaf"):
        airexec.wait_for_file(name)
    wait_until(lambda: airexec.read("silent") and airexec.read("deaf"), "both daemons")

    process.send_signal(signal.SIGINT)

    assert 130 == process.wait(DEADLINE_SECONDS)
    assert [] == processes_of(run_dir(airexec))


def test_what_is_allowed_in_the_background_outlives_the_run(airexec: Airexec) -> None:
    """Whether it has left the group or not."""
    tasks = json.loads(f"{{{leaving(airexec, 'nohup', 'silent')}}}")
    for task in tasks.values():
        task["background"] = "allow"

    run(airexec, json.dumps(tasks)[1:-1])

    pids = [*left(airexec, "nohup"), *left(airexec, "silent")]
    assert [True, True] == [is_alive(pid) for pid in pids]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("secret", [False, True])
def test_what_lives_on_in_the_background_may_print_on(secret: bool, airexec: Airexec) -> None:
    """Into the log of its task, or nowhere when nobody could mask it any more; and the attempt ends at once."""
    command = "(until [ -e go ]; do sleep .05; done; echo late; echo worse >&2; echo later; echo $$ > done) & echo now"
    secrets = "secrets: [KEY]\n" if secret else ""
    airexec.write("w.yml", f"name: w\n{secrets}tasks: {{a: {{command: '{command}', background: allow}}}}\n")

    assert 0 == airexec("run", "w.yml", env={"KEY": "swordfish"}).exit_code
    airexec.write("go", "")
    airexec.wait_for_file("done")

    assert load_tasks(airexec, "w")["a"]["duration"] < 1.5
    expected = ["now"] if secret else ["late", "later", "now", "worse"]
    wait_until(lambda: sorted(airexec("logs", "w", "a").out.split()) == expected, "all lines to be in the log")


def test_an_attempt_ends_with_its_leader_and_not_with_its_output(airexec: Airexec) -> None:
    """It may close its output early; it counts until it exits."""
    tasks = run(airexec, '"a": {"command": "exec >&- 2>&-; sleep 0.2; touch late; exit 3"}', exit_code=1)

    assert (3, True) == (tasks["a"]["exit_code"], (airexec.folder / "late").exists())


# --- what refuses to end ----------------------------------------------------------------------------------------------

GRACE = 0.4
TIMEOUT = 0.3
RESPAWN = """\
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        time.sleep(0.05)
        os._exit(0)
    time.sleep(0.01)
"""
REFUSING = {
    "ignores": ("sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"),
    "its children ignore": ("sh", "-c", "trap '' TERM; (while :; do sleep 0.05; done) & while :; do sleep 0.05; done"),
    "stops itself": ("sh", "-c", "trap '' TERM; while :; do kill -STOP $$; done"),
    "respawns": (sys.executable, "-c", RESPAWN),
    "goes on in its answer": ("sh", "-c", "trap 'sleep 1000' TERM; while :; do sleep 0.05; done"),
}


@pytest.mark.parametrize("how", REFUSING)
def test_the_ladder_ends_whatever_refuses_to(how: str, tmp_path: Path) -> None:
    """TERM, the grace, KILL, each of them an event; no more than two seconds beyond the grace."""
    folder = RunFolder(str(tmp_path), "20260102-030405-0000")
    for path in (folder.path, folder.logs, folder.side):
        os.makedirs(path)
    plan = make_plan(make_task("a", command=REFUSING[how], execution_timeout=TIMEOUT), path=str(tmp_path / "w.yml"))
    written = MemoryJournal()
    with LocalProcesses(run_dir=folder.path) as processes:
        ports = Ports(SystemClock(), processes, written, lambda run: None, grace=GRACE)
        before = time.monotonic()
        loop = Loop(Run(), plan, ports, Preparation(plan, folder, os.environ), Masking())
        loop.execute(RunStarted(folder.run_id, plan))
        took = time.monotonic() - before

    sent = [(event.signal, event.cause) for event in written.events() if isinstance(event, SignalSent)]
    assert [("SIGTERM", "timeout"), ("SIGKILL", "timeout")] == sent[:2]
    assert ["timed out after 0.3 s"] == [e.error for e in written.events() if isinstance(e, AttemptFailed)]
    assert TIMEOUT + GRACE <= took < TIMEOUT + GRACE + 2.0
    assert [] == processes_of(Path(folder.path))


# --- odd ends ---------------------------------------------------------------------------------------------------------


def test_every_exit_code_is_told_as_it_is(airexec: Airexec) -> None:
    """0 is good; 126 and 127 are explained."""
    words = {126: " (found, but cannot be executed)", 127: " (command not found)"}
    task = {"command": ["sh", "-c", "exit {{ matrix.n }}"], "matrix": {"n": list(range(256))}}

    tasks = run(airexec, f'"a": {json.dumps(task)}', exit_code=1)

    expected: dict[str, tuple[str, int, str | None]]
    expected = {f"a[{n}]": ("failed", n, f"exit code {n}{words.get(n, '')}") for n in range(1, 256)}
    expected["a[0]"] = ("completed", 0, None)
    assert expected == {id_: (it["status"], it["exit_code"], it["error"]) for id_, it in tasks.items()}


HARMLESS = {"CHLD", "CONT", "URG", "WINCH", "TSTP", "TTIN", "TTOU"}
"""By default they do nothing, the last three because nobody could continue a session without a terminal."""


def test_every_signal_is_told_by_name_and_by_whose_it_was_not(airexec: Airexec) -> None:
    """STOP ends nothing, so that is left to the timeout."""
    names = {number: signal.Signals(number).name for number in range(1, 32)}
    command = "ulimit -c 0; kill -{{ matrix.n }} $$; exit 0"
    task = {"command": command, "matrix": {"n": list(names)}, "execution_timeout": 2}

    tasks = run(airexec, f'"a": {json.dumps(task)}', exit_code=1)

    expected: dict[str, tuple[int, str | None]] = {}
    for number, name in names.items():
        memory = "; likely out of memory" if name == "SIGKILL" else ""
        expected[f"a[{number}]"] = 128 + number, f"killed by signal {number} ({name}), not by airexec{memory}"
        if name.removeprefix("SIG") in HARMLESS:
            expected[f"a[{number}]"] = 0, None
    expected[f"a[{int(signal.SIGSTOP)}]"] = 128 + signal.SIGTERM, "timed out after 2 s"
    assert expected == {id_: (it["exit_code"], it["error"]) for id_, it in tasks.items()}


# --- what a task is given ---------------------------------------------------------------------------------------------


def test_a_task_is_given_three_descriptors_clean_signals_and_what_is_documented(airexec: Airexec) -> None:
    """Whatever our caller has left open, ignores or blocks."""
    airexec.write(
        "w.yml",
        """\
        name: w
        tasks:
          fds: {command: [sh, -c, "ls /proc/self/fd"]}
          stdin: {command: [readlink, /proc/self/fd/0]}
          status: {command: [grep, "^Sig[BI]", /proc/self/status]}
          env: {command: [env, "-0"], env: {MINE: "1"}}
          session: {command: [cut, "-d ", "-f", "1,5,6", /proc/self/stat]}
          pipe: {command: [sh, -c, "kill -PIPE $$"], allow_failure: true}
        """,
    )
    leak = os.open(os.devnull, os.O_RDONLY)

    def upset() -> None:
        for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGALRM, signal.SIGTERM})

    try:
        done = subprocess.run(
            [sys.executable, "-m", "airexec", "run", "w.yml", "--output", "quiet"],
            cwd=airexec.folder,
            env={**airexec.environment(), "GIVEN": "x"},
            input=b"ours",
            pass_fds=[leak],
            preexec_fn=upset,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    finally:
        os.close(leak)

    def log(task: str) -> str:
        return (run_dir(airexec) / f"logs/{task}.1.log").read_text()

    assert 0 == done.returncode
    assert "0\n1\n2\n3\n" == log("fds")  # 3 is the listing itself
    assert "/dev/null\n" == log("stdin")
    masks = [int(line.split()[1], 16) for line in log("status").splitlines()]
    libc = 1 << 31 | 1 << 32  # 32 and 33 belong to the C library
    assert [0, 0] == [mask & ~libc for mask in masks]
    assert 1 == len(set(log("session").split()))
    assert 128 + signal.SIGPIPE == load_tasks(airexec, "w")["pipe"]["exit_code"]
    given = dict(entry.split("=", 1) for entry in log("env").split("\0") if entry)
    path = run_dir(airexec)
    assert set(airexec.environment()) | {"GIVEN", "MINE"} | {
        "AIREXEC_JOB",
        "AIREXEC_RUN",
        "AIREXEC_TASK",
        "AIREXEC_ATTEMPT",
        "AIREXEC_QUEUE",
        "AIREXEC_OUTPUT",
        "AIREXEC_RUN_DIR",
        "TRACEPARENT",
        "PWD",
        "PYTHONUNBUFFERED",
    } == set(given)
    assert ("x", "1", "w", path.name, "env", "1", str(path), "1") == tuple(
        given[name]
        for name in (
            "GIVEN",
            "MINE",
            "AIREXEC_JOB",
            "AIREXEC_RUN",
            "AIREXEC_TASK",
            "AIREXEC_ATTEMPT",
            "AIREXEC_RUN_DIR",
            "PYTHONUNBUFFERED",
        )
    )


def test_there_is_no_terminal_to_hang_on(airexec: Airexec) -> None:
    """Opening it fails at once, and so the shell says."""
    tasks = run(airexec, '"a": {"command": "exec 3</dev/tty"}, "b": {"command": "cat"}', exit_code=1)

    assert ("failed", "completed") == (tasks["a"]["status"], tasks["b"]["status"])
    assert "/dev/tty" in (run_dir(airexec) / "logs/a.1.log").read_text()


# --- lines and floods -------------------------------------------------------------------------------------------------


def test_command_lines_that_do_not_count_are_told(airexec: Airexec) -> None:
    """One on stderr; one printed after the exit of the leader."""
    late = "(until [ -e gone ]; do sleep 0.01; done; echo '::output {\"b\": 1}') & (sleep 0.02; touch gone) &"
    command = f"echo '::output {{\"a\": 1}}' >&2; {late} exit 0"

    run(airexec, f'"a": {json.dumps({"command": command})}')

    (end,) = journal(airexec, "attempt_completed")
    assert {} == end.get("outputs", {})
    assert "2 `::` lines ignored (on stderr, or printed after the exit)" == end["note"]


@pytest.mark.parametrize("megabytes", [150, pytest.param(1500, marks=pytest.mark.soak)])
def test_a_line_without_an_end_does_not_stay_in_memory(megabytes: int, airexec: Airexec) -> None:
    """The task looks at our peak while its line is still open."""
    command = f"head -c {megabytes}000000 /dev/zero; grep VmHWM /proc/$PPID/status > peak"

    run(airexec, f'"a": {json.dumps({"command": command})}')

    log = run_dir(airexec) / "logs/a.1.log"
    assert int(airexec.read("peak").split()[1]) < 100_000  # kB
    assert 64 * 1024 * 1024 < log.stat().st_size < 64 * 1024 * 1024 + 200


# --- tasks against their run ------------------------------------------------------------------------------------------


def test_a_task_that_kills_the_scheduler_dies_with_it(airexec: Airexec) -> None:
    """And the run can be resumed."""
    killer = "[ -e go ] && exit 0; until [ -s silent ]; do sleep 0.01; done; kill -9 $PPID; exec sleep 1000"
    tasks = f'{leaving(airexec, "silent")}, "killer": {json.dumps({"command": killer})}'
    airexec.write("w.yml", f"name: w\nmax_active_tasks: 2\ntasks: {{{tasks}}}\n")
    process = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)

    assert -signal.SIGKILL == process.wait(DEADLINE_SECONDS)
    killed_at = time.monotonic()
    wait_until(lambda: not processes_of(run_dir(airexec)), "the end of all processes")

    assert time.monotonic() - killed_at < 2.0
    airexec.write("go", "")
    assert 0 == airexec("resume", "w").exit_code
    assert {"silent": "completed", "killer": "completed"} == statuses(airexec, "w")


def test_a_task_that_kills_the_guardian_changes_nothing(airexec: Airexec) -> None:
    """The run is as good as before."""
    airexec.write("w.yml", "tasks: {a: {command: 'touch up; until [ -e go ]; do sleep 0.01; done'}}\n")
    process = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")
    (guardian,) = guardians(process.pid)
    os.kill(guardian, signal.SIGKILL)
    airexec.write("go", "")
    out, err = process.communicate(timeout=DEADLINE_SECONDS)

    assert (0, "") == (process.returncode, err), out


def test_a_task_may_delete_its_log_and_its_folder(airexec: Airexec) -> None:
    """Its output is still shown; the next task there fails with a word."""
    airexec.write("gone/x", "")
    airexec.write(
        "w.yml",
        """\
        name: w
        tasks:
          log: {command: "log=$AIREXEC_RUN_DIR/logs/log.1.log; echo one; until rm $log; do :; done; echo two"}
          folder: {command: "rm -r ../gone; echo said", cwd: gone, dependencies: log}
          there: {command: echo never, cwd: gone, dependencies: folder}
        """,
    )

    result = airexec("run", "w.yml")

    tasks = load_tasks(airexec, "w")
    assert 1 == result.exit_code
    assert ["completed", "completed", "failed"] == [tasks[id_]["status"] for id_ in ("log", "folder", "there")]
    assert f"working directory '{airexec.folder}/gone': No such file or directory" == tasks["there"]["error"]


@pytest.mark.parametrize("harm", ["rm -rf $AIREXEC_RUN_DIR", "mv .airexec elsewhere"])
def test_a_task_that_takes_the_state_away_ends_the_run(harm: str, airexec: Airexec) -> None:
    """Within a second, with everything that runs, and nothing is made again."""
    tasks = f'{leaving(airexec, "deaf")}, "rm": {{"command": "{harm}; touch up; exec sleep 1000"}}'
    airexec.write("w.yml", f"name: w\nmax_active_tasks: 2\ntasks: {{{tasks}}}\n")
    process = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)
    airexec.wait_for_file("up")

    _, err = process.communicate(timeout=DEADLINE_SECONDS)

    assert 74 == process.returncode, err
    assert "Traceback" not in err
    assert not list((airexec.folder / ".airexec").glob("jobs/w/runs/*/journal.jsonl"))
    assert [False] == [is_alive(pid) for pid in left(airexec, "deaf")]


def test_junk_that_a_task_writes_into_the_journal_is_never_taken_for_events(airexec: Airexec) -> None:
    """The run goes on or ends with a word; whoever reads it later learns where the damage is."""
    command = "echo junk >> $AIREXEC_RUN_DIR/journal.jsonl"
    airexec.write("w.yml", f"name: w\ntasks: {{a: {{command: {command}}}, b: {{command: touch b, dependencies: a}}}}\n")
    ran = airexec("run", "w.yml")

    looked = airexec("status", "w")

    assert "Traceback" not in ran.err + looked.err
    assert 65 == looked.exit_code
    assert "journal.jsonl" in looked.err


def test_a_task_that_writes_into_the_lock_lets_nobody_in(airexec: Airexec) -> None:
    """What the file says is for people; the lock is in the kernel."""
    airexec.write(
        "w.yml",
        "tasks: {a: {command: 'echo junk > .airexec/jobs/w/lock; airexec run w.yml || echo $? > code'}}\n",
    )

    assert 0 == airexec("run", "w.yml").exit_code

    assert "75\n" == airexec.read("code")


def test_a_scheduler_that_is_stopped_and_continued_goes_on(airexec: Airexec) -> None:
    """Whatever its tasks did meanwhile."""
    airexec.write("w.yml", "tasks: {a: {command: 'touch up; until [ -e go ]; do sleep 0.01; done; touch done'}}\n")
    process = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")
    process.send_signal(signal.SIGSTOP)
    airexec.write("go", "")
    airexec.wait_for_file("done")

    process.send_signal(signal.SIGCONT)

    assert 0 == process.wait(DEADLINE_SECONDS)
    assert {"a": "completed"} == statuses(airexec, "w")


def test_a_task_that_has_exited_in_time_has_not_timed_out(airexec: Airexec) -> None:
    """Though nobody looked at the time: the scheduler was stopped, and continued when the limit was over."""
    airexec.write(
        "w.yml", "tasks: {a: {command: 'touch up; until [ -e go ]; do sleep 0.01; done', execution_timeout: 2s}}\n"
    )
    process = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")
    began = time.monotonic()
    process.send_signal(signal.SIGSTOP)
    airexec.write("go", "")
    wait_until(lambda: time.monotonic() - began > 2.5, "the limit to be over")
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=DEADLINE_SECONDS)

    assert 0 == process.returncode
    assert "completed" == load_tasks(airexec, "w")["a"]["status"]
