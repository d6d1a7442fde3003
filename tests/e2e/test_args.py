"""Words behind `--` on the command line: `{{ args }}` in the tasks of the run."""

import json

import pytest

from tests.e2e.rig import Airexec, load_tasks

FILE = """\
    name: w
    tasks:
      build: {command: x=1}
      test: {command: 'printf "%s|" test {{ args }} >> ran'}
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-k", "a b; rm *"], "test|-k|a b; rm *|"),
        (["", "--", "$HOME"], "test||--|$HOME|"),
        ([], "test|"),
    ],
)
def test_each_is_a_word_of_the_command(words: list[str], expected: str, airexec: Airexec) -> None:
    """Quoted, and none of them is nothing."""
    airexec.write("airexec.yml", FILE)

    result = airexec("run", "test", "--", *words)

    assert (0, expected) == (result.exit_code, airexec.read("ran"))


@pytest.mark.parametrize(
    "command", ['{command: [./show, first, "{{ args }}"]}', '{command: ./show, args: [first, "{{ args }}"]}']
)
def test_an_item_of_an_argv_becomes_several(command: str, airexec: Airexec) -> None:
    """Or none."""
    airexec.write("show", '#!/bin/sh\nprintf "%s|" "$@" >> ran\n').chmod(0o755)
    airexec.write("airexec.yml", f"tasks: {{t: {command}}}")

    airexec("run", "--", "a b", '["c"]')
    airexec("run")

    assert 'first|a b|["c"]|first|' == airexec.read("ran")


def test_a_program_alone_is_one_word(airexec: Airexec) -> None:
    """There has to be one."""
    airexec.write("airexec.yml", 'tasks: {t: {command: ["{{ args }}"]}}')

    assert 1 == airexec("run", "--", "a").exit_code


@pytest.mark.parametrize(
    ("words", "headline", "hint"),
    [
        (("build", "--", "-k"), "-k", "task 'test' does: airexec run test -- -k"),
        (("build", "--", "test"), "test", "what is to run stands in front of `--`: airexec run test"),
    ],
)
def test_words_that_nobody_takes_are_an_error(
    words: tuple[str, ...], headline: str, hint: str, airexec: Airexec
) -> None:
    """Before anything runs; until now they were tasks."""
    airexec.write("airexec.yml", FILE)

    result = airexec("run", *words)

    assert (
        2,
        f"airexec: error: no task of this run takes what stands behind `--`: {headline}\n  hint: {hint}\n",
    ) == (result.exit_code, result.err)
    assert not (airexec.folder / ".airexec").exists()


def test_a_file_without_args_is_told_how_to_take_them(airexec: Airexec) -> None:
    """In the words of the file."""
    airexec.write("airexec.yml", "tasks: {a: {command: x}}")

    result = airexec("run", "--", "a b")

    assert (
        "airexec: error: no task of this run takes what stands behind `--`: 'a b'\n"
        "  hint: write {{ args }} in the command that is to get it\n"
    ) == result.err


def test_a_resume_has_the_words_of_the_run(airexec: Airexec) -> None:
    """From its journal."""
    airexec.write("airexec.yml", FILE.replace(">> ran'", ">> ran; test -e go'"))
    assert 1 == airexec("run", "test", "--", "a b").exit_code
    airexec.write("go", "")

    assert 0 == airexec("resume").exit_code
    assert "test|a b|test|a b|" == airexec.read("ran")


def test_a_dry_run_shows_them(airexec: Airexec) -> None:
    """In the command."""
    airexec.write("airexec.yml", FILE)

    assert """     printf "%s|" test '-k' 'a b' >> ran\n""" in airexec("run", "-n", "test", "--", "-k", "a b").out


def test_other_words_are_a_reason_to_run(airexec: Airexec) -> None:
    """Of a task that is up to date without; also after a run that had nothing to do."""
    airexec.write("src", "x")
    airexec.write("airexec.yml", "tasks: {t: {command: 'echo ran {{ args }} >> ran', sources: src}}")
    for words in ([], [], ["--", "a"], ["--", "a"], ["--", "b"], []):
        assert 0 == airexec("run", *words).exit_code

    assert "ran\nran a\nran b\nran\n" == airexec.read("ran")


def test_a_secret_among_them_is_masked_and_cannot_be_resumed(airexec: Airexec) -> None:
    """The journal does not keep it."""
    airexec.write("airexec.yml", "name: w\nsecrets: [TOKEN]\ntasks: {t: {command: 'test -e go {{ args }}'}}")
    env = {"TOKEN": "s3cr3t-token"}

    airexec("run", "--", "s3cr3t-token", env=env)
    result = airexec("resume", env=env)

    assert ["sh", "-e", "-c", "test -e go ***"] == load_tasks(airexec, "w")["t"]["argv"]
    assert 2 == result.exit_code
    assert (
        "airexec: error: the words behind `--` held a secret, which the journal does not keep\n"
        "  hint: start anew with `airexec run`, and give secrets by `secrets:`\n"
    ) in result.err


def test_the_journal_has_them(airexec: Airexec) -> None:
    """In the plan."""
    airexec.write("airexec.yml", FILE)
    airexec("run", "test", "--", "-k", "x")

    (journal,) = airexec.folder.glob(".airexec/jobs/w/runs/*/journal.jsonl")
    assert ["-k", "x"] == json.loads(journal.read_text().splitlines()[0])["plan"]["args"]
