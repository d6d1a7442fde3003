"""The template language: Jinja2, cut down to expressions, `if`, `for`, `set` and `with` over plain data.

Knows nothing of the names that a workflow offers, nor of shells. Imported only when a text holds more than names (see
`plain_names`), because Jinja2 costs 40 ms.

Three things differ from Jinja as it comes:

- The lexer puts the character offset where Jinja keeps the line number. So every node, every syntax error and every
  line of compiled code knows its exact place in the text.
- An attribute is looked up in an allow-list by type, never on the Python object: a key `items` of a mapping is that
  key, and there is no way from a value to its class.
- Work is metered (`Rendering.spend`): each loop step and each character or item that an operation makes is paid from
  one budget, and the size of a product is known before it is made.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Lexer
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, pass_context
from jinja2.visitor import NodeTransformer

from airexec.workflow.template.filters import CHEAP_FILTERS, FILTERS, bounded_methods, join_texts, subject_of
from airexec.workflow.template.values import Rendering, is_giant, product_size

RENDERING = "the rendering"
"""Key of the Rendering in a Jinja context. It holds a space, so no expression can name it."""

COMMENT_START = "{# "
"""With its space: `${#name}` is everyday shell and must stay text."""

ALLOWED_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.With,
    nodes.Name, nodes.NSRef, nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword,
    nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Call, nodes.Getitem, nodes.Getattr, nodes.Slice,
    nodes.Concat, nodes.Compare, nodes.Operand, nodes.BinExpr, nodes.UnaryExpr,
)  # fmt: skip

TAG_NAMES: Mapping[str, str] = {
    "FromImport": "import",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "AssignBlock": "set block",
    "ScopedEvalContextModifier": "autoescape",
}


class RefusedError(TemplateSyntaxError):
    """Valid Jinja that workflow files do not take; `lineno` is the offset, as in every error here."""


class OffsetLexer(Lexer):
    """Jinja's lexer, with the character offset of each token in place of its line number."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        reached = 0
        try:
            for _, token, value in super().tokeniter(source, name, filename, state):
                start = _find(source, value, reached)
                reached = start + len(value)
                yield start, token, value
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(str(error.message).split(" at ")[0], _after_blanks(source, reached)) from None


def _find(source: str, value: str, reached: int) -> int:
    # The tokens follow each other without a gap, except where `{%-` swallowed the blanks before it.
    return reached if source.startswith(value, reached) else max(source.find(value, reached), reached)


def _after_blanks(source: str, reached: int) -> int:
    rest = source[reached:]
    return reached + len(rest) - len(rest.lstrip())


