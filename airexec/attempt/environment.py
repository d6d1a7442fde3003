"""The variables of our own in the environment of an attempt.

Knows neither templates nor the layers in between (`airexec.attempt.prepare` merges those).
"""

import os
import re
import sys
from collections.abc import Mapping
from functools import lru_cache

from airexec.secrets.forms import encoded
from airexec.workflow.digest import digest

_TRACEPARENT = r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"


def airexec_variables(
    *,
    job: str,
    run: str,
    task: str,
    attempt: int,
    queue_file: str,
    output_file: str,
    caller: Mapping[str, str],
) -> dict[str, str]:
    """Return what every attempt is told about itself; the files are absolute paths of its two side channels.

    TRACEPARENT (W3C trace context, level 1) carries on the caller's trace or begins one for the run. Output is
    unbuffered unless `caller`, the environment so far, has an opinion: lines shall arrive as they are printed.
    """
    variables = {
        "AIREXEC_JOB": job,
        "AIREXEC_RUN": run,
        "AIREXEC_TASK": task,
        "AIREXEC_ATTEMPT": str(attempt),
        "AIREXEC_QUEUE": queue_file,
        "AIREXEC_OUTPUT": output_file,
        "TRACEPARENT": _traceparent(caller.get("TRACEPARENT", ""), f"{job}/{run}", f"{task}/{attempt}"),
    }
    if "PYTHONUNBUFFERED" not in caller:
        variables["PYTHONUNBUFFERED"] = "1"
    return variables


def own_path(caller: Mapping[str, str]) -> str:
    """Return the caller's PATH with the folder of the running airexec at its end.

    So that scripts in tasks find `airexec queue` also when it was called by its path, as in `.venv/bin/airexec run`;
    at the end, so that nothing else that tasks call is found elsewhere than before.
    """
    folders = caller.get("PATH", os.defpath).split(os.pathsep)
    program = sys.argv[0] if os.path.basename(sys.argv[0]) == "airexec" else sys.executable
    own = os.path.dirname(os.path.abspath(program))
    return os.pathsep.join(folders if own in folders else [*folders, own])


def cwd_by_pwd(caller: Mapping[str, str]) -> str | None:
    """Return our working directory if the caller's PWD names it, by whatever links; else None.

    A shell makes its own PWD good, a program that is started without one relies on it.
    """
    try:
        return os.getcwd() if os.path.samefile(caller.get("PWD", ""), ".") else None
    except OSError:
        return None


def _traceparent(outer: str, trace: str, span: str) -> str:
    trace_id, flags = _trace(outer, trace)
    return f"00-{trace_id}-{_id(f'{trace}/{span}', 8)}-{flags}"


@lru_cache(maxsize=4)
def _trace(outer: str, trace: str) -> tuple[str, str]:
    """Return (trace id, flags): those of the caller's trace, or those of one for the run."""
    match = re.fullmatch(_TRACEPARENT, outer) if outer else None
    return (match[1], match[2]) if match else (_id(trace, 16), "01")


def _id(text: str, size: int) -> str:
    """Return an id of so many bytes for a text, in hexadecimal: the same one after a resume, and never all zeros."""
    return f"{int.from_bytes(digest(encoded(text), size), 'big') or 1:0{2 * size}x}"
