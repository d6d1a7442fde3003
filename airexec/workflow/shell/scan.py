"""Where the values stand in a shell text: a reader of POSIX sh and bash that knows quoting and little else.

The text holds a MARK for each value; the reader says for each mark in which quotes it stands, or why no value can be
made safe there. It does not know what the values are, and it expands nothing.

The rule of the whole module: **when in doubt, refuse.** A reader that takes a place for bare while the shell takes
it for quoted would let a value out of its place. So wherever dash and bash read differently, or reading right would
need their whole grammar (`case` inside `$( )`, quotes inside `"${x:-…}"`), a *doubt* is noted, and every later mark
of the text is a problem that names it. Marks before it are fine: a shell reads from left to right as well.

Closing parentheses matter only inside `$( )`, `<( )` and `>( )`: there they lead back into the quotes outside.
Everywhere else an unmatched `)` belongs to a `case` pattern and changes nothing.
"""

import re

from airexec.workflow.shell.command import COMPUTED, COMPUTING_TESTS, OPENERS, PREFIXES, Command
from airexec.workflow.shell.expansion import ExpansionReader
from airexec.workflow.shell.place import MARK, Place
from airexec.workflow.shell.reader import ARITHMETIC

BLANKS = " \t"
SEPARATORS = "\n;&|"
ENDS_OF_WORD = " \t\n;&|)"
"""Without `<`, `>` and `(`: bare, a number in front of `>` names a descriptor, a word in front of `(` a function."""
REDIRECTIONS = ("<<<", "<>", ">>", "<&", ">&", ">|", "<", ">")
DELIMITER = re.compile(r"""(?:'[^']*'|"[^"]*"|\\.|[^ \t\n;&|<>()'"\\])*""", re.S)


BY_LEAVING_OUT = "delete it, or write {# … #} instead of the #: that is left out"
IN_DOCUMENT = "pass the value through `env:` and use $NAME"
IN_QUOTED_DOCUMENT = f"{IN_DOCUMENT}, with a delimiter that has no quotes"


def places(text: str) -> list[Place]:
    """Return the place of each MARK in `text`, in order."""
    reader = CommandReader(text)
    reader.commands(nested=False)
    return reader.places


