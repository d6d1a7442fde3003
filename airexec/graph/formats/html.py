"""A picture as one HTML page that needs nothing else: the SVG inline, with pan, zoom, search and details.

The page may be opened by people who do not trust the workflow: what a task says about itself reaches the page as text
nodes and as JSON, and the Content-Security-Policy allows just the two pieces of CSS and script that we put in, by hash.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path

from airexec.graph.formats import svg
from airexec.graph.formats.json import nodes_as_plain_data
from airexec.graph.picture import Picture

PAGE = Path(__file__).parent / "page"


def render(picture: Picture) -> str:
    """Return a complete page."""
    made = svg.drawing(picture, head=False)
    style = made.style + (PAGE / "page.css").read_text(encoding="utf-8")
    script = (PAGE / "page.js").read_text(encoding="utf-8")
    return _filled(
        (PAGE / "page.html").read_text(encoding="utf-8"),
        {
            "title": escape(picture.title),
            "legend": "".join(_legend(picture)),
            "style": style,
            "style_hash": _csp_hash(style),
            "width": f"{made.width:.0f}",
            "height": f"{made.height:.0f}",
            "drawing": made.markup,
            "picture": _json_for_script(picture),
            "script": script,
            "script_hash": _csp_hash(script),
        },
    )


def _legend(picture: Picture) -> Iterator[str]:
    for css_class, words in svg.edge_legend(picture):
        line = f'<svg viewBox="0 0 22 10" aria-hidden="true"><path class="wire {css_class}" d="M0 5h22"/></svg>'
        yield f"<span>{line}{words}</span>"


def _filled(page: str, values: Mapping[str, str]) -> str:
    """Put the values in, in a single pass: what stands in a value is never taken for a place to fill."""
    return re.sub(r"@(\w+)@", lambda place: values[place[1]], page)


def _json_for_script(picture: Picture) -> str:
    """Return JSON without any character that could end the script element or begin a comment in it; and without `##`,
    which is half a command to some CI systems that may be shown the page.
    """
    data = {"nodes": list(nodes_as_plain_data(picture)), "edges": [edge._asdict() for edge in picture.edges]}
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("##", "#\\u0023")


def _csp_hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
