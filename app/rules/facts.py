"""Reading what a case is judged by: each fact as a value of its declared type, or the mistake in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.expressions import BOOLEAN, DATE, DATETIME, NUMBER, TEXT, TIME, ChoiceType, LinkType, Type
from app.rules.mistakes import Mistake, mistake, unknown
from app.source import N_

WORDS: Mapping[str, bool] = MappingProxyType({"true": True, "yes": True, "false": False, "no": False})
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class FactType:
    """What one fact may be: its type, whether it is a whole number, whether it must be known."""

    name: str
    type: Type
    whole: bool = False
    required: bool = False


def read_value(fact: FactType, value: object, zone: str) -> object | Mistake:
    """`value` (a Python value, or text as written in YAML or on the command line) as the fact's type.

    None and empty text are empty. Decimals stay exact; a float is refused because it is not.
    """
    if value is None or value == "":
        return None
    kind = fact.type
    if isinstance(kind, ChoiceType):
        return _option(fact.name, str(value), kind)
    if isinstance(kind, LinkType):
        return value
    if kind == BOOLEAN:
        found = value if isinstance(value, bool) else WORDS.get(str(value).strip().lower())
        return found if found is not None else _wrong(fact.name, value, N_("write true or false"))
    if kind == NUMBER:
        return _number(fact, value)
    if kind == TEXT:
        return str(value)
    if kind in (DATE, DATETIME, TIME):
        return _moment(fact.name, value, kind, zone)
    return value


def _option(name: str, value: str, kind: ChoiceType) -> object | Mistake:
    if value in kind.options:
        return value
    text = N_("'{name}' is not an option of {fact}")
    return unknown(value, text, kind.options, fact=name)


def _number(fact: FactType, value: object) -> object | Mistake:
    hint = N_("write a whole number") if fact.whole else N_("write a number such as 12 or 12.50")
    number = read_number(value)
    if number is None or (fact.whole and number % 1 != 0):
        return _wrong(fact.name, value, hint)
    return number


def read_number(value: object) -> Decimal | None:
    """The exact number that `value` is, or None; at most 18 digits, no float, no infinity."""
    if isinstance(value, (bool, float)):
        return None
    if isinstance(value, Decimal):
        number = value
    else:
        try:
            number = Decimal(str(value).strip().replace("_", ""))
        except InvalidOperation:
            return None
    if (
        not number.is_finite()
        or len(number.as_tuple().digits) > _MAX_DIGITS
        or abs(number.adjusted()) > _MAX_DIGITS
    ):
        return None
    return number


def _moment(name: str, value: object, kind: Type, zone: str) -> object | Mistake:
    try:
        if kind == DATE:
            if isinstance(value, datetime):
                return value.astimezone(ZoneInfo(zone)).date()
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        if kind == TIME:
            return value if isinstance(value, time) else time.fromisoformat(str(value))
        return moment(value, zone)
    except ValueError:
        return _wrong(name, value, N_("write it like 2026-01-31, or 2026-01-31 18:00 with a time"))


def moment(value: object, zone: str) -> datetime:
    """`value` as an aware UTC datetime; a time without offset is local to `zone`. Raises ValueError."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    local = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(value)) from error


def _wrong(name: str, value: object, hint: str) -> Mistake:
    return mistake(name, N_("'{value}' is no value for {name}"), hint, value=str(value))
