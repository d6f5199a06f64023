"""The reactive part of a form: the YAML's conditions as JavaScript functions, and the facts they start from.

Only conditions that a browser can judge are sent: those over the form's own fields, the moment and the user.
The server applies all of them again when the form comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.access import Actor
from app.actions.computing import in_order as formulas_in_order
from app.actions.computing import stored_places
from app.actions.draft import field_expressions
from app.expressions import NUMBER, Expression, browser_ready, to_browser, to_javascript
from app.release import FieldModel
from app.spec.field_types import FieldType
from app.web.first_values import hangs_on_entries
from app.web.forms import FormGroup, Lines, RecordForm, Row

ME = frozenset({"id", "unit", "roles"})
MOMENT = frozenset({"now", "today", "state"})
_UNREAD: frozenset[FieldType] = frozenset(
    {"duration", "location", "file", "files", "photo", "photos", "signature", "checklist", "lines"}
)
"""Types whose control does not hold what an expression reads."""
_FILLED_IN: frozenset[FieldType] = frozenset(
    {"text", "long_text", "integer", "decimal", "money", "percent", "date", "time", "datetime", "month",
     "boolean", "choice", "phone", "email", "url"}
)  # fmt: skip
"""Types whose control can show a default that hangs on other entries."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`source` is a JavaScript object for `react()` in rules.js, made of our own text and JSON alone."""

    source: str


@dataclass(frozen=True, slots=True)
class Known:
    """What an expression can read in the browser: names of values, and columns of the form's lines."""

    names: frozenset[str]
    lines: Mapping[str, frozenset[str]]
    old: frozenset[str]
    record: Known | None = None

    def holds(self, expression: Expression) -> bool:
        """Whether the browser has everything that the expression reads."""
        if expression.lookups or not browser_ready(expression.tree):
            return False
        return all(self._has(path) for path in expression.paths)

    def _has(self, path: tuple[str, ...]) -> bool:
        first, *rest = path
        if first == "this" and self.record is not None:
            return bool(rest) and self.record._has(tuple(rest))
        if first == "me":
            return not rest or (len(rest) == 1 and rest[0] in ME)
        if first == "old" and first not in self.names:
            return len(rest) == 1 and rest[0] in self.old
        if first in self.lines:
            return not rest or (len(rest) == 1 and rest[0] in self.lines[first])
        return not rest and first in self.names


def form_rules(
    form: RecordForm,
    groups: Iterable[FormGroup],
    stored: Mapping[str, object],
    asker: Actor,
    now: datetime,
    today: date,
    state: object,
) -> Rules | None:
    """The rules of a form, or None when nothing in it reacts.

    stored: the values of the record as the asker sees them; nothing for a new one.
    """
    known = _known(form, stored)
    columns = form.record.columns
    fields = {
        name: written
        for name in in_order(form.rows, columns)
        if (written := _field_rules(columns[name], form.rows[name], known, new=not stored))
    }
    lines = {
        name: _line_rules(columns[name], one, known) for name, one in form.lines.items() if not one.locked
    }
    shown = {
        str(index): _function(group.show)
        for index, group in enumerate(groups)
        if group.show is not None and known.holds(group.show)
    }
    reacting = [*fields.values(), *(rule for one in lines.values() for rule in one.values())]
    if not shown and all(set(rule) == {"type"} for rule in reacting):
        return None
    entered = {name for name, row in form.rows.items() if row.entry is not None}
    before = sorted(_old_paths(form) & known.old) if stored else []
    facts = {
        **{name: _plain(value) for name, value in stored.items() if name not in entered},
        "now": to_browser(now),
        "today": to_browser(today),
        "state": state,
        "old": {name: _plain(stored[name]) for name in before} if stored else None,
        "me": {"id": asker.person_id, "unit": asker.unit_id, "roles": sorted(asker.roles)},
    }
    inner = ", ".join(f"{_json(name)}: {_object(rule)}" for name, rule in fields.items())
    tables = ", ".join(
        f"{_json(name)}: {{ {', '.join(f'{_json(key)}: {_object(rule)}' for key, rule in one.items())} }}"
        for name, one in lines.items()
    )
    return Rules(
        f"{{ fields: {{ {inner} }}, lines: {{ {tables} }}, groups: {_object(shown)}, "
        f"stored: {_json(bool(stored))}, facts: {_json(facts)} }}"
    )


