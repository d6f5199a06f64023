"""A record was written: which turns of duties does that settle? In the writer's own transaction.

Nothing here goes through `storing`, which calls it: what it writes itself is audited in its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from app.actions.context import Context
from app.actions.duty_facts import Target, duty_scope, fixed_columns, hidden_places, load_target
from app.actions.facts import record_scope, with_lookups
from app.expressions import holds
from app.release.duty_model import DutyModel
from app.source import N_
from app.storage import Change, Record, append_audit, read_record, update_record
from app.storage.duties import (
    DUTY_RUN,
    OpenRun,
    count_made,
    counted_runs,
    open_tasks,
    parts_done,
    run_with_id,
    runs_of_record,
)
from app.storage.veils import draw_veil, lift_veil

TASK = "task"
_DAY = timedelta(days=1)


def settle_written(context: Context, record_type: str, record_id: int, new: bool) -> None:
    """Settle what the record, as it is stored now, is a part of; called after every write of any record."""
    if record_type == TASK:
        _settle_task(context, record_id)
    duties = [duty for duty in context.release.duties.values() if duty.creates == record_type]
    if not duties or record_type == DUTY_RUN:
        return
    stored = read_record(context.session, context.models, record_type, record_id)
    if stored is None:
        return
    for run in () if new else runs_of_record(context.session, context.models, record_type, record_id):
        duty = context.release.duties.get(run.duty)
        if duty is not None:
            _settle_made(context, duty, run, stored)
    for duty in duties:
        if duty.quota:
            _settle_counted(context, duty, stored, new)


def settle_deleted(context: Context, stored: Record) -> None:
    """A record that is gone counts no more."""
    lift_veil(context.session, stored.record_type, stored.id)
    for duty in context.release.duties.values():
        target_id = stored.values.get(duty.link or "")
        if duty.creates != stored.record_type or not duty.quota:
            continue
        day = dated_day(context, duty, stored.values)
        owner = target_id if isinstance(target_id, int) else None
        for run in counted_runs(context.session, context.models, duty.name, owner, day, day):
            _recount(context, duty, run)


def refresh_run(context: Context, duty: DutyModel, run: OpenRun) -> bool:
    """Look again whether a turn is done; whether anything changed. For what no write tells of: a condition
    that time alone fulfils, a rule that was changed."""
    if run.part_of is None and duty.quota:
        return _recount(context, duty, run)
    stored = _record_of(context, run)
    return stored is not None and _settle_made(context, duty, run, stored)


def _record_of(context: Context, run: OpenRun) -> Record | None:
    kept = read_record(context.session, context.models, DUTY_RUN, run.id)
    if kept is None:
        return None
    kind, ident = kept.values.get("record_type"), kept.values.get("record_id")
    if not isinstance(kind, str) or not isinstance(ident, int) or kind not in context.release.records:
        return None
    return read_record(context.session, context.models, kind, ident)


def _settle_task(context: Context, task_id: int) -> None:
    """A duty that makes no record is done with its task."""
    task = read_record(context.session, context.models, TASK, task_id)
    run_id = task.values.get("duty_run") if task is not None else None
    if task is None or not isinstance(run_id, int) or task.values.get("state") != "done":
        return
    run = run_with_id(context.session, context.models, run_id)
    duty = context.release.duties.get(run.duty) if run is not None else None
    if run is None or duty is None or duty.creates is not None or run.done_at is not None:
        return
    _finish(context, run, {"made": run.needed})
    if run.part_of is not None:
        whole = run_with_id(context.session, context.models, run.part_of)
        if whole is not None:
            _recount(context, duty, whole)


def _settle_made(context: Context, duty: DutyModel, run: OpenRun, stored: Record) -> bool:
    """Done, or not any more, by the duty's own condition on the record."""
    done = is_done(context, duty, stored)
    if done == (run.done_at is not None):
        return False
    if done:
        _finish(context, run, {"made": run.needed})
        lift_veil(context.session, stored.record_type, stored.id)
    else:
        _write(context, run.id, {"made": 0, "done_at": None, "done_by": None}, N_("not done any more"))
    return True


def is_done(context: Context, duty: DutyModel, stored: Record) -> bool:
    """Whether the record fulfils the duty's condition now."""
    if duty.done is None:
        return False
    record = context.record(stored.record_type)
    scope = record_scope(context, record, stored.values, duty.done.paths)
    return holds(duty.done, with_lookups(context, scope, [duty.done]))


