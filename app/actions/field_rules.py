"""The limits that a field's declaration sets on a value: the same ones that the form shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.actions.coerce import Unreadable, coerce
from app.actions.errors import Complaint
from app.expressions import holds
from app.release import FieldModel
from app.source import N_
from app.spec.field_types import FieldType
from app.spec.text_patterns import matches_whole

Scope = Mapping[str, object]

_COUNTED: frozenset[FieldType] = frozenset({"choices", "links", "lines", "files", "photos"})
_WRITTEN: frozenset[FieldType] = frozenset({"text", "long_text", "phone", "email", "url"})


def limits(field: FieldModel, value: object, scope: Scope, zone: ZoneInfo) -> Iterator[Complaint]:
    """Everything that `min`, `max`, `pattern` and the options refuse about a value that is not empty.

    `scope` is the record as it will be stored; conditions of options read it.
    """
    yield from _bounds(field, value, scope, zone)
    if field.spec.pattern and isinstance(value, str) and not matches_whole(field.spec.pattern, value):
        yield Complaint(N_("this is not written in the way that is asked for"))
    if field.type in ("choice", "choices"):
        yield from _offered(field, value, scope)


def offered_options(field: FieldModel, scope: Scope) -> tuple[str, ...]:
    """The options that a choice offers for this record: the first row of `options_when` that holds."""
    for when, options in field.options_when:
        if when is None or holds(when, scope):
            return tuple(name for name in options if name in field.options)
    return tuple(field.options)


def _offered(field: FieldModel, value: object, scope: Scope) -> Iterator[Complaint]:
    options = offered_options(field, scope)
    for name in value if isinstance(value, tuple) else (value,):
        if name not in options:
            option = field.options.get(str(name))
            shown = option.title if option else str(name)
            yield Complaint(N_("'{value}' cannot be chosen here"), {"value": shown})


def _bounds(field: FieldModel, value: object, scope: Scope, zone: ZoneInfo) -> Iterator[Complaint]:
    if field.type in _COUNTED:
        measured, texts = len(value) if isinstance(value, tuple) else 1, _COUNT_TEXTS
    elif field.type in _WRITTEN:
        measured, texts = len(str(value)), _LENGTH_TEXTS
    else:
        yield from _range(field, value, scope, zone)
        return
    lowest, highest = _whole(field.spec.min), _whole(field.spec.max)
    if lowest is not None and measured < lowest:
        yield Complaint(texts[0], {"limit": lowest})
    if highest is not None and measured > highest:
        yield Complaint(texts[1], {"limit": highest})


_COUNT_TEXTS = (N_("at least {limit} are needed"), N_("at most {limit} are possible"))
_LENGTH_TEXTS = (N_("at least {limit} characters"), N_("at most {limit} characters"))
_TESTS: tuple[tuple[str, Callable[[object, object], bool], str], ...] = (
    ("min", lambda value, limit: value < limit, N_("not less than {limit}")),  # type: ignore[operator]
    ("max", lambda value, limit: value > limit, N_("not more than {limit}")),  # type: ignore[operator]
)


def _range(field: FieldModel, value: object, scope: Scope, zone: ZoneInfo) -> Iterator[Complaint]:
    for key, beyond, text in _TESTS:
        written = getattr(field.spec, key)
        limit = _limit(field, written, scope, zone) if written is not None else None
        if limit is not None and type(limit) is type(value) and beyond(value, limit):
            yield Complaint(
                text, {"limit": written if written not in _MOMENTS else _said(field, limit, zone)}
            )
        elif isinstance(limit, Decimal) and isinstance(value, (int, Decimal)) and beyond(value, limit):
            yield Complaint(text, {"limit": written})


def _said(field: FieldModel, limit: object, zone: ZoneInfo) -> object:
    """Today or now, as the portal's clock shows it."""
    if isinstance(limit, datetime):
        return limit.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return limit.strftime("%Y-%m") if field.type == "month" and isinstance(limit, date) else limit


def _limit(field: FieldModel, written: str, scope: Scope, zone: ZoneInfo) -> object:
    """A bound as a value of the field's type; `today` and `now` move with the clock."""
    if written in _MOMENTS:
        return _MOMENTS[written](scope, field)
    if field.kind.number:
        try:
            return Decimal(written)
        except InvalidOperation:
            return None
    try:
        return coerce(field, written, zone)
    except Unreadable:
        return None


def _moment(scope: Scope, field: FieldModel) -> object:
    now, today = scope.get("now"), scope.get("today")
    if field.type == "datetime":
        return now if isinstance(now, datetime) else None
    return today.replace(day=1) if field.type == "month" and isinstance(today, date) else today


_MOMENTS: Mapping[str, Callable[[Scope, FieldModel], object]] = MappingProxyType(
    {"today": _moment, "now": _moment}
)


def _whole(written: str | None) -> int | None:
    return int(written) if written is not None and written.isdecimal() else None
