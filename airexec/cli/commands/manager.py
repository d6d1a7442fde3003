"""`airexec start` and `stop`: the job manager of this place."""

import sys
from pathlib import Path

from airexec.manager.service import STARTED, Place, run_manager, start_in_background, stop_manager


def start(config: Path | None, state_dir: Path | None, *, foreground: bool, shared: bool) -> int:
    """Start the manager, and return its exit code if it is not to go to the background. Raises AirexecError."""
    place = _place(config, state_dir)
    if foreground:
        return run_manager(place, shared=shared)
    print(f"{STARTED} (PID {start_in_background(place, shared=shared)})")
    return 0


def stop(config: Path | None, state_dir: Path | None, *, now: bool) -> int:
    """Tell the manager to end, and wait until it has. Raises AirexecError."""
    return stop_manager(_place(config, state_dir), now=now, say=_say)


def _say(text: str) -> None:
    if text.startswith("Job manager"):
        print(text)
    else:
        print(f"airexec: {text}", file=sys.stderr)


def _place(config: Path | None, state_dir: Path | None) -> Place:
    return Place(None if config is None else str(config), None if state_dir is None else str(state_dir))
