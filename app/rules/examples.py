"""The regulation's own tests: `examples:` of penalties, checklists, clocks and duties, run by the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from app.checks import ExampleReport
from app.rules.calendars import WorkingCalendar, compile_calendars
from app.rules.checklist_examples import run_checklist
from app.rules.clock_examples import run_level
from app.rules.duty_examples import run_duty
from app.rules.indicator_examples import run_indicator
from app.rules.penalty_examples import run_schedule
from app.spec.checklists import Checklist
from app.spec.penalties import PenaltySchedule
from app.spec.portal import Portal
from app.spec.reports import Indicator
from app.spec.service_levels import Duty, ServiceLevel
from app.spec.watching import Watch


def run_examples(portal: Portal, watch: Watch | None = None) -> ExampleReport:
    """Run every example of every schedule, checklist, service level, duty and indicator, switched on or not.

    A declaration that still has faults is passed over: `check` names those. `watch` is a run over `portal`
    that knows what came out earlier: only examples that may come out otherwise are run.
    """
    run = watch or Watch(portal)

    def calendars() -> Mapping[str, WorkingCalendar]:
        return run.within("calendars", lambda: compile_calendars(run.portal))

    reports = [
        *_each(run, PenaltySchedule, lambda one: run_schedule(run.portal, one)),
        *_each(run, Checklist, lambda one: run_checklist(run.portal, one)),
        *_each(run, ServiceLevel, lambda one: run_level(run.portal, one, calendars())),
        *_each(run, Duty, lambda one: run_duty(run.portal, one, calendars())),
        *_each(run, Indicator, lambda one: run_indicator(run.portal, one)),
    ]
    return ExampleReport(
        passed=sum(report.passed for report in reports),
        failed=tuple(failed for report in reports for failed in report.failed),
        unreached=tuple(found for report in reports for found in report.unreached),
    )


Exemplary = TypeVar("Exemplary", PenaltySchedule, Checklist, ServiceLevel, Duty, Indicator)


def _each(
    watch: Watch, kind: type[Exemplary], run: Callable[[Exemplary], ExampleReport]
) -> Iterator[ExampleReport]:
    """The reports of the declarations of one kind that have examples."""
    for full, one in watch.plain.section(kind).items():
        if one.examples:
            yield watch.ask((kind.section, full), partial(_run, watch, kind, full, run))


def _run(
    watch: Watch, kind: type[Exemplary], full: str, run: Callable[[Exemplary], ExampleReport]
) -> ExampleReport:
    return run(watch.portal.section(kind)[full])
