"""The language as JSON Schema (2020-12), for editors: completion, descriptions, faults while typing.

Made from the same classes that decode the YAML. It is a help, not the judge: what a schema cannot say
(references, expressions, order) is for `check`. A declaration that extends another may leave out what the
other one has, so keys are demanded only where nothing can be inherited.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.spec.base import ExpressionMark, Named, takes_one_alone
from app.spec.checklists import Checklist
from app.spec.meanings import meaning
from app.spec.portal import SECTIONS
from app.spec.portal_settings import PortalSettings, Regime
from app.spec.reports import Report
from app.spec.shapes import annotation_of, fields_of, flat, is_model

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME = "^[a-z][a-z0-9_]*$"

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""A text: an editor reads `12` and `yes` as a number and a switch, the portal reads the words."""

_SHORT: Mapping[tuple[str, str], Schema] = MappingProxyType(
    {
        ("ChoiceList", "options"): {"additionalProperties": {"anyOf": [_TEXT, {"$ref": "#/$defs/Option"}]}},
        ("PenaltySchedule", "levels"): {
            "additionalProperties": {"anyOf": [{"type": ["number", "null"]}, {"$ref": "#/$defs/Level"}]}
        },
        ("IndicatorExpected", "groups"): {
            "additionalProperties": {
                "anyOf": [{"type": ["number", "null"]}, {"$ref": "#/$defs/IndicatorFigure"}]
            }
        },
        ("Calendar", "open"): {"anyOf": [{"type": "object"}, {"type": "array", "items": _TEXT}]},
        ("Calendar", "hours"): {
            "additionalProperties": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
        },
        ("Role", "can"): {
            "additionalProperties": {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Grant"}]},
            }
        },
    }
)
"""Short forms that the decoder spells out before it looks."""


class _Writer:
    """Collects the definitions that the schemas of keys refer to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._open: set[str] = set()

    def reference(self, model: type[BaseModel], complete: bool) -> Schema:
        """A reference to a model's definition; `complete` when nothing of it can be inherited."""
        name = model.__name__
        if name not in self.definitions and name not in self._open:
            self._open.add(name)
            self.definitions[name] = self.model(model)
            self._open.discard(name)
        needed = _required(model)
        if complete and needed:
            return {"$ref": f"#/$defs/{name}", "required": needed}
        return {"$ref": f"#/$defs/{name}"}

    def model(self, model: type[BaseModel]) -> Schema:
        """The schema of one model: closed, its keys with their meanings."""
        keys = {key: self.key(model, key, info) for key, info in fields_of(model).items()}
        schema: Schema = {
            "type": "object",
            "description": " ".join((model.__doc__ or "").split()),
            "properties": keys,
            "additionalProperties": False,
        }
        needed = _required(model)
        if issubclass(model, Named) and needed:
            schema |= {"if": {"not": {"required": ["extends"]}}, "then": {"required": needed}}
        return schema

    def key(self, model: type[BaseModel], key: str, info: FieldInfo) -> Schema:
        """The schema of one key."""
        schema = self.value(annotation_of(info))
        short = _SHORT.get((model.__name__, key))
        if short is not None:
            # The short form replaces what the type alone says, but its definitions are needed all the same.
            schema = {**({} if "anyOf" in short else {"type": "object"}), **short}
        schema = {"description": meaning(model.__name__, key), **schema}
        default = info.get_default(call_default_factory=False)
        if isinstance(default, (bool, int, str)) and default != "":
            schema["default"] = default
        return schema

    def value(self, annotation: Any, in_list: bool = False) -> Schema:
        """The schema of a value: one of the types that its annotation allows."""
        options: list[Schema] = []
        for single, marks in flat(annotation):
            schema = self.single(single, marks, in_list)
            if schema not in options:
                options.append(schema)
            alone = get_args(single)[:1] if get_origin(single) is tuple and takes_one_alone(marks) else ()
            options += [self.value(inner) for inner in alone]
        return options[0] if len(options) == 1 else {"anyOf": options}

    def single(self, single: Any, marks: tuple[Any, ...], in_list: bool) -> Schema:
        """The schema of one plain type."""
        origin, inner = get_origin(single), get_args(single)
        if single is type(None):
            return {"type": "null"}
        if is_model(single):
            return self.reference(single, complete=in_list)
        if origin is dict:
            named = any(_pattern(mark) for mark in _marks(inner[0]))
            names = {"propertyNames": {"pattern": NAME, "maxLength": 48}} if named else {}
            return {"type": "object", "additionalProperties": self.value(inner[1]), **names}
        if origin in (tuple, list):
            return {"type": "array", "items": self.value(inner[0], in_list=True)}
        if origin is not None:
            return {"enum": list(inner)}
        return _scalar(single, marks)


def _marks(annotation: Any) -> tuple[Any, ...]:
    return next(flat(annotation))[1]


def _pattern(mark: Any) -> str | None:
    found = getattr(mark, "pattern", None)
    return found if isinstance(found, str) else None


def _bounds(marks: tuple[Any, ...]) -> Schema:
    words = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    parts = [part for mark in marks for part in (*getattr(mark, "metadata", ()), mark)]
    return {words[key]: getattr(p, key) for p in parts for key in words if getattr(p, key, None) is not None}


def _scalar(single: Any, marks: tuple[Any, ...]) -> Schema:
    if single is bool:
        return {"enum": [True, False, "yes", "no"]}
    if single is int:
        return {"type": "integer", **_bounds(marks)}
    if single is Decimal:
        return {"type": "number", **_bounds(marks)}
    if single is date:
        return {"type": "string", "format": "date"}
    if single is object:
        return {}
    parts = [part for mark in marks for part in (*getattr(mark, "metadata", ()), mark)]
    pattern = next((found for part in parts if (found := _pattern(part))), None)
    if pattern is not None:
        return {"type": "string", "pattern": pattern}
    if any(isinstance(mark, ExpressionMark) for mark in marks):
        return {"type": ["string", "number", "boolean"], "minLength": 1}
    return dict(_TEXT)


def _required(model: type[BaseModel]) -> list[str]:
    return [key for key, info in fields_of(model).items() if info.is_required()]


def _document(title: str, body: Schema, writer: _Writer) -> Schema:
    definitions = dict(sorted(writer.definitions.items()))
    return {"$schema": DIALECT, "title": title, **body, "$defs": definitions}


def config_schema() -> Schema:
    """The files below config/: any of the sections, each a mapping of names to declarations."""
    writer = _Writer()
    sections: Schema = {
        "portal": writer.reference(PortalSettings, complete=False),
        "regime": writer.reference(Regime, complete=False),
    }
    for section, model in SECTIONS.items():
        if model not in (Checklist, Report):
            sections[section] = {
                "description": " ".join((model.__doc__ or "").split()),
                "type": "object",
                "propertyNames": {"pattern": NAME, "maxLength": 48},
                "additionalProperties": writer.reference(model, complete=False),
            }
    body = {"type": "object", "properties": sections, "additionalProperties": False}
    return _document("A configuration file of the portal", body, writer)


def _file_schema(model: type[Named], title: str) -> Schema:
    writer = _Writer()
    body = writer.model(model)
    return _document(title, body, writer)


def schemas() -> dict[str, Schema]:
    """File name -> schema."""
    return {
        "ducha.schema.json": config_schema(),
        "checklist.schema.json": _file_schema(Checklist, "A checklist of the portal"),
        "report.schema.json": _file_schema(Report, "A report of the portal"),
    }
