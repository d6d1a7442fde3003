"""What somebody meant who typed what another tool would have understood. Imported only for a wrong command line."""

from collections.abc import Iterable, Mapping

from airexec.workflow.wording import did_you_mean

_COMMANDS: Mapping[str, str] = {
    "vars": "`airexec list` shows the params",
    "params": "`airexec list` shows the params",
    "tasks": "`airexec list` shows the tasks",
    "ls": "`airexec list` shows the tasks",
    "summary": "`airexec list` shows the tasks",
    "check": "`airexec validate` checks workflow files",
    "lint": "`airexec validate` checks workflow files",
    "exec": "`airexec run` starts a run",
    "retry": "`airexec resume` goes on with the last run",
    "continue": "`airexec resume` goes on with the last run",
    "log": "`airexec logs` prints what tasks have printed",
    "ps": "`airexec status` shows where a job stands",
    "runs": "`airexec history` lists the runs of a job",
    "explain": "`airexec why` explains the status of a task",
    "clear": "`airexec reset` makes tasks pending again",
    "completion": "`airexec --help` says how names are completed in bash, zsh and fish",
    "completions": "`airexec --help` says how names are completed in bash, zsh and fish",
    "dag": "`airexec graph` draws the graph",
}
"""By a command of make, just, go-task, Airflow or npm: where ours is."""

_OPTIONS: Mapping[str, str] = {
    "--quiet": "--output quiet shows failures and the end only",
    "-q": "--output quiet shows failures and the end only",
    "--silent": "--output quiet shows failures and the end only",
    "-s": "--output quiet shows failures and the end only",
    "--verbose": "--output stream shows lines as they come",
    "-v": "--output stream shows lines as they come",
    "--list": "`airexec list` lists the tasks",
    "-l": "`airexec list` lists the tasks",
    "--summary": "`airexec list` lists the tasks",
    "--parallel": "-j N: at most N tasks at once",
    "--concurrency": "-j N: at most N tasks at once",
    "--set": "-p KEY=VALUE sets a param",
    "--var": "-p KEY=VALUE sets a param",
    "-e": "-p KEY=VALUE sets a param",
    "--dry": "-n prints what would run",
    "--just-print": "-n prints what would run",
    "--file": "-f FILE names the workflow file",
    "--justfile": "-f FILE names the workflow file",
    "--taskfile": "-f FILE names the workflow file",
    "--dir": "-C DIR goes there first",
    "--directory": "-C DIR goes there first",
    "--working-directory": "-C DIR goes there first",
    "--watch": "airexec does not watch files",
    "-w": "airexec does not watch files",
    "--force": "a run takes all its tasks, whatever has changed",
    "--always-make": "a run takes all its tasks, whatever has changed",
    "-B": "a run takes all its tasks, whatever has changed",
}
"""By an option of those: what does it here."""


def command_hint(name: str, commands: Iterable[str]) -> str:
    """Return what was meant by a command that there is not; empty when nobody can tell."""
    if "=" in name:
        return f"a param is set by -p: airexec run -p {name}"
    return _COMMANDS.get(name, "") or did_you_mean(name, commands)


def option_hint(name: str, options: Iterable[str]) -> str:
    """Return what was meant by an option that there is not; empty when nobody can tell."""
    known = list(options)
    meant = did_you_mean(name, [one for one in known if one.startswith("--")]) if name.startswith("--") else ""
    hint = _OPTIONS.get(name, "")
    return hint or meant


def choice_hint(value: str, choices: Iterable[str]) -> str:
    """Return the choice that was probably meant; empty when none is near."""
    return did_you_mean(value, choices)
