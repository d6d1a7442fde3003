"""One output stream of an attempt on its way from the pipe to the log and the views."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airexec.attempt.lines import CommandLines, FoundLine, secret_in
from airexec.secrets.masker import MaskedStream, Masker, SecretTooShortError

if TYPE_CHECKING:
    from airexec.attempt.kinds.kind import Listener


class Stream:
    """Scans for commands first, masks after: the line `::mask "s3cret"` must hide its own value already."""

    __slots__ = (
        "_lines",
        "_listener",
        "_masked",
        "_masker",
        "_withheld",
        "fd",
        "has_printed",
        "name",
        "portion",
        "scanning",
    )

    _lines: "Listener"
    _masked: MaskedStream

    def __init__(self, name: str, fd: int, masker: Masker, listener: Callable[[], Any] | None = None) -> None:
        """`listener` makes what finds the lines that count; without one none of them does."""
        self.name = name
        self.fd = fd
        """The reading end of the pipe; -1 once it is closed."""
        self.scanning = listener is not None
        """Whether command lines count; those that do not are found all the same, to be counted."""
        self.portion = 64 * 1024
        """Bytes to be read at once; fewer while what is printed takes long to be read."""
        self._masker = masker
        self._listener = listener or CommandLines
        self.has_printed = False
        """Most attempts print nothing on stderr; what goes through the output is made when there is some."""
        self._withheld = b""
        """The beginning of a `::mask` line, which may hold a secret that nobody knows yet."""

    def feed(self, data: bytes) -> tuple[bytes, list[FoundLine]]:
        """Take bytes as printed; return the bytes to show, and the command lines that are complete with them."""
        if not self.has_printed:
            self.has_printed, self._lines, self._masked = True, self._listener(), self._masker.stream()
        found = self._lines.feed(data)
        self._obey_masks(found)
        if self._withheld:
            data, self._withheld = self._withheld + data, b""
        if secret := min(self._lines.secret_bytes, len(data)):
            data, self._withheld = data[:-secret], data[-secret:]
        return self._masked.feed(data), found

    def end_of_commands(self) -> list[FoundLine]:
        """The leader is gone: return its last line if that is a command without a newline. The rest does not count.

        Only for a stream that has printed.
        """
        found = self._lines.finish()
        self._obey_masks(found)
        return found

    def finish(self) -> bytes:
        """Return the bytes to show that were held back until now. Only for a stream that has printed."""
        return self._masked.feed(self._withheld) + self._masked.finish()

    def mask_text(self, text: str) -> str:
        """Return a text as it stands in the log."""
        return self._masker.mask_text(text)

    def _obey_masks(self, found: list[FoundLine]) -> None:
        if not self.scanning:
            return
        for line in found:
            if line.verb == "mask" and (secret := secret_in(line.payload)):
                with suppress(SecretTooShortError):  # whoever obeys the command line says so
                    self._masker.add(secret)
