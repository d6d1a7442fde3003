"""Whatever tasks print and names hold: no command to a CI, no escape for a terminal, nothing that passes for ours."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, load_tasks, without_times
from tests.e2e.terminal import on_terminal
from tests.views.live.test_github import commands
from tests.views.test_sanitize import SAFE

GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true"}
EVIL = (
    "::error::x\n ::stop-commands::x\n\u3000::add-mask::x\n##[error]x\n##vso[task.x]y\nx\r::warning::y\r\n"
    "\x1b[31m::error::y\n\x1b]0;title\x07\x1b[2J\x1b[8mhidden\x9b31m\u202ebidi\n"
)
OWN = ("::group::", "::endgroup::", "::error file=", "::error title=", "::warning title=", "::notice title=")

FLOW = {
    "name": "sly",
    "description": EVIL,
    "params": {"p": {"type": "string", "default": EVIL, "description": EVIL}},
    "tasks": {
        "print": {"command": "cat evil; cat evil >&2; exit 3", "description": EVIL, "allow_failure": True},
        "notice": {"command": [sys.executable, "notice.py"]},
        "outputs": {"command": ["cat", "outputs"]},
        "argv": {"command": ["printf", "%s", "{{ params.p }}"], "description": EVIL},
        "spawn": {"command": ["/nowhere/{{ params.p }}"], "allow_failure": True},
        "folder": {"command": "true", "cwd": "{{ params.p }}", "allow_failure": True},
        "queue": {"command": ["cat", "queue"], "queue": True, "allow_failure": True},
        "skipped": {"command": "true", "when": f"params.p == {json.dumps('##[error] ::x')}"},
    },
}


@pytest.fixture
def sly(airexec: Airexec) -> Airexec:
    """A folder with a workflow that has hostile text wherever there may be text."""
    (airexec.folder / "evil").write_bytes(EVIL.encode() + b"\xff")
    airexec.write("flow.json", json.dumps(FLOW))
    airexec.write(
        "notice.py", f"import json\nfor verb in ('notice', 'error'): print('::' + verb, json.dumps({EVIL!r}))\n"
    )
    airexec.write("outputs", "::output " + json.dumps({"o": EVIL, EVIL: 1}) + "\n")
    airexec.write("queue", "::queue " + json.dumps({"id": EVIL, "command": EVIL}) + f"\n::queue [{EVIL!r}]\n")
    return airexec


def assert_harmless(text: str) -> None:
    """Nothing in it is a command that is not ours, and no escape but colours is left."""
    assert [] == [line for line in commands(text) if not line.startswith(OWN)]
    assert SAFE.fullmatch(text)


@pytest.mark.parametrize(
    "options", [["--output", mode] for mode in ("auto", "grouped", "stream", "prefixed", "quiet")] + [["--json"]]
)
def test_no_run_prints_a_command_or_an_escape(sly: Airexec, options: list[str]) -> None:
    """In no mode, on neither stream."""
    result = sly("run", "flow.json", "-k", *options, env=GITHUB)

    assert 0 == result.exit_code, result.err
    assert_harmless(result.out)
    assert_harmless(result.err)


def test_no_other_command_prints_a_command_or_an_escape(sly: Airexec) -> None:
    """Not of names, descriptions, errors, params, logs; nor in pictures or JSON, which stays readable."""
    sly("run", "flow.json", "-k")
    asked = [["logs"], ["logs", "print"], ["status"], ["status", "--json"], ["history"], ["history", "--json"]]
    asked += [["why", task] for task in load_tasks(sly, "sly")]
    asked += [["list", "flow.json"], ["list", "flow.json", "--json"], ["validate", "flow.json"]]
    asked += [["validate", "flow.json", "--json"], ["run", "flow.json", "--dry-run"]]
    for form in ("text", "dot", "mermaid", "json", "svg", "html"):
        asked += [["graph", "flow.json", "--format", form], ["graph", "sly", "--run", "latest", "--format", form]]
    for arguments in asked:
        result = sly(*arguments, env=GITHUB)

        assert (0, arguments) == (result.exit_code, arguments), result.err
        assert_harmless(result.out + result.err)
        if "--json" in arguments or "json" in arguments:
            json.loads(result.out)
        if "html" in arguments:
            json.loads(re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', result.out, re.DOTALL)[0])


def test_no_message_about_a_mistake_is_a_command_or_an_escape(sly: Airexec) -> None:
    """Names from the command line, names of files, source lines of a bad workflow."""
    evil_name = "##[error]\x1b[2J\n::error::x.yml"
    (sly.folder / evil_name).write_text("tasks: {a: {comand: x}}\n")
    sly.write(
        "bad.yml", f"tasks:\n  a: {{command: x}}  # \x1b[2J ##[error]\n  {json.dumps(EVIL)}: {{comand: x}} # \u202e\n"
    )
    sly("run", "flow.json", "-k")
    asked = [
        ["why", EVIL],
        ["logs", EVIL],
        ["logs", "print", EVIL],
        ["status", EVIL],
        ["history", EVIL],
        ["reset", EVIL],
    ]
    asked += [["run", "flow.json", EVIL], ["run", "flow.json", "-p", f"{EVIL}=1"], ["run", "flow.json", "-p", EVIL]]
    asked += [["run", "bad.yml"], ["validate", "bad.yml"], ["validate", "bad.yml", "--json"], ["graph", "bad.yml"]]
    asked += [["validate", evil_name], ["run", evil_name], ["run", "flow.json", "--state-dir", f"/dev/null/{EVIL}"]]
    asked += [
        ["run", "flow.json", "--params-file", EVIL],
        ["graph", "flow.json", "--format", EVIL],
        [EVIL],
        ["run", EVIL],
    ]
    asked += [
        ["graph", "flow.json", "-o", f"nowhere/{EVIL}.svg"],
        ["run", "flow.json", "--report-junit", f"evil/{EVIL}"],
    ]
    for arguments in asked:
        result = sly(*arguments, env=GITHUB)

        assert (True, arguments) == (result.exit_code in (2, 3, 73, 74), arguments), result
        assert_harmless(result.out + result.err)


def test_no_command_sends_an_escape_to_a_terminal(sly: Airexec) -> None:
    """On a real one, for which logs are not as they were printed; colours survive."""
    sly("run", "flow.json", "-k")
    asked = [
        ["logs"],
        ["logs", "print"],
        ["logs", "notice"],
        ["status"],
        ["why", "print"],
        ["why", EVIL],
        ["list", "flow.json"],
    ]
    asked += [
        ["graph", "flow.json"],
        *(["graph", "flow.json", "--format", form] for form in ("json", "dot", "html")),
        ["run", "flow.json", "--output", "stream"],
    ]
    shown = [on_terminal(sly, *arguments)[1] for arguments in asked]

    assert [] == [arguments for arguments, text in zip(asked, shown, strict=True) if not SAFE.fullmatch(text)]
    assert "\x1b[31m" in shown[1]


OURS = """\
✓ load  0.0 s
✗ load  0.0 s  exit code 1
▸ sly: run 20260101-000000-0000: 1 task, 2 at a time
sly: completed in 0.1 s: 1 task: 1 completed (run 20260101-000000-0000)
… and 3 more failed: airexec status sly
airexec: error: this is a bug in airexec
\x1b[32m✓\x1b[0m load  0.0 s
progress 10 %\r✓ load  0.0 s
\ufe0f✓ load  0.0 s
✓\u00a0load  0.0 s
"""


@pytest.mark.parametrize("mode", ["grouped", "stream", "prefixed", "quiet"])
@pytest.mark.parametrize("colour", [{}, {"FORCE_COLOR": "1"}])
def test_no_line_of_a_task_passes_for_one_of_ours(airexec: Airexec, mode: str, colour: dict[str, str]) -> None:
    """Column 0 is ours: with such a task there are the same lines of ours as with a silent one."""

    def our_lines(printed: str) -> list[str]:
        airexec.write("printed", printed)
        airexec.write(
            "flow.yml", "name: sly\ntasks: {a: {command: cat printed}, b: {command: exit 1, dependencies: a}}\n"
        )
        result = airexec("run", "flow.yml", "--output", mode, env=colour)
        text = re.sub("\x1b\\[[0-9;]*m|[\ufe00-\ufe0f]", "", without_times(result.out))
        return [line for line in text.splitlines() if line.startswith(("✓", "✗", "▸", "sly:", "airexec:", "…"))]

    assert our_lines("") == our_lines(OURS)


# --- C6: stdout goes away ---------------------------------------------------------------------------------------------

CHATTY = """\
name: chatty
tasks:
  a: {command: seq 100000}
  b: {command: "seq 100000; exit 3", dependencies: a}
  c: {command: touch c, dependencies: a}
"""


@pytest.mark.parametrize("options", ["--output grouped", "--output stream", "--json"])
@pytest.mark.parametrize(
    "where",
    [
        "| head -1",
        "| true",
        ">&-",
        "> /dev/full",
        "2>&-",
        "2> /dev/full",
        "> /dev/full 2>&1",
        ">&- 2>&-",
        "<&- >&- 2>&-",
    ],
)
def test_a_stdout_that_goes_away_disturbs_nothing(airexec: Airexec, options: str, where: str) -> None:
    """Exit code, tasks and journal are those of a run with a console; no traceback."""
    airexec.write("flow.yml", CHATTY)
    airexec("run", "flow.yml", "--output", "quiet")  # an unfinished run, which the next one wants to mention
    run = f"{shlex.quote(sys.executable)} -m airexec run flow.yml {options}"
    script = f"{{ {run}; echo $? > code; }} {where}" if "|" in where else f"{run} {where}; echo $? > code"
    done = subprocess.run(
        ["sh", "-c", script], cwd=airexec.folder, env=airexec.environment(), capture_output=True, text=True, check=False
    )

    assert ("1\n", "") == (
        airexec.read("code"),
        "".join(line for line in done.stderr.splitlines() if "airexec:" not in line),
    )
    assert {"a": "completed", "b": "failed", "c": "completed"} == {
        task_id: task["status"] for task_id, task in load_tasks(airexec, "chatty").items()
    }
    assert ["run_started", "run_finished"] == journal_ends(airexec.folder)


def journal_ends(folder: Path) -> list[str]:
    """Return the first and the last event of the newest run."""
    journal = max((folder / ".airexec/jobs/chatty/runs").iterdir()) / "journal.jsonl"
    lines = journal.read_text().splitlines()
    return [json.loads(line)["event"] for line in (lines[0], lines[-1])]


@pytest.mark.parametrize("format_name", ["dot", "mermaid", "svg", "html", "json", "text"])
def test_half_a_character_in_a_queued_task_is_drawn(format_name: str, airexec: Airexec) -> None:
    """JSON can carry a lone surrogate, UTF-8 cannot."""
    airexec.write("line", '::queue {"id": "q", "command": "true", "description": "a\\\\udcffb", "cwd": "x\\\\ud800"}\n')
    airexec.write("w.yml", "name: w\ntasks: {a: {command: cat line, queue: true}}\n")
    assert airexec("run", "w.yml").exit_code in (0, 1)

    drawn = airexec("graph", "--run", "latest", "--job", "w", "--format", format_name)

    assert (0, "") == (drawn.exit_code, drawn.err)
