"""A record as prints write it: each field in plain words; what the reader may not see is left empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.access import hidden_fields, mask_value, masks_for
from app.access.masks import Mask
from app.actions.context import Context
from app.actions.visible import label_is_open, updatable
from app.release import FieldModel, RecordModel
from app.reports import UNSET, FieldOptions, format_value
from app.spec.penalties import PenaltySchedule
from app.storage import Record

Words = dict[str, str]
_BOXES = frozenset({"file", "files", "photo", "photos", "signature"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Writes the records of one type for one reader.

    hidden: fields that do not exist for the reader; full: ids of the records whose masked fields are shown in
    full; named: the record types whose records may be called by their label.
    """

    context: Context
    record: RecordModel
    hidden: frozenset[str]
    full: frozenset[int]
    named: frozenset[str]

    @classmethod
    def of(cls, context: Context, record: RecordModel, stored: Sequence[Record]) -> Reader:
        """For the acting person and these records; one statement at most, and only for masked fields."""
        fields = [*record.columns.values(), *(one for line in record.children for one in line.lines.values())]
        targets = {one.target for one in fields if one.target is not None}
        return cls(
            context,
            record,
            hidden_fields(context.policy, context.actor, record.name),
            updatable(context, record.name, [one.id for one in stored]),
            frozenset(name for name in targets if label_is_open(context, name)),
        )

    def words(self, stored: Record) -> Words:
        """Every field as text, by name; hidden and empty ones are empty texts."""
        masks = self.masks(stored)
        found: Words = {}
        for name, field in self.record.columns.items():
            if name in self.hidden:
                found[name] = ""
            elif field.type in _BOXES:
                found[name] = self._listed([info.file_name for info in stored.attachments.get(name, ())])
            else:
                text = self.text(field, stored.values.get(name), stored.labels.get(name))
                found[name] = (mask_value(masks[name], text) or "") if name in masks else text
        return {**found, **self._of_penalty(stored)}

    def raw(self, stored: Record) -> dict[str, object]:
        """The values behind the words; hidden and masked fields are None."""
        closed = self.hidden | self.masks(stored).keys()
        return {name: None if name in closed else stored.values.get(name) for name in self.record.columns}

    def labels(self) -> Words:
        """What each field is called; hidden ones have no name."""
        return {
            name: "" if name in self.hidden else self.say(field.label)
            for name, field in self.record.columns.items()
        }

    def lines(self, stored: Record, name: str) -> list[Words]:
        """The rows of a child table in words."""
        field, rows = self.record.fields[name], stored.values.get(name)
        if name in self.hidden or not isinstance(rows, (list, tuple)):
            return []
        labels = stored.line_labels.get(name, ())
        masked = not self.context.actor.unlimited and stored.id not in self.full
        found = []
        for at, row in enumerate(rows):
            called = labels[at] if at < len(labels) else {}
            words = {key: self.text(one, row.get(key), called.get(key)) for key, one in field.lines.items()}
            for key, one in field.lines.items():
                if masked and one.spec.mask is not None:
                    words[key] = mask_value(one.spec.mask, words[key]) or ""
            found.append(words)
        return found

    def masks(self, stored: Record) -> Mapping[str, Mask]:
        """The fields of this record that are shown in part."""
        context = self.context
        return masks_for(context.policy, context.actor, self.record.name, stored.id in self.full)

    def text(self, field: FieldModel, value: Any, label: str | tuple[str, ...] | None = None) -> str:
        """One value in words; `label` is what a link is called."""
        if value is None or value == () or value == "":
            return ""
        if field.kind.storage == "link":
            return str(label) if label and field.target in self.named else f"#{value}"
        if field.type == "links":
            named = label if label and field.target in self.named else [f"#{one}" for one in value]
            return self._listed(list(named))
        if field.type == "checklist" or self._names_a_checklist(field):
            found = self.context.release.portal.checklists.get(str(value))
            return self.say(found.label) if found else str(value)
        if field.name == "penalty" and str(value) in self.context.release.portal.penalty_schedules:
            # A finding keeps the full name of the schedule that fines it.
            return self.say(self.context.release.portal.penalty_schedules[str(value)].label)
        return format_value(
            field.type, value, self._options(field), self.context.translate, self.context.zone
        )

    def say(self, words: str) -> str:
        """Words of the configuration in the reader's language."""
        return self.context.translate(words) if words else ""

    def _listed(self, texts: Sequence[str]) -> str:
        return format_value("links", texts, translate=self.context.translate) if texts else ""

    def _options(self, field: FieldModel) -> FieldOptions:
        best = str(field.spec.max or "")
        return FieldOptions(
            currency=self.context.release.portal.settings.currency,
            places=field.spec.places,
            unit=field.spec.unit or "",
            maximum=int(best) if field.type == "rating" and best.isdigit() else None,
            choices={name: option.title or name for name, option in field.options.items()},
        )

    def _names_a_checklist(self, field: FieldModel) -> bool:
        owner = self.record.fields.get(field.name.removesuffix("_checklist"))
        return field.name.endswith("_checklist") and owner is not None and owner.type == "checklist"

    def _of_penalty(self, stored: Record) -> Words:
        """A penalty keeps the names of its schedule and level: their titles are what people read. A figure
        that the regulation leaves open reads so."""
        if self.record.name != "penalty":
            return {}
        found: Words = {}
        schedule = schedule_of(self.context, stored)
        if schedule is not None:
            found["schedule"] = self.say(schedule.label)
            level = str(stored.values.get("level") or "")
            found["level"] = self.say(self.context.release.portal.level_title(schedule, level))
        if stored.values.get("amount_asked"):
            unset = format_value("money", UNSET, translate=self.context.translate)
            for name in ("base_amount", "amount_due"):
                if stored.values.get(name) is None:
                    found[name] = unset
        return {name: words for name, words in found.items() if name not in self.hidden and words}


def schedule_of(context: Context, penalty: Record) -> PenaltySchedule | None:
    """The schedule that a penalty was raised under, as it is declared now."""
    return context.release.portal.penalty_schedules.get(str(penalty.values.get("schedule")))
