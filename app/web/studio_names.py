"""Names that completion offers where the YAML refers to something declared elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from app.spec.portal import SECTIONS, Portal
from app.web.languages import label

WHERE: Mapping[str, str] = {
    "to": "records",
    "of": "records",
    "record": "records",
    "creates": "records",
    "finding": "records",
    "options": "choices",
    "rank": "choices",
    "workflow": "workflows",
    "calendar": "calendars",
    "checklist": "checklists",
    "checklists": "checklists",
    "schedule": "penalty_schedules",
    "penalties": "penalty_schedules",
    "standard": "standards",
    "service_level": "service_levels",
    "roles": "roles",
    "fields": "fields",
    "columns": "fields",
    "filters": "fields",
    "search": "fields",
    "ask": "fields",
    "require": "fields",
    "from": "states",
    "start": "states",
}
"""Key -> the kind of names that its value is made of. `to` is a state inside a transition, too."""


def names_of(portal: Portal) -> dict[str, object]:
    """`{"where": key -> kind, "names": kind -> [[name, title], …]}`; full names, fields and states bare."""
    names: dict[str, dict[str, str]] = {
        section: {
            full: label(str(getattr(one, "label", ""))) for full, one in getattr(portal, section).items()
        }
        for section in SECTIONS
    }
    fields: dict[str, str] = {}
    for record in portal.records.values():
        fields.update({name: label(one.title) for name, one in record.fields.items()})
    states: dict[str, str] = {}
    for workflow in portal.workflows.values():
        states.update({name: label(one.title) for name, one in workflow.states.items()})
    names["fields"], names["states"] = fields, states
    return {
        "where": dict(WHERE),
        "names": {kind: [[name, title] for name, title in found.items()] for kind, found in names.items()},
    }
