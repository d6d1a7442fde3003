"""A picture as PNG: drawn by CairoSVG if it is installed (extra `airexec[png]`), else by an installed Graphviz."""

import shutil
from importlib import import_module
from typing import Any

from airexec.errors import UsageError
from airexec.graph.formats import dot, svg
from airexec.graph.picture import Picture

GRAPHVIZ_SECONDS_MAX = 120
SCALE = 2
"""Pixels per unit of the SVG, for screens with small pixels."""


def render(picture: Picture) -> bytes:
    """Return the bytes of a PNG file. Raises UsageError when nothing installed here can make one."""
    if cairosvg := _cairosvg():
        png: bytes = cairosvg.svg2png(bytestring=svg.render(picture).encode(), scale=SCALE)
        return png
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
