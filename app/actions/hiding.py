"""Fields that the record's own state does not ask for: their values do not count."""

from __future__ import annotations

from app.actions.computing import compute
from app.actions.draft import Draft, fresh_scope
from app.actions.facts import Scope, record_scope, with_lookups
from app.expressions import Expression, holds
from app.release import RecordModel
from app.workflow import is_empty

_MOST_ROUNDS = 8


def drop_hidden(draft: Draft) -> None:
    """Give up what was posted for fields that are not shown, and empty those that this change hides.

    What was hidden before stays as it was: who may not see a field does not erase it. One field may hide
    another, so this goes on until nothing changes.
    """
    conditions = show_conditions(draft.record)
    if not conditions:
        return
    before = _shown_before(draft, conditions)
    for _ in range(_MOST_ROUNDS):
        hidden = {name for name, shown in conditions.items() if not _are_true(shown, draft.scope)}
        emptied = False
        for name in hidden:
            kept = None if draft.stored is None or name in before else draft.stored.get(name)
            if not is_empty(draft.values.get(name)) and draft.values.get(name) != kept:
                draft.values[name] = kept
                emptied = True
        draft.hidden = frozenset(hidden)
        if not emptied:
            return
        fresh_scope(draft)
        compute(draft)


def show_conditions(record: RecordModel) -> dict[str, tuple[Expression, ...]]:
    """Field -> what must hold for it to be shown: its own `show` and that of its form group."""
    found: dict[str, tuple[Expression, ...]] = {}
    for name, one in record.fields.items():
        conditions = tuple(shown for shown in (one.group_show, one.show) if shown is not None)
        if conditions:
            found[name] = conditions
    return found


def _are_true(conditions: tuple[Expression, ...], scope: Scope) -> bool:
    return all(holds(condition, scope) for condition in conditions)


def _shown_before(draft: Draft, conditions: dict[str, tuple[Expression, ...]]) -> set[str]:
    """The fields that were shown for the values as they are stored."""
    if draft.stored is None:
        return set()
    scope = record_scope(
        draft.context, draft.record, draft.stored, draft.paths, old=draft.stored, loaded=draft.loaded
    )
    asked = (one for shown in conditions.values() for one in shown)
    scope = with_lookups(draft.context, scope, asked)
    return {name for name, shown in conditions.items() if _are_true(shown, scope)}
