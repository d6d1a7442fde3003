"""The README tells the truth: its files are good files, its commands exist, its tables are complete."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from airexec.cli.application import COMMANDS, command_line
from airexec.errors import AirexecError
from airexec.graph.read import read_workflow_with_warnings
from airexec.workflow.model import TriggerRule
from airexec.workflow.schema.published import failures, schema_text
from tests.e2e.rig import ROOT, Airexec

README = (ROOT / "README.md").read_text()

SHOP = """\
name: shop
params: {region: eu}
tasks:
  build:
    command: make {{ params.regoin }}
  test:
    comand: pytest
    dependencies: [biuld]
"""
"""The file behind the error messages in the README."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_workflow_in_it_is_a_good_one(text: str, tmp_path: Path) -> None:
    """Without errors and without warnings."""
    path = tmp_path / "workflow.yml"
    path.write_text(text)

    assert [] == list(read_workflow_with_warnings(path).warnings)


def test_every_queue_line_in_it_is_a_good_one() -> None:
    """By the published schema."""
    lines = [*"".join(blocks("json")).splitlines(), *re.findall(r"::queue (\{.*?\})`", README)]

    assert 3 == len(lines)
    assert [] == [problem for line in lines for problem in failures("queue", json.loads(line))]


@pytest.mark.parametrize("title", ["Quick start", "Tests"])
def test_the_first_block_of_these_sections_is_one_command(title: str) -> None:
    """So that it can be copied at once, by a person or by .ci/run."""
    section = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    first = re.search(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)

    assert first is not None
    assert 1 == len(first[1].splitlines())


def shown_commands() -> Iterator[str]:
    """Yield what is written of each command after `airexec`, in blocks for the shell and in running text."""
    for line in "".join(blocks("sh")).splitlines():
        for part in re.split(r"&& |\| ", line):
            if part.startswith("airexec "):
                yield part.removeprefix("airexec ")
    yield from (text for text in re.findall(r"`airexec ([^`]+)`", README) if "--help" not in text)


@pytest.mark.parametrize("shown", sorted(set(shown_commands())))
def test_every_command_in_it_exists_with_its_options(shown: str) -> None:
    """As the help of the command has it."""
    name, *words = shown.split()

    known = {option for parameter in command_line([name]).commands[name].params for option in parameter.opts}

    assert name in COMMANDS
    assert set() == {word for word in words if re.fullmatch(r"-[a-z]|--[a-z-]+", word)} - known


def test_the_tables_are_complete() -> None:
    """Commands, trigger rules, exit codes, task keys."""
    commands = set(re.findall(r"`airexec ([a-z]+)", README))
    rules = re.findall(r"^\| `(\w+)`(?: \(default\))? \|", README, re.MULTILINE)
    codes = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE) for code in row.split(",")}
    our_codes = {kind.exit_code for kind in AirexecError.__subclasses__()}
    task_keys = json.loads(schema_text("workflow"))["definitions"]["task"]["properties"]

    assert set(COMMANDS) <= commands
    assert [str(rule) for rule in TriggerRule] == rules
    assert our_codes <= codes
    assert [] == [key for key in task_keys if not re.search(rf"`{key}`|^ +{key}:|[{{ ]{key}: ", README, re.MULTILINE)]


def test_every_link_to_a_file_leads_somewhere() -> None:
    """Relative links only; the rest of the world is not ours."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)

    assert [] == [link for link in links if not (ROOT / link).exists()]


def test_the_error_messages_in_it_are_real(airexec: Airexec) -> None:
    """To the letter."""
    airexec.write("shop.yml", SHOP)

    result = airexec("run", "shop.yml")

    assert 3 == result.exit_code
    assert result.err in blocks("text")


def test_the_answer_to_why_in_it_is_real(airexec: Airexec) -> None:
    """To the letter."""
    airexec("run", "examples/retries-and-rules.yml", "-p", "healthy=false")

    result = airexec("why", "announce")

    assert (0, "") == (result.exit_code, result.err)
    assert f"$ airexec why announce\n{result.out}" in blocks("text")


def test_every_promise_names_tests_that_exist() -> None:
    """A promise whose test was renamed or removed is one that nobody keeps."""
    named = re.findall(r"`([a-z0-9_/]+\.py)::(test_\w+)`", README.partition("\n## What it promises\n")[2])

    assert len(named) > 30
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in (ROOT / "tests" / file).read_text()]
    assert missing == []
