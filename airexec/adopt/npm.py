"""Reads the scripts of a package.json.

A script becomes its own text, with `node_modules/.bin` on the PATH as npm puts it there, rather than `npm run`: that
is what the file is for, and it starts faster. What needs more of npm than the PATH is left to it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from airexec.adopt.draft import Draft, DraftTask, literal
from airexec.workflow.diagnostics import Finding, WorkflowError
from airexec.workflow.yaml.source import Source

_LEADING_RUN = re.compile(r"(?:npm|yarn|pnpm)\s+run\s+([\w:.-]+)\s*(?:&&\s*(.*)|$)", re.DOTALL)
_AT_ONCE = re.compile(r"(?:run-p|npm-run-all\s+(?:-p|--parallel))((?:\s+[\w:.-]+)+)")
_NEEDS_NPM = re.compile(r"\$\{?npm_|\bcd\s|%npm_")
_USUAL = ("build", "test", "start")
"""What a run is most likely about, in this order."""


def read_package(source: Source) -> Draft:
    """Return the scripts as tasks, none where there are none. Raises WorkflowError for what is no package.json."""
    try:
        package = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise _mistake(source, error.pos, f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise _mistake(source, 0, "this is nested too deep") from None
    scripts = package.get("scripts", {}) if isinstance(package, dict) else None
    if not isinstance(scripts, dict) or not all(isinstance(text, str) for text in scripts.values()):
        at = max(0, source.text.find('"scripts"'))
        raise _mistake(source, at, "'scripts' must be a map from names to commands")
    scripts = {name: text for name, text in scripts.items() if text.strip()}
    runner = _runner(package)
    tasks = tuple(_task(name, scripts, runner) for name in scripts if not _is_after(name, scripts))
    default = next((name for name in (*_USUAL, *scripts) if name in scripts), "")
    fields = {"env": {"PATH": "node_modules/.bin:{{ env.PATH }}"}}
    remark = f"{runner} has no default; this one is what a bare `airexec run` is for, name another as you like."
    return Draft("package.json", tasks, default, fields if tasks else {}, (remark,))


def _mistake(source: Source, at: int, message: str) -> WorkflowError:
    return WorkflowError(source.diagnostics([Finding(at, message, end=at + 1)]))


def _runner(package: Mapping[str, Any]) -> str:
    name = str(package.get("packageManager", "npm")).partition("@")[0]
    return name if name in ("yarn", "pnpm") else "npm"


def _is_after(name: str, scripts: Mapping[str, str]) -> bool:
    return name.startswith("post") and name.removeprefix("post") in scripts


def _task(name: str, scripts: Mapping[str, str], runner: str) -> DraftTask:
    dependencies = [f"pre{name}"] if f"pre{name}" in scripts else []
    first, text = _what_first(scripts[name], scripts) if not dependencies else ([], scripts[name])
    command = _command(name, text, runner) if text else ""
    if (after := scripts.get(f"post{name}")) is not None:
        command = "\n".join(filter(None, [command, f"# post{name}", _command(f"post{name}", after, runner)]))
    return DraftTask(name, {"command": command} if command else {}, tuple(dependencies + first))


def _what_first(text: str, scripts: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the scripts that a script begins with, and what is left of it."""
    if (found := _LEADING_RUN.fullmatch(text.strip())) and found[1] in scripts and "||" not in text:
        return [found[1]], found[2] or ""
    if (found := _AT_ONCE.fullmatch(text.strip())) and all(name in scripts for name in found[1].split()):
        return found[1].split(), ""
    return [], text


def _command(name: str, text: str, runner: str) -> str:
    """Return a script as it stands, or as the package manager runs it: without what comes before and after, which it
    leaves to us."""
    if not _NEEDS_NPM.search(text):
        return literal(text)
    return f"{runner} run {'--ignore-scripts ' if runner == 'npm' else ''}{name}"
