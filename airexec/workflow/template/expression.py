"""Where an expression stands in its text, and how it is shown in a message. Pure text."""

SHOWN_MAX = 80


def as_template(expression: str) -> tuple[str, int]:
    """Return `expression` as a template, and how many characters were put in front."""
    if expression.strip().startswith("{{"):
        return expression, 0
    return f"{{{{ {expression} }}}}", 3


def start_of(text: str, offset: int) -> int:
    """Return where the `{{` or `{%` stands that holds `offset`; `offset` itself when there is none."""
    start = max(text.rfind("{{", 0, offset + 2), text.rfind("{%", 0, offset + 2))
    return start if start >= 0 else offset


def span(text: str, offset: int) -> tuple[int, int]:
    """Return where the expression or tag at `offset` starts and ends, delimiters and all."""
    start = start_of(text, offset)
    end = text.find("%}" if text.startswith("{%", start) else "}}", offset)
    return start, end + 2 if end >= 0 else len(text)


def shown(text: str, offset: int) -> str:
    """Return the expression at `offset` on one line and not too long."""
    start, end = span(text, offset)
    words = " ".join(text[start:end].split())
    return words if len(words) <= SHOWN_MAX else words[: SHOWN_MAX - 1] + "…"
