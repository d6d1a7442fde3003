"""Signatures and help of the commands around the job manager."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from airexec.cli.arguments import (
    AsJson,
    StateDir,
    whole_number,
)


def start(
    foreground: Annotated[bool, Option("--foreground", help="Stay: for systemd, containers and a look.")] = False,
    config: Annotated[
        Path | None, Option("--config", metavar="FILE", help="Settings, instead of config.yaml in the state folder.")
    ] = None,
    shared: Annotated[bool, Option("--shared", help="Beside another manager of the same jobs.")] = False,
    state_dir: StateDir = None,
) -> int:
    """Start the job manager, in the background.

    It works off the jobs that other programs write, and prints its pid. `airexec help orders` tells about jobs.

    \b
    airexec start                        looks after .airexec
    airexec start --foreground           and stays in the foreground
    """
    from airexec.cli.commands.manager import start

    return start(config, state_dir, foreground=foreground, shared=shared)


def stop(
    now: Annotated[bool, Option("--now", help="End the runs as well.")] = False,
    config: Annotated[
        Path | None, Option("--config", metavar="FILE", help="The settings that it was started with.")
    ] = None,
    state_dir: StateDir = None,
) -> int:
    """Stop the job manager.

    What runs goes on to its end. Returns when the manager is gone.
    """
    from airexec.cli.commands.manager import stop

    return stop(config, state_dir, now=now)


def schedule(
    workflows: Annotated[
        list[Path] | None,
        Argument(metavar="[WORKFLOW]...", help="Files. Not said: those that the job manager here keeps."),
    ] = None,
    number: Annotated[int, Option("--next", metavar="N", parser=whole_number(1), help="So many ticks.")] = 10,
    json: AsJson = False,
    config: Annotated[Path | None, Option("--config", metavar="FILE", help="The settings of the job manager.")] = None,
    state_dir: StateDir = None,
) -> int:
    """List when workflow files are due, and what else starts them.

    \b
    airexec schedule                     all that the job manager keeps
    airexec schedule etl.yml --next 3
    """
    from airexec.cli.commands.schedule import ScheduleRequest, show_schedule

    return show_schedule(ScheduleRequest(tuple(workflows or ()), number, json, config, state_dir))
