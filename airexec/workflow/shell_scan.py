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
from collections.abc import Callable
from typing import Literal, NamedTuple

MARK = "\ufdd0"
"""Stands for a value: a code point that Unicode reserves for use inside programs and never for text."""

DEPTH_MAX = 50
BLANKS = " \t"
SEPARATORS = "\n;&|"
ENDS_OF_WORD = " \t\n;&|)"

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])?\+?=")
SUBSCRIPT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?\[[^\]]*\Z")
DELIMITER = re.compile(r"""(?:'[^']*'|"[^"]*"|\\.|[^\s;&|<>()'"\\])*""", re.S)
ARITHMETIC_TESTS = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v"})
OPENERS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"})
"""Reserved words after which a command starts."""
READ_AS_CODE = frozenset({"eval", "let", "trap", "alias"})
READ_AS_NAMES = frozenset(
    {"declare", "typeset", "local", "readonly", "export", "unset", "read", "mapfile", "readarray", "getopts"}
)
SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"})

BY_ENVIRONMENT = 'pass the value through `env:` and use "$NAME"'


class Place(NamedTuple):
    """Where one mark stands."""

    quotes: Literal["", "'", '"'] = ""
    alone: bool = False
    """Bare, and nothing touches it: it may become several words, or none."""
    steers: bool = False
    """The shell gives some words a meaning here, as where a command starts: quote it whatever it holds."""
    after_name: bool = False
    """Inside `"…"` right after `$name`, which it must not lengthen."""
    is_target: bool = False
    """Names the file of a redirection."""
    problem: str = ""
    hint: str = ""


def places(text: str) -> list[Place]:
    """Return the place of each MARK in `text`, in order."""
    reader = _Reader(text)
    reader.commands(nested=False)
    return reader.places


