"""A picture as PNG: drawn by CairoSVG if it is installed (extra `airexec[png]`), else by an installed Graphviz."""

import re
import shutil
from importlib import import_module
from typing import Any

from airexec.errors import UsageError
from airexec.graph.formats import dot, svg
from airexec.graph.formats.svg_style import FONT
from airexec.graph.picture import Picture

GRAPHVIZ_SECONDS_MAX = 120
SCALE, SIDE_MAX = 2.0, 16_000.0
"""Pixels per unit of the SVG, for screens with small pixels; and pixels per side, beyond which images get unwieldy."""


def render(picture: Picture) -> bytes:
    """Return the bytes of a PNG file. Raises UsageError when nothing installed here can make one."""
    if cairosvg := _cairosvg():
        return _by_cairosvg(cairosvg, picture)
    if program := shutil.which("dot"):
        return _by_graphviz(program, picture)
    raise UsageError(
        "a png needs CairoSVG or Graphviz, and neither is installed",
        "install one with `pip install 'airexec[png]'`, or Graphviz so that `dot` is on the PATH; "
        "--format svg and html need neither",
    )


def _cairosvg() -> Any:
    """Return the module, or None; OSError is what it raises when the cairo library itself is missing."""
    try:
        return import_module("cairosvg")
    except (ImportError, OSError):
        return None


def _by_cairosvg(cairosvg: Any, picture: Picture) -> bytes:
    # CairoSVG tries no more than the first family of a list of fonts.
    text = svg.render(picture).replace(FONT, "monospace")
    width, height = (float(side) for side in re.findall(r'(?:width|height)="(\d+)"', text)[:2])
    png: bytes = cairosvg.svg2png(bytestring=text.encode(), scale=min(SCALE, SIDE_MAX / max(width, height)))
    return png


def _by_graphviz(program: str, picture: Picture) -> bytes:
    import subprocess

    try:
        done = subprocess.run(
            [program, "-Tpng", "-Gdpi=144"],
            input=dot.render(picture).encode(),
            capture_output=True,
            timeout=GRAPHVIZ_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"Graphviz has not drawn this graph within {GRAPHVIZ_SECONDS_MAX} seconds",
            "--format svg and html draw big graphs in a second",
        ) from None
    if done.returncode != 0:
        raise UsageError(f"Graphviz ({program}) failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
