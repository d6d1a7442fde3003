"""What compilers write for make: the prerequisites, however names are spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.fresh.depfile import DepfileError, prerequisites


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("main.o: main.c main.h\n", ["main.c", "main.h"]),
        ("main.o: main.c \\\n  main.h \\\n  /usr/include/stdio.h\n", ["main.c", "main.h", "/usr/include/stdio.h"]),
        ("main.o: main.c\r\n\r\nmain.h:\r\n", ["main.c"]),
        ("a.o b.o: x.c\na.o: y.h x.c\n", ["x.c", "y.h"]),
        ("a.o: with\\ blank.h with\\#sign.h\n", ["with blank.h", "with#sign.h"]),
        ("a.o: $$money.h back\\slash.h\n", ["$money.h", "back\\slash.h"]),
        ("C:/a.o: C:/a.c\n", ["C:/a.c"]),
        ("a.o : a.c # a comment: with a colon\n", ["a.c"]),
        ("a.o:\n", []),
        ("\n# nothing\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_prerequisites(text: str, expected: list[str]) -> None:
    assert expected == prerequisites(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing\n", "line 1: a rule is expected, such as  main.o: main.c main.h"),
        ("a.o: a.c\n\nb.c b.h\n", "line 3: a rule is expected, such as  main.o: main.c main.h"),
        (": a.c\n", "line 1: a target is missing before ':'"),
    ],
)
def test_what_is_no_rule_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(DepfileError) as error:
        prerequisites(text)

    assert said == str(error.value)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\\:#$"), min_size=1)


@given(st.lists(names, unique=True))
def test_any_names_come_back(paths: list[str]) -> None:
    assert paths == prerequisites("a.o: " + " \\\n ".join(paths) + "\n")
