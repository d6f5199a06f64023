"""How a penalty came to be what it is: its chain as a timeline, with who, when, how much and why."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.actions.penalty_history import (
    ShownChange,
    ShownRecord,
    contest_words,
    pay_to,
    penalty_history,
)
from app.release import FieldModel
from app.web.addresses import record_address
from app.web.context import Served, action_context, style
from app.web.display import Cell, show_moment, show_value
from app.web.languages import label
from app.web.reasons import Step, linked_steps

TONES = {
    "decided": "info",
    "paid": "success",
    "late": "danger",
    "appealed": "warning",
    "kept": "info",
    "corrected": "success",
    "withdrawn": "neutral",
    "refunded": "success",
    "exempt": "neutral",
    "not_charged": "neutral",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One entry as the page shows it. before, after: what was due, where that changed; extra: further figures
    with their names."""

    title: str
    tone: str
    at: str
    who: str
    level: str
    before: str
    after: str
    words: str
    extra: tuple[tuple[str, str], ...]
    appeal: Cell | None
    reasons: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """The timeline, oldest first, and how the penalty can be contested now."""

    changes: tuple[Change, ...]
    contest: str
    pay_to: str = ""


def read_course(here: Served, penalty: int) -> Course:
    """The timeline of a penalty that the reader may read; empty where the reader may not see its reasons."""
    context = action_context()
    found = penalty_history(context, penalty)
    amount = here.record("penalty").columns["amount_due"]
    previous: ShownChange | None = None
    changes = []
    for one in found:
        changes.append(_change(here, amount, one, previous))
        previous = one
    if not found:
        return Course((), "")
    return Course(tuple(changes), contest_words(context, penalty), label(pay_to(context, penalty)))


def _change(here: Served, amount: FieldModel, one: ShownChange, previous: ShownChange | None) -> Change:
    changed = previous is None or one.old != one.new
    moved = previous is None or one.level != previous.level
    extra = []
    if one.refund is not None:
        extra.append((_("Paid back"), _money(amount, one.refund)))
    if one.paid is not None and (previous is None or previous.paid != one.paid):
        extra.append((_("Paid in all"), _money(amount, one.paid)))
    return Change(
        title=one.title,
        tone=TONES.get(one.kind, "neutral"),
        at=show_moment(one.at, style()),
        who=f"{one.who} ({one.party})" if one.party and one.party != one.who else one.who,
        level=one.level if moved else "",
        before=_money(amount, one.old) if changed and one.old is not None else "",
        after=_money(amount, one.new) if changed else "",
        words=one.words,
        extra=tuple(extra),
        appeal=_appeal(one.appeal),
        reasons=linked_steps(here, one.reasons),
    )


def _money(amount: FieldModel, value: object) -> str:
    return show_value(amount, value, style()).text or _("not set")


def _appeal(found: ShownRecord | None) -> Cell | None:
    if found is None or not found.label:
        return None
    return Cell(found.label, href=record_address(found.record_type, "show", found.id))
