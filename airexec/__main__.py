"""The console entry point. Knows that `--version` must not wait for the rest, and what must be so before the rest."""

import os
import sys

_COLLECT_AFTER = 50_000
"""Objects more than there were, until Python looks for garbage. Its own 700 have it look twenty times during a start,
when nearly all that is made stays; so many cost little memory should they be garbage."""


def program() -> None:
    """Run the command line of this process and end the process with its exit code.

    Python would first take apart all modules, classes and plans, which takes longer than a small run. Nothing waits
    for that: every file is closed by whoever opened it, and no thread or child of ours is left.
    """
    exit_code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, AttributeError):  # full, closed, or never there: Python knows what to say then
        sys.exit(exit_code)
    os._exit(exit_code)


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        return _answer(sys.argv[1:])
    except KeyboardInterrupt:  # while the rest is being imported, or at the very end
        return 130


def _answer(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from airexec import __version__

        try:
            os.write(1, f"airexec {__version__}\n".encode())
            return 0
        except OSError:
            pass  # the rest has the words for that; nothing must be left in a buffer by then
    _occupy_standard_descriptors()
    import gc

    gc.set_threshold(_COLLECT_AFTER)
    from airexec.cli.entry import run_command_line

    return run_command_line(arguments)


def _occupy_standard_descriptors() -> None:
    """Open what the caller has closed (`>&-`): else the lock or the journal would get that number, and what somebody
    prints to stderr would end up in it."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one


if __name__ == "__main__":
    program()
