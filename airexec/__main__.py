"""The console entry point. Knows that `--version` must not wait for the rest, and nothing else."""

import sys


def main() -> int:
    """Run the command line of this process and return its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from airexec import __version__

        print(f"airexec {__version__}")
        return 0
    from airexec.cli.entry import run_command_line

    return run_command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
