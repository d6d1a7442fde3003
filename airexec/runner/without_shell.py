"""Commands that need no shell: a few plain words mean the same to `sh -c` and to the kernel, and the shell costs more.

Only what every shell reads in one way counts: words of harmless characters with blanks between them, of which the
first is the name of a program. Knows nothing of files: whether there is such a program, the caller will find out, and
then let the shell say so in its own words.
"""

from collections.abc import Mapping, Sequence

from airexec.workflow.actions.command import RESERVED_WORDS, SHELLS

_PREFIXES = frozenset({SHELLS["sh"], SHELLS["bash"]})
"""What stands in front of a command text. What else somebody calls a shell may be anything."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./- \t")
"""Nothing of this is special to a shell once the first word is known to be a program's name."""

_SPECIAL = ". : break continue eval exec exit export readonly return set shift source times trap unset"
_BUILTIN = """
    alias autoload bg bind builtin bye caller cd chdir command compgen complete compopt declare dirs disown echo enable
    false fc fg float functions getopts hash help hist history integer jobs kill let local logout mapfile nameref popd
    print printf pushd pwd read readarray shopt suspend test true type typeset ulimit umask unalias unfunction wait
    whence where which
"""
_NEEDS_PARENT = "setsid"
"""Does not wait for its program where it leads a group itself, which it does without a shell above it."""
_TO_SHELLS = RESERVED_WORDS.union(f"{_SPECIAL} {_BUILTIN} {_NEEDS_PARENT}".split())
"""Beside the last one, not searched for on PATH: what a shell has itself wins over a program of that name."""

_SAME_AS_BUILTIN = {":": ("/bin/true",), "true": ("/bin/true",), "false": ("/bin/false",)}


def without_shell(argv: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the argv that a shell would execute for `argv`, or None where it needs the shell to know."""
    if tuple(argv[:-1]) not in _PREFIXES:
        return None
    command = argv[-1].strip(" \t\n")
    if not command or not _PLAIN.issuperset(command):
        return None
    words = tuple(command.split())
    program = words[0]
    if _has_more_to_do(program, env):
        return None
    if "=" in program or program[0] in "%+-" or program in _TO_SHELLS:
        return _SAME_AS_BUILTIN.get(command)
    return words


def _has_more_to_do(program: str, env: Mapping[str, str]) -> bool:
    """Return whether the environment tells a shell to do more than its command, or something else by that name."""
    return (
        "BASH_ENV" in env
        or "BASHOPTS" in env
        or "ENV" in env
        or "SHELLOPTS" in env
        or f"BASH_FUNC_{program}%%" in env
        or f"BASH_FUNC_{program}()" in env
        or "~" in env.get("PATH", "")  # a home folder to bash, to others a name like any other
    )
