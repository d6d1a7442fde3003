"""The CSS of the SVG and of the HTML page: sizes, and the colours of `looks` on light and on dark paper."""

from collections.abc import Iterable, Iterator

from airexec.graph.formats.status_styles import PLACEHOLDER, STATUS_STYLES, TASK, StatusStyle

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LABEL_SIZE, NOTE_SIZE = 12.0, 10.0
PAPER = {"light": "#ffffff", "dark": "#0d1117"}


def stylesheet() -> str:
    """Return the CSS; colours are spelled out, because not everything that reads SVG knows CSS variables."""
    dark = _indented(_colours("dark", "#e6edf3", "#9198a1", "#8b949e", "#a371f7", "#f0883e"))
    return (
        f"text {{ font-family: {FONT}; }}\n"
        f".title {{ font-size: 15px; font-weight: 600; }}\n"
        f".label {{ font-size: {LABEL_SIZE:g}px; white-space: pre; }}\n"
        f".note, .legend {{ font-size: {NOTE_SIZE:g}px; white-space: pre; }}\n"
        ".glyph { font-size: 12px; }\n"
        ".node rect { stroke-width: 1.2; }\n"
        ".block rect { fill: none; stroke-width: 1; }\n"
        ".node.critical rect { stroke-width: 2.6; }\n"
        ".node.placeholder rect, .wire.may_grow { stroke-dasharray: 5 3.5; }\n"
        ".wire { fill: none; stroke-width: 1.2; }\n"
        ".wire.tolerant { stroke-dasharray: 1.5 3; stroke-linecap: round; }\n"
        ".wire.after { stroke-dasharray: 0.5 4; stroke-linecap: round; }\n"
        ".wire.files { stroke-width: 0.6; }\n"
        ".wire.critical { stroke-width: 2.6; }\n"
        + "\n".join(_colours("light", "#1f2328", "#59636e", "#8c959f", "#8250df", "#d4740b"))
        + f"\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    )


def _colours(paper: str, ink: str, faint: str, line: str, queue: str, critical: str) -> Iterator[str]:
    yield f".paper {{ fill: {PAPER[paper]}; }}"
    yield f".title {{ fill: {ink}; }} .legend {{ fill: {faint}; }} .block rect {{ stroke: {line}; }}"
    yield f".wire {{ stroke: {line}; }} .tip {{ fill: {line}; }}"
    yield f".wire.queued, .wire.may_grow {{ stroke: {queue}; }} .tip.queued, .tip.may_grow {{ fill: {queue}; }}"
    for name, style in (("task", TASK), ("placeholder", PLACEHOLDER), *STATUS_STYLES.items()):
        fill, stroke, text = _of(style, paper)
        yield f".node.{name} rect {{ fill: {fill}; stroke: {stroke}; }} .node.{name} text {{ fill: {text}; }}"
        yield f".node.{name} .glyph, .legend.{name} {{ fill: {stroke}; }}"
    yield f".wire.critical, .node.critical rect {{ stroke: {critical}; }} .tip.critical {{ fill: {critical}; }}"


def _of(style: StatusStyle, paper: str) -> tuple[str, str, str]:
    return style.dark if paper == "dark" else style.light


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
