"""`airexec help`: the manual, which is Markdown that comes with the program. Knows its topics and their order."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from airexec.errors import UsageError

MANUAL = Path(__file__).parents[2] / "manual"
TOPICS = (
    "file", "fresh", "watch", "templates", "lines", "rules", "state", "commands", "keys", "orders", "manager",
    "schedule", "ci", "nesting", "from-make", "promises", "speed", "comparison", "glossary",
)  # fmt: skip


def show_help(topic: str | None, help_of_command: Callable[[str], str | None]) -> int:
    """Print the list of topics, a page, or the help of a command. Raises UsageError for what is none of them."""
    if topic is None:
        for line in topic_lines():
            print(line)
        return 0
    if topic in TOPICS:
        _show((MANUAL / f"{topic}.md").read_text(encoding="utf-8"))
        return 0
    if (text := help_of_command(topic)) is not None:
        print(text)
        return 0
    from airexec.workflow.wording import did_you_mean

    raise UsageError(f"there is no topic '{topic}'", did_you_mean(topic, TOPICS) or "`airexec help` lists them")


def topic_lines() -> list[str]:
    """Return what `airexec help` prints: a line for each topic, with the first sentence of its page."""
    width = max(map(len, TOPICS))
    pages = [f"  {topic:{width}}  {about(topic)}" for topic in TOPICS]
    return ["airexec help TOPIC, or airexec COMMAND --help", "", *pages]


def about(topic: str) -> str:
    """Return the first sentence of a page."""
    _, _, lead, *_ = (MANUAL / f"{topic}.md").read_text(encoding="utf-8").split("\n", 3)
    return lead.split(". ")[0].rstrip(".")


def _show(text: str) -> None:
    """Print a page: on a terminal laid out and by a pager, else as it is."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=sys.__stdout__, width=min(100, Console().width))
    os.environ.setdefault("LESS", "-FRX")  # less is to show colours, and to end by itself where a page is short
    with console.pager(styles=not os.environ.get("NO_COLOR")):
        console.print(Markdown(text))
