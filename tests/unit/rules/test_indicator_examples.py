# ruff: noqa: E501 -- rows of YAML read best on one line
"""Examples beside indicators: read with the types of the fields, compared where something is written."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from app.checks import run_checks
from app.rules import run_examples
from app.spec.portal import Portal
from tests.support.portals import portal_from

FILES = {
    "config/portal.yaml": "portal: {title: 试验, timezone: Asia/Shanghai, regimes: [r]}\n",
    "config/regimes/r/records.yaml": """
        records:
          call:
            title: 来电
            number: C-{seq:03d}
            fields:
              at: {type: datetime, title: 时间}
              on: {type: date, title: 日期}
              in_month: {type: month, title: 月份}
              lasted: {type: duration, title: 时长}
              unit: {type: unit, title: 单位}
              helpers: {type: links, to: person, title: 协助}
              kind: {type: choice, title: 类别, options: {sales: 售前, help: 售后}}
              tags: {type: choices, title: 标签, options: {loud: 吵, late: 晚}}
              answered: {type: boolean, title: 接听}
              asked: {type: integer, title: 应答}
              told: {type: integer, title: 已答}
              all_told: {type: formula, title: 答完, gives: boolean, formula: missing == 0}
              missing: {type: formula, title: 未答, formula: asked - told}
              steps: {type: lines, title: 步骤, fields: {kind: {type: choice, options: {check: 查, fix: 修}}, cost: {type: money}}}
        """,
}
FILE = "config/regimes/r/indicators.yaml"


def portal(tmp_path: Path, keys: str, example: str) -> Portal:
    """One indicator with these keys and this example."""
    body = f"title: 指标\n{keys}\nexamples:\n  - {example}\n"
    return portal_from(tmp_path, {**FILES, FILE: "indicators:\n  one:\n" + indent(body, "    ")})


def failures(portal: Portal) -> list[tuple[str, str]]:
    return [(one.expected, one.got) for one in run_examples(portal).failed]


CALLS = "of: call\nwhere: at in period\nshare: answered\ntarget: '>= 50 %'\nby: unit"
RATIO = "of: call\nvalue: share(sum(told), sum(asked))\ntarget: ~"


@pytest.mark.parametrize(
    ("keys", "example"),
    [
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-31 23:59, answered: yes}, {at: 2026-10-01 00:00}, {at: 2026-10-31 24:00}]}, expect: {value: 50, met: true, counted: 2, holding: 1}}"),
        (CALLS, "{given: {period: 2026-10}, expect: {value: ~, met: ~, counted: 0, holding: 0}}"),
        (CALLS, "{given: {period: 2026-10-05..2026-10-06, rows: [{at: 2026-10-05}, {at: 2026-10-07}]}, expect: {counted: 1, groups: {'~': 0}}}"),
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-05, unit: hall, answered: yes}]}, expect: {groups: {hall: {met: true, counted: 1}}}}"),
        (RATIO, "{given: {rows: [{told: 1, asked: 3}, {told: 1, asked: 3}]}, expect: {value: 33.33, met: ~}}"),
        (RATIO, "{given: {rows: [{told: 1, asked: 3}]}, expect: {value: 33.333333}}"),
        ("of: call\nshare: all_told", "{given: {rows: [{told: 3, asked: 3}, {told: 2, asked: 3}, {told: 2, asked: 3, all_told: true}, {told: 3, asked: 3, missing: 1}]}, expect: {value: 50, counted: 4}}"),
        ("of: call\nshare: all_told", "{given: {rows: [{told: 3, asked: 3, all_told: ~}]}, expect: {value: 0}}"),
        ("of: call\nshare: unit.kind == 'restaurant' and unit != None", "{given: {rows: [{unit.kind: restaurant}, {unit: hall, unit.kind: department}]}, expect: {value: 50}}"),
        ("of: call\nshare: any(steps, kind == 'fix' and cost > 2.5)", "{given: {rows: [{steps: [{kind: check, cost: 9}, {kind: fix, cost: 2.51}]}, {steps: {kind: fix, cost: 2.50}}, {steps: []}]}, expect: {value: 33.33}}"),
        ("of: call\nshare: \"'late' in tags\"", "{given: {rows: [{tags: [loud, late]}, {tags: late}, {tags: loud}, {}]}, expect: {value: 50}}"),
        ("of: call\nvalue: count(lasted > minutes(90))", "{given: {rows: [{lasted: 2 hours}, {lasted: 90 minutes}]}, expect: {value: 1}}"),
        ("of: call\nvalue: count(in_month == on)", "{given: {rows: [{in_month: 2026-10, on: 2026-10-01}, {in_month: 2026-10, on: 2026-10-02}]}, expect: {value: 1}}"),
        ("of: call\nvalue: count(length(helpers) == 2)", "{given: {rows: [{helpers: [wang, li]}, {helpers: wang}]}, expect: {value: 1}}"),
        ("of: call\nshare: at < now", "{given: {now: 2026-10-05 12:00, rows: [{at: 2026-10-05 11:59}, {at: 2026-10-05 12:00}]}, expect: {value: 50}}"),
        ("of: call\nwhere: on in period\nshare: on == today", "{given: {period: 2026-10, rows: [{on: 2026-10-31}]}, expect: {value: 0}}"),
        ("manual: true\ntarget: '<= 3'", "{given: {value: 3}, expect: {value: 3, met: true}}"),
        ("manual: true\ntarget: '<= 3'", "{given: {period: 2026-10}, expect: {value: ~, met: ~}}"),
    ],
)  # fmt: skip
def test_examples_that_are_right_pass(tmp_path: Path, keys: str, example: str) -> None:
    """Every type of field, formulas worked out, times on the portal's clocks."""
    one = portal(tmp_path, keys, example)
    assert [found.message() for found in run_checks(one) if found.severity == "error"] == []
    assert (run_examples(one).passed, failures(one)) == (1, [])


