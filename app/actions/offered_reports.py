"""Which reports a record type is printed with, and what a report's name means."""

from __future__ import annotations

from app.release import RecordModel, Release
from app.source import N_, PortalError, Translate, unknown_name_hint, untranslated
from app.spec.penalties import PenaltySchedule
from app.spec.reports import Report
from app.storage import Record

PENALTY = "penalty"


class UnknownReport(PortalError):
    """A report that does not exist, is not switched on, or is not served yet: `text` over `params`."""

    def __init__(self, text: str, hint: str = "", **params: object) -> None:
        self.text, self.hint, self.params = text, hint, params
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        said = translate(self.text).format(**self.params)
        return f"{said} ({translate(self.hint).format(**self.params)})" if self.hint else said


def reports_for(release: Release, record_type: str) -> tuple[Report, ...]:
    """The reports of one record of a type, in the order of their names.

    A type without a report of its own is printed in the default layout, under the record type's name.
    """
    record = release.records.get(record_type)
    if record is None:
        return ()
    declared = tuple(one for one in _served(release) if _prints(release, one) == record)
    return declared or (_plain(record),)


def reports_of(release: Release, stored: Record) -> tuple[Report, ...]:
    """The reports of one record. A penalty's own notice comes first; the notices of other schedules are not
    its business."""
    offered = reports_for(release, stored.record_type)
    if stored.record_type != PENALTY:
        return offered
    own, others = None, set[str]()
    for name, schedule in release.portal.served(PenaltySchedule).items():
        notice = release.portal.find(Report, schedule.notice, schedule.regime)
        if notice is not None and name == stored.values.get("schedule"):
            own = notice.full_name
        elif notice is not None:
            others.add(notice.full_name)
    first = [one for one in offered if one.full_name == own]
    rest = [one for one in offered if one.full_name != own and (own is None or one.full_name not in others)]
    return (*first, *rest)


def find_report(release: Release, name: str) -> Report:
    """The report that a full name, or a name that only one report has, means.

    The full name of a record type without reports means its default layout. Raises UnknownReport.
    """
    served = {one.full_name: one for one in _served(release)}
    found = [served[name]] if name in served else [one for one in served.values() if one.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.full_name for one in found)
        raise UnknownReport(
            N_("'{name}' may mean several, write it in full: {names}"), name=name, names=names
        )
    plain = release.record(name)
    offered = {one.full_name: one for one in (reports_for(release, plain.name) if plain else ())}
    if plain is not None and plain.name in offered:
        return offered[plain.name]
    hint, params = unknown_name_hint(name, offered or {*served, *(one.name for one in served.values())})
    raise UnknownReport(N_("there is no report '{name}'"), hint, name=name, **params)


def record_of(release: Release, report: Report) -> RecordModel:
    """The record type whose records a report prints. Raises UnknownReport for one of several records."""
    if report.of != "record":
        text = N_("the report '{name}' is made of a {of}; such reports are declared, but not served yet")
        raise UnknownReport(text, name=report.full_name, of=report.of)
    found = _prints(release, report)
    if found is None:
        raise UnknownReport(N_("there is no report '{name}'"), name=report.full_name)
    return found


def _served(release: Release) -> tuple[Report, ...]:
    return tuple(release.portal.served(Report).values())


def _prints(release: Release, report: Report) -> RecordModel | None:
    if report.of != "record" or report.record is None:
        return None
    return release.record(report.record, report.regime)


def _plain(record: RecordModel) -> Report:
    return Report(title=record.label, record=record.name).named(record.spec.name, record.regime)
