"""Which of many texts stand in another: one pass over it, however many there are. Knows nothing of secrets."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

_BEGINNING_MAX = 6
"""Bytes of each text that the pattern knows: few texts begin alike, and a pattern of all of them takes long to make."""


class Needles:
    """Texts to look for, of at least one byte each."""

    def __init__(self, needles: Iterable[bytes]) -> None:
        self._by_beginning: dict[bytes, list[bytes]] = {}
        """No beginning is that of another: a shorter one stands for all that begin with it."""
        last = None
        for needle in sorted(needles):
            beginning = needle[:_BEGINNING_MAX]
            if last is None or not beginning.startswith(last):
                last = beginning
            self._by_beginning.setdefault(last, []).append(needle)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})
        self._pattern = re.compile(b"|".join(_after_first(sorted(self._by_beginning))))

    def found_in(self, data: bytes) -> list[bytes]:
        """Return those that stand in `data`, in no order."""
        starts = (match.start() for match in self._pattern.finditer(data))
        beginnings = {self._beginning(data, start) for start in starts}
        return [needle for beginning in beginnings for needle in self._by_beginning[beginning] if needle in data]

    def _beginning(self, data: bytes, start: int) -> bytes:
        parts = (data[start : start + length] for length in self._lengths)
        return next(part for part in parts if part in self._by_beginning)


def _after_first(words: Sequence[bytes]) -> Iterable[bytes]:
    """Yield a pattern for each first byte that takes no more than that byte: a match must not hide the next one."""
    for first, group in groupby(words, key=itemgetter(0)):
        rest = _any_of([word[1:] for word in group])
        yield re.escape(bytes((first,))) + (b"(?=%b)" % rest if rest else b"")


def _any_of(words: Sequence[bytes]) -> bytes:
    """Return a pattern that tries no byte twice; the words are sorted, and none begins with another."""
    if not words[0]:
        return b""
    branches = [
        re.escape(bytes((first,))) + _any_of([word[1:] for word in group])
        for first, group in groupby(words, key=itemgetter(0))
    ]
    return branches[0] if len(branches) == 1 else b"(?:%b)" % b"|".join(branches)
