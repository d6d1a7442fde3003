"""How a told event looks as a line: sign, task, duration, text; the same in every console view."""

from airexec.views.console_style import DIM, RED, ConsoleStyle, Mark, paint, painted_sign
from airexec.views.wording import Told


def told_lines(told: Told, style: ConsoleStyle, width: int = 0) -> list[str]:
    """Return the lines of an event, `width` being that of the column of ids. What is at column 0 is ours."""
    parts = [told.task, told.duration, _text(told, style)]
    if told.task and width:
        parts[:2] = [told.task.ljust(width), told.duration.rjust(8)]
    head = f"{painted_sign(told.mark, style)} {'  '.join(part for part in parts if part).rstrip()}"
    return [head, *(f"    {_coloured(told, detail, style)}" for detail in told.details)]


def _text(told: Told, style: ConsoleStyle) -> str:
    return _coloured(told, told.text, style) if told.task else told.text


def _coloured(told: Told, text: str, style: ConsoleStyle) -> str:
    """Failures stand out, the rest steps back."""
    if told.mark is Mark.FAILED:
        return paint(text, RED, style)
    return text if told.mark is Mark.NOTICE else paint(text, DIM, style)
