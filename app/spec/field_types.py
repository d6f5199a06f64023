"""The closed table of field types. Columns, form fields, API types and formats have one row for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

FieldType = Literal[
    "text", "long_text", "integer", "decimal", "money", "percent", "rating", "boolean", "date", "time",
    "datetime", "month", "duration", "choice", "choices", "person", "unit", "link", "links", "lines",
    "checklist", "file", "files", "photo", "photos", "signature", "location", "phone", "email", "url",
    "formula",
]  # fmt: skip

FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)

Storage = Literal["column", "link", "rows", "attachments", "answers", "computed"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field type is kept and which options it takes besides the common ones.

    storage: column = one column of its own; link = a foreign key `<field>_id`; rows = a child table;
    attachments = rows of `attachment` that name the record and the field; answers = a checklist run;
    computed = calculated from other fields and stored.
    """

    storage: Storage
    options: frozenset[str] = frozenset()
    searchable: bool = False
    sortable: bool = True
    number: bool = False


_NUMBER = frozenset({"min", "max", "unit"})
_TEXT = frozenset({"min", "max", "pattern", "mask"})

KINDS: dict[FieldType, Kind] = {
    "text": Kind("column", _TEXT, searchable=True),
    "long_text": Kind("column", _TEXT, searchable=True, sortable=False),
    "integer": Kind("column", _NUMBER, number=True),
    "decimal": Kind("column", _NUMBER | {"places"}, number=True),
    "money": Kind("column", _NUMBER, number=True),
    "percent": Kind("column", _NUMBER | {"places"}, number=True),
    "rating": Kind("column", _NUMBER, number=True),
    "boolean": Kind("column"),
    "date": Kind("column", frozenset({"min", "max"})),
    "time": Kind("column", frozenset({"min", "max"})),
    "datetime": Kind("column", frozenset({"min", "max"})),
    "month": Kind("column", frozenset({"min", "max"})),
    "duration": Kind("column", frozenset({"min", "max"})),
    "choice": Kind("column", frozenset({"options", "options_when"})),
    "choices": Kind("column", frozenset({"options", "options_when", "min", "max"}), sortable=False),
    "person": Kind("link", frozenset({"where", "owner", "quick_add"})),
    "unit": Kind("link", frozenset({"where", "quick_add"})),
    "link": Kind("link", frozenset({"to", "where", "quick_add"})),
    "links": Kind("rows", frozenset({"to", "where", "quick_add", "min", "max"}), sortable=False),
    "lines": Kind("rows", frozenset({"fields", "min", "max"}), sortable=False),
    "checklist": Kind("answers", frozenset({"options", "to", "finding"}), sortable=False),
    "file": Kind("attachments", frozenset({"accept", "max_size"}), sortable=False),
    "files": Kind("attachments", frozenset({"accept", "max_size", "min", "max"}), sortable=False),
    "photo": Kind("attachments", frozenset({"max_size"}), sortable=False),
    "photos": Kind("attachments", frozenset({"max_size", "min", "max"}), sortable=False),
    "signature": Kind("attachments", sortable=False),
    "location": Kind("column", sortable=False),
    "phone": Kind("column", _TEXT, searchable=True),
    "email": Kind("column", _TEXT, searchable=True),
    "url": Kind("column", _TEXT, searchable=True),
    "formula": Kind("computed", frozenset({"formula", "gives", "places"})),
}
