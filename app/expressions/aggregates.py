"""count, sum, min, max, avg, median, share, any, all: over lines, over a record type, over rows in hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.expressions.context import Context, known_names, resolve
from app.expressions.core import (
    Aggregate,
    Apply,
    Const,
    LookedUp,
    Lookup,
    Node,
    Quantify,
    RowsInHand,
    paths_of,
)
from app.expressions.functions import FUNCTIONS
from app.expressions.matching import is_none, truth
from app.expressions.tree import Called, Path, Tree
from app.expressions.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    TIME,
    ChoiceType,
    LinesType,
    LinksType,
    Type,
)
from app.source.diagnostics import N_, Span, unknown_name_hint

MAX_FRAMES = 2
"""Rows within rows: the cost grows with every level."""
_ADDABLE = frozenset({NUMBER, DURATION})
_RANKED = frozenset({NUMBER, DURATION, DATE, DATETIME})


@dataclass(frozen=True, slots=True)
class _Source:
    """What an aggregate runs over: lines or links of the row (`group`), or a record type."""

    fields: Mapping[str, Type]
    group: Node | None = None
    record: str = ""


def _source(ctx: Context, tree: Tree) -> _Source | None:
    """The source that a first argument names, or None when it is an ordinary value."""
    if not isinstance(tree, Path):
        return None
    read = resolve(ctx, tree, quietly=True)
    if read is not None and isinstance(read.type, LinesType):
        return _Source(read.type.fields, read)
    if read is not None and isinstance(read.type, LinksType):
        return _Source(ctx.env.schema.fields(read.type.record) or {}, read)
    record = ctx.env.schema.resolve_record(".".join(tree.parts))
    if record is None:
        return None
    return _Source(ctx.env.schema.fields(record) or {}, None, record)


def _needed_source(ctx: Context, tree: Called) -> _Source | None:
    if not tree.items:
        _say_arguments(ctx, tree)
        return None
    source = _source(ctx, tree.items[0])
    if source is None:
        first = tree.items[0]
        if isinstance(first, Path) and resolve(ctx, first, quietly=True) is None:
            name = ".".join(first.parts)
            hint, params = unknown_name_hint(name, known_names(ctx))
            ctx.say(first.at, "EXPR003", N_("'{name}' is neither a record type nor lines of this record"),
                    hint, name=name, **params)  # fmt: skip
        else:
            ctx.say(first.at, "EXPR005", N_("{name}() runs over a record type or lines"), N_("write {usage}"),
                    name=tree.name, usage=FUNCTIONS[tree.name].usage)  # fmt: skip
    return source


def _say_arguments(ctx: Context, tree: Called) -> None:
    ctx.say(tree.at, "EXPR005", N_("{name}() does not take {given} arguments"), N_("write {usage}"),
            name=tree.name, given=len(tree.items), usage=FUNCTIONS[tree.name].usage)  # fmt: skip


def _condition(ctx: Context, tree: Tree) -> Node | None:
    node = ctx.typed(ctx, tree)
    return truth(ctx, node) if node is not None else None


def _quantify(ctx: Context, tree: Called) -> Node | None:
    low = FUNCTIONS[tree.name].required
    if not low <= len(tree.items) <= 2:
        _say_arguments(ctx, tree)
        return None
    source = _needed_source(ctx, tree)
    if source is None:
        return None
    if source.group is None:
        ctx.say(tree.items[0].at, "EXPR005", N_("{name}() runs over lines or links of this record"),
                N_("write count({record}, condition) > 0"), name=tree.name, record=source.record)  # fmt: skip
        return None
    if _too_deep(ctx, tree):
        return None
    where: Node | None = Const(tree.at, BOOLEAN, True)
    if len(tree.items) == 2:
        where = _condition(ctx.inside(source.fields), tree.items[1])
    if where is None:
        return None
    return Quantify(tree.at, BOOLEAN, tree.name, source.group, len(ctx.frames) + 1, where)


def _too_deep(ctx: Context, tree: Called) -> bool:
    deep = len(ctx.frames) >= MAX_FRAMES
    if deep:
        ctx.say(tree.at, "EXPR009", N_("rows within rows go no deeper than {most} levels"), most=MAX_FRAMES)
    return deep


def _count(ctx: Context, tree: Called) -> Node | None:
    rows = _rows_in_hand(ctx)
    source = _source(ctx, tree.items[0]) if tree.items else None
    if source is None and rows is not None and len(tree.items) <= 1:
        return _aggregate(ctx, tree, rows, None, tree.items[0] if tree.items else None)
    if len(tree.items) > 2:
        _say_arguments(ctx, tree)
        return None
    source = _needed_source(ctx, tree)
    if source is None:
        return None
    return _aggregate(ctx, tree, source, None, tree.items[1] if len(tree.items) == 2 else None)


def _valued(ctx: Context, tree: Called) -> Node | None:
    """sum, avg, median, min, max, share over rows; the value and the condition are the rows' own."""
    rows = _rows_in_hand(ctx)
    source = _source(ctx, tree.items[0]) if len(tree.items) > 1 else None
    arguments = tree.items[1:]
    if source is None and rows is not None and tree.items:
        source, arguments = rows, tree.items
    if source is None:
        source = _needed_source(ctx, tree)
    if source is None:
        return None
    if not 1 <= len(arguments) <= 2:
        _say_arguments(ctx, tree)
        return None
    return _aggregate(ctx, tree, source, arguments[0], arguments[1] if len(arguments) == 2 else None)


