"""The coverage list as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

from flask import Response, send_file
from flask_babel import gettext as _

from app.actions.duty_coverage import DutyCoverage, ordered_lines
from app.actions.exporting import Cell, neutral, note_export, write_sheet
from app.rules.periods import Period
from app.storage import labels_of
from app.storage.duties import DUTY_RUN
from app.web.context import action_context, served, session
from app.web.languages import label

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def coverage_workbook(
    period: Period, found: Sequence[DutyCoverage], columns: Sequence[tuple[str, str]]
) -> Response:
    """One row for each duty and target; `columns` are attributes of `Counts` with their titles."""
    units = {line.unit_id for group in found for line in group.lines.values() if line.unit_id is not None}
    words = labels_of(session(), served().models, "unit", units)
    heads = [_("Period"), _("Duty"), _("For"), _("Unit"), *(title for _name, title in columns)]
    data = io.BytesIO()
    count = write_sheet(data, period.name, heads, _rows(period, found, columns, words))
    note_export(action_context(), DUTY_RUN, count)
    data.seek(0)
    name = f"coverage-{period.name}.xlsx"
    return send_file(data, mimetype=MEDIA_TYPE, as_attachment=True, download_name=name)


def _rows(
    period: Period,
    found: Sequence[DutyCoverage],
    columns: Sequence[tuple[str, str]],
    words: Mapping[int, str],
) -> Iterator[list[Cell]]:
    for group in found:
        for line in ordered_lines(group):
            figures = [getattr(line.counts, name) for name, _title in columns]
            unit = words.get(line.unit_id, "") if line.unit_id is not None else ""
            texts = (period.name, label(group.label), line.label, unit)
            yield [*(neutral(text) for text in texts), *figures]
