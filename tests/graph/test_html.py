"""The page: one file, no request, and no way in for what a task says."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from airexec.graph.formats.html import render
from airexec.graph.picture import Picture, PictureNode, picture_of_workflow
from tests.graph.pictures import etl, picture_of

EVIL = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<!--",
    "@script@ @picture@ @title@",
    "\\u003cscript>",
    "</style>",
    "'; alert(1); '",
    "\u2028\u2029\x00",
]


class Elements(HTMLParser):
    """What a browser would find: tags with attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self.open: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = tag

    def handle_endtag(self, tag: str) -> None:
        self.open = None

    def handle_data(self, data: str) -> None:
        if self.open in self.raw:
            self.raw[self.open].append(data)


def policy(page: Elements) -> str:
    (content,) = (attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    return content or ""


def test_the_page_loads_nothing() -> None:
    """The only address in it is the name of the SVG namespace."""
    page = render(picture_of_workflow(etl(), critical=("extract", "clean", "load")))

    assert set(re.findall(r"[a-z]+://[^\s\"'<>]*", page)) == {"http://www.w3.org/2000/svg"}
    loading = {"src", "href", "xlink:href", "action", "data", "srcset"}
    assert not [(tag, attrs) for tag, attrs in Elements(page).tags if loading & attrs.keys()]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|import\(", page)


def test_the_policy_allows_our_script_and_style_by_hash_and_nothing_else() -> None:
    """So that the browser itself refuses whatever might slip in."""
    page = Elements(render(picture_of({"b": "a"})))

    def hashed(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    style = page.raw["style"][0]
    script = page.raw["script"][-1]
    assert policy(page) == (
        f"default-src 'none'; style-src 'sha256-{hashed(style)}'; script-src 'sha256-{hashed(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("evil", EVIL)
def test_what_a_task_says_never_becomes_markup(evil: str) -> None:
    """Wherever it stands, the page has the same elements as with a harmless text."""

    def page_with(text: str) -> Elements:
        node = PictureNode("x", text, note=text, description=text, queued_by=text, details={"error": text, text: "y"})
        return Elements(render(Picture(text, (node,), description=text)))

    def shape(page: Elements) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attrs)) for tag, attrs in page.tags]

    assert shape(page_with(evil)) == shape(page_with("harmless"))
    assert page_with(evil).raw["script"][-1] == page_with("harmless").raw["script"][-1]


@pytest.mark.parametrize("evil", EVIL)
def test_the_data_in_the_page_is_the_picture(evil: str) -> None:
    """Escaped for the script element, and the same again once parsed."""
    page = Elements(render(Picture("t", (PictureNode("x", evil, details={"command": evil}),))))

    (node,) = json.loads(page.raw["script"][0])["nodes"]

    assert not set("<>&") & set(page.raw["script"][0])
    assert (node["label"], node["details"]) == (evil, {"command": evil})


def test_every_node_of_the_data_has_its_shape() -> None:
    """The script finds shapes by number."""
    picture = picture_of_workflow(etl())
    page = Elements(render(picture))

    numbers = [attrs["data-node"] for _, attrs in page.tags if "data-node" in attrs]

    assert numbers == [str(number) for number in range(len(picture.nodes))]


def test_every_element_that_the_script_asks_for_is_there() -> None:
    """By id."""
    page = render(picture_of({"b": "a"}))

    asked = set(re.findall(r'(?:element|getElementById)\("([\w-]+)"\)', page))

    assert asked
    assert asked <= {attrs.get("id") for _, attrs in Elements(page).tags}


def test_lines_that_do_not_go_without_saying_have_a_legend() -> None:
    """Statuses have buttons, made by the script."""
    page = render(picture_of_workflow(etl(), critical=("extract", "clean", "load")))

    (legend,) = re.findall(r'<div id="legend">(.*?)</div>', page)
    assert re.findall(r"</svg>([^<]+)<", legend) == ["failure tolerated", "may grow", "critical path"]
