"""Reports over a period or over chosen records: which there are, and for whom."""

from __future__ import annotations

from app.access import Actor, Decision, Policy, decide
from app.actions.context import Context
from app.actions.offered_reports import UnknownReport, find_report
from app.release import RecordModel, Release
from app.source import N_
from app.spec.reports import Report


def data_reports(release: Release, of: str, record_type: str = "") -> tuple[Report, ...]:
    """The reports over a period, or over a selection (of records of that type), that are switched on."""
    found = []
    for report in release.portal.served(Report).values():
        chosen = release.record(report.record, report.regime) if report.record else None
        if report.of == of and (not record_type or (chosen is not None and chosen.name == record_type)):
            found.append(report)
    return tuple(found)


def types_of(release: Release, report: Report) -> tuple[RecordModel, ...]:
    """The record types that the data of a report come from."""
    names = [data.from_ for data in report.data.values()]
    if report.record is not None:
        names.append(report.record)
    found = (release.record(name, report.regime) for name in names)
    return tuple({one.name: one for one in found if one is not None}.values())


def may_print_report(release: Release, policy: Policy, actor: Actor, report: Report) -> Decision:
    """Whether the actor may read and print some rows of every record type that the data come from."""
    types = types_of(release, report)
    for record in types:
        for verb in ("read", "print"):
            decision = decide(policy, actor, verb, record.name)
            if not decision.allowed:
                return decision
    if not types:
        return Decision(False, N_("the report has no data"))
    return Decision(True, N_("the roles grant reading and printing of all that it shows"))


def offered_to(
    release: Release, policy: Policy, actor: Actor, of: str, record_type: str = ""
) -> tuple[Report, ...]:
    """Those of `data_reports` that the actor may print."""
    return tuple(
        report
        for report in data_reports(release, of, record_type)
        if may_print_report(release, policy, actor, report).allowed
    )


def find_data_report(context: Context, name: str) -> Report:
    """The report over a period or a selection that a name means. Raises UnknownReport (also for one that the
    actor may not print: who may not learns no more)."""
    report = find_report(context.release, name)
    if report.of == "record":
        text = N_("the report '{name}' prints one record")
        raise UnknownReport(text, name=report.full_name)
    return report
