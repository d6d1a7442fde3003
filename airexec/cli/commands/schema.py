"""`airexec schema`: the published JSON Schemas, as they stand."""

import sys


def print_schema(name: str) -> int:
    """Print the schema `workflow`, `queue`, `event` or `config`."""
    from airexec.workflow.schema.published import schema_text

    sys.stdout.write(schema_text(name))
    return 0
