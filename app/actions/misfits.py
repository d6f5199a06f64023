"""Stored values that a release meets and that do not suit it: options that are gone, fields that become
required and are empty, figures whose unit changes. The release itself changes none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.actions.context import Context
from app.actions.unfit_rows import UnfitRow, named_rows
from app.release import FieldModel, RecordModel, Release
from app.source import N_, Translate
from app.storage.affected import count_empty, count_filled, count_values, first_empty, first_with

CHOSEN = ("choice", "choices")
MOST_VALUES = 500
"""Values of a text by which the first records are looked for that hold one of them."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Values of one field. kind: what is the matter; old: the option that is gone (empty: any that is none),
    or the former unit; new: the unit from now on; rows: the first records that hold such a value."""

    record_type: str
    field: str
    kind: Literal["option", "required", "unit"]
    count: int
    old: str = ""
    new: str = ""
    rows: tuple[UnfitRow, ...] = ()

    @property
    def name(self) -> str:
        """What `--allow-loss` calls it."""
        return ".".join(part for part in (self.record_type, self.field, self.old) if part)

    def as_json(self) -> dict[str, object]:
        told: dict[str, object] = {"type": self.record_type, "field": self.field, "kind": self.kind}
        told |= {"count": self.count, "old": self.old or None, "new": self.new or None}
        return {**told, "first": [row.as_json() for row in self.rows]} if self.rows else told

    def words(self, translate: Translate, title: str) -> str:
        """What it is, as a line of text; title: what the record type is called."""
        text = _WORDS[self.kind if self.kind != "option" or self.old else "text"]
        return translate(text).format(
            count=self.count, type=title, field=self.field, old=self.old or "–", new=self.new or "–"
        )


_WORDS = {
    "option": N_("{count} records of {type} keep '{old}' in {field}, which would be no option any more"),
    "text": N_("{count} records of {type} hold in {field} what would be none of its options"),
    "required": N_(
        "{count} records of {type} have no value in {field}, which whoever edits them must fill in"
    ),
    "unit": N_("{count} values of {type}.{field} stay the figures that they are: {old} becomes {new}"),
}


def misfits(live: Context, draft: Release) -> Iterator[Misfit]:
    """What the draft's record types meet in the tables of the release in service."""
    for record in draft.records.values():
        before = _before(live.release, record)
        if before is None:
            continue
        for found in record.fields.values():
            name = found.name if found.name in before.fields or not found.spec.was else found.spec.was
            yield from _of_field(live, record, found, before, before.fields.get(name))


def _before(live: Release, record: RecordModel) -> RecordModel | None:
    was = ".".join(part for part in (record.regime, record.spec.was) if part)
    return live.records.get(record.name) or (live.records.get(was) if record.spec.was else None)


def _of_field(
    live: Context, record: RecordModel, found: FieldModel, before: RecordModel, old: FieldModel | None
) -> Iterator[Misfit]:
    session, models = live.session, live.models
    if found.column is None or (old is not None and old.column is None):
        return
    if found.type in CHOSEN and old is not None:
        known = {*found.options, *(one.was for one in found.options.values() if one.was)}
        listed = set(old.options) if old.type in CHOSEN else None
        if listed is None or listed - known:
            counts = count_values(session, models, before.name, old)
            gone = {value: count for value, count in counts.items() if value not in known}
            if listed is None and gone:
                some = sorted(gone)[:MOST_VALUES]
                rows = named_rows(live, before.name, first_with(session, models, before.name, old, some))
                yield Misfit(record.name, found.name, "option", sum(gone.values()), rows=rows)
            for value in sorted(gone.keys() & (listed or set())):
                rows = named_rows(live, before.name, first_with(session, models, before.name, old, [value]))
                yield Misfit(record.name, found.name, "option", gone[value], value, rows=rows)
    if found.required is True and (old is None or old.required is not True):
        empty = count_empty(session, models, before.name, old)
        if empty:
            rows = named_rows(live, before.name, first_empty(session, models, before.name, old))
            yield Misfit(record.name, found.name, "required", empty, rows=rows)
    if old is not None and (found.spec.unit or "") != (old.spec.unit or ""):
        filled = count_filled(session, models, before.name, old)
        if filled:
            yield Misfit(
                record.name, found.name, "unit", filled, str(old.spec.unit or ""), str(found.spec.unit or "")
            )
