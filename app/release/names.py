"""Words for the names that records keep: which schedule, level, checklist or kind of record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from app.release.model import FieldModel
from app.spec.checklists import Checklist
from app.spec.penalties import PenaltySchedule
from app.spec.portal import Portal
from app.spec.records import RecordType
from app.spec.reports import Report
from app.spec.service_levels import ServiceLevel

LEVEL = "level:"
_NAMED = (ServiceLevel, Report, RecordType, Checklist, PenaltySchedule)
"""Whose names may stand in texts; the first kind that has a name gives its title."""


class Names(Mapping[str, str]):
    """Full name -> title of what texts in records may name; `role.x`, `level:x` for roles and levels.

    A declaration is looked at when its title is asked for: checklists may not be opened yet.
    """

    def __init__(self, portal: Portal) -> None:
        self._declared = tuple(portal.section(kind) for kind in _NAMED)
        self._others = {f"role.{full}": role.label for full, role in portal.roles.items()}
        for schedule in portal.penalty_schedules.values():
            for name in schedule.levels:
                self._others.setdefault(LEVEL + name, portal.level_title(schedule, name))

    def __getitem__(self, name: str) -> str:
        for declared in self._declared:
            if name in declared:
                return declared[name].label
        return self._others[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(*self._declared, self._others)))

    def __len__(self) -> int:
        return len(set(chain(*self._declared, self._others)))


def in_words(names: Mapping[str, str], field: FieldModel, text: str) -> str:
    """A text that the portal itself keeps (a read-only text field), with names replaced by titles.

    Several names stand with commas between them. What names nothing stays as it is.
    """
    if field.spec.type != "text" or field.spec.read_only is not True:
        return text
    parts = [part.strip() for part in text.split(",")]
    found = [
        names.get(part) or (names.get(LEVEL + part) if field.name == "level" else None) for part in parts
    ]
    if not any(found):
        return text
    return "、".join(title or part for title, part in zip(found, parts, strict=True))
