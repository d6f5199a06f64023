"""Open records about which somebody is asked: stay with the release that they were made under, or go on by
the one in service. On the record's page, on the start page, and as a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import Actor, row_scope
from app.actions.release_choice import asked_types, asking, choose_release, question_of
from app.release import RecordModel
from app.source import PortalError
from app.storage import scope_where
from app.storage.open_records import asked_where
from app.web.addresses import record_address
from app.web.context import Served, action_context, now, session
from app.web.faults import fault_lines
from app.web.visible import Visible

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """The two releases of which somebody may choose one for a record, and where the answer is sent."""

    stays: int
    goes_on: int
    href: str


def choice_of(record: RecordModel, seen: Visible) -> Choice | None:
    """What the reader is asked about a record; None for nothing, and for who may not edit it."""
    if "update" not in seen.verbs:
        return None
    found = question_of(action_context(), record.name, seen.record.id)
    if found is None:
        return None
    return Choice(found.stays, found.goes_on, record_address(record.name, "release", seen.record.id))


def answer_page(record: RecordModel, pk: int) -> ResponseReturnValue:
    """Carry out an answer that was given on the record's page."""
    sent = request.form.get("release", "")
    release = int(sent) if sent.isdecimal() and len(sent) < 10 else 0
    try:
        number = choose_release(action_context(), record.name, pk, release)
    except PortalError as error:
        session().rollback()
        for line in fault_lines(error):
            flash(line, "danger")
    else:
        flash(_("The record is judged by release %(number)s.", number=number), "success")
    return redirect(record_address(record.name, "show", pk))


def asked_counts(here: Served, asker: Actor) -> dict[str, int]:
    """Record type -> how many records wait for an answer of `asker` (1000 stands for more), in one statement;
    none where no release asks."""
    parts = [part for name in asked_types(action_context()) for part in _part(here, asker, name)]
    if not parts:
        return {}
    return {name: count for name, count in session().execute(sa.union_all(*parts)) if count}


def asked_ids(here: Served, asker: Actor, record_type: str) -> sa.Select[Any]:
    """The ids of the records of one type that wait for an answer of `asker`, to use behind IN."""
    table = here.models.tables[record_type].alias()
    scope = row_scope(here.policy, asker, "update", record_type)
    asked = asked_where(here.models, asking(action_context()), record_type, table)
    return sa.select(table.c.id).where(
        asked, scope_where(here.models, record_type, scope, asker, now(), table=table)
    )


def _part(here: Served, asker: Actor, name: str) -> Iterator[sa.Select[str, int]]:
    if row_scope(here.policy, asker, "update", name).nothing:
        return
    some = asked_ids(here, asker, name).limit(MOST_COUNTED).subquery()
    yield sa.select(sa.literal(name), sa.func.count()).select_from(some)
