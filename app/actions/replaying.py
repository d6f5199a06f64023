"""What every part of a replay stands on: both releases, what cannot be judged, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from app.actions.context import Context
from app.expressions import Lookup
from app.release import RecordModel, Release
from app.spec.base import Named

FIRST_IDS = 20
"""Records that are named of those that cannot be judged for one cause."""
Spec = TypeVar("Spec", bound=Named)
Progress = Callable[[int, int], None]
"""Told how many records are done, and of how many."""


@dataclass(slots=True)
class Unjudged:
    """Records that the draft cannot judge for one cause. record_type: of the `ids`, the first of them; rule:
    full name of the schedule, checklist or service level; why: in words."""

    record_type: str
    rule: str
    why: str
    count: int = 0
    ids: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        told = {"type": self.record_type, "rule": self.rule, "why": self.why, "count": self.count}
        return {**told, "ids": list(self.ids)}


@dataclass(slots=True)
class Replaying:
    """A replay under way.

    live: reads the database, under the release in service; draft: the same under the release that is tried
    out, whose tables need not exist; progress: told how many records have been judged, and of how many.
    """

    live: Context
    draft: Context
    since: datetime
    progress: Progress = lambda _done, _of: None
    records: int = 0
    expected: int = 0
    unjudged: dict[tuple[str, str, str], Unjudged] = field(default_factory=dict)

    def judged(self, count: int) -> None:
        """So many more have been gone through."""
        self.records += count
        self.progress(self.records, max(self.expected, self.records))

    def cannot(self, record_type: str, rule: str, record_id: int, why: str) -> None:
        """The draft has no answer for this record."""
        key = (record_type, rule, why)
        found = self.unjudged.setdefault(key, Unjudged(record_type, rule, why))
        found.count += 1
        if len(found.ids) < FIRST_IDS:
            found.ids.append(record_id)


def successors(declared: Mapping[str, Spec]) -> Mapping[str, Spec]:
    """What each full name of the earlier release is called now: itself, or the one that says `was`."""
    renamed = {
        ".".join(part for part in (one.regime, one.was) if part): one for one in declared.values() if one.was
    }
    return {**renamed, **declared}


def earlier_record(replaying: Replaying, record_type: str) -> RecordModel | None:
    """The record type of the release in service that the draft knows by that full name."""
    live = replaying.live.release.records
    if record_type in live:
        return live[record_type]
    found = replaying.draft.release.records.get(record_type)
    was = found.spec.was if found is not None else None
    return live.get(".".join(part for part in (found.regime, was) if part)) if found and was else None


def renamed_fields(before: RecordModel, after: RecordModel | None) -> Mapping[str, str]:
    """New field -> the field that holds its values in the release in service."""
    fields = after.fields if after is not None else {}
    return {
        name: one.spec.was
        for name, one in fields.items()
        if one.spec.was and name not in before.columns and one.spec.was in before.columns
    }


def unreadable(live: Release, lookups: Iterable[Lookup]) -> Iterator[str]:
    """The record types and fields that look-ups count by and that are not stored yet."""
    for lookup in lookups:
        record = live.records.get(lookup.record)
        if record is None:
            yield lookup.record
            continue
        for path in sorted(lookup.inner):
            if path[0] not in record.columns and path[0] not in ("id", "state"):
                yield f"{lookup.record}.{path[0]}"
