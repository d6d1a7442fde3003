"""Completion of commands and options by a shell, which asks by the variable `_AIREXEC_COMPLETE`.

To switch it on: `eval "$(_AIREXEC_COMPLETE=source_bash airexec)"` (or zsh, or fish).
"""


def complete(instruction: str) -> int:
    """Print the script for a shell (`source_bash`) or what it may complete (`complete_bash`)."""
    from typer._completion_classes import completion_init
    from typer.completion import shell_complete

    from airexec.cli.application import command_line

    completion_init()
    return shell_complete(command_line([]), {}, "airexec", "_AIREXEC_COMPLETE", instruction)
