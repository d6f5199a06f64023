"""Every change of a penalty leaves an entry in its chain, whichever door it came through.

The audit trail tells what was written; the chain tells what it meant: proposed, decided, corrected, refunded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.actions.context import Context
from app.source import N_
from app.storage.penalties import PenaltyRow, hold_record, penalty_row
from app.storage.penalty_chain import ChainEntry, append_entry, last_entry

PENALTY = "penalty"
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "entered": N_("entered"),
        "proposed": N_("proposed"),
        "exempt": N_("let off"),
        "not_charged": N_("not charged beside another penalty"),
        "taken_up": N_("proposed again"),
        "judged_again": N_("judged again"),
        "share_set": N_("share set"),
        "amount_set": N_("amount set"),
        "decided": N_("decided"),
        "notified": N_("notice received"),
        "notice_moved": N_("time of the notice changed"),
        "part_paid": N_("paid in part"),
        "paid": N_("paid"),
        "payment_undone": N_("payment taken back"),
        "late": N_("paid late"),
        "appealed": N_("appeal brought"),
        "dropped": N_("appeal given up"),
        "kept": N_("appeal answered: the penalty stands"),
        "corrected": N_("corrected"),
        "withdrawn": N_("taken back"),
        "refunded": N_("refunded"),
        "refund_undone": N_("refund taken back"),
        "noted": N_("noted"),
        "edited": N_("changed"),
    }
)
"""What happened -> its words."""
DECISIVE = ("decided", "kept", "corrected")
"""Kinds by which somebody decided on the penalty."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_BY_STATE: Mapping[tuple[str, str], str] = MappingProxyType(
    {("not_charged", "proposed"): "taken_up", ("paid", "notified"): "payment_undone"}
)
_STANDING = ("state", "level", "base_amount", "paid_amount", "refunded_amount", "sanctions")


@dataclass(frozen=True, slots=True)
class Note:
    """What the chain is told beyond what can be seen of a change.

    kind: of `KINDS`, empty = as the change itself tells; words: what the person said; party: as whom somebody
    decided; detail: what belongs to the kind; decided_amount: what is due without late payment, None = what
    is due, or as before where that did not change.
    """

    kind: str = ""
    words: str = ""
    party: str = ""
    detail: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    decided_amount: Decimal | None = None


def note_penalty(context: Context, penalty_id: int, note: Note | None = None) -> ChainEntry | None:
    """Add an entry for how a penalty stands now, in the caller's transaction.

    None, and no entry, where `note` names no kind and nothing changed that the chain keeps.
    """
    note = note or Note()
    if note.kind:
        hold_record(context.session, context.models, PENALTY, penalty_id)
    row = penalty_row(context.session, context.models, penalty_id)
    if row is None:
        return None
    last = last_entry(context.session, context.models, penalty_id)
    marks = _marks(row)
    kind = note.kind or _kind(last, row, marks)
    if not kind:
        return None
    return append_entry(context.session, context.models, _entry(context, row, last, kind, note, marks))


def _entry(
    context: Context,
    row: PenaltyRow,
    last: ChainEntry | None,
    kind: str,
    note: Note,
    marks: Mapping[str, Any],
) -> ChainEntry:
    known = frozenset(last.marks.get("reasons", ())) if last is not None else frozenset[str]()
    new = [one for one in row.reasons or () if _mark(one) not in known]
    judged = last is None or last.marks.get("facts") != marks["facts"]
    old = last.new_amount if last is not None else None
    return ChainEntry(
        penalty_id=row.id,
        seq=0,
        at=context.now,
        person_id=context.actor.person_id,
        party=note.party or None,
        kind=kind,
        state=row.state,
        level=row.level,
        base_amount=row.base_amount,
        decided_amount=_decided(row, last, kind, note),
        old_amount=old,
        new_amount=row.amount_due,
        paid_amount=row.paid_amount,
        refunded_amount=row.refunded_amount,
        sanctions=row.sanctions,
        words=note.words or _own_words(row, kind) or None,
        reasons=new,
        facts=row.facts if judged else None,
        detail=dict(note.detail),
        marks=marks,
        release_id=(row.release_id if judged else context.release.number) or None,
    )


def _decided(row: PenaltyRow, last: ChainEntry | None, kind: str, note: Note) -> Decimal | None:
    """What is due without late payment."""
    if note.decided_amount is not None:
        return note.decided_amount
    if last is not None and (kind == "late" or last.new_amount == row.amount_due):
        return last.decided_amount
    return row.amount_due


def _own_words(row: PenaltyRow, kind: str) -> str:
    said = {"decided": row.basis, "withdrawn": row.withdrawn_reason}
    return (said.get(kind) or "").strip()


def _kind(last: ChainEntry | None, row: PenaltyRow, marks: Mapping[str, Any]) -> str:
    """What a change was, by what it left; empty where it left nothing."""
    if last is None:
        judged = row.facts is not None and row.state in ("proposed", "exempt", "not_charged")
        return row.state if judged else "entered"
    if last.state != row.state:
        return _BY_STATE.get((last.state, row.state), row.state if row.state in KINDS else "edited")
    if last.marks.get("facts") != marks["facts"]:
        return "judged_again"
    for name, more, less in (
        ("paid_amount", "part_paid", "payment_undone"),
        ("refunded_amount", "refunded", "refund_undone"),
    ):
        before, now = getattr(last, name) or Decimal(0), getattr(row, name) or Decimal(0)
        if before != now:
            return more if now > before else less
    if last.new_amount != row.amount_due:
        return "amount_set"
    if last.marks.get("notified_at") != marks["notified_at"]:
        return "notice_moved"
    if any(getattr(last, name) != getattr(row, name) for name in _STANDING):
        return "edited"
    if last.marks.get("person") != marks["person"]:
        return "edited"
    return "noted" if last.marks.get("reasons") != marks["reasons"] else ""


def _marks(row: PenaltyRow) -> dict[str, Any]:
    return {
        "reasons": [_mark(one) for one in row.reasons or ()],
        "facts": _mark(row.facts),
        "notified_at": row.notified_at.isoformat() if row.notified_at is not None else None,
        "person": row.person_id,
    }


def _mark(value: object) -> str:
    text = json.dumps(_sorted(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sorted(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _sorted(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_sorted(one) for one in value]
    return value
