"""Field types as text, the same on prints, in exports to text and in messages: one row per field type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from math import isfinite
from typing import Final

from app.source import N_, Translate, untranslated
from app.spec.field_types import FieldType


class Unset(Enum):
    """The mark of a figure that the regulation leaves open, as opposed to a field left empty (None)."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET

_SYMBOLS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "MOP": "MOP$", "TWD": "NT$"}
_WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND"})
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """What a field's declaration says about its look.

    currency: ISO 4217 code. places: decimals of a number. unit: unit of measure. maximum: of a rating.
    choices: option -> its title. gives: the field type that a formula results in.
    """

    currency: str = "CNY"
    places: int | None = None
    unit: str = ""
    maximum: int | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    gives: FieldType | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Whom the text is for: the words' language and the portal's time zone."""

    translate: Translate = untranslated
    timezone: tzinfo = UTC


Formatter = Callable[[object, FieldOptions, Context], str]


def number_text(value: object, places: int | None = None) -> str:
    """An int, Decimal or float with thousands separators; rounded half up to `places` if given."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return str(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return f"{number:,f}"
    shown = f"{number:,f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def money_text(value: object, currency: str) -> str:
    """An amount with its currency: ¥1,234.50, -US$3.00, 12.00 CHF."""
    shown = number_text(value, 0 if currency in _WHOLE_CURRENCIES else 2)
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        return f"{shown} {currency}".strip()
    return f"-{symbol}{shown[1:]}" if shown.startswith("-") else f"{symbol}{shown}"


def _text(value: object, _options: FieldOptions, _context: Context) -> str:
    return str(value)


def _number(value: object, options: FieldOptions, context: Context) -> str:
    if not _is_number(value):
        return str(value)
    unit = f" {context.translate(options.unit)}" if options.unit else ""
    return f"{number_text(value, options.places)}{unit}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _money(value: object, options: FieldOptions, _context: Context) -> str:
    return money_text(value, options.currency) if _is_number(value) else str(value)


def _percent(value: object, options: FieldOptions, _context: Context) -> str:
    """A percentage is kept as its figure: 98.5 is 98.5 %."""
    return f"{number_text(value, options.places)}%" if _is_number(value) else str(value)


def _rating(value: object, options: FieldOptions, _context: Context) -> str:
    if not _is_number(value):
        return str(value)
    return number_text(value) + (f" / {options.maximum}" if options.maximum else "")


def _boolean(value: object, _options: FieldOptions, context: Context) -> str:
    return context.translate(N_("Yes")) if value else context.translate(N_("No"))


def _date(value: object, _options: FieldOptions, context: Context) -> str:
    if isinstance(value, datetime):
        return _local(value, context).strftime("%Y-%m-%d")
    return value.isoformat() if isinstance(value, date) else str(value)


def _time(value: object, _options: FieldOptions, _context: Context) -> str:
    return value.strftime("%H:%M") if isinstance(value, (time, datetime)) else str(value)


def _datetime(value: object, options: FieldOptions, context: Context) -> str:
    if isinstance(value, datetime):
        return _local(value, context).strftime("%Y-%m-%d %H:%M")
    return _date(value, options, context)


def _local(value: datetime, context: Context) -> datetime:
    """In the portal's time zone; a time without zone is UTC, as everywhere in the code."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(context.timezone)


def _month(value: object, _options: FieldOptions, _context: Context) -> str:
    return value.strftime("%Y-%m") if isinstance(value, date) else str(value)


def _duration(value: object, _options: FieldOptions, context: Context) -> str:
    """The two largest parts of an elapsed time; a number counts seconds."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not isinstance(seconds, (int, float, Decimal)) or not isfinite(seconds):
        return str(value)
    rest = abs(int(seconds))
    if rest < _MINUTE:
        parts = [context.translate(N_("{n} seconds")).format(n=rest)]
    else:
        days, hours, minutes = rest // _DAY, rest % _DAY // _HOUR, rest % _HOUR // _MINUTE
        words = (N_("{n} days"), days), (N_("{n} hours"), hours), (N_("{n} minutes"), minutes)
        parts = [context.translate(word).format(n=count) for word, count in words if count][:2]
    return ("-" if seconds < 0 else "") + " ".join(parts)


