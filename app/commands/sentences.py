"""What there is to translate: sentences of the code and of the page templates, labels of the YAML, and the
few sentences of the libraries that our pages show."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.extract import extract_from_dir
from pydantic import BaseModel

from app.spec.base import Strict
from app.spec.penalties import Exemption, JointLiability, Level
from app.spec.portal import SECTIONS, Portal
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType, checklist_columns

PACKAGE = Path(__file__).resolve().parents[1]
TEMPLATES = [("web/templates/**.html", "jinja2"), ("reports/templates/**.html", "jinja2")]
OPTIONS = {pattern: {"encoding": "utf-8", "silent": "false"} for pattern, _method in TEMPLATES}
SINGULAR = frozenset({"_", "gettext", "lazy_gettext", "_l", "N_"})
PLURAL = frozenset({"ngettext", "lazy_ngettext"})
LABEL_KEYS = frozenset(
    "title help group refuse confirm reason subject text organisation frequency unit".split()
)
OPTION_KEYS = frozenset({"options", "sanctions", "items", "titles"})
NOTED: tuple[type[Strict], ...] = (Level, JointLiability, Exemption)
"""Declarations whose `note` is told to the person concerned, among the reasons of a penalty."""

Words = str | tuple[str, ...]
"""A sentence, or its singular and plural."""

BORROWED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "messages": ("Access is Denied",),
        "admin": (
            "Add Filter",
            "Already exists.",
            "Apply",
            "Are you sure you want to delete this record?",
            "Cancel",
            "Create",
            "Create New Record",
            "Delete",
            "Delete Record",
            "Delete?",
            "Details",
            "Edit",
            "Edit Record",
            "Failed to create record.",
            "Failed to save record.",
            "Failed to update record. %(error)s",
            "Filter",
            "Home",
            "List",
            "New",
            "No",
            "Not a valid choice",
            "Permission denied.",
            "Please select at least one record.",
            "Record does not exist.",
            "Record was successfully created.",
            "Record was successfully saved.",
            "Reset Filters",
            "Save",
            "Save and Add Another",
            "Save and Continue Editing",
            "Search",
            "Select all records",
            "Select record",
            "Sort by %(name)s",
            "There are no items in the table.",
            "View Record",
            "With selected",
            "Yes",
            "items",
        ),
    }
)
"""Domain -> sentences of the libraries that our pages show. Flask-Admin keeps its words in a domain of its
own, in catalogues named by country, which a language without one (`zh_Hans`) would not find."""


@cache
def code_messages() -> tuple[tuple[str, int, Words], ...]:
    """(file, line, message) of every sentence in the code and the templates, read once."""
    return (*_in_templates(), *_in_modules())


def _in_templates() -> Iterator[tuple[str, int, Words]]:
    words: dict[str, tuple[int, ...] | None] = dict.fromkeys(SINGULAR)
    words.update(dict.fromkeys(PLURAL, (1, 2)))
    found = extract_from_dir(str(PACKAGE), TEMPLATES, OPTIONS, keywords=words)
    for file, line, message, _comments, _context in found:
        yield f"app/{file}", line, message if isinstance(message, str) else tuple(message)


def _in_modules() -> Iterator[tuple[str, int, Words]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, message in marked(path.read_text(encoding="utf-8")):
            yield f"app/{path.relative_to(PACKAGE).as_posix()}", line, message


def marked(source: str) -> Iterator[tuple[int, Words]]:
    """(line, message) of the marked sentences of a module. The syntax tree is read rather than the tokens,
    so that a mark inside an f-string counts; a mark around a variable is no sentence."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if name in SINGULAR and texts and isinstance(texts[0], str):
                yield node.lineno, texts[0]
            elif name in PLURAL and len(texts) > 1:
                yield node.lineno, (str(texts[0]), str(texts[1]))


def labels(portal: Portal) -> Iterator[tuple[str, int, str]]:
    """(file, line, label) of every label that the YAML declares, built-in types and fields included."""
    for name, spec in {**STANDARD_FIELDS, **_checklist_fields(portal)}.items():
        yield f"<kernel>/{name}", 1, spec.title
    yield from _labels_of(portal.settings)
    for regime in portal.regimes.values():
        yield from _labels_of(regime)
    for kind in SECTIONS.values():
        for declared in portal.section(kind).values():
            yield from _labels_of(declared)


def _checklist_fields(portal: Portal) -> dict[str, FieldSpec]:
    runs = any(
        field.type == "checklist"
        for record in portal.section(RecordType).values()
        for field in record.fields.values()
    )
    return dict(checklist_columns("checklist")) if runs else {}


def _labels_of(piece: Strict) -> Iterator[tuple[str, int, str]]:
    keys = LABEL_KEYS | {"note"} if isinstance(piece, NOTED) else LABEL_KEYS
    for key in type(piece).model_fields:
        value = getattr(piece, key)
        span = piece.span_of(key)
        if isinstance(value, str):
            if key in keys and value.strip():
                yield span.file, span.line, value
        elif key in OPTION_KEYS and isinstance(value, Mapping):
            yield from (
                (span.file, span.line, text) for text in value.values() if isinstance(text, str) and text
            )
            yield from _inside(value)
        else:
            yield from _inside(value)


def _inside(value: object) -> Iterator[tuple[str, int, str]]:
    if isinstance(value, Strict):
        yield from _labels_of(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _inside(inner)
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from _inside(inner)
    elif isinstance(value, BaseModel):
        raise TypeError(f"{type(value).__name__} is not a Strict model")
