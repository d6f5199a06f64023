"""The names that report templates may use."""

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
        "checklists": "Lists run, by field: title, score, grade, passed, asked, failed, vetoed_by, grid, "
        "because (why this score), reasons (the same with every item).",
        "findings": "Findings of the record: their fields in words, raw, type.",
        "penalties": "Penalties that the record or its findings led to: their fields in words, raw, reasons.",
        "partners": "Of a penalty: the penalties that it is shared with.",
        "reasons": "Of a penalty: why it is what it is, a list of (sentence, file:line, depth).",
        "history": "Of a penalty: its changes: at, title, who, level, before, after, refund, words, reasons.",
        "pay_to": "Of a penalty: whom or where to pay, as its schedule says.",
        "albums": "Albums that hold pictures, for photos(name); `evidence` are those of items.",
        "document": "This print: number (empty in a preview), report, printed_by, printed_at, release.",
        "now": "The moment of printing, for a filter such as datetime.",
        "organisation": "The organisation's name.",
        "number": "The record's number.",
        "groups": "The form's groups: title, fields (label, text, wide).",
        "data": "Data sets of the report by name: rows in words, row.raw holds the values.",
        "charts": "Names of the report's charts, for chart(name).",
        "tables": "Long tables for grid(key): title, key.",
        "photo_groups": "Albums with a title: title, name.",
        "signatures": "Signature fields: (label, name).",
    }
)
"""Name -> what it holds in a report of one record, for the reference page and the check of templates; what
fills them is `app.actions.report_data`."""

DATA_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "title": "The report's title.",
        "subtitle": "What was asked, in one line.",
        "parameters": "What was asked, in words by name; parameters.raw holds the values.",
        "labels": "What each parameter is called.",
        "data": "Data sets by name (also by their bare names): rows in words, row.raw the values.",
        "totals_of": "Data set -> the words of its row of totals, by column.",
        "counts": "Data set -> how many rows there are, those that are not shown too.",
        "charts": "Names of the report's charts, for chart(name).",
        "portal": "title, organisation.",
        "organisation": "The organisation's name.",
        "regime": "title, status (draft, trial, in_force …), status_title, source, missing (a list).",
        "document": "This print: number (empty in a preview), report, printed_by, printed_at, release.",
        "now": "The moment of printing, for a filter such as datetime.",
    }
)
"""The same for reports over a period or a selection; what fills them is `app.actions.issue_report`."""

OF_RECORD = frozenset({"raw", "type"})
"""What `record`, and each finding or penalty, has beside its fields."""
OF_PENALTY = frozenset({*OF_RECORD, "reasons"})
