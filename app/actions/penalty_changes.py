"""Writing a change of a penalty with its reasons: the record, its chain and the audit trail in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.actions.context import Context
from app.actions.draft import differs
from app.actions.penalty_chain import PENALTY, Note
from app.actions.penalty_judged import JUDGED, inputs_of
from app.actions.storing import audit, label_of
from app.rules import Reason
from app.rules.values import Plain
from app.storage import RecordGone, read_record, update_record
from app.storage.penalties import PenaltyRow, penalty_row


@dataclass(frozen=True, slots=True)
class Judging:
    """What a penalty was judged by and how it came out (`facts`, as stored), under which release."""

    facts: Mapping[str, Plain]
    release: int | None


def append_change(
    context: Context,
    penalty_id: int,
    values: Mapping[str, object],
    note: Note,
    reasons: Iterable[Reason] = (),
    judging: Judging | None = None,
) -> None:
    """Change fields of a penalty (`state` too), add reasons to those it has, and note it in its chain.

    An entry is made even where nothing but the note is new. Works inside the caller's transaction; who calls
    has decided that the change is due. judging: as in `change_penalty`. Raises RecordGone.
    """
    row = penalty_row(context.session, context.models, penalty_id)
    if row is None:
        raise RecordGone(PENALTY, penalty_id)
    all_reasons = [*(row.reasons or ()), *(one.to_json() for one in reasons)]
    change_penalty(context, row, values, all_reasons, judging, note)


def change_penalty(
    context: Context,
    row: PenaltyRow,
    values: Mapping[str, object],
    reasons: Sequence[Plain],
    judging: Judging | None = None,
    note: Note | None = None,
) -> None:
    """Write what differs, with the reasons before and after in the audit trail.

    judging: a new one, None where the judging stays; note: what the chain is told; with a kind an entry
    is made even where nothing differs.
    """
    stored = read_record(context.session, context.models, PENALTY, row.id)
    before = dict(stored.values) if stored is not None else {}
    changes = {name: value for name, value in values.items() if differs(before.get(name), value)}
    old = list(row.reasons or ())
    named = note is not None and bool(note.kind)
    if not named and not changes and list(reasons) == old and _same_judging(row, judging):
        return
    extra: dict[str, object] = {"reasons": list(reasons)}
    if judging is not None:
        extra |= {"facts": dict(judging.facts), "release_id": judging.release or None}
    update_record(context.session, context.models, PENALTY, row.id, changes, context.stamp, None, extra)
    audit(
        context,
        "update",
        PENALTY,
        row.id,
        label_of(context, PENALTY, row.id),
        before={**{name: before.get(name) for name in changes}, "reasons": old},
        after={**changes, "reasons": list(reasons)},
        note=note,
    )


def _same_judging(row: PenaltyRow, judging: Judging | None) -> bool:
    if judging is None:
        return True
    judged = (row.facts or {}).get(JUDGED)
    return judged == judging.facts.get(JUDGED) and inputs_of(row.facts) == inputs_of(judging.facts)
