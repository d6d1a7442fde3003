"""`airexec watch`: runs a workflow again whenever a file changes that it reads."""

import os
import sys

from airexec.run.options import RunOptions
from airexec.run.session import say
from airexec.watch.watching import Watching

_FLAGS = {"keep_going": "--keep-going", "allow_network_state": "--allow-network-state"}
_VALUES = {
    "max_active_tasks": "--jobs",
    "params_file": "--params-file",
    "output": "--output",
    "job": "--job",
    "state_dir": "--state-dir",
    "sync": "--sync",
}


def watch(options: RunOptions) -> int:
    """Run and watch until Ctrl-C, and return the exit code of the last run. Raises AirexecError."""
    return Watching(options, [sys.executable, "-m", "airexec", *arguments_of(options)], say).work()


def arguments_of(options: RunOptions) -> list[str]:
    """Return the command line of a run with these options that says why tasks run, and waits for the job."""
    arguments = ["run", os.fspath(options.workflow or ""), *options.tasks, "--explain", "--wait"]
    arguments += [flag for field, flag in _FLAGS.items() if getattr(options, field)]
    arguments += [f"--param={param}" for param in options.params]
    arguments += [
        f"{option}={value}" for field, option in _VALUES.items() if (value := getattr(options, field)) is not None
    ]
    return [*arguments, "--", *options.args] if options.args else arguments
