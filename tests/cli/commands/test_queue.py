"""What `airexec queue` writes for what it is asked."""

import io
from typing import Any

import pytest

from airexec.cli.commands.queue import QueueRequest, queued_values
from airexec.errors import UsageError


def queued(stdin: bytes = b"", **request: Any) -> list[Any]:
    return queued_values(QueueRequest(**request), io.BytesIO(stdin))


def test_a_command_needs_an_id() -> None:
    """`airexec queue --id check -- python check.py -v`."""
    assert [{"id": "check", "command": ["python", "check.py", "-v"]}] == queued(
        id="check", values=("python", "check.py", "-v")
    )


def test_a_template_takes_typed_arguments() -> None:
    """`airexec queue --template process --with path=a.csv --with rows=3`."""
    assert [{"template": "process", "with": {"path": "a.csv", "rows": 3}}] == queued(
        template="process", with_=("path=a.csv", "rows=3")
    )


def test_an_instance_of_a_template_may_be_named() -> None:
    """Without --id it is named by its content, which is the scheduler's matter."""
    assert [{"id": "first", "template": "process", "with": {}}] == queued(template="process", id="first")


def test_each_line_of_stdin_is_a_task() -> None:
    """The line is text, whatever it looks like; empty lines are none; `--with` goes to all of them."""
    assert [
        {"template": "process", "with": {"rows": 3, "path": "a b.csv"}},
        {"template": "process", "with": {"rows": 3, "path": "42"}},
    ] == queued(b"a b.csv\n\r\n42", template="process", each="path", with_=("rows=3",))


def test_json_is_passed_on() -> None:
    """A batch stays a batch."""
    assert [{"id": "a"}, [{"id": "b"}]] == queued(values=('{"id": "a"}', '[{"id": "b"}]'))


@pytest.mark.parametrize(
    ("request_", "headline", "hint"),
    [
        (
            {},
            "nothing to queue",
            "give --template NAME, --id ID -- COMMAND..., or a task as JSON; see `airexec queue --help`",
        ),
        (
            {"each": "path"},
            "--each needs --template",
            "for example: --template process --each path",
        ),
        (
            {"with_": ("a=1",)},
            "--with needs --template",
            "for example: --template process --with path=a.csv",
        ),
        (
            {"template": "process", "values": ("a.csv",)},
            "both --template and 'a.csv' say what to run",
            "arguments of a template are given as --with KEY=VALUE",
        ),
        (
            {"template": "process", "each": "path", "id": "one"},
            "--each makes many tasks and --id names one",
            "leave --id out: values name the tasks",
        ),
        (
            {"values": ("echo", "a b")},
            "'echo' is no task as JSON, and a command needs an id",
            "for example: airexec queue --id NAME -- echo 'a b'",
        ),
        (
            {"values": ("42",)},
            "a task is a JSON object, and this is none: 42",
            'for example: {"id": "check", "command": ["python", "check.py"]}',
        ),
        (
            {"values": ("NaN",)},
            "'NaN': NaN is no JSON number",
            "",
        ),
        (
            {"values": ('{"id": "a", "id": "b", "command": "x"}',)},
            '\'{"id": "a", "id": "b", "command": "x"}\': key \'id\' stands there twice',
            "",
        ),
        (
            {"template": "process", "with_": ('size={"n": 1, "n": 2}',)},
            "'size={\"n\": 1, \"n\": 2}': key 'n' stands there twice",
            "",
        ),
    ],
)
def test_what_makes_no_task_is_refused(request_: dict[str, Any], headline: str, hint: str) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError) as refused:
        queued(**request_)

    assert (headline, hint) == (refused.value.headline, refused.value.hint)


def test_a_line_that_is_no_text_is_refused() -> None:
    """JSON has no way to carry it."""
    with pytest.raises(UsageError) as refused:
        queued(b"good\nb\xffd\n", template="process", each="path")

    assert ("line 2 of stdin is not UTF-8", "JSON cannot carry it") == (refused.value.headline, refused.value.hint)
