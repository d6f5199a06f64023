"""What declarations say about the values of names, for telling which conditions can hold together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from app.expressions import Domain, Domains
from app.spec.field_types import KINDS
from app.spec.penalties import PenaltySchedule
from app.spec.records import FieldSpec, RecordType

_MOMENT: Domains = MappingProxyType({("now",): Domain(filled=True), ("today",): Domain(filled=True)})
_WHOLE = frozenset({"integer", "rating"})
_TOLD_APART = frozenset(
    {"text", "long_text", "integer", "decimal", "money", "percent", "rating", "boolean", "date", "datetime",
     "time", "duration", "choice", "person", "unit", "link"}
)  # fmt: skip


def record_values(record: RecordType) -> Domains:
    """The fields of a record type. One that is computed, or shown only at times, is not free."""
    tied = {name for group in record.form if group.show is not None for name in group.fields}
    fields = record.fields.items()
    known: Domains = {(name,): _field(spec, free=name not in tied) for name, spec in fields}
    return {**_MOMENT, **known, **{("this", *parts): domain for parts, domain in known.items()}}


def line_values(spec: FieldSpec) -> Domains:
    """The columns of a child table."""
    return {**_MOMENT, **{(name,): _field(line) for name, line in spec.fields.items()}}


def _field(spec: FieldSpec, *, free: bool = True) -> Domain:
    number = KINDS[spec.type].number
    tied = spec.show is not None or spec.options_when or spec.where is not None or spec.formula is not None
    return Domain(
        low=_bound(spec.min) if number else None,
        high=_bound(spec.max) if number else None,
        whole=spec.type in _WHOLE,
        required=spec.required is True,
        free=free and not tied and spec.type in _TOLD_APART,
    )


def _bound(text: str | None) -> Decimal | None:
    try:
        bound = Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
    return bound if bound is not None and bound.is_finite() else None


def case_values(schedule: PenaltySchedule, level: str | None = None) -> Domains:
    """The facts of a schedule, and its levels (or the one given)."""
    facts: Domains = {
        (name,): Domain(whole=fact.type == "integer", required=fact.required, free=True)
        for name, fact in schedule.facts.items()
    }
    levels = frozenset(schedule.levels if level is None else (level,))
    level_values = Domain(options=levels, filled=True, free=True)
    return {**_MOMENT, ("level",): level_values, ("offender",): Domain(filled=True), **facts}


def within(domains: Domains, name: str, options: Iterable[str]) -> Domains:
    """The same, where `name` is one of `options`: a record in the state that a transition begins in."""
    narrowed = replace(domains.get((name,), Domain()), options=frozenset(options), filled=True)
    return {**domains, (name,): narrowed}
