"""`airexec schedule`: when workflow files are due, for people and for programs."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import time
from typing import Any, NamedTuple

from airexec.cli.console import print_json, print_lines
from airexec.cli.messages import complain
from airexec.errors import AirexecError, UsageError
from airexec.manager.keeper import refusals, workflow_files
from airexec.manager.service import Place
from airexec.manager.upcoming import Tick, Wait, upcoming, waits
from airexec.state.timestamps import to_iso
from airexec.state.workflow_cache import WorkflowCache
from airexec.views.inspect.columns import aligned
from airexec.views.sanitize import one_line
from airexec.workflow.find import find_file
from airexec.workflow.model import Workflow


class ScheduleRequest(NamedTuple):
    files: tuple[Path, ...]
    number: int
    as_json: bool
    config: Path | None
    state_dir: Path | None


def show_schedule(request: ScheduleRequest) -> int:
    """Print the next ticks and what else starts runs; by default of the files that the job manager here keeps.

    Files with mistakes are told about, and the exit code is theirs. Raises AirexecError.
    """
    place = Place(*(None if path is None else str(path) for path in (request.config, request.state_dir)))
    kept = workflow_files(place.base_path, place.settings.workflows)
    paths = [os.fspath(find_file(file)) for file in request.files] or [os.path.relpath(path) for path in kept]
    if not paths and place.settings.workflows:
        shown = ", ".join(place.settings.workflows)
        raise UsageError(
            f"no file matches `workflows` in {place.config}: {shown}",
            hint=f"it is relative to {os.path.dirname(place.base_path)}",
        )
    if not paths:
        raise UsageError(
            "the job manager here keeps no workflow files",
            hint=f"name files, or write `workflows: workflows/*.yml` into {place.config}",
        )
    code, workflows = 0, []
    for path in paths:
        try:
            workflows.append(WorkflowCache(place.base_path, path).read().workflow)
        except AirexecError as error:
            complain(error)
            code = error.exit_code
    refused = refusals(workflows)
    for path, problem in refused.items():
        print(f"airexec: {os.path.relpath(path)} is not kept: {problem}", file=sys.stderr)
    workflows = [workflow for workflow in workflows if workflow.path not in refused]
    ticks, others = upcoming(workflows, place.base_path, time(), request.number), waits(workflows)
    if request.as_json:
        print_json({"ticks": [_as_data(tick) for tick in ticks], "triggers": [_trigger_as_data(it) for it in others]})
    else:
        print_lines(_lines(ticks, others))
    _say_who_keeps_them(place, workflows, kept)
    return code


def _lines(ticks: Sequence[Tick], others: Sequence[Wait]) -> list[str]:
    rows = [
        (_shown(tick), "missed" if tick.is_missed else "", tick.job, _schedule_text(tick), os.path.relpath(tick.file))
        for tick in ticks
    ]
    more = [(wait.job, one_line(wait.text), os.path.relpath(wait.file)) for wait in others]
    return [line.rstrip() for line in (*aligned(rows), *([""] if rows and more else []), *aligned(more))]


def _shown(tick: Tick) -> str:
    return f"{tick.shown[:10]} {tick.shown[11:16]} {tick.shown[19:]}"


def _schedule_text(tick: Tick) -> str:
    zone = tick.schedule.timezone
    return tick.schedule.cron if zone == "UTC" else f"{tick.schedule.cron} {zone}"


def _as_data(tick: Tick) -> dict[str, Any]:
    return {
        "time": to_iso(tick.moment),
        "scheduled_at": tick.shown,
        "job": tick.job,
        "schedule": tick.schedule.cron,
        "timezone": tick.schedule.timezone,
        "file": tick.file,
        "is_missed": tick.is_missed,
    }


def _trigger_as_data(wait: Wait) -> dict[str, Any]:
    trigger = wait.trigger
    if trigger.job:
        return {"job": wait.job, "after": trigger.job, "state": trigger.state, "file": wait.file}
    return {"job": wait.job, "files": trigger.files, "settle": trigger.settle, "file": wait.file}


def _say_who_keeps_them(place: Place, workflows: Sequence[Workflow], kept: Sequence[str]) -> None:
    """Say what nobody will start."""
    starting = [it for it in workflows if it.schedule is not None or it.triggers]
    others = [os.path.relpath(it.path) for it in starting if it.path not in kept]
    if workflows and not starting:
        print("airexec: none of these files has a schedule or triggers", file=sys.stderr)
    if others:
        print(
            f"airexec: not kept by the job manager here: {', '.join(others)} (`workflows` in {place.config})",
            file=sys.stderr,
        )
    elif starting and place.holder() is None:
        print("airexec: no job manager is at work, so none of it is started: airexec start", file=sys.stderr)
