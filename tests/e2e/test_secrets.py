"""No secret comes out: not in a log, on a terminal, in the journal or a view, in no spelling (promise D4)."""

import base64
import json
import shlex
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, load_tasks
from tests.e2e.terminal import on_terminal

TOKEN = "t0k'n \"$/\\w+é&x=9Zq"
TASK_TOKEN = "task-t0ken-7Rk2"
NAMED = "named-by-the-task-Xq1"
SECRETS = {"API_TOKEN": TOKEN, "TASK_TOKEN": TASK_TOKEN}

PRINT = """\
import base64, json, os, shlex, sys, time, urllib.parse
def spellings(secret):
    data = secret.encode()
    yield secret
    yield from (base64.b64encode(b"xyz"[:offset] + data + b"tail").decode() for offset in range(3))
    yield from (base64.urlsafe_b64encode(b"xyz"[:offset] + data).decode() for offset in range(3))
    yield from (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret))
    yield from (urllib.parse.quote(secret), urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret))
    yield shlex.quote(secret)
def tell(stream, text):
    for at in range(0, len(text), 3):
        os.write(stream, text[at:at + 3])
named = "named-by-" + "the-task-Xq1"
print(f'::mask "{named}"', flush=True)
for secret in (os.environ["API_TOKEN"], os.environ["TASK_TOKEN"], named):
    for spelling in spellings(secret):
        tell(1, f"<{spelling}>\\n".encode())
        tell(2, f"<{spelling}>\\n".encode())
    for verb in ("notice", "warning", "error"):
        print(f"::{verb} {json.dumps('it is ' + secret)}")
    print("::output " + json.dumps({"value": secret, secret: [secret]}))
"""

FLOW = """\
name: sly
secrets: [API_TOKEN]
params: {given: none}
tasks:
  print: {command: [python3, print.py], secrets: [TASK_TOKEN]}
  argv: {command: [printf, "%s", "{{ params.given }}", "{{ tasks.print.outputs.value }}"], dependencies: print}
  shell: {command: 'test {{ params.given }} = "$API_TOKEN" && exit 4', allow_failure: true}
  spawn: {command: ["/nowhere/{{ params.given }}"], allow_failure: true}
  folder: {command: "true", cwd: "/nowhere/{{ params.given }}", allow_failure: true}
  template: {command: "echo {{ tasks.print.outputs[params.given] }}", dependencies: print, allow_failure: true}
  skipped: {command: "true", when: "params.given == 'task-t0ken-7Rk2'"}
  queue:
    command: |
      python3 -c 'import json, os
      print("::queue " + json.dumps({"id": "q", "command": "echo " + os.environ["API_TOKEN"]}))'
    queue: true
    allow_failure: true
  queue_badly:
    command: |
      python3 -c 'import json, os
      for key in ("id", "dependencies"): print("::queue " + json.dumps({key: os.environ["API_TOKEN"], "comand": "x"}))'
    queue: true
    allow_failure: true
  queue_named:
    dependencies: print
    command: |
      printf '::queue {"id": "n", "command": ["echo", "named-by-%s"]}\\n' the-task-Xq1
    queue: true
    allow_failure: true
  side_channels:
    command: |
      airexec output "value=$API_TOKEN"
      echo "$API_TOKEN" | airexec queue --command 'true' || true
    allow_failure: true
  failing: {command: 'airexec output "value=$API_TOKEN"; exit 1', allow_failure: true}
  last: {command: "echo $API_TOKEN >&2; exit 1", dependencies: [argv, print]}
"""


@pytest.fixture
def sly(airexec: Airexec) -> Airexec:
    """A folder with tasks that print their secrets in every way."""
    airexec.write("print.py", PRINT)
    airexec.write("flow.yml", FLOW)
    return airexec


def spellings(secret: str) -> Iterator[bytes]:
    """Yield what must not be found anywhere; of base64 what the secret alone decides."""
    data = secret.encode()
    for offset in range(3):
        whole = base64.b64encode(b"xyz"[:offset] + data)
        core = whole[(0, 2, 3)[offset] : (offset + len(data)) * 8 // 6]
        yield from (core, core.replace(b"+", b"-").replace(b"/", b"_"))
    texts = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]]
    texts += [urllib.parse.quote(secret), urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)]
    texts += [shlex.quote(secret).strip("'")]
    yield from (text.encode() for text in texts)


