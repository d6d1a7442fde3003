"""In which quotes a value stands, and where no value is safe."""

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.workflow.shell.place import MARK, Place
from airexec.workflow.shell.quote import posix_text
from airexec.workflow.shell.scan import places

FRAGMENTS = [
    *'\'""`\\$()()}#;|<>*~!{]=+-: \n\n   y1',
    *("$(", "${y:-", "${y#", "))", "((", " # ", "<<E\n", "<<'E'\n", "<<-E\n", "<<E\r\n", "E\n", "\nE\n", "\tE\n"),
    *("case q in ", "q) ", ";;", " esac", "echo ", "y=", "z=(", "[[ ", " ]]", " == ", " =~ ", " -eq ", "$'", '$"'),
    *("$y", "$1", "\\\n", "if :; then ", "; fi", "{ ", "; }", "&&", "<(", "<<<", "f() ", "for y in ", "; do "),
    *("; done", "$[", "\\'", '\\"', "\\`", "a[", "]=", "declare ", "printf %s ", "eval ", "let ", "[ ", "test "),
    *(" -v ", "unset ", "export ", "time ", "function g ", "@(", "case ", " in ", "esac", "$((", "sh -c "),
]
ESCAPES = [
    "\n: >OUT\n;: >OUT;$(: >OUT)`: >OUT`'\n: >OUT\n$(: >OUT)'\"\n: >OUT\n$(: >OUT)\"",
    "a[$(: >OUT)]",
    "';: >OUT;'",
    '";: >OUT;"',
    ");: >OUT;(",
    "))\n: >OUT\n((",
    "\nE\n: >OUT\n",
    "\\",
    "(: >OUT)",
    "x=$(: >OUT)",
    "#",
    "",
]
"""Values that make a file OUT wherever they get to be code."""


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        (f"echo {MARK}", ""),
        (f"echo '{MARK}'", "'"),
        (f'echo "{MARK}"', '"'),
        (f"echo 'a\"{MARK}'", "'"),
        (f'echo "it\'s {MARK}"', '"'),
        (f"echo \\'{MARK}", ""),
        (f'echo \\"{MARK}', ""),
        (f'echo "\\"{MARK}"', '"'),
        (f"echo 'a'\"b\"{MARK}", ""),
        (f"echo '\\'{MARK}", ""),
        (f'echo "$(echo {MARK})"', ""),
        (f'echo "$(echo "{MARK}")"', '"'),
        (f'echo "$(echo)"{MARK}', ""),
        (f'echo "$(echo) {MARK}"', '"'),
        (f'echo "$( (echo) )" {MARK}', ""),
        (f'echo "`echo \\"`" {MARK}', ""),
        (f'echo "${{x:-a}} {MARK}"', '"'),
        (f"echo ${{x:-'a}}'}} {MARK}", ""),
        (f'echo "$((1+(2))) {MARK}"', '"'),
        (f"echo a#b'{MARK}'", "'"),
        (f"# it's\necho {MARK}", ""),
        (f"cat <<E\nit's\nE\necho {MARK}", ""),
        (f"cat <<-'E'\n\tit's $(\n\tE\necho {MARK}", ""),
        (f"cat <<A; cat <<B\nit's\nA\n\"\nB\necho '{MARK}'", "'"),
        (f"case x in a) echo '{MARK}';; esac", "'"),
        (f"f() {{ echo {MARK}; }}", ""),
        (f"(( 1 < 2 )) && echo {MARK}", ""),
        (f"[[ a == {MARK} ]]", ""),
        (f"[[ {MARK} =~ ^a ]]", ""),
        (f"x=(a {MARK})", ""),
        (f"diff <(echo '{MARK}') b", "'"),
        (f"cat <<< {MARK}", ""),
        (f"sh script.sh -c {MARK}", ""),
        (f"declare x={MARK}", ""),
        (f"export x='{MARK}'", "'"),
        (f"pip install pkg[{MARK}]", ""),
        (f"echo ${{#x}} $# {MARK}", ""),
    ],
)
def test_quotes_are_read_as_shells_read_them(text: str, quotes: str) -> None:
    (place,) = places(text)

    assert (quotes, "") == (place.quotes, place.problem)


