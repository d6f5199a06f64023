"""`date(x)` and `hour(x)`: the day and the hour of a moment on the portal's clock, alike in all readers."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from expression_readers import EMPTY, in_database, in_node, in_python, plain
from expression_world import compiled, sound

MOMENTS = [
    (datetime(2026, 3, 2, 15, 59, 59, 999999, UTC), date(2026, 3, 2), 23),
    (datetime(2026, 3, 2, 16, tzinfo=UTC), date(2026, 3, 3), 0),
    (datetime(2026, 12, 31, 20, 30, tzinfo=UTC), date(2027, 1, 1), 4),
    (datetime(1988, 7, 1, 15, 30, tzinfo=UTC), date(1988, 7, 2), 0),
    (datetime(9999, 12, 31, 15, 59, tzinfo=UTC), date(9999, 12, 31), 23),
    (datetime(9999, 12, 31, 16, 30, tzinfo=UTC), None, None),
    (None, None, None),
]
"""A moment, its day and its hour in Shanghai, which had summer time in 1988."""


def case(seen: datetime | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return {**EMPTY, "seen": seen}, []


@pytest.mark.parametrize(("seen", "day", "hour"), MOMENTS)
def test_in_python_and_sqlite(
    sqlite: sa.Connection, seen: datetime | None, day: date | None, hour: int | None
) -> None:
    """Nothing where there is no such day, never an error."""
    for text, wanted in (("date(seen)", day), ("hour(seen)", None if hour is None else Decimal(hour))):
        expression = sound(text)
        assert plain(in_python(expression, case(seen))) == wanted
        assert plain(in_database(sqlite, expression, case(seen))) == wanted


@pytest.mark.postgresql
@pytest.mark.parametrize(("seen", "day", "hour"), MOMENTS)
def test_in_postgresql(
    postgresql: sa.Connection, seen: datetime | None, day: date | None, hour: int | None
) -> None:
    """The same."""
    assert plain(in_database(postgresql, sound("date(seen)"), case(seen))) == day
    assert plain(in_database(postgresql, sound("hour(seen)"), case(seen))) == hour


@pytest.mark.node
@pytest.mark.parametrize(("seen", "day", "hour"), MOMENTS)
def test_in_the_browser(
    node: subprocess.Popen[str], seen: datetime | None, day: date | None, hour: int | None
) -> None:
    """The same."""
    assert in_node(node, sound("date(seen)"), case(seen)) == day
    assert in_node(node, sound("hour(seen)"), case(seen)) == hour


@pytest.mark.parametrize(
    "text", ["date(due) == today", "hour(opens) > 3", "date() == today", "hour(title) > 1"]
)
def test_only_a_moment_has_them(text: str) -> None:
    """A date has no hour, and is its own day."""
    expression, faults = compiled(text)
    assert expression is None and {one.code for one in faults} <= {"EXPR005"}


@pytest.mark.parametrize(
    "text", ["date(seen) == due", "hour(seen) >= 22 or hour(seen) < 6", "date(now) == today"]
)
def test_they_stand_where_their_types_do(text: str) -> None:
    """A day compares with a date, an hour with a number."""
    assert sound(text, allow_warnings=True) is not None
