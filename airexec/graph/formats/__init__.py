"""The formats of `airexec graph`, one module each with a `render(picture)`.

A new format is a new file here, and its name in FORMATS and in the options of the command (see CONTRIBUTING).
"""

from collections.abc import Callable
from importlib import import_module

FORMATS = ("text", "dot", "mermaid", "svg", "png", "html", "json")


def renderer(format_name: str) -> Callable[..., str | bytes]:
    """Return `render` of the module that draws a format, imported only now; it takes a Picture first."""
    render: Callable[..., str | bytes] = import_module(f"airexec.graph.formats.{format_name}").render
    return render
