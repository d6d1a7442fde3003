"""What a compiler writes with `-MD`: a rule of make, whose prerequisites are the files that were read."""

_ESCAPES = frozenset([("\\", " "), ("\\", "#"), ("$", "$")])


class DepfileError(ValueError):
    """A text that is no such rule; its words say what and in which line."""


def prerequisites(text: str) -> list[str]:
    """Return the prerequisites of all rules, each once, in order.

    Understands what compilers write: lines continued by a backslash, `\\ ` and `\\#` for a blank and a number sign in a
    name, `$$` for a dollar sign, targets without prerequisites (`-MP`). Raises DepfileError.
    """
    found: dict[str, None] = {}
    for number, line in _lines(text):
        words, colon = _words(line)
        if not words and colon is None:
            continue
        if colon is None:
            raise DepfileError(f"line {number}: a rule is expected, such as  main.o: main.c main.h")
        if colon == 0:
            raise DepfileError(f"line {number}: a target is missing before ':'")
        found.update(dict.fromkeys(words[colon:]))
    return list(found)


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines, continued ones joined, with the number of the first of each."""
    lines: list[tuple[int, str]] = []
    is_continued = False
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        ends_so = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        part = line[:-1] + " " if ends_so else line
        if is_continued:
            lines[-1] = (lines[-1][0], lines[-1][1] + part)
        else:
            lines.append((number, part))
        is_continued = ends_so
    return lines


def _words(line: str) -> tuple[list[str], int | None]:
    """Return the words of a line and how many of them are targets; None for those without a colon."""
    words: list[str] = []
    word, colon, at = "", None, 0
    while at < len(line):
        sign, following = line[at], line[at + 1 : at + 2]
        if (sign, following) in _ESCAPES:
            word, at = word + following, at + 2
            continue
        if sign == "#":
            break
        if sign == ":" and colon is None and (not following or following.isspace()):
            words += [word] if word else []
            word, colon = "", len(words)
        elif sign.isspace():
            words += [word] if word else []
            word = ""
        else:
            word += sign
        at += 1
    words += [word] if word else []
    return words, colon
