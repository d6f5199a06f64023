"""The SQL reader: the checked tree -> a SQLAlchemy column expression, NULL standing for empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.expressions.compile import Expression
from app.expressions.core import (
    Aggregate,
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    During,
    IsEmpty,
    LookedUp,
    Lookup,
    Member,
    Node,
    Not,
    NotReadable,
    OneOf,
    Or,
    Quantify,
    Read,
    RowsInHand,
    Size,
    is_fixed,
)
from app.expressions.python_reader import function
from app.expressions.sql.applied import applied
from app.expressions.sql.binding import Binder, Rows
from app.expressions.sql.columns import ExactNumber
from app.expressions.sql.comparisons import among, compared, during
from app.expressions.sql.operations import Operation
from app.expressions.sql.parts import Computed, Fixed, Part, Stored, column_type, condition, element
from app.expressions.sql.reductions import of_rows, reduction, verdict
from app.expressions.types import ChoicesType, LinesType, LinksType, Type


def to_sql(expression: Expression, binder: Binder) -> ColumnElement[Any]:
    """The expression over the columns that `binder` gives; use it in WHERE, SELECT or ORDER BY.

    Raises NotReadable for what only Python can do (`sql_ready` tells beforehand).
    """
    reader = _Reader((binder,))
    return _result(reader.part(expression.tree), expression.type)


def lookup_to_sql(lookup: Lookup, binder: Binder) -> ColumnElement[Any]:
    """The value of a look-up as a scalar subquery.

    `binder.values` holds the scope that the look-up is made for (so that `this.offender` is a value),
    and `binder.records` gives the rows.
    """
    return _result(_Reader((binder,)).looked_up(lookup), lookup.type)


def _result(part: Part, kind: Type) -> ColumnElement[Any]:
    """A bare column stays as it is, so that the storage's own type reads the result."""
    return part.column if isinstance(part, Stored) else element(part, kind)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads nodes with one binder for each frame."""

    binders: tuple[Binder, ...]

    def part(self, node: Node) -> Part:
        """The node's value; whatever is the same for every row is computed here and now."""
        values = self.binders[0].values
        if is_fixed(node, values):
            return Fixed(function(node)(values))
        read = _READERS.get(type(node))
        if read is None:
            raise NotReadable(f"{node.at}: {type(node).__name__} cannot be read as SQL")
        return read(self, node)

    def condition(self, node: Node) -> ColumnElement[bool]:
        return condition(self.part(node))

    def element(self, node: Node) -> ColumnElement[Any]:
        return element(self.part(node), node.type)

    def inside(self, rows: Rows) -> _Reader:
        return _Reader((*self.binders, rows.binder))

    def read(self, node: Read) -> Part:
        if node.parts[0].startswith("$") or node.parts[0] == "old":
            raise NotReadable(f"{node.at}: {node.parts[0]} has no column")
        return Stored(self.binders[node.frame].column(node.parts))

    def is_empty(self, node: IsEmpty) -> Part:
        item = node.item
        if isinstance(item, Read) and _has_rows(item):
            rows = self._rows(item)
            return Computed(sa.not_(rows.select(sa.literal_column("1")).exists()))
        part = self.part(item)
        return Computed((part.column if isinstance(part, Stored) else element(part, item.type)).is_(None))

    def negation(self, node: Not) -> Part:
        return Computed(sa.not_(self.condition(node.item)))

    def conjunction(self, node: And) -> Part:
        return Computed(sa.and_(*(self.condition(item) for item in node.items)))

    def disjunction(self, node: Or) -> Part:
        return Computed(sa.or_(*(self.condition(item) for item in node.items)))

    def compare(self, node: Compare) -> Part:
        return Computed(compared(node.sign, node.kind, self.part(node.left), self.part(node.right)))

    def one_of(self, node: OneOf) -> Part:
        options = [self.part(option) for option in node.options]
        return Computed(among(node.kind, self.part(node.item), options))

    def during(self, node: During) -> Part:
        return Computed(during(node.sign, node.item.type, self.part(node.item), self.part(node.period)))

    def choose(self, node: Choose) -> Part:
        """A chain of choices is one CASE, so that its length does not add to the depth."""
        rows: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = []
        rest: Node = node
        while isinstance(rest, Choose) and not is_fixed(rest, self.binders[0].values):
            rows.append((self.condition(rest.test), self.element(rest.then)))
            rest = rest.other
        return Computed(sa.case(*rows, else_=self.element(rest)))

    def coalesce(self, node: Coalesce) -> Part:
        found = sa.func.coalesce(*map(self.element, node.items), type_=column_type(node.type))
        return Computed(found)

    def apply(self, node: Apply) -> Part:
        return Computed(applied(node, [self.element(item) for item in node.items]))

    def member(self, node: Member) -> Part:
        group, item = node.group, self.part(node.item)
        if is_fixed(group, self.binders[0].values):
            held = self.part(group)
            held_ones = [Fixed(one) for one in (held.value if isinstance(held, Fixed) else None) or ()]
            return Computed(among(node.item.type, item, held_ones) if held_ones else sa.false())
        if not isinstance(group, Read):
            raise NotReadable(f"{group.at}: several values must be a field")
        if isinstance(group.type, ChoicesType):
            binder = self.binders[group.frame]
            holds = binder.holds_option(group.parts, element(item, node.item.type))
            return Computed(sa.case((binder.column(group.parts).is_(None), sa.false()), else_=holds))
        rows = self._rows(group)
        same = compared("==", node.item.type, Stored(rows.binder.column(("id",))), item)
        return Computed(verdict("any", rows, same))

    def size(self, node: Size) -> Part:
        if not isinstance(node.group, Read) or not _has_rows(node.group):
            raise NotReadable(f"{node.at}: chosen options cannot be counted in SQL")
        count = self._rows(node.group).select(sa.func.count()).scalar_subquery()
        return Computed(Operation("from_integer", ExactNumber(), count))

    def quantify(self, node: Quantify) -> Part:
        rows = self._rows(node.group)
        return Computed(verdict(node.word, rows, self.inside(rows).condition(node.where)))

    def aggregate(self, node: Aggregate) -> Part:
        if isinstance(node.group, RowsInHand):
            inside = _Reader((*self.binders, self.binders[0]))
            return inside.reduced(node.function, node.value, node.where, None)
        rows = self._rows(node.group)
        return self.inside(rows).reduced(node.function, node.value, node.where, rows)

    def fact(self, node: LookedUp) -> Part:
        return self.looked_up(node.lookup)

    def looked_up(self, lookup: Lookup) -> Part:
        rows = self.binders[0].records(lookup.record)
        return self.inside(rows).reduced(lookup.function, lookup.value, lookup.where, rows)

    def reduced(self, name: str, value: Node | None, where: Node | None, rows: Rows | None) -> Part:
        """The aggregate over `rows`, or (None) over the rows of the query that it stands in."""
        taken = self.part(value) if value is not None else None
        kept = self.condition(where) if where is not None else None
        kind = value.type if value is not None else None
        return reduction(name, kind, taken, kept) if rows is None else of_rows(rows, name, kind, taken, kept)

    def _rows(self, group: Node) -> Rows:
        if not isinstance(group, Read) or group.parts[0].startswith("$"):
            raise NotReadable(f"{group.at}: these rows have no table")
        return self.binders[group.frame].rows(group.parts)


def _has_rows(node: Read) -> bool:
    """Lines and several links are rows of their own; several options are kept in the record's row."""
    return isinstance(node.type, LinksType | LinesType)


# The table is what ties each kind of node to its reader, so the argument types differ.
_READERS: Mapping[type[Node], Callable[..., Part]] = MappingProxyType(
    {
        Read: _Reader.read,
        IsEmpty: _Reader.is_empty,
        Not: _Reader.negation,
        And: _Reader.conjunction,
        Or: _Reader.disjunction,
        Compare: _Reader.compare,
        OneOf: _Reader.one_of,
        Member: _Reader.member,
        During: _Reader.during,
        Choose: _Reader.choose,
        Coalesce: _Reader.coalesce,
        Apply: _Reader.apply,
        Size: _Reader.size,
        Quantify: _Reader.quantify,
        Aggregate: _Reader.aggregate,
        LookedUp: _Reader.fact,
    }
)
