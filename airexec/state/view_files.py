"""`state.json` and `tasks.json`: a run as it stands, for `cat`, `jq` and dashboards. Never read back as truth.

Each file appears whole, by rename. A failure to write one is not reported: the journal on the same disk is
what a run stops for.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from airexec.errors import StateUnwritableError
from airexec.scheduler.state import Run, TaskState
from airexec.state.file_names import file_name
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.lock import has_slots, undisturbed
from airexec.state.timestamps import to_iso
from airexec.workflow.json_text import json_encoder

_encode = json_encoder(", ", ": ")
EMPTY: Mapping[str, str] = {}


def write_views(job: JobFolder, run: Run) -> None:
    """Write both files, `state.json` last, so that whoever sees it finds its tasks; of several runs only the newest."""
    with suppress(OSError, StateUnwritableError), _shown(job, run.run_id) as is_shown:
        if is_shown:
            replace_file(job.tasks_file, tasks_text(job, run), mode=0o600)  # with outputs and commands, as the journal
            replace_file(job.state_file, state_text(job, run))


def show_logs_of(job: JobFolder, run: RunFolder) -> None:
    """Point `logs` at a run; of several at work at the newest."""
    with suppress(OSError, StateUnwritableError), _shown(job, run.run_id) as is_shown:
        if is_shown:
            job.link_logs(run)


@contextmanager
def _shown(job: JobFolder, run_id: str) -> Iterator[bool]:
    """Give whether what the job shows is to be of this run, while no other may change it. Raises OSError."""
    if not has_slots(job):
        yield True
        return
    with undisturbed(job):
        newest = job.latest_run()
        yield newest is None or newest.run_id == run_id


def state_text(job: JobFolder, run: Run, created_at: str | None = None) -> str:
    """Return the content of `state.json`; `created_at` is when somebody has ordered the run, if that is known."""
    content = {
        "id": run.order or job.name,
        "name": job.name,
        "state": run.state,
        "created_at": created_at or to_iso(run.created_at),
        "updated_at": to_iso(run.updated_at),
        "run_id": run.run_id,
        "workflow": run.plan.file if run.plan else None,
        "counts": run.counts,
        **({"inside": run.inside} if run.inside else {}),
        **({"cause": run.cause} if run.cause else {}),
        **({"problems": run.refused_additions} if run.refused_additions else {}),
    }
    return _encode(content) + "\n"


def tasks_text(job: JobFolder, run: Run, created_at: Mapping[str, str] = EMPTY, others: Iterable[Any] = ()) -> str:
    """Return the content of `tasks.json`: an array with a task per line, in order of the file, then of the splices.

    `created_at` is when others have written a task, by id, where that is known; `others` are entries of theirs that are
    no tasks of the run, and come last, as they are.
    """
    lines = [_encode(task_fields(job.name, run.run_id, state, created_at)) for state in run.tasks.values()]
    lines += map(_encode, others)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def task_fields(job_name: str, run_id: str, state: TaskState, created_at: Mapping[str, str] = EMPTY) -> dict[str, Any]:
    """Return one task of `tasks.json`."""
    task = state.task
    command, args = task.action.program_and_args()
    return {
        "id": task.id,
        **({"label": task.label} if task.label else {}),
        "job_name": job_name,
        "command": command,
        "args": args,
        "argv": list(state.command),
        "dependencies": dependencies(state),
        "status": state.status,
        "created_at": created_at.get(task.id) or to_iso(state.created_at),
        "started_at": _iso_or_none(state.started_at),
        "completed_at": _iso_or_none(state.completed_at),
        "error": state.error,
        "attempt": state.attempt,
        "exit_code": state.exit_code,
        "reason": state.reason,
        "duration": state.duration,
        "outputs": state.outputs,
        "details": state.details,
        "note": state.note,
        **({"up_to_date": {"run_id": state.built[0], "attempt": state.built[1]}} if state.built else {}),
        **({"why": state.why} if state.why else {}),
        "because": state.because._asdict() if state.because else None,
        "queued_by": state.queued_by,
        "trigger_rule": task.trigger_rule,
        "waits_for": list(state.upstream),
        "log": f"runs/{run_id}/logs/{file_name(task.id)}.{state.attempt}.log" if state.attempt else None,
    }


def dependencies(state: TaskState) -> list[str]:
    """Return the ids that the task was declared with; a queued one depends on its emitter first."""
    declared = [dependency.task for dependency in state.task.dependencies]
    return declared if state.queued_by is None else list(dict.fromkeys([state.queued_by, *declared]))


def replace_file(path: str, text: str, mode: int = 0o664) -> None:
    """Write a file that readers see as it was or as it is now, never in between. Raises OSError."""
    folder, name = os.path.split(path)
    new = f"{folder}/.{name}.{os.getpid()}.tmp"
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode), "w") as file:
            file.write(text)
        os.replace(new, path)
    except OSError:
        with suppress(OSError):
            os.unlink(new)
        raise


def _iso_or_none(seconds: float | None) -> str | None:
    return None if seconds is None else to_iso(seconds)