def leaks(data: bytes) -> list[bytes]:
    return [form for secret in (TOKEN, TASK_TOKEN, NAMED) for form in spellings(secret) if form in data]


def leaking_files(folder: Path) -> dict[str, list[bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): found for path in files if (found := leaks(path.read_bytes()))}


@pytest.mark.parametrize(
    "options",
    [["--output", "grouped"], ["--output", "stream"], ["--output", "prefixed"], ["--output", "quiet"], ["--json"]],
)
def test_no_secret_is_on_the_console_or_in_a_file(sly: Airexec, options: list[str]) -> None:
    """Plain and in each spelling, in pieces of three bytes, on both streams, in outputs, errors, argv and params."""
    given = ["run", "flow.yml", "-k", "-p", f"given={TOKEN}", "--report-junit", ".airexec/junit.xml", *options]
    result = sly(*given, env=SECRETS)

    assert 1 == result.exit_code, result
    assert [] == leaks((result.out + result.err).encode())
    assert {} == leaking_files(sly.folder / ".airexec")


def test_no_secret_is_in_an_annotation_or_the_summary_of_github(sly: Airexec) -> None:
    """Nor does the masked text stay away."""
    env = {**SECRETS, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(sly.folder / "summary.md")}
    result = sly("run", "flow.yml", "-k", "-p", f"given={TOKEN}", env=env)

    assert "::error title=sly%3A print::it is ***" in result.out.splitlines()
    assert [] == leaks((result.out + result.err + sly.read("summary.md")).encode())


def test_no_secret_is_in_what_is_shown_of_a_run(sly: Airexec) -> None:
    """`why`, `logs`, `status`, `history` and the pictures of a run; none of them knows the secrets."""
    sly("run", "flow.yml", "-k", "-p", f"given={TOKEN}", env=SECRETS)
    tasks = load_tasks(sly, "sly")
    asked = [["logs"], ["status"], ["status", "--json"], ["history"], *(["why", task] for task in tasks)]
    asked += [["graph", "sly", "--run", "latest", "--format", form] for form in ("text", "html", "json", "svg")]
    results = [sly(*arguments) for arguments in asked]

    assert [0] * len(asked) == [result.exit_code for result in results]
    assert [] == leaks("".join(result.out + result.err for result in results).encode())


def test_tasks_get_the_secrets_that_are_masked(sly: Airexec) -> None:
    """The run is none the worse for it: only what is written down has the mask."""
    sly("run", "flow.yml", "-k", "-p", f"given={TOKEN}", env=SECRETS)
    tasks = load_tasks(sly, "sly")

    assert {"value": "***", "***": ["***"]} == tasks["print"]["outputs"]
    assert "exit code 4" == tasks["shell"]["error"]
    assert "program '/nowhere/***' not found" in tasks["spawn"]["error"]


def test_a_queued_task_that_holds_a_secret_is_refused(sly: Airexec) -> None:
    """It would be in the journal; also when the task itself has named the secret, by `::mask`."""
    sly("run", "flow.yml", "-k", env=SECRETS)
    tasks = load_tasks(sly, "sly")

    refused = "nothing was queued: task '{}' holds the value of a secret; give it by `secrets:` and use the variable"
    assert (refused.format("q"), refused.format("n")) == (tasks["queue"]["error"], tasks["queue_named"]["error"])
    assert {"q", "n"}.isdisjoint(tasks)


def test_a_dry_run_shows_no_secret(sly: Airexec) -> None:
    """Whether it comes by a param or is asked for by name, and without asking for those that are not set."""
    sly.write("flow.yml", FLOW + '  asking: {command: \'echo {{ env["API_" ~ "TOKEN"] }}\', secrets: [NOT_SET]}\n')
    result = sly("run", "flow.yml", "--dry-run", "-p", f"given={TOKEN}", env=SECRETS)

    assert (1, []) == (result.exit_code, leaks((result.out + result.err).encode()))
    assert "/nowhere/***" in result.out


def test_the_live_view_shows_no_secret(sly: Airexec) -> None:
    """On a terminal, where the last line of each task is drawn while it runs."""
    exit_code, shown = on_terminal(sly, "run", "flow.yml", "-k", "-p", f"given={TOKEN}", env=SECRETS)

    assert 1 == exit_code
    assert "***" in shown
    assert [] == leaks(shown.encode())


