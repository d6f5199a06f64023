"""What was typed or sent -> the value that a field keeps. One row for each field type.

Values of the right type pass; text is read as a person types it or as a browser, a spreadsheet or the API
sends it. Moments without an offset are in the portal's time zone and become UTC.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.expressions import MAX_ROWS
from app.release import FieldModel
from app.source import N_, Refusal
from app.spec.field_types import FieldType
from app.workflow import is_empty

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{1,18})?|\.[0-9]{1,18})")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-/]{1,30}(?:\s*(?:x|ext\.?|转)\s*[0-9]{1,8})?")
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_AMOUNT_OF_TIME = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) *(minutes?|hours?|days?|weeks?)")
_UNITS = MappingProxyType({"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800})
_YES = frozenset({"true", "yes", "y", "on", "1", "是"})
_NO = frozenset({"false", "no", "n", "off", "0", "否"})
LARGEST_WHOLE = 2**63 - 1
LARGEST_ID = 2**31 - 1
MAX_TEXT = 100_000
"""Characters of a text that names no `max` of its own."""


class Unreadable(Refusal):
    """The value cannot be read as the field's type; `text` is a template over `params`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the readers need besides the value: the field, and the zone of times without an offset."""

    field: FieldModel
    zone: ZoneInfo


def coerce(field: FieldModel, raw: object, zone: ZoneInfo) -> object:
    """The value that `field` keeps for `raw`; None (or an empty tuple for several) when it is empty.

    Links and single attachments are ids, several of them tuples of ids, lines tuples of mappings (not read
    further here), months their first day, durations timedeltas. Raises Unreadable.
    """
    if isinstance(raw, str):
        raw = raw.strip()
        if _CONTROL.search(raw):
            raise Unreadable(N_("there is a character that cannot be kept"))
    if is_empty(raw):
        return () if field.type in _SEVERAL else None
    value = READERS[field.type](Reading(field, zone), raw)
    if isinstance(value, tuple) and len(value) > MAX_ROWS:
        raise Unreadable(N_("at most {limit} are possible"), limit=MAX_ROWS)
    return value


def _text(_: Reading, raw: object) -> str:
    if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        raise Unreadable(N_("write a text"))
    if len(raw) > MAX_TEXT:
        raise Unreadable(N_("at most {max} characters"), max=MAX_TEXT)
    return raw.replace("\r\n", "\n")


def _pattern(pattern: re.Pattern[str], complaint: str) -> Reader:
    def read(reading: Reading, raw: object) -> str:
        text = _text(reading, raw)
        if not pattern.fullmatch(text):
            raise Unreadable(complaint)
        return text

    return read


def _url(reading: Reading, raw: object) -> str:
    text = _text(reading, raw)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or any(map(str.isspace, text)):
        raise Unreadable(N_("write a web address that begins with http:// or https://"))
    return text


def _decimal(raw: object) -> Decimal:
    """An exact number; thousands may be grouped by commas as spreadsheets write them."""
    if isinstance(raw, bool):
        raise Unreadable(N_("write a number"))
    if isinstance(raw, float):
        raw = repr(raw) if math.isfinite(raw) else "?"
    text = str(raw)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if isinstance(raw, (int, Decimal)):
        text = format(Decimal(raw), "f")
    if not _NUMBER.fullmatch(text):
        raise Unreadable(N_("write a number"))
    return Decimal(text)


def _whole(_: Reading, raw: object) -> int:
    number = _decimal(raw)
    if number != number.to_integral_value():
        raise Unreadable(N_("write a whole number"))
    if abs(number) > LARGEST_WHOLE:
        raise Unreadable(N_("the number is too large"))
    return int(number)


def _places(default: int) -> Reader:
    def read(reading: Reading, raw: object) -> Decimal:
        declared = reading.field.spec.places
        places = default if declared is None else declared
        number = _decimal(raw)
        try:
            kept = number.quantize(Decimal(1).scaleb(-places))
        except InvalidOperation:
            raise Unreadable(N_("the number is too large")) from None
        if kept != number:
            raise Unreadable(N_("at most {places} digits after the point"), places=places)
        if len(kept.as_tuple().digits) > 18:
            raise Unreadable(N_("the number is too large"))
        return kept

    return read


def _boolean(_: Reading, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(N_("answer yes or no"))


def _date(_: Reading, raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw).replace("/", "-"))
    except ValueError:
        raise Unreadable(N_("write a date as 2026-01-31")) from None


def _time(_: Reading, raw: object) -> time:
    if isinstance(raw, time):
        return raw.replace(tzinfo=None)
    try:
        return time.fromisoformat(str(raw)).replace(tzinfo=None)
    except ValueError:
        raise Unreadable(N_("write a time as 14:30")) from None


