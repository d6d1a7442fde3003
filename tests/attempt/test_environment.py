"""Our variables in the environment of an attempt."""

import pytest

from airexec.attempt import environment
from airexec.attempt.environment import airexec_variables


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


def test_no_id_is_all_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which would be no id by the standard, and a digest may be anything."""
    monkeypatch.setattr(environment, "digest", lambda data, size: bytes(size))

    traceparent = variables({}, run="a run that no other test has")["TRACEPARENT"]

    assert f"00-{1:032x}-{1:016x}-01" == traceparent


def test_ids_follow_from_the_names_alone() -> None:
    """Whoever resumes a run, and in whichever process, goes on with its trace."""
    assert "00-97dbbe281c4aee050c4e75972f62f0dd-e2de18e069754cd0-01" == variables({})["TRACEPARENT"]