def test_a_value_that_is_too_short_is_not_masked_and_that_is_said_once(airexec: Airexec) -> None:
    """By a warning with the reason."""
    airexec.write(
        "flow.yml", "tasks:\n  a:\n    command: |\n      echo '::mask \"abc\"'\n      echo '::mask \"abd\"'\n"
    )
    result = airexec("run", "flow.yml")

    assert 0 == result.exit_code
    assert ["◆ a  warning: line 1: ::mask has no effect: a secret must have at least 6 bytes to be masked"] == [
        line for line in result.out.splitlines() if "warning" in line
    ]


def test_a_run_with_a_secret_in_its_file_is_resumed(airexec: Airexec) -> None:
    """The journal has it masked, so it is taken from the file, which counts as unchanged."""
    flow = "name: sly\nsecrets: [API_TOKEN]\ntasks:\n  a:\n    command: test hunter22 = $API_TOKEN && test -e go\n"
    airexec.write("flow.yml", flow)
    env = {"API_TOKEN": "hunter22"}
    first = airexec("run", "flow.yml", env=env)
    airexec.write("go", "")
    second = airexec("resume", "sly", env=env)

    assert (1, 0) == (first.exit_code, second.exit_code), second
    assert "test *** = $API_TOKEN && test -e go" == load_tasks(airexec, "sly")["a"]["command"]
    assert not [
        path for path in (airexec.folder / ".airexec").rglob("*") if path.is_file() and b"hunter22" in path.read_bytes()
    ]


def test_a_param_that_held_a_secret_cannot_be_resumed(airexec: Airexec) -> None:
    """It is nowhere; and `***` must not pass for it."""
    airexec.write("flow.yml", "name: sly\nparams: {p: ''}\nsecrets: [API_TOKEN]\ntasks: {a: {command: 'exit 1 # x'}}\n")
    env = {"API_TOKEN": "hunter22"}
    airexec("run", "flow.yml", "-p", "p=hunter22", env=env)
    result = airexec("resume", "sly", env=env)

    assert (2, "airexec: error: param 'p' held a secret, which the journal does not keep") == (
        result.exit_code,
        result.err.splitlines()[0],
    )


def test_what_a_task_names_is_masked_in_a_run_without_other_secrets(airexec: Airexec) -> None:
    """In its outputs, also as a number, and in what it queues."""
    airexec.write(
        "flow.yml",
        """\
        name: sly
        tasks:
          a: {command: "cat printed", queue: true, allow_failure: true}
          b: {command: "cat outputs"}
        """,
    )
    airexec.write("printed", '::mask "hunter22"\n::queue {"id": "q", "command": "echo hunter22"}\n')
    airexec.write("outputs", '::mask "12345678"\n::output {"pin": 12345678, "text": "it is 12345678"}\n')
    airexec("run", "flow.yml", "-j", "1")
    tasks = load_tasks(airexec, "sly")

    assert {"pin": "***", "text": "it is ***"} == tasks["b"]["outputs"]
    assert (["a", "b"], "failed") == (list(tasks), tasks["a"]["status"])


def test_who_finds_the_job_locked_does_not_learn_the_secret(airexec: Airexec) -> None:
    """The lock file has the command line of its holder, for others to read."""
    flow = "name: sly\nsecrets: [API_TOKEN]\nparams: {p: ''}\ntasks: {a: {command: 'touch began; sleep 60'}}\n"
    airexec.write("flow.yml", flow)
    env = {"API_TOKEN": "hunter22"}
    airexec.start("run", "flow.yml", "-p", "p=hunter22", env=env)
    airexec.wait_for_file("began")
    result = airexec("run", "flow.yml", env=env)

    assert (75, True, False) == (result.exit_code, "p=***" in result.err, "hunter22" in result.err)
    assert "hunter22" not in airexec.read(".airexec/jobs/sly/lock")


