"""README and manual tell the truth: their files are good files, their commands exist, their tables are complete."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airexec.cli.application import COMMANDS, command_line
from airexec.cli.commands.help import TOPICS, about
from airexec.errors import AirexecError
from airexec.graph.read import read_workflow_with_warnings
from airexec.state.settings import Settings, read_settings
from airexec.workflow.model import TriggerRule
from airexec.workflow.schema.published import failures, schema_text
from tests.e2e.rig import ROOT, Airexec
from workflows.make_manual import commands_page, keys_page

MANUAL = ROOT / "airexec" / "manual"
PAGES = {path.relative_to(ROOT): path.read_text() for path in (ROOT / "README.md", *sorted(MANUAL.glob("*.md")))}
README = PAGES[Path("README.md")]
ALL = "\n".join(PAGES.values())


def page(topic: str) -> str:
    return (MANUAL / f"{topic}.md").read_text()


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
    return re.findall(rf"^```{language}\n(.*?)^```$", ALL, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml settings"))
def test_all_settings_in_it_are_good(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)

    assert Settings() != read_settings(tmp_path)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_workflow_in_it_is_a_good_one(text: str, tmp_path: Path) -> None:
    """Without errors and without warnings."""
    path = tmp_path / "workflow.yml"
    path.write_text(text)
    (tmp_path / "src").mkdir()  # for a matrix that makes a task for each file
    (tmp_path / "src" / "main.c").touch()
    (tmp_path / "docs").mkdir()  # and for a file that is a node of another
    (tmp_path / "docs" / "airexec.yml").write_text("params: {theme: x}\ntasks: {build: {command: make}}\n")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "common.yml").write_text(*blocks("yaml shared/common.yml"))

    assert [] == list(read_workflow_with_warnings(path).warnings)


def test_every_queue_line_in_it_is_a_good_one() -> None:
    """By the published schema."""
    lines = [*"".join(blocks("json")).splitlines(), *re.findall(r"::queue (\{.*?\})`", ALL)]

    assert 4 == len(lines)
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
    named = re.findall(r"`airexec ([^`]+)`", ALL)
    yield from (
        text for text in named if "--help" not in text and not text.startswith(("-", "help ")) and text != "COMMAND"
    )


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
    rules = re.findall(r"^\| `(\w+)`(?: \(default\))? \|", page("rules"), re.MULTILINE)
    rows = re.findall(r"^\| ([\d, ]+) \|", page("commands"), re.MULTILINE)
    codes = {int(code) for row in rows for code in row.split(",")}
    our_codes = {kind.exit_code for kind in AirexecError.__subclasses__()}
    task_keys = json.loads(schema_text("workflow"))["definitions"]["task"]["properties"]
    file = page("file")

    assert set(COMMANDS) <= commands
    assert [str(rule) for rule in TriggerRule] == rules
    assert our_codes <= codes
    assert [] == [key for key in task_keys if not re.search(rf"`{key}`|^ +{key}:|[{{ ]{key}: ", file, re.MULTILINE)]


def test_the_readme_is_read_in_three_minutes() -> None:
    assert len(README.splitlines()) <= 200


def test_every_page_is_a_topic_and_says_what_it_is_about() -> None:
    """As `airexec help` lists them."""
    assert sorted(TOPICS) == sorted(path.stem for path in MANUAL.glob("*.md"))
    assert [] == [topic for topic in TOPICS if not page(topic).startswith("# ") or len(about(topic)) < 20]
    assert [] == [topic for topic in TOPICS if f"(airexec/manual/{topic}.md)" not in README]


@pytest.mark.parametrize(("topic", "made"), [("commands", commands_page), ("keys", keys_page)])
def test_what_follows_from_the_program_is_up_to_date(topic: str, made: Callable[[], str]) -> None:
    """`python3 workflows/make_manual.py` writes these pages."""
    assert made() == page(topic)


def test_every_link_to_a_file_leads_somewhere() -> None:
    """Relative links only; the rest of the world is not ours."""
    links = [(name, link) for name, text in PAGES.items() for link in re.findall(r"\]\(([^)#:]+)\)", text)]

    assert [] == [(name, link) for name, link in links if not (ROOT / name).parent.joinpath(link).exists()]


def test_the_error_messages_in_it_are_real(airexec: Airexec) -> None:
    """To the letter."""
    airexec.write("shop.yml", SHOP)

    result = airexec("run", "shop.yml")

    assert 3 == result.exit_code
    assert result.err in blocks("text")


def test_the_mistake_of_an_included_file_in_it_is_real(airexec: Airexec) -> None:
    """To the letter: `comand` in the file that the page shows."""
    (common,) = blocks("yaml shared/common.yml")
    (main,) = [text for text in blocks("yaml") if "include: [shared/common.yml]" in text]
    airexec.write("airexec.yml", main)
    airexec.write("shared/common.yml", common.replace("pack: {command", "pack: {comand"))

    result = airexec("validate")

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
    named = re.findall(r"`([a-z0-9_/]+\.py)::(test_\w+)`", page("promises"))

    assert len(named) > 30
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in (ROOT / "tests" / file).read_text()]
    assert missing == []
