"""How wide a text is in a monospace font, and how to cut it. Knows no format."""

import unicodedata


def columns(text: str) -> int:
    """Return how many columns a terminal needs for `text`."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def cut(text: str, room: int) -> str:
    """Return `text`, or as much of it as fits with a `…` at its end."""
    if columns(text) <= room:
        return text
    while text and columns(text) > room - 1:
        text = text[: room - 1] if len(text) > room else text[:-1]
    return f"{text}…" if room > 0 else ""


def cut_middle(text: str, room: int) -> str:
    """Return `text`, or its beginning and its end with a `…` between: ids of queued tasks differ at their end."""
    if columns(text) <= room:
        return text
    begin = cut(text, room * 2 // 5)
    return begin + cut(text[::-1], room - columns(begin) + 1)[::-1].removeprefix("…")


def printable(text: str) -> str:
    """Return `text` without what could move the cursor or end the line."""
    return "".join(char if char.isprintable() else "�" for char in text) if not text.isprintable() else text
