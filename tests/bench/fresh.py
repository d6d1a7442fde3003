"""Only what changed: how long it takes to find out that nothing is to be done, or one thing of many."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.measure import Contender, Measured, execute, measure
from tests.bench.programs import airexec
from tests.bench.table import Row, against, limited

FILES = 10_000
PEER_FILES = 1_000
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


def peer_rows(folder: Path, rounds: int) -> Sequence[Row]:
    """As the first of `rows`, with fewer files, beside those who would take minutes for more."""
    contenders = [*_contenders(folder, PEER_FILES), *_slow_contenders(folder, PEER_FILES)]
    for contender in contenders:
        execute(contender)
    time.sleep(SETTLE_SECONDS)
    ours, *theirs = measure(contenders, rounds)
    goals = {"go-task": 0.1, "doit": 0.1, "Snakemake": 0.1}
    return against(f"nothing to do, {PEER_FILES:,} files", ours, theirs, goals)


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


def _slow_contenders(folder: Path, files: int) -> Iterator[Contender]:
    for name in ("task", "doit", "snakemake"):
        (folder / name).mkdir()
    if shutil.which("task"):
        goals = ", ".join(f"t{n}" for n in range(files))
        tasks = (
            f"  t{n}: {{sources: [s/{n}], generates: [task/{n}], cmds: ['cp s/{n} task/{n}']}}\n" for n in range(files)
        )
        head = f"version: '3'\nsilent: true\ntasks:\n  all: {{deps: [{goals}]}}\n"
        (folder / "Taskfile.yml").write_text(head + "".join(tasks))
        yield Contender("go-task", ["task", "-C", "2", "all"], folder)
    if shutil.which("doit"):
        (folder / "dodo.py").write_text(
            "def task_cp():\n"
            f"    for n in range({files}):\n"
            "        yield {'name': str(n), 'actions': [['cp', f's/{n}', f'doit/{n}']],"
            " 'file_dep': [f's/{n}'], 'targets': [f'doit/{n}']}\n"
        )
        yield Contender("doit", ["doit", "-n", "2", "-v", "0"], folder)
    if shutil.which("snakemake"):
        for number in range(files):  # to start a thousand jobs takes it minutes, and is not what is measured
            shutil.copy(folder / "s" / str(number), folder / "snakemake" / str(number))
        (folder / "Snakefile").write_text(
            f"rule all:\n    input: [f'snakemake/{{n}}' for n in range({files})]\n"
            "rule cp:\n    input: 's/{n}'\n    output: 'snakemake/{n}'\n    shell: 'cp {input} {output}'\n"
        )
        subprocess.run(["snakemake", "--touch", "-c2", "-q"], cwd=folder, check=True, capture_output=True)
        yield Contender("Snakemake", ["snakemake", "-c2", "-q"], folder)