def _choice(value: object, options: FieldOptions, context: Context) -> str:
    key = str(value)
    return context.translate(options.choices[key]) if options.choices.get(key) else key


def _choices(value: object, options: FieldOptions, context: Context) -> str:
    return joined((_choice(one, options, context) for one in _each(value)), context)


def joined(texts: Iterable[str], context: Context) -> str:
    """Texts as one list in the reader's language (甲、乙 or A, B)."""
    return context.translate(N_(", ")).join(text for text in texts if text)


def _each(value: object) -> Iterable[object]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return (value,)
    return value


def _label(value: object) -> str:
    """What a linked record, file or person is called: its `label`, `title` or `name`."""
    for key in ("label", "title", "name", "filename"):
        found = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
        if isinstance(found, str) and found:
            return found
    return str(value)


def _link(value: object, _options: FieldOptions, _context: Context) -> str:
    return _label(value)


def _links(value: object, _options: FieldOptions, context: Context) -> str:
    return joined(map(_label, _each(value)), context)


def _lines(value: object, _options: FieldOptions, context: Context) -> str:
    count = value if isinstance(value, int) else len(tuple(_each(value)))
    return context.translate(N_("{n} lines")).format(n=count)


def _checklist(value: object, _options: FieldOptions, context: Context) -> str:
    """A checklist run: its score and grade."""
    if not isinstance(value, Mapping):
        return _label(value)
    parts = []
    if value.get("score") is not None:
        score = value["score"]
        shown = number_text(score) if _is_number(score) else str(score)
        parts.append(context.translate(N_("{score} points")).format(score=shown))
    if value.get("grade"):
        parts.append(context.translate(str(value["grade"])))
    return joined(parts, context) if parts else _label(value)


def _location(value: object, _options: FieldOptions, _context: Context) -> str:
    """Latitude and longitude in degrees, five decimals (about a metre); an address as it is."""
    if isinstance(value, Mapping):
        pair = [value.get("latitude", value.get("lat")), value.get("longitude", value.get("lon"))]
    else:
        pair = list(_each(value))
    if len(pair) == 2 and all(_is_number(part) for part in pair):
        return f"{float(str(pair[0])):.5f}, {float(str(pair[1])):.5f}"
    return _label(value)


def _formula(value: object, options: FieldOptions, context: Context) -> str:
    """As the type it gives; without one, as its Python type suggests."""
    kind = options.gives or _suggested(value)
    return FORMATS[kind](value, replace(options, gives=None), context)


def _suggested(value: object) -> FieldType:
    suggestions: tuple[tuple[type, FieldType], ...] = (
        (bool, "boolean"), (int, "integer"), (float, "decimal"), (Decimal, "decimal"), (datetime, "datetime"),
        (date, "date"), (time, "time"), (timedelta, "duration"),
    )  # fmt: skip
    return next((kind for python_type, kind in suggestions if isinstance(value, python_type)), "text")


FORMATS: Mapping[FieldType, Formatter] = {
    "text": _text,
    "long_text": _text,
    "integer": _number,
    "decimal": _number,
    "money": _money,
    "percent": _percent,
    "rating": _rating,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "month": _month,
    "duration": _duration,
    "choice": _choice,
    "choices": _choices,
    "person": _link,
    "unit": _link,
    "link": _link,
    "links": _links,
    "lines": _lines,
    "checklist": _checklist,
    "file": _link,
    "files": _links,
    "photo": _link,
    "photos": _links,
    "signature": _link,
    "location": _location,
    "phone": _text,
    "email": _text,
    "url": _text,
    "formula": _formula,
}
"""Each field type and how it reads. A test holds it to the closed table of the language."""

NO_OPTIONS = FieldOptions()


def format_value(
    kind: FieldType,
    value: object,
    options: FieldOptions = NO_OPTIONS,
    translate: Translate = untranslated,
    timezone: tzinfo = UTC,
) -> str:
    """`value` of a field of type `kind` as plain text.

    None is an empty text; `UNSET` reads "not set". A value of another Python type than the field's own
    (raw text of an old release, say) is shown as it is, never an error.
    """
    if value is None:
        return ""
    if value is UNSET:
        return translate(N_("not set"))
    return FORMATS[kind](value, options, Context(translate, timezone))
