"""Reports, indicators, surveys, dashboards, messages: what they show exists and can be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.checks.checklists import clause, figure
from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.environments import (
    PortalSchema,
    bare_environment,
    record_types,
    rows_environment,
)
from app.checks.records import number_template, template
from app.checks.report_names import names_of_report
from app.expressions import ANY, NUMBER, LinesType, LinksType, LinkType, Type
from app.source import N_, Span, fault, warning
from app.spec.base import Strict
from app.spec.portal_settings import ChoiceList, Role
from app.spec.records import RecordType
from app.spec.reports import Dashboard, DataSet, Indicator, Report, Survey, Tile
from app.spec.service_levels import MessageTemplate
from app.spec.small import Problem
from app.spec.text_templates import parse_template


def reports_hold(checking: Checking) -> Found:
    """REF001, REF003, RPT001 and the faults of expressions: what reports print exists."""
    for report in checking.each(Report):
        yield from checking.refer(RecordType, report.record, report.regime, report.span_of("record"))
        if report.of in ("record", "selection") and report.record is None:
            text = N_("a report of a record needs '{name}'")
            yield fault("RPT001", report.span, text, N_("write 'record: <record type>'"), name="record")
        parameters = names_of_report(checking.portal, report)
        for parameter in report.parameters.values():
            span = parameter.span_of("options")
            yield from checking.refer(ChoiceList, parameter.options, report.regime, span)
        for data in report.data.values():
            yield from _data(checking, report, data, parameters)
        yield from _charts(report)
        yield from _issue(checking, report, parameters)


def _data(checking: Checking, report: Report, data: DataSet, parameters: Mapping[str, Type]) -> Found:
    yield from checking.refer(RecordType, data.from_, report.regime, data.span_of("from"))
    record = checking.find(RecordType, data.from_, report.regime)
    if record is None:
        return
    env = rows_environment(checking.portal, record, report.regime, parameters)
    yield from checking.condition(data.where, data.span_of("where"), env)
    schema = PortalSchema(checking.portal, report.regime)
    types = record_types(checking.portal, record)
    for key in ("columns", "by"):
        yield from paths(getattr(data, key), data, key, types, schema, record.full_name)
    for name, measure in data.measures.items():
        yield from checking.formula(measure, data.span_at("measures", name), env)
    order = (data.order or "").removeprefix("-")
    if order and order not in data.measures and order not in data.columns:
        yield from paths((order,), data, "order", types, schema, record.full_name)
    if data.limit is not None and data.limit < 1:
        text = N_("'{key}' must be at least {limit}, not {written}")
        span = data.span_of("limit")
        yield fault("SPEC007", span, text, key="limit", limit=1, written=data.limit)


def paths(
    written: Iterable[str],
    owner: Strict,
    key: str,
    types: Mapping[str, Type],
    schema: PortalSchema,
    record: str,
) -> Found:
    """REF003: dotted paths from a record on."""
    for index, path in enumerate(written):
        known: Mapping[str, Type] | None = types
        where = record
        kind: Type = ANY
        for part in path.split("."):
            if known is None or part not in known:
                if kind != ANY or known is types:
                    yield missing_field(owner.span_at(key, index), part, known or {}, where)
                break
            kind = known[part]
            leads = isinstance(kind, (LinkType, LinksType))
            known = schema.fields(kind.record) if leads else _columns(kind)  # type: ignore[attr-defined]
            where = str(kind)


def _columns(kind: Type) -> Mapping[str, Type] | None:
    return kind.fields if isinstance(kind, LinesType) else None


def _charts(report: Report) -> Found:
    for chart in report.charts.values():
        data = report.data.get(chart.data)
        if data is None:
            text = N_("the report has no data '{name}'")
            yield unknown_word("RPT002", chart.span_of("data"), text, chart.data, report.data)
            continue
        known = {*data.columns, *data.by, *data.measures}
        for key, names in (("x", (chart.x,)), ("y", chart.y)):
            for index, name in enumerate(names):
                if name not in known:
                    text = N_("the data '{owner}' has no column '{name}'")
                    span = chart.span_at(key, index)
                    yield unknown_word("RPT002", span, text, name, known, owner=chart.data)


def _issue(checking: Checking, report: Report, parameters: Mapping[str, Type]) -> Found:
    issue = report.issue
    if issue is None:
        return
    env = bare_environment(checking.portal, report.regime)
    for index, word in enumerate(issue.approve):
        yield from checking.party(word, issue.span_at("approve", index), env, report.regime)
    if issue.number is not None:
        record = checking.find(RecordType, report.record, report.regime)
        names = {**parameters, "now": ANY, "seq": ANY, "period": ANY}
        names |= record_types(checking.portal, record) if record is not None else {}
        schema = PortalSchema(checking.portal, report.regime)
        check = template if "{" in issue.number and "seq" not in issue.number else number_template
        names = {name: ANY if str(kind) == "period" else kind for name, kind in names.items()}
        yield from check(issue.number, issue.span_of("number"), names, schema, report.full_name)


def templates_have_reports(checking: Checking) -> Found:
    """RPT003 (warning): a page template without the report that it is for."""
    for name, page in checking.portal.templates.items():
        short = name.rpartition(".")[2]
        if name not in checking.portal.reports and not short.startswith("_"):
            text = N_("no report uses this template")
            hint = N_("write {name}.yaml beside it, or begin its name with '_' if others include it")
            yield warning("RPT003", Span(page.path), text, hint, name=short)


def indicators_hold(checking: Checking) -> Found:
    """REF001, REF003, RPT004, FIG001, UNS001: what indicators measure, against which target."""
    for indicator in checking.each(Indicator):
        regime = indicator.regime
        yield from checking.refer(RecordType, indicator.of, regime, indicator.span_of("of"))
        yield from figure(indicator.target, indicator.span_of("target"))
        yield from clause(checking, indicator.standard, regime, indicator.span_of("standard"))
        if indicator.wrote("target") and indicator.target is None:
            text = N_("the target of '{name}' is left open by the regulation")
            yield warning("UNS001", indicator.span_of("target"), text, name=indicator.full_name)
        ways = [key for key in ("share", "value") if getattr(indicator, key) is not None]
        if len(ways) != (0 if indicator.manual else 1):
            text = N_("the indicator '{name}' needs 'share' or 'value', or 'manual: true'")
            yield fault("RPT004", indicator.span, text, name=indicator.full_name)
        yield from _measured(checking, indicator)


def _measured(checking: Checking, indicator: Indicator) -> Found:
    record = checking.find(RecordType, indicator.of, indicator.regime)
    if record is None:
        return
    env = rows_environment(checking.portal, record, indicator.regime)
    yield from checking.condition(indicator.where, indicator.span_of("where"), env)
    yield from checking.condition(indicator.share, indicator.span_of("share"), env)
    yield from checking.formula(indicator.value, indicator.span_of("value"), env, NUMBER)
    types = record_types(checking.portal, record)
    schema = PortalSchema(checking.portal, indicator.regime)
    yield from paths(indicator.by, indicator, "by", types, schema, record.full_name)
    if indicator.owner is not None:
        owner = bare_environment(checking.portal, indicator.regime)
        yield from checking.party(indicator.owner, indicator.span_of("owner"), owner, indicator.regime)


def surveys_hold(checking: Checking) -> Found:
    """FIG001, RPT005: scale, coverage and weights of surveys."""
    for survey in checking.each(Survey):
        yield from figure(survey.scale, survey.span_of("scale"))
        yield from figure(survey.coverage, survey.span_of("coverage"))
        for dimension in survey.dimensions.values():
            if dimension.weight <= 0:
                text = N_("the weight must be more than 0")
                yield fault("RPT005", dimension.span_of("weight"), text)


def dashboards_hold(checking: Checking) -> Found:
    """REF001, REF003, RPT006: what tiles show, to which roles."""
    for dashboard in checking.each(Dashboard):
        yield from checking.refer_all(Role, dashboard, "for", dashboard.for_)
        for tile in dashboard.tiles:
            yield from _tile(checking, tile, dashboard.regime)


def _tile(checking: Checking, tile: Tile, regime: str) -> Found:
    yield from checking.refer(Indicator, tile.indicator, regime, tile.span_of("indicator"))
    kinds = [key for key in ("indicator", "list", "count", "chart") if getattr(tile, key) is not None]
    if len(kinds) > 1:
        text = N_("a tile shows one thing; here are: {known}")
        yield fault("RPT006", tile.span, text, known=", ".join(kinds))
    for key in ("list", "count", "of"):
        name = getattr(tile, key)
        yield from checking.refer(RecordType, name, regime, tile.span_of(key))
    record = checking.find(RecordType, tile.list or tile.count or tile.of, regime)
    if record is None:
        return
    env = rows_environment(checking.portal, record, regime)
    yield from checking.condition(tile.where, tile.span_of("where"), env)
    yield from checking.formula(tile.measure, tile.span_of("measure"), env)
    if tile.by is not None:
        types = record_types(checking.portal, record)
        schema = PortalSchema(checking.portal, regime)
        yield from paths((tile.by,), tile, "by", types, schema, record.full_name)


def messages_are_templates(checking: Checking) -> Found:
    """TPL001, RPT007: subjects and texts of messages can be read, channels are known."""
    for message in checking.each(MessageTemplate):
        for key in ("subject", "text"):
            parsed = parse_template(getattr(message, key))
            if isinstance(parsed, Problem):
                yield parsed.at("TPL001", message.span_of(key))
        known = checking.portal.choices["message_channel"].options
        for index, channel in enumerate(message.channels):
            if channel not in known:
                text = N_("'{name}' is not a channel of messages")
                yield unknown_word("RPT007", message.span_at("channels", index), text, channel, known)
