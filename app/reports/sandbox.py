"""The Jinja environment of report templates: closed, bounded, and with faults that name a line."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    Template,
    nodes,
)
from jinja2.exceptions import (
    SecurityError,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from app.reports.effort import MAX_TEXT, Effort, Metering, added, metered_filters, multiplied
from app.reports.errors import ReportTemplateFault
from app.source import N_, Span

TEMPLATES = Path(__file__).parent / "templates"
MAX_HTML = MAX_TEXT
"""Characters of HTML that one report may have."""

_MAX_POWER = 100
_MAX_RANGE = 10_000

# `safe` would let a record's text through as mark-up; `format`, `center`, `indent` make huge texts of small.
_FILTERS = frozenset(
    "abs batch capitalize count d default dictsort e escape first float groupby int items join last "
    "length list lower map max min reject rejectattr replace reverse round select selectattr slice sort "
    "string sum title trim truncate unique upper wordcount".split()
)
_TEXT_METHODS = frozenset(
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit islower "
    "isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper".split()
)
# What an expression in a template can raise by itself; other errors are ours and go on.
_TEMPLATE_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)


class ReportEnvironment(ImmutableSandboxedEnvironment):
    """Sandboxed, escaping, strict about unknown names, and unwilling to build giant values."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self.effort = Effort()
        self.concat = self.effort.text  # type: ignore[method-assign]
        known = {name: made for name, made in self.filters.items() if name in _FILTERS}
        self.filters = metered_filters(known, self.effort)
        self.globals = {"range": _range, "dict": dict}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and callable(value):
            return attr in _TEXT_METHODS
        return super().is_safe_attribute(obj, attr, value)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        Metering().visit(source)
        source.set_environment(self)
        return super()._generate(source, name, filename, defer_init)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and not (_small(left) and _small(right)):
            raise SecurityError("power too large")
        if operator == "%" and isinstance(left, (str, bytes)):
            raise SecurityError("text formatting by % is not allowed")
        if operator == "*":
            multiplied(left, right)
        if operator == "+":
            added(left, right)
        return SandboxedEnvironment.call_binop(self, context, operator, left, right)


def _small(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= _MAX_POWER


def _range(*arguments: int) -> range:
    made = range(*arguments)
    if len(made) > _MAX_RANGE:
        raise SecurityError("range too long")
    return made


def make_environment(includes: Mapping[str, str]) -> ReportEnvironment:
    """The environment with the portal's own macros and the sources in `includes` (file name -> text)."""

    def find(name: str) -> tuple[str, str, None] | None:
        # With a file name, faults in an included template name it.
        return (includes[name], name, None) if name in includes else None

    return ReportEnvironment(ChoiceLoader([FileSystemLoader(TEMPLATES), FunctionLoader(find)]))


def load_template(environment: ReportEnvironment, source: str, name: str) -> Template:
    """Compile a template. Raises ReportTemplateFault with the place of what is wrong."""
    try:
        tree = environment.parse(source, name, name)
        switch = next(tree.find_all(nodes.EvalContextModifier), None)
        if switch is not None:
            raise ReportTemplateFault(
                Span(name, switch.lineno), N_("Escaping of text cannot be switched off in a report.")
            )
        code = environment.compile(source, name, name)
        return Template.from_code(environment, code, environment.make_globals(None))
    except TemplateSyntaxError as error:
        _fail(error, Span(error.filename or name, error.lineno))
    except RecursionError as error:
        raise ReportTemplateFault(Span(name), N_("The template is nested too deeply.")) from error


def run_template(template: Template, values: Mapping[str, object], name: str) -> str:
    """The HTML of a template. Raises ReportTemplateFault with the line that failed."""
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(dict(values)):
            size += len(part)
            if size > MAX_HTML:
                raise ReportTemplateFault(Span(name), N_("The report is too long to be printed."))
            parts.append(part)
    except TemplateSyntaxError as error:  # in an included file
        _fail(error, Span(error.filename or name, error.lineno))
    except (TemplateError, *_TEMPLATE_ERRORS) as error:
        _fail(error, _place(error, name))
    return "".join(parts)


def _place(error: BaseException, name: str) -> Span:
    """The template line an error comes from: the last frame of the traceback that is no Python file."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.endswith(".py"):
            own = Path(frame.filename).is_relative_to(TEMPLATES)
            return Span(Path(frame.filename).name if own else frame.filename, frame.lineno or 1)
    return Span(name)


def _fail(error: Exception, span: Span) -> NoReturn:
    detail = str(error) or type(error).__name__
    if isinstance(error, UndefinedError):
        raise ReportTemplateFault(span, N_("Unknown name: {detail}"), detail=detail) from error
    if isinstance(error, SecurityError):
        raise ReportTemplateFault(span, N_("Not allowed in a report: {detail}"), detail=detail) from error
    if isinstance(error, TemplateNotFound):
        raise ReportTemplateFault(
            span, N_("There is no template named '{detail}'."), detail=detail
        ) from error
    raise ReportTemplateFault(span, N_("The template cannot be read: {detail}"), detail=detail) from error
