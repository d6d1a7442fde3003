"""A JSON Schema (draft-07) as two libraries read it: jsonschema-rs says yes, jsonschema explains a no.

jsonschema-rs decides in microseconds, 10 000 tasks in 10 ms, but words and order of its errors are its own;
jsonschema tells each broken rule as data and costs 100 ms to import, 2 s for 10 000 tasks. So the second is asked
only about what the first does not accept, and has the last word there: jsonschema-rs refuses to look at texts with
lone surrogates, for example. A property test keeps the two in agreement. Knows nothing of workflows or of wording.

Imports neither library before a value is to be validated; validators are for their makers to keep.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airexec.workflow.schema.failure import Failure, Schema

if TYPE_CHECKING:
    import jsonschema_rs

    from airexec.workflow.schema.explanation import Explainer


class Validator:
    """One schema, ready to be held against many values.

    `others` are the schemas that it may refer to, by their `$id`. Nothing is ever fetched: a reference to anything
    else is a bug of ours, which jsonschema reports as Unresolvable. Patterns are those of `patterns`.
    """

    def __init__(self, schema: Schema, others: Mapping[str, Schema] | None = None) -> None:
        self._schema = schema
        self._others = others or {}
        self._fast = _fast(schema, self._others)
        self._explainer: Explainer | None = None

    def failures(self, value: Any) -> list[Failure]:
        """Return the rules that a value breaks, in order of the document, at one place in an order of their own.

        Raises PatternBudgetError when a pattern cannot be decided.
        """
        if self._accepts(value):
            return []
        if self._explainer is None:
            from airexec.workflow.schema.explanation import Explainer

            self._explainer = Explainer(self._schema, self._others)
        return self._explainer.failures(value)

    def _accepts(self, value: Any) -> bool:
        """Return whether a value is valid for sure."""
        try:
            return self._fast is not None and self._fast.is_valid(value)
        except ValueError:  # a lone surrogate, or nested too deep
            return False


def _fast(schema: Schema, others: Mapping[str, Schema]) -> "jsonschema_rs.Draft7Validator | None":
    """Return the validator of jsonschema-rs, None if it cannot take the schema, e.g. with a lone surrogate in it."""
    import jsonschema_rs

    from airexec.workflow.schema.patterns import pattern_options

    try:
        return jsonschema_rs.Draft7Validator(
            dict(schema),
            validate_formats=False,
            pattern_options=pattern_options(),
            retriever=lambda uri: dict(others[uri.rpartition("/")[2]]),
        )
    except ValueError:
        return None