def _settle_counted(context: Context, duty: DutyModel, stored: Record, new: bool) -> None:
    """A record that counts towards so many in a period, whoever made it."""
    target = _target_of(context, duty, stored)
    if target is None:
        return
    day = dated_day(context, duty, stored.values)
    for run in counted_runs(context.session, context.models, duty.name, target.id or None, day, day):
        _recount(context, duty, run)
    if not duty.hidden:
        return
    if is_done(context, duty, stored):
        lift_veil(context.session, stored.record_type, stored.id)
    elif new and context.actor.kind == "person":
        _hide_made_by_hand(context, duty, target, stored)


def _target_of(context: Context, duty: DutyModel, stored: Record) -> Target | None:
    if duty.target is None:
        return Target(0)
    ident = stored.values.get(duty.link or "")
    return load_target(context, duty, ident) if isinstance(ident, int) else None


def _hide_made_by_hand(context: Context, duty: DutyModel, target: Target, stored: Record) -> None:
    """A check that somebody planned without the portal is as secret as one that was drawn."""
    scope = duty_scope(context, duty, target, context.now)
    columns = fixed_columns(context, duty, target, scope)
    record = context.record(stored.record_type)
    by_column = {one.column: stored.values.get(name) for name, one in record.columns.items() if one.column}
    if all(by_column.get(column) == value for column, value in columns.items()):
        units, people = hidden_places(duty, scope)
        author = context.actor.person_id
        shown = () if author is None else (author,)
        draw_veil(context.session, stored.record_type, stored.id, units, people, shown)


def dated_day(context: Context, duty: DutyModel, values: Mapping[str, object]) -> date:
    """The day on which a record counts."""
    value = values.get(duty.spec.dated or "created_at")
    if isinstance(value, datetime):
        return value.astimezone(context.zone).date()
    return value if isinstance(value, date) else context.today


def _recount(context: Context, duty: DutyModel, run: OpenRun) -> bool:
    """How often it was done in the period; whether that changed anything."""
    made = _made(context, duty, run)
    enough = made >= run.needed
    if made == run.made and enough == (run.done_at is not None):
        return False
    if enough and run.done_at is None:
        _finish(context, run, {"made": made})
    elif not enough and run.done_at is not None:
        _write(context, run.id, {"made": made, "done_at": None, "done_by": None}, N_("not done any more"))
    else:
        _write(context, run.id, {"made": made}, "")
    return True


def _made(context: Context, duty: DutyModel, run: OpenRun) -> int:
    if duty.creates is None:
        return parts_done(context.session, context.models, run.id)
    target = load_target(context, duty, run.target_id or 0)
    if target is None:
        return run.made
    columns = fixed_columns(context, duty, target, duty_scope(context, duty, target, context.now))
    return count_made(
        context.session,
        context.models,
        duty.creates,
        columns,
        _stretch(context, duty, run),
        duty.done,
        context.now,
    )


def _stretch(context: Context, duty: DutyModel, run: OpenRun) -> tuple[str, object, object]:
    """The column that dates a record, and what it must lie between."""
    name = duty.spec.dated or "created_at"
    found = context.record(duty.creates or "").columns[name]
    end = run.ends_on + _DAY
    if found.type in ("date", "month"):
        return found.column or name, run.starts_on, end
    first, last = (
        datetime.combine(day, time.min, context.zone).astimezone(UTC) for day in (run.starts_on, end)
    )
    return found.column or name, first, last


def _finish(context: Context, run: OpenRun, more: Mapping[str, object] | None = None) -> None:
    """The turn is done: its tasks are, and nothing of it is hidden any more."""
    values = {**(more or {}), "done_at": context.now, "done_by": context.actor.person_id}
    _write(context, run.id, values, N_("done"))
    lift_veil(context.session, DUTY_RUN, run.id)
    for task in open_tasks(context.session, context.models, run.id):
        _change(context, TASK, task, {"state": "done"}, N_("done with the duty"))


def _write(context: Context, run_id: int, values: Mapping[str, object], words: str) -> None:
    _change(context, DUTY_RUN, run_id, values, words)


def _change(
    context: Context, record_type: str, record_id: int, values: Mapping[str, object], words: str
) -> None:
    before = read_record(context.session, context.models, record_type, record_id)
    if before is None:
        return
    update_record(context.session, context.models, record_type, record_id, values, context.stamp, None)
    change = Change(
        "update",
        record_type,
        record_id,
        before.label,
        context.translate(words) if words else "",
        {name: before.values.get(name) for name in values},
        values,
    )
    append_audit(context.session, context.models, context.stamp, change)
