"""Duties of a portal -> DutyModel: the served ones, by full name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from app.checks.duty_words import DutyWords, done_text, duty_environment, duty_words, field_for_target
from app.checks.environments import record_environment, record_types
from app.checks.values import compile_value
from app.expressions import BOOLEAN, Environment, Expression, LinkType, compile_expression
from app.release.duty_model import DutyModel, HiddenFrom, PathParts
from app.source import Diagnostic
from app.spec.durations import Duration, parse_duration
from app.spec.portal import Portal
from app.spec.portal_settings import Calendar, Role
from app.spec.recurrence import Recurrence, parse_period, parse_recurrence
from app.spec.recurrence_units import PeriodUnit
from app.spec.service_levels import Duty

FIRST_ANCHOR = date(2000, 1, 3)
"""A Monday, from which every so many weeks, months … are counted where nothing else is written."""

ROLE = "role."
_OF_THE_MOMENT = frozenset({"now", "today", "me"})


def compile_duties(portal: Portal, faults: list[Diagnostic]) -> Mapping[str, DutyModel]:
    """Every served duty that says how often; `faults` takes what `check` let pass."""
    compiled = (compile_duty(portal, duty, faults) for duty in portal.served(Duty).values())
    return {duty.name: duty for duty in compiled if duty.runs}


def compile_duty(portal: Portal, duty: Duty, faults: list[Diagnostic]) -> DutyModel:
    """One duty, served or not; `faults` takes what is unsound in it."""
    words = duty_words(portal, duty)
    environment = duty_environment(portal, duty, words)
    rule = parse_recurrence(duty.every) if duty.every is not None else None
    rule = rule if isinstance(rule, Recurrence) else None
    values = _values(portal, duty, words, environment, faults)
    calendar = portal.find(Calendar, duty.calendar or portal.settings.calendar, duty.regime)
    due = parse_duration(duty.due) if duty.due is not None else None
    role = portal.find(Role, (duty.assign or "").removeprefix(ROLE), duty.regime)
    by_role = (duty.assign or "").startswith(ROLE)
    return DutyModel(
        name=duty.full_name,
        spec=duty,
        label=duty.label,
        anchor=_anchor(portal, duty),
        first=_bound(portal, duty, max, "from_", "in_force_from"),
        last=_bound(portal, duty, min, "until", "in_force_to"),
        rule=rule,
        need=duty.at_least or 1,
        per=_per(duty, rule),
        target=words.each.full_name if words.each else None,
        alias=words.alias,
        creates=words.create.full_name if words.create else None,
        link=field_for_target(portal, duty, words),
        where=_where(portal, duty, words, faults),
        values=values,
        fixed={name: one for name, one in values.items() if not _depends_on_the_moment(one)},
        done=_done(portal, duty, words, faults),
        role=(role.full_name if role else (duty.assign or "").removeprefix(ROLE)) if by_role else None,
        path=words.path(duty.assign) if duty.assign and not by_role else None,
        hidden=tuple(_hidden(duty, words, environment)),
        due=due if isinstance(due, Duration) else None,
        calendar=calendar.full_name if calendar else None,
    )


def _per(duty: Duty, rule: Recurrence | None) -> PeriodUnit | None:
    if duty.at_least is not None and duty.per is not None:
        return parse_period(duty.per)
    return rule.period if duty.unpredictable and rule is not None else None


def _anchor(portal: Portal, duty: Duty) -> date:
    regime = portal.regimes.get(duty.regime)
    return duty.from_ or (regime.in_force_from if regime else None) or FIRST_ANCHOR


def _bound(
    portal: Portal, duty: Duty, choose: Callable[[list[date]], date], own: str, of_regime: str
) -> date | None:
    """The later of two beginnings, or the earlier of two ends."""
    regime = portal.regimes.get(duty.regime)
    days = [getattr(duty, own), getattr(regime, of_regime, None)]
    return choose(found) if (found := [day for day in days if day is not None]) else None


def _values(
    portal: Portal, duty: Duty, words: DutyWords, environment: Environment, faults: list[Diagnostic]
) -> dict[str, Expression]:
    types = record_types(portal, words.create) if words.create else {}
    found: dict[str, Expression] = {}
    for name, text in duty.with_.items():
        formula, wrong = compile_value(text, duty.span_at("with", name), environment, types.get(name))
        faults += [one for one in wrong if one.severity == "error"]
        if formula is not None:
            found[name] = formula
    return found


def _where(portal: Portal, duty: Duty, words: DutyWords, faults: list[Diagnostic]) -> Expression | None:
    if duty.where is None or words.each is None:
        return None
    environment = record_environment(portal, words.each)
    found, wrong = compile_expression(duty.where, duty.span_of("where"), environment, BOOLEAN)
    faults += [one for one in wrong if one.severity == "error"]
    return found


def _done(portal: Portal, duty: Duty, words: DutyWords, faults: list[Diagnostic]) -> Expression | None:
    if words.create is None:
        return None
    text = duty.done if duty.done is not None else done_text(portal, words.create)
    environment = record_environment(portal, words.create)
    found, wrong = compile_expression(text, duty.span_of("done"), environment, BOOLEAN)
    faults += [one for one in wrong if one.severity == "error"]
    return found


def _hidden(duty: Duty, words: DutyWords, environment: Environment) -> list[HiddenFrom]:
    found = []
    for index, word in enumerate(duty.hidden_from):
        path: PathParts = words.path(word)
        kind = words.each.full_name if words.each and not path else ""
        if path:
            compiled, _ = compile_expression(word, duty.span_at("hidden_from", index), environment)
            kind = compiled.type.record if compiled and isinstance(compiled.type, LinkType) else ""
        if kind == "unit":
            found.append(HiddenFrom(path, "unit"))
        elif kind == "person":
            found.append(HiddenFrom(path, "person"))
    return found


def _depends_on_the_moment(formula: Expression) -> bool:
    return bool(formula.lookups) or any(path[0] in _OF_THE_MOMENT for path in formula.paths)
