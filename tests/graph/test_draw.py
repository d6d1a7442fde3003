"""The door to all formats."""

import subprocess
import sys
import time

import pytest

from airexec.errors import UsageError
from airexec.graph.draw import FORMATS, draw, remarks
from airexec.graph.picture import picture_of_workflow
from tests.graph.pictures import etl, picture_of_upstreams

TEXTS = [name for name in FORMATS if name != "png"]


@pytest.mark.parametrize("format_name", TEXTS)
def test_every_format_draws_a_text_that_ends_in_a_newline(format_name: str) -> None:
    """Ready to be written to a file."""
    drawn = draw(picture_of_workflow(etl()), format_name)

    assert isinstance(drawn, str)
    assert drawn.endswith("\n")


@pytest.mark.parametrize("format_name", TEXTS)
def test_the_same_picture_gives_the_same_drawing(format_name: str) -> None:
    """So that a drawing can be kept under version control."""
    assert draw(picture_of_workflow(etl()), format_name) == draw(picture_of_workflow(etl()), format_name)


def test_an_unknown_format_names_those_that_there_are() -> None:
    """The command line may pass on what was typed."""
    with pytest.raises(UsageError) as caught:
        draw(picture_of_workflow(etl()), "gif")

    assert caught.value.headline == "there is no graph format 'gif'"
    assert caught.value.hint == "the formats are text, dot, mermaid, svg, png, html, json"


def test_colour_and_width_are_for_text() -> None:
    """Other formats have neither."""
    picture = picture_of_workflow(etl())

    assert "\x1b[" in str(draw(picture, "text", color=True))
    assert "\x1b[" not in str(draw(picture, "text"))
    assert max(len(row) for row in str(draw(picture, "text", width=20)).splitlines()) == 20
    assert draw(picture, "json", color=True, width=20) == draw(picture, "json")


def test_only_mermaid_has_remarks() -> None:
    """About its limit of edges."""
    big = picture_of_upstreams({"a": [], **{f"t{number}": ["a"] for number in range(501)}})

    assert [name for name in FORMATS if remarks(big, name)] == ["mermaid"]


@pytest.mark.parametrize("format_name", ["dot", "json", "mermaid"])
def test_a_hundred_thousand_tasks_are_written_in_seconds(format_name: str) -> None:
    """Linear; three seconds is several times what it takes."""
    picture = picture_of_upstreams({f"t{n}": [f"t{n - 1}"] if n else [] for n in range(100_000)})
    started = time.process_time()

    draw(picture, format_name)

    assert time.process_time() - started < 5


@pytest.mark.parametrize("format_name", ["dot", "mermaid"])
def test_a_format_that_another_program_lays_out_imports_neither_networkx_nor_other_formats(format_name: str) -> None:
    """That would take longer than all the rest."""
    loaded = imported_by_drawing(format_name)

    assert set() == loaded & {"networkx", "json", "dataclasses", "xml", "airexec.graph.formats.svg"}


def test_drawing_a_text_imports_nothing_of_the_other_formats() -> None:
    """networkx says in which layer a row belongs, and brings what it needs itself."""
    loaded = imported_by_drawing("text")

    formats = {name.removeprefix("airexec.graph.formats.") for name in loaded if "airexec.graph.formats." in name}
    assert ({"status_styles", "text"}, set()) == (formats, loaded & {"airexec.graph.layout", "airexec.graph.blocks"})


def imported_by_drawing(format_name: str) -> set[str]:
    code = (
        "import sys; from airexec.graph.draw import draw; from airexec.graph.picture import Picture;"
        f"draw(Picture('t', ()), {format_name!r}); print(*sys.modules)"
    )
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
