"""What a new form shows before anything is typed: defaults, and values that the address brings along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.actions import Unreadable, coerce
from app.actions.facts import moment
from app.expressions import evaluate
from app.release import RecordModel
from app.web.context import action_context, served


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


def _first(value: object) -> object:
    """A default as the form shows it: a link by its key, a moment to the minute, as people write it."""
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return value.get("id") if isinstance(value, Mapping) else value
