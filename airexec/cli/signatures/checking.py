"""Signatures and help of the commands around the format of workflow files."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from airexec.cli.arguments import (
    DiagnosticFormat,
    SchemaName,
)


def validate(
    workflows: Annotated[
        list[Path] | None, Argument(metavar="[WORKFLOW]...", help="Files, or folders with a workflow file.")
    ] = None,
    format_: Annotated[
        DiagnosticFormat, Option("--format", help="How mistakes are written. concise: a line each.")
    ] = "text",
    json: Annotated[bool, Option("--json", help="Print JSON; the same as --format json.")] = False,
) -> int:
    """Check workflow files and print every mistake.

    Exit code 3 if there is one. Under GitHub Actions mistakes are annotations, too.

    \b
    airexec validate
    airexec validate workflows/*.yml
    airexec validate --format sarif > airexec.sarif
    """
    from airexec.cli.commands.validate import validate_files

    return validate_files(workflows or [], "json" if json else format_)


def schema(name: Annotated[SchemaName, Argument(metavar="[workflow|queue|event|config|order]")] = "workflow") -> int:
    """Print a JSON Schema, by default that of workflow files."""
    from airexec.cli.commands.schema import print_schema

    return print_schema(name)
