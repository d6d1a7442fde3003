"""Reading quotes and what a dollar or a backtick starts in a shell text; see `shell_scan` for the whole."""

import re

from airexec.workflow.shell.command import Command
from airexec.workflow.shell.place import MARK, Place
from airexec.workflow.shell.reader import ARITHMETIC, ShellReader

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ExpansionReader(ShellReader):
    """Reads one quoted string or expansion at a time; `commands` reads what stands inside of `$( )`."""

    def commands(self, nested: bool) -> None:
        """Read commands to the end of the text or, when nested, to the `)` that closes them."""
        raise NotImplementedError

    # --- quotes --------------------------------------------------------------------------------------------------

    def single_quotes(self) -> None:
        end = self.text.find("'", self.at + 1)
        end = len(self.text) if end < 0 else end
        self.command.add("", quoted=True)
        self.at += 1
        while self.at < end:
            if self.text[self.at] == MARK:
                self.mark(Place("'"))
            else:
                self.command.add(self.text[self.at])
                self.at += 1
        self.at = end + 1

    def double_quotes(self) -> None:
        self.command.add("", quoted=True)
        self.at += 1
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return
            self.in_double_quotes(character)

    def in_double_quotes(self, character: str) -> None:
        if character == MARK:
            self.mark(Place('"', after_name=self.at == self.name_end))
        elif character == "\\" and self.text[self.at + 1 : self.at + 2] == MARK:
            self.at += 1
            self.bad_mark("right after a backslash", "take the backslash away: the value is quoted anyway")
        elif character == "\\":
            self.escaped_in_double_quotes()
        elif character == "`":
            self.backticks()
        elif character == "$":
            self.dollar(inside_quotes=True)
        else:
            self.command.add(character)
            self.at += 1

    def escaped_in_double_quotes(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            if self.at == self.name_end or self.text[self.at - 1] == "$":
                self.note("a line that ends in the middle of a name")
        else:
            self.command.add(following if following in '\\"$`' else "\\" + following)
        self.at += 2

    def backticks(self) -> None:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        self.command.add("`", quoted=True)
        self.refused_until(end, "backticks", "write $( ) instead of the backticks")
        self.at = end + 1

    # --- what a dollar starts ------------------------------------------------------------------------------------

    def dollar(self, inside_quotes: bool) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        self.command.add("$", quoted=True)
        if following == "(":
            self.parenthesis_after_dollar()
        elif following == "{":
            self.refuse("${ }", lambda: self.braces(inside_quotes))
        elif following == "[":
            self.note("$[ ], which only bash reads as arithmetic")
            self.at += 2
        elif following == MARK:
            self.at += 1
            self.bad_mark(
                "right after a dollar sign",
                "take the $ away: {{ … }} alone is the value; \\$ is a dollar sign that means itself",
            )
        elif following in ("'", '"') and not inside_quotes:
            self.dollar_quotes(following)
        else:
            self.variable()

    def variable(self) -> None:
        name = NAME.match(self.text, self.at + 1)
        following = self.text[self.at + 1 : self.at + 2]
        if name:
            self.at = self.name_end = name.end()
        elif following and following in "0123456789@*#?-$!":
            self.at += 2
            self.name_end = self.at
        else:
            self.at += 1

    def dollar_quotes(self, quote: str) -> None:
        """`$'…'` and `$"…"` are strings of their own in bash, and a dollar before ordinary quotes in dash."""
        self.at += 1
        if quote == '"':
            self.refuse('$"…"', self.double_quotes)
            return
        end = self.at + 1
        while end < len(self.text) and self.text[end] != "'":
            end += 2 if self.text[end] == "\\" else 1
        if end != self.text.find("'", self.at + 1):
            self.note("$'…' with a quote in it, which shells read differently")
        self.refused_until(end, "$'…'")
        self.at = end + 1

    def parenthesis_after_dollar(self) -> None:
        if self.text.startswith("$((", self.at):
            self.at += 3
            self.refuse(ARITHMETIC, self.arithmetic)
        else:
            self.at += 1
            self.substitution()

    def substitution(self) -> None:
        """Read `( … )`, whose inside is a fresh text with commands and quotes of its own."""
        outer, outer_heredocs = self.command, self.heredocs
        self.command, self.heredocs = Command(), []
        start, first = self.at, len(self.places)
        self.at += 1
        self.nest(lambda: self.commands(nested=True))
        self.at += 1
        if self.heredocs or (outer_heredocs and "\n" in self.text[start : self.at]):
            self.spoil(first, "a here-document that starts inside of $( ) and ends outside")
        self.command, self.heredocs = outer, outer_heredocs
        if outer.test:
            self.marks_in_test(range(first, len(self.places)))
        if self.doubt:
            self.note(self.doubt)  # it may reach what is around the substitution

    def arithmetic(self) -> None:
        """Read to the `))` that closes; what only looks like arithmetic is a doubt."""
        opened = 2
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == ")" and opened == 2:
                if not self.text.startswith("))", self.at):
                    self.note("(( that is not arithmetic: write `( (` for nested parentheses")
                    return
                self.at += 2
                return
            opened += {"(": 1, ")": -1}.get(character, 0)
            self.in_refused(character, doubtful="'\"`#\\")

    def braces(self, inside_quotes: bool) -> None:
        """Read `${ … }`. Shells differ in what quotes mean in it when it stands inside of quotes."""
        self.at += 2
        if self.text[self.at : self.at + 1] in (" ", "\t", "\n", "|", ""):
            self.note("${ with a command in it")
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "}":
                self.at += 1
                return
            if character == "'" and not inside_quotes:
                self.single_quotes()
            elif character == '"':
                self.quotes_in_braces(inside_quotes)
            elif character == "\\":
                self.at += 1 if self.text[self.at + 1 : self.at + 2] == MARK else 2
            else:
                self.in_refused(character, doubtful="'")

    def quotes_in_braces(self, inside_quotes: bool) -> None:
        start = self.at
        self.double_quotes()
        if inside_quotes and any(character in self.text[start : self.at] for character in "}'"):
            self.note('quotes inside of "${ }"')

    def in_refused(self, character: str, doubtful: str) -> None:
        """Read one thing inside of a construct where no value is safe."""
        if character == MARK:
            self.mark(Place())
        elif character == "$":
            self.dollar(inside_quotes=True)
        elif character == "`" and "`" not in doubtful:
            self.backticks()
        else:
            if character in doubtful:
                self.note(f"{character} inside of {self.refusal}")
            self.at += 1
