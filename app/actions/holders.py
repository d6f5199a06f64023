"""Who held a place, and what else lay behind a path of links, on the day when something happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.actions.context import Context
from app.storage import linked_values, posting_on
from app.storage.past import link_then


class Place(NamedTuple):
    """A record that a path has come to: its type (full name) and id."""

    record_type: str
    id: int


@dataclass(frozen=True, slots=True)
class Time:
    """When a path is followed: where people worked is read at `at`, who headed a unit at `heads_at`."""

    at: datetime
    heads_at: datetime


def follow(context: Context, start: Place | None, parts: tuple[str, ...], time: Time) -> object:
    """What `parts` lead to from `start`: a Place behind a link, else the plain value; None behind an empty
    link.

    A person's superior, unit and post are those of the day, by the postings (by the audit trail where no
    posting covers it), a unit's head the one of the moment. Everything else is as it stands now.
    """
    found: object = start
    for part in parts:
        if not isinstance(found, Place):
            return None
        found = _step(context, found, part, time)
    return found


def person_at(context: Context, start: Place | None, parts: tuple[str, ...], time: Time) -> int | None:
    """Id of the person that the path leads to, None where nobody held the place."""
    found = follow(context, start, parts, time)
    return found.id if isinstance(found, Place) and found.record_type == "person" else None


def _step(context: Context, here: Place, part: str, time: Time) -> object:
    if part == "id":
        return here.id
    record = context.release.records.get(here.record_type)
    field = record.columns.get(part) if record is not None else None
    if field is None:
        return None
    if here.record_type == "person" and part in ("unit", "post", "superior"):
        value: object = _posted(context, here.id, part, time.at)
    else:
        read = linked_values(context.session, context.models, here.record_type, (here.id,), {(part,)})
        value = read.get(here.id, {}).get(part)
        if here == ("unit", here.id) and part == "head":
            value = _then(context, here, part, time.heads_at, value)
    if field.target is not None and field.kind.storage == "link":
        return Place(field.target, value) if isinstance(value, int) else None
    return value


def _posted(context: Context, person_id: int, part: str, at: datetime) -> int | None:
    """Where the person belonged on that day."""
    day = at.astimezone(context.zone).date()
    posting = posting_on(context.session, context.models, person_id, day)
    if posting is None:
        return None
    value = {"unit": posting.unit_id, "post": posting.post_id, "superior": posting.superior_id}[part]
    return value if posting.recorded else _then(context, Place("person", person_id), part, at, value)


def _then(context: Context, here: Place, field: str, at: datetime, present: object) -> int | None:
    now = present if isinstance(present, int) else None
    return link_then(context.session, context.models, here.record_type, here.id, field, at, now)
