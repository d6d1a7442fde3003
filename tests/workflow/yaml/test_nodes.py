"""YAML 1.2 becomes plain data with the place of every part; bombs and odd things become one finding each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.workflow.diagnostics import Finding
from airexec.workflow.yaml.at import ListAt, MapAt
from airexec.workflow.yaml.events import DEPTH_MAX
from airexec.workflow.yaml.nodes import read_yaml
from airexec.workflow.yaml.source import Source


def value(text: str) -> object:
    findings: list[Finding] = []
    document = read_yaml(text, findings)
    assert [] == findings
    assert document is not None
    return document.value


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("[http://x/]", ["http://x/"]),
        ("{URL: http://x}", {"URL": "http://x"}),
        ("[8080:80, node:18]", ["8080:80", "node:18"]),
        ("{command: test $? = 0}", {"command": "test $? = 0"}),
        ("{A: 22:22, B: C:\\x}", {"A": "22:22", "B": "C:\\x"}),
        ("tasks:\n  a: {command: curl, args: [http://x:80/?a=b, -s]}\n", {
            "tasks": {"a": {"command": "curl", "args": ["http://x:80/?a=b", "-s"]}}
        }),
    ],
)  # fmt: skip
def test_flow_collections_are_taken_as_yaml_has_them(text: str, meaning: object) -> None:
    """Also where the C parser refuses them; places are as exact as ever."""
    assert meaning == value(text)
    document = read_yaml("{u: http://x, v: 1}", [])
    assert document is not None
    assert MapAt(0, {"u": 1, "v": 14}, {"u": 4, "v": 17}) == document.at


@pytest.mark.parametrize("text", ["{a: b: c}", "[a", "{a: [b}", "{command: make {{ x }}}", "{a: [ -e go ]; b}"])
def test_what_neither_parser_takes_is_one_mistake(text: str) -> None:
    """In the words for what the first one has seen."""
    assert 1 == len(findings(text))


def findings(text: str) -> list[str]:
    found: list[Finding] = []
    read_yaml(text, found)
    source = Source(text, "f.yml")
    return [f"{one.line}:{one.column} {one.message}" for one in source.diagnostics(found)]


@pytest.mark.parametrize(
    ("scalar", "meaning"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("true", True), ("True", True), ("FALSE", False), ("tRue", "tRue"),
        ("null", None), ("~", None), ("", None), ("nUll", "nUll"),
        ("12", 12), ("-12", -12), ("+12", 12), ("012", 12), ("0o14", 12), ("0x1F", 31), ("1_000", "1_000"),
        ("3.10", 3.1), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("1.2.3", "1.2.3"),
        ("2026-11-21", "2026-11-21"), ("12:30:45", "12:30:45"), ("0b1", "0b1"), ("-x", "-x"), (".", "."), ("+", "+"),
        ('"12"', "12"), ("'true'", "true"), ('""', ""), ("!!str 12", "12"), ("!!int '12'", 12), ("!!float 12", 12.0),
        ("! 12", "12"), ("|\n 12\n", "12\n"), (">-\n a\n b\n", "a b"), ("9" * 301, "9" * 301),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(scalar: str, meaning: object) -> None:
    """Booleans and dates of YAML 1.1 are strings."""
    found = value(f"k: {scalar}\n")

    assert ({"k": meaning}, type(meaning)) == (found, type(found["k"]))  # type: ignore[index]


def test_keys_are_strings_as_written() -> None:
    """`3.10` and `on` as keys mean what they look like."""
    assert {"3.10": 1, "on": 2, "null": 3, "": 4} == value('3.10: 1\non: 2\nnull: 3\n"": 4\n')


def test_every_key_and_value_has_its_place() -> None:
    """Offsets in characters, also behind wide ones."""
    found: list[Finding] = []
    document = read_yaml("ü: [a, {b: c}]\n", found)

    inner = MapAt(7, {"b": 8}, {"b": 11})
    assert document is not None
    assert MapAt(0, {"ü": 0}, {"ü": ListAt(3, [4, inner])}) == document.at


def test_merge_keys_add_what_is_not_written() -> None:
    """Own keys win, then the first mapping that has the key; places are those of the anchor."""
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {x: 4, <<: *a}\n"

    merged = value(text)

    assert {"x": 3, "y": 1, "z": 2} == merged["c"]  # type: ignore[index]
    assert {"x": 4, "y": 1} == merged["d"]  # type: ignore[index]


def test_aliases_repeat_values() -> None:
    """The same value in two places."""
    assert {"a": ["x"], "b": ["x"], "c": "s", "d": "s"} == value("a: &l [x]\nb: *l\nc: &s s\nd: *s\n")


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n"])
def test_an_empty_file_is_no_document(text: str) -> None:
    """And nothing to complain about here."""
    assert [] == findings(text)
    assert read_yaml(text, []) is None


def test_a_duplicate_key_is_found_with_both_places() -> None:
    """Reading goes on, so all of them are found."""
    assert ["2:1 key 'a' is written twice", "4:3 key 'c' is written twice"] == findings(
        "a: 1\na: 2\nb: {c: 1,\n  c: 2}\n"
    )


def test_of_several_templates_without_quotes_in_a_line_each_is_found() -> None:
    """Reading goes on behind one, where it is all of its value."""
    said = "a value that starts with '{{' must be quoted, for YAML reads it as a map"

    assert [f"1:2 {said}", f"1:11 {said}"] == findings("[{{ x }}, {{ y }}]\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: *x\n", "1:4 alias '*x' has no anchor '&x' above it"),
        ("a: &x [*x]\n", "1:8 alias '*x' stands inside its own anchor"),
        ("a: &x {b: [*x]}\n", "1:12 alias '*x' stands inside its own anchor"),
        ("a: 1\n---\nb: 2\n", "2:1 a second document starts here; a file holds one workflow"),
        ("a: !python/object:os.system x\n", "1:4 tag '!python/object:os.system' is not supported"),
        ("a: !!set {x}\n", "1:4 tag '!!set' is not supported"),
        ("a: !!int x\n", "1:4 'x' is not of type int"),
        ("[a]: b\n", "1:1 a key must be a single value, not a list or mapping"),
        ("? {a: b}\n: c\n", "1:3 a key must be a single value, not a list or mapping"),
        ("a: {<<: 3}\n", "1:5 '<<' takes a mapping or a list of mappings"),
        ("a: {<<: [{b: 1}, 3]}\n", "1:5 '<<' takes a mapping or a list of mappings"),
        ("a: .inf\n", "1:4 '.inf' is not a number that JSON can hold"),
        ("a: -.Inf\n", "1:4 '-.Inf' is not a number that JSON can hold"),
        ("a: .nan\n", "1:4 '.nan' is not a number that JSON can hold"),
        ("a: 1e999\n", "1:4 '1e999' is not a number that JSON can hold"),
    ],
)
def test_odd_things_are_one_finding_with_a_place(text: str, said: str) -> None:
    """Each guard by itself."""
    assert [said] == findings(text)


ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)
KEYS = ",".join(f"k{i}: 1" for i in range(100))
MERGES = f"a: &a {{{KEYS}}}\nb:\n" + f"  - <<: [{','.join(['*a'] * 90)}]\n" * 100
CHAIN = "a: &a0 [x]\n" + "".join(f"k{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 3000))


@pytest.mark.parametrize(
    ("bomb", "said"),
    [
        (ALIASES, "aliases expand to more than 100320 values"),
        (MERGES, "aliases expand to more than 102300 values"),
        (CHAIN, f"nested deeper than {DEPTH_MAX} levels"),
        ("[" * 100_000, f"nested deeper than {DEPTH_MAX} levels"),
        ("{a: " * 100_000, f"nested deeper than {DEPTH_MAX} levels"),
        ("- " * 100_000, f"nested deeper than {DEPTH_MAX} levels"),
    ],
    ids=["aliases", "merge keys", "chain of aliases", "lists", "maps", "block lists"],
)
def test_bombs_are_one_finding_in_milliseconds(bomb: str, said: str) -> None:
    """A few hundred bytes can stand for 9 to the 9th values; a C stack is finite."""
    started = time.process_time()
    found: list[Finding] = []
    is_refused = read_yaml(bomb, found) is None  # a bomb that was read must not be shown by pytest
    seconds = time.process_time() - started

    assert is_refused
    assert [said] == [one.message for one in found]
    assert seconds < 0.5


def test_moderate_use_of_aliases_is_no_bomb() -> None:
    """A thousand tasks may share what they have in common."""
    text = "x-common: &c {retries: 1, env: {A: b}}\n" + "".join(f"t{i}: {{<<: *c}}\n" for i in range(1000))

    assert [] == findings(text)


def test_depth_up_to_the_limit_is_fine() -> None:
    """The limit is far above what a workflow needs."""
    assert [] == findings("[" * DEPTH_MAX + "]" * DEPTH_MAX)
    assert [f"1:{DEPTH_MAX + 1} nested deeper than {DEPTH_MAX} levels"] == findings("[" * (DEPTH_MAX + 1))


def test_an_unquoted_template_is_read_as_if_it_were_quoted() -> None:
    """So that one round shows what is wrong further down as well."""
    found: list[Finding] = []
    document = read_yaml("a: {{ x }}\nb: {c: {{ y.z }}, d: 1}\n", found)

    assert document is not None
    assert {"a": "{{ x }}", "b": {"c": "{{ y.z }}", "d": 1}} == document.value
    assert [3, 18] == [one.start for one in found]


def test_a_map_in_a_map_is_not_taken_for_a_template() -> None:
    """`{a: {b: c}}` is good YAML."""
    assert {"a": {"b": {"c": "d"}}} == value("a: {b: {c: d}}\n")


YAML_TEXT = st.text(alphabet="ab:-?[]{}&*!|>'\"%@`#, \n~<.013", max_size=60)


@given(YAML_TEXT)
@settings(max_examples=1500)
def test_no_text_makes_the_reader_raise(text: str) -> None:
    """Whatever the text, there is a document or a finding, and every finding has a place in the text."""
    found: list[Finding] = []
    read_yaml(text, found)

    for one in Source(text, "f.yml").diagnostics(found):
        assert 1 <= one.line <= text.count("\n") + 1
        assert one.message


@given(YAML_TEXT)
@settings(max_examples=300)
def test_no_text_makes_the_pure_parser_raise(text: str) -> None:
    """Where there is no C parser."""
    with without_c_parser():
        read_yaml(text, [])


EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.yml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.name))
def test_both_parsers_read_the_same(path: Path) -> None:
    """Data and places; they differ only in corners where hardly anybody goes."""
    text = path.read_text()

    by_c = read_yaml(text, [])
    with without_c_parser():
        by_python = read_yaml(text, [])

    assert by_c is not None
    assert by_c == by_python


@contextmanager
def without_c_parser() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ruamel.yaml.main.CParser", None)
        yield
