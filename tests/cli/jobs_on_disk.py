"""A job with one run in a state folder, made from events, for commands that read what a scheduler has left."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from airexec.scheduler.apply import replay
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptStarted,
    Event,
    Record,
    RunFinished,
    RunStarted,
)
from airexec.scheduler.statuses import JobState, Reason, Status
from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.view_files import write_views
from airexec.testing import make_task
from airexec.workflow.model import Plan, Task, Workflow

STARTED_AT = 1_790_000_000.0


def task(task_id: str, *dependencies: str) -> Task:
    return make_task(task_id, dependencies, command=f"echo {task_id}")


def started(name: str, *tasks: Task, folder: str = "/nowhere") -> RunStarted:
    """The first event of a run of the workflow `name` in `folder`; its id is set by `write_run`."""
    by_id = {each.id: each for each in tasks}
    workflow = Workflow(name=name, path=f"{folder}/{name}.yml", tasks=by_id)
    return RunStarted("", Plan(workflow, by_id, params={}, max_active_tasks=2))


def completed(task_id: str, attempt: int = 1) -> tuple[Event, ...]:
    return (
        AttemptStarted(task_id, attempt, ("sh", "-e", "-c", f"echo {task_id}")),
        AttemptCompleted(task_id, attempt, duration=0.5),
    )


def failed(task_id: str, attempt: int = 1, retry_delay: float | None = None) -> tuple[Event, ...]:
    return (
        AttemptStarted(task_id, attempt, ("sh", "-e", "-c", f"echo {task_id}")),
        AttemptFailed(task_id, attempt, 0.5, Reason.EXIT, "exit code 1", exit_code=1, retry_delay=retry_delay),
    )


def finished(state: JobState, counts: Mapping[Status, int]) -> RunFinished:
    return RunFinished(state, counts)


def write_run(
    state_dir: Path,
    begin: RunStarted,
    events: Iterable[Event] = (),
    logs: Mapping[tuple[str, int], bytes] | None = None,
    seconds_later: int = 0,
) -> tuple[JobFolder, RunFolder]:
    """Write a run with these events, one second apart, and the logs of its attempts."""
    job = JobFolder(state_dir, begin.plan.workflow.name)
    job.create()
    run = job.create_run(STARTED_AT + seconds_later)
    records = [
        Record(seq, STARTED_AT + seq, event) for seq, event in enumerate([begin._replace(run_id=run.run_id), *events])
    ]
    journal = JournalWriter(run.journal)
    journal.append(records)
    journal.close()
    for (task_id, attempt), data in (logs or {}).items():
        Path(run.log(task_id, attempt)).write_bytes(data)
    write_views(job, replay(records))
    return job, run
