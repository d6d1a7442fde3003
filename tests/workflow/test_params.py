"""Params from the command line and from files: typed by their schema, and every mistake told at once."""

from pathlib import Path
from typing import Any

import pytest

from airexec.errors import UsageError
from airexec.workflow.diagnostics import WorkflowError
from airexec.workflow.params import parse_params, read_params_file
from tests.workflow.reading import complaints, workflow

FLOW = workflow("""
params:
  region: eu
  shards: {type: integer, default: 4, minimum: 1}
  ratio: 0.5
  debug: false
  names: {type: array, default: [], items: {type: string, pattern: "^[a-z]+$"}}
  options: {type: object, default: {}}
  size: {enum: [small, large], default: small}
tasks: {a: {command: x}}
""")
NEEDY = workflow("params: {token: {type: string, minLength: 3}, n: {type: integer}}\ntasks: {a: {command: x}}\n")


def test_without_anything_given_every_param_has_its_default() -> None:
    """In order of the file."""
    expected: dict[str, Any] = {
        "region": "eu", "shards": 4, "ratio": 0.5, "debug": False, "names": [], "options": {}, "size": "small",
    }  # fmt: skip

    found = parse_params(FLOW, [], {})

    assert list(expected.items()) == list(found.items())


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("region=us", "us"), ("region=", ""), ("region=a=b", "a=b"), ("region=3", "3"), ("region=true", "true"),
        ("shards=8", 8), ("shards=8.0", 8), ("ratio=2", 2), ("ratio=1e3", 1000.0), ("debug=true", True),
        ("debug=False", False), ('names=["a", "b"]', ["a", "b"]), ('options={"a": 1}', {"a": 1}),
        ("size=large", "large"),
    ],
)  # fmt: skip
def test_a_pair_is_typed_by_the_schema_of_its_param(pair: str, value: Any) -> None:
    """The same text means a number for one and a text for another."""
    found = parse_params(FLOW, [pair], {})[pair.partition("=")[0]]

    assert (value, type(value)) == (found, type(found))


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ("{enum: [1, 2], default: 1}", "2", 2), ("{default: 3}", "4", 4), ("{minimum: 1, default: 2}", "3", 3),
        ("{enum: [true, false], default: true}", "false", False), ("{const: 3}", "3", 3), ("{maximum: 9}", "2.5", 2.5),
        ("{default: 1, maximum: 2.5}", "1.5", 1.5), ("{enum: [1, 2.5]}", "2.5", 2.5), ("{items: {}}", "[1]", [1]),
        ("{default: {a: 1}}", '{"b": 2}', {"b": 2}), ("{minLength: 1}", "3", "3"), ("{default: null}", "3", "3"),
        ("{enum: [auto, 4, true]}", "4", 4), ("{enum: [auto, 4, true]}", "auto", "auto"),
        ("{enum: [auto, 4, true]}", "true", True), ("{default: '3'}", "4", "4"), ("{properties: {}}", "{}", {}),
        ("{description: x}", "3", "3"),
    ],
)  # fmt: skip
def test_a_type_that_a_schema_does_not_say_is_that_of_its_values(schema: str, text: str, value: Any) -> None:
    """Else what the schema allows could not be set."""
    found = parse_params(workflow(f"params: {{p: {schema}}}\ntasks: {{a: {{command: x}}}}\n"), [f"p={text}"], {})["p"]

    assert (value, type(value)) == (found, type(found))


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        ("{minimum: 1, default: 2}", "0", "param 'p' must be at least 1, not 0"),
        ("{default: 2}", "x", "param 'p' takes a whole number, not 'x'"),
        ("{enum: [1, 2], default: 1}", "3", "param 'p' cannot be the number 3 (it takes the number 1 or the number 2)"),
        ("{enum: [auto, 4], default: 4}", "5", "param 'p' cannot be '5' (it takes auto or the number 4)"),
    ],
)
def test_a_schema_without_a_type_is_applied(schema: str, text: str, said: str) -> None:
    flow = workflow(f"params: {{p: {schema}}}\ntasks: {{a: {{command: x}}}}\n")
    with pytest.raises(UsageError) as caught:
        parse_params(flow, [f"p={text}"], {})

    assert said == str(caught.value)


