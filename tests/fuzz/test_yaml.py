"""Workflow files under attack (E1, E2, E4): one error with a place, soon, and nothing but our own errors.

How soon is measured by the work of the parser where that is what could explode, else by a bound in processor time
that is some fifty times what it takes.
"""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airexec.errors import UsageError
from airexec.graph.read import read_workflow
from airexec.workflow.diagnostics import Finding, WorkflowError
from airexec.workflow.matrix import DEPENDENCIES_MAX, TASKS_MAX, is_too_large
from airexec.workflow.params import parse_params, read_params_file
from airexec.workflow.yaml.nodes import MISTAKES_MAX, read_yaml
from tests.fuzz.profile import FUZZ
from tests.workflow.reading import headlines, workflow

MANY = 100_000
GOOD = "tasks: {a: {command: x}}\n"
NUMBERS = ",".join(map(str, range(10_000)))


def headlines_soon(text: str) -> list[str]:
    """Return what is said about a text; no bomb may take the processor for ten seconds."""
    started = time.process_time()
    said = headlines(text)
    assert time.process_time() - started < 10
    return said


@pytest.mark.parametrize(
    ("bomb", "said"),
    [
        ("{" * MANY, "f.yml:1:1: error: a value that starts with '{{' must be quoted, for YAML reads it as a map"),
        ("[{" * MANY, "f.yml:1:2: error: a value that starts with '{[' must be quoted, for YAML reads it as a map"),
        ("[" * MANY, "f.yml:1:101: error: nested deeper than 100 levels"),
        ("a: 1\na: 2\nb: " + "[{" * MANY, "f.yml:2:1: error: key 'a' is written twice"),
        ("".join(" " * n + "a:\n" for n in range(2000)), "f.yml:101:101: error: nested deeper than 100 levels"),
        ("? " * MANY, "f.yml:1:3: error: a key must be a single value, not a list or mapping"),
        ("%TAG !a! tag:x\n" * MANY + "---\na: 1\n", "f.yml:2:1: error: there are more than 100 directives here"),
        ("".join(f"%TAG !e{n}! t:x\n" for n in range(MANY)) + "---\n", "f.yml:2:1: error: there are more than 100"),
        ("%YAML 1.2\n" * MANY, "f.yml:2:1: error: this is not YAML: found duplicate %YAML directive"),
        ("---\n" * MANY, "f.yml:2:1: error: a second document starts here; a file holds one workflow"),
        ('a: "' + "x\n" * MANY, "f.yml:1:4: error: the quote is never closed"),
        ("\n" * MANY, "f.yml:1:1: error: the file is empty"),
        ("? " + "x" * 10 * MANY + "\n: {}\n" + GOOD, "f.yml:1:3: error: unknown key"),
        ("tasks:\n  ? " + "x" * 10 * MANY + "\n  : {command: x}\n", "f.yml:2:5: error: 'xxx"),
        (f"tasks: {{a: {{command: x, retries: {'9' * MANY}}}}}\n", "f.yml:1:34: error: 'retries' takes a whole number"),
    ],
    ids=range(15),
)
def test_a_bomb_is_one_error_with_a_place(bomb: str, said: str) -> None:
    """The parser alone would take a minute and more for some of these."""
    first, *others = headlines_soon(bomb)

    assert first.startswith(said)
    assert len(others) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "tasks:\n" + "  a: {command: x}\n" * MANY,
        GOOD + "x-a: 1\n" * MANY,
        "tasks: {a: {command: [" + "!x a," * MANY + "]}}\n",
        "tasks: {a: {command: [" + "{{ a }}," * MANY + "]}}\n",
        "tasks: {a: {command: [" + ".inf," * MANY + "]}}\n",
    ],
    ids=["tasks", "top", "tags", "templates", "numbers"],
)
def test_reading_stops_after_many_mistakes(text: str) -> None:
    """A hundred thousand duplicate keys are one accident, and nobody reads as many messages."""
    said = headlines_soon(text)

    assert MISTAKES_MAX == len(said) or said[-1].endswith(f"after {MISTAKES_MAX} mistakes reading stops here")


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "".join(f"k{n}: 1\n" for n in range(MANY)),
        "tasks:\n  a: {command: x, dependencies: [" + "b," * MANY + "]}\n",
        "tasks:\n" + "".join(f"  t{n}: {{command: x, env: {{A: '{{{{ nope }}}}'}}}}\n" for n in range(5000)),
    ],
    ids=["unknown keys", "unknown tasks", "unknown names"],
)
def test_a_great_many_mistakes_are_counted_up_to_a_limit(text: str) -> None:
    """Of each kind of check a thousand."""
    with pytest.raises(WorkflowError) as caught:
        workflow(text)

    assert 900 <= len(caught.value.diagnostics) <= 2000


