"""How a status looks, in one table for all formats: a word alone or a colour alone is never enough."""

from collections.abc import Mapping
from typing import NamedTuple


class StatusStyle(NamedTuple):
    """A glyph one column wide, an SGR code for terminals, and (fill, stroke, text) on light and on dark paper."""

    glyph: str
    sgr: str
    light: tuple[str, str, str]
    dark: tuple[str, str, str]


STATUS_STYLES: Mapping[str, StatusStyle] = {
    "pending": StatusStyle("○", "2", ("#ffffff", "#8c959f", "#1f2328"), ("#161b22", "#6e7681", "#e6edf3")),
    "running": StatusStyle("▶", "36", ("#ddf4ff", "#0969da", "#0a3069"), ("#0c2d6b", "#58a6ff", "#cae8ff")),
    "up_for_retry": StatusStyle("↻", "33", ("#fff8c5", "#bf8700", "#4d2d00"), ("#3b2300", "#d29922", "#f8e3a1")),
    "completed": StatusStyle("✔", "32", ("#dafbe1", "#1a7f37", "#0a3d1a"), ("#04260f", "#3fb950", "#aff5b4")),
    "up_to_date": StatusStyle("=", "2", ("#f0fff4", "#4ac26b", "#1a5e2f"), ("#0b1f12", "#2a6b3c", "#8fcfa0")),
    "failed": StatusStyle("✘", "31", ("#ffebe9", "#cf222e", "#82071e"), ("#490202", "#f85149", "#ffdcd7")),
    "tolerated": StatusStyle("⚠", "33", ("#fff8c5", "#bf8700", "#4d2d00"), ("#3b2300", "#d29922", "#f8e3a1")),
    "skipped": StatusStyle("⊘", "2", ("#f6f8fa", "#afb8c1", "#59636e"), ("#21262d", "#484f58", "#9198a1")),
    "upstream_failed": StatusStyle("⊗", "35", ("#fff1e5", "#bc4c00", "#762c00"), ("#3d1300", "#db6d28", "#ffdfb6")),
    "cancelled": StatusStyle("■", "33", ("#fbefff", "#8250df", "#3e1f79"), ("#271052", "#a371f7", "#eddeff")),
}
"""By the value of `airexec.scheduler.statuses.Status`, in the order of a legend; `tolerated` is a failure that is
allowed, `up_to_date` a task that completed without an attempt."""

TASK = STATUS_STYLES["pending"]
"""A task in a picture that is not of a run."""

PLACEHOLDER = StatusStyle("◌", "2", ("#ffffff", "#8250df", "#6639ba"), ("#161b22", "#a371f7", "#d2a8ff"))
"""A "may grow" node."""


def status_word(status: str) -> str:
    """Return a status as people read it."""
    return "failed, allowed to" if status == "tolerated" else status.replace("_", " ")
