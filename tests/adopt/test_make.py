"""What is told of a Makefile by its text alone, and by what make prints about it."""

import pytest

from airexec.adopt import make
from tests.adopt.drafts import source

DATABASE = """\
Makefile:2: target 'all' does not exist
echo one \\
  two
touch x
\x01touch x\x02
make: Nothing to be done for 'b'.
<builtin>: update target 'm.o' due to: m.c
cc -c -o m.o m.c
# GNU Make 4.3

# Variables

# makefile
.DEFAULT_GOAL := all

# Files

# Not a target:
.c.o:
#  Builtin rule
\t$(COMPILE.c)

# 'override' directive
all: .SHELLSTATUS := 0
all: m.o m.o | dir
#  Phony target (prerequisite of .PHONY).
#  recipe to execute (from 'Makefile', line 2):
\techo $< \\
\t  two
\t+touch x

# Not a target:
m.o: m.c \x01find src -name '*.h'\x02 \x01ls\x02
#  Implicit/static pattern stem: 'm'
#  recipe to execute (built-in):
\t$(COMPILE.c)
"""


def test_the_database_has_the_rules() -> None:
    """Without those that are built in, with what $(shell …) would have found as far as a pattern can say it."""
    rules = (
        make.Rule("all", ("m.o",), ("dir",), ("echo $< \\\n  two", "+touch x"), True, "", "Makefile:2"),
        make.Rule("m.o", ("m.c", "\x04src/**/*.h", "\x01"), (), ("$(COMPILE.c)",), False, "m", "built-in", False),
    )

    assert make.Database({rule.target: rule for rule in rules}, "all") == make.read_database(DATABASE)


def test_what_would_run_stands_below_its_target() -> None:
    """In logical lines; what printf has written down of a line that is run in any case is not there twice."""
    assert {"all": ["echo one \\\n  two", "touch x"], "m.o": ["cc -c -o m.o m.c"]} == make.recipes(DATABASE)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("override SHELL = x", "sets SHELL by override"),
        ("define override SHELL\nx\nendef", "sets SHELL by override"),
        ("-load x.so", "loads a library"),
        ("A = ${guile 1}", "runs Guile"),
        ("A = $(file >> x,y)", "writes a file by $(file …)"),
        ("A = $(file < x)", ""),
        ("SHELL = bash\nupload load: x", ""),
    ],
)
def test_what_acts_although_nothing_is_to_run_is_known(text: str, what: str) -> None:
    assert what == make.what_would_run(text)


def test_included_files_are_known_by_name() -> None:
    """As far as no variable is in it."""
    assert ["a.mk", "b/*.mk", "c.mk"] == make.included("include a.mk b/*.mk\n-include c.mk\ninclude $(D)/d.mk\n")


def test_a_command_alone_in_its_line_sets_a_variable() -> None:
    """It prints something, where the real one prints nothing."""
    text = "$(shell mkdir -p out)\nA = $(shell x)\n\t$(shell y)\n"

    assert ".airexec := $(shell mkdir -p out)\nA = $(shell x)\n\t$(shell y)\n" == make.without_bare_runs(text)


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ("Makefile:2: *** missing separator.  Stop.", "web/Makefile:2:1: make says: missing separator"),
        ("more.mk:7: *** no.  Stop.", "web/Makefile:1:1: make says: no (more.mk:7)"),
        ("make: *** No rule to make target 'x'.  Stop.", "web/Makefile:1:1: make says: No rule to make target 'x'"),
        ("Makefile:1: warning: x", None),
    ],
)
def test_a_refusal_of_make_has_its_place(errors: str, message: str | None) -> None:
    found = make.mistake(source("a:\nb\n", "web/Makefile"), errors)

    assert message == (None if found is None else str(found))


def test_a_target_that_make_did_not_reach_is_known() -> None:
    """It is asked for again, alone."""
    text = f"{DATABASE}\nlast:\n\t$(error no)\n"

    assert ["last"] == make.untold(text)
