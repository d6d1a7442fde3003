"""How an AirexecError looks on stderr. Knows no command."""

import os
import sys

from airexec.errors import AirexecError


def complain(error: AirexecError) -> None:
    """Print the error to stderr: headline and hint."""
    print(f"airexec: error: {error.headline}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {error.hint}", file=sys.stderr)


def wants_color(stream: object) -> bool:
    """Return whether to color what is written to `stream`: NO_COLOR and FORCE_COLOR first, else only a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    is_terminal = getattr(stream, "isatty", None)
    return bool(is_terminal and is_terminal())
