"""What went wrong in a template, said to the user: from exceptions to a TemplateError of one line."""

import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateSyntaxError, UndefinedError

from airexec.workflow.template.expression import shown, span
from airexec.workflow.template.language import Language
from airexec.workflow.template.names import Reference, references
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.values import missing_text
from airexec.workflow.wording import did_you_mean

SHOWN_NAMES = 10
ELSE_HINT = "say what it is then, as in {{ 'x' if params.y else '' }}"
OPEN_TAG = re.compile(r"innermost block that needs to be closed is ('\w+')")
JINJA_WORDS: Mapping[str, str] = {
    "token 'end of print statement'": "the end of the expression",
    "token 'end of statement block'": "the end of the tag",
    "'end of print statement'": "end of the expression",
    "'end of statement block'": "end of the tag",
    "'end of template'": "end of the text",
    "end of template": "end of the text",
    "Missing end of comment tag": "the comment is not closed",
    """unexpected char "'\"""": "a quote is not closed",
    """unexpected char '"'""": "a quote is not closed",
}


def syntax_error(error: BaseException, text: str) -> TemplateError:
    """Return the error for a text that does not parse or compile."""
    if isinstance(error, TemplateSyntaxError):
        return TemplateError(f"`{shown(text, error.lineno)}`: {complaint(error)}")
    return TemplateError(f"`{shown(text, 0)}`: the template is nested too deeply")


def complaint(error: TemplateSyntaxError) -> str:
    """Return Jinja's words in the form of our messages."""
    open_tag = OPEN_TAG.search(str(error.message))
    if open_tag:
        return f"the tag {open_tag[1]} is not closed"
    message = str(error.message).split(". You probably")[0].rstrip(".")
    for theirs, ours in JINJA_WORDS.items():
        message = message.replace(theirs, ours)
    return message[:1].lower() + message[1:]


def explain(
    error: Exception, text: str, context: Mapping[str, Any], language: Language, template: Template
) -> TemplateError:
    """Return what the user should read about an exception that came out of a rendering."""
    if isinstance(error, TemplateError):
        return error
    offset = _offset(error.__traceback__, template)
    where = f"`{shown(text, offset)}`"
    if isinstance(error, UndefinedError):
        cause, hint = _missing(error, span(text, offset), text, context, language)
        return TemplateError(f"{where}: {cause}", hint)
    if isinstance(error, RecursionError):
        return TemplateError(f"{where}: the value is nested too deeply")
    return TemplateError(f"{where}: {' '.join(str(error).split()) or type(error).__name__}")


def _offset(traceback: TracebackType | None, template: Template) -> int:
    offset = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            offset = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return offset


def _missing(
    error: UndefinedError, place: tuple[int, int], text: str, context: Mapping[str, Any], language: Language
) -> tuple[str, str]:
    for reference in references(language.read(text)):
        depth = _missing_depth(reference, context)
        if depth is not None and place[0] <= reference.offsets[0] < place[1]:
            return _say(reference.path, depth, context)
    message = missing_text(error)
    if message.startswith("the inline if-expression"):
        return "the condition is false, and there is no `else`", ELSE_HINT
    return message, ""


def _missing_depth(reference: Reference, context: Mapping[str, Any]) -> int | None:
    value: Any = context
    for depth, part in enumerate(reference.path):
        if not isinstance(value, Mapping):
            return None
        if part not in value:
            return depth
        value = value[part]
    return None


def _say(path: tuple[str, ...], depth: int, context: Mapping[str, Any]) -> tuple[str, str]:
    parent: Any = context
    for part in path[:depth]:
        parent = parent[part]
    name = path[depth]
    known = [str(one) for one in parent]
    if path[0] == "tasks" and depth == 3 and path[2] == "outputs":
        return f"task '{path[1]}' has no output '{name}'{_there(name, known, 'its outputs')}", ""
    if path[0] == "tasks" and depth == 1:
        return f"there is no result of a task '{name}'", "a template sees only tasks that ended before its own started"
    if depth == 0:
        return f"'{name}' is not defined", ""
    if path[0] == "env" and depth == 1:
        meant = did_you_mean(name, known) or f"write `env.{name} | default('')` if it may be missing"
        return f"the environment has no '{name}'; {meant}", ""
    return f"'{'.'.join(path[:depth])}' has no '{name}'{_there(name, known, 'it has')}", ""


def _there(name: str, known: Sequence[str], noun: str) -> str:
    """Return what there is instead: all where they are few, else the one that was probably meant."""
    if len(known) <= SHOWN_NAMES:
        return f"; {noun}: {', '.join(sorted(known)) or 'none'}"
    meant = did_you_mean(name, known)
    return f"; {meant}" if meant else ""
