"""A penalty changed: which of those for one event is charged is asked once more."""

from __future__ import annotations

from app.actions.context import Context
from app.actions.penalty_charges import set_aside, take_up
from app.actions.penalty_decisions import rivals_for, stored_penalty, weighed_against_rivals
from app.actions.penalty_judged import CHARGED
from app.actions.penalty_notices import tell_deciders
from app.actions.penalty_words import noted
from app.source import N_
from app.storage.penalties import PenaltyRow


def weigh_again(context: Context, penalty_id: int) -> None:
    """What stood back for a penalty that is lighter now is proposed again; what is lighter than it and only
    proposed stands back. Call it inside the transaction that changed the penalty.

    What is decided stays decided: whoever decides on the other one takes it back first, as only one of the
    two may be charged.
    """
    row = stored_penalty(context, penalty_id)
    if row.origin != "direct" or row.state not in ("proposed", *CHARGED):
        return
    heavier = []
    for rival in rivals_for(context, row):
        other = rival.direct
        if other is None or other.state != "not_charged":
            continue
        if weighed_against_rivals(context, other).lost is None:
            heavier.append(other)
            take_up(context, rival.rows, noted(other, "", _words(row), number=_number(row)))
            tell_deciders(context, other, context.say(_words(row), number=_number(row)))
    weighed = weighed_against_rivals(context, row)
    for rival, reason in weighed.beaten:
        set_aside(context, rival.rows, reason)
    if heavier and row.state == "proposed" and weighed.lost is not None:
        mine = next((one.rows for one in rivals_for(context, heavier[0]) if one.direct is not None
                     and one.direct.id == row.id), ())  # fmt: skip
        set_aside(context, mine, weighed.lost)


def _words(row: PenaltyRow) -> str:
    if row.state == "proposed":
        return N_("proposed again, because {number}, for which it had stood back, is lighter now")
    return N_(
        "proposed again, because {number}, for which it had stood back, is lighter now; take that back "
        "before deciding on this"
    )


def _number(row: PenaltyRow) -> str:
    return row.number or f"#{row.id}"
