"""Somebody is asked: an open record stays with the release that it was made under, or goes on by the rules of
the one in service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.actions import open_records as carrying
from app.actions.context import Context, transaction
from app.actions.pinned import changes_of_rules
from app.actions.records import load_for
from app.actions.storing import audit
from app.source import N_, Refusal
from app.storage.open_records import PENALTY, SCHEDULE, Move, note_stay, release_asked_about


class ChoiceRefused(Refusal):
    """Nothing is asked about the record, or the answer is none of the two."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which release judges an open record. stays: the one that does now; goes_on: the one in service; asked:
    the release that asked."""

    stays: int
    goes_on: int
    asked: int


def asking(context: Context) -> Mapping[str, int]:
    """Record type, or schedule behind `SCHEDULE` -> the last release that asks about its open records."""
    return {one.record_type: one.release for one in changes_of_rules(context) if one.mode == carrying.ASK}


def asked_types(context: Context) -> tuple[str, ...]:
    """The record types of which open records may wait for an answer."""
    names = (PENALTY if name.startswith(SCHEDULE) else name for name in asking(context))
    return tuple(name for name in dict.fromkeys(names) if name in context.release.records)


def question_of(context: Context, record_type: str, record_id: int) -> Question | None:
    """What is asked about a record; None for nothing, and where it has been answered."""
    known = asking(context)
    if record_type not in asked_types(context):
        return None
    stays = release_asked_about(context.session, context.models, known, record_type, record_id)
    return None if stays is None else Question(stays, context.release.number, max(known.values()))


def choose_release(context: Context, record_type: str, record_id: int, release: int) -> int:
    """Answer: the release that judges the record from now on, `stays` or `goes_on` of its question.

    Raises AccessDenied, RecordGone, ChoiceRefused.
    """
    with transaction(context):
        stored, _facts = load_for(context, record_type, record_id, "update")
        question = question_of(context, record_type, record_id)
        if question is None:
            raise ChoiceRefused(N_("nothing is asked about the release of this record"))
        if release == question.goes_on:
            move = Move(release, record_type, record_id, question.stays, release)
            if record_type != PENALTY:
                carrying.put_records_under(context, [move], "")
            elif not carrying.put_penalty_under(context, move, ""):
                raise ChoiceRefused(N_("release {number} cannot judge this case"), number=release)
        elif release == question.stays:
            note_stay(context.session, question.asked, record_type, record_id)
            audit(context, "update", record_type, record_id, stored.label, {}, {}, f"= #{release}")
        else:
            text = N_("the record can stay with release {stays} or go on under release {goes_on}")
            raise ChoiceRefused(text, stays=question.stays, goes_on=question.goes_on)
    return release
