"""The data sets of a report for one reader: only rows, fields and links that the reader may see.

A column, group or measure that reads what is closed to the reader is left out; a template finds it empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.access import row_scope
from app.actions.context import Context
from app.actions.facts import record_scope
from app.actions.report_columns import (
    Written,
    measured_column,
    path_is_open,
    reads_all,
    words_of_row,
    written_column,
)
from app.actions.report_parameters import Answers, scope_of_answers
from app.actions.visible import sight_of
from app.checks.environments import rows_environment
from app.checks.report_names import names_of_report
from app.expressions import BOOLEAN, Expression, Type, compile_expression
from app.expressions.core import ROWS, PathParts
from app.release import RecordModel
from app.reports import ChartData, Grid
from app.reports.datasets import DataRow, DataTable, chart_of, grid_of, sums_of
from app.source import N_, ConfigError
from app.spec.reports import DataSet, Report
from app.storage import Record, read_records
from app.storage.datasets import DataQuery, DataRows, Reading, read_groups, read_rows

MOST_ROWS = 10_000
"""Rows of one data set; a report says so when there are more."""
SELECTED = "rows"
"""The data set of a selection that declares none: its list columns."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """For what the data are wanted: the answers to the report's parameters, the records that were chosen (of
    a selection), the record that is printed (of a record)."""

    report: Report
    answers: Answers
    ids: Sequence[int] | None = None
    stored: Record | None = None

    @property
    def verbs(self) -> tuple[str, ...]:
        """What the reader must be allowed to do with a row. A print of one record needs the right to print
        that record; beside it stands what may be read."""
        return ("read",) if self.report.of == "record" else ("read", "print")


def data_of(context: Context, occasion: Occasion) -> dict[str, DataTable]:
    """Every data set of the report as a table, by name."""
    report = occasion.report
    declared = dict(report.data)
    if report.of == "selection" and not declared and report.record is not None:
        declared = {SELECTED: DataSet.model_validate({"from": report.record})}
    names = names_of_report(context.release.portal, report)
    return {name: _table(context, occasion, name, data, names) for name, data in declared.items()}


def charts_of(context: Context, report: Report, tables: Mapping[str, DataTable]) -> dict[str, ChartData]:
    """The charts of the report, drawn from its tables."""
    empty = context.say(N_("no entries"))
    return {
        name: chart_of(
            tables[chart.data],
            chart.kind,
            chart.x,
            chart.y,
            context.translate(chart.title) if chart.title else tables[chart.data].title,
            empty,
        )
        for name, chart in report.charts.items()
        if chart.data in tables
    }


def sees_whole_report(context: Context, report: Report) -> bool:
    """Whether the actor would find in the report's data all that anybody finds: every row, field and link."""
    if context.actor.unlimited:
        return True
    names = names_of_report(context.release.portal, report)
    for data in report.data.values():
        record = context.release.record(data.from_, report.regime)
        if record is None:
            continue
        compiled = _Compiled.of(context, report, data, record, names)
        paths = [tuple(path.split(".")) for path in _paths(data, record)]
        closed = not all(path_is_open(context, record, path, summed=True) for path in paths)
        printable = row_scope(context.policy, context.actor, "print", record.name)
        if closed or compiled.closed or not reads_all(context, record.name) or not printable.everything:
            return False
    return bool(report.data)


