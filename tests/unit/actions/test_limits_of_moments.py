"""Limits that move with the clock are said as the portal's clock shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions import InvalidRecord, create_record
from app.storage import Database
from tests.support.offices import office_from

CONFIG = {
    "config/roles.yaml": "roles: {hr: {title: 人事, can: {r.case: [create, read]}}}",
    "config/regimes/r/all.yaml": """
        records:
          case:
            title: 事项
            fields:
              happened_at: {type: datetime, title: 发生, max: now}
              reported_on: {type: date, title: 报告, max: today}
              month: {type: month, title: 月份, min: today}
        """,
}
NOW = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
"""Half past one on the 7th in Shanghai."""


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("happened_at", "2026-03-07 01:31", "not more than 2026-03-07 01:30"),
        ("reported_on", "2026-03-08", "not more than 2026-03-07"),
        ("month", "2026-02", "not less than 2026-03"),
    ],
)
def test_the_limit_is_said_on_the_portals_clock(
    sqlite_database: Database, tmp_path: Path, field: str, value: str, words: str
) -> None:
    """Neither in another zone nor with the day of a month that nobody wrote."""
    office = office_from(sqlite_database, tmp_path, CONFIG)
    with pytest.raises(InvalidRecord) as found:
        create_record(office.as_("hr", "hr", now=NOW), "r.case", {field: value})
    assert str(found.value).strip().endswith(words)
