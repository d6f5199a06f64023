"""What the language knows and this version does not serve yet: declared, checked, never silently ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from app.checks.context import Checking, Found
from app.source import N_, Span, warning
from app.spec.base import Strict
from app.spec.portal import Portal

Finder = Callable[[Portal], Iterator[Span]]

NOT_YET_SERVED: Mapping[str, Finder] = MappingProxyType(
    {
        "indicators": lambda portal: (one.span for one in portal.indicators.values()),
        "surveys": lambda portal: (one.span for one in portal.surveys.values()),
        "dashboards": lambda portal: (one.span for one in portal.dashboards.values()),
        "effects.lock": lambda portal: _keys(_effects(portal), "lock"),
        "transitions.approve": lambda portal: _keys(_transitions(portal), "approve"),
        "reports.issue": lambda portal: _keys(portal.reports.values(), "issue"),
        "records.public": lambda portal: _keys(portal.records.values(), "public"),
        "records.retention": lambda portal: _keys(portal.records.values(), "retention"),
        "records.read_after_days": lambda portal: _keys(portal.records.values(), "read_after_days"),
    }
)
"""Section or key -> where it is written. Take a row out when its engine is built."""


def _keys(owners: Iterable[Strict], key: str) -> Iterator[Span]:
    yield from (owner.place.key(key) for owner in owners if owner.wrote(key))


def _transitions(portal: Portal) -> Iterator[Strict]:
    for workflow in portal.workflows.values():
        yield from workflow.transitions.values()


def _effects(portal: Portal) -> Iterator[Strict]:
    for workflow in portal.workflows.values():
        for transition in workflow.transitions.values():
            yield from transition.do
    for level in portal.service_levels.values():
        for step in level.escalate:
            yield from step.do


def what_is_not_served_yet(checking: Checking) -> Found:
    """NYS001 (warning): once for each file and each thing that has no engine yet."""
    for name, places in NOT_YET_SERVED.items():
        told: set[str] = set()
        for span in places(checking.portal):
            if span.file not in told:
                told.add(span.file)
                yield warning("NYS001", span, N_("'{name}' is declared, not yet served"), name=name)
