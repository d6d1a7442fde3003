"""The reserved words of sh and bash. A module of its own, since every run looks at them and few read a shell text."""

RESERVED_WORDS = frozenset(
    {"case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in"}
    | {"select", "then", "time", "until", "while"}
)
"""Those of letters. A shell takes them for its grammar where a command starts, and some elsewhere, unless quoted."""
