"""Queued tasks beside the same tasks written in the file. Both print the same lines; here they are only text."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench.graphs import Node, chain, write_workflow
from tests.bench.measure import Contender, Measured, measure
from tests.bench.programs import airexec
from tests.bench.table import Row

FAN, CHAIN = 10_000, 2_000
GOAL = 1.3

FAN_LINES = """seq {size} | sed 's/.*/{prefix} {{"id": "t&", "command": "true"}}/'"""
NEXT_LINE = (
    """test $N -ge {size} || echo "{prefix} {{\\"template\\": \\"next\\", \\"with\\": {{\\"n\\": $((N + 1))}}}}" """
)


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    fan = measure([_queued_fan(folder / "fan"), _written_fan(folder / "fan-written")], rounds)
    steps = measure([_queued_chain(folder / "chain"), _written_chain(folder / "chain-written")], rounds)
    return [
        *_rows(f"{FAN:,} tasks, all from one", *fan),
        *_rows(f"chain of {CHAIN:,}, each from the one before", *steps),
    ]


def _rows(work: str, queued: Measured, written: Measured) -> list[Row]:
    ratio = median(queued.seconds) / median(written.seconds)
    return [
        Row(work, written.name, [seconds * 1000 for seconds in written.seconds], cpu_ms=written.cpu_seconds * 1000),
        Row(
            work,
            queued.name,
            [second * 1000 for second in queued.seconds],
            "ms",
            ratio,
            GOAL,
            queued.cpu_seconds * 1000,
        ),
    ]


def _queued_fan(folder: Path) -> Contender:
    lines = FAN_LINES.format(size=FAN, prefix="::queue")
    return _contender("queued", folder, [f"  emit:\n    queue: true\n    command: |\n      {lines}\n"])


def _written_fan(folder: Path) -> Contender:
    emit = Node("emit", (), FAN_LINES.format(size=FAN, prefix="#"))
    return _contender("written", folder, [emit, *(Node(f"t{number}", ("emit",)) for number in range(FAN))])


def _queued_chain(folder: Path) -> Contender:
    line = NEXT_LINE.format(size=CHAIN, prefix="::queue")
    template = (
        f"templates:\n  next:\n    queue: [next]\n    env: {{N: '{{{{ with.n }}}}'}}\n    command: |\n      {line}\n"
    )
    first = f"  first:\n    queue: [next]\n    env: {{N: '0'}}\n    command: |\n      {line}\n"
    return _contender("queued", folder, [first], template)


def _written_chain(folder: Path) -> Contender:
    line = NEXT_LINE.format(size=CHAIN, prefix="#")
    tasks = [
        f"  {node.name}:\n    dependencies: [{', '.join(node.upstream)}]\n    env: {{N: '{number}'}}\n"
        f"    command: |\n      {line}\n"
        for number, node in enumerate(chain(CHAIN + 1))
    ]
    return _contender("written", folder, tasks)


def _contender(name: str, folder: Path, tasks: Sequence[Node | str], head: str = "") -> Contender:
    write_workflow(folder, tasks, head)
    return Contender(name, airexec("run", "-j2"), folder)
