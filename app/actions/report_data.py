"""What a print of one record is made from: values by name, pictures, long tables.

Everything is as the acting person may see it: hidden fields are empty and have no label, masked ones are
masked, records out of reach are not there. The names that templates find are listed in `app.reports.names`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.actions.answers_table import AnsweredList, answer_rows, answers_grid, item_title
from app.actions.context import Context
from app.actions.default_print import default_values, lines_grid, records_grid
from app.actions.penalty_history import printed_history
from app.actions.print_pictures import Albums, Picture, own_pictures, signatures_of
from app.actions.print_rendering import regime_words
from app.actions.related_prints import in_words, printed_findings, printed_partners, printed_penalties
from app.actions.report_datasets import Occasion, charts_of, data_grids, data_of, data_values, layout_of
from app.actions.report_parameters import Answers
from app.actions.report_values import Reader, schedule_of
from app.actions.stored_reasons import reasons_of, score_reasons, steps_of
from app.release import RecordModel
from app.reports import Assets, Grid, format_value
from app.spec.portal_settings import Regime
from app.spec.reports import Report
from app.storage import Record
from app.storage.checklist_runs import RunPlace, load_run, run_attachments

EVIDENCE, PENALTY = "evidence", "penalty"


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a template needs; regime: the regulation that the print goes by, if any; layout: what
    the layout without a template prints of the report's own data (see `layout_of`)."""

    values: Mapping[str, object]
    assets: Assets
    regime: Regime | None
    layout: Mapping[str, object]


def report_data(
    context: Context, report: Report, stored: Record, media: Path, number: str = ""
) -> ReportData:
    """Collect what a print of the record shows to the acting person, under the document number `number`.

    Pictures are written into `media` as the template asks for them. The caller has made sure that the record
    may be read and printed. The number of statements depends on the record type alone.
    """
    record = context.record(stored.record_type)
    reader = Reader.of(context, record, (stored,))
    lists = _answered(context, record, stored, reader)
    findings = printed_findings(context, record, stored)
    penalties = printed_penalties(context, [stored, *findings])
    regime = _regime(context, report, record, stored)
    words = reader.words(stored)
    found = {"findings": in_words(context, findings), "penalties": in_words(context, penalties)}
    values: dict[str, object] = {
        "title": reader.say(report.label),
        "record": {**words, "raw": reader.raw(stored), "type": reader.say(record.label)},
        "labels": reader.labels(),
        "lines": {one.name: reader.lines(stored, one.name) for one in record.children},
        "portal": _portal(context, reader),
        "regime": regime_words(context, regime),
        "answers": [row for one in lists.values() for row in answer_rows(context, one)],
        "checklists": {name: _checklist(reader, words, name, one) for name, one in lists.items()},
        **found,
        "partners": in_words(context, printed_partners(context, stored)),
        "reasons": reasons_of(context, (stored.id,)).get(stored.id, []) if record.name == PENALTY else [],
        "history": printed_history(context, stored.id) if record.name == PENALTY else [],
        "pay_to": _pay_to(reader, stored) if record.name == PENALTY else "",
        "albums": [],
        "document": _document(context, report, number),
        "now": context.now,
    }
    pictures = {**own_pictures(record, stored, reader.hidden), EVIDENCE: _evidence(context, lists)}
    values["albums"] = [name for name, found in pictures.items() if found]
    grids = _grids(context, reader, stored, lists)
    for name, records in (("findings", findings), ("penalties", penalties)):
        types = {one.record_type: context.record(one.record_type) for one in records}
        grids[name] = records_grid(reader, tuple(types.values()), found[name])
    values |= default_values(context, reader, stored, values, words, tuple(lists))
    signatures = signatures_of(context, record, stored, reader.hidden, media)
    tables = data_of(context, Occasion(report, Answers(), stored=stored)) if report.data else {}
    values |= data_values(tables, values)
    grids |= data_grids(context, tables)
    charts = charts_of(context, report, tables)
    values["charts"] = list(charts)
    assets = Assets(Albums(context, pictures, media), signatures, grids, charts)
    return ReportData(values, assets, regime, layout_of(context, report, tables, charts))


