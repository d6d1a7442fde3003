"""Hides secrets in bytes that arrive in any pieces. Knows no processes and no files.

**What is promised.** A secret has many spellings (see `forms`), and each of them is a *form*: a text to look for. To
mask a text is to go through it from the left. Where a form begins, the longest that begins there is replaced by
`***`, and the search goes on behind it. A stream gives the same, byte for byte, whatever pieces the text comes in:
all that `feed` returned, with what `finish` returned, is `mask` of the whole. This holds for the secrets that are
known from the start. One that is added later is hidden in all that has not been handed out by then, in every stream.

**Why the longest.** Forms begin with each other: a token and the same token with a suffix, a text and its first line,
base64 cut at different places. Were the shorter one taken, the rest of the longer would stand readable beside the
stars. The order is that of the alternation in the pattern, which takes the first alternative that fits.

**What a stream keeps back.** Of the bytes at hand, let p be the first place from which everything up to the end is
the beginning of a longer form. No more than the longest form less one byte can lie behind p. Before p all is decided:
a form that begins there is either here as a whole, or has already met a byte that differs, so nothing that comes
later can lengthen or make a match. What is at p and behind it waits, except for what a match that began before p
covers, because the search in the whole text would not look into it either.

Just as important is that nothing else waits. To keep back a fixed number of bytes would be simpler and as safe, but a
prompt, or the last line before a long silence, would then be shown when the next output comes. As it is, a line is
held only where its end looks like a secret.

**Needles.** One pattern of all forms tries each of its alternatives at each byte: five secrets may have a hundred
forms, and a task may print gigabytes. To look for one short text is many times as fast. So each form has a *needle*,
a text that stands in it. The spellings of a secret differ in what is special to JSON, URLs or shells and share the
letters between; so one needle, their longest common word and what they share around it, serves most of them. Where no
needle is found, no form is there, and that is nearly always all there is to do. Else a pattern is made of the forms
that are there, and kept. Leaving out forms that stand nowhere in the text cannot change a match. The price is a
search for each needle: right for the secrets of a workflow. Of the thousands that a task may name, one pattern finds
those that may be there (see `needles`), and is made anew each time that an eighth more has come.

**`::mask` lines.** A task names a secret in its own output, so the line itself gives it away, at a time when the
masker cannot know it. That is not for this module to solve: `runner.stream` withholds an unfinished line that begins
with `::mask`, reads it when it is complete, adds its value here, and only then passes the bytes on. The masker in
turn never sees lines, and so can hide a secret of several of them.

**Out of reach.** A value of less than LENGTH_MIN bytes is refused: it stands in innocent text as well, and the stars
there would give it away. What was handed out before a secret was named stays as it is, its first half included if the
other comes later. Of two secrets that overlap, the first is covered, and what is left of the second shows. A secret
that a program takes apart, reverses, packs or encrypts, colours in the middle, or prints half here and half on
another stream has no form that could be found. Masking is a seat belt for what programs print by accident.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from airexec.secrets.forms import LENGTH_MIN, encoded, secret_forms

if TYPE_CHECKING:
    from airexec.secrets.needles import Needles

MASK = b"***"
_FEW_MAX = 512
"""Needles that are looked for one by one: up to here that is quicker than a pattern of all."""


class SecretTooShortError(ValueError):
    """A value of less than LENGTH_MIN bytes cannot be hidden: it stands in innocent output too."""

    def __init__(self) -> None:
        super().__init__(f"a secret must have at least {LENGTH_MIN} bytes to be masked")


class Masker:
    """The secrets of a run. One for all streams and messages, since a secret of one task may show up in another."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Raises SecretTooShortError."""
        self._secrets: set[str] = set()
        self._forms: list[bytes] = []
        """Sorted."""
        self._longest = 0
        self._by_needle: dict[bytes, list[bytes]] = {}
        """Few short texts, one of which stands in every form: where none is found there is no secret."""
        self._many: Needles | None = None
        """All needles but the newest, once they are many."""
        self._few: list[bytes] = []
        """The other needles."""
        self._patterns: dict[tuple[bytes, ...], re.Pattern[bytes]] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this value from here on. Raises SecretTooShortError."""
        if len(encoded(secret)) < LENGTH_MIN:
            raise SecretTooShortError
        if secret in self._secrets:
            return
        from bisect import insort  # not at the start: most runs have no secrets

        self._secrets.add(secret)
        forms = sorted({*secret_forms(secret)} - {*self._known(secret_forms(secret))})
        for form in forms:
            insort(self._forms, form)
            self._longest = max(self._longest, len(form))
        self._patterns.clear()
        for needle, group in _by_needle(forms).items() if forms else ():
            if needle not in self._by_needle:
                self._few.append(needle)
            self._by_needle.setdefault(needle, []).extend(group)
        if len(self._few) > max(_FEW_MAX if self._many is None else 0, len(self._by_needle) // 8):
            from airexec.secrets.needles import Needles  # for tasks that name hundreds

            self._many, self._few = Needles(self._by_needle), []

    def _known(self, forms: Iterable[bytes]) -> Iterator[bytes]:
        from bisect import bisect_left

        for form in forms:
            at = bisect_left(self._forms, form)
            if self._forms[at : at + 1] == [form]:
                yield form

    @property
    def has_secrets(self) -> bool:
        return bool(self._secrets)

    def mask_text(self, text: str) -> str:
        if not self._forms:
            return text
        data = encoded(text)
        hidden = self.mask(data)
        return text if hidden == data else hidden.decode("utf-8", "surrogateescape")

    def mask(self, data: bytes) -> bytes:
        """Return `data` with every secret in it hidden."""
        return self._masked(data, len(data))[0]

    def stream(self) -> "MaskedStream":
        return MaskedStream(self)

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what is decided of `data`, masked, and the rest that has to wait for more."""
        if not self._forms:
            return data, b""
        return self._masked(data, self._decided(data))

    def _decided(self, data: bytes) -> int:
        """Return the first place from which on the data is the beginning of a longer form, or its length."""
        from bisect import bisect_right

        for start in range(max(0, len(data) - self._longest + 1), len(data)):
            end = data[start:]
            at = bisect_right(self._forms, end)  # behind the form that is just this, if there is one
            if at < len(self._forms) and self._forms[at].startswith(end):
                return start
        return len(data)

    def _masked(self, data: bytes, decided: int) -> tuple[bytes, bytes]:
        """Mask what begins before `decided`; return it, and what is left behind it."""
        needles = [needle for needle in self._few if needle in data]
        if self._many is not None:
            needles += self._many.found_in(data)
        present = {form for needle in needles for form in self._by_needle[needle] if form in data}
        if not present:
            return data[:decided], data[decided:]
        parts: list[bytes] = []
        at = 0
        for match in self._pattern(tuple(sorted(present, key=lambda form: (-len(form), form)))).finditer(data):
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