@pytest.mark.parametrize(
    ("keys", "example", "expected", "got"),
    [
        (CALLS, "{given: {period: 2026-10}, expect: {value: 0}}", "value 0", "value ~"),
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-05}]}, expect: {value: ~}}", "value ~", "value 0"),
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-05}]}, expect: {met: true}}", "met true", "met false"),
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-05}]}, expect: {met: ~}}", "met ~", "met false"),
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-05}]}, expect: {groups: {hall: 0}}}", "groups hall", "groups ~"),
        (CALLS, "{given: {period: 2026-10, rows: [{at: 2026-10-05, unit: hall}]}, expect: {groups: {hall: 1}}}", "hall value 1", "hall value 0"),
        (RATIO, "{given: {rows: [{told: 2, asked: 3}]}, expect: {value: 66.66}}", "value 66.66", "value 66.6667"),
        (RATIO, "{given: {rows: [{told: 1, asked: 3}]}, expect: {value: 33.333334}}", "value 33.333334", "value 33.333333"),
        (RATIO, "{given: {rows: [{told: two, asked: 3}]}, expect: {value: 0}}", "value 0", "'two' is no value for told (write a number such as 12 or 12.50)"),
        (RATIO, "{given: {rows: [{told: [1], asked: 3}]}, expect: {value: 0}}", "value 0", "'told' holds one value (write one value, not a list)"),
        (RATIO, "{given: {rows: [{steps: fix}]}, expect: {value: 0}}", "value 0", "'steps' holds lines (write them like [{field: value}])"),
        (RATIO, "{given: {now: noon}, expect: {value: ~}}", "value ~", "now noon"),
        (RATIO, "{given: {now: 9999-12-31 24:00}, expect: {value: ~}}", "value ~", "now 9999-12-31 24:00"),
        (RATIO, "{given: {now: 0001-01-01 00:00}, expect: {value: ~}}", "value ~", "now 0001-01-01 00:00"),
        ("manual: true\ntarget: '<= 3'", "{given: {value: 3.01}, expect: {met: true}}", "met true", "met false"),
    ],
)  # fmt: skip
def test_examples_that_are_wrong_fail_at_their_line(
    tmp_path: Path, keys: str, example: str, expected: str, got: str
) -> None:
    """What was expected and what came out, at the key that says it."""
    one = portal(tmp_path, keys, example)
    assert failures(one) == [(expected, got)]
    place = run_examples(one).failed[0].span
    assert (place.file, place.line) == (FILE, 6 + keys.count("\n"))


