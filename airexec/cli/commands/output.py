"""`airexec output`: values that a task hands to other tasks. Unaware of who reads them."""

import os
from collections.abc import Sequence
from typing import Any

from airexec.cli.side_channel import append_values, json_argument, parse_assignments


def set_outputs(values: Sequence[str], as_text: bool = False) -> int:
    """Append the outputs to the output file of the running attempt."""
    append_values("AIREXEC_OUTPUT", lambda: [parse_outputs(values, as_text)], os.environ)
    return 0


def parse_outputs(values: Sequence[str], as_text: bool = False) -> dict[str, Any]:
    """Return outputs by name, from `KEY=VALUE` arguments and JSON objects; later ones win. Raises UsageError."""
    outputs: dict[str, Any] = {}
    for value in values:
        outputs |= json_argument(value) if value.startswith("{") else parse_assignments([value], as_text)
    return outputs
