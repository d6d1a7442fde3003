"""Our variables in the environment of an attempt, env files, and secrets from the caller."""

from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.runner.env_files import parse_env_file, read_env_file
from airexec.runner.environment import airexec_variables, read_secrets


def variables(caller: dict[str, str], task: str = "extract", run: str = "r1") -> dict[str, str]:
    return airexec_variables(job="etl", run=run, task=task, attempt=2, queue_file="/q", output_file="/o", caller=caller)


# --- variables of our own ---------------------------------------------------------------------------------------------


def test_an_attempt_is_told_about_itself() -> None:
    own = variables({})
    del own["TRACEPARENT"]

    assert {
        "AIREXEC_JOB": "etl",
        "AIREXEC_RUN": "r1",
        "AIREXEC_TASK": "extract",
        "AIREXEC_ATTEMPT": "2",
        "AIREXEC_QUEUE": "/q",
        "AIREXEC_OUTPUT": "/o",
        "PYTHONUNBUFFERED": "1",
    } == own


def test_an_opinion_about_buffering_is_respected() -> None:
    assert "PYTHONUNBUFFERED" not in variables({"PYTHONUNBUFFERED": ""})


def test_attempts_of_a_run_share_a_trace_and_have_spans_of_their_own() -> None:
    first, second = variables({})["TRACEPARENT"].split("-"), variables({}, task="merge")["TRACEPARENT"].split("-")

    assert (["00", first[1], "01"], True) == ([second[0], second[1], second[3]], first[2] != second[2])
    assert (32, 16) == (len(first[1]), len(first[2]))
    assert variables({})["TRACEPARENT"] == variables({})["TRACEPARENT"]


def test_runs_have_traces_of_their_own() -> None:
    assert variables({})["TRACEPARENT"].split("-")[1] != variables({}, run="r2")["TRACEPARENT"].split("-")[1]


@pytest.mark.parametrize("job", ["etl", "nightly-build"])
def test_a_sample_by_any_part_of_the_trace_id_is_a_fair_one(job: str) -> None:
    """Samplers take a trace if the last 7 or 8 bytes of its id are low enough; the ids of runs in a row are alike."""
    runs = [f"{job}-202611{day:02}-{hour:02}0000-a3f9" for day in range(1, 31) for hour in range(24)]
    traces = [variables({}, run=run)["TRACEPARENT"].split("-")[1] for run in runs]

    for digits in (14, 16, 32):
        low = sum(trace[-digits] in "0123" for trace in traces)
        assert len(runs) * 0.2 < low < len(runs) * 0.3, f"{low} of {len(runs)} by the last {digits} digits"


def test_runs_in_one_trace_have_spans_of_their_own() -> None:
    """Though their tasks have the same names."""
    outer = {"TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}
    first, second = (variables(outer, run=run)["TRACEPARENT"].split("-") for run in ("r1", "r2"))

    assert (first[1], True) == (second[1], first[2] != second[2])


def test_ids_use_all_their_bits() -> None:
    _, trace, span, _ = variables({}, run="20260102-030405-0000")["TRACEPARENT"].split("-")

    assert (True, True) == (int(trace, 16) >= 2**112, int(span, 16) >= 2**48)


def test_the_trace_of_the_caller_goes_on() -> None:
    outer = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    version, trace, span, flags = variables({"TRACEPARENT": outer})["TRACEPARENT"].split("-")

    assert ("00", "0af7651916cd43dd8448eb211c80319c", "00") == (version, trace, flags)
    assert "b7ad6b7169203331" != span


@pytest.mark.parametrize("outer", ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
def test_a_trace_that_is_none_is_replaced(outer: str) -> None:
    assert variables({})["TRACEPARENT"] == variables({"TRACEPARENT": outer})["TRACEPARENT"]


# --- env files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  A = b  ", "b"),
        ("A=", ""),
        ("A=b # comment", "b"),
        ("A=# comment", ""),
        ("A=b#c", "b#c"),
        ("A=b c", "b c"),
        ("A=$HOME `x` \\n", "$HOME `x` \\n"),
        ("A='$B # \\n \"'", '$B # \\n "'),
        ('A="a\\n\\t\\"\\\\\\$ $B # \\x" # comment', 'a\n\t"\\$ $B # \\x'),
        ('A="one\ntwo"', "one\ntwo"),
        ("A='one\ntwo'\n", "one\ntwo"),
        ("A=b=c", "b=c"),
        ("A=it's", "it's"),
        ("A=first\nA=last", "last"),
        ("A=b\r\n", "b"),
    ],
)
def test_a_value_in_an_env_file(text: str, value: str) -> None:
    assert {"A": value} == parse_env_file(text, ".env")


def test_comments_and_empty_lines_are_no_variables() -> None:
    assert {"A": "1", "B": "2"} == parse_env_file("# x\n\n  # A=9\nA=1\n\nB=2\n", ".env")


def test_all_mistakes_are_told_with_their_lines() -> None:
    text = 'A=1\nnonsense\n=x\nB=\'never closed\nC=2\n1D=x\nE="x" y\nF=a\0b\n'
    with pytest.raises(UsageError) as error:
        parse_env_file(text, ".env")

    assert (
        ".env:2: error: 'nonsense' is no assignment\n"
        ".env:3: error: '=x' has no name\n"
        ".env:4: error: the quote ' is never closed\n"
        ".env:6: error: '1D=x' is no assignment\n"
        '.env:7: error: there is something behind the closing "\n'
        ".env:8: error: the value of F has a NUL character"
    ) == error.value.headline
    assert "write KEY=VALUE, one per line; quote values with blanks or `#` in them" == error.value.hint


def test_an_env_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=\xc3\xbc\n")

    assert {"A": "ü"} == read_env_file(str(tmp_path / ".env"))


def test_a_missing_env_file_is_told_by_the_name_in_the_workflow(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_env_file(str(tmp_path / ".env"), shown_as=".env")

    assert "env_file '.env' cannot be read: No such file or directory" == error.value.headline


def test_an_env_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xff\n")
    with pytest.raises(UsageError) as error:
        read_env_file(str(tmp_path / ".env"), shown_as=".env")

    assert ".env:2: error: not UTF-8" == error.value.headline


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_are_taken_from_the_caller_in_order() -> None:
    caller = {"B": "secret-b", "A": "secret-a", "C": "c"}

    assert [("A", "secret-a"), ("B", "secret-b")] == list(read_secrets(["A", "B"], caller).items())


def test_all_missing_secrets_are_named() -> None:
    with pytest.raises(UsageError) as error:
        read_secrets(["A", "B", "C"], {"B": "secret-b", "C": ""})

    assert "secrets 'A', 'C' are not set in the environment" == error.value.headline
    assert "secrets come from the environment of airexec and from nowhere else: export A=…" == error.value.hint


def test_a_secret_too_short_to_mask_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError) as error:
        read_secrets(["PIN"], {"PIN": "12345"})

    assert "secret 'PIN' is too short to be masked: at least 6 bytes are needed" == error.value.headline
    assert "a shorter value stands in innocent output too, and hiding it there would give it away" == error.value.hint
