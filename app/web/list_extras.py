"""Columns of lists that are worked out when they are shown: of clocks, what they are about and what is
left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from app.actions.visible import sight_of
from app.release import RecordModel
from app.storage import Record, labels_of
from app.storage.deadlines import DEADLINE, DeadlineRow, deadlines_by_id
from app.web.clock_cards import left_cells
from app.web.context import Served, action_context, actor, session
from app.web.display import Cell
from app.web.languages import label
from app.web.markup import Column
from app.web.visible import label_is_open

Cells = Mapping[int, tuple[Cell, ...]]


def extra_columns(record: RecordModel) -> tuple[Column, ...]:
    """The further columns of a type's list."""
    if record.name != DEADLINE:
        return ()
    return (Column("about", _("About"), "", None), Column("left", _("Left"), "", None))


def extra_cells(here: Served, record: RecordModel, rows: Sequence[Record]) -> Cells:
    """Their cells, by the id of the row; one statement, and one for each record type on the page."""
    if record.name != DEADLINE or not rows:
        return {}
    clocks = deadlines_by_id(session(), here.models, [row.id for row in rows])
    left, about = left_cells(clocks), _about(here, clocks)
    return {row.id: (about.get(row.id, Cell()), left.get(row.id, Cell())) for row in rows}


def _about(here: Served, clocks: Mapping[int, DeadlineRow]) -> dict[int, Cell]:
    """The record that each clock is about, by its label where the reader may know it."""
    places: dict[str, dict[int, int]] = {}
    for key, row in clocks.items():
        places.setdefault(row.record_type, {})[key] = row.record_id
    found: dict[int, Cell] = {}
    for kind, idents in places.items():
        if kind not in here.release.records:
            continue
        words: dict[int, str] = {}
        if label_is_open(here, actor(), kind):
            keys, sight = sorted(set(idents.values())), sight_of(action_context())
            words = labels_of(session(), here.models, kind, keys, sight)
        title = label(here.record(kind).label)
        found |= {key: Cell(f"{title} {words.get(ident, f'#{ident}')}") for key, ident in idents.items()}
    return found