class CommandReader(ExpansionReader):
    """Reads bare text: words, operators, redirections, here-documents."""

    def commands(self, nested: bool) -> None:
        """Read commands to the end of the text or, when nested, to the `)` that closes them."""
        parentheses = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == ")":
                self.end_word(nested)
                if nested and parentheses == 0:
                    return
                parentheses = max(parentheses - 1, 0)
                self.close_parenthesis()
            elif character == "(":
                parentheses += self.open_parenthesis(nested)
            else:
                self.bare(character, nested)
        self.end_word(nested)

    def bare(self, character: str, nested: bool) -> None:
        """Read one thing outside of quotes that is not a parenthesis."""
        if character in BLANKS:
            self.at += 1
            self.end_word(nested)
        elif character in SEPARATORS:
            self.separator(character, nested)
        elif character == "#" and not self.command.reading:
            self.comment()
        elif character in "<>":
            self.redirection(nested)
        elif character == "\\":
            self.backslash()
        elif character == MARK:
            self.bare_mark()
        elif character in "'\"`$":
            self.quoted(character)
        else:
            self.command.add(character)
            self.at += 1

    def quoted(self, character: str) -> None:
        """Read a quoted string or an expansion outside of quotes."""
        start, first = self.at, len(self.places)
        if character == "'":
            self.single_quotes()
        elif character == '"':
            self.double_quotes()
        elif character == "`":
            self.backticks()
        else:
            self.dollar(inside_quotes=False)
        if self.heredocs and "\n" in self.text[start : self.at]:
            self.spoil(first, "a here-document whose text starts inside quotes")

    def separator(self, character: str, nested: bool) -> None:
        self.end_word(nested)
        self.at += 1
        if character == ";":
            self.command.test = False
        if not self.command.test:
            self.command.restart()
        if character == "\n":
            self.heredoc_bodies(nested)

    def end_word(self, nested: bool = False) -> None:
        """The word is complete: file it, and notice the words that steer the reading."""
        command = self.command
        if not command.reading:
            return
        word, plain = command.word, command.quoted_from is None
        assigns = command.assigns()
        command.word, command.reading, command.quoted_from = "", False, None
        if plain and word == "case" and nested:
            self.note("`case` inside of $( )")
        if command.is_target:
            command.is_target = False
        elif command.test:
            self.test_word(word)
        elif not assigns:
            self.file_word(word, plain)

    def file_word(self, word: str, plain: bool) -> None:
        command = self.command
        starts = command.starts()
        if starts and plain and word in OPENERS:
            return
        if starts and plain and word == "[[":
            command.test, command.test_marks = True, []
        if starts and word in PREFIXES:
            return
        command.words.append(word)
        if len(command.words) == 2 and command.words[0] == "function":
            command.restart()

    def test_word(self, word: str) -> None:
        """A word inside `[[ ]]`: bash computes the operands of `-eq` and looks up those of `-v`, running code."""
        command = self.command
        command.words.append(word)
        command.test = word != "]]"
        if word in COMPUTING_TESTS:
            self.refuse_marks(command.test_marks, *COMPUTED)

    def open_parenthesis(self, nested: bool) -> int:
        """Read `(`; return how many parentheses stay open."""
        command = self.command
        if not command.reading and not command.words and self.text.startswith("((", self.at):
            self.double_parenthesis()
            return 0
        if command.reading and command.word.endswith("=") and not command.test:
            self.array(nested)
            return 0
        self.end_word(nested)
        self.at += 1
        if not command.test:
            command.restart()
        return 1

    def close_parenthesis(self) -> None:
        self.at += 1
        if not self.command.test:
            self.command.restart()

    def array(self, nested: bool) -> None:
        """Read `( … )` after `name=`, where words are just words.

        After a mistake in it bash goes on with the next line, even one inside of quotes: then no value is safe.
        """
        outer, first = self.command, len(self.places)
        self.command = Command()
        self.command.array = True
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] not in "();&|<>":
            self.bare(self.text[self.at], nested)
        if not self.text.startswith(")", self.at):
            self.spoil(first, "an array that is not closed")
        elif nested:  # bash 5.2 writes the substitution out and reads it again, and loses quotes of the array
            self.spoil(first, "an array inside of $( )")
        self.at += 1
        self.command = outer
        self.command.add("()")

    def double_parenthesis(self) -> None:
        start = self.at
        self.at += 2
        self.refuse(ARITHMETIC, self.arithmetic)
        if self.heredocs and "\n" in self.text[start : self.at]:
            self.note("a here-document that starts before arithmetic of several lines")

    def comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.refused_until(len(self.text) if end < 0 else end, "a comment", BY_LEAVING_OUT)

    def backslash(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            if self.text[self.at - 1 : self.at] in ("$", "<", "("):
                self.note("a line that ends in the middle of an operator")
            self.at += 2
        elif following == MARK:
            self.at += 1
            self.bad_mark("right after a backslash", "take the backslash away: the value is quoted anyway")
        else:
            self.command.add(following, quoted=True)
            self.at += 2

    # --- redirections and here-documents -------------------------------------------------------------------------

    def redirection(self, nested: bool) -> None:
        rest = self.text[self.at : self.at + 3]
        if rest[1:2] == "(":
            self.at += 1
            self.substitution()
            self.command.add("<")
            return
        self.end_word(nested)
        if rest.startswith("<<") and rest != "<<<":
            self.heredoc_start()
            return
        operator = next(operator for operator in REDIRECTIONS if rest.startswith(operator))
        self.at += len(operator)
        self.command.is_target = True

    def heredoc_start(self) -> None:
        self.at += 2
        strips = self.text.startswith("-", self.at)
        self.at += strips
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        word = DELIMITER.match(self.text, self.at)
        delimiter = word.group() if word else ""
        following = self.text[self.at + len(delimiter) : self.at + len(delimiter) + 1]
        if not delimiter or following in ("'", '"', "\\") or set(delimiter) & set(f"{MARK}$`\n"):
            self.note("a here-document whose delimiter is not plain")
            return
        self.at += len(delimiter)
        literal = any(character in delimiter for character in "'\"\\")
        self.heredocs.append((re.sub(r"['\"\\]", "", delimiter), strips, literal))

    def heredoc_bodies(self, nested: bool) -> None:
        for delimiter, strips, literal in self.heredocs:
            self.heredoc_body(delimiter, strips, literal, nested)
        self.heredocs = []

    def heredoc_body(self, delimiter: str, strips: bool, literal: bool, nested: bool) -> None:
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end]
            line = line.lstrip("\t") if strips else line
            self.refused_until(end, "a here-document", IN_QUOTED_DOCUMENT if literal else IN_DOCUMENT)
            self.at = min(end + 1, len(self.text))
            if line == delimiter:
                return
            # Inside of $( ) bash ends it at `E)` as well; an expansion may hold the line that looks like the end.
            if (nested and line.startswith(delimiter)) or (not literal and _is_open(line)):
                self.note("a here-document that may end in two ways")

    def bare_mark(self) -> None:
        command = self.command
        following = self.text[self.at + 1 : self.at + 2]
        self.mark(
            Place(
                alone=not command.reading and (not following or following in ENDS_OF_WORD),
                steers=command.test or command.starts(),
                is_target=command.is_target,
            )
        )


def _is_open(line: str) -> bool:
    """Return whether a line of a here-document may reach into the next: an expansion, or a backslash at its end.

    dash reads on to the end of an expansion, bash reads to the delimiter first. An expansion is closed where nothing in
    it can hide its end: not quotes around a parenthesis or a brace, nor a backslash, a comment, a here-document of its
    own, a `${ }` around a parenthesis, or the pattern of a `case`.
    """
    if line.endswith("\\") or re.sub(r"\\.", "", line).count("`") % 2:
        return True
    if "$(" in line and _CASE.search(line):
        return True
    for _ in range(_NESTED_MAX):
        line, closed = _CLOSED.subn("x", line)
        if not closed:
            break
    return "$(" in line or "${" in line


_NESTED_MAX = 20
_CASE = re.compile(r"\bcase\b")
_CLOSED = re.compile(
    r"""\$?\((?:[^(){}'"\\`#<]|<(?!<)|'[^'()]*'|"[^"(){}\\`]*")*\)|\$\{(?:[^(){}'"\\`]|"[^"'(){}\\`]*")*\}"""
)
"""An innermost pair of parentheses, or an innermost `${ }`, that ends where it seems to."""
