"""The parameters of a report: what is asked, what is given, and what expressions read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.access import row_scope
from app.actions.coerce import Unreadable, coerce
from app.actions.context import Context
from app.actions.errors import Complaint, Complaints
from app.actions.facts import moment
from app.checks.report_names import MONTHS, PERIOD_NAME, asked_of, compile_default
from app.expressions import Expression, Period, evaluate
from app.release import FieldModel
from app.reports import FieldOptions, format_value
from app.source import N_, ConfigError, unknown_name_hint
from app.spec.portal_settings import ChoiceList, Option
from app.spec.records import FieldSpec
from app.spec.reports import Parameter, Report
from app.storage import ids_in_scope, labels_of, linked_values
from app.workflow import is_empty

_LINKS = frozenset({"person", "unit"})
Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """One parameter as it is asked: its field, whether it must be answered, and the answer it begins with."""

    field: FieldModel
    required: bool
    first: object = None

    @property
    def name(self) -> str:
        return self.field.name


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered.

    values: name -> value as fields keep it (a month as its first day); words: the same for people; labels:
    what each parameter is called; plain: the same as text that `read_answers` reads back, for links and for
    the document's record.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """All answers in one line, without those that are empty."""
        return " · ".join(f"{self.labels[name]}: {words}" for name, words in self.words.items() if words)


def questions_of(context: Context, report: Report) -> tuple[Question, ...]:
    """The parameters in the order they are asked, each with its default."""
    return tuple(_question(context, report, name, one) for name, one in asked_of(report).items())


def read_answers(context: Context, report: Report, given: Given) -> Answers:
    """Read what was given for the parameters of a report; what is left out takes its default.

    given: name -> value or text. Raises InvalidRecord with every fault by the parameter's name, those for
    names that are not asked among them.
    """
    complaints = Complaints(context.translate)
    questions = {one.name: one for one in questions_of(context, report)}
    for name in given.keys() - questions.keys():
        hint, params = unknown_name_hint(name, questions)
        words = context.translate(hint).format(**params)
        text = N_("the report has no parameter '{name}' ({hint})")
        complaints.add(name, Complaint(text, {"name": name, "hint": words}))
    values: dict[str, object] = {}
    for name, question in questions.items():
        try:
            values[name] = _answer(context, question, given)
        except Unreadable as error:
            complaints.add(name, Complaint(error.text, error.params))
            continue
        if question.required and is_empty(values[name]):
            complaints.add(name, Complaint(N_("this must be answered")))
    _check_links(context, questions.values(), values, complaints)
    complaints.raise_any()
    fields = {name: one.field for name, one in questions.items()}
    told = {name: _in_words(context, fields[name], value) for name, value in values.items()}
    plain = {name: _plain(fields[name], value) for name, value in values.items() if not is_empty(value)}
    return Answers(values, told, {name: context.translate(one.label) for name, one in fields.items()}, plain)


def scope_of_answers(
    context: Context, report: Report, answers: Answers, expressions: Iterable[Expression]
) -> dict[str, object]:
    """The names that expressions of the report read beside the fields of their rows."""
    asked = asked_of(report)
    scope: dict[str, object] = {"now": context.now, "today": context.today}
    paths = {path for one in expressions for path in one.paths}
    for name, value in answers.values.items():
        below = {path[1:] for path in paths if path[0] == name and len(path) > 1}
        scope[name] = _opened(context, asked[name], value, below)
    scope[PERIOD_NAME] = _period(context.zone, asked, answers.values)
    return scope


def month_period(first: date, zone: ZoneInfo) -> Period:
    """The month that begins with `first`."""
    return days_period(first, _months_on(first, 1) - timedelta(days=1), zone)


def days_period(first: date, last: date, zone: ZoneInfo) -> Period:
    """Whole days in a time zone, both included."""
    start = datetime.combine(first, time(), tzinfo=zone)
    return Period(first, last, start, datetime.combine(last + timedelta(days=1), time(), tzinfo=zone))


def _months_on(day: date, months: int) -> date:
    """The first day of the month so many months on."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _question(context: Context, report: Report, name: str, parameter: Parameter) -> Question:
    spec = FieldSpec(
        type=parameter.type, title=parameter.title, help=parameter.help, options=parameter.options
    )
    label = parameter.title or (context.translate(N_("Month")) if parameter.type == "month" else name)
    options = _options(context, report, parameter)
    target = parameter.type if parameter.type in _LINKS else None
    field_model = FieldModel(name, spec, label, target=target, options=options)
    first = _default(context, report, name, parameter)
    if first is not None:
        first = coerce(field_model, first, context.zone)
    if first is None and parameter.type == "choice" and len(options) == 1:
        first = next(iter(options))
    return Question(field_model, parameter.required, first)