def _moment(reading: Reading, raw: object) -> datetime:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw).replace("/", "-"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=reading.zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(N_("write a date and time as 2026-01-31 14:30")) from None


def _month(_: Reading, raw: object) -> date:
    if isinstance(raw, date):
        return date(raw.year, raw.month, 1)
    text = str(raw)
    try:
        return date.fromisoformat(f"{text}-01" if len(text) == 7 else text).replace(day=1)
    except ValueError:
        raise Unreadable(N_("write a month as 2026-01")) from None


def _duration(_: Reading, raw: object) -> timedelta:
    if isinstance(raw, timedelta):
        return raw
    text = str(raw)
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if found := _AMOUNT_OF_TIME.fullmatch(text):
        return timedelta(seconds=int(Decimal(found[1]) * _UNITS[found[2].rstrip("s")]))
    raise Unreadable(N_("write a duration as 1:30 or 90 minutes"))


def _choice(reading: Reading, raw: object) -> str:
    """An option by its name, or by its title as people write it in spreadsheets."""
    text, options = str(raw), reading.field.options
    if text in options:
        return text
    named = [name for name, option in options.items() if option.title == text]
    if len(named) == 1:
        return named[0]
    raise Unreadable(N_("'{value}' is not one of the options"), value=text[:80])


def _choices(reading: Reading, raw: object) -> tuple[str, ...]:
    chosen = {_choice(reading, item) for item in _several(raw)}
    return tuple(name for name in reading.field.options if name in chosen)


def _link(_: Reading, raw: object) -> int:
    if isinstance(raw, Mapping):
        raw = raw.get("id")
    number = raw if isinstance(raw, int) and not isinstance(raw, bool) else None
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,10}", raw):
        number = int(raw)
    if number is None or not 0 < number <= LARGEST_ID:
        raise Unreadable(N_("choose a record from the list"))
    return number


def _links(reading: Reading, raw: object) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_link(reading, item) for item in _several(raw)))


def _single(reading: Reading, raw: object) -> int:
    """One attachment; forms send a list of one."""
    found = _links(reading, raw)
    if len(found) != 1:
        raise Unreadable(N_("only one file belongs here"))
    return found[0]


def _lines(_: Reading, raw: object) -> tuple[Mapping[str, object], ...]:
    rows = raw if isinstance(raw, (list, tuple)) else (raw,)
    if not all(isinstance(row, Mapping) for row in rows):
        raise Unreadable(N_("the lines cannot be read"))
    return tuple(row for row in rows if not all(is_empty(value) for value in row.values()))


def _location(_: Reading, raw: object) -> dict[str, float]:
    """`{"lat": …, "lon": …, "accuracy": …}` in degrees (WGS 84) and metres, or `39.9,116.4`."""
    if isinstance(raw, str) and raw.startswith("{"):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raw = ""
    if isinstance(raw, Mapping):
        parts = [raw[key] for key in ("lat", "lon", "accuracy") if raw.get(key) is not None]
    else:
        parts = re.split(r"[,，]\s*", str(raw))
    try:
        latitude, longitude, *accuracy = (float(_decimal(part)) for part in parts)
    except (ValueError, Unreadable):
        raise Unreadable(N_("write a place as latitude, longitude")) from None
    if abs(latitude) > 90 or abs(longitude) > 180 or len(accuracy) > 1:
        raise Unreadable(N_("write a place as latitude, longitude"))
    return {"lat": latitude, "lon": longitude, **({"accuracy": accuracy[0]} if accuracy else {})}


def _never(_: Reading, raw: object) -> object:
    raise Unreadable(N_("a checklist is answered on its own form"))


def _several(raw: object) -> Iterable[object]:
    if isinstance(raw, str):
        return [part.strip() for part in re.split(r"[,，;；、]", raw) if part.strip()]
    return raw if isinstance(raw, (list, tuple, set, frozenset)) else (raw,)


Reader = Callable[[Reading, object], object]
_SEVERAL: frozenset[FieldType] = frozenset({"choices", "links", "lines", "files", "photos"})
READERS: Mapping[FieldType, Reader] = MappingProxyType(
    {
        "text": _text,
        "long_text": _text,
        "integer": _whole,
        "decimal": _places(6),
        "money": _places(2),
        "percent": _places(4),
        "rating": _whole,
        "boolean": _boolean,
        "date": _date,
        "time": _time,
        "datetime": _moment,
        "month": _month,
        "duration": _duration,
        "choice": _choice,
        "choices": _choices,
        "person": _link,
        "unit": _link,
        "link": _link,
        "links": _links,
        "lines": _lines,
        "checklist": _never,
        "file": _single,
        "files": _links,
        "photo": _single,
        "photos": _links,
        "signature": _single,
        "location": _location,
        "phone": _pattern(_PHONE, N_("write a telephone number")),
        "email": _pattern(_EMAIL, N_("write an e-mail address")),
        "url": _url,
        "formula": _places(6),
    }
)
