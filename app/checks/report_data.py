"""RPT010 to RPT013: what a report asks, and whether its data can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.checks.context import Checking, Found, unknown_word
from app.checks.environments import rows_environment
from app.checks.report_names import ASKED, PERIOD_NAME, compile_default, has_period, names_of_report
from app.expressions import BOOLEAN, Expression, Type, compile_expression, sql_ready
from app.expressions.core import Aggregate, LookedUp, Node, Read, RowsInHand, children, walk
from app.source import N_, Span, fault
from app.spec.field_types import KINDS
from app.spec.portal_settings import ChoiceList
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType, checklist_columns
from app.spec.reports import DataSet, Report

_GROUPED = frozenset({"column", "link", "computed"})


def reports_ask_and_read(checking: Checking) -> Found:
    """RPT010, RPT011, RPT012, RPT013: parameters that can be asked, data that can be read."""
    for report in checking.each(Report):
        if report.of == "period" and not report.data:
            text = N_("a report over a period shows nothing without 'data'")
            yield fault("RPT010", report.span, text, N_("write at least one data set"))
        if report.of == "record" and report.parameters:
            text = N_("a report of one record asks for nothing")
            hint = N_("write 'of: period' or 'of: selection', or take the parameters out")
            yield fault("RPT010", report.place.key("parameters"), text, hint)
        yield from _parameters(checking, report)
        for data in report.data.values():
            record = checking.find(RecordType, data.from_, report.regime)
            if record is not None:
                yield from _shape(data)
                yield from _titles(checking, data, record)
                yield from _columns(checking, data, record)
                yield from _expressions(checking, report, data, record)


def _parameters(checking: Checking, report: Report) -> Found:
    for name, parameter in report.parameters.items():
        if parameter.type not in ASKED:
            text = N_("a parameter cannot be of the type '{name}'")
            yield unknown_word("RPT011", parameter.span_of("type"), text, parameter.type, ASKED)
            continue
        if parameter.type in ("choice", "choices"):
            if parameter.options is None:
                text = N_("a field of type '{type}' needs '{name}'")
                yield fault("RPT011", parameter.span, text, type=parameter.type, name="options")
                continue
            if checking.find(ChoiceList, parameter.options, report.regime) is None:
                continue
        _, faults = compile_default(checking.portal, report, name)
        if any(one.severity == "error" for one in faults):
            text = N_("'{written}' is no default for a parameter of the type '{type}'")
            span = parameter.span_of("default")
            hint = N_("write a value, an expression over today or me, or for a month last_month")
            yield fault("RPT011", span, text, hint, written=parameter.default, type=parameter.type)


def _shape(data: DataSet) -> Found:
    if data.columns and (data.by or data.measures):
        text = N_("a data set has either columns, or measures with what they are grouped by")
        hint = N_("make two data sets of it")
        yield fault("RPT012", data.place.key("columns"), text, hint)
    if data.by and not data.measures:
        text = N_("groups without measures show nothing of their rows")
        hint = N_("give 'measures' at least one name with count() or a sum")
        yield fault("RPT012", data.place.key("by"), text, hint)


def _titles(checking: Checking, data: DataSet, record: RecordType) -> Found:
    known = {*data.columns, *data.by, *data.measures}
    if not known:
        known = {*record.list.columns} or {*record.fields}
    for name in data.titles:
        if name not in known:
            text = N_("the data have no column '{name}'")
            yield unknown_word("RPT012", data.key_at("titles", name), text, name, known)


def _columns(checking: Checking, data: DataSet, record: RecordType) -> Found:
    """What lies in other tables can be shown, of the row itself; nothing is grouped by it or sorted."""
    for key in ("columns", "by"):
        for index, path in enumerate(getattr(data, key)):
            found = field_at(checking, record, path)
            through = _through_several(checking, record, path)
            if not through and (found is None or KINDS[found.type].storage in _GROUPED):
                continue
            if through or key == "by" or "." in path:
                text = N_("'{path}' holds several values and cannot stand here")
                hint = N_("list it as a column of its own record type, or count it in a measure")
                yield fault("RPT012", data.span_at(key, index), text, hint, path=path)
    name = (data.order or "").removeprefix("-")
    found = field_at(checking, record, name) if name and name not in data.measures else None
    if found is not None and KINDS[found.type].storage not in _GROUPED:
        text = N_("rows cannot be sorted by '{path}'")
        yield fault("RPT012", data.span_of("order"), text, path=name)
    if data.measures and name and name not in {*data.measures, *data.by}:
        text = N_("groups are sorted by what they are grouped by, or by a measure")
        yield fault("RPT012", data.span_of("order"), text)


def _expressions(checking: Checking, report: Report, data: DataSet, record: RecordType) -> Found:
    names = names_of_report(checking.portal, report)
    env = rows_environment(checking.portal, record, report.regime, names)
    fields = env.schema.fields(record.full_name) or {}
    texts = [(data.where, data.span_of("where"), BOOLEAN)] if data.where is not None else []
    every: list[tuple[str, Span, Type | None]] = [(text or "", span, want) for text, span, want in texts]
    every += [(text, data.span_at("measures", name), None) for name, text in data.measures.items()]
    for text, span, want in every:
        compiled, _ = compile_expression(text, span, env, want)
        if compiled is None:
            continue
        yield from _readable(compiled, names, span)
        if PERIOD_NAME not in names and not has_period(report) and _reads(compiled, PERIOD_NAME):
            words = N_("the report asks for no month and no date, so there is no period")
            hint = N_("ask for one: a parameter of the type 'month'")
            yield fault("RPT013", span, words, hint)
        if want is None:
            bare = next(bare_reads(compiled.tree, fields), None)
            if bare is not None:
                words = N_("'{path}' has a value in each row; a measure needs one for the whole group")
                hint = N_("write sum(), avg(), min(), max(), median(), count() or share() around it")
                yield fault("RPT012", bare.at, words, hint, path=".".join(bare.parts))


def _readable(compiled: Expression, names: Mapping[str, Type], span: Span) -> Found:
    if not sql_ready(compiled.tree, {*names, PERIOD_NAME, "now", "today", "me"}):
        text = N_("the database cannot work this out")
        hint = N_("keep it in a formula field and name that field here")
        yield fault("RPT013", span, text, hint)


def _reads(compiled: Expression, name: str) -> bool:
    return any(
        isinstance(part, Read) and part.frame == 0 and part.parts[0] == name for part in walk(compiled.tree)
    )


def bare_reads(node: Node, fields: Mapping[str, Type]) -> Iterator[Read]:
    """Fields of the row that stand outside of every sum."""
    if isinstance(node, LookedUp) or (isinstance(node, Aggregate) and isinstance(node.group, RowsInHand)):
        return
    if isinstance(node, Read) and node.frame == 0 and node.parts[0] in fields:
        yield node
    for child in children(node):
        yield from bare_reads(child, fields)


def field_at(checking: Checking, record: RecordType, path: str) -> FieldSpec | None:
    """The field at the end of a dotted path of links; None where there is none."""
    owner: RecordType | None = record
    found: FieldSpec | None = None
    for part in path.split("."):
        if owner is None:
            return None
        found = _fields(owner).get(part)
        if found is None:
            return None
        owner = checking.find(RecordType, found.target, owner.regime)
    return found


def _through_several(checking: Checking, record: RecordType, path: str) -> bool:
    """Whether a path goes on behind a field that leads to several rows, such as a child table."""
    parts = path.split(".")
    before = (field_at(checking, record, ".".join(parts[:size])) for size in range(1, len(parts)))
    return any(one is not None and KINDS[one.type].storage not in _GROUPED for one in before)


def _fields(record: RecordType) -> dict[str, FieldSpec]:
    kept = {
        key: column
        for name, spec in record.fields.items()
        if spec.type == "checklist"
        for key, column in checklist_columns(name).items()
    }
    return {**STANDARD_FIELDS, **kept, **record.fields}
