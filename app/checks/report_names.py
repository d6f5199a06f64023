"""What expressions of a report may name beside the fields of its rows: parameters, the period, the record."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.checks.environments import bare_environment, field_type, parameter_type
from app.checks.values import compile_value
from app.expressions import DATE, Environment, Expression, LinkType, Type
from app.source import Diagnostic
from app.spec.field_types import FieldType
from app.spec.portal import Portal
from app.spec.records import FieldSpec, RecordType
from app.spec.reports import Parameter, Report

PERIOD_NAME = "period"
MONTHS: Mapping[str, int] = MappingProxyType({"last_month": -1, "this_month": 0, "next_month": 1})
"""Words for a month, by their distance from the present one."""
ASKED: frozenset[FieldType] = frozenset(
    {"text", "integer", "decimal", "money", "percent", "boolean", "date", "datetime", "month", "choice",
     "choices", "person", "unit"}
)  # fmt: skip
"""The types that a parameter can have."""
OF_TIME: frozenset[FieldType] = frozenset({"month", "date"})
_IMPLIED = Parameter(type="month", default="last_month")


def asked_of(report: Report) -> dict[str, Parameter]:
    """The parameters of a report by name. One over a period that asks for no month and no date is asked for
    the month, as `period`."""
    written = dict(report.parameters)
    if report.of == "period" and not any(one.type in OF_TIME for one in written.values()):
        written = {
            PERIOD_NAME: _IMPLIED,
            **{name: one for name, one in written.items() if name != PERIOD_NAME},
        }
    return written


def names_of_report(portal: Portal, report: Report) -> dict[str, Type]:
    """Every such name with its type; `period` is always known besides."""
    names = {
        name: parameter_type(portal, one, report.regime, f"{report.full_name}.{name}")
        for name, one in asked_of(report).items()
    }
    owner = portal.find(RecordType, report.record, report.regime) if report.of == "record" else None
    if owner is not None:
        names["this"] = LinkType(owner.full_name)
    return names


def has_period(report: Report) -> bool:
    """Whether `period` stands for something in the report."""
    return any(one.type in OF_TIME for one in asked_of(report).values())


def compile_default(
    portal: Portal, report: Report, name: str, env: Environment | None = None
) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
    """The default of a parameter as an expression over `me`, `now` and `today`; None where none is written,
    or it is one of the words of `MONTHS`, or a month such as 2026-10."""
    parameter = asked_of(report)[name]
    text = parameter.default
    if text is None or (parameter.type == "month" and (text in MONTHS or is_month(text))):
        return None, ()
    spec = FieldSpec(type=parameter.type, options=parameter.options)
    plain = DATE if parameter.type == "month" else field_type(portal, spec, report.regime, name)
    here = env or bare_environment(portal, report.regime)
    return compile_value(text, parameter.span_of("default"), here, plain)


def is_month(text: str) -> bool:
    """Whether the text is a month as people write it: 2026-10."""
    year, dash, month = text.strip().partition("-")
    return dash == "-" and len(year) == 4 and year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12
