"""PNG through what is installed."""

import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from airexec.errors import UsageError
from airexec.graph.formats.png import render
from airexec.graph.picture import picture_of_workflow
from tests.graph.pictures import etl

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE = picture_of_workflow(etl())


@pytest.fixture
def without_cairosvg(monkeypatch: pytest.MonkeyPatch) -> None:
    """None in sys.modules makes an import fail."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)


@pytest.mark.usefixtures("without_cairosvg")
def test_without_cairosvg_and_graphviz_both_ways_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And what needs neither."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError) as caught:
        render(PICTURE)

    assert caught.value.headline == "a png needs CairoSVG or Graphviz, and neither is installed"
    assert caught.value.hint == (
        "install one with `pip install 'airexec[png]'`, or Graphviz so that `dot` is on the PATH; "
        "--format svg and html need neither"
    )


@pytest.mark.usefixtures("without_cairosvg")
@pytest.mark.skipif(shutil.which("dot") is None, reason="needs an installed Graphviz")
def test_graphviz_draws_when_cairosvg_is_missing() -> None:
    """The dot form of the picture."""
    assert render(PICTURE).startswith(PNG_SIGNATURE)


@pytest.mark.usefixtures("without_cairosvg")
def test_a_failing_graphviz_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its words are what helps."""
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho 'no fonts here' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(UsageError) as caught:
        render(PICTURE)

    assert caught.value.headline == f"Graphviz ({program}) failed: no fonts here"


def test_cairosvg_gets_the_svg_with_a_font_that_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is preferred, as it draws the same picture as the other formats."""
    calls: list[dict[str, Any]] = []
    fake = ModuleType("cairosvg")
    fake.svg2png = lambda **options: calls.append(options) or b"image"  # type: ignore[attr-defined, func-returns-value]
    monkeypatch.setitem(sys.modules, "cairosvg", fake)

    drawn = render(PICTURE)

    assert drawn == b"image"
    assert calls[0]["scale"] == 2
    assert b"text { font-family: monospace; }" in calls[0]["bytestring"]
