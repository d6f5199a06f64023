"""The reference pages: tables of keys made from the classes that decode the YAML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.spec.base import ExpressionMark, takes_one_alone
from app.spec.field_types import KINDS
from app.spec.meanings import meaning
from app.spec.portal import SECTIONS
from app.spec.portal_settings import PortalSettings, Regime
from app.spec.records import STANDARD_FIELDS
from app.spec.shapes import annotation_of, fields_of, flat, is_model

_COMMON = ("title", "help", "note", "source", "was", "extends", "drop")
_NOTICE = "<!-- Written by `python run.py reference`; change the classes in app/spec instead. -->"
_WORDS: dict[type, str] = {
    bool: "yes or no",
    int: "whole number",
    Decimal: "number",
    date: "date",
    str: "text",
}


def pages() -> dict[str, str]:
    """File name -> text of every reference page."""
    sections: dict[str, type[BaseModel]] = {"portal": PortalSettings, "regime": Regime, **SECTIONS}
    made = {f"{name}.md": _section(name, model) for name, model in sections.items()}
    made["field-types.md"] = _field_types()
    made["README.md"] = _index(sections)
    return made


def _first_line(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def _index(sections: dict[str, type[BaseModel]]) -> str:
    rows = [f"| [{name}]({name}.md) | {_cell(_first_line(model))} |" for name, model in sections.items()]
    lines = [
        "# Reference",
        "",
        _NOTICE,
        "",
        "What may be written, section by section. JSON Schemas for editors lie beside these pages.",
        "",
        "| section | what it declares |",
        "|---|---|",
        *rows,
        "",
        "- [Field types](field-types.md)",
        "- [Faults](faults.md): every code that `check` prints, with a bad and a good example",
        "",
        "Keys that every declaration may carry:",
        "",
        *_table_head(),
        *(_row(Regime, key, fields_of(Regime)[key]) for key in _COMMON),
        "",
    ]
    return "\n".join(lines)


def _section(name: str, model: type[BaseModel]) -> str:
    lines = [f"# {name}", "", _NOTICE, "", *_paragraphs(model), ""]
    if name in ("checklists", "reports"):
        folder = "checklists" if name == "checklists" else "report_templates"
        lines += [f"Each lies in a file of its own: `{folder}/<regime>/<name>.yaml`.", ""]
    for number, part in enumerate(parts_of(model)):
        if number:
            lines += [f"## {part.__name__}", "", *_paragraphs(part), ""]
        keys = {key: info for key, info in fields_of(part).items() if key not in _COMMON or key == "title"}
        if number and set(fields_of(part)) >= {"help", "note", "source"}:
            keys.pop("title", None)
        lines += [*_table_head(), *(_row(part, key, info) for key, info in keys.items()), ""]
        if set(fields_of(part)) >= {"help", "note", "source"}:
            lines += ["Also the [keys that every declaration may carry](README.md).", ""]
    return "\n".join(lines)


def _paragraphs(model: type[BaseModel]) -> list[str]:
    blocks = [" ".join(block.split()) for block in (model.__doc__ or "").split("\n\n")]
    return "\n\n".join(block for block in blocks if block).split("\n")


def parts_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and every model that it holds, in the order met."""
    found: list[type[BaseModel]] = []
    todo = [model]
    while todo:
        here = todo.pop(0)
        if here not in found:
            found.append(here)
            annotations = [annotation_of(info) for info in fields_of(here).values()]
            todo += [inner for annotation in annotations for inner in _models(annotation)]
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for single, _ in flat(annotation):
        if is_model(single):
            yield single
        else:
            for inner in get_args(single):
                yield from _models(inner)


def _table_head() -> list[str]:
    return ["| key | type | default | meaning |", "|---|---|---|---|"]


def _row(model: type[BaseModel], key: str, info: FieldInfo) -> str:
    kind = _cell(_kind(annotation_of(info)))
    return f"| `{key}` | {kind} | {_default(info)} | {_cell(meaning(model.__name__, key))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**needed**"
    value = info.get_default(call_default_factory=False)
    if value is None or value == "" or value == () or not isinstance(value, (bool, int, str, Decimal, tuple)):
        return ""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def _kind(annotation: Any) -> str:
    """The types of a key in words, such as `text, list of names or ~`."""
    words: list[str] = []
    for single, marks in flat(annotation):
        word = _single(single, marks)
        if word not in words:
            words.append(word)
    empty = "`~`" in words
    words = [word for word in words if word != "`~`"] + (["`~`"] if empty else [])
    return " or ".join(words)


def _single(single: Any, marks: tuple[Any, ...]) -> str:
    origin, inner = get_origin(single), get_args(single)
    if single is type(None):
        return "`~`"
    if is_model(single):
        return f"[{single.__name__}](#{single.__name__.lower()})"
    if origin is dict:
        return f"{_kind(inner[0])} → {_kind(inner[1])}"
    if origin in (tuple, list):
        alone = ", or one alone" if takes_one_alone(marks) else ""
        return f"list of {_kind(inner[0])}{alone}"
    if origin is not None:
        return ", ".join(f"`{word}`" for word in inner)
    if any(isinstance(mark, ExpressionMark) for mark in marks):
        return (
            "condition" if any(getattr(mark, "want", "") == "condition" for mark in marks) else "expression"
        )
    patterns = [str(getattr(part, "pattern", "") or "") for mark in marks for part in (mark,)]
    if any(pattern.startswith("^[a-z]") for pattern in patterns):
        return "name"
    return _WORDS.get(single, "anything")


def _field_types() -> str:
    lines = [
        "# Field types",
        "",
        _NOTICE,
        "",
        "Options besides those that every field takes: `title help required default unique index show`,",
        "`read_only log_access`.",
        "",
        "| type | kept as | options | searched | sorted |",
        "|---|---|---|---|---|",
    ]
    for name, kind in KINDS.items():
        options = " ".join(f"`{option}`" for option in sorted(kind.options))
        searched, ordered = "yes" if kind.searchable else "", "yes" if kind.sortable else ""
        lines.append(f"| `{name}` | {kind.storage} | {options} | {searched} | {ordered} |")
    standard = ", ".join(f"`{name}`" for name in STANDARD_FIELDS)
    lines += ["", f"Every record also has {standard}; no field may take one of these names.", ""]
    return "\n".join(lines)
