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
from app.expressions import Expression, browser_ready, to_browser, to_javascript
from app.release import FieldModel
from app.web.forms import FormGroup, RecordForm, Row

MOMENT = frozenset({"now", "today", "state"})
ME = frozenset({"id", "unit", "roles"})


@dataclass(frozen=True, slots=True)
class Rules:
    """`source` is a JavaScript object for `react()` in rules.js, made of our own text and JSON alone."""

    source: str


def form_rules(
    form: RecordForm,
    groups: Iterable[FormGroup],
    stored: Mapping[str, object],
    asker: Actor,
    now: datetime,
    today: date,
    state: object,
) -> Rules | None:
    """The rules of a form, or None when nothing in it reacts."""
    entered = {name for name, row in form.rows.items() if row.entry is not None}
    known = frozenset(entered | set(stored) | MOMENT)
    fields = {
        name: written
        for name, row in form.rows.items()
        if (written := _field_rules(form.record.columns[name], row, known))
    }
    shown = {
        str(index): _function(group.show)
        for index, group in enumerate(groups)
        if group.show is not None and _usable(group.show, known)
    }
    if not shown and all(set(rule) == {"type"} for rule in fields.values()):
        return None
    facts = {
        **{name: _plain(value) for name, value in stored.items() if name not in entered},
        "now": to_browser(now),
        "today": to_browser(today),
        "state": state,
        "me": {"id": asker.person_id, "unit": asker.unit_id, "roles": sorted(asker.roles)},
    }
    inner = ", ".join(f"{_json(name)}: {_object(rule)}" for name, rule in fields.items())
    return Rules(f"{{ fields: {{ {inner} }}, groups: {_object(shown)}, facts: {_json(facts)} }}")


def _field_rules(field: FieldModel, row: Row, known: frozenset[str]) -> dict[str, str]:
    """The rules of one field; its bare type when it is only read by others."""
    rules: dict[str, str] = {}
    for name, expression in (
        ("show", field.show),
        ("required", field.required),
        ("read_only", field.read_only),
    ):
        if isinstance(expression, Expression) and _usable(expression, known):
            rules[name] = _function(expression)
    if field.formula is not None and _usable(field.formula, known):
        rules["formula"] = _function(field.formula)
    limits = [(when, options) for when, options in field.options_when if when is None or _usable(when, known)]
    if limits and len(limits) == len(field.options_when):
        table = ", ".join(
            f"[{_function(when) if when is not None else 'null'}, {_json(options)}]"
            for when, options in limits
        )
        rules["options_when"] = f"[{table}]"
    if rules or row.entry is not None:
        rules["type"] = _json(field.type)
    return rules


def _usable(expression: Expression, known: frozenset[str]) -> bool:
    """Whether the browser has everything that the expression reads."""
    if expression.lookups or not browser_ready(expression.tree):
        return False
    return all(_reachable(path, known) for path in expression.paths)


def _reachable(path: tuple[str, ...], known: frozenset[str]) -> bool:
    if path[0] == "me":
        return len(path) == 1 or (len(path) == 2 and path[1] in ME)
    return len(path) == 1 and path[0] in known


def _function(expression: Expression) -> str:
    kind = _json(str(expression.type))
    return (
        f"(s) => {{ const E = globalThis.Expressions; return E.plain({to_javascript(expression)}, {kind}); }}"
    )


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
