"""The examples of a draft as they were run with its check: what is given, expected, and comes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.checks import FailedExample
from app.rules.soundness import Configuration
from app.rules.values import plain
from app.source import Span
from app.spec.base import Strict
from app.spec.checklists import Checklist
from app.spec.penalties import Expected, PenaltyExample, PenaltySchedule
from app.spec.portal import Portal
from app.spec.reports import Indicator
from app.spec.service_levels import Duty, ServiceLevel
from app.spec.workflows import Workflow
from app.web.languages import label
from app.web.studio_links import PlaceLink

Declared = PenaltySchedule | Checklist | ServiceLevel | Duty | Indicator | Workflow


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """One example; got: what came out where it differs from what is expected."""

    name: str
    given: tuple[str, ...]
    expected: tuple[str, ...]
    got: tuple[str, ...]
    place: PlaceLink

    @property
    def failed(self) -> bool:
        return bool(self.got)


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """The examples of one declaration, those that come out otherwise first."""

    name: str
    title: str
    passed: int
    failed: int
    rows: tuple[ExampleRow, ...]


def example_sets(configuration: Configuration, portal: Portal, revision: int) -> tuple[ExampleSet, ...]:
    """Every declaration with examples; those with differences first."""
    failed: dict[str, list[FailedExample]] = defaultdict(list)
    for one in configuration.examples.failed:
        failed[one.span.file].append(one)
    declared: tuple[Declared, ...] = (
        *portal.penalty_schedules.values(),
        *portal.checklists.values(),
        *portal.service_levels.values(),
        *portal.duties.values(),
        *portal.indicators.values(),
        *portal.workflows.values(),
    )
    found = [_set(one, failed, revision) for one in declared if one.examples]
    return tuple(sorted(found, key=lambda one: -one.failed))


def _set(declared: Declared, failed: Mapping[str, Sequence[FailedExample]], revision: int) -> ExampleSet:
    rows = [_row(example, example.span, failed, revision) for example in declared.examples]
    wrong = sum(row.failed for row in rows)
    rows.sort(key=lambda row: not row.failed)
    return ExampleSet(declared.full_name, label(declared.label), len(rows) - wrong, wrong, tuple(rows))


def _row(
    example: object, span: Span, failed: Mapping[str, Sequence[FailedExample]], revision: int
) -> ExampleRow:
    got = [f"{one.got}  ≠  {one.expected}" for one in failed.get(span.file, ()) if _within(one.span, span)]
    return ExampleRow(
        name=str(getattr(example, "name", "")),
        given=tuple(_pairs(getattr(example, "given", {}))),
        expected=tuple(_expected(example)),
        got=tuple(got),
        place=PlaceLink.of(span, revision),
    )


def _within(inner: Span, outer: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) <= (outer.end_line, outer.end_column)


def _pairs(told: Mapping[str, object] | Strict) -> Iterator[str]:
    for name, value in _written(told).items():
        yield f"{name}: {_words(value)}"


def _written(told: Mapping[str, object] | Strict) -> Mapping[str, object]:
    """What the YAML says, by its own keys."""
    if isinstance(told, Mapping):
        return told
    return {name.rstrip("_"): getattr(told, name) for name in sorted(told.model_fields_set)}


def _expected(example: object) -> Iterator[str]:
    if not isinstance(example, PenaltyExample):
        yield from _pairs(getattr(example, "expect", {}))
        return
    for one in example.expect or ():
        yield _charge(one)
    if "exempt" in example.model_fields_set:
        yield f"exempt: {_words(example.exempt)}"
    if example.decided_by is not None:
        yield f"decided_by: {', '.join(example.decided_by)}"


def _charge(one: Expected) -> str:
    amount = _words(one.amount) if "amount" in one.model_fields_set else ""
    sanctions = ", ".join(one.sanctions or ())
    return f"{one.to}: {' '.join(part for part in (amount, sanctions) if part) or '✓'}"


def _words(value: object) -> str:
    if value is None:
        return "~"
    if isinstance(value, Strict):
        value = _written(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_words(one)}" for name, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(one) for one in value)
    return str(plain(value))
