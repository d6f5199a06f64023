"""Words for the names that records keep: which schedule, level, checklist or kind of record."""

from __future__ import annotations

from collections.abc import Mapping

from app.release.model import FieldModel
from app.spec.checklists import Checklist
from app.spec.penalties import PenaltySchedule
from app.spec.portal import Portal
from app.spec.records import RecordType
from app.spec.reports import Report
from app.spec.service_levels import ServiceLevel

LEVEL = "level:"
_NAMED = (PenaltySchedule, Checklist, RecordType, Report, ServiceLevel)


def names_of(portal: Portal) -> Mapping[str, str]:
    """Full name -> title of what texts in records may name; `role.x`, `level:x` for roles and levels."""
    names = {full: one.label for kind in _NAMED for full, one in portal.section(kind).items()}
    names |= {f"role.{full}": role.label for full, role in portal.roles.items()}
    for schedule in portal.penalty_schedules.values():
        for name in schedule.levels:
            names.setdefault(LEVEL + name, portal.level_title(schedule, name))
    return names


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
