"""A shell is left out only where nobody can tell: against the real dash (or whatever `sh` is) and bash."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from errno import EAGAIN
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airexec.attempt.facts import SpawnBusyError
from airexec.runner.without_shell import without_shell
from tests.runner.conftest import Room

SH = "sh", "-e", "-c"
BASH = "bash", "-e", "-o", "pipefail", "-c"
SHELLS = [SH, *([BASH] if shutil.which("bash") else [])]
ANYTHING = st.text(st.characters(min_codepoint=9, max_codepoint=126), min_size=1, max_size=12)
PLAIN = st.text("abzAZ09@%_+=:,./- \t\n", min_size=1, max_size=20)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("make", ("make",)),
        ("python -m build --wheel", ("python", "-m", "build", "--wheel")),
        ("  ./run.sh\ta  b \n", ("./run.sh", "a", "b")),
        ("env A=b c:d,e@f%g+h", ("env", "A=b", "c:d,e@f%g+h")),
        ("true", ("/bin/true",)),
        (" false", ("/bin/false",)),
        (":", ("/bin/true",)),
        ("/bin/echo x", ("/bin/echo", "x")),
    ],
)
def test_plain_words_are_an_argv(shell: Sequence[str], command: str, words: Sequence[str]) -> None:
    assert words == without_shell((*shell, command), {"PATH": "/bin"})


@pytest.mark.parametrize(
    "command",
    [
        "", " \n", "a\nb", "a;b", "a&", "a|b", "a>b", "a<b", "$a", "`a`", "a*", "a?", "[a]", "~", "a=~", "{a,b}", "'a'",
        '"a"', "a\\b", "#a", "a #b", "(a)", "!", "a!", "é", "a\0b", "a\rb", "A=b", "A=b c", "A+=b", "%1", "-x", "+x",
        "cd x", "exec x", ". x", ": x", "echo x", "printf x", "test a", "time x", "if", "kill 1", "exit 3", "command x",
        "true --help", "false x", "setsid x", "which x", "float x", "history", "chdir x",
    ],
)  # fmt: skip
def test_what_a_shell_may_read_otherwise_is_left_to_it(command: str) -> None:
    assert None is without_shell((*SH, command), {})


@pytest.mark.parametrize(
    "argv", [("make",), ("sh", "-c", "make"), ("zsh", "-e", "-c", "make"), ("python", "-c", "make"), ("make", "a", "b")]
)
def test_only_our_own_ways_to_call_a_shell_are_known(argv: Sequence[str]) -> None:
    assert None is without_shell(argv, {})


@pytest.mark.parametrize("command", ["make", "true"])
@pytest.mark.parametrize("name", ["BASH_ENV", "BASHOPTS", "ENV", "SHELLOPTS", "BASH_FUNC_{}%%", "BASH_FUNC_{}()"])
def test_a_shell_that_is_told_more_by_its_environment_is_asked(name: str, command: str) -> None:
    assert None is without_shell((*SH, command), {name.format(command): ""})


@pytest.mark.parametrize("path", ["~/bin:/bin", "/bin:~/bin", "~"])
def test_a_shell_is_asked_where_a_home_folder_is_on_the_path(path: str) -> None:
    """bash looks there, which `export PATH="~/bin:$PATH"` relies on; dash does not."""
    assert None is without_shell((*SH, "make"), {"PATH": path})


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is what can list its words")
def test_no_word_that_a_shell_has_for_itself_is_taken_for_a_program() -> None:
    """All of bash's, and those of them that `sh` has, too. `true` and `false` alone mean two programs."""
    known = subprocess.run(["bash", "-c", "compgen -b; compgen -k"], capture_output=True, text=True, check=True)
    own = set(known.stdout.split())

    taken = {argv for word in own for shell in SHELLS if (argv := without_shell((*shell, word), {})) is not None}
    assert len(own) > 50
    assert {("/bin/true",), ("/bin/false",)} == taken


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program that says how it was called."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "say").write_text('#!/bin/sh\nfor word in "${0##*/}" "$@"; do printf "<%s>" "$word"; done; exit 7\n')
    (folder / "say").chmod(0o755)
    return folder


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=150)
@given(arguments=PLAIN)
def test_a_program_gets_the_same_words_from_us_and_from_a_shell(
    shell: Sequence[str], arguments: str, programs: Path
) -> None:
    env = {"PATH": f"{programs}:{os.defpath}"}
    argv = without_shell((*shell, f"say {arguments}"), env)

    if argv is not None:
        assert said(by_path(shell, f"say {arguments}"), env, programs) == said(argv, env, programs)


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=150)
@given(name=PLAIN.map(lambda text: text.replace("/", "")) | ANYTHING)
@example(name="sh")
def test_a_program_of_any_name_is_what_a_shell_would_start(shell: Sequence[str], name: str, programs: Path) -> None:
    """Whatever the shell makes of `name`: if we would execute a file of that name, so does it."""
    env = {"PATH": f"{programs}:{os.defpath}"}
    argv = without_shell((*shell, name), env)

    if argv is not None and "/" not in argv[0] and argv[0] not in (".", ".."):
        if not (programs / argv[0]).exists():
            (programs / argv[0]).symlink_to("say")
        assert (7, "".join(f"<{word}>" for word in argv)) == said(by_path(shell, name), env, programs)[:2]


