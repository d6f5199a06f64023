"""The parameters of a report as a form: the same controls as records have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import request
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms.form import BaseForm

from app.actions.report_parameters import Question
from app.web.context import served
from app.web.form_build import Frame, make_field
from app.web.form_fields import PickField
from app.web.forms import Row, make_row
from app.web.picking import look_up

_PICKED = {"unit": ("unit", "parent"), "person": ("person", "superior")}
"""Type of a parameter -> a record type and its field whose picker offers the same records."""

Sent = MultiDict[str, str] | CombinedMultiDict[str, str]


class ReportForm:
    """The controls of some questions, filled with the first answers or with what was sent."""

    def __init__(self, questions: Sequence[Question], sent: Sent | None) -> None:
        self.questions = questions
        zone = served().zone
        made = {}
        for one in questions:
            field = make_field(one.field, Frame("", zone), one.required)
            if field is not None:
                made[one.name] = field
        self.form = BaseForm(made)
        self.form.process(sent, data={one.name: one.first for one in questions})
        self.rows: list[Row] = []
        for one in questions:
            row = make_row(one.field, self.form, one.name)
            row.required = one.required
            self.rows.append(row)
        self._fill_pickers()

    def answers(self) -> dict[str, object]:
        """What was typed, by parameter."""
        return {row.name: row.entry.given for row in self.rows if row.entry is not None}

    def put_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Hang messages on their rows."""
        for row in self.rows:
            row.errors += errors.get(row.name, ())

    def _fill_pickers(self) -> None:
        """Where pickers look, and the words for what is chosen."""
        here = served()
        for one, row in zip(self.questions, self.rows, strict=True):
            if not isinstance(row.entry, PickField):
                continue
            record, field = _PICKED[one.field.type]
            row.entry.pick_url = f"{request.script_root}/r/{record}/pick/{field}"
            words = look_up(here, record, set(row.entry.ids))
            row.entry.chosen = [(key, words.get(key, f"#{key}")) for key in row.entry.ids]