def _pay_to(reader: Reader, stored: Record) -> str:
    """Whom or where a penalty is paid to, as its schedule says."""
    schedule = schedule_of(reader.context, stored)
    return reader.say(schedule.payment.pay_to) if schedule is not None and schedule.payment else ""


def _portal(context: Context, reader: Reader) -> dict[str, str]:
    settings = context.release.portal.settings
    return {"title": reader.say(settings.title), "organisation": reader.say(settings.organisation)}


def _regime(context: Context, report: Report, record: RecordModel, stored: Record) -> Regime | None:
    """The regulation that a print goes by: a penalty's own, else that of the report, else of the record."""
    schedule = schedule_of(context, stored) if record.name == "penalty" else None
    names = (schedule.regime if schedule else "", report.regime, record.regime)
    regimes = context.release.portal.regimes
    return next((regimes[name] for name in names if name in regimes), None)


def _document(context: Context, report: Report, number: str) -> dict[str, object]:
    """This print itself. An empty number is a print that is not issued."""
    moment = format_value("datetime", context.now, timezone=context.zone)
    return {
        "number": number,
        "report": report.full_name,
        "printed_by": context.actor.name if context.actor.kind == "person" else "",
        "printed_at": moment,
        "release": context.release.number,
    }


def _answered(
    context: Context, record: RecordModel, stored: Record, reader: Reader
) -> dict[str, AnsweredList]:
    """The checklists that were run, by field; hidden fields have none."""
    found = {}
    for one in record.of_type("checklist"):
        if one.name in reader.hidden:
            continue
        place = RunPlace(record.name, stored.id, one.name)
        run = load_run(context.session, context.models, place)
        if run is not None:
            evidence = run_attachments(context.session, context.models, place)
            found[one.name] = AnsweredList(run, evidence, f"{one.name}_score" not in reader.hidden)
    return found


def _checklist(reader: Reader, words: Mapping[str, str], name: str, one: AnsweredList) -> dict[str, object]:
    """A run in words; `grid` is the name of its table, `vetoed_by` the critical items that failed."""
    answers = one.run.answers
    vetoed = one.run.result.get("vetoed_by")
    return {
        "title": words[f"{name}_checklist"] or one.run.checklist,
        "score": words[f"{name}_score"],
        "grade": words[f"{name}_grade"],
        "passed": words[f"{name}_passed"],
        "asked": len(answers),
        "failed": sum(answer.passed is False for answer in answers),
        "vetoed_by": [item_title(reader.context, one.run, item) for item in vetoed or ()],
        "grid": f"answers_{name}",
        "because": steps_of(reader.context, score_reasons(one.run, items=False)) if one.scored else [],
        "reasons": steps_of(reader.context, score_reasons(one.run)) if one.scored else [],
    }


def _evidence(context: Context, lists: Mapping[str, AnsweredList]) -> tuple[Picture, ...]:
    """The photos that were taken for items, called by what the item asks."""
    return tuple(
        Picture(info, item_title(context, one.run, item))
        for one in lists.values()
        for item, infos in one.evidence.items()
        for info in infos
        if info.media_type.startswith("image/")
    )


def _grids(
    context: Context, reader: Reader, stored: Record, lists: Mapping[str, AnsweredList]
) -> dict[str, Grid]:
    """Long tables by name: `answers` (the first list that was run), `answers_<field>`, and child tables."""
    fields = reader.record.of_type("checklist")
    grids = {f"answers_{one.name}": answers_grid(context, lists.get(one.name)) for one in fields}
    grids["answers"] = answers_grid(context, next(iter(lists.values()), None))
    return grids | {one.name: lines_grid(reader, stored, one.name) for one in reader.record.children}
