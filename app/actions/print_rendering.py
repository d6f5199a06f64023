"""From the values of a print to its PDF: template or layout, running words, the mark of a mere preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.actions.context import Context
from app.reports import (
    Assets,
    Furniture,
    Manner,
    Paper,
    Pdf,
    render_pdf,
    render_report,
    template_includes,
)
from app.source import N_
from app.spec.portal_settings import Regime
from app.spec.reports import Report

STATUSES: Mapping[str, str] = {
    "draft": N_("draft"),
    "trial": N_("trial"),
    "in_force": N_("in force"),
    "withdrawn": N_("withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Print:
    """What is to be printed. values: for the report's own template; layout: a template for reports without
    one, and its values; media: the folder of the pictures; number: empty for what is not kept."""

    report: Report
    values: Mapping[str, object]
    layout: str
    layout_values: Mapping[str, object]
    assets: Assets
    regime: Regime | None
    media: Path
    number: str = ""


def rendered(context: Context, made: Print) -> Pdf:
    """The PDF. Raises ReportError when the template or the layout fails."""
    portal = context.release.portal
    report, title = made.report, str(made.values["title"])
    template = portal.templates.get(report.full_name)
    html = render_report(
        template.text if template else made.layout,
        made.values if template else made.layout_values,
        name=template.path if template else "default_layout.html",
        title=title,
        assets=made.assets,
        manner=Manner(context.translate, context.zone, portal.settings.currency),
        paper=Paper(report.page.size, report.page.orientation),
        includes=template_includes(portal.templates, report.regime),
    )
    return render_pdf(
        html,
        media=made.media,
        grids=made.assets.grids,
        title=title,
        author=portal.settings.organisation or portal.settings.title,
        furniture=_furniture(context, made.regime, made.number),
    )


def trial_words(context: Context, regime: Regime | None) -> str:
    """What a regulation that is not in force is, in words for the head of a print."""
    if regime is None or regime.status == "in_force":
        return ""
    return context.say(
        N_("{regime}: {status}"),
        regime=context.translate(regime.label),
        status=context.translate(STATUSES[regime.status]),
    )


def regime_words(context: Context, regime: Regime | None) -> dict[str, object]:
    """status is the name that the YAML uses; status_title its words; missing: what the regulation lacks."""
    if regime is None:
        return {"title": "", "status": "in_force", "status_title": "", "source": "", "missing": []}
    return {
        "title": context.translate(regime.label),
        "status": regime.status,
        "status_title": context.translate(STATUSES[regime.status]),
        "source": regime.source,
        "missing": [context.translate(one) for one in regime.missing],
    }


def _furniture(context: Context, regime: Regime | None, number: str) -> Furniture:
    marks = [] if number else [context.say(N_("preview"))]
    if regime is not None and regime.status != "in_force":
        marks.insert(0, context.translate(STATUSES[regime.status]))
    return Furniture(
        page_words=context.translate(N_("Page {page} of {pages}")),
        footer=" · ".join(_origin(context, number)),
        mark=" · ".join(marks),
    )


def _origin(context: Context, number: str) -> list[str]:
    """Number, who printed and when, and the release, for the foot of each page."""
    moment = context.now.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
    parts = [number or context.say(N_("preview, not issued"))]
    if context.actor.kind == "person" and context.actor.name:
        parts.append(context.say(N_("printed by {name} at {at}"), name=context.actor.name, at=moment))
    else:
        parts.append(context.say(N_("printed at {at}"), at=moment))
    if context.release.number:
        parts.append(context.say(N_("release {number}"), number=context.release.number))
    return parts
