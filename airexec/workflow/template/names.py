"""The names that a template uses, as paths with their places: `tasks.extract.outputs.rows`. Reads Jinja's tree."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jinja2 import nodes

_Words = tuple[str, ...]


class Reference(NamedTuple):
    """A path that starts at a name: `params.region` and `params['region']` are both `('params', 'region')`."""

    path: tuple[str, ...]
    offsets: tuple[int, ...]
    """Where each part stands in the text."""
    tolerant: bool = False
    """A `default` or `is defined` takes care of a missing value."""


def references(tree: nodes.Node) -> Iterator[Reference]:
    """Yield every path in the order of the text, longest form only; a path ends where an index is computed."""
    yield from _references(tree, False)


def assigned(tree: nodes.Node) -> frozenset[str]:
    """Return the names that the template itself gives a value to, `loop` included where there is one."""
    names = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    return frozenset(names | {"loop"} if tree.find(nodes.For) else names)


def _references(node: nodes.Node, tolerant: bool, sure: frozenset[_Words] = frozenset()) -> Iterator[Reference]:
    """`sure`: paths that a condition around the node has found to be defined."""
    path = _path(node)
    if path is not None:
        is_sure = any(path.path[: len(words)] == words for words in sure)
        yield path._replace(tolerant=tolerant or is_sure)
        return
    guarded = _guarded(node)
    for child in node.iter_child_nodes():
        known = sure | _defined(node.test) if guarded and any(child is one for one in guarded) else sure  # type: ignore[attr-defined]
        yield from _references(child, _is_tolerant(node), known)


def _guarded(node: nodes.Node) -> Sequence[nodes.Node]:
    """Return the parts of a condition that count only where it is true."""
    if isinstance(node, nodes.CondExpr):
        return (node.expr1,)
    return node.body if isinstance(node, nodes.If) else ()


def _defined(test: nodes.Node) -> frozenset[_Words]:
    """Return the paths that are defined where an expression is true."""
    if isinstance(test, nodes.And):
        return _defined(test.left) | _defined(test.right)
    is_test = isinstance(test, nodes.Test) and test.name == "defined"
    path = _path(test.node) if is_test else None  # type: ignore[attr-defined]
    return frozenset() if path is None else frozenset([path.path])


def _path(node: nodes.Node) -> Reference | None:
    if isinstance(node, nodes.Name):
        return Reference((node.name,), (node.lineno,)) if node.ctx == "load" else None
    part = _part(node)
    inner = _path(node.node) if part is not None and isinstance(node, nodes.Getattr | nodes.Getitem) else None
    if inner is None or part is None:
        return None
    return Reference((*inner.path, part[0]), (*inner.offsets, part[1]))


def _part(node: nodes.Node) -> tuple[str, int] | None:
    if isinstance(node, nodes.Getattr):
        return node.attr, node.lineno + 1  # the node stands at the dot
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        return node.arg.value, node.arg.lineno
    return None


def _is_tolerant(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in ("default", "d")
    return isinstance(node, nodes.Test) and node.name in ("defined", "undefined")
