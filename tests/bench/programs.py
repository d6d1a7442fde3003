"""Those who can run a graph: airexec, and the peers that are installed. One function each writes the file of a peer.

Nobody gets a shell who does not ask for one. Peers that are not there are skipped, and the table says so.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.graphs import Graph, write_workflow
from tests.bench.measure import Contender


def airexec(*arguments: str) -> list[str]:
    """Return the command of the airexec that belongs to this Python."""
    beside = Path(sys.executable).with_name("airexec")
    return [str(beside) if beside.exists() else "airexec", *arguments]


def run_airexec(folder: Path, graph: Graph, jobs: int, name: str = "airexec") -> Contender:
    write_workflow(folder, graph)
    return Contender(name, airexec("run", f"-j{jobs}"), folder)


def _make(folder: Path, graph: Graph, jobs: int) -> list[str]:
    names = " ".join(node.name for node in graph)
    rules = (f"{node.name}: {' '.join(node.upstream)}\n\t@{node.command}\n" for node in graph)
    (folder / "Makefile").write_text(f".PHONY: all {names}\nall: {names}\n" + "".join(rules))
    return [f"-j{jobs}"]


def _ninja(folder: Path, graph: Graph, jobs: int) -> list[str]:
    edges = (f"build {node.name}: run {' '.join(node.upstream)}\n  do = {node.command}\n" for node in graph)
    (folder / "build.ninja").write_text("rule run\n  command = $do\n" + "".join(edges))
    return [f"-j{jobs}"]


def _just(folder: Path, graph: Graph, jobs: int) -> list[str]:
    """One at a time: it can run recipes side by side, but not so many and no more."""
    recipes = (f"{node.name}: {' '.join(node.upstream)}\n    @{node.command}\n" for node in graph)
    (folder / "justfile").write_text(f"all: {' '.join(node.name for node in graph)}\n" + "".join(recipes))
    return ["all"]


def _task(folder: Path, graph: Graph, jobs: int) -> list[str]:
    tasks = (
        f"  {node.name}:\n    run: once\n    deps: [{', '.join(node.upstream)}]\n    cmds: ['{node.command}']\n"
        for node in graph
    )
    head = f"version: '3'\nsilent: true\ntasks:\n  all:\n    deps: [{', '.join(node.name for node in graph)}]\n"
    (folder / "Taskfile.yml").write_text(head + "".join(tasks))
    return ["-C", str(jobs), "all"]


def _doit(folder: Path, graph: Graph, jobs: int) -> list[str]:
    (folder / "dodo.py").write_text(
        f"NODES = {[tuple(node[:3]) for node in graph]!r}\n"
        "def task_all():\n"
        "    for name, upstream, command in NODES:\n"
        "        yield {'basename': name, 'actions': [command], 'task_dep': list(upstream)}\n"
    )
    return ["-n", str(jobs)]


def _snakemake(folder: Path, graph: Graph, jobs: int) -> list[str]:
    rules = (
        f"rule {node.name}:\n"
        f"    input: {[f'{name}.done' for name in node.upstream]!r}\n"
        f"    output: touch('{node.name}.done')\n"
        f"    shell: '{node.command}'\n"
        for node in graph
    )
    goals = [f"{node.name}.done" for node in graph]
    (folder / "Snakefile").write_text(f"rule all:\n    input: {goals!r}\n" + "".join(rules))
    return ["--cores", str(jobs), "--forceall", "--quiet", "all"]


Writer = Callable[[Path, Graph, int], list[str]]
"""Writes the file of a peer into a folder and returns the arguments that run all of it."""

PEERS: dict[str, Writer] = {
    "make": _make,
    "ninja": _ninja,
    "just": _just,
    "task": _task,
    "doit": _doit,
    "snakemake": _snakemake,
}
"""By the name of the program; `task` is go-task."""


def peers(folder: Path, graph: Graph, jobs: int, *names: str) -> list[Contender]:
    """Return those of the named peers that are installed, each with its file in a folder of its own."""
    found = []
    for name in names:
        if (program := shutil.which(name)) is not None:
            own = folder / name
            own.mkdir(parents=True)
            found.append(Contender(name, [program, *PEERS[name](own, graph, jobs)], own))
    return found


def bare_loop(folder: Path, graph: Graph, jobs: int) -> list[Contender]:
    """Return the least that one can do in Python, to set beside a scheduler; nothing without pidfds."""
    if not hasattr(os, "pidfd_open"):
        return []
    folder.mkdir(parents=True)
    (folder / "graph.json").write_text(json.dumps([node[:3] for node in graph]))
    script = Path(__file__).with_name("bare_loop.py")
    return [Contender("bare Python loop", [sys.executable, str(script), "graph.json", str(jobs)], folder)]


def absent() -> list[str]:
    return [name for name in PEERS if shutil.which(name) is None]
