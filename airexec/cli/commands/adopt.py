"""The workflow file that `airexec init` makes of another tool's: which file, what is in it, and whether it is good.

The only place where readers of `airexec.adopt` meet files and processes; none of what a file runs is run.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from airexec.adopt.draft import Draft, place_of, settled, with_raw, without, written
from airexec.errors import UsageError
from airexec.workflow.diagnostics import Finding, WorkflowError, counted
from airexec.workflow.yaml.source import Source, read_source

GITHUB = ".github/workflows"
MAKE_SECONDS = 60.0
"""For a Makefile that would keep make busy for ever."""


class Made(NamedTuple):
    """A workflow file to be written, and what is to be said about it."""

    text: str
    report: str


def adopted(path: Path, source: Path | None, name: str, schema: str) -> Made | None:
    """Return the workflow file that is made of `source`, or of what is found beside `path`: None where nothing is.

    Raises UsageError for what cannot be read, WorkflowError with the mistakes in it.
    """
    if source is not None and not source.is_dir():
        draft = _read(source)
        if not draft.tasks:
            raise UsageError(f"{source} has nothing to run")
        return _made(draft, path, source, [], name, schema)
    folder = source or path.parent
    found = list(readable(folder))
    for number, candidate in enumerate(found):
        draft = _read(candidate)
        if draft.tasks:
            return _made(draft, path, candidate, found[number + 1 :], name, schema)
    if source is not None:
        raise UsageError(f"nothing in {source} that init can read", "it reads a Makefile, package.json, a Taskfile, "
                         "a justfile, and workflows of GitHub")  # fmt: skip
    return None


def readable(folder: Path) -> Iterable[Path]:
    """Yield the files of other tools in a folder, the one first that is taken."""
    try:
        there = {it.name for it in os.scandir(folder) if it.is_file()}
    except OSError:
        return
    for names in _NAMES:
        by_name = {name.lower(): name for name in sorted(there, reverse=True)} if names is _JUST else {}
        chosen = next((by_name.get(name, name) for name in names if by_name.get(name, name) in there), None)
        if chosen is not None:
            yield folder / chosen
    flows = [*(folder / GITHUB).glob("*.yml"), *(folder / GITHUB).glob("*.yaml")]
    yield from sorted(flows, key=lambda it: (_USUAL.index(it.stem) if it.stem in _USUAL else len(_USUAL), it.name))


_MAKE = ("gnumakefile", "makefile")
_JUST = ("justfile", ".justfile")
_NAMES = (
    ("GNUmakefile", "makefile", "Makefile"),
    ("package.json",),
    *(tuple(f"{stem}.{ending}" for stem in ("Taskfile", "taskfile", "Taskfile.dist") for ending in ("yml", "yaml")),),
    _JUST,
)
_USUAL = ("ci", "test", "tests", "build", "main")


def _read(path: Path) -> Draft:
    shown_as = os.path.normpath(path)
    if path.suffix in (".yml", ".yaml"):
        findings: list[Finding] = []
        source = read_source(path, shown_as, findings)
        if findings:
            raise WorkflowError(source.diagnostics(findings))
    else:
        try:
            source = Source(path.read_bytes().decode(errors="replace").replace("\r\n", "\n"), shown_as)
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from None
    try:
        return _reader(path, source)(source)
    except (TypeError, AttributeError, KeyError, IndexError) as error:  # a list where that tool has a map, or the like
        raise UsageError(f"cannot make sense of {path}: a value in it is not what its tool takes ({error})") from None


def _reader(path: Path, source: Source) -> Callable[[Source], Draft]:
    """Return what reads a file, by its name, and for YAML by what is in it."""
    name = path.name.lower()
    if name in _MAKE or name.endswith((".mk", ".make")) or name.startswith("makefile."):
        return lambda source: _read_makefile(path, source)
    if name.endswith(".json"):
        from airexec.adopt.npm import read_package

        return read_package
    if name in _JUST or name.endswith(".just"):
        from airexec.adopt.just import read_justfile

        return read_justfile
    if name.endswith((".yml", ".yaml")):
        from airexec.adopt.document import read_map
        from airexec.adopt.github import is_github, read_github
        from airexec.adopt.task import is_taskfile, read_taskfile

        data = read_map(source)
        if is_github(data):
            return read_github
        if is_taskfile(data) or name.startswith("taskfile."):
            return read_taskfile
    raise UsageError(
        f"{path} is nothing that init can read",
        "it reads a Makefile, package.json, a Taskfile, a justfile, and workflows of GitHub",
    )


def _made(draft: Draft, path: Path, source: Path, others: list[Path], name: str, schema: str) -> Made:
    """Return the text of the draft as a checked workflow file that lies at `path`."""
    folder = _folder_of(source)
    here = os.path.relpath(folder, path.resolve().parent)
    if here != ".":
        draft = draft._replace(fields={"cwd": here, **draft.fields})
    shown = os.path.relpath(source, folder)
    text = _checked(settled(draft), path, lambda it: written(it, name, schema, shown))
    also = ""
    if others:
        also = f"; there are also {', '.join(map(str, others))} (airexec init --from FILE)"
    lost = sum(line.lstrip().startswith("# not carried over:") for line in text.splitlines())
    rest = f", {counted(lost, 'thing')} not carried over (see the comments)" if lost else ""
    return Made(text, f"read {source}: {counted(len(draft.tasks), 'task')}{rest}{also}")


def _folder_of(source: Path) -> Path:
    """Return where what a file runs is run."""
    folder = source.resolve().parent
    return folder.parents[1] if folder.as_posix().endswith(f"/{GITHUB}") else folder


def _checked(draft: Draft, path: Path, text_of: Callable[[Draft], str]) -> str:
    """Return the text of a draft that the checker takes: what it does not take is left out, and said to be lost.

    Other tools look at less of a file at once: there two tasks may make the same file, or read in a circle what they
    make, and a value may stand where nothing can be quoted.
    """
    from airexec.graph.read import read_source_text

    while True:
        text = text_of(draft)
        try:
            read_source_text(Source(text, str(path)), path)
        except WorkflowError as error:
            smaller = _without_mistakes(draft, text, error)
            if smaller == draft:
                raise AssertionError(f"init made a file that is none:\n{error.render()}") from None
            draft = smaller
        else:
            return text


def _without_mistakes(draft: Draft, text: str, error: WorkflowError) -> Draft:
    for found in error.diagnostics:
        task, key = place_of(text, found.line)
        if found.severity != "error":
            continue
        if unsafe := re.match(r"`\{\{ (.*) \}\}` stands inside of ", found.message):
            draft = with_raw(draft, task, unsafe[1])
        elif circle := re.match(r"tasks depend on each other in a circle: (.*)", found.message):
            draft = without(draft, circle[1].split(" → "), "sources")
        else:
            draft = without(draft, [task], key)
    return draft


# --- make -------------------------------------------------------------------------------------------------------------


def _read_makefile(path: Path, source: Source) -> Draft:
    from airexec.adopt import make

    for file, text in _with_includes(path, source.text):
        if what := make.what_would_run(text):
            raise UsageError(
                f"{file} {what}: make would run things only by reading it",
                "take that line away, or start with an empty file: airexec init FILE, in a folder without a Makefile",
            )
    program, printf = _gnu_make(), shutil.which("printf")
    if printf is None:
        raise UsageError("printf is not installed, and without it make would run things by reading a Makefile")
    folder = str(path.resolve().parent)
    text, makefile = make.without_bare_runs(source.text), path.name
    with tempfile.TemporaryDirectory() as other:
        if text != source.text:
            makefile = os.path.join(other, path.name)
            Path(makefile).write_text(text)

        def told(goals: list[str], settable: Iterable[str] = ()) -> str:
            call = make.arguments(program, printf, makefile, goals, settable)
            said = _said(call, folder, make.environment(os.environ.get("PATH", os.defpath)))
            errors = said.stderr.decode(errors="replace").replace(makefile, path.name)
            if not goals and (mistake := make.mistake(source, errors)):
                raise mistake
            return said.stdout.decode(errors="replace").replace(makefile, path.name).replace(other, folder)

        output = told(make.goals_of(told([])))
        more = [told([goal]) for goal in make.untold(output)]  # make ends at the first that it cannot expand
        settable = make.settable(source.text, output)
        marked = told(make.goals_of(output), settable) if settable else ""
    return make.read_makefile(source.text, path.name, [output, *more], folder, marked)


def _said(call: list[str], folder: str, env: dict[str, str]) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            call, cwd=folder, env=env, capture_output=True, check=False, timeout=MAKE_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"make has not read the file after {MAKE_SECONDS:g} seconds") from None


def _with_includes(path: Path, text: str) -> Iterable[tuple[Path, str]]:
    """Yield a makefile and those that it includes, as far as their names can be told without make."""
    from airexec.adopt.make import included

    waiting, seen = [(path, text)], {path}
    folder = path.parent
    while waiting:
        file, text = waiting.pop()
        yield file, text
        for name in included(text):
            for inner in sorted(folder.glob(name)) if not name.startswith("/") else [Path(name)]:
                if inner not in seen and inner.is_file():
                    seen.add(inner)
                    waiting.append((inner, inner.read_text(errors="replace")))


def _gnu_make() -> str:
    """Return GNU make of version 4 or later. Raises UsageError where there is none."""
    names = [name for name in ("gmake", "make") if shutil.which(name)]
    for name in names:
        said = subprocess.run([name, "--version"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if (found := re.match(rb"GNU Make (\d+)", said.stdout)) and int(found[1]) >= 4:
            return name
    what = "this make is not GNU make 4 or later" if names else "make is not installed"
    raise UsageError(
        f"{what}, and only that can say what a Makefile runs", "name another file: airexec init --from FILE"
    )
