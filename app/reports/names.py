"""The names that report templates of one record may use. What fills them is `app.actions.report_data`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VALUES: Mapping[str, str] = MappingProxyType(
    {
        "title": "The report's title.",
        "record": "Each field in words: record.unit; record.raw holds the values, record.type the kind.",
        "labels": "What each field is called; hidden fields have no name.",
        "lines": "Child tables by field: a list of rows, each column in words.",
        "portal": "title, organisation.",
        "regime": "title, status (draft, trial, in_force …), status_title, source, missing (a list).",
        "answers": "Answered items: section, item, title, answer, remark, lost, failed, critical, photos.",
        "checklists": "Lists run, by field: title, score, grade, passed, asked, failed, vetoed_by, grid",
        "findings": "Findings of the record: their fields in words, raw, type.",
        "penalties": "Penalties that the record or its findings led to: their fields in words, raw, reasons.",
        "partners": "Of a penalty: the penalties that it is shared with.",
        "reasons": "Of a penalty: why it is what it is, a list of (sentence, file:line, depth).",
        "albums": "Albums that hold pictures, for photos(name); `evidence` are those of items.",
        "document": "This print: number (empty in a preview), report, printed_by, printed_at, release.",
        "now": "The moment of printing, for a filter such as datetime.",
        "organisation": "The organisation's name.",
        "number": "The record's number.",
        "groups": "The form's groups: title, fields (label, text, wide).",
        "tables": "Long tables for grid(key): title, key.",
        "photo_groups": "Albums with a title: title, name.",
        "signatures": "Signature fields: (label, name).",
    }
)
"""Name -> what it holds, for the reference page and for the check of templates."""

OF_RECORD = frozenset({"raw", "type"})
"""What `record`, and each finding or penalty, has beside its fields."""
OF_PENALTY = frozenset({*OF_RECORD, "reasons"})
