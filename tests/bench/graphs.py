"""The graphs to be run, as plain values, and the workflow files of airexec for them. Knows no peers and no clocks."""

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

NO_OP = "true"
IN_SHELL = "exit 0"
"""Does nothing either, and nobody can do it without a shell."""


class Node(NamedTuple):
    name: str
    upstream: tuple[str, ...] = ()
    command: str = NO_OP
    seconds: float = 0.0
    """How long the command takes, where that is known."""


Graph = list[Node]


def independent(size: int, command: str = NO_OP) -> Graph:
    return [Node(f"t{number}", command=command) for number in range(size)]


def chain(size: int) -> Graph:
    return [Node(f"t{number}", (f"t{number - 1}",) if number else ()) for number in range(size)]


def layers(count: int, width: int, upstream: int) -> Graph:
    """Return `count` layers of `width` tasks; each waits for `upstream` tasks of the layer before."""
    return [
        Node(f"l{layer}t{at}", tuple(f"l{layer - 1}t{(at + step) % width}" for step in range(upstream if layer else 0)))
        for layer in range(count)
        for at in range(width)
    ]


def heterogeneous(seed: int, size: int = 40) -> Graph:
    """Return sleeps of very different lengths: most are short and some long, each waits for up to two before it."""
    rng = random.Random(seed)
    nodes: Graph = []
    for number in range(size):
        seconds = round(rng.choice((0.05, 0.1, 0.2, 0.8)) * rng.uniform(0.5, 1.5), 2)
        before = rng.sample(nodes[-12:], min(len(nodes), rng.choice((0, 1, 2))))
        nodes.append(Node(f"t{number}", tuple(node.name for node in before), f"sleep {seconds}", seconds))
    return nodes


def write_workflow(folder: Path, tasks: Iterable[Node | str], head: str = "") -> Path:
    """Write `airexec.yml`; a task that needs more than a Node can say is given as its text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".airexec").mkdir(exist_ok=True)  # the state stays here, whatever repository is around
    path = folder / "airexec.yml"
    path.write_text(f"name: bench\n{head}tasks:\n" + "".join(_lines(tasks)))
    return path


def _lines(tasks: Iterable[Node | str]) -> Iterator[str]:
    for task in tasks:
        if isinstance(task, str):
            yield task
            continue
        yield f"  {task.name}:\n    command: {json.dumps(task.command)}\n"
        if task.upstream:
            yield f"    dependencies: [{', '.join(task.upstream)}]\n"
