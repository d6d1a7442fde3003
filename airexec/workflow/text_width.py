"""How wide a text is in a monospace font, how to cut it, and how to keep it harmless. Knows no format.

What no table of ours could know, how wide the characters of the world are, rich does. It is imported for a text that is
not ASCII, and only then.
"""


def columns(text: str) -> int:
    """Return how many columns a terminal needs for `text`; emoji joined into one take two."""
    return len(text) if text.isascii() else sum(width for _, width in _parts(text))


def cut(text: str, room: int) -> str:
    """Return `text`, or as much of it as fits with a `…` at its end."""
    if columns(text) <= room:
        return text
    return f"{text[: _fitting(text, room - 1)]}…" if room > 0 else ""


def cut_middle(text: str, room: int) -> str:
    """Return `text`, or its beginning and its end with a `…` between: ids of queued tasks differ at their end."""
    if columns(text) <= room:
        return text
    begin = cut(text, room * 2 // 5)
    return begin + text[len(text) - _fitting(text, room - columns(begin), step=-1) :]


def _fitting(text: str, room: int, step: int = 1) -> int:
    """Return how many characters of the beginning fit, of the end for a `step` of -1."""
    if text.isascii():
        return room
    characters = 0
    for length, width in _parts(text)[::step]:
        room -= width
        if room < 0:
            break
        characters += length
    return characters


def _parts(text: str) -> list[tuple[int, int]]:
    """Return (length, columns) of what must not be cut, in order: a letter with its accents, emoji that are joined."""
    from rich.cells import split_graphemes

    return [(end - start, width) for start, end, width in split_graphemes(text)[0]]


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: tabs become a space, other control characters `\\ufffd`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in text)
