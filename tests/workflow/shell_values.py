"""Values that would love to be code, and a way to let real shells print what became of them."""

import subprocess
from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

SHELLS = ("dash", "bash")
SCRIPT_MAX = 20_000
"""Characters; Linux takes at most 128 KiB in one argument."""

NASTY = (
    "",
    " ",
    "a b",
    "'",
    '"',
    "''",
    "it's",
    "\\",
    "\\\\",
    "\\'",
    '\\"',
    "a\\",
    "$HOME",
    "${HOME}",
    "$(id)",
    "`id`",
    "$((1+1))",
    "$'a'",
    "$",
    "$$",
    "'; id; '",
    '"; id; "',
    "'\"'\"'",
    "; id",
    "&& id",
    "| id",
    "&",
    "> /dev/null",
    "<(id)",
    "(",
    ")",
    "{a,b}",
    "#",
    "# x",
    "~",
    "~root",
    "*",
    "?",
    "[a]",
    "!",
    "!!",
    "-n",
    "--",
    "-e",
    "A=1",
    "if",
    "case",
    "esac",
    "\n",
    "a\nb",
    "\n\n",
    "a\n",
    "\r\n",
    "\t",
    "\\\n",
    "EOF",
    "\nEOF\nid\n",
    "%s",
    "\x01",
    "\x7f",
    "\x1b[31m",
    "a[$(id)]",
    "0",
    "2",
    "é",
    "日本",
    "\u2028",
    "\ufeff",
    "🙂",
    "\udc80",
    "\udcff\udc81\udc88",
    "\ufdd1",
    "{{ params.x }}",
    "{% if %}",
    "a" * 5000,
)
"""Lone surrogates stand for bytes that are not UTF-8, as `os.fsdecode` gives them."""

hostile = st.one_of(
    st.text(alphabet="'\"\\$`(){}[];&|<>#~*?!-= \n\t\r\x01ab\u00e9", max_size=12),
    st.text(st.characters(blacklist_characters="\0\ufdd0", blacklist_categories=["Cs"]), max_size=12),
    st.binary(max_size=8).map(lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape")),
    st.lists(st.sampled_from([value for value in NASTY if len(value) < 100]), max_size=3).map("".join),
)
"""Texts without NUL (and without the one code point that is reserved), most of them full of shell syntax."""


def encoded(value: str) -> bytes:
    """Return the bytes that a program is given for a text."""
    return value.encode("utf-8", "surrogateescape")


def printed(shell: str, commands: Iterable[str]) -> list[bytes]:
    """Return what each command printed, in order; many share one shell, because thousands are tried."""
    outputs: list[bytes] = []
    for script in _scripts(commands):
        done = subprocess.run(
            [shell, "-c", encoded(script)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": "/home"},
        )
        assert done.stderr == b""
        outputs += done.stdout.split(b"\0")[:-1]
    return outputs


def _scripts(commands: Iterable[str]) -> Iterator[str]:
    script = ""
    for command in commands:
        script += f"{command}\nprintf '\\0'\n"
        if len(script) > SCRIPT_MAX:
            yield script
            script = ""
    yield script
