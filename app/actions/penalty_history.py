"""A penalty's chain as people and programs read it: what happened, who did it as whom, how much, why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.access import hidden_fields, row_scope
from app.actions.appeal_standing import Standing, standing_of
from app.actions.appeals import CONTESTED
from app.actions.context import Context
from app.actions.penalty_chain import KINDS, PENALTY
from app.actions.penalty_decisions import spoken, stored_penalty
from app.actions.penalty_reasons import reasons_of
from app.actions.records import load_for
from app.actions.stored_reasons import TELLING, steps_of
from app.actions.visible import label_is_open, sight_of
from app.reports import FieldOptions, format_value
from app.rules import Reason
from app.rules.values import Plain, money
from app.source import N_
from app.spec.penalties import PenaltySchedule
from app.storage import ids_in_scope, labels_of
from app.storage.penalties import PenaltyRow
from app.storage.penalty_chain import ChainEntry, chain_of

_SAID = frozenset({"basis", "withdrawn_reason"})
"""Fields that hold what people said about a penalty."""


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record that an entry names; `label` is empty for who may not read it."""

    record_type: str
    id: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One entry. title, party, level: in the reader's words; old, new: what was due before and after; refund:
    the sum that went back; reasons: what this change brought."""

    seq: int
    at: datetime
    who: str
    party: str
    kind: str
    title: str
    state: str
    level: str
    old: Decimal | None
    new: Decimal | None
    paid: Decimal | None
    refund: Decimal | None
    words: str
    reasons: tuple[Reason, ...]
    appeal: ShownRecord | None
    release: int | None

    def told(self, context: Context) -> dict[str, Plain]:
        """The JSON that programs rely on."""
        return {
            "seq": self.seq,
            "at": self.at.astimezone(context.zone).isoformat(),
            "by": self.who,
            "as": self.party,
            "kind": self.kind,
            "state": self.state,
            "level": self.level,
            "old_amount": _text(self.old),
            "new_amount": _text(self.new),
            "paid_amount": _text(self.paid),
            "refund": _text(self.refund),
            "words": self.words,
            "because": [one.told(context.translate) for one in self.reasons],
            "appeal": None
            if self.appeal is None
            else {"record_type": self.appeal.record_type, "id": self.appeal.id, "label": self.appeal.label},
            "release": self.release,
        }


def penalty_history(context: Context, penalty_id: int) -> tuple[ShownChange, ...]:
    """Everything that happened to a penalty, oldest first, for whoever may read it.

    Nothing for those from whom a field is hidden that the chain gives away. Raises RecordGone.
    """
    load_for(context, PENALTY, penalty_id)
    hidden = hidden_fields(context.policy, context.actor, PENALTY)
    if TELLING & hidden:
        return ()
    row = stored_penalty(context, penalty_id)
    chain = chain_of(context.session, context.models, penalty_id)
    people = {one.person_id for one in chain if one.person_id is not None}
    names = labels_of(context.session, context.models, "person", people) if people else {}
    appeals = _appeals(context, chain)
    silent = bool(_SAID & hidden)
    return tuple(_shown(context, row, entry, names, appeals, silent) for entry in chain)


def reasons_told(context: Context, penalty_id: int) -> list[Plain]:
    """The reasons stored with a penalty as programs read them; the same right as `penalty_history`."""
    load_for(context, PENALTY, penalty_id)
    if TELLING & hidden_fields(context.policy, context.actor, PENALTY):
        return []
    stored = stored_penalty(context, penalty_id).reasons or ()
    return [one.told(context.translate) for one in reasons_of(stored)]


def printed_history(context: Context, penalty_id: int) -> list[dict[str, object]]:
    """The same for templates: texts, and `reasons` as a list of (sentence, file:line, depth)."""
    currency = context.release.portal.settings.currency

    def amount(value: Decimal | None) -> str:
        return "" if value is None else format_value("money", value, FieldOptions(currency=currency))

    return [
        {
            "at": format_value("datetime", one.at, timezone=context.zone),
            "kind": one.kind,
            "title": one.title,
            "who": f"{one.who} ({one.party})" if one.party else one.who,
            "level": one.level,
            "before": amount(one.old) if one.old != one.new else "",
            "after": amount(one.new),
            "refund": amount(one.refund),
            "words": one.words,
            "reasons": steps_of(context, one.reasons),
        }
        for one in penalty_history(context, penalty_id)
    ]


def pay_to(context: Context, penalty_id: int) -> str:
    """Whom or where a penalty that is due is paid to, in the words of its schedule; empty for others."""
    row = stored_penalty(context, penalty_id)
    schedule = context.release.portal.penalty_schedules.get(row.schedule or "")
    if schedule is None or schedule.payment is None or row.state not in ("decided", "notified"):
        return ""
    return schedule.payment.pay_to


def contest_words(context: Context, penalty_id: int) -> str:
    """In one sentence, how the penalty can be contested now; empty where it cannot be told."""
    row = stored_penalty(context, penalty_id)
    if row.state not in CONTESTED:
        return ""
    standing = standing_of(context, row)
    if standing.rules is None:
        return ""
    if standing.open is not None:
        return _being_heard(context, row, standing)
    if standing.hearing is not None and standing.hearing.final:
        return context.say(N_("the decision is final; nobody hears an appeal against it"))
    who = spoken(context, row, standing.hearing.among(None)[:1]) if standing.hearing is not None else ""
    if standing.until is None:
        text = N_("can be contested; heard by {who}") if who else N_("can be contested")
        return context.say(text, who=who)
    end = standing.until.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
    if context.now > standing.until:
        return context.say(N_("the time to contest it ended {end}"), end=end)
    text = N_("can be contested until {end}; heard by {who}") if who else N_("can be contested until {end}")
    return context.say(text, who=who, end=end)


def _being_heard(context: Context, row: PenaltyRow, standing: Standing) -> str:
    if standing.answer_by is None:
        return context.say(N_("an appeal is being heard"))
    end = standing.answer_by.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
    return context.say(N_("an appeal is being heard; to be answered by {end}"), end=end)


def _shown(
    context: Context,
    row: PenaltyRow,
    entry: ChainEntry,
    names: Mapping[int, str],
    appeals: Mapping[tuple[str, int], ShownRecord],
    silent: bool,
) -> ShownChange:
    place, refund = entry.detail.get("appeal"), entry.detail.get("refund")
    return ShownChange(
        seq=entry.seq,
        at=entry.at,
        who=_who(context, entry, names),
        party=spoken(context, row, (entry.party,)) if entry.party else "",
        kind=entry.kind,
        title=context.translate(KINDS.get(entry.kind, entry.kind)),
        state=entry.state,
        level=_level(context, row, entry.level),
        old=entry.old_amount,
        new=entry.new_amount,
        paid=entry.paid_amount,
        refund=Decimal(refund) if refund else None,
        words="" if silent else entry.words or "",
        reasons=reasons_of(entry.reasons),
        appeal=appeals.get((place[0], place[1])) if place else None,
        release=entry.release_id,
    )


def _who(context: Context, entry: ChainEntry, names: Mapping[int, str]) -> str:
    if entry.person_id is None:
        return context.translate(N_("the portal"))
    if not label_is_open(context, "person"):
        return f"#{entry.person_id}"
    return names.get(entry.person_id, f"#{entry.person_id}")


def _level(context: Context, row: PenaltyRow, level: str | None) -> str:
    portal = context.release.portal
    schedule = portal.section(PenaltySchedule).get(row.schedule or "")
    if schedule is None or not level:
        return level or ""
    return context.translate(portal.level_title(schedule, level))


def _appeals(context: Context, chain: Collection[ChainEntry]) -> dict[tuple[str, int], ShownRecord]:
    """The appeals that the chain names, with the labels of those that the actor may read."""
    by_type: dict[str, set[int]] = {}
    for entry in chain:
        place = entry.detail.get("appeal")
        if place:
            by_type.setdefault(str(place[0]), set()).add(int(place[1]))
    found: dict[tuple[str, int], ShownRecord] = {}
    for name, ids in by_type.items():
        readable = _readable(context, name, ids)
        labels = labels_of(context.session, context.models, name, readable, sight_of(context))
        is_open = label_is_open(context, name)
        for one in ids:
            label = (labels.get(one, "") if is_open else f"#{one}") if one in readable else ""
            found[name, one] = ShownRecord(name, one, label)
    return found


def _readable(context: Context, record_type: str, ids: Collection[int]) -> frozenset[int]:
    if record_type not in context.release.records:
        return frozenset()
    scope = row_scope(context.policy, context.actor, "read", record_type)
    moment = {"now": context.now, "today": context.today}
    return ids_in_scope(context.session, context.models, record_type, ids, context.actor, scope, moment)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)
