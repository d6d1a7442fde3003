"""Tasks that print without end: memory stays flat, others start and end on time, the log has both ends (D1, D2)."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.e2e.memory import Ended, peak_of
from tests.e2e.rig import Airexec, load_tasks, wait_until

MEGABYTE = 1_000_000
LOG_MAX = 64 * 1024 * 1024
RSS_MAX = 100 * MEGABYTE

FLOW = """\
name: flood
max_active_tasks: 20
tasks:
{floods}
  line: {{command: head -c {line} /dev/zero}}
  late: {{command: sleep 60, execution_timeout: 1, allow_failure: true}}
  first: {{command: "true"}}
  second: {{command: "true", dependencies: first}}
  third: {{command: "true", dependencies: second}}
"""


def run_floods(airexec: Airexec, flood_bytes: int, line_bytes: int, mode: str) -> Ended:
    floods = "\n".join(f'  flood{n}: {{command: "yes | head -c {flood_bytes}", shell: [sh, -c]}}' for n in range(8))
    airexec.write("flow.yml", FLOW.format(floods=floods, line=line_bytes))
    with open(os.devnull, "w") as nowhere:
        return peak_of(airexec.start("run", "flow.yml", "--output", mode, stdout=nowhere))


def ends(airexec: Airexec) -> list[str]:
    """Return the tasks in the order in which they ended."""
    path = next((airexec.folder / ".airexec").rglob("journal.jsonl"))
    events = [json.loads(line) for line in path.read_text().splitlines()]
    return [event["task"] for event in events if event["event"] in ("attempt_completed", "attempt_failed")]


def log(airexec: Airexec, task: str) -> Path:
    return airexec.folder / f".airexec/jobs/flood/logs/{task}.1.log"


def assert_both_ends(path: Path, printed: int, unit: bytes) -> None:
    """Of what a task printed by repeating `unit`, the log has the first and the last half, and says what is missing."""
    half, marker = LOG_MAX // 2, f"\n[airexec: {printed - LOG_MAX:>16} bytes of output were left out here]\n".encode()
    with path.open("rb") as file:
        first, between, last = file.read(half), file.read(len(marker)), file.read()

    assert marker == between
    is_whole = unit * (half // len(unit)) == first == last
    assert is_whole, "compared like this because nobody wants to see the difference of 32 MB"


@pytest.mark.parametrize(("flood", "line"), [(70 * MEGABYTE, 300 * MEGABYTE)])
def test_eight_floods_and_an_endless_line(airexec: Airexec, flood: int, line: int) -> None:
    """The scheduler stays small; a chain of tasks is through and a timeout strikes while they print."""
    ended = run_floods(airexec, flood, line, "grouped")
    order = ends(airexec)

    assert 0 == ended.exit_code
    assert ended.peak_bytes <= RSS_MAX
    assert order.index("third") < max(order.index(f"flood{n}") for n in range(8))
    assert "timed out after 1 s" == load_tasks(airexec, "flood")["late"]["error"]
    assert load_tasks(airexec, "flood")["late"]["duration"] < 10
    assert_both_ends(log(airexec, "line"), line, b"\0")
    assert_both_ends(log(airexec, "flood0"), flood, b"y\n")


@pytest.mark.soak
def test_eight_floods_and_an_endless_line_in_full_size(airexec: Airexec) -> None:
    """A gigabyte in one line, and half of one from each of eight tasks."""
    test_eight_floods_and_an_endless_line(airexec, 500 * MEGABYTE, 1500 * MEGABYTE)


@pytest.mark.parametrize("mode", ["stream", "prefixed"])
def test_output_that_is_shown_as_it_comes_is_not_collected(airexec: Airexec, mode: str) -> None:
    """A line without end, and lines faster than they can be shown."""
    ended = run_floods(airexec, MEGABYTE // 2, 5 * MEGABYTE, mode)

    assert 0 == ended.exit_code
    assert ended.peak_bytes <= RSS_MAX


def test_a_flood_is_ended_on_time(airexec: Airexec) -> None:
    """Also when what it prints is being shown, and it never stops by itself."""
    airexec.write("flow.yml", "name: flood\ntasks: {a: {command: 'yes', execution_timeout: 1}}\n")
    with open(os.devnull, "w") as nowhere:
        ended = peak_of(airexec.start("run", "flow.yml", "--output", "stream", stdout=nowhere))

    assert (1, "timed out after 1 s") == (ended.exit_code, load_tasks(airexec, "flood")["a"]["error"])
    assert load_tasks(airexec, "flood")["a"]["duration"] < 10
    assert ended.peak_bytes <= RSS_MAX


def test_a_log_has_the_bytes_of_the_task(airexec: Airexec) -> None:
    """Any bytes: NUL, CR, every byte by itself, broken UTF-8, no newline at the end; in no mode an exception."""
    data = bytes(range(256)) * 40 + b"\r\r\n\xc3\n\xff\xfe\0\0\xed\xa0\x80 \xf4\x90\x80\x80::queue {\n::output \xff"
    (airexec.folder / "data").write_bytes(data)
    airexec.write("flow.yml", "name: flood\ntasks:\n  a: {command: cat data}\n  b: {command: cat data >&2}\n")
    for mode in ("grouped", "stream", "prefixed", "quiet"):
        result = airexec("run", "flow.yml", "-k", "--output", mode)

        assert "Traceback" not in result.out + result.err
        assert (data, data) == (log(airexec, "a").read_bytes(), log(airexec, "b").read_bytes())


def test_nothing_is_lost_when_nobody_reads_for_a_while(airexec: Airexec) -> None:
    """More than a pipe holds; the run goes on as soon as somebody reads."""
    airexec.write("flow.yml", "name: flood\ntasks: {a: {command: 'touch began; head -c 300000 /dev/zero'}}\n")
    process = airexec.start("run", "flow.yml", "--output", "stream")
    airexec.wait_for_file("began")
    wait_until(lambda: log(airexec, "a").exists(), "the log")
    out, _ = process.communicate()

    assert (0, 300_000) == (process.returncode, out.count("\\x00"))


@pytest.mark.parametrize(("message", "heard"), [("short", 100), ("x" * 1000, 65)])
def test_messages_for_people_are_passed_on_up_to_a_bound(airexec: Airexec, message: str, heard: int) -> None:
    """A hundred, or 64 KiB; that there are more is said once. The log has them all; the next attempt says its own."""
    airexec.write("flow.yml", f"tasks: {{a: {{command: [{sys.executable}, flood.py], retries: 1, retry_delay: 0}}}}\n")
    airexec.write("flood.py", f"for number in range(20000): print('::notice \"{message}\"')\nexit(1)\n")

    airexec("run", "flow.yml")

    (journal,) = airexec.folder.glob(".airexec/jobs/flow/runs/*/journal.jsonl")
    events = map(json.loads, journal.read_text().splitlines())
    told = [event["message"] for event in events if event["event"] == "noticed"]
    more = "it has more to say: further messages are in its log only"
    assert [*[message] * heard, more] * 2 == told
    assert 20000 == (journal.parent / "logs/a.2.log").read_text().count(message)
