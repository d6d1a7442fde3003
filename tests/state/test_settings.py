"""The file `.airexec/config.yaml`: optional, checked, with the defaults that its schema tells."""

import json
from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.state.settings import Settings, read_settings
from airexec.workflow.diagnostics import WorkflowError

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.json"


def test_without_the_file_the_defaults_apply(tmp_path: Path) -> None:
    """Nobody needs to write one."""
    assert Settings(keep_runs=50) == read_settings(tmp_path)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_file_says_nothing(text: str, tmp_path: Path) -> None:
    """The defaults apply."""
    (tmp_path / "config.yaml").write_text(text)

    assert Settings() == read_settings(tmp_path)


def test_a_setting_is_read(tmp_path: Path) -> None:
    """And what begins with `x-` is the user's own."""
    (tmp_path / "config.yaml").write_text("keep_runs: 3\nx-note: ours\n")

    assert Settings(keep_runs=3) == read_settings(tmp_path)


def test_all_mistakes_are_shown_with_their_places(tmp_path: Path) -> None:
    """As in a workflow file."""
    path = tmp_path / "config.yaml"
    path.write_text("keep_run: 3\nkeep_runs: 0\n")

    with pytest.raises(WorkflowError) as refused:
        read_settings(tmp_path)

    assert (
        f"{path}:1:1: error: unknown key 'keep_run'\n"
        "    1 | keep_run: 3\n"
        "      | ^^^^^^^^\n"
        "  hint: the keys are keep_runs, output, task_timeout, max_active_tasks, poll_interval, "
        "max_concurrent_runners, base_path, workflows, log_level, log_format\n"
        "\n"
        f"{path}:2:12: error: 'keep_runs' must be a whole number from 1 on\n"
        "    2 | keep_runs: 0\n"
        "      |            ^\n"
    ) == refused.value.render()


@pytest.mark.parametrize("value", ["true", "1.5", "many", "[3]", "-1"])
def test_a_number_of_runs_is_a_whole_number(value: str, tmp_path: Path) -> None:
    """At least one run is kept: the one that starts."""
    (tmp_path / "config.yaml").write_text(f"keep_runs: {value}\n")

    with pytest.raises(WorkflowError, match="'keep_runs' must be a whole number from 1 on"):
        read_settings(tmp_path)


def test_a_whole_number_may_be_written_as_a_float(tmp_path: Path) -> None:
    """To JSON Schema 3.0 is an integer; to those who slice with it, too."""
    (tmp_path / "config.yaml").write_text("keep_runs: 3.0\ntask_timeout: 60.0\nmax_active_tasks: 2.0\n")

    settings = read_settings(tmp_path)

    assert ["3", "60", "2"] == [
        str(it) for it in (settings.keep_runs, settings.task_timeout, settings.max_active_tasks)
    ]


def test_settings_that_are_no_mapping_are_refused(tmp_path: Path) -> None:
    """With an example of how they look."""
    (tmp_path / "config.yaml").write_text("- keep_runs\n")

    with pytest.raises(WorkflowError, match="settings are a mapping"):
        read_settings(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Not with a traceback."""
    (tmp_path / "config.yaml").write_bytes(b"keep_runs: \xff\n")

    with pytest.raises(UsageError, match=r"cannot read .*config\.yaml: 'utf-8' codec"):
        read_settings(tmp_path)


def test_the_schema_tells_what_the_code_does() -> None:
    """The same keys, the same defaults, and a text for whoever gives a wrong value."""
    properties = json.loads(SCHEMA.read_text())["properties"]

    assert [] == [key for key, of_key in properties.items() if "errorMessage" not in of_key]
    assert {**Settings()._asdict(), "workflows": []} == {key: of_key["default"] for key, of_key in properties.items()}
