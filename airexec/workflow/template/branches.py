"""The texts that a template can become, as far as it matters to a check: every branch once. Reads Jinja's tree."""

from collections.abc import Sequence
from itertools import islice

from jinja2 import nodes

BRANCHES_MAX = 64

Pieces = tuple[str | int, ...]
"""Text, and for each value the offset of its expression."""


def branches(body: Sequence[nodes.Node]) -> list[Pieces]:
    """Return the first branch of everything, then each other branch once with the first of all the rest.

    All combinations would be too many, and a quote that opens in one `if` and closes in another is checked by the
    run, which quotes for the text that it really has. A loop counts as one turn or none.
    """
    options = [_options(node) for node in body]
    defaults = [option[0] for option in options]
    found = [_joined(defaults)]
    for index, option in enumerate(options):
        for other in option[1:]:
            found.append(_joined([*defaults[:index], other, *defaults[index + 1 :]]))
    return list(islice(found, BRANCHES_MAX))


def _options(node: nodes.Node) -> list[Pieces]:
    if isinstance(node, nodes.Output):
        return [tuple(_piece(child) for child in node.nodes)]
    if isinstance(node, nodes.If):
        elifs = [branch for other in node.elif_ for branch in branches(other.body)]
        return [*branches(node.body), *elifs, *branches(node.else_)]
    if isinstance(node, nodes.For):
        return [*branches(node.body), *branches(node.else_)]
    return branches(node.body) if isinstance(node, nodes.With) else [()]


def _piece(node: nodes.Expr) -> str | int:
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Filter) and node.name == "raw":
        return "raw"  # what it holds only the run knows
    return node.lineno


def _joined(parts: list[Pieces]) -> Pieces:
    return tuple(piece for part in parts for piece in part)
