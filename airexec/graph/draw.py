"""One picture, many formats: the door for the command line. Knows what each format takes, not how it draws."""

from airexec.errors import UsageError
from airexec.graph.formats import FORMATS, renderer
from airexec.graph.picture import Picture

__all__ = ["FORMATS", "draw", "remarks"]


def draw(picture: Picture, format_name: str, *, color: bool = False, width: int | None = 100) -> str | bytes:
    """Return the picture in one of FORMATS: bytes for png, else text that ends in a newline.

    `color` (ANSI colours) and `width` (columns; None: as many as it takes) are for `text` alone. Raises UsageError when
    there is no such format, or when nothing installed here can draw it.
    """
    if format_name not in FORMATS:
        raise UsageError(f"there is no graph format '{format_name}'", f"the formats are {', '.join(FORMATS)}")
    if format_name == "text":
        return renderer(format_name)(picture, color=color, width=width)
    return renderer(format_name)(picture)


def remarks(picture: Picture, format_name: str) -> tuple[str, ...]:
    """Return what the user should know about this picture in this format, one line each, for stderr."""
    if format_name != "mermaid":
        return ()
    from airexec.graph.formats import mermaid

    return mermaid.remarks(picture)