def _table(
    context: Context, occasion: Occasion, name: str, data: DataSet, names: Mapping[str, Type]
) -> DataTable:
    report = occasion.report
    title = context.translate(data.title) if data.title else ""
    record = context.release.record(data.from_, report.regime)
    if record is None:
        return DataTable(name, title, (), (), 0, {})
    title = title or context.translate(record.label)
    compiled = _Compiled.of(context, report, data, record, names)
    values = _values(context, occasion, compiled)
    reading = Reading(context.policy, context.actor, context.now, values, sight_of(context))
    query = DataQuery(
        record.name,
        occasion.verbs,
        where=compiled.where,
        ids=occasion.ids if report.of == "selection" and _is_selected(context, report, record) else None,
        limit=MOST_ROWS,
    )
    paths = tuple(tuple(path.split(".")) for path in _paths(data, record))
    if compiled.grouped:
        return _groups(context, data, reading, query, paths, compiled, (name, title))
    return _rows(context, data, reading, query, paths, (name, title))


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The expressions of a data set. closed: measures that read what the reader may not see."""

    where: Expression | None
    measures: Mapping[str, Expression]
    grouped: bool
    closed: frozenset[str]

    @classmethod
    def of(
        cls, context: Context, report: Report, data: DataSet, record: RecordModel, names: Mapping[str, Type]
    ) -> _Compiled:
        env = rows_environment(context.release.portal, record.spec, report.regime, names)

        def compiled(text: str, key: str, want: Type | None = None) -> Expression:
            found, faults = compile_expression(text, data.span_of(key), env, want)
            if found is None:
                raise ConfigError([one for one in faults if one.severity == "error"])
            return found

        where = compiled(data.where, "where", BOOLEAN) if data.where is not None else None
        measures = {name: compiled(text, "measures") for name, text in data.measures.items()}
        closed = frozenset(name for name, one in measures.items() if not _is_open(context, record, one))
        return cls(where, measures, bool(data.by or data.measures), closed)

    @property
    def all(self) -> tuple[Expression, ...]:
        found = tuple(self.measures.values())
        return (self.where, *found) if self.where is not None else found


def _values(context: Context, occasion: Occasion, compiled: _Compiled) -> dict[str, object]:
    """The names that are no fields: parameters, the period, `this` of a print of one record."""
    values = scope_of_answers(context, occasion.report, occasion.answers, compiled.all)
    stored = occasion.stored
    if stored is not None:
        below = {path[1:] for one in compiled.all for path in one.paths if path[0] == "this" and path[1:]}
        record = context.record(stored.record_type)
        found = record_scope(context, record, stored.values, below)
        values["this"] = {**found, "id": stored.id}
    return values


def _is_selected(context: Context, report: Report, record: RecordModel) -> bool:
    chosen = context.release.record(report.record, report.regime) if report.record else None
    return chosen is not None and chosen.name == record.name


def _paths(data: DataSet, record: RecordModel) -> tuple[str, ...]:
    if data.by or data.measures:
        return data.by
    return data.columns or record.list_columns


def _rows(
    context: Context,
    data: DataSet,
    reading: Reading,
    query: DataQuery,
    paths: tuple[PathParts, ...],
    called: tuple[str, str],
) -> DataTable:
    """Plain rows, in the order written or else that of the type's list."""
    columns = [written_column(context, query.record_type, path, data.titles) for path in paths]
    seen = [one for one in columns if not one.closed]
    stored = [one.path for one in seen if one.in_table]
    order = _sorted_by(data, query, columns, context.record(query.record_type).order)
    limit = min(data.limit or query.limit, query.limit)
    found = read_rows(
        context.session,
        context.models,
        reading,
        replace(query, paths=tuple(stored), order=order, limit=limit),
    )
    found = _with_several(context, query.record_type, found, [one for one in seen if not one.in_table])
    total = found.total if data.limit is None or data.limit > query.limit else len(found.rows)
    return _as_table(context, called, _adding(data, columns), found, total)


def _with_several(
    context: Context, record_type: str, found: DataRows, several: Sequence[Written]
) -> DataRows:
    """The rows with what is kept in other tables: lines, several links, files."""
    if not several:
        return found
    names = frozenset(one.name for one in several)
    records = read_records(
        context.session, context.models, record_type, found.ids, fields=names, sight=sight_of(context)
    )
    by_id = {one.id: one for one in records}
    rows = []
    for ident, row in zip(found.ids, found.rows, strict=True):
        rows.append({**row, **{name: by_id[ident] if ident in by_id else None for name in names}})
    return replace(found, rows=tuple(rows))


