"""As much of a terminal as the live view asks for: it shows what one would see, and refuses what it does not know."""

import re

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|[\r\n]|[^\x1b\r\n]")


class Terminal:
    """Wraps long lines and never scrolls: all that was ever shown stays in `rows`."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows: list[str] = [""]
        self.row = 0
        self.column = 0

    def show(self, text: str) -> list[str]:
        """Obey `text` and return what is seen, without colours and trailing blanks."""
        end = 0
        for token in _TOKEN.finditer(text):
            assert token.start() == end, f"not understood: {text[end : token.start()]!r}"
            end = token.end()
            self._obey(token)
        assert end == len(text), f"not understood: {text[end:]!r}"
        return self.screen()

    def screen(self) -> list[str]:
        rows = [row.rstrip() for row in self.rows]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def _obey(self, token: re.Match[str]) -> None:
        private, number, final = token.groups()
        if final is None:
            self._put(token.group())
        elif final == "A":
            self.row = max(0, self.row - int(number or 1))
        elif final == "K":
            assert number == "2"
            self.rows[self.row] = ""
        elif final == "J":
            assert not number
            self.rows[self.row] = self.rows[self.row][: self.column]
            del self.rows[self.row + 1 :]
        elif final in "hl":
            assert (private, number) == ("?", "2026"), "a mode that would have to be restored"
        else:
            assert final == "m", token.group()

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
            return
        if character == "\n" or self.column == self.columns:
            self.row, self.column = self.row + 1, 0
            self.rows += [""] * (self.row + 1 - len(self.rows))
        if character != "\n":
            row = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = row[: self.column] + character + row[self.column + 1 :]
            self.column += 1
