"""Moments in a form: a browser can show them, and leaving them alone changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from app.web.form_fields import DateTimeField

SHANGHAI = ZoneInfo("Asia/Shanghai")
STORED = datetime(2026, 3, 2, 1, 30, 5, 123456, tzinfo=UTC)


def _field(stored: datetime | None, typed: str | None = None) -> DateTimeField:
    form = BaseForm({"at": DateTimeField("At", zone=SHANGHAI)})
    form.process(MultiDict({"at": typed}) if typed is not None else None, data={"at": stored})
    field = form["at"]
    assert isinstance(field, DateTimeField)
    return field


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (STORED, "2026-03-02T09:30:05.123"),
        (STORED.replace(microsecond=0), "2026-03-02T09:30:05"),
        (STORED.replace(second=0, microsecond=0), "2026-03-02T09:30"),
        (None, ""),
    ],
    ids=["three decimals at most", "seconds", "minutes", "empty"],
)
def test_shown_as_browsers_take_it(stored: datetime | None, shown: str) -> None:
    """The text is one that `datetime-local` accepts, on the portal's clock."""
    assert _field(stored)._value() == shown


@pytest.mark.parametrize(
    ("typed", "given"),
    [("2026-03-02T09:30:05.123", STORED), ("2026-03-02T09:31", "2026-03-02T09:31")],
    ids=["left alone", "changed"],
)
def test_what_is_left_alone_stays_exact(typed: str, given: object) -> None:
    """A text that came back untouched stands for the stored moment with all its decimals."""
    assert _field(STORED, typed).given == given
