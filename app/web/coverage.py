"""`/coverage/`: which duties were done, are open, were missed or are still to come, period by period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.access import decide
from app.actions.duty_coverage import Counts, CoverageLine, DutyCoverage, coverage, ordered_lines
from app.rules.periods import Period, period_of
from app.source import N_
from app.spec.recurrence_units import PeriodUnit
from app.storage import read_record
from app.storage.duties import DUTY_RUN
from app.web.addresses import record_address
from app.web.context import action_context, actor, now, served, session
from app.web.coverage_export import coverage_workbook
from app.web.gate import needs
from app.web.languages import label
from app.web.paging import address
from app.web.picking import readable
from app.web.recurrence_words import rule_words
from app.web.visible import label_is_open

STRETCHES: tuple[tuple[PeriodUnit, str], ...] = (
    ("day", N_("day")),
    ("week", N_("week")),
    ("ten_days", N_("ten days")),
    ("month", N_("month")),
    ("quarter", N_("quarter")),
    ("half_year", N_("half-year")),
    ("year", N_("year")),
)
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("done", N_("Done"), "success"),
    ("late", N_("Done late"), "warning"),
    ("open", N_("Under way"), "info"),
    ("missed", N_("Missed"), "danger"),
    ("not_due", N_("Not due yet"), "neutral"),
)
"""Attribute of `Counts`, its title, and the colour of a figure above 0."""
_NAME = re.compile(r"[a-z0-9_.]{1,100}")
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
"""Days that can be asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; unit is an id."""

    by: PeriodUnit
    period: Period
    duty: str
    unit: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of a line; `text` is empty for none."""

    label: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One target of a duty."""

    label: str
    href: str
    figures: tuple[Figure, ...]
    share: str


@dataclass(frozen=True, slots=True)
class Section:
    """One duty with its lines and their sum."""

    label: str
    rule: str
    source: str
    lines: tuple[Line, ...]
    total: Line


class CoverageView(BaseView):  # type: ignore[misc,unused-ignore]
    """The coverage list and its export."""

    route_base = "/coverage"
    class_permission_name = DUTY_RUN
    default_view = "index"

    @expose("/")
    @needs("read")
    def index(self) -> ResponseReturnValue:
        asked = read_asked()
        context = action_context()
        found = coverage(context, asked.period.start, asked.period.end, asked.duty, asked.unit)
        total = Counts()
        for group in found:
            total.add(group.total)
        return render_template(
            "records/coverage.html",
            asked=asked,
            stretches=[(key, _(text)) for key, text in STRETCHES],
            sections=[_section(group, asked) for group in found],
            total=_figures(total),
            duties=_duties(asked, found),
            unit_words=_unit_words(asked.unit),
            pick_url=f"{request.script_root}/r/{DUTY_RUN}/pick/unit",
            previous=address(day=(asked.period.start - timedelta(days=1)).isoformat(), by=asked.by),
            next=address(day=(asked.period.end + timedelta(days=1)).isoformat(), by=asked.by),
            export_href=_export_href(),
        )

    @expose("/export")
    @needs("export")
    def export(self) -> ResponseReturnValue:
        asked = read_asked()
        found = coverage(
            action_context(), asked.period.start, asked.period.end, asked.duty, asked.unit, "export"
        )
        return coverage_workbook(asked.period, found, [(name, _(title)) for name, title, _tone in COLUMNS])


def read_asked() -> Asked:
    """The stretch of time, duty and unit that the address names; nonsense means this month and everything."""
    by: PeriodUnit = next((key for key, _text in STRETCHES if key == request.args.get("by")), "month")
    today = now().astimezone(served().zone).date()
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = today
    period = period_of(by, day if FIRST <= day <= LAST else today)
    unit = request.args.get("unit", "")
    number = int(unit) if unit.isdecimal() and len(unit) < 10 else None
    duty = request.args.get("duty", "")
    return Asked(by, period, duty if _NAME.fullmatch(duty) else "", number)


def _section(group: DutyCoverage, asked: Asked) -> Section:
    duty = served().release.duties.get(group.duty)
    return Section(
        label=label(group.label),
        rule=_rule_words(group.duty),
        source=label(duty.spec.source) if duty is not None else "",
        lines=tuple(_line(line, group, asked) for line in ordered_lines(group)),
        total=Line(_("Total"), "", _figures(group.total), _share(group.total)),
    )


def _rule_words(name: str) -> str:
    """How often, in words."""
    duty = served().release.duties.get(name)
    if duty is None:
        return ""
    if duty.spec.at_least is not None and duty.per is not None:
        units = dict(STRETCHES)
        words = _("at least %(count)s in each %(unit)s", count=duty.spec.at_least, unit=_(units[duty.per]))
        return str(words)
    return rule_words(duty.rule) if duty.rule is not None else ""


def _line(line: CoverageLine, group: DutyCoverage, asked: Asked) -> Line:
    filters: dict[str, object] = {
        "f.duty": group.duty,
        "f.starts_on.from": asked.period.start.isoformat(),
        "f.starts_on.to": asked.period.end.isoformat(),
    }
    filters |= {"f.unit": line.target_id} if line.target_type == "unit" else {"q": line.label}
    words = line.label or _("The whole organisation")
    return Line(
        words, record_address(DUTY_RUN, "list", None, **filters), _figures(line.counts), _share(line.counts)
    )


def _figures(counts: Counts) -> tuple[Figure, ...]:
    found = ((title, getattr(counts, name), tone) for name, title, tone in COLUMNS)
    return tuple(Figure(_(title), str(count) if count else "", tone) for title, count, tone in found)


def _share(counts: Counts) -> str:
    """Of what should have been done by now, how much was done in its time; empty before anything was due."""
    return f"{counts.done * 100 // counts.due} %" if counts.due else ""


def _duties(asked: Asked, found: list[DutyCoverage]) -> list[tuple[str, str]]:
    """The duties to choose from: those that the reader sees something of."""
    if not asked.duty:
        return [(group.duty, label(group.label)) for group in found]
    everything = coverage(action_context(), asked.period.start, asked.period.end)
    return [(group.duty, label(group.label)) for group in everything]


def _unit_words(unit: int | None) -> str:
    """The title of the unit that the list is narrowed to, as far as the reader may know it."""
    here = served()
    where = readable(here, actor(), "unit")
    if unit is None or where is None:
        return ""
    found = read_record(session(), here.models, "unit", unit, where=where)
    return found.label if found is not None and label_is_open(here, actor(), "unit") else ""


def _export_href() -> str:
    if not decide(served().policy, actor(), "export", DUTY_RUN).allowed:
        return ""
    query = request.query_string.decode()
    return f"{request.script_root}/coverage/export" + (f"?{query}" if query else "")
