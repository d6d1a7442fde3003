"""Which secrets a plan names, and their values, taken from the caller's environment and from nowhere else."""

from collections.abc import Iterable, Mapping

from airexec.errors import UsageError
from airexec.secrets.forms import LENGTH_MIN, encoded
from airexec.workflow.model import Plan


def collect_secrets(plan: Plan, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all secrets that the workflow, its tasks and templates name. Raises UsageError."""
    return read_secrets(plan.secret_names(), caller)


def read_secrets(names: Iterable[str], caller: Mapping[str, str]) -> dict[str, str]:
    """Return the values of `secrets` by name, in order. Raises UsageError that names all that cannot be used."""
    values = {name: caller.get(name, "") for name in names}
    if missing := [name for name, value in values.items() if not value]:
        unset, empty = [name for name in missing if name not in caller], [name for name in missing if name in caller]
        problems = [f"{_secrets(unset)} not set in the environment"] if unset else []
        problems += [f"{_secrets(empty)} empty in the environment"] if empty else []
        raise UsageError(
            "\n".join(problems),
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
