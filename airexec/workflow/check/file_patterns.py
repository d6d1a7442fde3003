"""What is wrong with `sources` and `generates` by the look of them. Asks nothing of the file system."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.yaml.places import Places

BRACES = re.compile(r"(?<!\{)\{[^{}]*,[^{}]*\}(?!\})")
"""What a shell would expand."""


def check_patterns(fields: Mapping[str, Any], path: Path, places: Places, cwd: str) -> Iterator[Finding]:
    """Yield what is wrong with the patterns of a task. `cwd` is its working directory, relative to the workflow file,
    empty where only a run can tell."""
    sources = list(_items(fields.get("sources", ()), (*path, "sources")))
    if sources and all(text.startswith("!") for _, text in sources):
        hint = "say first what they are taken from, such as src"
        yield Finding(places.value(sources[0][0]), "these sources match nothing: '!' takes files away", hint)
    products = list(_items(fields.get("generates", ()), (*path, "generates")))
    for at, text in products:
        if text.startswith("!"):
            yield Finding(places.value(at), "'!' takes files away from `sources`; a product is named as it is")
        elif cwd and "{" not in text and _leads_out(os.path.join(cwd, text)):
            message = "this is outside of the folder of the workflow file, so `airexec clean` leaves it alone"
            yield Finding(places.value(at), message, "", "warning")
    for at, text in (*sources, *products):
        if BRACES.search(text):
            yield Finding(
                places.value(at), "braces mean nothing here", "write a pattern for each of what they list", "warning"
            )
        if "{" not in text and (part := next((it for it in text.split("/") if "**" in it and it != "**"), "")):
            message = (
                f"'**' in '{part}' means no more than '*': it stands for folders only where it is alone between '/'"
            )
            hint = f"write {text.replace(part, part.replace('**', '**/*', 1), 1)}"
            yield Finding(places.value(at), message, hint, "warning")


def _items(patterns: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the place and the text of each pattern of one, or of a list of them; a product may be `{path: …}`."""
    several = [((*path, place), it) for place, it in enumerate(patterns)] if isinstance(patterns, list) else []
    for at, item in several or ([(path, patterns)] if patterns else []):
        yield ((*at, "path"), item["path"]) if isinstance(item, Mapping) else (at, str(item))


def _leads_out(path: str) -> bool:
    return os.path.isabs(path) or os.path.normpath(path).split("/")[0] == ".."
