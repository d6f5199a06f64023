# ruff: noqa: E501 -- rows of YAML read best on one line
"""Indicators measured over rows, held against their targets, with reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.indicator_rows import Row, days_between, measure_rows
from app.rules.indicators import (
    CompiledIndicator,
    IndicatorResult,
    Measured,
    Reading,
    compile_indicator,
    judge_measured,
    shared,
)
from app.rules.reasons import Reason, lines
from app.source import ConfigError, parse_files
from app.spec.decode import decode
from app.spec.portal import Portal

ZONE = "Asia/Shanghai"
FILE = "config/regimes/r/indicators.yaml"
FILES = {
    "config/portal.yaml": f"portal: {{title: 测试, timezone: {ZONE}, calendar: office, regimes: [r]}}\ncalendars: {{office: {{hours: {{mon-fri: ['09:00-18:00']}}}}}}",
    "config/regimes/r/regime.yaml": "regime: {title: 条例}",
    "config/regimes/r/records.yaml": """
records:
  call:
    title: 来电
    fields:
      at: {type: datetime, title: 时间}
      due: {type: datetime, title: 期限}
      unit: {type: unit, title: 单位}
      kind: {type: choice, title: 类别, options: {sales: 售前, help: 售后}}
      answered: {type: boolean, title: 接听}
      called: {type: integer, title: 回访}
      handled: {type: integer, title: 办结}
      score: {type: decimal, title: 得分}
""",
}
OCTOBER = days_between(date(2026, 10, 1), date(2026, 10, 31), ZONE)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHARE = "{of: call, where: at in period, share: answered, target: '>= 95 %', by: unit}"
RATIO = "{of: call, value: 'share(sum(called), sum(handled))', target: '>= 50 %'}"


def portal_with(text: str) -> Portal:
    """A portal with one indicator `one`."""
    files = {**FILES, FILE: f"indicators:\n  one:\n{indent(dedent(text).strip(), '    ')}\n"}
    portal, found = decode(parse_files({path: body.encode() for path, body in files.items()}))
    assert portal is not None, [str(one) for one in found]
    return portal


def compiled(text: str) -> CompiledIndicator:
    portal = portal_with(text)
    return compile_indicator(portal, portal.indicators["r.one"])


def judged(text: str, *rows: Row) -> IndicatorResult:
    indicator = compiled(text)
    return judge_measured(indicator, measure_rows(indicator, rows, OCTOBER, NOW), OCTOBER)


def calls(holding: int, counted: int, unit: int = 1) -> list[Row]:
    """So many calls of October, of which so many were answered."""
    at = datetime(2026, 10, 7, tzinfo=UTC)
    return [{"at": at, "unit": {"id": unit}, "answered": index < holding} for index in range(counted)]


@pytest.mark.parametrize(
    ("target", "holding", "counted", "value", "met"),
    [
        (">= 95 %", 19, 20, "95", True),
        ("> 95 %", 19, 20, "95", False),
        (">= 95 %", 18, 19, None, False),
        ("= 100 %", 20, 20, "100", True),
        ("= 100 %", 999, 1000, "99.9", False),
        ("<= 5 %", 1, 20, "5", True),
        ("< 0.05 %", 1, 2000, "0.05", False),
        ("90..95 %", 19, 20, "95", True),
        (">= 66.67 %", 2, 3, None, False),
        (">= 66.66 %", 2, 3, None, True),
    ],
)
def test_a_share_is_held_against_its_target(
    target: str, holding: int, counted: int, value: str | None, met: bool
) -> None:
    """The bound counts as its sign says, and nothing is rounded before it is judged."""
    found = judged(SHARE.replace(">= 95 %", target), *calls(holding, counted))
    assert (found.met, found.reading.counted, found.reading.holding) == (met, counted, holding)
    assert value is None or found.value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "rows", "value", "met"),
    [
        (RATIO, [(10, 10), (39, 90)], "49", False),
        (RATIO, [(1, 1), (49, 99)], "50", True),
        (RATIO, [(5, 0)], None, None),
        (RATIO, [], None, None),
        ("{of: call, value: count(), target: '<= 3'}", [(1, 1)] * 3, "3", True),
        ("{of: call, value: count(), target: '= 0'}", [], "0", True),
        ("{of: call, value: 'sum(called) / count()', target: '> 2'}", [(2, 0), (3, 0)], "2.5", True),
        ("{of: call, value: 'count(called > 2)', target: ~}", [(2, 0), (3, 0)], "1", None),
        ("{of: call, value: avg(score), target: '>= 4 分'}", [(1, 1)], None, None),
        ("{of: call, value: max(called), target: '15..20'}", [(14, 0), (20, 0)], "20", True),
        ("{of: call, value: 'sum(called) if count() > 1 else None', target: '> 0'}", [(1, 1)], None, None),
    ],
    ids=["ratio of sums", "exactly", "nothing to divide by", "no rows", "count", "none", "quotient", "condition", "empty", "range", "no figure"],
)  # fmt: skip
def test_a_value_is_computed_over_all_rows(
    text: str, rows: list[tuple[int, int]], value: str | None, met: bool | None
) -> None:
    """Sums first, then what is made of them."""
    found = judged(text, *({"called": called, "handled": handled} for called, handled in rows))
    assert (found.value, found.met) == (None if value is None else Decimal(value), met)


def test_only_rows_that_where_takes_count() -> None:
    """The period ends with its last day at midnight of the portal's clocks."""
    inside = datetime(2026, 9, 30, 16, tzinfo=UTC)
    outside = datetime(2026, 10, 31, 16, tzinfo=UTC)
    found = judged(SHARE, {"at": inside, "answered": True}, {"at": outside, "answered": True}, {"at": None})
    assert (found.reading.counted, found.value) == (1, Decimal(100))


