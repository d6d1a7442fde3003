"""Hides secrets in bytes that arrive in any pieces. Knows no processes and no files.

The result is that of masking the whole text at once: at each place the longest form wins, and what it covers is
replaced by `***`. A stream therefore keeps back its last bytes as long as they may become a secret, and only then,
so that a finished line is on its way at once.
"""

import re
from collections.abc import Iterable, Sequence

from airexec.secrets.forms import LENGTH_MIN, encoded, secret_forms

MASK = b"***"


class SecretTooShortError(ValueError):
    """A value of less than LENGTH_MIN bytes cannot be hidden: it stands in innocent output too."""

    def __init__(self) -> None:
        super().__init__(f"a secret must have at least {LENGTH_MIN} bytes to be masked")


class Masker:
    """The secrets of a run. One for all streams and messages, since a secret of one task may show up in another."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Raises SecretTooShortError."""
        self._secrets: set[str] = set()
        self._forms: tuple[bytes, ...] = ()
        """Longest first, so that an alternation of them finds the longest."""
        self._by_first_byte: dict[int, list[bytes]] = {}
        self._by_needle: dict[bytes, list[bytes]] = {}
        """Few short texts, one of which stands in every form: where none is found there is no secret."""
        self._patterns: dict[tuple[bytes, ...], re.Pattern[bytes]] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this value from here on. Raises SecretTooShortError."""
        if len(encoded(secret)) < LENGTH_MIN:
            raise SecretTooShortError
        if secret in self._secrets:
            return
        self._secrets.add(secret)
        forms = {*self._forms, *secret_forms(secret)}
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))
        self._patterns.clear()
        self._by_needle = _by_needle(self._forms)
        self._by_first_byte = {}
        for form in self._forms:
            self._by_first_byte.setdefault(form[0], []).append(form)

    def mask_text(self, text: str) -> str:
        if not self._forms:
            return text
        return self.mask(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def mask(self, data: bytes) -> bytes:
        """Return `data` with every secret in it hidden."""
        return self._masked(data, len(data))[0]

    def stream(self) -> "MaskedStream":
        return MaskedStream(self)

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what can be said of `data` now, masked, and the rest that has to wait for more."""
        if not self._forms:
            return data, b""
        return self._masked(data, self._decided(data))

    def _decided(self, data: bytes) -> int:
        """Return the first place from which on the data may be the beginning of a form that is cut off."""
        start = max(0, len(data) - len(self._forms[0]) + 1)
        tail = data[start:]
        for at, byte in enumerate(tail):
            forms = self._by_first_byte.get(byte)
            if forms and any(len(form) > len(tail) - at and form.startswith(tail[at:]) for form in forms):
                return start + at
        return len(data)

    def _masked(self, data: bytes, decided: int) -> tuple[bytes, bytes]:
        """Mask what begins before `decided`; return it, and what is left behind it."""
        # Most output holds no secret at all. Looking for one needle after the other is several times as fast as one
        # alternation of all forms; only those that are there go into the pattern.
        needles = [needle for needle in self._by_needle if needle in data]
        present = {form for needle in needles for form in self._by_needle[needle] if form in data}
        if not present:
            return data[:decided], data[decided:]
        parts: list[bytes] = []
        at = 0
        for match in self._pattern(tuple(form for form in self._forms if form in present)).finditer(data):
            if match.start() >= decided:
                break
            parts += (data[at : match.start()], MASK)
            at = match.end()
        end = max(at, decided)
        parts.append(data[at:end])
        return b"".join(parts), data[end:]

    def _pattern(self, forms: tuple[bytes, ...]) -> re.Pattern[bytes]:
        pattern = self._patterns.get(forms)
        if pattern is None:
            pattern = self._patterns[forms] = re.compile(b"|".join(map(re.escape, forms)))
        return pattern


class MaskedStream:
    """One stream of bytes on its way through a Masker."""

    __slots__ = ("_held", "_masker")

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, return those that are ready (maybe none)."""
        ready, self._held = self._masker.split(self._held + data if self._held else data)
        return ready

    def finish(self) -> bytes:
        """No more will come: return what was kept back."""
        held, self._held = self._held, b""
        return self._masker.mask(held) if held else b""


_NEEDLE_MIN = 3
_WORD = rb"[A-Za-z0-9]+"


def _by_needle(forms: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """Return the forms by the longest text that they share with others: most spellings differ in a few characters."""
    groups: dict[bytes, list[bytes]] = {}
    for form in forms:
        word = max(re.findall(_WORD, form), key=len, default=b"")
        groups.setdefault(word if len(word) >= _NEEDLE_MIN else form, []).append(form)
    needles: dict[bytes, list[bytes]] = {}
    for word, group in groups.items():
        needles.setdefault(_widened(word, group), []).extend(group)
    return needles


def _widened(word: bytes, forms: Sequence[bytes]) -> bytes:
    """Return the longest text around `word` that stands in all the forms: the longer, the faster it is looked for."""
    cut = [form.partition(word) for form in forms]
    before = _common_beginning([head[::-1] for head, _, _ in cut])[::-1]
    return before + word + _common_beginning([tail for _, _, tail in cut])


def _common_beginning(texts: Sequence[bytes]) -> bytes:
    first, last = min(texts), max(texts)
    length = next((at for at, byte in enumerate(first) if byte != last[at]), len(first))
    return first[:length]
