"""The optional file `config.yaml` of a state folder. Knows no job; what the settings mean is up to their readers."""

import os
from errno import EINVAL
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.workflow.find import StrPath

if TYPE_CHECKING:
    from airexec.workflow.diagnostics import Finding
    from airexec.workflow.schema.failure import Failure
    from airexec.workflow.yaml.nodes import Document
    from airexec.workflow.yaml.places import Places
    from airexec.workflow.yaml.source import Source


class Settings(NamedTuple):
    """The keys of `schemas/config.schema.json` with their defaults."""

    keep_runs: int = 50
    """How many runs of each job are kept, the newest."""
    output: str = "auto"
    """What `--output` is where nobody says it."""
    task_timeout: int = 1800
    """Seconds that a task of an order may take which does not say it itself."""
    max_active_tasks: int | None = None
    """How many tasks of an order run at once; None: as many as there are CPUs."""
    poll_interval: int = 5
    """Seconds between two looks of the job manager at all jobs."""
    max_concurrent_runners: int = 10
    """How many jobs it works off at once."""
    base_path: str | None = None
    """The state folder that it looks after, relative to the folder of the file; None: that folder."""
    workflows: tuple[str, ...] = ()
    """Globs of workflow files whose schedules and triggers it keeps, relative to the folder that holds the state."""
    log_level: str = "info"
    log_format: str = "text"


def read_settings(state_dir: StrPath) -> Settings:
    """Return the settings of a state folder; the defaults if it has no `config.yaml`.

    Raises WorkflowError with all mistakes of the file.
    """
    return read_settings_file(f"{os.fspath(state_dir)}/config.yaml")


def read_settings_file(path: str) -> Settings:
    """Return the settings in a file; the defaults if it is not there. Raises WorkflowError with all its mistakes."""
    try:
        with open(path, encoding="utf-8-sig", opener=_open_file) as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        from airexec.errors import UsageError

        raise UsageError(f"cannot read {path}: {error}") from None
    return _parse(text, path)


def _open_file(path: str, flags: int) -> int:
    """Open a regular file: a pipe that somebody has put there would be waited for."""
    fd = os.open(path, flags | os.O_NONBLOCK)
    if not S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(EINVAL, "it is no regular file", path)
    return fd


def _parse(text: str, shown_as: str) -> Settings:
    from airexec.workflow.build import texts
    from airexec.workflow.diagnostics import Finding, WorkflowError
    from airexec.workflow.yaml.nodes import read_yaml
    from airexec.workflow.yaml.source import Source

    findings: list[Finding] = []
    source = Source(text, shown_as)
    document = read_yaml(text, findings)
    if document:
        findings += _mistakes(document, source)
    if findings:
        raise WorkflowError([source.diagnostic(finding) for finding in findings])
    values = document.value if document else {}
    known: dict[str, Any] = {key: value for key, value in values.items() if key in Settings._fields}
    for key, value in known.items():
        known[key] = int(value) if isinstance(value, float) else value  # 50.0 is a whole number to the schema
    if "workflows" in known:
        known["workflows"] = texts(known["workflows"])
    return Settings(**known)


def _mistakes(document: "Document", source: "Source") -> list["Finding"]:
    """Return what breaks the schema: one finding per mistake, in order of the file."""
    from airexec.workflow.schema.published import failures

    broken = failures("config", document.value)
    if not broken:
        return []
    from airexec.workflow.yaml.places import Places

    places = Places(document, source)
    return [_finding(failure, places) for failure in broken]


def _finding(failure: "Failure", places: "Places") -> "Finding":
    from airexec.workflow.diagnostics import Finding
    from airexec.workflow.schema.words import explain

    if not failure.path:
        return Finding(places.value(()), "settings are a mapping", "write keep_runs: 50")
    if failure.keyword == "additionalProperties":
        known = f"the keys are {', '.join(failure.schema['properties'])}"
        return Finding(places.key(failure.path), f"unknown key '{failure.detail}'", known)
    (problem,) = explain([failure])
    return Finding(places.value(problem.path), problem.message, problem.hint)
