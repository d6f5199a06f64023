"""The regulation's own tests: `examples:` of penalties, checklists and clocks, run against the rules."""

from __future__ import annotations

from app.checks import ExampleReport
from app.rules.calendars import compile_calendars
from app.rules.checklist_examples import run_checklist
from app.rules.clock_examples import run_level
from app.rules.penalty_examples import run_schedule
from app.spec.checklists import Checklist
from app.spec.penalties import PenaltySchedule
from app.spec.portal import Portal
from app.spec.service_levels import ServiceLevel


def run_examples(portal: Portal) -> ExampleReport:
    """Run every example of every schedule, checklist and service level, switched on or not.

    A declaration that still has faults is passed over: `check` names those.
    """
    reports = [run_schedule(portal, one) for one in portal.section(PenaltySchedule).values() if one.examples]
    reports += [run_checklist(portal, one) for one in portal.section(Checklist).values() if one.examples]
    levels = [one for one in portal.section(ServiceLevel).values() if one.examples]
    calendars = compile_calendars(portal) if levels else {}
    reports += [run_level(portal, one, calendars) for one in levels]
    return ExampleReport(
        passed=sum(report.passed for report in reports),
        failed=tuple(failed for report in reports for failed in report.failed),
        unreached=tuple(found for report in reports for found in report.unreached),
    )