HEREDOC, BACKTICKS, BRACES = "inside of a here-document", "inside of backticks", "inside of ${ }"
TWO_WAYS = "after a here-document that may end in two ways"
OPEN = [
    *("$(echo", "$(a) ) $(", "$(: ')'", '$(: ")"', "$(: \\)", "$(: # )", "$((1", "$(a) $(b", "$(cat <<F)"),
    *("${x:-", "${x} ${y", "} ${x", "${x:-'}'", '${x:-"}"', "${x:-\\}"),
    *("`echo", "`a` `b", "`: \\`", "a\\", "$(" * 21 + ")" * 21, "$(: ${x:-)}", '$(: "${x:-")"}"'),
    *("$(case x in x) :", "$(case x in x) : ;; esac", "$(case x in y|x) : ;; esac; :", "$(:; case x in x) :"),
]
"""Lines of a here-document in which an expansion goes on, or may: dash then reads over a delimiter that bash obeys."""
CLOSED = [
    *("it's $(date '+%Y')", '$(basename "$x") (a', "$( (a) ) $((1 + (2)))", "$(a < b) $(c)", "$(awk '{print $1}' f)"),
    *("${x##*/} it's } ) {", '${x:-"a b"}', "${x:-$(a)}", "`a` \\`", "no ( such", "$x $1", "$(" * 20 + ")" * 20),
    *("a case (x) in $x", "$(a showcase) $(b; cases)"),
]
"""Lines of a here-document that end where they end."""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"cat <<E\n{MARK}\nE", HEREDOC),
        (f"cat <<'E'\n{MARK}\nE", HEREDOC),
        (f"cat <<-E\n\t{MARK}\n\tE", HEREDOC),
        (f"cat <<E\n{MARK}", HEREDOC),
        (f"cat <<{MARK}\nE", "after a here-document whose delimiter is not plain"),
        (f"cat <<E\r\nE\n{MARK}", HEREDOC),
        (f"cat <<E 'a\nb' {MARK}\nE", "after a here-document whose text starts inside quotes"),
        (f"cat <<E\n$(echo\nE\n{MARK}", TWO_WAYS),
        (f"cat <<E\nE \n{MARK}\nE", HEREDOC),
        (f"cat <<E\n\tE\n{MARK}\nE", HEREDOC),
        (f"cat <<-E\n E\n{MARK}\nE", HEREDOC),
        (f"x=$(cat <<E\nE)\nE\n) {MARK}", TWO_WAYS),
        *[(f"cat <<E\n{line}\nE\n{MARK}", TWO_WAYS) for line in OPEN],
        (f"echo `echo {MARK}`", BACKTICKS),
        (f'echo "`echo {MARK}`"', BACKTICKS),
        (f"echo a # {MARK}", "inside of a comment"),
        (f"echo $(( 1 + {MARK} ))", "inside of arithmetic"),
        (f"(( x = {MARK} ))", "inside of arithmetic"),
        (f"echo $(( $(echo {MARK}) ))", "inside of arithmetic"),
        (f"((echo a); echo {MARK})", "after (( that is not arithmetic: write `( (` for nested parentheses"),
        (f"echo ${{x:-{MARK}}}", BRACES),
        (f'echo "${{x:-"{MARK}"}}"', BRACES),
        (f"echo \"${{x#'}}'}}\" {MARK}", "after ' inside of ${ }"),
        (f"echo ${{ echo; }} {MARK}", "after ${ with a command in it"),
        (f"echo $'{MARK}'", "inside of $'…'"),
        (f"echo $'\\'' {MARK}", "after $'…' with a quote in it, which shells read differently"),
        (f'echo $"{MARK}"', 'inside of $"…"'),
        (f"echo $[1] {MARK}", "after $[ ], which only bash reads as arithmetic"),
        (f"echo ${MARK}", "right after a dollar sign"),
        (f'echo "${MARK}"', "right after a dollar sign"),
        (f"echo \\{MARK}", "right after a backslash"),
        (f'echo "\\{MARK}"', "right after a backslash"),
        (f"echo $\\\n{MARK}", "after a line that ends in the middle of an operator"),
        (f'x=$(case y in y) echo "{MARK}";; esac)', "after `case` inside of $( )"),
        (f"[[ a =~ {MARK} ]]", "in the pattern of `=~`"),
        (f"[[ {MARK} -eq 1 ]]", "as an operand that `[[ ]]` computes"),
        (f"[[ 1 -eq {MARK} ]]", "as an operand that `[[ ]]` computes"),
        (f"[[ 1 -eq $(echo {MARK}) ]]", "as an operand that `[[ ]]` computes"),
        (f"[[ -v {MARK} ]]", "as an operand that `[[ ]]` computes"),
        (f"a[{MARK}]=1", "in a subscript, which bash computes"),
        (f"a=([{MARK}]=1)", "in a subscript, which bash computes"),
        (f"a=({MARK}; b)", "near an array that is not closed"),
        (f"x=$(cat <<E) {MARK}\nE", "after a here-document that starts inside of $( ) and ends outside"),
        (f"[[ {MARK} && $[1] -eq 1 ]]", "near $[ ], which only bash reads as arithmetic"),
        (f"x=$(a=({MARK}))", "near an array inside of $( )"),
        (f"eval {MARK}", "as an argument of `eval`, which reads it as shell text"),
        (f"x=1 'eval' \"{MARK}\"", "as an argument of `eval`, which reads it as shell text"),
        (f"if command eval {MARK}; then :; fi", "as an argument of `eval`, which reads it as shell text"),
        (f"let x={MARK}", "as an argument of `let`, which reads it as shell text"),
        (f"trap '{MARK}' EXIT", "as an argument of `trap`, which reads it as shell text"),
        (f"unset {MARK}", "as a name for `unset`"),
        (f"declare -i x={MARK}", "as a name for `declare`"),
        (f"printf -v {MARK} x", "as a name for `printf -v`"),
        (f"sh -c 'echo {MARK}'", "in the text for a shell after `-c`"),
        (f"sudo -n /bin/bash -eo pipefail -xc {MARK}", "in the text for a shell after `-xc`"),
        ("echo " + "$(" * 60 + MARK, "inside of substitutions nested too deeply"),
    ],
)
def test_where_a_shell_could_run_a_value_there_is_a_problem(text: str, problem: str) -> None:
    """Places that no quoting makes safe, and places that two shells read differently."""
    assert [problem] == [place.problem for place in places(text)]


