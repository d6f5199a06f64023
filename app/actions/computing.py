"""Defaults of new records and formulas of all: what the record says about itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.actions.draft import Draft, Values, fresh_scope, line_lookups
from app.actions.facts import around_lines
from app.expressions import Expression, evaluate
from app.expressions.exact import round_half_up
from app.release import FieldModel
from app.spec.field_types import FieldType
from app.storage import BadValue
from app.storage.values import prepared
from app.workflow import is_empty, plain

_PLACES: Mapping[FieldType, int] = {"money": 2, "decimal": 6, "percent": 4, "integer": 0, "rating": 0}


def complete(draft: Draft) -> None:
    """Fill in defaults (new records only) and compute formulas; the scope is up to date afterwards."""
    fresh_scope(draft)
    if draft.stored is None:
        _defaults(draft)
    compute(draft)


def compute(draft: Draft) -> None:
    """Compute every formula, those of the lines first, each after the ones that it reads."""
    for found in draft.record.children:
        value = draft.values.get(found.name)
        if isinstance(value, (list, tuple)) and value:
            draft.values[found.name] = tuple(_line(draft, found, line, at) for at, line in enumerate(value))
    if draft.record.children:
        fresh_scope(draft)
    touched = False
    for one in in_order(draft.record.fields):
        if one.formula is not None:
            value = _kept(draft, one.name, one, evaluate(one.formula, draft.scope))
            draft.values[one.name] = draft.scope[one.name] = value
            touched = touched or one.kind.storage == "link"
    if touched:
        fresh_scope(draft)


def in_order(fields: Mapping[str, FieldModel]) -> Iterator[FieldModel]:
    """Computed fields so that each comes after those it reads; a circle is cut where it is found."""
    waiting = {name: one for name, one in fields.items() if one.formula is not None}
    while waiting:
        ready = [name for name, one in waiting.items() if not (_roots(one) - {name}) & waiting.keys()]
        for name in ready or list(waiting)[:1]:
            yield waiting.pop(name)


def _roots(one: FieldModel) -> set[str]:
    return {path[0] for path in one.formula.paths} if one.formula is not None else set()


def _defaults(draft: Draft) -> None:
    fresh: set[str] = set()
    for name, one in draft.record.fields.items():
        if one.default is None or name in draft.posted or draft.complaints.has(name):
            continue
        if not is_empty(draft.values.get(name)):
            continue
        if any(path[0] in fresh for path in one.default.paths if len(path) > 1):
            fresh_scope(draft)
            fresh.clear()
        value = _kept(draft, name, one, evaluate(one.default, draft.scope))
        if not is_empty(value):
            draft.values[name] = draft.scope[name] = value
            fresh.add(name)
    if fresh:
        fresh_scope(draft)


def _line(draft: Draft, found: FieldModel, line: Mapping[str, object], place: int) -> Values:
    """A line with its defaults (new lines) and formulas."""
    values: Values = dict(line)
    path = f"{found.name}.{place}."
    rows = draft.scope.get(found.name)
    opened = rows[place] if isinstance(rows, (list, tuple)) and place < len(rows) else line
    scope = line_lookups(draft, found, {**around_lines(draft.scope), **opened, "this": draft.scope})
    if "id" not in line:
        for name, one in found.lines.items():
            if one.default is not None and name not in line:
                values[name] = scope[name] = _kept(draft, path + name, one, evaluate(one.default, scope))
    for one in in_order(found.lines):
        if isinstance(one.formula, Expression):
            value = _kept(draft, path + one.name, one, evaluate(one.formula, scope))
            values[one.name] = scope[one.name] = value
    return values


def stored_places(one: FieldModel) -> int | None:
    """How many places behind the point the field keeps; None where it keeps no number."""
    return one.spec.places if one.spec.places is not None else _PLACES.get(one.type)


def _kept(draft: Draft, path: str, one: FieldModel, value: object) -> object:
    """A result as the column keeps it; one that is too large for it is empty, and the draft is told."""
    draft.oversized.discard(path)
    value = _stored(one, value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        try:
            prepared(one, value)
        except BadValue:
            draft.oversized.add(path)
            return None
    return value


def _stored(one: FieldModel, value: object) -> object:
    """A result in the form of the column, so that what reads it next reads what is stored."""
    value = plain(value)
    places = stored_places(one)
    if places is not None and isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        number = round_half_up(Decimal(value), places)
        if number is None:
            return value
        return int(number) if one.type in ("integer", "rating") else Decimal(number)
    if isinstance(value, frozenset):
        return tuple(name for name in one.options if name in value)
    return value
