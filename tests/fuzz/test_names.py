"""Names under attack (E7, E8): of tasks, jobs, runs, matrix values; no path contains one that was not checked."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.errors import UsageError
from airexec.state.file_names import LONGEST, file_name
from airexec.state.layout import JobFolder, RunFolder
from airexec.workflow.diagnostics import WorkflowError
from airexec.workflow.matrix import value_name
from airexec.workflow.queue_line import content_id
from tests.e2e.rig import Airexec
from tests.fuzz.profile import FUZZ
from tests.workflow.reading import headlines, workflow

RUN_ID = "20261121-120000-0000"
HOSTILE = [
    "../x",
    "..",
    ".",
    "",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "CON",
    "nul.txt",
    "com1",
    "a\x00b",
    "a\nb",
    "x" * 10_000,
    "~",
    "-rf",
    "e\u0301",
    "\u00e9",
    "a b",
    "%2e%2e",
    "\u202ex",
    "\udcff",
    "a\u200db",
    ".hidden",
    "A" * 129,
]
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=20) | st.text(alphabet="ab./\\%~\x00e\u0301é", max_size=20)


@given(NAMES)
@FUZZ
def test_a_file_of_a_task_lies_in_its_folder_whatever_the_id(task: str) -> None:
    """As one name that every file system takes, and that the shell of a user shows as it is."""
    run = RunFolder("/state/runs", RUN_ID)
    for path in (run.log(task, 1), *run.side_files(task, 1)):
        folder, name = os.path.split(os.path.normpath(path))

        assert folder in (run.logs, run.side)
        assert name.isascii()
        assert name.isprintable()
        assert len(name) <= LONGEST + 20


@given(st.text(max_size=12))
@FUZZ
def test_twins_by_unicode_normalisation_are_kept_apart_on_disk(text: str) -> None:
    """Some file systems take NFC and NFD of a name for one; both names are ASCII, so nothing is left to normalise."""
    twins = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")} | {text}

    assert len(twins) == len({unicodedata.normalize("NFC", file_name(f"process[{twin}]")) for twin in twins})
    assert len(twins) == len({content_id("process", {"v": twin}) for twin in twins})
    assert len(twins) == len({value_name(twin) for twin in twins})


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("CON", "nul.txt", "com1")])
def test_a_hostile_id_of_a_task_is_refused(name: str) -> None:
    """In the file, with a place; also where it is depended on."""
    written = "".join(f"\\U{ord(character):08X}" for character in name)
    said = headlines(f'tasks: {{"{written}": {{command: x}}}}\n')

    assert said
    assert all(line.startswith("f.yml:1:") and len(line) < 400 for line in said)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4, unique=True))
@FUZZ
def test_ids_of_a_matrix_are_short_and_differ_where_the_values_do(values: list[str]) -> None:
    """A value that is long or strange is cut and told apart by a hash."""
    ids = [f"t[{value_name(value)}]" for value in values]

    assert len(values) == len(set(ids))
    assert all(one.isprintable() and " " not in one and len(one) < 80 for one in ids)


@given(NAMES)
@FUZZ
def test_a_name_is_the_job_s_or_refused(name: str) -> None:
    """Every path of an accepted one lies two folders below the state folder."""
    try:
        job = JobFolder("/state", name)
    except UsageError as error:
        assert len(error.headline) < 500  # noqa: PT017
        return
    assert ["/state/jobs"] == list({os.path.dirname(os.path.normpath(job.path))})
    assert name.isascii()


@given(NAMES | st.from_regex(r"\d{8}-\d{6}-[0-9a-f]{4}.*", fullmatch=True))
@FUZZ
def test_a_run_id_is_one_or_refused(run_id: str) -> None:
    """Digits of other scripts are none."""
    try:
        run = RunFolder("/state/runs", run_id)
    except UsageError:
        return
    assert "/state/runs" == os.path.dirname(os.path.normpath(run.path))
    assert run_id.isascii()


@pytest.mark.parametrize("name", ["../evil", "/evil", "CON", "..", "a/b", "x" * 200])
def test_no_name_leads_out_of_the_state_folder(name: str, airexec: Airexec) -> None:
    """Neither of a job in the file, nor on the command line, nor of a run or task that is asked for."""
    airexec.write("flow.yml", "tasks: {a: {command: 'true'}}\n")
    airexec.write("named.yml", f"name: '{name}'\ntasks: {{a: {{command: 'true'}}}}\n")
    airexec("run", "flow.yml")
    before = sorted(path for path in airexec.folder.parent.rglob("*"))

    codes = [
        airexec("run", "named.yml").exit_code,
        airexec("run", "flow.yml", "--job", name).exit_code,
        airexec("status", name).exit_code,
        airexec("logs", "flow", name).exit_code,
        airexec("graph", "flow.yml", "--run", name).exit_code,
        airexec("reset", "flow", name).exit_code,
    ]

    assert [] == [code for code in codes if code not in (2, 3)]
    assert before == sorted(path for path in airexec.folder.parent.rglob("*"))


def test_a_state_folder_behind_a_symbolic_link_is_refused(airexec: Airexec, tmp_path: Path) -> None:
    """E8: a repository may bring one along; exit code 73 before any task."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (airexec.folder / ".airexec").symlink_to(elsewhere)
    airexec.write("flow.yml", "tasks: {a: {command: touch ran}}\n")

    result = airexec("run", "flow.yml")

    assert (73, [], False) == (result.exit_code, list(elsewhere.iterdir()), (airexec.folder / "ran").exists())


def test_a_state_folder_that_everybody_can_write_to_is_refused(airexec: Airexec) -> None:
    """E8: with the command that mends it."""
    (airexec.folder / ".airexec").mkdir()
    (airexec.folder / ".airexec").chmod(0o777)
    airexec.write("flow.yml", "tasks: {a: {command: touch ran}}\n")

    result = airexec("run", "flow.yml")

    assert (73, False) == (result.exit_code, (airexec.folder / "ran").exists())
    assert "hint: chmod o-w " in result.err


@pytest.mark.parametrize("name", ["../evil", "x" * 200, "a b"])
def test_a_hostile_name_of_a_job_is_an_error_with_a_place(name: str) -> None:
    """Said by the check of the file, before anything is written."""
    with pytest.raises(WorkflowError) as caught:
        workflow(f"name: '{name}'\ntasks: {{a: {{command: x}}}}\n")

    assert 1 == caught.value.diagnostics[0].line
