"""What a new form shows before anything is typed: defaults, and values that the address brings along."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from app.actions import Unreadable, coerce
from app.actions.facts import moment
from app.expressions import evaluate
from app.release import FieldModel, RecordModel
from app.web.context import action_context, served
from app.workflow import is_empty

MOMENT = frozenset({"me", "now", "today"})
"""What is known before anything is entered."""


def first_values(record: RecordModel, names: Sequence[str], given: Mapping[str, str]) -> dict[str, object]:
    """Defaults that depend on nothing but the moment and the user, then what the address says, as far as it
    can be read. Other defaults are worked out when the record is saved."""
    zone = served().zone
    values: dict[str, object] = {}
    simple = {
        name: found.default
        for name in names
        if (found := record.fields[name]).default is not None and not found.default.lookups
    }
    if simple:
        paths = {path for expression in simple.values() if expression for path in expression.paths}
        scope = moment(action_context(), paths)
        for name, expression in simple.items():
            if expression is not None and all(path[0] in scope for path in expression.paths):
                value = evaluate(expression, scope)
                values[name] = _first(value)
    for name, text in given.items():
        try:
            values[name] = coerce(record.fields[name], text[:500], zone)
        except Unreadable:
            continue
    return values


def hangs_on_entries(field: FieldModel) -> bool:
    """Whether the default of a field is worked out from what is entered, so that a new form cannot begin with
    it."""
    if field.default is None:
        return False
    return bool(field.default.lookups) or any(path[0] not in MOMENT for path in field.default.paths)


def left_to_default(record: RecordModel, entries: Mapping[str, object], emptied: Collection[str]) -> set[str]:
    """The fields of a new record that were left empty, not emptied on purpose, and have such a default."""
    return {
        name
        for name, value in entries.items()
        if is_empty(value) and name not in emptied and hangs_on_entries(record.fields[name])
    }


def _first(value: object) -> object:
    """A default as the form shows it: a link by its key, a moment to the minute, as people write it."""
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return value.get("id") if isinstance(value, Mapping) else value