def by_path(shell: Sequence[str], text: str) -> Sequence[str]:
    """Return what has the real shell read `text`, even where the folder of programs holds one of its name."""
    return (shutil.which(shell[0]) or shell[0], *shell[1:], text)


def said(argv: Sequence[str], env: Mapping[str, str], folder: Path) -> tuple[int, str, str]:
    result = subprocess.run(argv, env=env, cwd=folder, capture_output=True, text=True)
    return result.returncode, result.stdout, result.stderr


# --- through the real thing -------------------------------------------------------------------------------------------


def test_no_shell_is_started_where_none_is_needed(room: Room) -> None:
    """The shell on this PATH would fail."""
    (room.folder / "sh").write_text("#!/bin/sh\nexit 3\n")
    (room.folder / "sh").chmod(0o755)
    env = {"PATH": f"{room.folder}:{os.defpath}"}

    assert (0, 3) == (room.run(*SH, "uname", env=env).returncode, room.run(*SH, "uname;", env=env).returncode)


@pytest.mark.parametrize(
    ("command", "returncode", "words"),
    [
        ("nowhere-to-be-found x", 127, b"nowhere-to-be-found: not found"),
        ("./script x", 0, b"script said x\n"),
        ("./secret", 126, b"Permission denied"),
        ("./", 126, b"denied"),
    ],
)
def test_what_cannot_be_executed_is_left_to_the_shell(command: str, returncode: int, words: bytes, room: Room) -> None:
    """It says so in its own words, and runs scripts without a `#!` line."""
    (room.folder / "script").write_text("echo script said $1\n")
    (room.folder / "script").chmod(0o755)
    (room.folder / "secret").write_text("")

    assert returncode == room.run(*SH, command).returncode
    assert words in room.shown()


@pytest.mark.skipif(not shutil.which("bash"), reason="other shells try the folders after it, as we do")
def test_a_script_without_its_interpreter_is_left_to_the_shell(room: Room) -> None:
    """Though there is a program of that name further on in PATH."""
    for folder, interpreter in (("first", "/nowhere"), ("second", "/bin/sh")):
        (room.folder / folder).mkdir()
        (room.folder / folder / "tool").write_text(f"#!{interpreter}\n")
        (room.folder / folder / "tool").chmod(0o755)
    env = {"PATH": f"{room.folder}/first:{room.folder}/second:{os.defpath}"}

    assert room.run(*BASH, "tool;", env=env).returncode == room.run(*BASH, "tool", env=env).returncode


def test_a_full_machine_is_not_asked_again_for_the_shell(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no room for that one either; whoever waits tries again."""
    asked = []

    def refuse(path: str, *_: object, **__: object) -> int:
        asked.append(path)
        raise BlockingIOError(EAGAIN, os.strerror(EAGAIN))

    monkeypatch.setattr(os, "posix_spawn", refuse)
    with pytest.raises(SpawnBusyError):
        room.start(*SH, "uname")

    assert ["uname"] == [os.path.basename(path) for path in asked]