def test_what_is_not_filled_in_does_not_hold() -> None:
    """An open call is counted and is no success."""
    at = datetime(2026, 10, 7, tzinfo=UTC)
    assert judged(SHARE, {"at": at}, {"at": at, "answered": True}).value == 50


def test_groups_are_judged_each_by_itself() -> None:
    """By two fields: pairs in order, links by their id, empty ones last."""
    rows = [{**row, "kind": "help"} for row in calls(1, 2, unit=10)] + calls(1, 1, unit=9)
    rows += [{**calls(0, 1)[0], "unit": None, "kind": "sales"}]
    found = judged(SHARE.replace("by: unit", "by: [unit, kind]"), *rows)
    assert [(one.reading.group, one.value, one.met) for one in found.groups] == [
        ((9, None), Decimal(100), True),
        ((10, "help"), Decimal(50), False),
        ((None, "sales"), Decimal(0), False),
    ]


def test_working_days_are_counted_by_the_portals_calendar() -> None:
    """From Friday noon two working days lead to Tuesday noon."""
    friday, tuesday = datetime(2026, 10, 9, 4, tzinfo=UTC), datetime(2026, 10, 13, 4, tzinfo=UTC)
    text = "{of: call, share: at <= due + working_days(2), target: ~}"
    assert judged(text, {"due": friday, "at": tuesday}).value == 100


def reason_of(found: IndicatorResult) -> list[Reason]:
    """The chain of reasons, outermost first."""
    chain = [found.because[0]]
    while chain[-1].children:
        chain.append(chain[-1].children[0])
    return chain


def test_reasons_lead_from_the_target_to_what_was_counted() -> None:
    """Each step with its place in the file and what it read."""
    text = """
        of: call
        where: at in period
        share: answered
        target: ">= 95 %"
    """
    chain = reason_of(judged(text, *calls(18, 20)))
    assert [(one.rule, one.file, one.line) for one in chain] == [
        ("target", FILE, 6), ("share", FILE, 5), ("where", FILE, 4),
    ]  # fmt: skip
    assert [one.sentence() for one in chain] == [
        "90 % misses the target >= 95 %",
        "90 %: 'answered' holds for 18 of 20",
        "20 counted where 'at in period', from 2026-10-01 to 2026-10-31",
    ]
    assert chain[0].inputs == {"value": "90", "target": ">= 95 %"}
    assert chain[1].inputs == {"counted": 20, "holding": 18}
    assert Reason.from_json(chain[0].to_json()).told() == chain[0].told()


