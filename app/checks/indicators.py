"""Examples of indicators: what their rows name exists, and what they expect can come out."""

from __future__ import annotations

from app.checks.context import Checking, Found
from app.checks.environments import record_types, rows_environment
from app.checks.given_cells import Cells, cell_faults
from app.checks.report_data import bare_reads
from app.checks.report_names import PERIOD_NAME
from app.expressions import NUMBER, Environment, compile_expression
from app.source import N_, Span, fault
from app.spec.indicator_examples import IndicatorExample, IndicatorGiven
from app.spec.period_names import read_period_name
from app.spec.records import RecordType
from app.spec.reports import Indicator
from app.spec.small import Problem


def figures_are_of_all_rows(checking: Checking) -> Found:
    """RPT004, RPT012: a figure of no record type, and a `value` that reads a field of one row."""
    for indicator in checking.each(Indicator):
        if indicator.of is None and not indicator.manual:
            text = N_("the indicator '{name}' needs 'of', the record type that is measured")
            yield fault("RPT004", indicator.span, text, name=indicator.full_name)
        record = checking.find(RecordType, indicator.of, indicator.regime)
        if record is None or indicator.value is None:
            continue
        env = rows_environment(checking.portal, record, indicator.regime)
        compiled, _ = compile_expression(indicator.value, indicator.span_of("value"), env, NUMBER)
        fields = env.schema.fields(record.full_name) or {}
        bare = next(bare_reads(compiled.tree, fields), None) if compiled is not None else None
        if bare is not None:
            text = N_("'{path}' has a value in each row; a measure needs one for the whole group")
            hint = N_("write sum(), avg(), min(), max(), median(), count() or share() around it")
            yield fault("RPT012", bare.at, text, hint, path=".".join(bare.parts))


def examples_of_indicators_name_known_things(checking: Checking) -> Found:
    """EXM001: periods that can be read, fields and options that exist, groups only where there are some."""
    for indicator in checking.each(Indicator):
        if not indicator.examples:
            continue
        record = checking.find(RecordType, indicator.of, indicator.regime)
        env = rows_environment(checking.portal, record, indicator.regime) if record is not None else None
        needs_period = env is not None and _reads_period(indicator, env)
        for example in indicator.examples:
            yield from _period(example.given, example.span_of("given"), needs_period)
            yield from _fits(indicator, example)
            if record is None or env is None:
                continue
            types = record_types(checking.portal, record)
            cells = Cells(example.given, env, types, record.full_name)
            for index, row in enumerate(example.given.rows):
                for name, written in row.items():
                    yield from cell_faults(cells, ("rows", index, name), name, written)


def _reads_period(indicator: Indicator, env: Environment) -> bool:
    for key in ("where", "share", "value"):
        text = getattr(indicator, key)
        compiled, _ = compile_expression(text, indicator.span_of(key), env) if text else (None, ())
        if compiled is not None and any(path[0] == PERIOD_NAME for path in compiled.paths):
            return True
    return False


def _period(given: IndicatorGiven, at: Span, needed: bool) -> Found:
    if given.period is None:
        if needed:
            text, hint = N_("the example names no period"), N_("write for example 'period: 2026-10'")
            yield fault("EXM001", at, text, hint)
        return
    read = read_period_name(given.period)
    if isinstance(read, Problem):
        yield read.at("EXM001", given.span_of("period"))


def _fits(indicator: Indicator, example: IndicatorExample) -> Found:
    """Rows for what is counted, a value for what is entered by hand, groups for what is split."""
    given, expect = example.given, example.expect
    name = indicator.full_name
    if indicator.manual and given.wrote("rows"):
        text, hint = N_("the figure of '{name}' is entered by hand"), N_("write 'value:' and no rows")
        yield fault("EXM001", given.key_at("rows"), text, hint, name=name)
    if not indicator.manual and given.wrote("value"):
        text, hint = N_("the figure of '{name}' is counted from rows"), N_("write 'rows:' and no value")
        yield fault("EXM001", given.key_at("value"), text, hint, name=name)
    if expect.wrote("groups") and (indicator.manual or not indicator.by):
        text = N_("'{name}' has no groups: it names no fields under 'by'")
        yield fault("EXM001", expect.key_at("groups"), text, name=name)
    for figure in (expect, *expect.groups.values()):
        if indicator.share is None and figure.wrote("holding"):
            text = N_("'{name}' has no condition that rows could hold: it has no 'share'")
            yield fault("EXM001", figure.key_at("holding"), text, name=name)
    if not expect.model_fields_set:
        yield fault("EXM001", example.span_of("expect"), N_("the example expects nothing"))
