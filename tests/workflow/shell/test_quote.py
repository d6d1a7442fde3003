"""Values cannot break out of their place in a command: shown by dash and bash themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.workflow.shell.place import MARK
from airexec.workflow.shell.quote import quote_values, shell_family
from airexec.workflow.template.problem import TemplateError
from tests.workflow.shell_values import NASTY, SHELLS, encoded, hostile, printed

PRINTERS = {
    "bare": f"printf %s {MARK}",
    "in double quotes": f'printf %s "{MARK}"',
    "in single quotes": f"printf %s '{MARK}'",
    "glued to a text": f"printf %s --x={MARK}",
    "between texts in double quotes": f'printf %s "a {MARK} b"',
    "between texts in single quotes": f"printf %s 'a \" {MARK} $b'",
    "in a substitution": f'printf %s "$(printf %s {MARK}; echo .)"',
    "in quotes in a substitution in quotes": f'printf %s "$(printf %s "{MARK}"; printf %s \'{MARK}\'; echo .)"',
    "in an unquoted substitution": f'printf %s "$(printf %s x$(printf %s {MARK} >/dev/null))"',
    "assigned": f'x={MARK}; printf %s "$x"',
    "assigned in quotes": f'x="{MARK}"; printf %s "$x"',
    "assigned for one command": f"x={MARK} sh -c 'printf %s \"$x\"'",
    "exported": f'export x={MARK}; printf %s "$x"',
    "in a for list": f'for x in {MARK} "{MARK}"; do printf %s "$x"; done',
    "as the word of a case": f'case {MARK} in "{MARK}") printf %s {MARK};; *) printf different;; esac',
    "as a pattern of a case": f'case "{MARK}" in {MARK}) printf %s {MARK};; *) printf different;; esac',
    "in a test": f'[ x{MARK} = "x{MARK}" ] && printf %s {MARK}',
    "after a variable in double quotes": f'x=1; printf %s "$x{MARK}"',
    "after a bare variable": f"x=1; printf %s $x{MARK}",
    "beside itself": f"printf %s {MARK}{MARK}",
    "in a function": f"f() {{ printf %s {MARK}; }}; f",
    "in a subshell": f"(printf %s {MARK})",
    "after a comment": f"# it's \"a `comment\nprintf %s {MARK}",
    "after a here-document": f"cat >/dev/null <<'E'\n it's \"$(\nE\nprintf %s {MARK}",
    "after arithmetic": f'printf %s "$(( (1+2) ))" {MARK}',
    "after a default": f"printf %s ${{nothing:-a}} {MARK}",
    "after escapes": f"printf %s \\'\\\"\\$ {MARK}",
    "on a continued line": f"printf %s \\\n  {MARK}",
    "in a pipe": f"printf %s {MARK} | cat",
}
"""Commands that print the value, with what the letters around it print as well."""


def expected_output(name: str, value: str) -> bytes:
    """Say what a command of PRINTERS must print, from the words of its name alone."""
    v = encoded(value)
    around = {
        "glued to a text": b"--x=" + v,
        "between texts in double quotes": b"a " + v + b" b",
        "between texts in single quotes": b'a " ' + v + b" $b",
        "in a substitution": v + b".",
        "in quotes in a substitution in quotes": v + v + b".",
        "in an unquoted substitution": b"x",
        "in a for list": v + v,
        "after a variable in double quotes": b"1" + v,
        "after a bare variable": b"1" + v,
        "beside itself": v + v,
        "after arithmetic": b"3" + v,
        "after a default": b"a" + v,
        "after escapes": b"'\"$" + v,
    }
    return around.get(name, v)


def quoted(command: str, value: object) -> str:
    """Return `command` with the same value at each mark."""
    return quote_values(command, [(value, "{{ v }}")] * command.count(MARK), "posix")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", PRINTERS)
def test_a_value_comes_out_as_it_went_in(shell: str, name: str) -> None:
    """Every nasty value, in every place where a value may stand."""
    outputs = printed(shell, [quoted(PRINTERS[name], value) for value in NASTY])

    assert [expected_output(name, value) for value in NASTY] == outputs


@pytest.mark.parametrize("shell", SHELLS)
@given(values=st.lists(hostile, min_size=30, max_size=60))
@settings(max_examples=50)
def test_no_value_breaks_out_of_any_place(shell: str, values: list[str]) -> None:
    """Thousands of values that hypothesis makes up, each in one of the places, all places in turn."""
    names = [list(PRINTERS)[index % len(PRINTERS)] for index in range(len(values))]

    outputs = printed(shell, [quoted(PRINTERS[name], value) for name, value in zip(names, values, strict=True)])

    assert [expected_output(name, value) for name, value in zip(names, values, strict=True)] == outputs


@pytest.mark.parametrize("shell", SHELLS)
def test_a_list_that_stands_alone_becomes_a_word_per_item(shell: str) -> None:
    """Items with blanks stay whole, an empty item is an empty word."""
    command = quoted(f"printf '<%s>' {MARK} end", ["a b", "", "*", "it's", 3, True, {"k": [1]}])

    assert [b'<a b><><*><it\'s><3><true><{"k": [1]}><end>'] == printed(shell, [command])


@pytest.mark.parametrize("shell", SHELLS)
def test_an_empty_list_is_no_word_at_all(shell: str) -> None:
    command = quoted(f"f() {{ printf %s $#; }}; f {MARK} end", [])

    assert [b"1"] == printed(shell, [command])


@pytest.mark.parametrize("shell", SHELLS)
def test_an_empty_text_is_an_empty_word(shell: str) -> None:
    command = quoted(f"f() {{ printf %s $#; }}; f {MARK} end", "")

    assert [b"2"] == printed(shell, [command])


def test_items_of_an_array_in_bash_stay_whole() -> None:
    command = quoted(f"a=({MARK} '{MARK}'); printf '<%s>' \"${{a[@]}}\"", "a b")

    assert [b"<a b><a b>"] == printed("bash", [command])


@pytest.mark.parametrize(
    ("command", "value", "expected"),
    [
        (f"ls {MARK} ", "eu", "ls eu "),
        (f"ls {MARK}", "data/2026-01.csv", "ls data/2026-01.csv"),
        (f"ls {MARK}", "-la", "ls '-la'"),
        (f"ls {MARK}", "a b", "ls 'a b'"),
        (f"ls x{MARK}", "eu", "ls x'eu'"),
        (f"{MARK} x", "eu", "'eu' x"),
        (f"ls {MARK}", "if", "ls 'if'"),
        (f"ls {MARK}>f", "2", "ls '2'>f"),
        (f"ls {MARK}", "", "ls ''"),
        (f"ls {MARK}", True, "ls true"),
        (f"ls {MARK}", 1.5, "ls 1.5"),
        (f"ls '{MARK}'", {"a": "it's"}, "ls '{\"a\": \"it'\\''s\"}'"),
    ],
)
def test_quotes_are_left_out_only_where_a_word_stands_alone(command: str, value: object, expected: str) -> None:
    """A dry run is easier to read without needless quotes; everything that could steer the shell has them."""
    assert expected == quoted(command, value)


@pytest.mark.parametrize(
    ("command", "value", "message"),
    [
        (
            f'ls "{MARK}"',
            ["a"],
            "`{{ v }}`: a list can only stand bare and alone, where it becomes several words; "
            "`| join(' ')` makes one text of it, `| tojson` JSON",
        ),
        (
            f"ls -x{MARK}",
            ["a"],
            "`{{ v }}`: a list can only stand bare and alone, where it becomes several words; "
            "`| join(' ')` makes one text of it, `| tojson` JSON",
        ),
        (
            f"ls > {MARK}",
            ["a"],
            "`{{ v }}`: a list can only stand bare and alone, where it becomes several words; "
            "`| join(' ')` makes one text of it, `| tojson` JSON",
        ),
        (
            f"ls {MARK}",
            None,
            "`{{ v }}`: the value is null, which has no text; write `| default('', true)` for an empty text",
        ),
        (f"ls {MARK}", "a\0b", "`{{ v }}`: the value holds a NUL character, which no program can be given"),
        (f"ls {MARK}", ["\0"], "`{{ v }}`: the value holds a NUL character, which no program can be given"),
        (f"ls {MARK}", object(), "`{{ v }}`: the value is a object, which is not plain data"),
    ],
)
def test_a_value_without_one_meaning_is_refused(command: str, value: object, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        quoted(command, value)

    assert message == error.value.headline


def test_the_error_of_an_unsafe_place_names_the_way_out() -> None:
    with pytest.raises(TemplateError) as error:
        quoted(f"cat <<EOF\n{MARK}\nEOF", "x")

    assert "`{{ v }}` stands inside of a here-document, where no value can be made safe" == error.value.headline
    assert "pass the value through `env:` and use $NAME" == error.value.hint


@pytest.mark.parametrize(
    ("shell", "family"),
    [
        (("sh", "-e", "-c"), "posix"),
        (("bash", "-e", "-o", "pipefail", "-c"), "posix"),
        (("/usr/bin/zsh", "-ec"), "posix"),
        (("python3", "-c"), "python"),
        (("/opt/bin/python3.12", "-c"), "python"),
        (("python3", "-m"), "other"),
        (("ssh", "host", "sh", "-c"), "other"),
        (("bash",), "other"),
        (("fish", "-c"), "other"),
        (("env", "bash", "-c"), "other"),
        ((), "other"),
    ],
)
def test_only_shells_that_we_know_get_quoted_values(shell: tuple[str, ...], family: str) -> None:
    """Behind `ssh` or `docker exec` a text may be read twice, so a prefix that we do not know is `other`."""
    assert family == shell_family(shell)


def test_a_shell_of_unknown_quoting_takes_no_values() -> None:
    with pytest.raises(TemplateError) as error:
        quote_values(f"echo {MARK}", [("x", "{{ v }}")], "other")

    assert (
        "`{{ v }}` stands in the command of a shell whose quoting is not known, where no value can be made safe"
        == error.value.headline
    )
    assert (
        "pass the value through `env:`, or write the command as a list; `| raw` puts it in as it is" == error.value.hint
    )