def test_pairs_win_over_the_file_and_the_last_pair_wins() -> None:
    """What is said last and nearest."""
    found = parse_params(FLOW, ["shards=5", "shards=6"], {"shards": 2, "region": "us"})

    assert (6, "us") == (found["shards"], found["region"])


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (["shards=many"], "param 'shards' takes a whole number, not 'many'"),
        (["shards=1.5"], "param 'shards' takes a whole number, not '1.5'"),
        (["shards=true"], "param 'shards' takes a whole number, not 'true'"),
        (["shards=NaN"], "param 'shards' takes a whole number, not 'NaN'"),
        (["shards=1e999"], "param 'shards' takes a whole number, not '1e999'"),
        (["shards=0"], "param 'shards' must be at least 1, not 0"),
        (["ratio=x"], "param 'ratio' takes a number, not 'x'"),
        (["debug=yes"], "param 'debug' takes true or false, not 'yes'"),
        (["names=a,b"], "param 'names' takes a JSON list such as [\"a\", \"b\"], not 'a,b'"),
        (["names={}"], "param 'names' takes a JSON list such as [\"a\", \"b\"], not '{}'"),
        (["names=[\"A\"]"], "param 'names': item 1 of 'names' cannot be 'A' (it must match ^[a-z]+$)"),
        (["options=[]"], "param 'options' takes a JSON object such as {\"a\": 1}, not '[]'"),
        (["size=medium"], "param 'size' cannot be 'medium' (it takes small or large)"),
        (["size=smal"], "param 'size' cannot be 'smal' (did you mean 'small'?)"),
        (["regoin=us"], "unknown param 'regoin' (did you mean 'region'?)"),
        (["zzz=1"], "unknown param 'zzz'"),
        (["region"], "param 'region' is not KEY=VALUE"),
        (["=region=eu"], "param '=region=eu' is not KEY=VALUE; write -p region=eu"),
        (["="], "param '=' is not KEY=VALUE"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_would_be_right(pairs: list[str], said: str) -> None:
    """As a usage error, exit code 2."""
    with pytest.raises(UsageError) as raised:
        parse_params(FLOW, pairs, {})

    assert (said, 2) == (raised.value.headline, raised.value.exit_code)


TRAP = "a" * 30 + "b"


@pytest.mark.parametrize(
    ("param", "said"),
    [
        (f"{{type: string, pattern: '(a+)+$', default: {TRAP}}}", f"""\
f.yml:1:56: error: the default breaks its own schema: 'x' cannot be '{TRAP}' (it must match (a+)+$)
    1 | params: {{x: {{type: string, pattern: '(a+)+$', default: {TRAP}}}}}
      |                                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""),
        (f"{{pattern: '(?:(?=a)a|a(?!c))+$', default: {TRAP}}}", f"""\
f.yml:1:23: error: pattern (?:(?=a)a|a(?!c))+$ takes more than 10000 steps for the default
    1 | params: {{x: {{pattern: '(?:(?=a)a|a(?!c))+$', default: {TRAP}}}}}
      |                       ^^^^^^^^^^^^^^^^^^^^^
  hint: without (?=…), (?!…) and back-references every pattern is decided
"""),
        ("{type: array, items: {pattern: '(?i)a'}, default: [b]}", """\
f.yml:1:44: error: this pattern cannot be run
    1 | params: {x: {type: array, items: {pattern: '(?i)a'}, default: [b]}}
      |                                            ^^^^^^^
  hint: patterns are those of JavaScript, as in JSON Schema: no (?i), (?P<name>…), \\A, \\Z; no huge repetitions
"""),
        ("{type: object, additionalProperties: {properties: {y: {pattern: '('}}}}", """\
f.yml:1:77: error: this is not a regular expression: missing ), unterminated subpattern
    1 | params: {x: {type: object, additionalProperties: {properties: {y: {pattern: '('}}}}}
      |                                                                             ^^^
"""),
    ],
    ids=["linear", "budget", "dialect", "syntax"],
)  # fmt: skip
def test_no_pattern_can_hang_the_reading_of_a_file(param: str, said: str) -> None:
    """It is run in linear time or with a budget of steps, or it is refused where it stands."""
    assert said == complaints(f"params: {{x: {param}}}\ntasks: {{a: {{command: x}}}}\n")


def test_a_value_that_a_pattern_cannot_decide_is_refused() -> None:
    """With the reason, and what to do about it."""
    flow = workflow("params: {x: {pattern: '(?:(?=a)a|a(?!c))+$'}}\ntasks: {a: {command: x}}\n")

    with pytest.raises(UsageError) as raised:
        parse_params(flow, [f"x={TRAP}"], {})

    expected = (
        "param 'x' cannot be checked: pattern (?:(?=a)a|a(?!c))+$ takes more than 10000 steps "
        "(without (?=…), (?!…) and back-references every pattern is decided)"
    )
    assert expected == raised.value.headline


def test_the_last_pair_counts_also_when_an_earlier_one_was_wrong() -> None:
    """Both mistakes are told."""
    with pytest.raises(UsageError) as raised:
        parse_params(FLOW, ["shards=x", "shards=0"], {})

    assert [
        "param 'shards' takes a whole number, not 'x'",
        "param 'shards' must be at least 1, not 0",
    ] == raised.value.headline.splitlines()


def test_all_mistakes_are_told_at_once_with_the_params_that_there_are() -> None:
    """Required ones included."""
    with pytest.raises(UsageError) as raised:
        parse_params(NEEDY, ["token=ab", "zzz=1"], {})

    expected = """\
unknown param 'zzz'
param 'token' must have at least 3 characters
param 'n' is required: -p n=…"""
    assert expected == raised.value.headline
    assert "params of this workflow: token (string, required), n (integer, required)" == raised.value.hint


def test_a_workflow_without_params_says_so() -> None:
    """Rather than suggest one."""
    with pytest.raises(UsageError) as raised:
        parse_params(workflow("tasks: {a: {command: x}}"), ["a=1"], {})

    assert "this workflow has no params" == raised.value.hint


def test_values_of_a_file_are_held_against_the_schema_as_well() -> None:
    """They come with types of their own."""
    with pytest.raises(UsageError, match=r"^param 'shards' takes a whole number, not the string '3'"):
        parse_params(FLOW, [], {"shards": "3"})


@pytest.mark.parametrize("text", ["shards: 3\nregion: us\n", '{"shards": 3, "region": "us"}'])
def test_a_params_file_is_yaml_or_json(tmp_path: Path, text: str) -> None:
    """Which is YAML too."""
    path = tmp_path / "params"
    path.write_text(text)

    assert {"shards": 3, "region": "us"} == read_params_file(path)


def test_an_empty_params_file_gives_nothing(tmp_path: Path) -> None:
    """No reason to fail."""
    path = tmp_path / "params.yml"
    path.touch()

    assert {} == read_params_file(path)


def test_a_broken_params_file_has_a_diagnostic(tmp_path: Path) -> None:
    """As a workflow file has."""
    path = tmp_path / "params.yml"
    path.write_text("a: 1\na: 2\n")

    with pytest.raises(WorkflowError) as raised:
        read_params_file(path)

    assert f"{path}:2:1: key 'a' is written twice" == raised.value.headline


def test_a_params_file_must_hold_a_mapping(tmp_path: Path) -> None:
    """A list has no names."""
    path = tmp_path / "params.yml"
    path.write_text("- a\n")

    with pytest.raises(UsageError) as raised:
        read_params_file(path)

    assert f"params file {path} holds no mapping" == raised.value.headline


def test_a_missing_params_file_is_a_usage_error(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(UsageError, match=r"^cannot read .*/nope\.yml: no such file or directory$"):
        read_params_file(tmp_path / "nope.yml")
