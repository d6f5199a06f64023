"""What a clock has to keep: the target that applies, and when it is due with caps and extensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.clock_history import Run, Version, moment_of, scope_of
from app.rules.conditions import Condition
from app.rules.due_times import Counting, Due, due_after, due_time, said_there
from app.rules.pauses import Pause
from app.rules.reasons import Reason, Word, because
from app.rules.said_times import said_duration, said_moment
from app.rules.schedules import NO, YES
from app.rules.service_levels import CompiledLevel, TargetRule
from app.rules.values import Plain, plain
from app.source import N_, Phrase, Span
from app.spec.durations import Duration

UNKNOWN = Phrase(N_("not known"))
_DAY = timedelta(days=1)
_MOST_CLOSED = 366
"""Days without working time that are passed over after a `cut_off`."""


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that somebody with the right to it gave at `at`, for a reason: up to `until`, or `more`."""

    by: str
    at: datetime
    reason: str
    until: datetime | None = None
    more: Duration | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the record is asked about: the scope of conditions, and the plain values for reasons."""

    level: CompiledLevel
    scope: Mapping[str, object]

    def holds(self, condition: Condition | None) -> bool:
        """Whether it holds; without a condition it does."""
        return condition is None or condition.holds(self.scope)

    def inputs(self, condition: Condition) -> dict[str, Plain]:
        """What the condition read, by path."""
        return {path: _plain(self._at(path)) for path in condition.reads}

    def words(self, condition: Condition) -> Word:
        """The same in words."""
        return tuple((self.level.labels.get(path, path), self._said(path)) for path in condition.reads)

    def _at(self, path: str) -> object:
        value: object = self.scope
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _said(self, path: str) -> Word:
        value = self._at(path)
        if value is None or value == "":
            return UNKNOWN
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, datetime):
            return said_moment(value, self.level.zone)
        if isinstance(value, Mapping):
            return str(
                next((value[key] for key in ("label", "title", "name", "id") if value.get(key)), UNKNOWN)
            )
        return self.level.options.get(path, {}).get(str(value)) or str(_plain(value))


def asked(level: CompiledLevel, latest: Version, run: Run, now: datetime) -> Asked:
    """The record as it stands now, with the state in which the clock ended where it has."""
    at = min(now, run.over) if run.over else now
    return Asked(level, scope_of(level, latest, run.state, at))


def chosen(asked: Asked) -> tuple[TargetRule | None, tuple[Reason, ...]]:
    """The first row of `within` that applies, and why."""
    for row in asked.level.targets:
        if not asked.holds(row.when):
            continue
        time = said_duration(row.time)
        if row.when is None:
            return row, (because(row.name, row.at, N_("the time allowed is {time}"), time=time),)
        text = N_("the time allowed is {time}, because this holds: {condition} ({read})")
        inputs, read = asked.inputs(row.when), asked.words(row.when)
        return row, (
            because(row.name, row.at, text, inputs, time=time, condition=row.when.source, read=read),
        )
    text = N_("no time is allowed for this case: no row applies")
    return None, (because("within", asked.level.spec.span_of("within"), text),)


def due_of(
    asked: Asked,
    row: TargetRule,
    start: datetime,
    counting: Counting,
    pauses: Sequence[Pause],
    extensions: Iterable[Extension],
) -> Due:
    """When the target is due. `pauses` have ended; `at` is None where nothing is: `at once`, a time that is
    not set, an agreed date that is not entered."""
    due = _target(asked, row, start, counting, pauses)
    if row.at_most is not None and row.time.kind != "at_once":
        back = asked.level.before is not None
        cap = due_time(row.at_most, start, counting, pauses, asked.scope, before=back)
        due = _capped(asked, row, due, cap, said_duration(row.at_most))
    for one in sorted(extensions, key=lambda one: one.at):
        due = _extended(asked.level, one, due, counting, pauses)
    return due


def counted_start(
    asked: Asked, row: TargetRule, start: datetime, counting: Counting
) -> tuple[datetime, tuple[Reason, ...], bool]:
    """From when a target is counted: what begins after its `cut_off` counts from the next day on, with a
    calendar from the next one that has working time, by the calendar's clock. With the reason, and whether it
    rests on holidays that are not published yet."""
    zone = ZoneInfo(counting.book.zone)
    local = start.astimezone(zone)
    if row.cut_off is None or asked.level.before is not None or local.time() <= row.cut_off:
        return start, (), False
    day, provisional = local.date() + _DAY, False
    if counting.calendar is not None:
        for ahead in range(_MOST_CLOSED):
            plan = counting.calendar.day(day + ahead * _DAY)
            provisional = provisional or plan.provisional
            if plan.intervals:
                day = plan.date
                break
    begin = datetime.combine(day, time.min, zone).astimezone(UTC)
    text = N_("it began after {cut_off}: counted from {begin}")
    said = said_there(begin, counting)
    inputs: dict[str, Plain] = {"at": start.isoformat(), "cut_off": f"{row.cut_off:%H:%M}"}
    at = row.spec.span_of("cut_off")
    why = because(f"{row.name}.cut_off", at, text, inputs, cut_off=f"{row.cut_off:%H:%M}", begin=said)
    return begin, (why,), provisional


def _target(
    asked: Asked, row: TargetRule, start: datetime, counting: Counting, pauses: Sequence[Pause]
) -> Due:
    back = asked.level.before is not None
    due = due_time(row.time, start, counting, pauses, asked.scope, before=back)
    return replace(due, because=_placed(f"{row.name}.time", row.at, due.because))


def _placed(rule: str, at: Span, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons of the counting, each with the place of the rule that asked for it."""
    return tuple(replace(one, rule=rule, file=at.file, line=at.line) for one in reasons)


