"""Telling those who decide on a penalty that it needs another look."""

from __future__ import annotations

from app.actions.context import Context
from app.actions.notices import notify
from app.actions.penalty_chain import PENALTY
from app.actions.penalty_decisions import holders_of, person_of, regime_of
from app.storage import read_record
from app.storage.penalties import PenaltyRow
from app.workflow import Notify, parse_parties


def tell_deciders(context: Context, row: PenaltyRow, occasion: str) -> tuple[int, ...]:
    """A message about the penalty to everybody who may decide on it; ids of the messages.

    occasion: what happened, in the portal's first language.
    """
    stored = read_record(context.session, context.models, PENALTY, row.id)
    if stored is None:
        return ()
    parties = parse_parties(context.release.portal, regime_of(row), holders_of(row))
    people = (person_of(context, row, path) for path in parties.paths)
    named = tuple(one for one in people if one is not None)
    notice = Notify(named, parties.roles, None)
    return notify(context, context.record(PENALTY), stored, notice, occasion)
