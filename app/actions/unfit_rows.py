"""Which rows stand in the way of a change of a table: the first of them, by what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.actions.context import Context
from app.source import N_, Translate
from app.storage import MigrationPlan
from app.storage.plan import Operation
from app.storage.records import labels_of


@dataclass(frozen=True, slots=True)
class UnfitRow:
    """A record whose value does not fit, or is not unique."""

    record_type: str
    id: int
    label: str

    def as_json(self) -> dict[str, object]:
        return {"type": self.record_type, "id": self.id, "label": self.label}


Unfit = Mapping[Operation, tuple[UnfitRow, ...]]
"""Operation -> the first rows that it meets, of those that name some."""


def unfit_rows(live: Context, migration: MigrationPlan) -> Unfit:
    """The rows that a plan names, as the release in service calls them. Lines of a record have no name."""
    types = {
        live.models.tables[name].name: name for name in live.release.records if name in live.models.tables
    }
    former, _columns = migration.former()
    found = {}
    for one in migration.operations:
        name = types.get(former.get(one.table, one.table))
        if one.first and name is not None:
            found[one] = named_rows(live, name, one.first)
    return found


def named_rows(live: Context, record_type: str, ids: Sequence[int]) -> tuple[UnfitRow, ...]:
    """Records of one type with what they are called, in this order."""
    labels = labels_of(live.session, live.models, record_type, ids)
    return tuple(UnfitRow(record_type, ident, labels.get(ident, "")) for ident in ids)


def rows_words(rows: Iterable[UnfitRow]) -> str:
    return ", ".join(f"#{row.id} {row.label}".rstrip() for row in rows)


def operation_json(one: Operation, unfit: Unfit) -> dict[str, object]:
    """An operation of the plan; with how many rows are affected, where that was counted, and the first."""
    told = one.as_json() if one.rows is None else {**one.as_json(), "rows": one.rows}
    return {**told, "first": [row.as_json() for row in unfit[one]]} if one in unfit else told


def operation_words(one: Operation, unfit: Unfit, translate: Translate) -> str:
    """An operation as a line of text, with the first rows that do not fit."""
    words = one.words(translate)
    if one not in unfit:
        return words
    named = rows_words(unfit[one])
    if one.op == "add_index":
        return translate(_SAME).format(change=words, rows=named)
    more = (one.rows or 0) - len(unfit[one])
    text = _UNFIT_MORE if more > 0 else _UNFIT
    return translate(text).format(change=words, count=one.rows, rows=named, more=more)


_UNFIT = N_("{change}; {count} values do not fit: {rows}")
_UNFIT_MORE = N_("{change}; {count} values do not fit: {rows} and {more} more")
_SAME = N_("{change}; the same value stands in {rows}")