def _capped(asked: Asked, row: TargetRule, due: Due, cap: Due, most: Word) -> Due:
    """The target, but not later than `at_most`, unless the reason for a later date is given."""
    spec, rule, zone = row.spec, f"{row.name}.at_most", asked.level.zone
    if cap.at is None or (due.at is not None and due.at <= cap.at):
        return due
    if due.at is None:
        text = N_("at the latest {most}")
        return _moved(due, cap, because(rule, spec.span_of("at_most"), text, most=most))
    if row.beyond is not None and asked.holds(row.beyond):
        text = N_("later than {most}, with the reason that is needed: {read}")
        why = because(
            rule,
            spec.span_of("beyond"),
            text,
            asked.inputs(row.beyond),
            most=most,
            read=asked.words(row.beyond),
        )
        return replace(due, because=(*due.because, why))
    text = N_("{agreed} is later than {most} and no reason for that is given: {until} counts")
    agreed, until = said_moment(due.at, zone, end=True), said_moment(cap.at, zone, end=True)
    why = because(rule, spec.span_of("at_most"), text, agreed=agreed, most=most, until=until)
    return _moved(due, cap, why)


def _moved(due: Due, to: Due, why: Reason) -> Due:
    rest = _placed(why.rule, Span(why.file, why.line), to.because)
    return replace(to, because=(*due.because, why.under(*rest)))


def _extended(
    level: CompiledLevel, one: Extension, due: Due, counting: Counting, pauses: Sequence[Pause]
) -> Due:
    """The due time moved on by an extension; one that would make it earlier changes nothing."""
    if due.at is None:
        return due
    span = level.spec.span_of("extend_by")
    at, provisional, children = one.until, False, tuple[Reason, ...]()
    if one.more is not None:
        later = due_after(one.more, due.at, counting, pauses)
        at, provisional = later.at, later.provisional
        children = _placed("extend_by", span, later.because)
    given = {"at": one.at.isoformat(), "by": one.by}
    if at is None or at <= due.at:
        text = N_("the extension by {by} ends no later and changes nothing: {reason}")
        why = because("extend_by", span, text, given, by=one.by, reason=one.reason)
        return replace(due, because=(*due.because, why))
    late = one.at > due.at
    text = N_("extended to {until} by {by}: {reason}")
    if late:
        text = N_("extended to {until} by {by}, after the time had passed: {reason}")
    until = said_moment(at, level.zone, end=True)
    why = because("extend_by", span, text, given, children, until=until, by=one.by, reason=one.reason)
    return replace(due, at=at, provisional=due.provisional or provisional, because=(*due.because, why))


def _plain(value: object) -> Plain:
    try:
        return plain(value)
    except TypeError:
        return str(value)


def event_of(asked: Asked, zone: str) -> datetime | None:
    """The event that a level with `before` counts back from; a date is a day of `zone`."""
    mark = asked.level.before
    return moment_of(asked.scope.get(mark.field), zone) if mark is not None else None