def test_an_error_after_thousands_of_warnings_is_still_found() -> None:
    """The limit of the warnings must not make a bad file pass for a good one."""
    versions = ",".join(["3.10"] * 3000)
    text = f"params: {{v: [{versions}]}}\ntasks: {{a: {{command: x, dependencies: [nope]}}}}\n"

    with pytest.raises(WorkflowError) as caught:
        workflow(text)

    assert "error" in [one.severity for one in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"tasks: {{a: {{command: x, matrix: {{a: &n [{NUMBERS[:3889]}], b: *n, c: *n}}}}}}\n",
            "f.yml:1:25: error: this matrix makes 1000000000 tasks; at most 10000 are allowed",
        ),
        (
            f"tasks: {{a: {{command: x, matrix: {{a: [{NUMBERS}], exclude: [{'{a: 1},' * 200}]}}}}}}\n",
            "f.yml:1:25: error: `include` and `exclude` take 2000000 comparisons here; at most 1000000 are allowed",
        ),
        (
            f"x-a: &a [{NUMBERS}]\ntasks:\n"
            + "".join(f"  t{n}: {{command: x, matrix: {{a: *a}}}}\n" for n in range(22)),
            f"f.yml:23:3: error: a workflow may have {TASKS_MAX} tasks; here they become more",
        ),
        (
            f"x-a: &a [{NUMBERS}]\ntasks:\n  a: {{command: x, matrix: {{a: *a}}}}\n"
            "  b: {command: x, dependencies: a, matrix: {a: *a}}\n",
            f"f.yml:4:3: error: a workflow may have {DEPENDENCIES_MAX} dependencies; here they become more",
        ),
    ],
    ids=["combinations", "comparisons", "tasks", "dependencies"],
)
def test_a_graph_beyond_the_limits_is_not_written_out(text: str, said: str) -> None:
    """The error names the limit (E3); written out, each of these would fill the memory or take minutes."""
    assert [said] == headlines_soon(text)


def test_a_matrix_of_too_many_comparisons_is_never_written_out() -> None:
    """Neither by the checks, which complain about it, nor after them."""
    assert is_too_large({"a": list(range(10_000)), "exclude": [{"a": 1}] * 101})
    assert not is_too_large({"a": list(range(10_000)), "exclude": [{"a": 1}] * 100})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (GOOD.encode("utf-16"), "the file is UTF-16, and a workflow file is UTF-8"),
        (GOOD.encode("utf-32"), "the file is UTF-32, and a workflow file is UTF-8"),
        (GOOD.encode("utf-16-le"), "character U+0000 cannot stand in a workflow file"),
        (b"\xef\xbb\xbf\xff" + GOOD.encode(), "this byte is not UTF-8"),
        (b"tasks: {a: {command: \xe9}}", "this byte is not UTF-8"),
        (b"tasks: {a: {command: \xed\xa0\x80}}", "this byte is not UTF-8"),
        ("tasks: {a: {command: 'a\u2028b'}}".encode(), "character U+2028 cannot stand in a workflow file"),
        ("tasks: {a: {command: 'a\x85b'}}".encode(), "character U+0085 cannot stand in a workflow file"),
        ("tasks: {a: {command: 'a\ufeffb'}}".encode(), "character U+FEFF cannot stand in a workflow file"),
        (b"tasks: {a: {command: 'a\x00b'}}", "character U+0000 cannot stand in a workflow file"),
        (b"tasks: {a: {command: 'a\x1bb'}}", "character U+001B cannot stand in a workflow file"),
    ],
)
def test_a_foreign_encoding_is_said(data: bytes, said: str, tmp_path: Path) -> None:
    """With a place, and before YAML sees it."""
    path = tmp_path / "f.yml"
    path.write_bytes(data)

    with pytest.raises(WorkflowError) as caught:
        read_workflow(path)

    assert [said] == [one.message for one in caught.value.diagnostics]


