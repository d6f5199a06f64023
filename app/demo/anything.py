"""Plausible records of whatever record types a configuration declares, made from the fields alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.actions import InvalidRecord
from app.demo.stage import Stage
from app.release import FieldModel, RecordModel
from app.storage.records import ids_where

WORDS = tuple("门厅 备餐间 大堂 停车场 东区 三号楼 夜班 维修 复查 报修 回访 巡视 整改 消防 电梯".split())
TRIES = 4
"""How often a record that its own rules refuse is drawn again."""


def fill_anything(stage: Stage, count: int, now: datetime, tell: Callable[[int, int], None]) -> int:
    """Make about `count` records, spread evenly over the declared types; how many were made.

    A type whose rules refuse what is drawn a few times over is left with fewer.
    """
    types = [record for record in stage.release.records.values() if not record.spec.is_kernel]
    types.sort(key=lambda record: sum(field.target in _own(stage) for field in record.fields.values()))
    made = 0
    for number in range(count if types else 0):
        made += _one(stage, types[number * len(types) // count], now)
        tell(number + 1, count)
    return made


def _own(stage: Stage) -> set[str]:
    return {record.name for record in stage.release.records.values() if not record.spec.is_kernel}


def _one(stage: Stage, record: RecordModel, now: datetime) -> bool:
    """Draw one record; whether its rules took it."""
    at = now - timedelta(minutes=stage.rnd.randrange(60 * 24 * 180))
    for _ in range(TRIES):
        values = {
            name: value
            for name, field in record.fields.items()
            if (field.required is not False or stage.rnd.random() < 0.8)
            and (value := _value(stage, field, at)) is not None
        }
        try:
            stage.make(None, at, record.name, values)
        except InvalidRecord:
            continue
        return True
    return False


def _value(stage: Stage, field: FieldModel, at: datetime) -> object:
    """A value that fits the field's type and limits, or None for what is left empty."""
    rnd, kind = stage.rnd, field.type
    if field.computed or field.read_only is True or kind == "checklist":
        return None
    if kind in ("choice", "choices"):
        chosen = rnd.choice(list(field.options)) if field.options else None
        return chosen if kind == "choice" or chosen is None else [chosen]
    if field.target is not None:
        return _linked(stage, field)
    if kind == "lines":
        drawn = ({name: _value(stage, one, at) for name, one in field.lines.items()} for _ in range(2))
        return [{name: value for name, value in line.items() if value is not None} for line in drawn]
    maker = _MAKERS.get(kind)
    return maker(stage, field, at) if maker is not None else None


def _linked(stage: Stage, field: FieldModel) -> object:
    with stage.database.reading() as session:
        ids = ids_where(session, stage.models, field.target or "", {})
    if not ids:
        return None
    ident = stage.rnd.choice(ids)
    return [ident] if field.type == "links" else ident


def _number(stage: Stage, field: FieldModel, _at: datetime) -> Decimal:
    low = Decimal(str(field.spec.min or 0))
    high = Decimal(str(field.spec.max or (5 if field.type == "rating" else low + 100)))
    drawn = low + (high - low) * stage.rnd.randrange(1001) / 1000
    places = 0 if field.type in ("integer", "rating") else min(field.spec.places or 2, 2)
    return min(high, max(low, round(drawn, places)))


def _text(stage: Stage, field: FieldModel, _at: datetime) -> str:
    words = stage.rnd.sample(WORDS, 3 if field.type == "text" else 8)
    text = "".join(words) if field.type == "text" else "，".join(words) + "。"
    if field.spec.unique:
        text = f"{text}{stage.rnd.randrange(10**9):09d}"
    return text[: int(field.spec.max)] if field.spec.max and str(field.spec.max).isdigit() else text


def _local(stage: Stage, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(stage.release.portal.settings.timezone))


_MAKERS: dict[str, Callable[[Stage, FieldModel, datetime], Any]] = {
    "text": _text,
    "long_text": _text,
    **dict.fromkeys(("integer", "decimal", "money", "percent", "rating"), _number),
    "boolean": lambda stage, _field, _at: stage.rnd.random() < 0.5,
    "date": lambda stage, _field, at: _local(stage, at).date(),
    "datetime": lambda _stage, _field, at: at,
    "time": lambda stage, _field, at: _local(stage, at).time().replace(second=0, microsecond=0, tzinfo=None),
    "month": lambda stage, _field, at: _local(stage, at).date().replace(day=1),
    "duration": lambda stage, _field, _at: timedelta(minutes=stage.rnd.randrange(5, 600)),
    "phone": lambda stage, _field, _at: f"138{stage.rnd.randrange(10**8):08d}",
    "email": lambda stage, _field, _at: f"user{stage.rnd.randrange(10**6)}@example.com",
    "url": lambda _stage, _field, _at: "https://example.com/",
}
