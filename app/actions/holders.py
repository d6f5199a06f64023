"""Who held a place, and what else lay behind a path of links, on the day when something happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from app.actions.context import Context
from app.storage import labels_of, linked_values
from app.storage.past import LinkChange, link_at, link_changes
from app.storage.people import Posting, PostingHistory, posting_histories


class Place(NamedTuple):
    """A record that a path has come to: its type (full name) and id."""

    record_type: str
    id: int


@dataclass(frozen=True, slots=True)
class Time:
    """When a path is followed: where people worked is read at `at`, who headed a unit at `heads_at`."""

    at: datetime
    heads_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What was read of people and units, so that many cases ask for each thing once.

    Good for one transaction, in which neither people nor units change.
    """

    context: Context
    histories: dict[int, PostingHistory | None] = field(default_factory=dict)
    values: dict[tuple[str, int, str], object] = field(default_factory=dict)
    changes: dict[Place, tuple[LinkChange, ...]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)

    def warm(self, person_ids: Collection[int]) -> None:
        """Read at once what will be asked of these persons: their postings and names."""
        context, missing = self.context, sorted(set(person_ids) - self.histories.keys())
        found = posting_histories(context.session, context.models, missing) if missing else {}
        self.histories.update({ident: found.get(ident) for ident in missing})
        self.names(missing)

    def posting(self, person_id: int, day: date) -> Posting | None:
        """Where a person worked on a day; None for an unknown person."""
        if person_id not in self.histories:
            context = self.context
            found = posting_histories(context.session, context.models, (person_id,))
            self.histories[person_id] = found.get(person_id)
        history = self.histories[person_id]
        return history.on(day) if history is not None else None

    def value(self, here: Place, part: str) -> object:
        """A field of a record as it stands now."""
        key = (here.record_type, here.id, part)
        if key not in self.values:
            context = self.context
            read = linked_values(context.session, context.models, here.record_type, (here.id,), {(part,)})
            self.values[key] = read.get(here.id, {}).get(part)
        return self.values[key]

    def then(self, here: Place, part: str, at: datetime, present: object) -> int | None:
        """What a link held at a moment, as far as the audit trail tells; `present` is what it holds now."""
        if here not in self.changes:
            context = self.context
            self.changes[here] = link_changes(context.session, context.models, here.record_type, here.id)
        return link_at(self.changes[here], part, at, present if isinstance(present, int) else None)

    def names(self, person_ids: Collection[int]) -> Mapping[int, str]:
        """The labels of persons."""
        missing = [ident for ident in person_ids if ident not in self.labels]
        if missing:
            found = labels_of(self.context.session, self.context.models, "person", missing)
            self.labels.update({ident: found.get(ident, "") for ident in missing})
        return self.labels


def follow(past: Past, start: Place | None, parts: tuple[str, ...], time: Time) -> object:
    """What `parts` lead to from `start`: a Place behind a link, else the plain value; None behind an empty
    link.

    A person's superior, unit and post are those of the day, by the postings (by the audit trail where no
    posting covers it), a unit's head the one of the moment. Everything else is as it stands now.
    """
    found: object = start
    for part in parts:
        if not isinstance(found, Place):
            return None
        found = _step(past, found, part, time)
    return found


def person_at(past: Past, start: Place | None, parts: tuple[str, ...], time: Time) -> int | None:
    """Id of the person that the path leads to, None where nobody held the place."""
    found = follow(past, start, parts, time)
    return found.id if isinstance(found, Place) and found.record_type == "person" else None


def _step(past: Past, here: Place, part: str, time: Time) -> object:
    if part == "id":
        return here.id
    record = past.context.release.records.get(here.record_type)
    column = record.columns.get(part) if record is not None else None
    if column is None:
        return None
    if here.record_type == "person" and part in ("unit", "post", "superior"):
        value: object = _posted(past, here.id, part, time.at)
    else:
        value = past.value(here, part)
        if here == ("unit", here.id) and part == "head":
            value = past.then(here, part, time.heads_at, value)
    if column.target is not None and column.kind.storage == "link":
        return Place(column.target, value) if isinstance(value, int) else None
    return value


def _posted(past: Past, person_id: int, part: str, at: datetime) -> int | None:
    """Where the person belonged on that day."""
    posting = past.posting(person_id, at.astimezone(past.context.zone).date())
    if posting is None:
        return None
    value = {"unit": posting.unit_id, "post": posting.post_id, "superior": posting.superior_id}[part]
    return value if posting.recorded else past.then(Place("person", person_id), part, at, value)
