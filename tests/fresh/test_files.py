"""Which files a pattern means, and when facts alone tell that one is the same."""

import os
from pathlib import Path

import pytest

from airexec.fresh.files import RACY_NS, Facts, Seen, digest_of, facts_of
from airexec.workflow.globs import matching

FACTS = Facts(1, 5, 5, 9)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.c", "b.c", "sub/c.c", "sub/deep/d.c", "sub/.hidden", ".git/e.c"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "link.c").symlink_to("a.c")
    (tmp_path / "dangling.c").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo.c")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["*.c"], ["a.c", "b.c", "link.c"]),
        (["**/*.c"], ["a.c", "b.c", "link.c", "sub/c.c", "sub/deep/d.c"]),
        (["*.c", "!b.c", "!link.c"], ["a.c"]),
        (["!b.c", "*.c", "!link.c"], ["a.c", "b.c"]),
        (["sub"], ["sub/c.c", "sub/deep/d.c"]),
        (["sub/"], ["sub/c.c", "sub/deep/d.c"]),
        (["sub/*"], ["sub/c.c"]),
        (["nowhere", "a.c", "a.c", "./a.c"], ["a.c"]),
        (["a\0b"], []),
        ([], []),
    ],
)
def test_which_files_patterns_mean(tree: Path, patterns: list[str], expected: list[str]) -> None:
    """Regular ones, also behind a link; sorted, each once; later patterns see what earlier ones have found."""
    assert [f"{tree}/{name}" for name in expected] == matching(patterns, str(tree))


def test_what_is_no_regular_file_has_no_facts(tree: Path) -> None:
    assert [None] * 4 == [facts_of(str(tree / name)) for name in ("sub", "fifo.c", "dangling.c", "nowhere")]
    assert facts_of(str(tree / "a.c")) == facts_of(str(tree / "link.c"))


def test_what_cannot_be_read_has_no_digest(tree: Path) -> None:
    assert "" == digest_of(str(tree / "nowhere"))
    assert digest_of(str(tree / "a.c")) == digest_of(str(tree / "link.c")) != digest_of(str(tree / "b.c"))


def test_facts_alone_tell_that_a_file_is_the_same_when_it_had_not_just_been_written() -> None:
    """Else it may have been written again in the same tick of the file system."""
    long_after, soon_after = FACTS.mtime + RACY_NS + 1, FACTS.mtime + RACY_NS

    assert Seen(FACTS, "x", long_after).is_surely(FACTS)
    assert not Seen(FACTS, "x", soon_after).is_surely(FACTS)
    assert not Seen(FACTS, "", long_after).is_surely(FACTS), "nobody knows what was in it"
    for other in (FACTS._replace(size=2), FACTS._replace(mtime=4), FACTS._replace(ctime=4), FACTS._replace(inode=8)):
        assert not Seen(FACTS, "x", long_after).is_surely(other)
