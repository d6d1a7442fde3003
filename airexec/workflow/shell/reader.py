"""What every part of the reader of shell text shares: the text, the cursor, and the filing of places."""

from collections.abc import Callable, Iterable

from airexec.workflow.shell.command import Command, problem_of_command
from airexec.workflow.shell.place import BY_ENVIRONMENT, BY_TEMPLATE, MARK, Place, refused

DEPTH_MAX = 50
ARITHMETIC = "arithmetic"


class ShellReader:
    """A cursor over a text, and the places found so far."""

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
        self.command = Command()

    def mark(self, place: Place) -> None:
        """File the place of the mark at `at`, unless a value there cannot be safe."""
        problem, hint = self.problem()
        self.command.test_marks += [len(self.places)] if self.command.test else []
        self.places.append(refused(problem, hint) if problem else place)
        self.command.add(MARK, quoted=True)
        self.at += 1

    def bad_mark(self, problem: str, hint: str) -> None:
        self.places.append(refused(problem, hint))
        self.command.add(MARK, quoted=True)
        self.at += 1

    def way_out(self) -> str:
        """Return what to do about a value inside of `refusal`."""
        return BY_TEMPLATE if self.refusal == ARITHMETIC else BY_ENVIRONMENT

    def problem(self) -> tuple[str, str]:
        if self.refusal:
            return f"inside of {self.refusal}", self.way_out()
        if self.doubt:
            return f"after {self.doubt}", "move it into a command of its own, or " + BY_ENVIRONMENT
        return problem_of_command(self.command)

    def marks_in_test(self, indexes: Iterable[int]) -> None:
        """Values deeper down, whose output is an operand of the `[[ ]]` that is being read."""
        problem, hint = problem_of_command(self.command)
        if problem:
            self.refuse_marks(indexes, problem, hint)
        self.command.test_marks += indexes

    def note(self, doubt: str) -> None:
        """From here on the text may mean something else to a shell than to us."""
        self.doubt = self.doubt or doubt
        if self.command.test:  # what follows may be an operator that computes
            self.refuse_marks(self.command.test_marks, f"near {doubt}")

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
        self.refuse_marks(range(first, len(self.places)), f"near {doubt}")

    def refuse_marks(self, indexes: Iterable[int], problem: str, hint: str = BY_ENVIRONMENT) -> None:
        """Take back places that were thought safe."""
        for index in indexes:
            if not self.places[index].problem:
                self.places[index] = refused(problem, hint)

    def refused_until(self, end: int, what: str, hint: str = BY_ENVIRONMENT) -> None:
        """Skip to `end`; every mark before it is a problem."""
        for _ in range(self.text.count(MARK, self.at, end)):
            outer = self.refusal
            self.places.append(refused(f"inside of {outer or what}", self.way_out() if outer else hint))
        self.at = end
