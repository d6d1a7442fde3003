"""Whether a run shares its slots with a make around it. Costs nothing where there is none."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from airexec.run.ports import Tokens, Unlimited


@contextmanager
def shared_slots(
    env: Mapping[str, str], slots: int | None, say: Callable[[str], None]
) -> Iterator[tuple[Tokens, Mapping[str, str]]]:
    """Yield the tokens for a run and the environment for its tasks; on leaving, give back all that is held.

    `env` is the environment of airexec and `slots` what -j says, which makes the run independent of make.
    """
    if "--jobserver-" not in env.get("MAKEFLAGS", "") and "AIREXEC_JOBSERVER" not in env:
        yield Unlimited(), env
        return
    from airexec.runner.jobserver import membership

    with membership(env, slots) as member:
        if member.warning is not None:
            say(member.warning)
        yield member.tokens or Unlimited(), member.env


def is_left_out(env: Mapping[str, str], slots: int | None) -> bool:
    """Return whether a make around us has a jobserver out of our reach: then there is one slot, that of the line."""
    if slots is not None or "--jobserver-" not in env.get("MAKEFLAGS", ""):
        return False
    from airexec.runner.jobserver import is_out_of_reach

    return is_out_of_reach(env)


def asks_for_a_dry_run(env: Mapping[str, str]) -> bool:
    """Return whether we stand in a Makefile line with a `+` and `make -n` only wants to know what would happen."""
    if not (flags := env.get("MAKEFLAGS")):
        return False
    from airexec.runner.make_flags import is_dry_run

    return is_dry_run(flags)
