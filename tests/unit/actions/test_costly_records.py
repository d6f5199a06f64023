# ruff: noqa: E501 -- rows of YAML read best on one line
"""Records made to cost too much: chained formulas, figures beyond every column, lines without end."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.actions import InvalidRecord, create_record, save_record
from app.actions.advance_workflow import advance_workflow
from app.expressions import MAX_ROWS
from app.storage import Database
from tests.support.offices import Office, office_from

CHAIN = "\n".join(
    f"              n{at}: {{type: formula, gives: decimal, places: 0, title: N{at}, "
    f"formula: {' * '.join([f'n{at - 1}'] * 8)}}}"
    for at in range(1, 12)
)
CONFIG = {
    "config/roles.yaml": """
        roles:
          hr: {title: 人事, can: {r.sheet: [create, read, update, raise]}}
        """,
    "config/regimes/r/records.yaml": f"""
        workflows:
          sheet:
            start: open
            states: {{open: {{title: 开}}, high: {{title: 高, final: true}}}}
            transitions:
              raise: {{title: 提高, from: open, to: high, by: [role.hr], do: [{{set: {{n0: "900000000000"}}}}]}}
        records:
          sheet:
            title: 账单
            workflow: sheet
            fields:
              n0: {{type: decimal, places: 0, title: N0}}
{CHAIN}
              spare: {{type: formula, gives: money, title: 备用, formula: "coalesce(n11, 5)"}}
              rate: {{type: decimal, places: 6, title: 率}}
              whole: {{type: formula, gives: integer, title: 整数, formula: "rate * 1000000 * 1000000 * 1000000"}}
              small: {{type: formula, gives: decimal, places: 0, title: 小, formula: "rate * rate * rate * rate * rate"}}
              turns: {{type: boolean, title: 显示, default: false}}
              away: {{type: formula, gives: money, title: 隐藏, show: turns, formula: "rate * 1000000000000 * 1000000"}}
              total: {{type: formula, gives: money, title: 合计, formula: "sum(lines, amount)"}}
              pairs:
                type: formula
                gives: boolean
                title: 成对
                formula: any(lines, any(this.lines, count == 4))
              helpers: {{type: links, to: person, title: 帮手}}
              lines:
                type: lines
                title: 明细
                fields:
                  count: {{type: integer, title: 数量}}
                  amount: {{type: formula, gives: money, title: 金额, formula: "count * 100000000000"}}
        """,
}
SHEET = "r.sheet"
TOO_LARGE = "the result is too large to be kept"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return office_from(database, tmp_path, CONFIG)


def refused(office: Office, posted: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    with pytest.raises(InvalidRecord) as caught:
        create_record(office.as_("hr", "hr"), SHEET, posted)
    return dict(caught.value.errors)


def test_chained_products_are_refused_where_they_outgrow_the_column(office: Office) -> None:
    """Said at the first that is too large; what reads it is not worked out from anything wrong."""
    assert refused(office, {"n0": "999999999999"}) == {"n1": (TOO_LARGE,)}
    assert refused(office, {"n0": "100"}) == {"n2": (TOO_LARGE,)}
    values = office.read(SHEET, create_record(office.as_("hr", "hr"), SHEET, {"n0": "1"}).id).values
    assert (values["n11"], values["spare"]) == (Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        ({"rate": "99999"}, "whole"),
        ({"rate": "-99999"}, "whole"),
        ({"rate": "999999999.999999"}, "small"),
        ({"lines": [{"count": 1}, {"count": 10**16}]}, "lines.1.amount"),
        ({"lines": [{"count": 99_999}] * 3}, "total"),
    ],
    ids=["a whole number", "a negative one", "many digits", "a line", "a sum of lines"],
)
def test_a_figure_beyond_its_column_is_said_at_its_field(
    office: Office, posted: dict[str, Any], field: str
) -> None:
    """Never an error of the portal's own, and never a record without the figure."""
    assert refused(office, posted)[field] == (TOO_LARGE,)


def test_a_hidden_figure_stops_nobody(office: Office) -> None:
    """It is not kept, and it is said as soon as it is shown."""
    saved = create_record(office.as_("hr", "hr"), SHEET, {"rate": "1"})
    assert office.read(SHEET, saved.id).values["away"] is None
    with pytest.raises(InvalidRecord) as caught:
        save_record(office.as_("hr", "hr"), SHEET, saved.id, {"turns": True}, saved.version)
    assert dict(caught.value.errors) == {"away": (TOO_LARGE,)}


def test_what_a_transition_sets_is_held_to_the_same(office: Office) -> None:
    """The step is refused in words and nothing of it is stored."""
    saved = create_record(office.as_("hr", "hr"), SHEET, {"n0": "1"})
    with pytest.raises(InvalidRecord) as caught:
        advance_workflow(office.as_("hr", "hr"), SHEET, saved.id, "raise", {}, saved.version)
    assert dict(caught.value.errors) == {"n1": (TOO_LARGE,)}
    assert office.read(SHEET, saved.id).values["state"] == "open"


@pytest.mark.parametrize(
    ("name", "one"), [("lines", {"count": 1}), ("helpers", None)], ids=["lines", "several links"]
)
def test_a_field_holds_so_many_rows_and_no_more(office: Office, name: str, one: object) -> None:
    """Every expression over rows is bounded by that."""
    many = [one or number for number in range(1, MAX_ROWS + 2)]
    assert refused(office, {name: many})[name] == (f"at most {MAX_ROWS} are possible",)


def test_rows_within_rows_of_the_longest_record(office: Office) -> None:
    """Ninety thousand pairs are looked at, none of which is the one, and the record is stored."""
    posted = {"lines": [{"count": 1}] * 300}
    saved = create_record(office.as_("hr", "hr"), SHEET, posted)
    assert office.read(SHEET, saved.id).values["pairs"] is False