def _options(context: Context, report: Report, parameter: Parameter) -> Mapping[str, Option]:
    found = context.release.portal.find(ChoiceList, parameter.options, report.regime)
    return found.options if found is not None else {}


def _default(context: Context, report: Report, name: str, parameter: Parameter) -> object:
    text = parameter.default
    if text is None:
        return None
    if parameter.type == "month" and text in MONTHS:
        return _months_on(context.today, MONTHS[text])
    compiled, faults = compile_default(context.release.portal, report, name)
    if compiled is None:
        if any(one.severity == "error" for one in faults):
            raise ConfigError(faults)
        return date.fromisoformat(f"{text}-01")
    value = evaluate(compiled, moment(context, compiled.paths))
    if isinstance(value, Mapping):
        value = value.get("id")
    return _first_of_month(value) if parameter.type == "month" else value


def _first_of_month(value: object) -> object:
    return date(value.year, value.month, 1) if isinstance(value, date) else None


def _answer(context: Context, question: Question, given: Given) -> object:
    """The value of one parameter; who leaves one empty that need not be answered means it. Raises
    Unreadable."""
    raw = given.get(question.name)
    if is_empty(raw):
        return None if question.name in given and not question.required else question.first
    if question.field.type == "month" and isinstance(raw, str) and raw.strip() in MONTHS:
        return _months_on(context.today, MONTHS[raw.strip()])
    return coerce(question.field, raw, context.zone)


def _check_links(
    context: Context, questions: Iterable[Question], values: Mapping[str, object], complaints: Complaints
) -> None:
    """A unit or person that somebody asks about is one that he may read."""
    for question in questions:
        value = values.get(question.name)
        if question.field.type not in _LINKS or not isinstance(value, int):
            continue
        scope = row_scope(context.policy, context.actor, "read", question.field.type)
        clock = {"now": context.now, "today": context.today}
        place = (context.session, context.models, question.field.type)
        if not ids_in_scope(*place, (value,), context.actor, scope, clock):
            complaints.add(question.name, Complaint(N_("choose a record from the list")))


def _opened(context: Context, parameter: Parameter, value: object, below: set[tuple[str, ...]]) -> object:
    """The value as expressions read it: a month is the stretch of its days, a link what it leads to."""
    if parameter.type == "month" and isinstance(value, date):
        return month_period(value, context.zone)
    if parameter.type in _LINKS and isinstance(value, int):
        found = linked_values(context.session, context.models, parameter.type, (value,), below)
        return {**found.get(value, {}), "id": value}
    return value


def _period(zone: ZoneInfo, asked: Mapping[str, Parameter], values: Mapping[str, object]) -> Period | None:
    """The first month that was asked for; else from the first date to the last one."""
    months = [values.get(name) for name, one in asked.items() if one.type == "month"]
    first = next((one for one in months if isinstance(one, date)), None)
    if first is not None:
        return month_period(first, zone)
    dates = [value for name, one in asked.items() if isinstance(value := values.get(name), date)
             and one.type == "date"]  # fmt: skip
    return days_period(min(dates), max(dates), zone) if dates else None


def _in_words(context: Context, one: FieldModel, value: object) -> str:
    if is_empty(value):
        return ""
    if one.type in _LINKS and isinstance(value, int):
        return labels_of(context.session, context.models, one.type, (value,)).get(value, f"#{value}")
    choices = {name: option.title or name for name, option in one.options.items()}
    options = FieldOptions(currency=context.release.portal.settings.currency, choices=choices)
    return format_value(one.type, value, options, context.translate, context.zone)


def _plain(one: FieldModel, value: object) -> str:
    if one.type == "month" and isinstance(value, date):
        return value.isoformat()[:7]
    if isinstance(value, (list, tuple)):
        return ",".join(str(one) for one in value)
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
