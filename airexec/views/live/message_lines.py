"""How a message about an event looks as a line: sign, task, duration, text; the same in every console view."""

from airexec.views.console_style import DIM, RED, YELLOW, ConsoleStyle, Mark, paint, painted_sign
from airexec.views.wording import Message


def message_lines(message: Message, style: ConsoleStyle, width: int = 0) -> list[str]:
    """Return the lines of a message, `width` being that of the column of ids. What is at column 0 is ours."""
    parts = [message.task, message.duration, _text(message, style)]
    if message.task and width:
        parts[:2] = [message.task.ljust(width), message.duration.rjust(8)]
    head = f"{painted_sign(message.mark, style)} {'  '.join(part for part in parts if part).rstrip()}"
    return [head, *(f"    {_coloured(message, detail, style)}" for detail in message.details)]


def _text(message: Message, style: ConsoleStyle) -> str:
    return _coloured(message, message.text, style) if message.task else message.text


def _coloured(message: Message, text: str, style: ConsoleStyle) -> str:
    """Failures stand out, the rest steps back."""
    if message.mark is Mark.FAILED:
        return paint(text, RED, style)
    if message.mark is Mark.TOLERATED:
        return paint(text, YELLOW, style)
    return text if message.mark is Mark.NOTICE else paint(text, DIM, style)
