"""`airexec init`: a first workflow file, made of what other tools run here, or else a small one that runs as it is."""

import os
import re
from pathlib import Path
from shlex import quote

from airexec.errors import UsageError
from airexec.workflow.find import FILE_NAMES, STDIN, is_path

FIRST_WORKFLOW = """\
# yaml-language-server: $schema={schema}
# `airexec run` runs this file, `airexec run -n` says what it would do, `airexec graph` draws it.
name: {name}

params:
  who: world                      # airexec run -p who=you

tasks:
  greet:
    command: echo hello, {{{{ params.who }}}}

  count:
    description: Count the files here and hand the number on
    command: |
      files=$(ls | wc -l)
      echo "::output {{\\"files\\": $files}}"

  report:
    dependencies: [greet, count]  # waits for both; greet and count run at the same time
    command: echo {{{{ tasks.count.outputs.files }}}} files
"""


def write_first_workflow(path: Path, source: Path | None = None) -> int:
    """Write a workflow file, and the schema that its first line tells editors of.

    It is made of `source`, a file of another tool; without one, of what is found in the folder of the new file.
    Raises UsageError if the new file exists or cannot be made, WorkflowError if the source has mistakes.
    """
    if str(path) == STDIN:
        raise UsageError("init writes a file, and - is none", "name one: airexec init FILE")
    path = path / FILE_NAMES[0] if os.path.isdir(path) else path
    if os.path.lexists(path):
        raise _is_there(path)
    if path.name in FILE_NAMES and (there := [it for it in FILE_NAMES if os.path.lexists(path.parent / it)]):
        raise UsageError(f"{path.parent / there[0]} is there already", f"name another file, or use {there[0]}")
    schema = _schema_path(path)
    shown_schema = os.path.relpath(schema, path.resolve().parent)
    from airexec.cli.commands.adopt import adopted

    made = adopted(path, source, _job_name(path), shown_schema)
    text = FIRST_WORKFLOW.format(schema=shown_schema, name=_job_name(path)) if made is None else made.text
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        _write_schema(schema)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError as error:
        raise UsageError(f"cannot write {error.filename}: {error.strerror}") from None
    if made is not None:
        print(made.report)
    print(f"wrote {path}; run it with: {_run_command(path)}")
    return 0


def _is_there(path: Path) -> UsageError:
    return UsageError(f"{path} is there already, and init overwrites nothing", "name another file: airexec init FILE")


def _run_command(path: Path) -> str:
    """Return the command that runs the file from here, whatever it is called."""
    if str(path) in FILE_NAMES:
        return "airexec run"
    return f"airexec run {quote(str(path) if is_path(str(path)) else f'./{path}')}"


def _job_name(path: Path) -> str:
    """Return the name of the file's folder, without what a name cannot have."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", path.resolve().parent.name).strip("-.")[:128] or "hello"


def _schema_path(path: Path) -> Path:
    from airexec.state.layout import find_state_dir

    return Path(find_state_dir(path)) / "workflow.schema.json"


def _write_schema(path: Path) -> None:
    """Write the schema into the state folder, and have git take it: a clone needs it as well."""
    from airexec.state.layout import make_state_dir
    from airexec.state.view_files import replace_file
    from airexec.workflow.schema.published import schema_text

    make_state_dir(str(path.parent))
    ignored = path.parent / ".gitignore"
    if not ignored.is_symlink() and (not ignored.exists() or ignored.read_text() == "*\n"):
        replace_file(str(ignored), f"*\n!.gitignore\n!{path.name}\n")
    replace_file(str(path), schema_text("workflow"))  # a link in its place is replaced, never followed