def _known(form: RecordForm, stored: Mapping[str, object]) -> Known:
    """What the form's expressions can read: entries, formulas worked out from them, what else is stored."""
    columns, rows = form.record.columns, form.rows
    readable = {name for name, one in columns.items() if one.type not in _UNREAD}
    names = {name for name, row in rows.items() if row.entry is not None and name in readable}
    names |= {name for name in stored if name in readable and (name not in rows or rows[name].locked)}
    names |= MOMENT
    lines = {
        name: frozenset(key for key, column in columns[name].lines.items() if column.type not in _UNREAD)
        for name, one in form.lines.items()
        if not one.locked
    }
    old = readable & stored.keys() if stored else readable
    computed = {name for name, row in rows.items() if row.formula}
    while True:
        known = Known(frozenset(names | computed), lines, frozenset(old))
        lost = {name for name in computed if not _is_worked_out(columns[name], known)}
        if not lost:
            return known
        computed -= lost
        names -= lost


def _is_worked_out(field: FieldModel, known: Known) -> bool:
    return field.formula is not None and known.holds(field.formula)


def in_order(rows: Mapping[str, Row], columns: Mapping[str, FieldModel]) -> list[str]:
    """The fields of the form, computed ones last and each behind those it reads."""
    computed = [one.name for one in formulas_in_order({name: columns[name] for name in rows})]
    return [*(name for name in rows if name not in computed), *computed]


def _old_paths(form: RecordForm) -> set[str]:
    expressions = (one for field in form.record.fields.values() for one in field_expressions(field))
    return {path[1] for one in expressions for path in one.paths if path[0] == "old" and len(path) > 1}


def _line_rules(field: FieldModel, lines: Lines, around: Known) -> dict[str, dict[str, str]]:
    """The rules of a child table's columns, each a function of the row, which knows the record as `this`."""
    names = around.lines.get(field.name, frozenset())
    known = Known(names | {"now", "today"}, {}, frozenset(), around)
    blank = {row.name: row for row in lines.blank.fields}
    return {
        name: rules
        for name in in_order(blank, field.lines)
        if (rules := _field_rules(field.lines[name], blank[name], known, new=False))
    }


def _field_rules(field: FieldModel, row: Row, known: Known, *, new: bool) -> dict[str, str]:
    """The rules of one field; its bare type when it is only read by others."""
    rules: dict[str, str] = {}
    for name, expression in (
        ("show", field.show),
        ("required", field.required),
        ("read_only", field.read_only),
    ):
        if isinstance(expression, Expression) and known.holds(expression):
            rules[name] = _function(expression)
    if field.formula is not None and known.holds(field.formula):
        rules["formula"] = _function(field.formula, field)
    if new and field.type in _FILLED_IN and row.entry is not None and hangs_on_entries(field):
        if field.default is not None and known.holds(field.default):
            rules["default"] = _function(field.default, field)
    if field.options_when and all(when is None or known.holds(when) for when, _ in field.options_when):
        table = ", ".join(
            f"[{_function(when) if when is not None else 'null'}, {_json(options)}]"
            for when, options in field.options_when
        )
        rules["options_when"] = f"[{table}]"
    if rules or (row.entry is not None and field.type not in _UNREAD):
        rules["type"] = _json(field.type)
    return rules


def _function(expression: Expression, field: FieldModel | None = None) -> str:
    """A function of the scope that answers with plain JSON; a number for `field` as that will keep it."""
    places = stored_places(field) if field is not None else None
    kind, text = _json(str(expression.type)), to_javascript(expression)
    if field is not None and places is not None and expression.type == NUMBER:
        text = f"E.kept({text}, {places}, {_json(field.type in ('integer', 'rating'))})"
    return f"(s) => {{ const E = globalThis.Expressions; return E.plain({text}, {kind}); }}"


def _plain(value: object) -> object:
    try:
        return to_browser(value)
    except TypeError:
        return None


def _object(entries: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{_json(name)}: {text}" for name, text in entries.items()) + " }"


def _json(value: object) -> str:
    """JSON that may stand in a script element."""
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
