"""The variables of our own in the environment of an attempt, and the secrets taken from the caller's environment.

Knows neither templates nor the layers in between (`airexec.run.attempts` merges those).
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache

from airexec.errors import UsageError
from airexec.runner.secret_forms import LENGTH_MIN, encoded

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


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


def _traceparent(outer: str, trace: str, span: str) -> str:
    match = _TRACEPARENT.fullmatch(outer)
    trace_id, flags = match.groups() if match else (_trace_id(trace), "01")
    return f"00-{trace_id}-{_hash(f'{trace}/{span}', 64):016x}-{flags}"


@lru_cache(maxsize=1)  # there is one for all attempts of a run
def _trace_id(trace: str) -> str:
    return f"{_hash(trace, 128):032x}"


_FNV = {128: (0x6C62272E07BB014262B821756295C58D, (1 << 88) + 0x13B), 64: (0xCBF29CE484222325, (1 << 40) + 0x1B3)}


def _hash(text: str, bits: int) -> int:
    """Return FNV-1a of `text`: the same ids after a resume, without the import of hashlib."""
    value, prime = _FNV[bits]
    for byte in encoded(text):
        value = ((value ^ byte) * prime) & ((1 << bits) - 1)
    return value


def read_secrets(names: Iterable[str], caller: Mapping[str, str]) -> dict[str, str]:
    """Return the values of `secrets` by name, in order. Raises UsageError that names all that cannot be used."""
    values = {name: caller.get(name, "") for name in names}
    if missing := [name for name, value in values.items() if not value]:
        raise UsageError(
            f"{_secrets(missing)} not set in the environment",
            f"secrets come from the environment of airexec and from nowhere else: export {missing[0]}=…",
        )
    if short := [name for name, value in values.items() if len(encoded(value)) < LENGTH_MIN]:
        raise UsageError(
            f"{_secrets(short)} too short to be masked: at least {LENGTH_MIN} bytes are needed",
            "a shorter value stands in innocent output too, and hiding it there would give it away",
        )
    return values


def _secrets(names: list[str]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"secret {quoted} is" if len(names) == 1 else f"secrets {quoted} are"
