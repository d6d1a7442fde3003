"""What the `vars` of a workflow are in one run: worked out when it begins, those that it needs, side by side."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from airexec.attempt.environment import Environment, own_path
from airexec.attempt.kinds import kind_of
from airexec.errors import AirexecError
from airexec.secrets.plain_data import Mask
from airexec.state.layout import RunFolder
from airexec.views.sanitize import one_line
from airexec.workflow.actions.forms import TEXT, Form
from airexec.workflow.model import Plan, Scope, Var
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates, has_template
from airexec.workflow.vars import names_in, needed, uses

if TYPE_CHECKING:
    from airexec.runner.capture import Capture, Captured

_SHOWN_LINES = 20


class VarError(AirexecError):
    """A var cannot be worked out, so the run does not begin."""

    exit_code = 1


def with_vars(plan: Plan, folder: RunFolder, caller: Mapping[str, str], mask: Mask = str) -> Plan:
    """Return the plan with the vars that it needs. Those that it has already are left as they are.

    `caller` is the environment that airexec was started with; `mask` hides secrets.
    Raises VarError with what the command has printed, UsageError for a bad env file.
    """
    plan = plan._replace(vars=_of_scope(plan, "", folder, caller, mask))
    scopes = {
        name: scope._replace(vars=_of_scope(plan, name, folder, caller, mask)) for name, scope in plan.scopes.items()
    }
    return plan._replace(scopes=scopes) if scopes else plan


def _of_scope(
    plan: Plan,
    scope: str,
    folder: RunFolder,
    caller: Mapping[str, str],
    mask: Mask,
) -> Mapping[str, str]:
    """Return the vars of one scope."""
    known, definitions = plan.scope(scope).vars, plan.workflow.vars_of(scope)
    missing = [name for name in needed(plan, scope) if name not in known]
    if not missing:
        return known
    work = _Work(plan, scope, caller, mask)
    if all(definitions[name].action is None for name in missing):
        return work.texts(missing)
    from airexec.runner.capture import capturing

    with capturing(folder.path) as capture:
        return work.out(missing, capture, folder)


class _Work:
    def __init__(self, plan: Plan, scope: str, caller: Mapping[str, str], mask: Mask) -> None:
        self._definitions = plan.workflow.vars_of(scope)
        self._using = uses(self._definitions)
        self._scope = _without_vars(plan.scope(scope), self._definitions)
        self._secrets = plan.workflow.nodes[scope].secrets if scope else plan.workflow.secrets
        self._mask = mask
        self._templates = Templates()
        self._caller = {**caller, "PATH": own_path(caller)}
        self._environment = Environment(self._caller, self._scope, frozenset(plan.secret_names()))
        self._job = {"name": plan.workflow.name}
        self._values = dict(self._scope.vars)

    def texts(self, names: list[str]) -> dict[str, str]:
        """Return the values with those of vars that need no command."""
        left = list(names)
        while left:
            ready = next(name for name in left if self._is_ready(name))
            self._values[ready] = self._text(ready)
            left.remove(ready)
        return self._values

    def out(self, names: list[str], capture: "Capture", folder: RunFolder) -> dict[str, str]:
        """Return the values with those of all these vars: what is ready is started at once."""
        left, running = list(names), 0
        while left or running:
            for name in [name for name in left if self._is_ready(name)]:
                left.remove(name)
                if self._definitions[name].action is None:
                    self._values[name] = self._text(name)
                else:
                    self._start(name, capture, folder)
                    running += 1
            if running and not any(self._is_ready(name) for name in left):
                name, captured = capture.wait()
                running -= 1
                self._values[name] = self._value(name, captured)
        return self._values

    def _is_ready(self, name: str) -> bool:
        return all(one in self._values for one in self._using[name])

    def _text(self, name: str) -> str:
        try:
            return self._templates.render(self._definitions[name].text, self._context(self._env()[0]))
        except TemplateError as error:
            raise self._error(name, f"cannot be worked out: {error.headline}") from None

    def _start(self, name: str, capture: "Capture", folder: RunFolder) -> None:
        var = self._definitions[name]
        assert var.action is not None
        env, found = self._env()
        context = self._context(env)

        def render(text: str, form: Form) -> str:
            if form.shell:
                return self._templates.render_shell(text, context, form.shell)
            return self._templates.render(text, context)

        try:
            env.update({key: render(text, TEXT) for key, text in var.env.items()})
            argv = kind_of(var.action).prepare(var.action, render)
            cwd = os.path.join(self._scope.folder, render(self._scope.cwd, TEXT), render(var.cwd or "", TEXT))
        except TemplateError as error:
            raise self._error(name, f"cannot be worked out: {error.headline}") from None
        env |= {secret.name: found[secret.name] for secret in self._secrets if secret.name in found}
        env |= {"AIREXEC_JOB": self._job["name"], "AIREXEC_RUN": folder.run_id, "PWD": os.path.normpath(cwd)}
        capture.start(name, argv, env, os.path.normpath(cwd), var.timeout)

    def _value(self, name: str, captured: "Captured") -> str:
        if captured.problem:
            raise self._error(name, f"`{self._command(name)}` {captured.problem}", captured.err)
        try:
            text = captured.out.decode()
        except UnicodeDecodeError:
            raise self._error(name, f"`{self._command(name)}` printed what is no UTF-8", captured.err) from None
        if "\0" in text:
            raise self._error(name, f"`{self._command(name)}` printed a NUL, which no text may hold", captured.err)
        return text.removesuffix("\n")

    def _command(self, name: str) -> str:
        action = self._definitions[name].action
        return "" if action is None else action.as_typed().strip().partition("\n")[0]

    def _error(self, name: str, problem: str, printed: bytes = b"") -> VarError:
        """Say what the command has printed, and return the error."""
        for line in printed.decode(errors="replace").splitlines()[-_SHOWN_LINES:]:
            print(one_line(self._mask(line)), file=sys.stderr)
        return VarError(self._mask(f"var '{name}': {problem}"))

    def _env(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the environment of the scope, and the values of secrets by name."""
        env: dict[str, str] = {}
        return env, self._environment.merge_scope(env, self._rendered(env))

    def _rendered(self, env: dict[str, str]) -> Callable[..., list[str]]:
        context = self._context(env)
        return lambda key, texts: [self._templates.render(text, context) for text in texts]

    def _context(self, env: Mapping[str, str]) -> dict[str, Any]:
        return {"params": self._scope.params, "vars": self._values, "env": env, "job": self._job}


def _without_vars(scope: Scope, known: Mapping[str, Var]) -> Scope:
    """Return a scope without what needs vars itself: it cannot be there while they are worked out."""

    def is_free(text: str) -> bool:
        return not (has_template(text) and names_in(text, known))

    layers = tuple(
        {key: text for key, text in layer.items() if is_free(text)}
        if isinstance(layer, Mapping)
        else tuple(file for file in layer if is_free(file.path))
        for layer in scope.env
    )
    return scope._replace(env=layers, cwd=scope.cwd if is_free(scope.cwd) else ".")