class _Command:
    """The simple command being read."""

    __slots__ = ("array", "is_target", "name_of", "quoted_from", "reading", "test", "test_marks", "word", "words")

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

    def plain_prefix(self) -> str:
        """Return the part of the word before its first quote."""
        return self.word[: self.quoted_from]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: list[Place] = []
        self.doubt = ""
        self.refusal = ""
        """Set while inside a construct in which no value is safe."""
        self.heredocs: list[tuple[str, bool, bool]] = []
        """Delimiter, tabs stripped, body is literal: bodies that start at the next line."""
        self.name_end = -1
        """Where the last `$name` ended."""
        self.depth = 0
        self.command = _Command()

    # --- bare text -----------------------------------------------------------------------------------------------

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
        if not self.command.test and not self.command.array:
            self.command.restart()
        if character == "\n":
            self.heredoc_bodies(nested)

    def end_word(self, nested: bool = False) -> None:
        """The word is complete: file it, and notice the words that steer the reading."""
        command = self.command
        if not command.reading:
            return
        word, plain = command.word, command.quoted_from is None
        assigns = self.assigns()
        command.word, command.reading, command.quoted_from = "", False, None
        if plain and word == "case" and nested:
            self.note("`case` inside of $( )")
        if command.is_target:
            command.is_target = False
        elif command.test:
            self.test_word(word)
        elif not assigns:
            self.file_word(word, plain)

    def assigns(self) -> bool:
        command = self.command
        return not command.words and not command.array and bool(ASSIGNMENT.match(command.plain_prefix()))

    def file_word(self, word: str, plain: bool) -> None:
        command = self.command
        starts = not command.words and not command.array
        if starts and plain and word in OPENERS:
            return
        if starts and plain and word == "[[":
            command.test, command.test_marks = True, []
        if starts and word in ("command", "builtin", "exec"):
            return
        command.words.append(word)
        if len(command.words) == 2 and command.words[0] == "function":
            command.restart()

    def test_word(self, word: str) -> None:
        """A word inside `[[ ]]`: bash computes the operands of `-eq` and looks up those of `-v`, running code."""
        command = self.command
        command.words.append(word)
        if word != "]]":
            return
        if ARITHMETIC_TESTS & set(command.words):
            for index in command.test_marks:
                self.places[index] = Place(
                    problem="an operand that `[[ ]]` computes", hint="use `[ ]` instead, or " + BY_ENVIRONMENT
                )
        command.test = False

    def open_parenthesis(self, nested: bool) -> int:
        """Read `(`; return how many parentheses stay open."""
        command = self.command
        if not command.reading and not command.words and self.text.startswith("((", self.at):
            self.refuse("arithmetic", self.double_parenthesis)
            return 0
        glued = command.reading
        self.end_word(nested)
        self.at += 1
        if glued and not command.test:
            command.array = True
        elif not command.test:
            command.restart()
        return 1

    def close_parenthesis(self) -> None:
        self.at += 1
        self.command.array = False
        if not self.command.test:
            self.command.restart()

    def double_parenthesis(self) -> None:
        self.at += 2
        self.arithmetic()

    def comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.refused_until(len(self.text) if end < 0 else end, "a comment")

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
        operator = next(o for o in ("<<<", "<>", ">>", "<&", ">&", ">|", "<", ">") if rest.startswith(o))
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
            self.refused_until(end, "a here-document")
            self.at = min(end + 1, len(self.text))
            if line == delimiter:
                return
            if (nested and line.startswith(delimiter)) or (not literal and _is_open(line)):
                self.note("a here-document that may end in two ways")

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
            self.bad_mark("right after a dollar sign", "write \\$ for a dollar sign that means itself")
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
            self.refuse("arithmetic", self.arithmetic)
        else:
            self.at += 1
            self.substitution()

    def substitution(self) -> None:
        """Read `( … )`, whose inside is a fresh text with commands and quotes of its own."""
        outer, outer_heredocs = self.command, self.heredocs
        self.command, self.heredocs = _Command(), []
        start, first = self.at, len(self.places)
        self.at += 1
        self.nest(lambda: self.commands(nested=True))
        self.at += 1
        if self.heredocs or (outer_heredocs and "\n" in self.text[start : self.at]):
            self.spoil(first, "a here-document that starts inside of $( ) and ends outside")
        self.command, self.heredocs = outer, outer_heredocs

    def arithmetic(self) -> None:
        """Read to the `))` that closes; what only looks like arithmetic is a doubt."""
        opened = 2
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == ")" and opened == 2:
                if not self.text.startswith("))", self.at):
                    self.note("(( that is not arithmetic: write `( (` for nested parentheses")
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

    # --- marks ---------------------------------------------------------------------------------------------------

    def bare_mark(self) -> None:
        command = self.command
        following = self.text[self.at + 1 : self.at + 2]
        self.mark(
            Place(
                alone=not command.reading and (not following or following in ENDS_OF_WORD),
                steers=command.test or (not command.words and not command.array),
                is_target=command.is_target,
            )
        )

    def mark(self, place: Place) -> None:
        """File the place of the mark at `at`, unless a value there cannot be safe."""
        problem, hint = self.problem()
        if self.command.test:
            self.command.test_marks.append(len(self.places))
        self.places.append(Place(problem=problem, hint=hint) if problem else place)
        self.command.add(MARK, quoted=True)
        self.at += 1

    def bad_mark(self, problem: str, hint: str) -> None:
        self.places.append(Place(problem=problem, hint=hint))
        self.command.add(MARK, quoted=True)
        self.at += 1

    def problem(self) -> tuple[str, str]:
        if self.refusal:
            return f"inside of {self.refusal}", BY_ENVIRONMENT
        if self.doubt:
            return f"after {self.doubt}", "move it into a command of its own, or " + BY_ENVIRONMENT
        return _problem_of_command(self.command)

    def note(self, doubt: str) -> None:
        self.doubt = self.doubt or doubt

    def refuse(self, what: str, read: Callable[[], None]) -> None:
        """Read something in which every mark is a problem."""
        outer, self.refusal = self.refusal, self.refusal or what
        self.nest(read)
        self.refusal = outer

    def nest(self, read: Callable[[], None]) -> None:
        """Read one level deeper, but not for ever."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            self.refused_until(len(self.text), "substitutions nested too deeply")
        else:
            read()
        self.depth -= 1

    def spoil(self, first: int, doubt: str) -> None:
        """A doubt that shows only now: it also holds for the places from `first` on."""
        self.note(doubt)
        for index in range(first, len(self.places)):
            self.places[index] = Place(problem=f"near {doubt}", hint=BY_ENVIRONMENT)

    def refused_until(self, end: int, what: str, hint: str = BY_ENVIRONMENT) -> None:
        """Skip to `end`; every mark before it is a problem."""
        for _ in range(self.text.count(MARK, self.at, end)):
            self.places.append(Place(problem=f"inside of {self.refusal or what}", hint=hint))
        self.at = end


def _is_open(line: str) -> bool:
    """Return whether a line of a here-document may reach into the next: an expansion, or a backslash at its end."""
    return (
        line.endswith("\\")
        or line.count("`") % 2 == 1
        or ("$(" in line and line.count("(") != line.count(")"))
        or ("${" in line and line.count("{") != line.count("}"))
    )


def _problem_of_command(command: _Command) -> tuple[str, str]:
    """Return why a value cannot be safe in the command it belongs to, and the way out; empty: it can."""
    name = command.words[0].rpartition("/")[2] if command.words else ""
    previous = command.words[-1] if command.words else ""
    if command.test and "=~" in command.words:
        return "in the pattern of `=~`", BY_ENVIRONMENT
    if SUBSCRIPT.match(command.word) and (not command.words or command.array or name in READ_AS_NAMES):
        return "in a subscript, which bash computes", BY_ENVIRONMENT
    if name in READ_AS_CODE:
        return f"as an argument of `{name}`, which reads it as shell text", BY_ENVIRONMENT
    if name in READ_AS_NAMES and not _gives_value(command):
        return f"as a name for `{name}`", "write the name of the variable out"
    if previous == "-v" and name in ("printf", "test", "["):
        return f"as a name for `{name} -v`", "write the name of the variable out"
    if name in SHELLS and re.fullmatch("-[A-Za-z]*c", previous):
        return f"in the text for `{name} {previous}`", BY_ENVIRONMENT
    return "", ""


def _gives_value(command: _Command) -> bool:
    """Return whether the value stands after `NAME=` of a `declare` or `export` that takes it as plain text."""
    computes = any(word.startswith("-") and set(word) & {"i", "n"} for word in command.words[1:])
    return bool(ASSIGNMENT.match(command.word)) and not computes
