"""Lines of a recipe, each of which has a shell of its own there, as one script."""

import subprocess

import pytest

from airexec.adopt.script import Line, script


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        ([Line("a"), Line("b")], "a\nb"),
        ([Line("a", True), Line("b")], "a || true\nb"),
        ([Line("a; b", True)], "{ a; b; } || true"),
        ([Line("a; true"), Line("b || x; exit 0")], "a || true\n{ b || x; } || true"),
        ([Line("cd x && a"), Line("cd y")], "(cd x && a)\ncd y"),
        ([Line("A=1; b $A"), Line("c")], "(A=1; b $A)\nc"),
        ([Line("A=1 b"), Line("c")], "A=1 b\nc"),
        ([Line("exit 1 # no"), Line("c")], "(\nexit 1 # no\n)\nc"),
        ([Line("a # b", True)], "{\na # b\n} || true"),
        ([Line(" "), Line("a")], "a"),
        ([], ""),
    ],
)
def test_lines_are_a_script(lines: list[Line], made: str) -> None:
    """What a line does to its shell ends with it, but where nothing follows; one that may fail stops nothing."""
    assert made == script(lines)


def test_the_script_does_what_the_lines_did() -> None:
    lines = [Line("cd / && A=1"), Line("false", True), Line("false; true"), Line("exit 0"), Line('echo "$A$(pwd)"')]

    ended = subprocess.run(["sh", "-e", "-c", script(lines)], cwd="/tmp", capture_output=True, text=True, check=False)

    assert (0, "/tmp\n") == (ended.returncode, ended.stdout)
