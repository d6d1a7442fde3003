"""`airexec why`: the reasons for a task's status, from its journal in the words of `airexec.views.inspect.explain`."""

from collections.abc import Sequence
from pathlib import Path

from airexec.cli.console import print_lines
from airexec.cli.runs import chosen_run
from airexec.errors import UsageError
from airexec.reading.named import existing_task_ids, named_job
from airexec.reading.standing import standing_of
from airexec.state.layout import address
from airexec.views.inspect.explain import Story
from airexec.views.wording import operand


def explain_task(names: Sequence[str], job_name: str | None, run_id: str | None, state_dir: Path | None) -> int:
    """Explain a task, or all instances of a matrix or a template; `names` are `[JOB] TASK`. Raises AirexecError."""
    if len(names) > 2 or (len(names) == 2 and job_name is not None):
        raise UsageError(f"why explains one task, not {', '.join(names)}", "write [JOB] TASK")
    *first, name = names
    job = named_job(job_name or (first[0] if first else None), state_dir)
    standing = standing_of(chosen_run(job, run_id))
    found_by = operand(standing.run, address(job), is_named=run_id is not None)
    story = Story(standing.run, standing.records, standing.is_active, found_by)
    for number, task_id in enumerate(existing_task_ids(standing.run, name, job)):
        if number:
            print()
        print_lines(story.explain(task_id))
    return 0
