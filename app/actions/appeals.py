"""Appeals: brought in time by whom they are about, heard by who did not decide, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.access import link_id
from app.actions.appeal_standing import Standing, standing_of
from app.actions.context import Context
from app.actions.notices import notify, recipients
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import append_change
from app.actions.penalty_correcting import Correction, correct_penalty
from app.actions.penalty_decisions import (
    is_held,
    pays_a_share,
    person_of,
    regime_of,
    spoken,
    stored_penalty,
)
from app.actions.penalty_settling import withdraw_penalty
from app.source import N_
from app.storage import Record
from app.storage.penalties import PenaltyRow
from app.workflow import Contest, Notify, Option, TransitionRefused, parse_parties

CONTESTED = ("decided", "notified", "paid")
"""States of a penalty that can be contested."""
ANSWERS = ("keep", "correct", "withdraw")


@dataclass(frozen=True, slots=True)
class Appeal:
    """The record that stands for an appeal: who contests, when it was made, what it is called."""

    record_type: str
    record_id: int
    label: str
    appellants: frozenset[int]
    made_at: datetime

    @classmethod
    def of(cls, context: Context, stored: Record) -> Appeal:
        """The persons whose own record it is; its maker, where its type names no owner."""
        record = context.record(stored.record_type)
        found = {link_id(stored.values.get(name)) for name in record.owners}
        if not record.owners:
            found = {link_id(stored.values.get("created_by"))}
        made = stored.values.get("created_at")
        return cls(
            stored.record_type,
            stored.id,
            stored.label,
            frozenset(one for one in found if one is not None),
            made if isinstance(made, datetime) else context.now,
        )

    @property
    def place(self) -> list[object]:
        """How the chain of the penalty names it."""
        return [self.record_type, self.record_id]


def contest(context: Context, stored: Record, wanted: Contest) -> None:
    """Do what a transition of the appeal `stored` wants of the penalty, inside the caller's transaction.

    Raises TransitionRefused with words for the user: too late, not the own penalty, not who hears it, a
    correction that is none, a refund that the fund does not hold. RecordGone.
    """
    row, appeal = stored_penalty(context, wanted.penalty), Appeal.of(context, stored)
    standing = standing_of(context, row)
    if row.state == "withdrawn" and wanted.result in ("keep", "withdraw", "drop"):
        # Somebody took it back meanwhile: there is nothing left to decide.
        return
    if wanted.result == "open":
        _bring(context, row, appeal, standing, context.now)
        _tell(context, row, stored, standing, wanted)
    elif wanted.result == "drop":
        _drop(context, row, appeal, standing, wanted)
    elif wanted.result in ANSWERS:
        if standing.open_by(appeal.place) is None:
            _bring(context, row, appeal, standing, appeal.made_at)
            standing = standing_of(context, row)
        _answer(context, row, appeal, standing, wanted)
    else:
        raise TransitionRefused(N_("'{result}' is no result of an appeal"), {"result": wanted.result})


def appeal_options(context: Context, stored: Record, options: Iterable[Option]) -> tuple[Option, ...]:
    """The transitions of an appeal that the actor may make: those by which others answer are left out, one
    that comes too late says so."""
    found = []
    for option in options:
        refusal = _refusal(context, stored, option)
        if refusal is None:
            found.append(option)
        elif refusal.hides:
            continue
        else:
            found.append(Option(option.move, refusal.error))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: TransitionRefused
    hides: bool


def _refusal(context: Context, stored: Record, option: Option) -> _Refusal | None:
    """What speaks against a transition by its effect on the penalty, as far as that is known before."""
    effects = [one for one in option.move.effects if one.spec.appeal is not None]
    if not effects:
        return None
    appeal = Appeal.of(context, stored)
    for effect in effects:
        penalty = link_id(stored.values.get(effect.path[0])) if len(effect.path) == 1 else None
        if penalty is None or effect.spec.appeal is None:
            continue
        row = stored_penalty(context, penalty)
        standing, result = standing_of(context, row), effect.spec.appeal.result
        try:
            if result == "open":
                _check_bringing(context, row, appeal, standing, context.now)
            elif result != "drop":
                _check_hearer(context, row, appeal, standing, effect.spec.appeal.instance)
        except TransitionRefused as error:
            return _Refusal(error, hides=result != "open")
    return None


def _bring(context: Context, row: PenaltyRow, appeal: Appeal, standing: Standing, at: datetime) -> None:
    _check_bringing(context, row, appeal, standing, at)
    until = standing.until
    detail = {"appeal": appeal.place, "late": until is not None and at > until}
    append_change(context, row.id, {}, Note("appealed", detail=detail))


def _check_bringing(
    context: Context, row: PenaltyRow, appeal: Appeal, standing: Standing, at: datetime
) -> None:
    if row.state not in CONTESTED:
        raise TransitionRefused(N_("only a decision that stands can be contested"))
    if row.person_id not in appeal.appellants:
        raise TransitionRefused(N_("only the person who is charged contests a penalty"))
    if standing.open is not None:
        raise TransitionRefused(N_("an appeal against this penalty is being heard already"))
    if standing.hearing is not None and standing.hearing.final:
        text = N_("the decision by {who} is final; nobody hears an appeal against it")
        raise TransitionRefused(text, {"who": spoken(context, row, (standing.party,)) or "–"})
    lapses = standing.rules is not None and standing.rules.lapses
    if lapses and standing.until is not None and at > standing.until:
        shown = standing.until.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
        raise TransitionRefused(N_("the time to contest this decision ended {end}"), {"end": shown})


def _tell(context: Context, row: PenaltyRow, stored: Record, standing: Standing, wanted: Contest) -> None:
    """Those who hear the appeal are told of it. Who that is follows from who decided, as the chain of the
    penalty has it, and from nothing that the appellant wrote."""
    if wanted.message is None or standing.hearing is None:
        return
    for party in standing.hearing.among(wanted.instance):
        people = _who_hear(context, row, standing, party)
        if people:
            notice = Notify(people, frozenset(), wanted.message)
            notify(context, context.record(stored.record_type), stored, notice, "")
            return


def _who_hear(context: Context, row: PenaltyRow, standing: Standing, party: str) -> tuple[int, ...]:
    """The persons behind an instance, without those who decided or are concerned."""
    parties = parse_parties(context.release.portal, regime_of(row), (party,))
    named = (person_of(context, row, path) for path in parties.paths)
    found = recipients(context, (one for one in named if one is not None), parties.roles)
    return tuple(one for one in found if one not in standing.deciders | {row.person_id})


def _drop(context: Context, row: PenaltyRow, appeal: Appeal, standing: Standing, wanted: Contest) -> None:
    """The appellant gives it up; one that was never brought leaves nothing."""
    if standing.open_by(appeal.place) is not None:
        note = Note("dropped", words=wanted.reason, detail={"appeal": appeal.place})
        append_change(context, row.id, {}, note)


def _answer(context: Context, row: PenaltyRow, appeal: Appeal, standing: Standing, wanted: Contest) -> None:
    party = _check_hearer(context, row, appeal, standing, wanted.instance)
    hearing = standing.hearing
    detail: dict[str, object] = {"appeal": appeal.place}
    if hearing is not None and hearing.row is not None and party in hearing.instances:
        detail |= {"row": hearing.row, "instance": hearing.instances.index(party) + 1}
    words = wanted.reason
    if wanted.result == "keep":
        append_change(context, row.id, {}, Note("kept", words, party, detail))
    elif wanted.result == "withdraw":
        said = words or context.say(N_("{appeal} was upheld"), appeal=appeal.label)
        withdraw_penalty(context, row, said, Note("withdrawn", words, party, detail))
    else:
        correction = Correction(wanted.level, wanted.amount)
        correct_penalty(context, row, correction, words, Note("corrected", words, party, detail))


def _check_hearer(
    context: Context, row: PenaltyRow, appeal: Appeal, standing: Standing, instance: int | None
) -> str:
    """As whom the actor answers. Raises TransitionRefused for everybody else."""
    actor = context.actor
    if actor.kind == "system":
        return ""
    if actor.person_id in standing.deciders:
        raise TransitionRefused(N_("whoever decided does not hear the appeal against it"))
    me = actor.person_id
    if me is not None and (me in appeal.appellants or me == row.person_id or pays_a_share(context, row)):
        raise TransitionRefused(N_("nobody hears an appeal in a matter of his own"))
    hearing = standing.hearing
    if hearing is None or hearing.row is None:
        return ""
    instances = hearing.among(instance)
    if not instances:
        text = N_("the decision by {who} is final; nobody hears an appeal against it")
        raise TransitionRefused(text, {"who": spoken(context, row, (standing.party,)) or "–"})
    party = _held(context, row, standing, instances)
    if party is None and not actor.unlimited:
        text = N_("this appeal is heard by {who}")
        raise TransitionRefused(text, {"who": spoken(context, row, instances[:1])})
    return party or instances[0]


def _held(context: Context, row: PenaltyRow, standing: Standing, instances: tuple[str, ...]) -> str | None:
    """The first instance that can hear it, if that is the actor. One whose place nobody holds, or who decided
    before, is passed over."""
    for party in instances:
        if is_held(context, row, party):
            return party
        if not _vacant(context, row, standing, party):
            return None
    return None


def _vacant(context: Context, row: PenaltyRow, standing: Standing, party: str) -> bool:
    parties = parse_parties(context.release.portal, "", (party,))
    if parties.roles:
        return False
    people = {person_of(context, row, path) for path in parties.paths}
    return not {one for one in people if one is not None and one not in standing.deciders | {row.person_id}}