def _rows_in_hand(ctx: Context) -> _Source | None:
    if ctx.env.rows is None or ctx.frames:
        return None
    fields = ctx.env.schema.fields(ctx.env.rows) or {}
    return _Source(fields, RowsInHand(Span(""), LinksType(ctx.env.rows)))


def _aggregate(
    ctx: Context, tree: Called, source: _Source, value: Tree | None, where: Tree | None
) -> Node | None:
    if _too_deep(ctx, tree):
        return None
    inner = ctx.inside(source.fields)
    read = _value(inner, tree, value) if value is not None else None
    condition = _condition(inner, where) if where is not None else None
    if (value is not None and read is None) or (where is not None and condition is None):
        return None
    kind = NUMBER if read is None or tree.name == "share" else read.type
    if source.group is not None:
        frame = len(ctx.frames) + 1
        return Aggregate(tree.at, kind, tree.name, source.group, frame, read, condition)
    return _looked_up(ctx, tree, source, kind, read, condition)


def _value(ctx: Context, tree: Called, value: Tree) -> Node | None:
    if tree.name == "share":
        return _condition(ctx, value)
    node = ctx.typed(ctx, value)
    if node is None:
        return None
    ranked = isinstance(node.type, ChoiceType) and node.type.ordered
    fits = node.type in _ADDABLE
    if tree.name in ("min", "max"):
        fits = ranked or node.type in _RANKED
    if not fits:
        ctx.say(node.at, "EXPR005", N_("{name}() cannot take a {type}"), N_("write {usage}"),
                name=tree.name, type=str(node.type), usage=FUNCTIONS[tree.name].usage)  # fmt: skip
        return None
    return node


def _looked_up(
    ctx: Context, tree: Called, source: _Source, kind: Type, value: Node | None, where: Node | None
) -> Node | None:
    """Facts are loaded once, before evaluation: a look-up cannot depend on a row, nor stand in another."""
    parts = [part for part in (value, where) if part is not None]
    if ctx.frames:
        ctx.say(tree.at, "EXPR012", N_("records cannot be counted for each row of another count"),
                N_("count them in a formula field, or outside of any(), all() and count()"))  # fmt: skip
        return None
    outer = frozenset[tuple[str, ...]]().union(*(paths_of(part, ((), None)) for part in parts))
    inner = frozenset[tuple[str, ...]]().union(*(paths_of(part, (None, ())) for part in parts))
    lookup = Lookup(source.record, tree.name, value, where, kind, tree.text, outer, inner)
    return LookedUp(tree.at, kind, lookup)


def _share(ctx: Context, tree: Called) -> Node | None:
    over_rows = _rows_in_hand(ctx) is not None and len(tree.items) == 1
    if len(tree.items) != 2 or _source(ctx, tree.items[0]) is not None or over_rows:
        return _valued(ctx, tree)
    parts = [ctx.typed(ctx, item) for item in tree.items]
    numbers = [part for part in parts if part is not None]
    if len(numbers) != 2:
        return None
    for part in numbers:
        if part.type != NUMBER or is_none(part):
            ctx.say(part.at, "EXPR005", N_("share() wants two numbers, not a {type}"), N_("write {usage}"),
                    type=str(part.type), usage=FUNCTIONS["share"].usage)  # fmt: skip
            return None
    hundred = Apply(tree.at, NUMBER, "mul", (Const(tree.at, NUMBER, 100), numbers[0]))
    return Apply(tree.at, NUMBER, "div", (hundred, numbers[1]))


def _extreme(ctx: Context, tree: Called) -> Node | None:
    """min and max: of single values when the first argument is one, else over rows."""
    over_rows = _rows_in_hand(ctx) is not None and len(tree.items) <= 2
    if len(tree.items) < 2 or over_rows or _source(ctx, tree.items[0]) is not None:
        return _valued(ctx, tree)
    before = ctx.errors
    parts = [ctx.typed(ctx, item) for item in tree.items]
    nodes = [part for part in parts if part is not None]
    for node in nodes:
        wrong = node.type not in (*_RANKED, TIME) or is_none(node) or node.type != nodes[0].type
        if wrong and ctx.errors == before:
            ctx.say(node.at, "EXPR005", N_("{name}() wants values that have an order, not a {type}"),
                    N_("write {usage}"), name=tree.name, type=str(node.type),
                    usage=FUNCTIONS[tree.name].usage)  # fmt: skip
    if ctx.errors > before or len(nodes) != len(parts):
        return None
    name = "lesser" if tree.name == "min" else "greater"
    return Apply(tree.at, nodes[0].type, name, tuple(nodes))


AGGREGATE_FORMS: Mapping[str, Callable[[Context, Called], Node | None]] = MappingProxyType(
    {
        "any": _quantify,
        "all": _quantify,
        "count": _count,
        "sum": _valued,
        "avg": _valued,
        "median": _valued,
        "min": _extreme,
        "max": _extreme,
        "share": _share,
    }
)
