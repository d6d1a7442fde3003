"""An annotation as GitHub Actions reads it from our output: a message at a place of a file."""

from collections.abc import Mapping

from airexec.views.sanitize import visible

_MESSAGE_MAX = 4000


def annotation(level: str, place: Mapping[str, str], message: str) -> str:
    """Return the command. `level`: `error`, `warning` or `notice`; `place`: its properties, as `file` and `line`."""
    facts = ",".join(f"{key}={_property(value)}" for key, value in place.items())
    return f"::{level} {facts}::{data(visible(message, colours=False)[:_MESSAGE_MAX])}"


def data(text: str) -> str:
    """Return text escaped as the runner unescapes it; `##[` is broken up for good measure."""
    text = text.replace("##[", "#\\#[")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(visible(text, colours=False)).replace(":", "%3A").replace(",", "%2C")