@pytest.mark.parametrize(
    ("text", "rows", "said"),
    [
        (SHARE, [], ["no figure to hold against the target >= 95 %", "nothing to count"]),
        (SHARE.replace("'>= 95 %'", "~"), calls(1, 1), ["left open", "100 %: 'answered' holds for 1 of 1"]),
        (RATIO, [{"called": 1, "handled": 0}], ["no figure to hold", "nothing to divide by"]),
        (RATIO, [{"called": 1, "handled": 3}], ["33.3333 % misses the target >= 50 %", "over 1"]),
        ("{manual: true, target: '<= 3 次'}", [], ["no figure to hold", "no figure was entered"]),
    ],
    ids=["nothing counted", "left open", "nothing to divide by", "value", "by hand"],
)
def test_reasons_say_why_there_is_no_verdict(text: str, rows: list[Row], said: list[str]) -> None:
    """Left open, nothing to count, nothing to divide by: each in its own words."""
    told = list(lines(judged(text, *rows).because))
    assert all(words in line for words, line in zip(said, told, strict=False)), told


def test_the_sums_behind_a_figure_are_among_its_inputs() -> None:
    """Fifteen of sixty, not just twenty-five percent."""
    rows = [{"called": 10, "handled": 40}, {"called": 5, "handled": 20}]
    inputs = reason_of(judged(RATIO, *rows))[1].inputs
    assert inputs == {"sum(called)": 15, "sum(handled)": 60, "counted": 2}


def test_figures_read_elsewhere_are_judged_the_same() -> None:
    """A reading made from two counts, as a database gives them, has the same verdict and reasons."""
    indicator = compiled(SHARE)
    rows = [*calls(19, 20, unit=1), *calls(1, 2, unit=2)]
    by_rows = judge_measured(indicator, measure_rows(indicator, rows, OCTOBER, NOW), OCTOBER)
    read = Measured(shared(22, 20), (shared(20, 19, (1,)), shared(2, 1, (2,))))
    assert judge_measured(indicator, read, OCTOBER) == by_rows
    assert by_rows.told()["groups"] == [
        {"group": [1], "value": "95", "met": True, "counted": 20, "holding": 19, "groups": []},
        {"group": [2], "value": "50", "met": False, "counted": 2, "holding": 1, "groups": []},
    ]


def test_a_figure_entered_by_hand_is_judged() -> None:
    """Three times is within three."""
    indicator = compiled("{manual: true, target: '<= 3 次'}")
    found = judge_measured(indicator, Measured(Reading(Decimal(3))))
    assert (found.met, found.shown) == (True, "3 次")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{of: cal, share: answered}", "REF001"),
        ("{of: call, share: answred}", "EXPR003"),
        ("{of: call, value: unit}", "EXPR011"),
        ("{of: call, share: answered, target: about 95}", "FIG001"),
        ("{of: call}", "RPT004"),
        ("{share: answered}", "REF001"),
    ],
)
def test_what_has_faults_is_not_measured(text: str, code: str) -> None:
    """They are the ones that `check` names."""
    with pytest.raises(ConfigError) as refused:
        compiled(text)
    assert code in {one.code for one in refused.value.diagnostics}


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.just(datetime(2026, 10, 7, tzinfo=UTC)),
            "unit": st.one_of(st.none(), st.integers(1, 4).map(lambda number: {"id": number})),
            "answered": st.sampled_from([True, False, None]),
        }
    ),
    max_size=60,
)
COMPILED = compiled(SHARE)


@given(ROWS)
def test_shares_are_hundred_times_what_holds(rows: list[Row]) -> None:
    """And the groups add up to the whole, none of them empty."""
    measured = measure_rows(COMPILED, rows, OCTOBER, NOW)
    whole, groups = measured.whole, measured.groups
    holding = sum(row["answered"] is True for row in rows)
    assert (whole.counted, whole.holding) == (len(rows), holding)
    for one in (whole, *groups):
        if one.value is None:
            assert one is whole and not rows
        else:
            assert one.counted and one.holding is not None
            assert abs(Fraction(one.value) - Fraction(100 * one.holding, one.counted)) < Fraction(1, 10**20)
    assert sum(one.counted or 0 for one in groups) == whole.counted
    assert sum(one.holding or 0 for one in groups) == whole.holding
    assert len({one.group for one in groups}) == len(groups)
