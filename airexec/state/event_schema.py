"""Whether the content of a line of the journal is an event by the published schema.

A checksum says that nothing got lost on the way, not that nobody has written the line by hand: every reader may rely on
types and enums that this has looked at, and says "damaged" where else it would break. Imported where a journal is read.
"""

from airexec.state.plan_codec import Json
from airexec.workflow.schema.published import failures


def problem_of(content: Json) -> str:
    """Return what breaks the schema of events, empty when nothing does. The checksum is not part of the content."""
    broken = failures("event", {**content, "crc": "00000000"})
    if not broken:
        return ""
    first = broken[0]
    place = "/".join(map(str, first.path)) or "the event"
    return f"{place} breaks the rule `{first.keyword}`"
