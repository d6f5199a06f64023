"""What the API is asked for: Rison or JSON in `q`, read and judged once, without a schema library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, cast

import prison
from flask import request
from flask_babel import gettext as _
from prison.decoder import ParserException

from app.actions import Unreadable, coerce
from app.release import FieldModel, RecordModel
from app.source import PortalError
from app.storage import Filter
from app.web.context import Served
from app.web.json_bodies import sound_json
from app.web.list_query import PRESETS

LONGEST, MOST_FILTERS, MOST_VALUES, LARGEST_PAGE, DEFAULT_PAGE = 8_000, 30, 200, 200, 25


class BadArguments(PortalError):
    """The arguments cannot be read; the message says which."""


@dataclass(frozen=True, slots=True)
class ListArguments:
    """A list as it was asked for; page counts from 0."""

    filters: tuple[Filter, ...]
    search: str
    order: str
    page: int
    page_size: int
    columns: tuple[str, ...]


def read_q() -> Mapping[str, Any]:
    """The mapping in `q`; empty when there is none. Raises BadArguments."""
    text = request.args.get("q", "")
    if not text:
        return {}
    if len(text) > LONGEST:
        raise BadArguments(_("The argument q is too long."))
    try:
        found = prison.loads(text)
    except (ParserException, ValueError, IndexError, TypeError, RecursionError):
        try:
            found = sound_json(text)
        except ValueError:
            found = None
    if not isinstance(found, dict):
        raise BadArguments(_("The argument q is neither Rison nor JSON."))
    return cast(Mapping[str, Any], found)


def list_arguments(here: Served, record: RecordModel, visible: Sequence[str]) -> ListArguments:
    """Read the arguments of a list. `visible` are the columns that the caller may see. Raises
    BadArguments."""
    given = read_q()
    order = _text(given, "order_column")
    if order and order not in visible:
        raise BadArguments(_("Cannot sort by %(name)s.", name=order))
    falling = _text(given, "order_direction") == "desc"
    return ListArguments(
        filters=_filters(here, record, visible, given.get("filters", [])),
        search=_text(given, "search")[:200],
        order=f"-{order}" if order and falling else order,
        page=_whole(given, "page", 0, 10_000_000, 0),
        page_size=_whole(given, "page_size", 1, LARGEST_PAGE, DEFAULT_PAGE),
        columns=columns_of(given, visible),
    )


def columns_of(given: Mapping[str, Any], visible: Sequence[str]) -> tuple[str, ...]:
    """The columns asked for, as far as they may be seen; empty for the usual ones. Raises BadArguments."""
    asked = given.get("columns", [])
    if not isinstance(asked, list) or not all(isinstance(name, str) for name in asked):
        raise BadArguments(_("columns must be a list of names."))
    return tuple(name for name in dict.fromkeys(asked) if name in visible)


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise BadArguments(_("%(name)s must be a text.", name=name))
    return value


def _whole(given: Mapping[str, Any], name: str, lowest: int, highest: int, default: int) -> int:
    """A whole number; beyond its bounds the nearest one counts."""
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadArguments(_("%(name)s must be a whole number.", name=name))
    return max(lowest, min(value, highest)) if value >= lowest else default


def _filters(here: Served, record: RecordModel, visible: Sequence[str], given: Any) -> tuple[Filter, ...]:
    if not isinstance(given, list) or len(given) > MOST_FILTERS:
        raise BadArguments(_("filters must be a list of at most %(n)s.", n=MOST_FILTERS))
    found: list[Filter] = []
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("col"), str):
            raise BadArguments(_("A filter has col, opr and value."))
        name, operator = one["col"], one.get("opr")
        if name not in visible:
            raise BadArguments(_("Cannot filter by %(name)s.", name=name))
        read = OPERATORS.get(operator) if isinstance(operator, str) else None
        if read is None:
            raise BadArguments(_("There is no operator %(name)s.", name=str(operator)[:40]))
        try:
            found += read(here, record.columns[name], one.get("value"))
        except Unreadable as error:
            raise BadArguments(f"{name}: {_(error.text).format(**error.params)}") from error
    return tuple(found)


def _value(here: Served, field: FieldModel, raw: Any) -> object:
    """One value of the field's type; of a field that holds several, one of them."""
    if field.type == "datetime" and isinstance(raw, str) and len(raw) == 10:
        try:
            return date.fromisoformat(raw)
        except ValueError as error:
            raise BadArguments(_("%(name)s: not a date.", name=field.name)) from error
    found = coerce(field, raw, here.zone)
    return found[0] if isinstance(found, tuple) and found else found


def _is(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "is", (_value(here, field, raw),))]


def _not(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "not", (_value(here, field, raw),))]


def _among(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    if not isinstance(raw, list) or len(raw) > MOST_VALUES:
        raise BadArguments(_("%(name)s: a list of at most %(n)s values.", name=field.name, n=MOST_VALUES))
    return [Filter(field.name, "is", tuple(_value(here, field, one) for one in raw))]


def _contains(_here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "contains", (str(raw)[:200],))]


def _from(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "between", (_value(here, field, raw), None))]


def _to(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "between", (None, _value(here, field, raw)))]


def _beyond(step: int) -> Callable[[Served, FieldModel, Any], list[Filter]]:
    """More (1) or less (-1) than a value."""

    def read(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
        value = _value(here, field, raw)
        if isinstance(value, datetime):
            value += timedelta(microseconds=step)
            return [Filter(field.name, "between", (value, None) if step > 0 else (None, value))]
        if isinstance(value, date) and field.type == "datetime":
            value += timedelta(days=step)
            return [Filter(field.name, "between", (value, None) if step > 0 else (None, value))]
        ends = (value, None) if step > 0 else (None, value)
        return [Filter(field.name, "between", ends), Filter(field.name, "not", (value,))]

    return read


def _between(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise BadArguments(_("%(name)s: two values, either may be null.", name=field.name))
    low, high = (None if one is None else _value(here, field, one) for one in raw)
    return [Filter(field.name, "between", (low, high))]


def _below(here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "below", (_value(here, field, raw),))]


def _during(_here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    if raw not in PRESETS:
        raise BadArguments(_("%(name)s: no such period.", name=field.name))
    return [Filter(field.name, "during", (raw,))]


def _null(_here: Served, field: FieldModel, raw: Any) -> list[Filter]:
    return [Filter(field.name, "filled" if raw is False else "empty")]


OPERATORS: Mapping[str, Callable[[Served, FieldModel, Any], list[Filter]]] = MappingProxyType(
    {
        "eq": _is,
        "neq": _not,
        "rel_o_m": _is,
        "rel_m_m": _is,
        "in": _among,
        "ct": _contains,
        "gt": _beyond(1),
        "lt": _beyond(-1),
        "gte": _from,
        "lte": _to,
        "between": _between,
        "below": _below,
        "during": _during,
        "null": _null,
    }
)
"""FAB's operators as far as they have an index to go by, and those that only our lists know."""
