"""Choosing records: the answers that a picker gets while one types, and the words for what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from app.access import Actor, hidden_fields, masked_fields, row_scope
from app.actions.visible import sight_of
from app.expressions import Expression
from app.release import FieldModel, RecordModel
from app.storage import labels_of, moment_values, pick_records, scope_where
from app.storage.binding import condition_where
from app.web.context import Served, action_context, actor, now, served, session
from app.web.forms import RecordForm
from app.web.visible import Visible, label_is_open

MOST = 20
LONGEST = 100


def pick_answer(record: RecordModel, path: str) -> ResponseReturnValue:
    """`{"results": [{"id", "text"}], "more": bool}` for a link field of a record type, or of its lines."""
    here = served()
    field = field_at(record, path)
    outer = path.partition(".")[0]
    if field is None or field.target is None or outer in hidden_fields(here.policy, actor(), record.name):
        abort(404)
    filtering = request.args.get("for") == "filter"
    found = search(here, field, request.args.get("q", ""), limited=not filtering)
    results = [{"id": key, "text": text} for key, text in found[:MOST]]
    return jsonify(results=results, more=len(found) > MOST)


def field_at(record: RecordModel, path: str) -> FieldModel | None:
    """The field that `unit` or `measures.who` names."""
    name, _dot, column = path.partition(".")
    field = record.columns.get(name)
    return field.lines.get(column) if field is not None and column else field


def search(here: Served, field: FieldModel, words: str, limited: bool = True) -> list[tuple[int, str]]:
    """The first records that `words` finds for a link, among those that the actor may read and (`limited`)
    that the field's `where` admits. Nothing is found by what the actor does not see."""
    target, asker = field.target or "", actor()
    where = readable(here, asker, target)
    if where is None:
        return []
    if limited and field.where is not None and not reads_this(field.where):
        values = moment_values(here.models, now())
        where = sa.and_(where, condition_where(here.models, target, field.where, asker, values))
    closed = hidden_fields(here.policy, asker, target) | masked_fields(here.policy, asker, target).keys()
    text = words.strip()[:LONGEST]
    sight = sight_of(action_context())
    found = pick_records(session(), here.models, target, text, MOST + 1, where, closed, sight)
    if label_is_open(here, asker, target):
        return found
    return [(key, f"#{key}") for key, _text in found]


def readable(here: Served, asker: Actor, target: str) -> sa.ColumnElement[bool] | None:
    """The rows of a type that the actor may read; None when there are none or no such type is served."""
    scope = row_scope(here.policy, asker, "read", target)
    if scope.nothing or target not in here.models.tables:
        return None
    return scope_where(here.models, target, scope, asker, now())


def reads_this(condition: Expression) -> bool:
    """Whether a condition looks at the record that the choice is made for; only saving can judge it then."""
    return any(path[0] == "this" for path in condition.paths)


def put_labels(here: Served, form: RecordForm, seen: Visible | None) -> None:
    """Give every picker the words for what is chosen: those of the stored record, else looked up by type."""
    known = stored_labels(form, seen)
    missing: dict[str, set[int]] = {}
    for field, picker in form.pickers():
        for key in picker.ids:
            if (field.target or "", key) not in known:
                missing.setdefault(field.target or "", set()).add(key)
    for target, keys in missing.items():
        for key, text in look_up(here, target, keys).items():
            known[target, key] = text
    for field, picker in form.pickers():
        target = field.target or ""
        picker.chosen = [(key, known.get((target, key), f"#{key}")) for key in picker.ids]


def stored_labels(form: RecordForm, seen: Visible | None) -> dict[tuple[str, int], str]:
    """(record type, id) -> words, as the stored record has them."""
    if seen is None:
        return {}
    known: dict[tuple[str, int], str] = {}
    for name, words in seen.record.labels.items():
        field, value = form.record.columns[name], seen.record.values.get(name)
        keys, texts = (value, words) if isinstance(value, tuple) else ((value,), (words,))
        known |= _pairs(field, keys, texts)
    for name, rows in seen.record.line_labels.items():
        lines = seen.record.values.get(name)
        for line, named in zip(lines if isinstance(lines, tuple) else (), rows, strict=False):
            for column, text in named.items():
                known |= _pairs(form.record.columns[name].lines[column], (line.get(column),), (text,))
    return known


def _pairs(field: FieldModel, keys: Iterable[object], texts: Iterable[object]) -> dict[tuple[str, int], str]:
    pairs = zip(keys, texts, strict=False)
    return {(field.target or "", key): str(text) for key, text in pairs if isinstance(key, int)}


def look_up(here: Served, target: str, keys: set[int]) -> Mapping[int, str]:
    """The words for records, those left out that the actor may not read."""
    where = readable(here, actor(), target)
    if where is None:
        return {}
    table = here.models.tables[target]
    allowed = session().scalars(sa.select(table.c.id).where(table.c.id.in_(keys), where)).all()
    if not label_is_open(here, actor(), target):
        return {key: f"#{key}" for key in allowed}
    return labels_of(session(), here.models, target, allowed, sight_of(action_context()))


def find_for_plain_form(form: RecordForm, name: str) -> None:
    """The search button beside a picker, for browsers without scripts: the form comes back with what was
    found."""
    words = request.form.get(f"{name}.search", "")
    for field, picker in form.pickers():
        if picker.name == name:
            chosen = set(picker.ids)
            picker.found = [pair for pair in search(served(), field, words) if pair[0] not in chosen]