SCALARS = st.sampled_from(
    [
        "no",
        "on",
        "3.10",
        "012",
        "0o12",
        "0x1F",
        "1_000",
        "1e3",
        "1e999",
        ".nan",
        "-.inf",
        "2026-01-01",
        "12:30:45",
        "~",
        "null",
        "Null",
        "",
        "''",
        '""',
        "!!binary aGk=",
        "!!float 3",
        "!!null x",
        "<<",
        "=",
        "&a",
        "*a",
        "|",
        ">-",
        "'\\x00'",
        '"\\x00"',
        '"\\ud800"',
        '"\\U0010FFFF"',
        "+1",
        "-0",
        "0.0",
        "9" * 301,
        "{}",
        "[]",
        "!",
        "- a",
        "? a",
        "#",
        "%",
        "@",
    ]
)
KEYS = st.sampled_from(
    ["name", "description", "params", "env", "env_file", "secrets", "cwd", "shell", "max_active_tasks", "fail_fast",
     "dagrun_timeout", "pools", "schedule", "default_args", "templates", "queue_limits", "x-a", "<<", "no", "~", "1"]
)  # fmt: skip
TASK_KEYS = st.sampled_from(
    ["args", "dependencies", "trigger_rule", "when", "env", "env_file", "cwd", "secrets", "retries", "retry_delay",
     "retry_exponential_backoff", "max_retry_delay", "retry_on", "execution_timeout", "pool", "pool_slots", "queue",
     "priority_weight", "allow_failure", "matrix", "sources", "generates", "background", "description", "tags", "shell",
     "preconditions", "skip_on_exit_code", "command", "message", "negate", "timeout", "exit_codes"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(KEYS | TASK_KEYS, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=6,
)


def read_bytes(data: bytes, folder: Path) -> None:
    """Read bytes as a workflow file and as a params file. Whatever is not our own error fails the test."""
    path = folder / "f.yml"
    path.write_bytes(data)
    with suppress(WorkflowError):
        read_workflow(path)
    with suppress(WorkflowError, UsageError):
        read_params_file(path)


@given(top=st.lists(st.tuples(KEYS, VALUES), max_size=4), task=st.lists(st.tuples(TASK_KEYS, VALUES), max_size=4))
@FUZZ
def test_any_value_of_any_key_is_data_or_our_error(
    top: list[tuple[str, str]], task: list[tuple[str, str]], tmp_path: Path
) -> None:
    """Odd scalars, lists and maps where anything else was meant."""
    lines = [f"{key}: {value}" for key, value in top]
    lines += ["tasks:", "  a:", "    command: x", *(f"    {key}: {value}" for key, value in task)]

    read_bytes("\n".join(lines).encode("utf-8", "surrogatepass"), tmp_path)


@given(
    data=st.binary(max_size=200),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"]),
    at=st.integers(0, 60),
)
@FUZZ
def test_any_bytes_are_a_file_or_our_error(data: bytes, encoding: str, at: int, tmp_path: Path) -> None:
    """Put into a good file at any place, in any encoding."""
    good = GOOD.encode(encoding)

    read_bytes(good[:at] + data + good[at:], tmp_path)


PARAMS = workflow(
    "params: {s: x, i: 1, n: 1.5, b: true, l: [1], o: {default: {a: 1}}, q: {type: integer, minimum: 3}}\n" + GOOD
)


@given(
    st.lists(
        st.tuples(st.sampled_from("sinbloqz"), st.text() | st.sampled_from(["NaN", "1e999", "[" * 9999, "9" * 5000]))
    )
)
@FUZZ
def test_any_param_is_a_value_or_a_usage_error(pairs: list[tuple[str, str]]) -> None:
    """Also what `int` and `json` refuse in ways of their own."""
    with suppress(UsageError):
        values = parse_params(PARAMS, [f"{name}={text}" for name, text in pairs], {})

        assert list(PARAMS.params) == list(values)
        assert json.dumps(values, allow_nan=False)


REMOTE = """
params: {p: {type: object, properties: {q: {$ref: "http://127.0.0.1:9/x.json"}}}}
env: {A: !!python/object/apply:urllib.request.urlopen ["http://127.0.0.1:9"]}
x-schema: {$schema: "http://127.0.0.1:9/schema.json", $ref: "http://127.0.0.1:9/x.json"}
tasks: {a: {command: "{{ lipsum.__globals__ }}", env_file: "http://127.0.0.1:9/.env"}}
"""
WATCHED = """
import sys
touched = []
sys.addaudithook(lambda event, args: touched.append(event) if event.startswith(("socket.", "urllib.")) else None)
from pathlib import Path
from airexec.errors import AirexecError
from airexec.graph.read import read_workflow
for path in sys.argv[1:]:
    try:
        read_workflow(Path(path))
    except AirexecError as error:
        print(error.exit_code)
print(touched)
"""


def test_no_socket_is_ever_opened_while_loading(tmp_path: Path) -> None:
    """Neither for a `$ref` elsewhere, nor a tag, nor a schema of its own: an audit hook would see it (E4)."""
    bad, good = tmp_path / "bad.yml", tmp_path / "good.yml"
    bad.write_text("# yaml-language-server: $schema=http://127.0.0.1:9/s.json\n" + REMOTE)
    good.write_text("# yaml-language-server: $schema=http://127.0.0.1:9/s.json\nparams: {p: {type: object}}\n" + GOOD)

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, bad, good], capture_output=True, text=True, check=True, timeout=60
    )

    assert "3\n[]\n" == done.stdout


JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["\U0001f680", "\t", "\\", '"']
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(JSON_TEXT, JSON_VALUES, min_size=1, max_size=3), indent=st.sampled_from([None, 2, "\t"]))
@FUZZ
def test_json_means_what_json_means(value: dict[str, Any], indent: int | str | None) -> None:
    """Whichever of the readers takes it."""
    assume("<<" not in value)
    for text in (json.dumps(value, indent=indent), json.dumps({**value, "\U0001f680": 1}, indent=indent)):
        findings: list[Finding] = []
        document = read_yaml(text, findings)

        assert [] == findings
        assert document is not None
        assert json.loads(text) == document.value
