"""File names for task ids, which may hold slashes, spaces and any letter inside `[...]`. Knows no folders."""

import re

LONGEST = 180
"""Bytes, so that `.<attempt>.log` still fits into the 255 that file systems take, and into 200."""

_SAFE = re.compile(r"[A-Za-z0-9_.,=+@\[\]-]*")


def file_name(task: str) -> str:
    """Return the name of a task's files: as it is where safe, else percent-encoded, a digest at the end when long.

    No two ids have the same name: `%` is itself encoded, and `~` stands only before a digest.
    """
    name = task if _SAFE.fullmatch(task) else "".join(map(_encoded, task))
    return name if len(name) <= LONGEST else _shortened(name)


def _encoded(character: str) -> str:
    if _SAFE.fullmatch(character):
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _shortened(name: str) -> str:
    from hashlib import sha256

    return f"{name[: LONGEST - 33]}~{sha256(name.encode()).hexdigest()[:32]}"
