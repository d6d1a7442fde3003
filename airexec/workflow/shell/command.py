"""The simple command that a shell text is in the middle of, and the commands that read their arguments as code.

`printf %s 'a[$(id)]'` is harmless, `let`, `unset` and `[[ … -eq … ]]` run `id`, whatever the quotes. The common ones
are known here; programs that do the same (`ssh`, `xargs sh -c`, `awk`) are out of reach.
"""

import re

from airexec.workflow.shell.place import BY_ENVIRONMENT, BY_TEMPLATE

ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])?\+?=")
SUBSCRIPT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?\[[^\]]*\Z")
COMPUTING_TESTS = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v"})
"""Operators of `[[ ]]` whose operands bash computes or looks up, running what stands in a subscript."""
BEHIND = "pass the value as an argument behind the text: sh -c 'echo \"$1\"' sh {{ … }}"
"""Also where no variable of ours arrives, as in a container or on another machine."""
WITHIN = """pass the value through `env:` and use "$NAME" within single quotes: 'echo "$NAME"'"""
"""Read as shell text, so the variable has to be filled in then, not before."""
COMPUTED = ("as an operand that `[[ ]]` computes", "use `[ ]` instead, which runs nothing that stands in a value")
OPENERS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"})
"""Reserved words after which a command starts."""
PREFIXES = frozenset({"command", "builtin", "exec"})
READ_AS_CODE = frozenset({"eval", "let", "trap", "alias"})
READ_AS_NAMES = frozenset(
    {"declare", "typeset", "local", "readonly", "export", "unset", "read", "mapfile", "readarray", "getopts"}
)
SHELL_PROGRAMS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"})
"""Programs that read the text after `-c` as shell; what `shell:` may name is `airexec.workflow.model.SHELLS`."""


class Command:
    """The simple command being read."""

    __slots__ = ("array", "is_target", "quoted_from", "reading", "test", "test_marks", "word", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        """Words that are complete, without quotes, assignments and reserved words in front."""
        self.word = ""
        self.reading = False
        """Inside a word: `word` may be empty all the same, as after `''`."""
        self.quoted_from: int | None = None
        """Where in `word` the first quoted character stands."""
        self.is_target = False
        self.array = False
        """Inside `name=( … )`, where words are just words."""
        self.test = False
        """Inside `[[ … ]]`."""
        self.test_marks: list[int] = []

    def restart(self) -> None:
        """A separator was read: a new command starts."""
        self.words = []
        self.is_target = False

    def add(self, piece: str, quoted: bool = False) -> None:
        """Add to the word."""
        if quoted and self.quoted_from is None:
            self.quoted_from = len(self.word)
        self.reading = True
        self.word += piece

    def starts(self) -> bool:
        """Return whether the next word is the name of a command."""
        return not self.words and not self.array

    def assigns(self) -> bool:
        """Return whether the word is an assignment in front of a command."""
        return self.starts() and bool(ASSIGNMENT.match(self.word[: self.quoted_from]))


def problem_of_command(command: Command) -> tuple[str, str]:
    """Return why a value cannot be safe in the command it belongs to, and the way out; empty: it can."""
    name = command.words[0].rpartition("/")[2] if command.words else ""
    previous = command.words[-1] if command.words else ""
    if command.test and "=~" in command.words:
        return "in the pattern of `=~`", BY_ENVIRONMENT
    if command.test and COMPUTING_TESTS & set(command.words):
        return COMPUTED
    if SUBSCRIPT.match(command.word) and (not command.words or command.array or name in READ_AS_NAMES):
        return "in a subscript, which bash computes", BY_TEMPLATE
    if name in READ_AS_CODE:
        return f"as an argument of `{name}`, which reads it as shell text", BY_TEMPLATE if name == "let" else WITHIN
    if name in READ_AS_NAMES and not _gives_value(command):
        return f"as a name for `{name}`", "write the name of the variable out"
    if previous == "-v" and name in ("printf", "test", "["):
        return f"as a name for `{name} -v`", "write the name of the variable out"
    if re.fullmatch("-[A-Za-z]*c", previous) and _is_shell(command.words[:-1]):
        return f"in the text for a shell after `{previous}`", BEHIND
    return "", ""


def _is_shell(words: list[str]) -> bool:
    """Return whether a shell and nothing but its options end `words`, as in `sudo bash -eo pipefail`."""
    while len(words) > 1:
        if words[-1].startswith(("-", "+")):
            words = words[:-1]
        elif re.fullmatch("[-+][A-Za-z]*o", words[-2]):
            words = words[:-2]
        else:
            break
    return bool(words) and words[-1].rpartition("/")[2] in SHELL_PROGRAMS


def _gives_value(command: Command) -> bool:
    """Return whether the value stands after `NAME=` of a `declare` or `export` that takes it as plain text."""
    computes = any(word.startswith("-") and set(word) & {"i", "n"} for word in command.words[1:])
    return bool(ASSIGNMENT.match(command.word)) and not computes
