"""Duties: how often they come round, for whom, what they make, who must not see them coming."""

from __future__ import annotations

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.duty_words import DutyWords, duty_environment, duty_words, field_for_target
from app.checks.environments import record_types
from app.expressions import ANY, DATE, DATETIME, LinkType, compile_expression
from app.source import N_, fault, warning
from app.spec.durations import Duration, parse_duration
from app.spec.hours import weekly_hours
from app.spec.portal_settings import Calendar, Regime
from app.spec.records import RecordType
from app.spec.recurrence import PERIODS, Recurrence, parse_period, parse_recurrence
from app.spec.recurrence_spots import MOST_DAYS
from app.spec.service_levels import DUTY_RESULTS, MOST_EXAMPLE_DAYS, Duty, MessageTemplate
from app.spec.small import Problem

ROLE = "role."
_SWAPPED_IN = 3
"""Working days that swapped weekends may add to a period."""


def duties_are_read(checking: Checking) -> Found:
    """REF001, SLA004, DUR001, DUR002: what a duty names is declared, its times can be read."""
    for duty in checking.each(Duty):
        for kind, key in (
            (RecordType, "for_each"),
            (RecordType, "create"),
            (Calendar, "calendar"),
            (MessageTemplate, "message"),
        ):
            yield from checking.refer(kind, getattr(duty, key), duty.regime, duty.span_of(key))
        rule = parse_recurrence(duty.every) if duty.every is not None else None
        if isinstance(rule, Problem):
            yield rule.at("SLA004", duty.span_of("every"))
        if duty.per is not None and parse_period(duty.per) is None:
            text = N_("'{name}' is not a period")
            yield unknown_word("SLA004", duty.span_of("per"), text, duty.per, PERIODS)
        if duty.due is not None:
            yield from checking.duration(duty.due, duty.span_of("due"))


def duties_say_how_often(checking: Checking) -> Found:
    """DTY001: either `every`, or `at_least` and `per`; a day that is drawn is not also named."""
    for duty in checking.each(Duty):
        if duty.every is not None and duty.at_least is not None:
            text = N_("'{name}' says twice how often: by 'every' and by 'at_least'")
            yield fault("DTY001", duty.span_of("at_least"), text, name=duty.full_name)
        elif not duty.wrote("every") and duty.at_least is None:
            text = N_("'{name}' does not say how often")
            hint = N_(
                "write 'every', or 'at_least' and 'per'; 'every: ~' where the regulation leaves it open"
            )
            yield fault("DTY001", duty.span, text, hint, name=duty.full_name)
        elif (duty.at_least is None) != (duty.per is None):
            text = N_("'at_least' and 'per' belong together")
            yield fault("DTY001", duty.span_of("per" if duty.per else "at_least"), text)
        rule = parse_recurrence(duty.every) if duty.every is not None else None
        if duty.unpredictable and isinstance(rule, Recurrence) and (rule.on or rule.unit == "working_day"):
            text = N_("a day that is named cannot be unpredictable")
            yield fault("DTY001", duty.span_of("every"), text, N_("write the period alone, such as 'month'"))


def duties_come_round(checking: Checking) -> Found:
    """DTY002: a duty that never comes round; DTY003: working days that no calendar counts."""
    for duty in checking.each(Duty):
        regime = checking.portal.regimes.get(duty.regime)
        yield from _out_of_time(duty, regime)
        rule = parse_recurrence(duty.every) if duty.every is not None else None
        calendar = _calendar(checking, duty)
        if isinstance(rule, Recurrence) and calendar is not None:
            yield from _too_many_days(duty, rule, calendar)
        if calendar is None and duty.calendar is None:
            yield from _uncounted(duty, rule)


def _out_of_time(duty: Duty, regime: Regime | None) -> Found:
    first, last = duty.from_, duty.until
    if regime is not None and regime.in_force_to is not None:
        last = min(last or regime.in_force_to, regime.in_force_to)
    if regime is not None and regime.in_force_from is not None:
        first = max(first or regime.in_force_from, regime.in_force_from)
    if first is not None and last is not None and first > last:
        text = N_("'{name}' never comes round: it ends on {last}, before it begins on {first}")
        span = duty.span_of("until" if duty.until else "from")
        yield fault("DTY002", span, text, name=duty.full_name, first=first, last=last)


def _too_many_days(duty: Duty, rule: Recurrence, calendar: Calendar) -> Found:
    """More working days than the longest period can have."""
    most = _most_working_days(calendar, MOST_DAYS[rule.period])
    for spot in rule.on:
        if spot.kind == "working_day" and abs(spot.number) > most:
            text = N_("'{name}' never comes round: there are at most {most} working days")
            yield fault("DTY002", duty.span_of("every"), text, name=duty.full_name, most=most)


def _most_working_days(calendar: Calendar, days: int) -> int:
    week = [True] * 7 if calendar.always else [bool(hours) for hours in weekly_hours(calendar.hours)]
    run = max(sum(week[(start + day) % 7] for day in range(days)) for start in range(7))
    extra = len(calendar.open) + (_SWAPPED_IN if calendar.holidays else 0)
    return min(days, run + extra)


def _calendar(checking: Checking, duty: Duty) -> Calendar | None:
    name = duty.calendar or checking.portal.settings.calendar
    return checking.find(Calendar, name, duty.regime)


