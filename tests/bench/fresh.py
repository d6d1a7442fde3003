"""Only what changed: how long it takes to find out that nothing is to be done, or one thing of many."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.measure import Contender, Measured, execute, measure
from tests.bench.programs import airexec
from tests.bench.table import Row, against, limited

FILES = 10_000
SETTLE_SECONDS = 2.5
"""After so long a file is sure not to be written again within the same tick of any file system."""
_STAT = "import os\nfor n in range(%d): os.stat(f's/{n}'); os.stat(f'airexec/{n}')"


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    """Each makes a product of each source, then finds nothing to do; then one source is touched, or changed."""
    contenders = [*_contenders(folder, FILES)]
    for contender in contenders:
        execute(contender)
    time.sleep(SETTLE_SECONDS)
    ours, *theirs = measure(contenders, rounds)
    bare = Contender("bare loop", [sys.executable, "-c", _STAT % FILES], folder)
    (stats,) = measure([bare], rounds)
    source = folder / "s" / "7"
    touched = _after(contenders[0], lambda: source.touch(), rounds)
    changed = _after(contenders[0], lambda: source.write_text(str(time.monotonic_ns())), rounds)
    return [
        *against(f"nothing to do, {FILES:,} files", ours, [*theirs, stats], {"ninja": 4.0, "make": 0.1}),
        limited("peak memory of that", ours.peak_megabytes, "MB", 80),
        *against("one of them touched", touched, [ours], {"airexec": 1.2}),
        *against("one of them changed", changed, [ours], {}),
    ]


def _after(contender: Contender, edit: Callable[[], object], rounds: int) -> Measured:
    (found,) = measure([contender._replace(prepare=edit)], rounds)
    return found


def _contenders(folder: Path, files: int) -> Iterator[Contender]:
    for name in ("s", "airexec", "ninja", "make"):
        (folder / name).mkdir(parents=True)
    for number in range(files):
        (folder / "s" / str(number)).write_text(str(number))
    tasks = (
        f"  t{n}: {{sources: s/{n}, generates: airexec/{n}, command: [cp, s/{n}, airexec/{n}]}}\n" for n in range(files)
    )
    (folder / "airexec.yml").write_text("tasks:\n" + "".join(tasks))
    yield Contender("airexec", airexec("run", "--output", "quiet", "-j2"), folder)
    if shutil.which("ninja"):
        edges = (f"build ninja/{n}: cp s/{n}\n" for n in range(files))
        (folder / "build.ninja").write_text("rule cp\n  command = cp $in $out\n" + "".join(edges))
        yield Contender("ninja", ["ninja", "-j2", "--quiet"], folder)
    if shutil.which("make"):
        goals = " ".join(f"make/{n}" for n in range(files))
        rules = (f"make/{n}: s/{n}\n\t@cp $< $@\n" for n in range(files))
        (folder / "Makefile").write_text(f"all: {goals}\n" + "".join(rules))
        yield Contender("make", ["make", "-j2", "-s"], folder)
