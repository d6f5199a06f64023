"""What happened to a record, from the audit trail, in words; hidden fields leave no trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.release import FieldModel
from app.storage import history_of
from app.storage.past import from_json
from app.web.context import Served, session
from app.web.display import option_title, show_moment, show_value
from app.web.languages import label
from app.web.show_page import Presenter

NEWEST = 100


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as text."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the trail."""

    at: str
    person: str
    action: str
    detail: str
    changes: tuple[FieldChange, ...]


def read_history(here: Served, presenter: Presenter) -> tuple[HistoryEntry, ...]:
    """The newest entries about the record, newest first."""
    stored = presenter.seen.record
    actions = here.record("audit_entry").columns["action"]
    return tuple(
        HistoryEntry(
            at=show_moment(row["at"], presenter.style),
            person=row["person"] or "",
            action=option_title(actions, row["action"] or ""),
            detail=_detail(presenter, row["detail"] or ""),
            changes=tuple(_changes(presenter, row["before"] or {}, row["after"] or {})),
        )
        for row in history_of(session(), here.models, stored.record_type, stored.id, NEWEST)
    )


def _detail(presenter: Presenter, detail: str) -> str:
    """A transition goes by its title, a checklist by its field's label."""
    workflow, field = presenter.record.workflow, presenter.record.fields.get(detail)
    move = workflow.transitions.get(detail) if workflow else None
    if move is not None:
        return label(move.title or detail)
    return label(field.label) if field is not None else detail


def _changes(presenter: Presenter, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    found = []
    for name in {**before, **after}:
        field = presenter.record.columns.get(name)
        if name in presenter.seen.hidden:
            continue
        title = label(field.label) if field else name
        words = [_words(presenter, field, values.get(name)) for values in (before, after)]
        if name in presenter.seen.masks:
            words = [_("(not shown)") if word else "" for word in words]
        if words[0] or words[1]:
            found.append(FieldChange(title, words[0], words[1]))
    return found


def _words(presenter: Presenter, field: FieldModel | None, value: Any) -> str:
    """A value of the trail's JSON as text; links are named where the record still has them."""
    if value is None or value == "" or value == []:
        return ""
    if field is None:
        return str(value)
    if field.kind.storage in ("link", "rows", "attachments"):
        return _several(presenter, field, value)
    return show_value(field, from_json(field, value), presenter.style).text


def _several(presenter: Presenter, field: FieldModel, value: Any) -> str:
    stored = presenter.seen.record
    if field.kind.storage == "link":
        current = stored.values.get(field.name) == value
        return str(stored.labels.get(field.name) or f"#{value}") if current else f"#{value}"
    return _("%(n)s entries", n=len(value)) if isinstance(value, list) else f"#{value}"
