"""A record on its way into the database, and what its expressions read of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.access import row_scope
from app.actions.context import Context
from app.actions.errors import Complaints
from app.actions.facts import Loaded, PathParts, Scope, record_scope, with_lookups
from app.actions.numbering import number_paths
from app.expressions import Expression
from app.release import FieldModel, RecordModel
from app.workflow import is_empty

Values = dict[str, object]

_VERBS = ("create", "read", "update")


@dataclass(slots=True)
class Draft:
    """`values` as they will be stored, `scope` what expressions read of them.

    stored: the values before (None for a new record); writable: fields that the user may set; posted: those
    that were set; paths: what the scope must hold; hidden: fields that are not shown; oversized: the
    paths of computed values that no column can hold.
    """

    context: Context
    record: RecordModel
    stored: Mapping[str, object] | None
    values: Values
    complaints: Complaints
    writable: frozenset[str] = frozenset()
    posted: frozenset[str] = frozenset()
    paths: frozenset[PathParts] = frozenset()
    hidden: frozenset[str] = frozenset()
    oversized: set[str] = field(default_factory=set)
    scope: Scope = field(default_factory=dict)
    loaded: Loaded = field(default_factory=dict)

    @property
    def changes(self) -> Values:
        """The field values that differ from what is stored; all that are not empty for a new record."""
        return {name: self.values[name] for name in self.values if self.changed(name)}

    def changed(self, name: str) -> bool:
        """Whether the field's value is another one than before."""
        return differs((self.stored or {}).get(name), self.values.get(name))


def differs(before: object, after: object) -> bool:
    """Whether two values of one field are not the same; all empty values are alike."""
    if is_empty(before) and is_empty(after):
        return False
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return list(before) != list(after)
    return before != after


def fresh_scope(draft: Draft) -> None:
    """Load what the expressions read of the values as they are now."""
    scope = record_scope(
        draft.context, draft.record, draft.values, draft.paths, old=draft.stored, loaded=draft.loaded
    )
    expressions = (*expressions_of(draft.record), *_row_conditions(draft.context, draft.record))
    draft.scope = with_lookups(draft.context, scope, expressions)


def line_lookups(draft: Draft, found: FieldModel, scope: Scope) -> Scope:
    """The scope of one line with what its expressions count and add up over whole record types."""
    expressions = (one for column in found.lines.values() for one in field_expressions(column))
    return with_lookups(draft.context, scope, expressions)


def draft_paths(context: Context, record: RecordModel, new: bool) -> frozenset[PathParts]:
    """Every path that may be read while a record of this type is saved; a new one gets its number too."""
    found = {path for expression in expressions_of(record) for path in expression.paths}
    found |= number_paths(record) if new else frozenset()
    found |= {path for condition in _row_conditions(context, record) for path in condition.paths}
    for one in _all_fields(record):
        if one.where is not None:
            found |= {path[1:] for path in one.where.paths if path[0] == "this" and len(path) > 1}
            found |= {path for path in one.where.paths if path[0] == "me"}
    for line in record.children:
        for one in line.lines.values():
            found.update(_of_line(line.name, one))
    return frozenset(found)


def expressions_of(record: RecordModel) -> tuple[Expression, ...]:
    """The record's own expressions: everything over its fields that is evaluated when it is saved."""
    return tuple(found for one in record.fields.values() for found in field_expressions(one))


def field_expressions(one: FieldModel) -> Iterator[Expression]:
    """Every expression of one field but a link's `where`, which reads the linked record."""
    for found in (one.required, one.read_only, one.show, one.group_show, one.default, one.formula):
        if isinstance(found, Expression):
            yield found
    yield from (when for when, _ in one.options_when if when is not None)


def _row_conditions(context: Context, record: RecordModel) -> tuple[Expression, ...]:
    """The conditions on rows that decide whether the actor may save this record."""
    scopes = (row_scope(context.policy, context.actor, verb, record.name) for verb in _VERBS)
    return tuple(condition for scope in scopes for condition in scope.conditions)


def _all_fields(record: RecordModel) -> Iterator[FieldModel]:
    for one in record.fields.values():
        yield one
        yield from one.lines.values()


def _of_line(field_name: str, one: FieldModel) -> Iterator[PathParts]:
    """The paths of a line's expressions, seen from the record."""
    for expression in field_expressions(one):
        for path in expression.paths:
            if path[0] == "this":
                yield path[1:]
            elif path[0] == "me":
                yield path
            else:
                yield (field_name, *path)
