"""How wide a text is in a monospace font, how to cut it, and how to keep it harmless. Knows no format."""


def columns(text: str) -> int:
    """Return how many columns a terminal needs for `text`."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


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
    """Return text that cannot steer a terminal: tabs become a space, other control characters `\\ufffd`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in text)
