"""The console entry point. Knows that `--version` must not wait for the rest, and nothing else."""

import sys


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        return _answer(sys.argv[1:])
    except KeyboardInterrupt:  # while the rest is being imported, or at the very end
        return 130


def _answer(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from airexec import __version__

        print(f"airexec {__version__}")
        return 0
    from airexec.cli.entry import run_command_line

    return run_command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