def _uncounted(duty: Duty, rule: Recurrence | Problem | None) -> Found:
    due = parse_duration(duty.due) if duty.due is not None else None
    by_days = {
        "every": isinstance(rule, Recurrence) and rule.counts_working_days,
        "due": isinstance(due, Duration) and (due.working or due.kind == "next_working_day"),
    }
    for key in (key for key, counted in by_days.items() if counted):
        text = N_("'{name}' counts working days, and no calendar says which they are")
        hint = N_("write 'calendar', here or under 'portal'")
        yield fault("DTY003", duty.span_of(key), text, hint, name=duty.full_name)


def duties_make_something(checking: Checking) -> Found:
    """DTY004: a duty makes a record or a task; what is counted must be a record of somebody."""
    for duty in checking.each(Duty):
        words = duty_words(checking.portal, duty)
        if duty.create is None and duty.assign is None:
            text = N_("'{name}' makes nothing: it has neither 'create' nor 'assign'")
            yield fault("DTY004", duty.span, text, name=duty.full_name)
        if duty.create is None and duty.at_least is not None and not duty.unpredictable:
            text = N_("'{name}' has nothing to count: it has no 'create'")
            yield fault("DTY004", duty.span_of("at_least"), text, name=duty.full_name)
        if words.each is None or words.create is None:
            continue
        if field_for_target(checking.portal, duty, words) is None:
            text = N_("no field of '{record}' says for which '{each}' it is made")
            hint = N_("name the field under 'with', such as '{each}: this'")
            found = {"record": words.create.full_name, "each": words.each.name}
            severe = fault if duty.at_least is not None else warning
            yield severe("DTY004", duty.span_of("create"), text, hint, **found)


def duties_stay_hidden(checking: Checking) -> Found:
    """DTY005: `hidden_from` leads to a unit or a person, and not to those who have to do it."""
    for duty in checking.each(Duty):
        if not duty.hidden_from:
            continue
        words = duty_words(checking.portal, duty)
        if words.each is None:
            text = N_("'hidden_from' needs 'for_each': it is said of the record that the duty is for")
            yield fault("DTY005", duty.span_of("hidden_from"), text)
            continue
        for index, word in enumerate(duty.hidden_from):
            yield from _hidden(checking, duty, words, index, word)


def _hidden(checking: Checking, duty: Duty, words: DutyWords, index: int, word: str) -> Found:
    span = duty.span_at("hidden_from", index)
    path = words.path(word)
    kind = words.each.full_name if words.each is not None and not path else ""
    if path:
        compiled, _ = compile_expression(word, span, duty_environment(checking.portal, duty, words))
        kind = compiled.type.record if compiled and isinstance(compiled.type, LinkType) else ""
    if kind not in ("unit", "person"):
        hint = N_("write 'unit', 'person', or a path to one of them")
        yield fault("DTY005", span, N_("'{name}' leads neither to a unit nor to a person"), hint, name=word)
        return
    assigned = words.path(duty.assign) if duty.assign and not duty.assign.startswith(ROLE) else None
    if assigned is not None and assigned in (path, (*path, "head")):
        text = N_("'{name}' has to do it and must not see it coming")
        yield fault("DTY005", duty.span_of("assign"), text, name=duty.assign)


def duties_hold(checking: Checking) -> Found:
    """REF003, REF006, SLA001 and the faults of expressions: what a duty reads and fills in."""
    for duty in checking.each(Duty):
        words = duty_words(checking.portal, duty)
        env = duty_environment(checking.portal, duty, words)
        own = checking.environment(words.each) if words.each is not None else env
        yield from checking.condition(duty.where, duty.span_of("where"), own)
        if words.create is not None:
            yield from _created(checking, duty, words, words.create)
        if duty.assign is not None:
            yield from checking.party(duty.assign, duty.span_of("assign"), env, duty.regime)


def _created(checking: Checking, duty: Duty, words: DutyWords, create: RecordType) -> Found:
    types = record_types(checking.portal, create)
    env = duty_environment(checking.portal, duty, words)
    for name, text in duty.with_.items():
        if name not in create.fields:
            yield missing_field(duty.key_at("with", name), name, create.fields, create.full_name)
        else:
            yield from checking.value(text, duty.span_at("with", name), env, types.get(name))[1]
    yield from checking.condition(duty.done, duty.span_of("done"), checking.environment(create))
    if duty.dated is None:
        return
    if duty.dated not in types:
        yield missing_field(duty.span_of("dated"), duty.dated, types, create.full_name)
    elif types[duty.dated] not in (DATE, DATETIME, ANY):
        text = N_("'{name}' is neither a date nor a datetime")
        yield fault("SLA001", duty.span_of("dated"), text, name=duty.dated)


def examples_of_duties_name_known_things(checking: Checking) -> Found:
    """EXM001: what an example of a duty expects exists, and its days are in order."""
    for duty in checking.each(Duty):
        for index, example in enumerate(duty.examples):
            for name in example.expect:
                if name not in DUTY_RESULTS:
                    span = duty.key_at("examples", index, "expect", name)
                    text = N_("an example of a duty cannot expect '{name}'")
                    yield unknown_word("EXM001", span, text, name, DUTY_RESULTS)
            if not example.given.sound:
                text = N_("the example ends before it begins, or looks at more than {most} days")
                yield fault("EXM001", example.span_of("given"), text, most=MOST_EXAMPLE_DAYS)
