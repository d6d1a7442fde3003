"""Writes the pages of the manual that follow from the program: its commands from their help, its keys from the schemas.

Run it after a change of either: `python3 workflows/make_manual.py`. A test says when a page is behind.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from airexec.cli.application import COMMANDS, command_line, help_of_command
from airexec.cli.arguments import EXIT_CODE_TABLE
from airexec.workflow.schema.published import schema_text

MANUAL = Path(__file__).parents[1] / "airexec" / "manual"
WIDTH = 100


def commands_page() -> str:
    """Return the page `commands`: the help of every command, to the letter."""
    group = command_line([])
    head = "# Commands\n\nEvery command as its `--help` has it, and what exit codes mean.\n\n"
    with group.make_context("airexec", [], resilient_parsing=True, terminal_width=WIDTH) as context:
        overview = f"```text\n{context.get_help().split('Commands:')[0].rstrip()}\n```\n\n"
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODE_TABLE)
    parts = [f"## {name}\n\n```text\n{str(help_of_command(name, WIDTH)).rstrip()}\n```\n\n" for name in COMMANDS]
    return head + overview + "".join(parts) + f"## Exit codes\n\n| exit code | meaning |\n|---|---|\n{codes}"


def keys_page() -> str:
    """Return the page `keys`: every key of a workflow file, of a queued task, of the settings and of an order."""
    workflow = json.loads(schema_text("workflow"))
    queue = json.loads(schema_text("queue"))
    config = json.loads(schema_text("config"))
    order = json.loads(schema_text("order"))["definitions"]
    task = workflow["definitions"]["task"]["properties"]
    parts = [
        "# Every key\n\nThose of workflow files, queued tasks, settings and orders, as the schemas have them.\n",
        "## Of a workflow\n",
        *_entries(workflow["properties"], workflow),
        "\n## Of a task, a template, and in `default_args`\n",
        *_entries(task, workflow),
        "\n## Of a queued task\n\nWhat a `::queue` line or a line of `$AIREXEC_QUEUE` holds.",
        "Other keys are those of a task.\n",
        *_entries({key: value for key, value in queue["properties"].items() if "$ref" not in value}, queue),
        "\n## Of the settings\n\nThe file `.airexec/config.yaml` may say:\n",
        *_entries(config["properties"], config),
        "\n## Of an order\n\nA task in the `tasks.json` of a job folder that another program writes.",
        "`null` stands for absent, and other keys are the writer's own.\n",
        *_entries(order["task"]["properties"], workflow),
        "\nAnd `state.json` beside it:\n",
        *_entries(order["state"]["properties"], workflow),
    ]
    return "\n".join(parts) + "\n"


def _entries(properties: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    for key, rules in properties.items():
        found = _resolved(rules, root)
        facts = [_types(found), *_more(found)]
        about = f" ({', '.join(fact for fact in facts if fact)})" if any(facts) else ""
        yield f"- `{key}`{about}: {found.get('description', '')}{_example(key, found)}"


def _resolved(rules: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in rules:
        return rules
    target: Any = root
    for part in rules["$ref"].rpartition("#")[2].strip("/").split("/"):
        target = target[part]
    return {**_resolved(target, root), **{key: value for key, value in rules.items() if key != "$ref"}}


_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
          "array": "list", "object": "map", "null": "null"}  # fmt: skip


def _types(rules: Mapping[str, Any]) -> str:
    if "enum" in rules:
        values = (one if isinstance(one, str) else json.dumps(one) for one in rules["enum"])
        return f"one of {', '.join(f'`{value}`' for value in values)}"
    written = rules.get("type", [])
    kinds = [written] if isinstance(written, str) else list(written)
    for part in (*rules.get("anyOf", ()), *rules.get("oneOf", ())):
        kinds += [part["type"]] if isinstance(part.get("type"), str) else []
    return " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds))


def _more(rules: Mapping[str, Any]) -> Iterator[str]:
    if "default" in rules:
        yield f"default `{json.dumps(rules['default'])}`"
    if "minimum" in rules and rules["minimum"] != 0:
        yield f"{rules['minimum']} or more"


def _example(key: str, rules: Mapping[str, Any]) -> str:
    examples = rules.get("examples", [])
    return f" `{key}: {json.dumps(examples[0], ensure_ascii=False)}`" if examples else ""


if __name__ == "__main__":
    (MANUAL / "commands.md").write_text(commands_page())
    (MANUAL / "keys.md").write_text(keys_page())
