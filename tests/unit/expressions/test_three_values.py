"""What an empty value does, in all readers alike: SQL's three-valued logic."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from expression_readers import EMPTY, Case, in_database, in_node, in_python, plain
from expression_world import sound

from app.expressions import ANY, BOOLEAN, Environment, browser_ready, compile_expression, evaluate, holds
from app.source.diagnostics import Span

LI = {
    "id": 2,
    "name": "Li",
    "age": 30,
    "rate": Decimal("0.5"),
    "active": None,
    "since": None,
    "level": "fault",
    "superior": None,
}


def step(**values: Any) -> dict[str, Any]:
    names = ("what", "cost", "by", "at", "spent", "ok", "grade", "who")
    return {**dict.fromkeys(names), **values}


OK, BAD, OPEN = step(ok=True, cost=Decimal("1.50")), step(ok=False, cost=Decimal("2.25")), step()

# text, the record's values, what comes out
NAMED: dict[str, tuple[str, dict[str, Any], Any]] = {
    "comparison with empty is empty": ("amount > 5", {}, None),
    "not empty is empty": ("not (amount > 5)", {}, None),
    "false and empty is false": ("flag and amount > 5", {"flag": False}, False),
    "empty and false is false": ("amount > 5 and flag", {"flag": False}, False),
    "true and empty is empty": ("flag and amount > 5", {"flag": True}, None),
    "true or empty is true": ("flag or amount > 5", {"flag": True}, True),
    "empty or true is true": ("amount > 5 or flag", {"flag": True}, True),
    "false or empty is empty": ("flag or amount > 5", {"flag": False}, None),
    "empty equals empty is empty": ("title == note", {}, None),
    "empty differs from a value is empty": ("title != 'a'", {}, None),
    "arithmetic with empty is empty": ("amount + 1", {}, None),
    "division by zero is empty": ("amount / qty", {"amount": Decimal("1.00"), "qty": 0}, None),
    "empty test takes other": ("1 if flag else 2", {}, 2),
    "empty in a list is empty": ("title in ['a', 'b']", {}, None),
    "not found beside an empty option is empty": ("title in ['a', note]", {"title": "x"}, None),
    "found beside an empty option is true": ("title in ['a', note]", {"title": "a"}, True),
    "not in beside an empty option is empty": ("title not in ['a', note]", {"title": "x"}, None),
    "is empty": ("title == None", {}, True),
    "is not empty": ("title != None", {"title": "a"}, True),
    "empty text is empty": ("title == ''", {}, True),
    "a name as condition is never empty": ("flag or due", {"flag": False}, False),
    "not a name": ("not due", {}, True),
    "not a name with a value": ("not due", {"due": date(2026, 1, 1)}, False),
    "a yes/no name stays empty": ("not flag", {}, None),
    "zero is a value": ("True and qty", {"qty": 0}, True),
    "nothing chosen holds nothing": ("'a' in tags", {}, False),
    "an empty option in nothing chosen": ("kind in tags", {}, False),
    "an empty option in some": ("kind in tags", {"tags": ["a"]}, None),
    "an empty link among none": ("who in helpers", {}, False),
    "an empty link among some": ("who in helpers", {"helpers": [LI]}, None),
    "me among helpers": ("me in helpers", {"helpers": [LI]}, True),
    "empty level": ("level >= 'fault'", {}, None),
    "levels by order, not by letter": ("level >= 'serious_fault'", {"level": "major_fault"}, True),
    "two levels by order": ("level > limit", {"level": "serious_fault", "limit": "fault"}, True),
    "level on the right": ("'serious_fault' <= level", {"level": "fault"}, False),
    "path through an empty link": ("who.superior.name == 'Wu'", {}, None),
    "path end empty": ("who.superior == None", {"who": LI}, True),
    "any of nothing": ("any(steps, ok)", {}, False),
    "all of nothing": ("all(steps, ok)", {}, True),
    "any with one true": ("any(steps, ok)", {"steps": [OPEN, OK]}, True),
    "any with an open one": ("any(steps, ok)", {"steps": [OPEN, BAD]}, None),
    "any with all false": ("any(steps, ok)", {"steps": [BAD, BAD]}, False),
    "all with one false": ("all(steps, ok)", {"steps": [OPEN, BAD]}, False),
    "all with an open one": ("all(steps, ok)", {"steps": [OPEN, OK]}, None),
    "all true": ("all(steps, ok)", {"steps": [OK]}, True),
    "any over the outer row only": ("any(steps, this.flag)", {"steps": [OK], "flag": True}, True),
    "any of nothing over the outer row": ("any(steps, this.flag)", {"flag": True}, False),
    "count leaves empty out": ("count(steps, ok)", {"steps": [OK, BAD, OPEN]}, 1),
    "sum leaves empty out": ("sum(steps, cost)", {"steps": [OK, BAD, OPEN]}, Decimal("3.75")),
    "sum of nothing": ("sum(steps, cost)", {"steps": [OPEN]}, 0),
    "sum of no time": ("sum(steps, spent)", {}, timedelta(0)),
    "avg of nothing": ("avg(steps, cost)", {}, None),
    "share of nothing": ("share(steps, ok)", {}, None),
    "share counts empty as not": ("share(steps, ok)", {"steps": [OK, OPEN]}, 50),
    "median of two": ("median(steps, cost)", {"steps": [OK, BAD]}, Decimal("1.875")),
    "max with an empty one": ("max(amount, qty)", {"qty": 3}, None),
    "coalesce": ("coalesce(amount, qty, 7)", {}, 7),
    "length of empty text": ("length(title)", {}, None),
    "length of nothing chosen": ("length(steps) + length(helpers)", {}, 0),
    "date in the period": ("due in period", {"due": date(2026, 3, 31)}, True),
    "date before the period": ("due < period", {"due": date(2026, 2, 28)}, True),
    "first day is not before": ("due < period", {"due": date(2026, 3, 1)}, False),
    "period after the date": ("period > due", {"due": date(2026, 2, 28)}, True),
    "last day is not after": ("due > period", {"due": date(2026, 3, 31)}, False),
    "last day is not later": ("due <= period", {"due": date(2026, 3, 31)}, True),
    "first day is not earlier": ("due >= period", {"due": date(2026, 3, 1)}, True),
    "no date beside the period": ("due < period", {"due": None}, None),
    "moment after the period": ("seen > period", {"seen": datetime(2026, 3, 31, 16, tzinfo=UTC)}, True),
    "moment in the period": ("seen in period", {"seen": datetime(2026, 3, 31, 16, tzinfo=UTC)}, False),
    "last moment of the period": (
        "seen in period",
        {"seen": datetime(2026, 3, 31, 15, 59, 59, 999999, UTC)},
        True,
    ),
    "tenths are exact": ("0.1 + 0.2 == 0.3", {}, True),
    "thirds round at twenty places": ("qty / 3", {"qty": 1}, Decimal("0.33333333333333333333")),
    "halves go away from zero": ("round(rate, 2)", {"rate": Decimal("-0.125")}, Decimal("-0.13")),
    "half up": ("round(rate, 2)", {"rate": Decimal("0.125")}, Decimal("0.13")),
    "round before the point": ("round(qty, -1)", {"qty": 15}, 20),
    "month end": ("due + months(1)", {"due": date(2026, 1, 31)}, date(2026, 2, 28)),
    "leap day back a year": ("due - months(12)", {"due": date(2024, 2, 29)}, date(2023, 2, 28)),
    "months in local time": (
        "seen + months(1)",
        {"seen": datetime(2026, 1, 30, 18, tzinfo=UTC)},  # 31 January, 02:00 in Shanghai
        datetime(2026, 2, 27, 18, tzinfo=UTC),  # 28 February, 02:00
    ),
    "started days of a date do not count": ("due + hours(36)", {"due": date(2026, 1, 1)}, date(2026, 1, 2)),
    "past the last year": ("due + days(1)", {"due": date(9999, 12, 31)}, None),
    "before the first year": ("due - months(1)", {"due": date(1, 1, 1)}, None),
    "no duration that long": ("days(100000000) * 2", {}, None),
    "gap": ("now - seen > hours(48)", {"seen": datetime(2026, 3, 29, 9, 29, tzinfo=UTC)}, True),
    "time of day": ("opens < opens", {"opens": time(8)}, False),
    "text by code point": ("title < note", {"title": "｡", "note": "😀"}, True),
    "written date": ("due >= '2026-03-01'", {"due": date(2026, 3, 1)}, True),
    "written moment is local": (
        "seen < '2026-04-01'",
        {"seen": datetime(2026, 3, 31, 15, 59, tzinfo=UTC)},
        True,
    ),
}
TABLE = pytest.mark.parametrize(("text", "values", "wanted"), NAMED.values(), ids=NAMED.keys())


def sample(values: dict[str, Any]) -> Case:
    return {**EMPTY, **values}, []


@TABLE
def test_python(text: str, values: dict[str, Any], wanted: object) -> None:
    """Python gives the value that the name of the case promises."""
    found = in_python(understood(text), sample(values))
    assert found == wanted
    assert (found is None) == (wanted is None)


@TABLE
def test_sqlite(sqlite: sa.Connection, text: str, values: dict[str, Any], wanted: object) -> None:
    """So does SQLite."""
    assert plain(in_database(sqlite, understood(text), sample(values))) == plain(wanted)


@pytest.mark.postgresql
@TABLE
def test_postgresql(postgresql: sa.Connection, text: str, values: dict[str, Any], wanted: object) -> None:
    """So does PostgreSQL."""
    assert plain(in_database(postgresql, understood(text), sample(values))) == plain(wanted)


@pytest.mark.node
@TABLE
def test_javascript(node: subprocess.Popen[str], text: str, values: dict[str, Any], wanted: object) -> None:
    """So does JavaScript."""
    expression = understood(text)
    assert browser_ready(expression.tree)
    assert plain(in_node(node, expression, sample(values))) == plain(wanted)


def understood(text: str) -> Any:
    """The expression of a case; one compares a value with itself, which is only remarked on."""
    return sound(text, allow_warnings=text == "opens < opens")


@pytest.mark.parametrize(
    ("value", "holding"), [(True, True), (False, False), (None, False)], ids=["true", "false", "empty"]
)
def test_a_condition_holds_only_when_true(value: bool | None, holding: bool) -> None:
    """Empty is not true."""
    assert holds(sound("flag", BOOLEAN), {"flag": value}) is holding


@pytest.mark.parametrize("text", ["title", "kind", "level"])
def test_empty_text_from_a_form_is_empty(text: str) -> None:
    """What a form sends for an untouched field counts as nothing."""
    assert evaluate(sound(f"{text} == None"), {text: ""}) is True
    assert evaluate(sound(text, BOOLEAN), {text: ""}) is False


def test_values_of_unknown_type_that_do_not_compare_are_empty() -> None:
    """A value whose type nobody knows never raises."""
    env = Environment({"x": ANY}, _NoRecords())
    expression, faults = compile_expression("x < 3", Span("a.yaml"), env)
    assert faults == ()
    assert expression is not None
    assert [evaluate(expression, {"x": value}) for value in (2, 4, "a", None, "")] == [
        True,
        False,
        None,
        None,
        None,
    ]


class _NoRecords:
    def fields(self, record: str) -> None:
        return None

    def resolve_record(self, name: str) -> None:
        return None
