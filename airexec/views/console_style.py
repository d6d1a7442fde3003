"""How a console may be written to, decided from the environment; and the few colours and signs that we use."""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class ConsoleStyle(NamedTuple):
    colour: bool = False
    animate: bool = False
    """Lines may be drawn over, i.e. the live view is possible."""
    unicode: bool = True


BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
"""SGR parameters."""


class Mark(Enum):
    """The sign at the beginning of a line of ours: (sign, the same in ASCII, colour as an SGR parameter)."""

    COMPLETED = ("✓", "*", GREEN)
    FAILED = ("✗", "x", RED)
    TOLERATED = ("⚠", "!", YELLOW)
    RETRY = ("↻", "~", YELLOW)
    UP_TO_DATE = ("=", "=", DIM)
    NOT_RUN = ("○", "-", DIM)
    CANCELLED = ("■", "#", YELLOW)
    QUEUED = ("↳", "+", CYAN)
    STARTED = ("▸", ">", CYAN)
    NOTICE = ("◆", "!", YELLOW)


def console_style(env: Mapping[str, str], isatty: bool, encoding: str = "utf-8") -> ConsoleStyle:
    """Return what suits a stream. `FORCE_COLOR` asks for colour and never for animation; `NO_COLOR` wins over it.

    Sources: no-color.org, force-color.org (`0` and `false` switch off, as in Node), and `CI`, which every CI sets.
    """
    terminal = isatty and env.get("TERM", "dumb") != "dumb"
    return ConsoleStyle(
        colour=_colour(env, terminal),
        animate=terminal and not _is_set(env, "CI"),
        unicode=encoding.lower().replace("-", "").startswith("utf"),
    )


def paint(text: str, colour: str, style: ConsoleStyle) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if style.colour and text else text


def sign(mark: Mark, style: ConsoleStyle) -> str:
    return mark.value[0] if style.unicode else mark.value[1]


def ellipsis(style: ConsoleStyle) -> str:
    return "…" if style.unicode else "..."


def painted_sign(mark: Mark, style: ConsoleStyle) -> str:
    return paint(sign(mark, style), mark.value[2], style)


def _colour(env: Mapping[str, str], terminal: bool) -> bool:
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return _is_set(env, "FORCE_COLOR")
    return terminal


def _is_set(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() not in ("", "0", "false")