def _groups(
    context: Context,
    data: DataSet,
    reading: Reading,
    query: DataQuery,
    paths: tuple[PathParts, ...],
    compiled: _Compiled,
    called: tuple[str, str],
) -> DataTable:
    """Groups with their measures, sorted by what is written, then by the groups."""
    record = context.record(query.record_type)
    keys = [written_column(context, query.record_type, path, data.titles) for path in paths]
    seen = tuple(one.path for one in keys if not one.closed)
    measures = {name: one for name, one in compiled.measures.items() if name not in compiled.closed}
    found = read_groups(
        context.session, context.models, reading, replace(query, paths=seen, measures=measures)
    )
    columns = [
        *keys,
        *(
            measured_column(context, record, name, one, data.titles, name in compiled.closed)
            for name, one in compiled.measures.items()
        ),
    ]
    rows = sorted(
        found.rows, key=lambda row: tuple(one.rank(row, found.labels) for one in keys if not one.closed)
    )
    wanted = (data.order or "").removeprefix("-")
    chosen = next((one for one in columns if one.name == wanted and not one.closed), None)
    if chosen is not None:
        falling = (data.order or "").startswith("-")
        rows.sort(key=lambda row: chosen.rank(row, found.labels), reverse=falling)
    total = found.total
    if data.limit is not None:
        rows = rows[: data.limit]
        total = len(rows)
    return _as_table(context, called, _adding(data, columns), replace(found, rows=tuple(rows)), total)


def _sorted_by(
    data: DataSet, query: DataQuery, columns: Sequence[Written], otherwise: str
) -> tuple[tuple[PathParts, bool], ...]:
    """What rows are sorted by; not by what the reader does not see."""
    written = data.order or otherwise
    name, falling = written.removeprefix("-"), written.startswith("-")
    if any(one.name == name and (one.closed or not one.in_table) for one in columns):
        return ()
    return ((tuple(name.split(".")), falling),)


def _adding(data: DataSet, columns: Sequence[Written]) -> Sequence[Written]:
    """The columns, none of which is added up where the report says so."""
    if data.totals:
        return columns
    return [replace(one, column=replace(one.column, adds=False)) for one in columns]


def _as_table(
    context: Context, called: tuple[str, str], columns: Sequence[Written], found: DataRows, total: int
) -> DataTable:
    seen = tuple(one for one in columns if not one.closed)
    words = words_of_row(context, columns, found)
    rows = tuple(
        DataRow(words(index, row), {one.name: None if one.closed else one.raw(row) for one in columns})
        for index, row in enumerate(found.rows)
    )
    shown = tuple(one.column for one in seen)
    sums = sums_of(shown, rows) if total == len(rows) else {}
    totals = {one.name: "" for one in columns if one.column.adds}
    totals |= {one.name: one.text(context, sums[one.name]) for one in seen if one.name in sums}
    return DataTable(called[0], called[1], shown, rows, total, totals)


def _is_open(context: Context, record: RecordModel, expression: Expression) -> bool:
    """Whether the reader may see all that a measure reads of the rows, and of whole record types."""
    if context.actor.unlimited:
        return True
    if not all(reads_all(context, lookup.record) for lookup in expression.lookups):
        return False
    paths = (path[1:] if path[0] == ROWS else path for path in expression.paths)
    return all(path_is_open(context, record, path, summed=True) for path in paths)


def data_grids(context: Context, tables: Mapping[str, DataTable]) -> dict[str, Grid]:
    """Each table as a grid, under its name."""
    empty, total = context.say(N_("no entries")), context.say(N_("In all"))
    continued = context.say(N_("(continued)"))
    return {name: grid_of(table, empty, total, continued) for name, table in tables.items()}


def data_values(tables: Mapping[str, DataTable], taken: Mapping[str, object]) -> dict[str, object]:
    """The tables as templates read them: `data.rows`, and `rows` where nothing else has that name."""
    rows = {name: table.for_template() for name, table in tables.items()}
    return {**{name: found for name, found in rows.items() if name not in taken}, "data": rows}


def layout_of(
    context: Context, report: Report, tables: Mapping[str, DataTable], charts: Mapping[str, ChartData]
) -> dict[str, object]:
    """What the layouts without a template print of the data: tables (title, key, note) and charts by name."""
    return {
        "tables": [
            {"title": table.title, "key": key, "note": cut_note(context, table)}
            for key, table in tables.items()
        ],
        "charts": [name for name, one in charts.items() if one.labels],
        "chart_width": 62 if report.page.orientation == "landscape" else 85,
    }


def cut_note(context: Context, table: DataTable) -> str:
    """What is said below a table that has more rows than are shown."""
    if not table.cut:
        return ""
    text = N_("only the first {shown} of {total} rows are shown; narrow the report down")
    return context.say(text, shown=len(table.rows), total=table.total)
