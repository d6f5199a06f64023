"""Where a penalty stands with its appeals, read from its chain: who decided last, until when that can be
contested and before whom, whether an appeal is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.actions.appeal_spans import open_appeal
from app.actions.clock_levels import calendars
from app.actions.context import Context
from app.actions.penalty_chain import DECISIVE
from app.actions.penalty_decisions import holders_of, regime_of
from app.rules.appeals import Decided, Hearing, answer_due, hearing_of, window_end
from app.rules.due_times import Counting
from app.spec.penalties import Appeal as AppealRules
from app.spec.portal_settings import Calendar
from app.storage.penalties import PenaltyRow
from app.storage.penalty_chain import ChainEntry, chain_of
from app.workflow import parse_parties


@dataclass(frozen=True, slots=True)
class Standing:
    """rules: `appeal` of the schedule in the present release, None where it has none; party: as whom the last
    decision was made; hearing: who hears an appeal against it (None: no rules); until: when the time to bring
    it is over, None where there is no end or it has not begun; open: the entry by which an appeal was brought
    that is not answered; answer_by: when that must be; deciders: everybody who decided on the penalty."""

    rules: AppealRules | None
    party: str
    hearing: Hearing | None
    until: datetime | None
    open: ChainEntry | None
    answer_by: datetime | None
    deciders: frozenset[int]

    def open_by(self, place: Sequence[object]) -> ChainEntry | None:
        """The open appeal, if it is this record (type, id)."""
        found = self.open
        return found if found is not None and list(found.detail.get("appeal") or ()) == list(place) else None


def standing_of(context: Context, row: PenaltyRow) -> Standing:
    """Where a penalty stands now."""
    chain = chain_of(context.session, context.models, row.id)
    last = next((one for one in reversed(chain) if one.kind in DECISIVE and not one.detail.get("of")), None)
    deciders = {one.person_id for one in chain if one.kind in DECISIVE} | {row.decider_id}
    known = frozenset(one for one in deciders if one is not None)
    rules = _rules(context, row)
    opened = open_appeal(chain)
    decided = _decided(row, last)
    if rules is None:
        return Standing(None, decided.party, None, None, opened, None, known)
    counting = _counting(context, row, rules)
    start = _start(row, rules, last)
    until = window_end(rules, start, counting) if start is not None else None
    answer_by = answer_due(rules, opened.at, counting) if opened is not None else None
    hearing = hearing_of(rules, decided, lambda one, other: _same(context, row, one, other))
    return Standing(rules, decided.party, hearing, until, opened, answer_by, known)


def _rules(context: Context, row: PenaltyRow) -> AppealRules | None:
    """How appeals are heard is a matter of today's rules, whatever the penalty was judged by."""
    spec = context.release.portal.penalty_schedules.get(row.schedule or "")
    return spec.appeal if spec is not None else None


def _decided(row: PenaltyRow, last: ChainEntry | None) -> Decided:
    if last is None or last.kind == "decided":
        party = last.party if last is not None else None
        return Decided(party or next(iter(holders_of(row)), ""))
    instance = last.detail.get("instance")
    return Decided(last.party or "", str(last.detail.get("row") or ""), instance or 0)


def _start(row: PenaltyRow, rules: AppealRules, last: ChainEntry | None) -> datetime | None:
    """From when the time to contest the last decision is counted: an answer's from the answer on."""
    if last is not None and last.kind != "decided":
        return last.at
    return row.notified_at if rules.from_ == "notified_at" else row.decided_at


def _counting(context: Context, row: PenaltyRow, rules: AppealRules) -> Counting:
    portal = context.release.portal
    named = portal.find(Calendar, rules.calendar, regime_of(row)) or portal.find(
        Calendar, portal.settings.calendar, ""
    )
    calendar = calendars(context).get(named.full_name) if named is not None else None
    return Counting(calendar, portal.settings.timezone)


def _same(context: Context, row: PenaltyRow, one: str, other: str) -> bool:
    regime, portal = regime_of(row), context.release.portal
    return parse_parties(portal, regime, (one,)) == parse_parties(portal, regime, (other,))
