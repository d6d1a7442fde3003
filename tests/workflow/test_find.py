"""Which file of a folder is taken for the workflow."""

import os
from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.workflow.find import FILE_NAMES, absolute, find_workflow


def test_the_workflow_file_of_a_folder_is_found_in_a_fixed_order(tmp_path: Path) -> None:
    """Each name alone, and the earlier before the later."""
    (tmp_path / "only.airexec.yml").touch()
    assert "only.airexec.yml" == os.path.basename(find_workflow(str(tmp_path)))

    for name in reversed(FILE_NAMES):
        (tmp_path / name).touch()
        assert name == os.path.basename(find_workflow(str(tmp_path)))


def test_no_workflow_file_is_a_usage_error_with_a_way_on(tmp_path: Path) -> None:
    """It names what would have been found."""
    with pytest.raises(UsageError) as raised:
        find_workflow(str(tmp_path))

    assert f"no workflow file in {tmp_path}" == raised.value.headline
    assert (
        "name one, or make one with `airexec init`; found by themselves are "
        "airexec.yml, airexec.yaml, workflow.yml, workflow.yaml, airflow.yml, *.airexec.yml"
    ) == raised.value.hint


def test_several_workflow_files_are_not_guessed_among(tmp_path: Path) -> None:
    """The user has to say which."""
    for name in ("b.airexec.yml", "a.airexec.yml"):
        (tmp_path / name).touch()

    with pytest.raises(UsageError) as raised:
        find_workflow(str(tmp_path))

    assert f"several workflow files in {tmp_path}: a.airexec.yml, b.airexec.yml" == raised.value.headline
    assert "name the one that you mean" == raised.value.hint


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("a.yml", "{here}/sub/a.yml"),
        ("../a.yml", "{here}/a.yml"),
        ("..//../a.yml", "{above}/a.yml"),
        ("b/../a.yml", "{here}/sub/b/../a.yml"),
        ("/x/../a.yml", "/x/../a.yml"),
    ],
)
def test_the_way_up_from_here_is_taken_away_from_a_path(
    path: str, leads_to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that in the middle: the folder before it may be a symbolic link."""
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")

    assert leads_to.format(here=tmp_path, above=tmp_path.parent) == absolute(path)
