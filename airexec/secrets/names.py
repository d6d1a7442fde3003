"""What is said about secrets that cannot be used: one that is missing, or that nobody could hide."""

from collections.abc import Collection, Iterable, Mapping

from airexec.errors import UsageError
from airexec.secrets.forms import LENGTH_MIN, encoded


def refuse_missing(missing: Mapping[str, Collection[str]], caller: Mapping[str, str]) -> None:
    """Raise UsageError that names all secrets that have no value: by name, the env files that do not have it either.

    `caller` is the environment of airexec.
    """
    if not missing:
        return
    problems = []
    for is_empty, how in ((False, "not set"), (True, "empty")):
        groups: dict[tuple[str, ...], list[str]] = {}
        for name, files in missing.items():
            if (name in caller) is is_empty:
                groups.setdefault(tuple(files), []).append(name)
        problems += [
            f"{_secrets(names)} {how} in the environment{f', nor in {_either(files)}' if files else ''}"
            for files, names in groups.items()
        ]
    first = next(iter(missing))
    hint = f"export {first}=…, or put it into an env_file; {{name: {first}, optional: true}} may be missing"
    raise UsageError("\n".join(problems), hint)


def refuse_short(values: Iterable[tuple[str, str]]) -> None:
    """Raise UsageError that names all secrets of these (name, value) that are too short to be masked."""
    short = list(dict.fromkeys(name for name, value in values if is_too_short(value)))
    if short:
        raise UsageError(
            f"{_secrets(short)} too short to be masked: at least {LENGTH_MIN} bytes are needed",
            "a shorter value stands in innocent output too, and hiding it there would give it away",
        )


def is_too_short(value: str) -> bool:
    """Return whether a value is too short to be masked."""
    return len(encoded(value)) < LENGTH_MIN


def _secrets(names: list[str]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"secret {quoted} is" if len(names) == 1 else f"secrets {quoted} are"


def _either(files: Collection[str]) -> str:
    *first, last = files
    return f"{', '.join(first)} or {last}" if first else last