@pytest.mark.parametrize("selected", [(), ("other",)])
def test_a_secret_of_a_task_is_known_to_no_other(selected: tuple[str, ...], airexec: Airexec) -> None:
    """Neither where both run, nor where only the other does; those of the workflow are known to all."""
    airexec.write(
        "w.yml",
        """\
        secrets: [API_TOKEN]
        templates: {queued: {command: "echo queued ${TASK_TOKEN:+it} ${API_TOKEN:+all} >> seen", secrets: [TASK_TOKEN]}}
        tasks:
          deploy: {command: "echo deploy ${TASK_TOKEN:+it} ${API_TOKEN:+all} >> seen", secrets: [TASK_TOKEN]}
          other: {command: "echo other ${TASK_TOKEN:+it} ${API_TOKEN:+all} >> seen", dependencies: []}
          grows: {command: "airexec queue --template queued --id q", queue: [queued]}
        """,
    )

    result = airexec("run", "w.yml", *selected, env=SECRETS)

    assert 0 == result.exit_code
    expected = {"other all"} if selected else {"other all", "deploy it all", "queued it all"}
    assert expected == {" ".join(line.split()) for line in airexec.read("seen").splitlines()}


def test_a_secret_of_an_env_file_is_hidden_as_one_of_the_caller(airexec: Airexec) -> None:
    """Wherever it stands, in the file itself and in params too; of two tasks each may have a value of its own. It wins
    over the caller's, which nobody gets then."""
    airexec.write("job.env", f"API_TOKEN={TASK_TOKEN}\n")
    airexec.write("eu.env", f"API_TOKEN={NAMED}\n")
    airexec.write(
        "w.yml",
        f"""\
        env_file: job.env
        params: {{given: none}}
        tasks:
          one:
            command: 'echo "$API_TOKEN" {{{{ params.given }}}} > one; cat one; echo {NAMED}'
            secrets: [API_TOKEN]
          two: {{command: 'echo "$API_TOKEN" > two; cat two', env_file: eu.env, secrets: [API_TOKEN]}}
          not: {{command: 'echo "<${{API_TOKEN-none}}>" > not'}}
        """,
    )

    result = airexec("run", "w.yml", "-p", f"given={TASK_TOKEN}", env={"API_TOKEN": TOKEN})

    assert 0 == result.exit_code, result
    assert (f"{TASK_TOKEN} {TASK_TOKEN}\n", f"{NAMED}\n", "<none>\n") == tuple(map(airexec.read, ("one", "two", "not")))
    assert [] == leaks((result.out + result.err).encode())
    assert {} == leaking_files(airexec.folder / ".airexec")
    looked = airexec("run", "-n", "w.yml").out
    assert '1. one\n     echo "$API_TOKEN" none > one; cat one; echo ***\n' == looked.partition("2. ")[0]


def test_a_secret_of_an_env_file_that_a_task_makes_is_hidden_from_then_on(airexec: Airexec) -> None:
    """Nobody could know it before; no other task need wait for it."""
    airexec.write(
        "w.yml",
        """\
        tasks:
          make: {command: 'printf "API_TOKEN=named-by-%s" the-task-Xq1 > made.env; airexec output path=made.env'}
          use:
            command: 'echo "$API_TOKEN"; airexec output "value=$API_TOKEN"'
            dependencies: make
            env_file: "{{ tasks.make.outputs.path }}"
            secrets: [API_TOKEN]
        """,
    )

    result = airexec("run", "w.yml")

    assert 0 == result.exit_code, result
    assert {"value": "***"} == load_tasks(airexec, "w")["use"]["outputs"]
    assert [] == leaks((result.out + result.err).encode())
    assert {} == leaking_files(airexec.folder / ".airexec")


def test_an_optional_secret_may_be_missing_and_a_needed_one_may_not(airexec: Airexec) -> None:
    """A CI server sets one that it does not give to a pull request to nothing."""
    airexec.write(
        "w.yml",
        """\
        env_file: [{path: .env, optional: true}]
        tasks:
          a: {command: 'echo "${API_TOKEN-none}" > a', secrets: [{name: API_TOKEN, optional: true}]}
          b: {command: 'echo b', secrets: [TASK_TOKEN]}
        """,
    )

    result = airexec("run", "w.yml", "a", env={"API_TOKEN": ""})
    refused = airexec("run", "w.yml")

    assert (0, "none\n") == (result.exit_code, airexec.read("a"))
    assert (
        2,
        "",
        "airexec: error: secret 'TASK_TOKEN' is not set in the environment, nor in .env\n"
        "  hint: export TASK_TOKEN=…, or put it into an env_file; {name: TASK_TOKEN, optional: true} may be missing\n",
    ) == refused