@pytest.mark.parametrize("line", CLOSED)
def test_a_here_document_with_whole_expansions_ends_at_its_delimiter(line: str) -> None:
    """What follows is safe to fill in."""
    (place,) = places(f"cat <<E\n{line}\nE\necho '{MARK}'")

    assert ("'", "") == (place.quotes, place.problem)


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("line", OPEN)
def test_no_shell_runs_a_value_after_a_here_document_that_goes_on(line: str, shell: str, tmp_path: Path) -> None:
    """Whatever ends the expansion later: the value is refused, or a text to the shell."""
    for end in (")", "))", "}", "`", "'", '"', ";; esac)", ""):
        script = _filled(_without_problems(f"cat <<E\n{line}\nE\n{end}\n: '{MARK}'\nE\n"), "$(: >OUT)")

        _run(shell, script, tmp_path)
        assert not (tmp_path / "OUT").exists(), script


def test_each_here_document_has_its_own_end() -> None:
    """A second one on a later line does not wait for the delimiter of the first."""
    (place,) = places(f"cat <<A\nA\ncat <<B\nB\necho '{MARK}'")

    assert ("'", "") == (place.quotes, place.problem)


def test_a_doubt_holds_only_for_what_comes_after_it() -> None:
    """A shell reads from left to right as well."""
    before, after = places(f"echo {MARK}; echo $[1]; echo {MARK}")

    assert ("", "after $[ ], which only bash reads as arithmetic") == (before.problem, after.problem)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"ls {MARK} b", Place(alone=True)),
        (f"ls x{MARK}", Place()),
        (f"ls {MARK}x", Place()),
        (f"ls ''{MARK}", Place()),
        (f"{MARK} b", Place(alone=True, steers=True)),
        (f"if {MARK}; then", Place(alone=True, steers=True)),
        (f"A=1 {MARK}", Place(alone=True, steers=True)),
        (f"ls > {MARK}", Place(alone=True, is_target=True)),
        (f"ls {MARK}>b", Place()),
        (f'ls "$a{MARK}"', Place('"', after_name=True)),
        (f'ls "${{a}}{MARK}"', Place('"')),
    ],
)
def test_a_place_says_what_touches_the_value(text: str, place: Place) -> None:
    assert [place] == places(text)


@given(st.lists(st.sampled_from([*FRAGMENTS, MARK, MARK, MARK]), max_size=30))
def test_every_mark_has_a_place_in_any_text(fragments: list[str]) -> None:
    text = "".join(fragments)

    assert text.count(MARK) == len(places(text))


@pytest.mark.parametrize("seed", range(4))
def test_no_shell_runs_a_value_in_texts_made_of_shrapnel(seed: int, tmp_path: Path) -> None:
    """Random texts, mostly broken: whatever dash and bash make of them, no value may become code."""
    draw = random.Random(seed)
    for _ in range(60):
        text = _without_problems("".join(draw.choices([*FRAGMENTS, *[MARK] * 30], k=draw.randint(2, 14))))
        script = _filled(text, draw.choice(ESCAPES))

        for shell in ("dash", "bash"):
            _run(shell, script, tmp_path)
            assert not (tmp_path / "OUT").exists(), (shell, text, script)


def _without_problems(text: str) -> str:
    while any(place.problem for place in places(text)):
        pieces = text.split(MARK)
        kept = ["" if place.problem else MARK for place in places(text)]
        text = pieces[0] + "".join(mark + piece for mark, piece in zip(kept, pieces[1:], strict=True))
    return text


def _filled(text: str, value: str) -> str:
    pieces = text.split(MARK)
    values = [posix_text(value, place) for place in places(text)]
    return pieces[0] + "".join(value + piece for value, piece in zip(values, pieces[1:], strict=True))


def _run(shell: str, script: str, folder: Path) -> None:
    subprocess.run(
        [f"/bin/{shell}", "-c", script],
        cwd=folder,
        env={"PATH": "/nonexistent"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
