"""Many stored records judged at once come out as each does by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from app.actions.assess_stored import assess_stored
from app.actions.holders import Past, Place, Time, person_at
from app.actions.penalty_case import PenaltyRequest, build_case
from app.rules import CaseError, assess, compile_schedule
from app.storage import Database, Record, posting_on, read_record, update_record
from app.storage.people import posting_histories
from tests.support.offices import Office
from tests.support.penalties import CASE, CONDUCT, DEFECT, FOUND, REPEATED, make_case, penalty_office
from tests.support.portals import NOW, stamp

SEED = 20261121


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return penalty_office(database, tmp_path)


def moved(office: Office) -> None:
    """The cook worked in the other shop, under the other head, until a day before some of the cases."""
    shop, other, people = office.units["shop"], office.units["other"], office.people
    lines = (
        {
            "unit": other,
            "superior": people["other_head"],
            "from_date": date(2025, 1, 1),
            "to_date": FOUND.date(),
        },
        {"unit": shop, "superior": people["head"], "from_date": FOUND.date() + timedelta(days=1)},
    )
    with office.database.writing() as session:
        update_record(session, office.models, "person", people["cook"], {"postings": lines}, stamp(), None)


def request_of(record: Record) -> PenaltyRequest | None:
    """By one tariff or another, as the case says."""
    values = record.values
    if values["offender"] is None:
        return None
    schedule = {"a": CONDUCT, "b": DEFECT, "c": REPEATED}[str(values["title"])]
    level = str(values["level"]) if values["level"] else None
    return PenaltyRequest(schedule, CASE, record.id, level, int(str(values["offender"])))


def cases(office: Office, count: int) -> list[int]:
    """Cases before and after the move, some without an offender, some at a level that is not there."""
    rnd = Random(SEED)
    made = []
    for _ in range(count):
        who = rnd.choice(["cook", "head", "other_cook", "boss", None])
        made.append(
            make_case(
                office,
                title=rnd.choice("abc"),
                level=rnd.choice(["minor", "fault", "serious", "major", "spot"]),
                found_by=rnd.choice(["own_check", "hr_patrol", None]),
                spotted=rnd.choice([True, False, None]),
                offender=office.people[who] if who else None,
                found_at=FOUND + timedelta(days=rnd.randrange(-20, 20)),
            )
        )
    return made


def test_each_comes_out_as_by_itself(office: Office) -> None:
    """The same case, the same amounts, the same reasons, the same refusals; in the order that was asked."""
    moved(office)
    ids = cases(office, 60)
    context = office.as_("hr", "hr")
    found = list(assess_stored(context, CASE, ids, request_of, ("title", "level", "offender")))
    wanted = []
    for ident in ids:
        stored = read_record(context.session, office.models, CASE, ident)
        request = request_of(stored) if stored is not None else None
        if stored is None or request is None:
            continue
        schedule = compile_schedule(
            office.release.portal, office.release.portal.penalty_schedules[request.schedule]
        )
        case = build_case(context, schedule, request, stored)
        try:
            wanted.append((request, case, assess(schedule, case).told()))
        except CaseError as error:
            wanted.append((request, case, [one.message() for one in error.mistakes]))
    told = [
        (
            one.request,
            one.case,
            one.assessment.told()
            if one.assessment
            else [m.message() for m in one.error.mistakes if one.error],
        )
        for one in found
    ]
    assert told == wanted
    assert {one.assessment is None for one in found} == {True, False}


def test_people_are_asked_for_once(office: Office) -> None:
    """However many records there are, their people are read in a few statements."""
    moved(office)
    ids = [make_case(office, title="a", level="serious", found_by="own_check") for _ in range(30)]
    context = office.as_("hr", "hr")
    connection = context.session.connection()
    seen: list[str] = []

    def note(_c: object, _k: object, text: str, _p: object, _x: object, _m: object) -> None:
        seen.append(text)

    event.listen(connection, "before_cursor_execute", note)
    few = len(list(assess_stored(context, CASE, ids[:2], request_of, ("title", "level", "offender"))))
    with_two = len(seen)
    many = len(list(assess_stored(context, CASE, ids, request_of, ("title", "level", "offender"))))
    assert (few, many) == (2, 30)
    assert len(seen) - with_two <= with_two + 2


def test_histories_answer_like_single_questions(office: Office) -> None:
    """Any day, any person: with postings, without, between them, unknown."""
    moved(office)
    people = [*office.people.values(), 999]
    with office.database.reading() as session:
        histories = posting_histories(session, office.models, people)
        for ident in people:
            for offset in range(-500, 60, 37):
                day = FOUND.date() + timedelta(days=offset)
                history = histories.get(ident)
                assert (history.on(day) if history else None) == posting_on(
                    session, office.models, ident, day
                )


def test_a_past_remembers_nobody_wrongly(office: Office) -> None:
    """What is asked first changes nothing of what is answered later."""
    moved(office)
    context = office.as_("hr", "hr")
    past = Past(context)
    cook = Place("person", office.people["cook"])

    def superior(found: Past, at: datetime) -> int | None:
        return person_at(found, cook, ("superior",), Time(at, at))

    before, after = FOUND - timedelta(days=3), FOUND + timedelta(days=3)
    assert superior(past, before) == superior(Past(context), before) == office.people["other_head"]
    assert superior(past, after) == superior(Past(context), after) == office.people["head"]
    past.warm([office.people["cook"], 999])
    assert (superior(past, before), past.posting(999, NOW.date())) == (office.people["other_head"], None)
    assert past.names([office.people["cook"]])[office.people["cook"]] == "厨师"
