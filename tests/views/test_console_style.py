"""Colour, animation and signs are decided from the environment and from what the output is."""

import pytest

from airexec.views.console_style import ConsoleStyle, console_style

TERMINAL = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("env", "isatty", "colour", "animate"),
    [
        (TERMINAL, True, True, True),
        (TERMINAL, False, False, False),
        ({"TERM": "dumb"}, True, False, False),
        ({}, True, False, False),
        ({**TERMINAL, "NO_COLOR": "1"}, True, False, True),
        ({**TERMINAL, "NO_COLOR": ""}, True, True, True),
        ({**TERMINAL, "CI": "true"}, True, True, False),
        ({**TERMINAL, "CI": "false"}, True, True, True),
        ({"FORCE_COLOR": "1"}, False, True, False),
        ({"FORCE_COLOR": "1", "CI": "true"}, False, True, False),
        ({**TERMINAL, "FORCE_COLOR": "3"}, False, True, False),
        ({**TERMINAL, "FORCE_COLOR": "0"}, True, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False, False),
    ],
)
def test_the_environment_decides(env: dict[str, str], isatty: bool, colour: bool, animate: bool) -> None:
    """FORCE_COLOR never turns on animation; NO_COLOR never turns it off."""
    assert console_style(env, isatty) == ConsoleStyle(colour, animate)


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("UTF8", True), ("ascii", False), ("latin-1", False)]
)
def test_signs_are_those_that_the_encoding_has(encoding: str, unicode: bool) -> None:
    """A C locale gets ASCII signs."""
    assert console_style({}, False, encoding).unicode == unicode
