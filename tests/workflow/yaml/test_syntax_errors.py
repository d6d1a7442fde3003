"""Every syntax error of YAML to the letter, with line, caret and the way out."""

import pytest

from tests.workflow.reading import complaints


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "tasks:\n  a:\n    command: {{ params.x }} --n {{ n }}  # odd\n",
            """\
f.yml:3:14: error: a value that starts with '{{' must be quoted, for YAML reads it as a map
    3 |     command: {{ params.x }} --n {{ n }}  # odd
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: write command: "{{ params.x }} --n {{ n }}"
""",
        ),
        (
            'tasks:\n  a: {command: {{ params["x"] }}, retries: 1}\n',
            """\
f.yml:2:16: error: a value that starts with '{{' must be quoted, for YAML reads it as a map
    2 |   a: {command: {{ params["x"] }}, retries: 1}
      |                ^^^^^^^^^^^^^^^^^
  hint: write '{{ params["x"] }}'
""",
        ),
        (
            "tasks:\n  a:\n    command: {% if x %}a{% endif %}\n",
            """\
f.yml:3:14: error: a value that starts with '{%' must be quoted, for YAML reads it as a map
    3 |     command: {% if x %}a{% endif %}
      |              ^^^^^^^^^^^^^^^^^^^^^^
  hint: write command: "{% if x %}a{% endif %}"
""",
        ),
        (
            "tasks:\n\ta: {command: x}\n",
            """\
f.yml:2:1: error: a tab cannot indent YAML
    2 |  a: {command: x}
      | ^
  hint: use spaces
""",
        ),
        (
            "tasks:\n  a: {command: @x, retries: 1}\n",
            """\
f.yml:2:16: error: a value cannot start with '@'
    2 |   a: {command: @x, retries: 1}
      |                ^
  hint: quote it: "@x"
""",
        ),
        (
            "tasks:\n  a:\n    command: 'x\n",
            """\
f.yml:3:14: error: the quote is never closed
    3 |     command: 'x
      |              ^
""",
        ),
        (
            "tasks:\n  a:\n    command: echo a: b\n",
            """\
f.yml:3:20: error: a ':' followed by a space cannot stand here
    3 |     command: echo a: b
      |                    ^
  hint: write 'command: |', and the command on the next line, indented
""",
        ),
        (
            "tasks:\n  a:\n    description: a: b\n",
            """\
f.yml:3:19: error: a ':' followed by a space cannot stand here
    3 |     description: a: b
      |                   ^
  hint: quote the text if the ':' belongs to it; else check the indentation
""",
        ),
        (
            "tasks:\n  a: {command: x\n  b: {command: y}\n",
            """\
f.yml:3:4: error: the map '{…}' is not closed
    3 |   b: {command: y}
      |    ^
  opened: f.yml:2:6
  hint: write '}' or ',' before this
""",
        ),
        (
            "tasks:\n  a:\n    command: [x, y\n    retries: 1\n",
            """\
f.yml:4:12: error: the list '[…]' is not closed
    4 |     retries: 1
      |            ^
  opened: f.yml:3:14
  hint: write ']' or ',' before this
""",
        ),
        (
            "tasks:\n  a:\n    command: x\n   b: 1\n",
            """\
f.yml:4:4: error: a key is expected here
    4 |    b: 1
      |    ^
  hint: check the indentation, and that the line above is complete
""",
        ),
        (
            "tasks:\n  a:\n    args:\n    - x\n    b\n",
            """\
f.yml:5:5: error: this key has no ':'
    5 |     b
      |     ^
  hint: write 'key: value'
""",
        ),
        (
            "- a\nb: 1\n",
            """\
f.yml:2:1: error: an item '- …' of the list above is expected here
    2 | b: 1
      | ^
  hint: check the indentation
""",
        ),
        (
            "tasks:\n  a: - x\n",
            """\
f.yml:2:6: error: a list item '- …' cannot stand here
    2 |   a: - x
      |      ^
  hint: put it on a line of its own
""",
        ),
        (
            'tasks:\n  a: {command: "\\q"}\n',
            """\
f.yml:2:17: error: this escape is not known in a double-quoted text
    2 |   a: {command: "\\q"}
      |                 ^
  hint: write '\\\\' for a backslash, or use single quotes
""",
        ),
        (
            "tasks:\n  a: {command: x}\n  a: {command: y}\n",
            """\
f.yml:3:3: error: key 'a' is written twice
    3 |   a: {command: y}
      |   ^
  first written: f.yml:2:3
""",
        ),
        (
            "tasks:\n  a: {command: x}\n---\ntasks: {}\n",
            """\
f.yml:3:1: error: a second document starts here; a file holds one workflow
    3 | ---
      | ^^^
  hint: delete this line, or move what follows into a file of its own
""",
        ),
        (
            "",
            """\
f.yml:1:1: error: the file is empty
  hint: the smallest workflow is  tasks: {hello: {command: echo hello}}
""",
        ),
        (
            "- a\n",
            """\
f.yml:1:1: error: a map is expected here, not a list
    1 | - a
      | ^
""",
        ),
    ],
)
def test_the_complaint_is(text: str, said: str) -> None:
    """What the user sees, complete: one mistake, one message."""
    assert said == complaints(text)


def test_unquoted_templates_do_not_hide_what_else_is_wrong() -> None:
    """One round shows all."""
    said = complaints("tasks:\n  a:\n    command: {{ run.id }}\n    priority_weight: {{ n }}\n    comand: x\n")

    assert [3, 4, 5] == [int(line.split(":")[1]) for line in said.splitlines() if line.startswith("f.yml")]
