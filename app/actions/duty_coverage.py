"""What was done, what is open, what was missed, what is still to come: duty by duty, target by target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.access import in_scope, row_scope
from app.access.rows import RowScope
from app.actions.context import Context
from app.actions.duty_facts import NO_TARGET, by_calendar, duty_scope, hidden_places, load_target
from app.release.duty_model import DutyModel
from app.rules.duty_turns import Times, counted_periods, turns
from app.storage import labels_of, scope_where
from app.storage.duties import DUTY_RUN, targets_of
from app.storage.duty_lists import ListedRun, runs_between, units_of

MOST_ROWS = 20_000
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Counts:
    """Turns by what became of them; `late` are those that were done after their time, and not in `done`."""

    done: int = 0
    late: int = 0
    open: int = 0
    missed: int = 0
    not_due: int = 0

    @property
    def due(self) -> int:
        """What should have been done by now."""
        return self.done + self.late + self.missed

    def add(self, other: Counts) -> None:
        self.done += other.done
        self.late += other.late
        self.open += other.open
        self.missed += other.missed
        self.not_due += other.not_due


@dataclass(slots=True)
class CoverageLine:
    """One target of a duty in the stretch of time: its words and unit, and its counts."""

    target_type: str | None
    target_id: int | None
    label: str
    unit_id: int | None
    counts: Counts = field(default_factory=Counts)


@dataclass(slots=True)
class DutyCoverage:
    """One duty: `label` as it is called now (or was, when it is declared no more), and its lines."""

    duty: str
    label: str
    lines: dict[int | None, CoverageLine] = field(default_factory=dict)

    @property
    def total(self) -> Counts:
        counts = Counts()
        for line in self.lines.values():
            counts.add(line.counts)
        return counts


def coverage(
    context: Context, first: date, last: date, duty: str = "", unit: int | None = None, verb: str = "read"
) -> list[DutyCoverage]:
    """What the actor may see of the duties from `first` to `last`, in the order in which they are declared.

    duty: only the one with that full name; unit: only what belongs to it; verb: `export` leaves out the rows
    that may be read but not taken out. At most MOST_ROWS turns are read.
    """
    scopes = [
        row_scope(context.policy, context.actor, one, DUTY_RUN) for one in dict.fromkeys(("read", verb))
    ]
    where = [scope_where(context.models, DUTY_RUN, one, context.actor, context.now) for one in scopes]
    table = context.models.tables[DUTY_RUN]
    where += [table.c.duty == duty] if duty else []
    where += [table.c.unit_id == unit] if unit is not None else []
    found: dict[str, DutyCoverage] = {
        name: DutyCoverage(name, one.label)
        for name, one in context.release.duties.items()
        if not duty or name == duty
    }
    both = where[0].self_group()
    for clause in where[1:]:
        both = both & clause
    for run in runs_between(context.session, context.models, first, last, both, MOST_ROWS):
        _count(found, run, context.now)
    for name, model in context.release.duties.items():
        if name in found and _served(context, model):
            _add_to_come(context, model, found[name], scopes, first, last, unit)
    return [one for one in found.values() if one.lines]


def _served(context: Context, duty: DutyModel) -> bool:
    return duty.target is None or duty.target in context.release.records


def _count(found: dict[str, DutyCoverage], run: ListedRun, now: datetime) -> None:
    group = found.setdefault(run.duty, DutyCoverage(run.duty, run.title))
    line = group.lines.get(run.target_id)
    if line is None:
        line = group.lines[run.target_id] = CoverageLine(
            run.target_type, run.target_id, run.target, run.unit_id
        )
    line.counts.add(counts_of(run, now))


def counts_of(run: ListedRun, now: datetime) -> Counts:
    """What became of a turn; of a period that needs several, of each of these."""
    over = run.due_at is not None and run.due_at < now
    made = min(run.made, run.needed) if run.needed > 1 or run.made else int(run.done_at is not None)
    in_time = run.done_at is None or run.due_at is None or run.done_at <= run.due_at
    lacking = run.needed - made
    return Counts(
        done=made if in_time else 0,
        late=0 if in_time else made,
        missed=lacking if over else 0,
        open=0 if over else lacking,
    )


def _add_to_come(
    context: Context,
    duty: DutyModel,
    group: DutyCoverage,
    scopes: list[RowScope],
    first: date,
    last: date,
    unit: int | None,
) -> None:
    """Turns of the stretch that have not begun: for every target whose rows the actor would see."""
    targets = _targets(context, duty)
    for times, some in by_calendar(context, duty, targets):
        count = _to_come(context, duty, times, first, last)
        for target_id in some if count else ():
            label, of_unit = targets[target_id]
            if unit is not None and of_unit != unit:
                continue
            if not _would_see(context, duty, target_id, of_unit, scopes):
                continue
            key = target_id or None
            if key not in group.lines:
                group.lines[key] = CoverageLine(duty.target, key, label, of_unit)
            group.lines[key].counts.not_due += count


def _to_come(context: Context, duty: DutyModel, times: Times, first: date, last: date) -> int:
    """How many turns of one target begin after now within the stretch."""
    if duty.quota:
        start = max(first, context.today + _DAY)
        begin = (
            (one for one in counted_periods(duty, start, last) if one.start >= start) if start <= last else ()
        )
        return sum(duty.need for _ in begin)
    end = datetime.combine(last + _DAY, time.min, ZoneInfo(times.zone)) - timedelta(microseconds=1)
    after = max(context.now, datetime.combine(first, time.min, ZoneInfo(times.zone)))
    if after >= end:
        return 0
    return sum(1 for one in turns(duty, after, end, times) if first <= one.period.start <= last)


def _targets(context: Context, duty: DutyModel) -> Mapping[int, tuple[str, int | None]]:
    if duty.target is None:
        return {NO_TARGET: ("", None)}
    session, models = context.session, context.models
    ids = list(targets_of(session, models, duty.target, duty.where, context.now))
    labels, units = labels_of(session, models, duty.target, ids), units_of(session, models, duty.target, ids)
    return {ident: (labels.get(ident, f"#{ident}"), units.get(ident)) for ident in ids}


def _would_see(
    context: Context, duty: DutyModel, target_id: int, unit: int | None, scopes: list[RowScope]
) -> bool:
    """Whether the actor would see the turn's row, were it there."""
    if context.actor.unlimited:
        return True
    record = context.record(DUTY_RUN)
    facts: dict[str, object] = dict.fromkeys(record.columns)
    facts |= {"unit": {"id": unit} if unit is not None else None, "duty": duty.name}
    facts |= {"target_id": target_id or None, "target_type": duty.target}
    facts |= {"me": {"id": context.actor.person_id}, "now": context.now, "today": context.today}
    if not all(in_scope(scope, record, context.actor, facts) for scope in scopes):
        return False
    return not duty.hidden or not _is_hidden(context, duty, target_id)


def _is_hidden(context: Context, duty: DutyModel, target_id: int) -> bool:
    """Whether the duty must not be seen coming by the actor, for this target."""
    target = load_target(context, duty, target_id)
    if target is None:
        return True
    units, people = hidden_places(duty, duty_scope(context, duty, target, context.now))
    return bool(context.actor.belongs & set(units)) or context.actor.person_id in people


def ordered_lines(group: DutyCoverage) -> Iterator[CoverageLine]:
    """The lines with something missed first, then by their words."""
    yield from sorted(group.lines.values(), key=lambda line: (-line.counts.missed, line.label))