@pytest.mark.parametrize(
    ("example", "unreached"),
    [
        ("{given: {period: 2026-10}, expect: {value: ~}}", ["where", "share", "target"]),
        ("{given: {period: 2026-10, rows: [{at: 2026-11-05}]}, expect: {value: ~}}", ["share", "target"]),
        ("{given: {period: 2026-10, rows: [{at: 2026-10-05}]}, expect: {value: 0}}", ["where"]),
        ("{given: {period: 2026-10, rows: [{at: 2026-10-05}, {at: 2026-11-05}]}, expect: {value: 0}}", []),
    ],
    ids=["nothing", "only left out", "nothing left out", "all"],
)
def test_rules_that_no_example_decides_are_named(tmp_path: Path, example: str, unreached: list[str]) -> None:
    """A condition that leaves nothing out, a figure and a target that nothing is measured for."""
    found = run_examples(portal(tmp_path, CALLS, example)).unreached
    assert [(one.code, one.params["rule"]) for one in found] == [("EXM003", rule) for rule in unreached]


@pytest.mark.parametrize(
    ("keys", "example", "said"),
    [
        (RATIO, "{given: {rows: [{unit.kind.x: y}]}, expect: {value: 0}}", "'unit.kind.x' has no field 'x'"),
        (
            RATIO,
            "{given: {rows: [{tags: [loud, lat]}]}, expect: {value: 0}}",
            "'lat' is not an option of tags",
        ),
        (
            RATIO,
            "{given: {rows: [{steps: [{kind: fx}]}]}, expect: {value: 0}}",
            "'fx' is not an option of kind",
        ),
        (RATIO, "{given: {rows: []}, expect: {}}", "the example expects nothing"),
        (RATIO, "{given: {rows: [{told: 1}]}, expect: {holding: 1}}", "it has no 'share'"),
        (CALLS, "{given: {rows: []}, expect: {value: ~}}", "the example names no period"),
        (CALLS, "{given: {period: 2026-31}, expect: {value: ~}}", "'2026-31' is not a period"),
        (CALLS, "{given: {period: 2026-10, value: 3}, expect: {value: 3}}", "is counted from rows"),
    ],
)
def test_what_an_example_cannot_say_is_a_fault(tmp_path: Path, keys: str, example: str, said: str) -> None:
    """EXM001, in words."""
    found = [one for one in run_checks(portal(tmp_path, keys, example)) if one.code == "EXM001"]
    assert len(found) == 1 and said in found[0].message()


def test_a_value_of_one_row_is_no_figure(tmp_path: Path) -> None:
    """RPT012: a field outside of every sum has as many values as there are rows."""
    keys = "of: call\nvalue: told / sum(asked)"
    found = run_checks(portal(tmp_path, keys, "{given: {rows: []}, expect: {value: ~}}"))
    assert [(one.code, one.params["path"]) for one in found if one.severity == "error"] == [
        ("RPT012", "told")
    ]


def test_an_indicator_measures_something(tmp_path: Path) -> None:
    """RPT004: without a record type there is nothing to count."""
    found = run_checks(portal(tmp_path, "share: answered", "{given: {rows: []}, expect: {value: ~}}"))
    assert [one.code for one in found if one.severity == "error"] == ["RPT004"]


def test_the_shipped_indicators_have_sound_examples(repository: Portal) -> None:
    """Every indicator of the repository is measured at least once, and all its rules decide something."""
    report = run_examples(repository)
    assert [one.full_name for one in repository.indicators.values() if not one.examples] == []
    assert not report.failed
    of_indicators = [one for one in report.unreached if "indicators" in one.span.file]
    assert [(str(one.span), one.params["rule"]) for one in of_indicators] == []
