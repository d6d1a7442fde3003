"""Why a program could not be started, in the words of the user, and the exit code that a shell would give: 127 for
what is not there, 126 for what is but cannot be run."""

import os
from errno import E2BIG, EACCES, EAGAIN, EMFILE, ENFILE, ENOENT, ENOEXEC, ENOMEM, ENOTDIR

from airexec.attempt.facts import SpawnBusyError, SpawnError
from airexec.attempt.spec import AttemptSpec

ARGUMENT_BYTES_MAX = 128 * 1024 - 1
"""MAX_ARG_STRLEN of Linux, without the NUL at the end."""
_PATH_SHOWN = 80
"""Characters; a longer PATH is told by its length and its ends."""
_BUSY = (EAGAIN, EMFILE, ENFILE, ENOMEM)


class WindowsLinesError(SpawnError):
    """The first line of a script ends in `\\r\\n`. What a shell says of it (`not found`) helps nobody."""


def busy_error(error: OSError) -> SpawnBusyError:
    return SpawnBusyError(f"no room for another process: {error.strerror}")


def is_busy(error: OSError) -> bool:
    return error.errno in _BUSY


def spawn_error(error: OSError, path: str, spec: AttemptSpec) -> SpawnError:
    """Explain why `path` could not be executed."""
    match error.errno:
        case code if code in _BUSY:
            return busy_error(error)
        case code if code in (ENOENT, ENOTDIR):
            return _missing(path, spec)
        case code if code == EACCES:
            return _not_executable(path, spec.cwd)
        case code if code == ENOEXEC:
            return SpawnError(f"'{path}' is no program: it has neither a binary format nor a `#!` line")
        case code if code == E2BIG:
            return _too_big(spec)
    return SpawnError(f"'{path}' cannot be executed: {error.strerror}")


def not_found_error(spec: AttemptSpec, refused: OSError | None) -> SpawnError:
    """Explain why no folder of PATH had the program; `refused` is what the last executable one said to exec."""
    program, path = spec.argv[0], spec.env.get("PATH", os.defpath)
    if "\0" in program:
        return value_error(spec)
    for folder in path.split(":"):
        file = os.path.join(spec.cwd, folder, program)
        if os.path.isfile(file):
            if refused is not None and refused.errno == ENOENT:
                return _missing(file, spec)
            return _not_executable(file, spec.cwd)
    return SpawnError(f"program '{program}' not found on PATH ({_shown_path(path)})", 127)


def _shown_path(path: str) -> str:
    folders = path.split(":")
    return path if len(path) <= _PATH_SHOWN else f"{len(folders)} folders, {folders[0]} to {folders[-1]}"


def cwd_error(error: OSError | ValueError, cwd: str) -> SpawnError:
    if isinstance(error, ValueError):
        return SpawnError(f"the working directory '{_shown(cwd)}' {_unpassable(cwd)}")
    if is_busy(error):
        return busy_error(error)
    return SpawnError(f"working directory '{cwd}': {error.strerror}")


def value_error(spec: AttemptSpec) -> SpawnError:
    """Explain which text cannot be passed to a program."""
    if not spec.argv:
        return SpawnError("there is no program to start", 127)
    if not spec.argv[0]:
        return SpawnError("the name of the program is empty", 127)
    for number, argument in enumerate(spec.argv):
        if problem := _unpassable(argument):
            return SpawnError(f"argument {number} of '{_shown(spec.argv[0])}' {problem}")
    for name, value in spec.env.items():
        if not name or "=" in name:
            return SpawnError(f"'{_shown(name)}' is no name for an environment variable")
        if problem := _unpassable(name) or _unpassable(value):
            return SpawnError(f"environment variable '{_shown(name)}' {problem}")
    return SpawnError(f"'{_shown(spec.argv[0])}' cannot be executed: its arguments are not valid")


def _unpassable(text: str) -> str:
    if "\0" in text:
        return "contains a NUL character"
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return "contains a character that cannot be encoded"
    return ""


def _shown(text: str) -> str:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def _missing(path: str, spec: AttemptSpec) -> SpawnError:
    """ENOENT is also said of a script whose interpreter is missing, and of a binary without its loader."""
    file = os.path.join(spec.cwd, path)
    if not os.path.exists(file):
        return SpawnError(f"program '{path}' not found" + _seen_from(path, spec.cwd), 127)
    try:
        with open(file, "rb") as script:
            first = script.readline(256)
    except OSError:
        first = b""
    if first.startswith(b"#!"):
        if first.endswith(b"\r\n"):
            problem = "has Windows line ends, with which no interpreter is found (dos2unix mends it)"
            return WindowsLinesError(f"'{path}' {problem}")
        interpreter = first[2:].strip().decode("utf-8", "backslashreplace")
        return SpawnError(f"'{path}' asks for the interpreter '{interpreter}', which is not there")
    return SpawnError(f"'{path}' cannot be executed: its loader is not there")


def _not_executable(path: str, cwd: str) -> SpawnError:
    if os.path.isdir(os.path.join(cwd, path)):
        return SpawnError(f"'{path}' is a folder, not a program")
    return SpawnError(f"'{path}' is not executable: permission denied (chmod +x?)")


def _seen_from(path: str, cwd: str) -> str:
    return "" if os.path.isabs(path) else f" in '{cwd}'"


def _too_big(spec: AttemptSpec) -> SpawnError:
    for number, argument in enumerate(spec.argv):
        if (size := len(os.fsencode(argument))) > ARGUMENT_BYTES_MAX:
            return SpawnError(
                f"argument {number} of '{spec.argv[0]}' has {size} bytes; the system allows {ARGUMENT_BYTES_MAX}"
            )
    for name, value in spec.env.items():
        if (size := len(os.fsencode(f"{name}={value}"))) > ARGUMENT_BYTES_MAX:
            return SpawnError(f"environment variable '{name}' has {size} bytes; the system allows {ARGUMENT_BYTES_MAX}")
    total = sum(map(len, map(os.fsencode, (*spec.argv, *spec.env.keys(), *spec.env.values()))))
    return SpawnError(f"arguments and environment of '{spec.argv[0]}' are too long: {total} bytes together")