class _Metered(NodeTransformer):
    """Sends loops and `~` through filters of ours, where they are paid for, and tells each output its offset."""

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [child if isinstance(child, nodes.TemplateData) else _placed(child) for child in node.nodes]
        return node

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        self.generic_visit(node)
        node.iter = _through("<each>", node.iter)
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        if node.name in CHEAP_FILTERS:
            return node
        _weigh_operands(node)
        return _through("<made>", node)

    def visit_Test(self, node: nodes.Test) -> nodes.Test:  # noqa: N802
        self.generic_visit(node)
        _weigh_operands(node)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:  # noqa: N802
        self.generic_visit(node)
        node.expr = _weighed(node.expr)
        for operand in node.ops:
            operand.expr = _weighed(operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Getitem:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _weighed(node.node)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        return nodes.Filter(node.nodes[0], "<concat>", node.nodes[1:], [], None, None, lineno=node.lineno)


def _placed(node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, "<at>", [nodes.Const(node.lineno)], [], None, None, lineno=node.lineno)


def _weigh_operands(node: nodes.Filter | nodes.Test) -> None:
    if isinstance(node.node, nodes.Expr):
        node.node = _weighed(node.node)
    node.args = [_weighed(argument) for argument in node.args]


def _weighed(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _through("<weighed>", node)


def _through(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(cast(nodes.Expr, node), name, [], [], None, None, lineno=node.lineno)


class Language(ImmutableSandboxedEnvironment):
    """Parses and compiles; one per run or per check, for it owns its lexer."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            comment_start_string=COMMENT_START,
            undefined=StrictUndefined,
            finalize=_emit,
            keep_trailing_newline=True,
            optimized=False,  # folding constants costs more than it gains, and would escape the meter
            cache_size=0,
        )
        self.filters = {
            **FILTERS,
            "<each>": _each,
            "<concat>": _concat,
            "<at>": _at,
            "<weighed>": _weighed_value,
            "<made>": _made_value,
        }
        self.globals = {"range": self.globals["range"], "namespace": Namespace, "dict": dict}
        self._offset_lexer = OffsetLexer(self)

    @property
    def lexer(self) -> Lexer:
        return self._offset_lexer

    def read(self, text: str) -> nodes.Template:
        """Parse `text`. Raises TemplateSyntaxError, whose `lineno` is an offset, and RefusedError."""
        try:
            tree = self._parse(text, None, None)
        except ValueError as error:  # a number of more digits than Python reads
            raise TemplateSyntaxError(str(error).split(";")[0], 0) from None
        refused = next(filter(_is_refused, tree.find_all(nodes.Node)), None)  # in order of the text
        if refused is not None:
            if isinstance(refused, nodes.Const):
                raise RefusedError("the number is too large", refused.lineno or 0)
            raise RefusedError(f"{{% {_tag(refused)} %}} cannot be used in a workflow file", refused.lineno or 0)
        return tree

    def compile_text(self, text: str) -> Any:
        """Return the Jinja template of `text`; its code knows offsets where Jinja has line numbers."""
        code = self.compile(_Metered().visit(self.read(text)))
        return self.template_class.from_code(self, code, self.globals)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`: a key of a mapping, or one of a few harmless methods."""
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Namespace | LoopContext):
            return _own_attribute(obj, attribute, self.undefined(obj=obj, name=attribute))
        return bounded_methods(obj).get(attribute) or self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`: items only, never an attribute."""
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        if not isinstance(obj, Mapping | str | list | tuple | range):
            return self.undefined(obj=obj, name=argument)
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`+ * ** %`, after the size of the result was paid for."""
        rendering = rendering_of(context)
        rendering.spend(product_size(operator, left, right))
        if operator == "%" and isinstance(left, str):
            rendering.look_at(right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """A function or method; what it looks at and what it makes is paid for."""
        rendering = rendering_of(__context)
        rendering.look_at([subject_of(__obj), args, kwargs])
        result = super().call(__context, __obj, *args, **kwargs)
        rendering.pay_for(result)
        return result

    def call_filter(self, name: str, value: Any, args: Any = None, kwargs: Any = None, context: Context | None = None,
                    eval_ctx: Any = None) -> Any:  # fmt: skip
        """A filter that `map` and its like apply to an item; what it made is paid for."""
        result = super().call_filter(name, value, args, kwargs, context, eval_ctx)
        if context is not None:
            rendering_of(context).pay_for(result)
        return result


def _own_attribute(obj: Any, attribute: str, missing: Undefined) -> Any:
    return missing if attribute.startswith("_") else getattr(obj, attribute, missing)


def _is_refused(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Const):
        return is_giant(node.value)
    return not isinstance(node, ALLOWED_NODES) or (isinstance(node, nodes.For) and node.recursive)


def _tag(node: nodes.Node) -> str:
    kind = type(node).__name__
    return "for … recursive" if kind == "For" else TAG_NAMES.get(kind, kind.lower())


def rendering_of(context: Context) -> Rendering:
    """Return the Rendering that `context` was made for."""
    return cast(Rendering, context.parent[RENDERING])


@pass_context
def _emit(context: Context, value: Any) -> str:
    return rendering_of(context).emit(*value)


def _at(value: Any, offset: int) -> tuple[Any, int]:
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    return value, offset


@pass_context
def _weighed_value(context: Context, value: Any) -> Any:
    rendering_of(context).look_at(value)
    return value


@pass_context
def _made_value(context: Context, value: Any) -> Any:
    rendering_of(context).pay_for(value)
    return value


@pass_context
def _each(context: Context, values: Any) -> list[Any]:
    rendering, items = rendering_of(context), []
    for item in values:
        rendering.spend(Rendering.LOOP_STEP)
        items.append(item)
    return items


@pass_context
def _concat(context: Context, first: Any, *others: Any) -> str:
    text = join_texts((first, *others), "")
    rendering_of(context).spend(len(text))
    return text
