"""Templates in commands: values are quoted for the place where they stand in the finished text."""

from typing import Any

import pytest

from airexec.workflow.actions import command
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates
from tests.workflow.shell_values import NASTY, SHELLS, encoded, printed

ARGV = {**command.SHELLS, "fish": ("fish", "-c")}
EVIL = "it's $HOME; `id` \"\\"


def render(text: str, language: str = "sh", **params: Any) -> str:
    return Templates().render_shell(text, {"params": params}, ARGV[language])


@pytest.mark.parametrize("shell", SHELLS)
def test_a_value_is_quoted_for_each_place_where_it_stands(shell: str) -> None:
    """The promise of the workflow file, word for word: bare, in double and in single quotes."""
    template = "printf '<%s>' {{ params.v }} \"{{ params.v }}\" '{{ params.v }}'"
    templates = Templates()
    commands = [templates.render_shell(template, {"params": {"v": value}}, ARGV["sh"]) for value in NASTY]

    assert [b"<%b><%b><%b>" % ((encoded(value),) * 3) for value in NASTY] == printed(shell, commands)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_turn_of_a_loop_is_quoted_on_its_own(shell: str) -> None:
    command = render("printf '<%s>'{% for v in params.values %} \"{{ v }}\"{% endfor %}", values=[EVIL, "", "a"])

    assert [b"<%b><><a>" % EVIL.encode()] == printed(shell, [command])


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("quote", ["'", '"', ""])
def test_a_quote_may_come_from_a_branch(shell: str, quote: str) -> None:
    """What counts is the text that the shell will read, not how the template is written."""
    template = "printf %s {% if params.q %}{{ params.q | raw }}{% endif %}{{ params.v }}{{ params.q | raw }}"

    assert [EVIL.encode()] == printed(shell, [render(template, v=EVIL, q=quote)])


@pytest.mark.parametrize("shell", SHELLS)
def test_filters_see_the_value_itself_and_give_one_text(shell: str) -> None:
    command = render("printf '<%s>' {{ params.v | join(', ') }} \"{{ params.v | tojson }}\"", v=[EVIL, "b"])

    assert [b'<%b, b><["it\'s $HOME; `id` \\"\\\\", "b"]>' % EVIL.encode()] == printed(shell, [command])


def test_a_list_is_a_word_per_item() -> None:
    assert "ls 'a b' c 3" == render("ls {{ params.v }}", v=["a b", "c", 3])


def test_what_a_filter_makes_of_a_list_is_a_list() -> None:
    assert "ls A B" == render("ls {{ params.v | map('upper') }}", v=["a", "b"])


def test_raw_opts_out_visibly() -> None:
    """The author answers for it; the text is not read again for values."""
    assert "ls $(id)" == render("ls {{ params.v | raw }}", v="$(id)")


def test_raw_text_changes_the_place_of_what_follows() -> None:
    assert 'ls "it\'s \\$x"' == render('ls {{ params.q | raw }}{{ params.v }}"', q='"', v="it's $x")


def test_raw_must_come_last() -> None:
    with pytest.raises(TemplateError) as error:
        render("ls {{ params.v | raw | upper }}", v="x")

    assert "`{{ params.v | raw | upper }}`: `raw` must be the last filter" == error.value.headline


def test_a_constant_is_a_value_too() -> None:
    assert "echo '$HOME'" == render("echo {{ '$HOME' }}")


def test_the_reserved_character_is_refused_in_the_text_and_kept_in_values() -> None:
    """U+FDD0 stands for values while the text is read; as part of a value it is like any other."""
    with pytest.raises(TemplateError) as in_text:
        render("echo \ufdd0 {{ params.v }}", v="x")
    with pytest.raises(TemplateError) as in_raw:
        render("echo {{ params.v | raw }}", v="\ufdd0")

    assert "the command holds U+FDD0, a character that is reserved and never text" == in_text.value.headline
    assert in_text.value.headline == in_raw.value.headline
    assert "echo '\ufdd0'" == render("echo {{ params.v }}", v="\ufdd0")


def test_a_command_has_a_largest_size() -> None:
    with pytest.raises(TemplateError) as error:
        render("echo {{ params.v }}{{ params.v }}", v="a" * 600_000)

    assert "the rendered command has more than 1048576 characters" == error.value.headline


def test_the_place_that_counts_is_in_the_finished_text() -> None:
    """A here-document that only one branch opens."""
    template = "cat {% if params.here %}<<EOF\n{% endif %}{{ params.v }}\nEOF"

    with pytest.raises(TemplateError) as error:
        render(template, here=True, v="x")

    assert "`{{ params.v }}` stands inside of a here-document, where no value can be made safe" == error.value.headline
    assert "cat x\nEOF" == render(template, here=False, v="x")


@pytest.mark.parametrize("value", [*NASTY, 3, -1, 1.5, True, None, [1, ["a'b"]], {"a": {"b": None}}, float("inf")])
def test_a_value_enters_python_as_a_literal(value: object) -> None:
    code = render("x = {{ params.v }}\ny = [{{ params.v }}, 1]", "python", v=value)
    names: dict[str, Any] = {}

    exec(code, names)

    assert (value, [value, 1]) == (names["x"], names["y"])


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("print('{{ params.v }}')", "inside of a Python string"),
        ('print(f"{{ params.v }}")', "inside of a Python string"),
        ('x = """\n{{ params.v }}"""', "inside of a Python string"),
        ("x = 'it\\'s {{ params.v }}'", "inside of a Python string"),
        ("# it's {{ params.v }}", "inside of a comment"),
        ("x{{ params.v }}", "right beside a word or a string"),
        ("{{ params.v }}'a'", "right beside a word or a string"),
        ("r{{ params.v }}", "right beside a word or a string"),
        ("{{ params.v }}{{ params.v }}", "right beside a word or a string"),
        ('f"{x[" {{ params.v }} "]}"', "after an f-string with quotes in its braces"),
    ],
)
def test_a_literal_stands_neither_in_strings_nor_beside_words(code: str, problem: str) -> None:
    with pytest.raises(TemplateError) as error:
        render(code, "python", v="x")

    assert f"`{{{{ params.v }}}}` stands {problem}, where no value can be made safe" == error.value.headline


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("'#' + {{ params.v }}", "'#' + ('x')"),
        ('"\'" + {{ params.v }}', "\"'\" + ('x')"),
        ("'''a'b''' + {{ params.v }}", "'''a'b''' + ('x')"),
        ("# it's\n{{ params.v }}", "# it's\n('x')"),
        ("f({{ params.v }}, f'{a}', {{ params.v }})", "f(('x'), f'{a}', ('x'))"),
    ],
)
def test_a_literal_stands_after_strings_and_comments(code: str, expected: str) -> None:
    assert expected == render(code, "python", v="x")


def test_a_shell_that_we_do_not_know_takes_only_raw_values() -> None:
    with pytest.raises(TemplateError):
        render("echo {{ params.v }}", "fish", v="x")

    assert "echo x" == render("echo {{ params.v | raw }}", "fish", v="x")
