# ruff: noqa: E501 -- rows of YAML read best on one line
"""Examples beside duties: run by `check` like all the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.checks import run_checks
from app.rules import run_examples
from app.spec.portal import Portal
from tests.support.portals import portal_from

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验, timezone: Asia/Shanghai, calendar: office, regimes: [r]}
        calendars:
          office: {hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}, closed: [2026-10-01..2026-10-08]}
        """,
    "config/regimes/r/records.yaml": """
        records:
          log: {title: 记录, fields: {unit: {type: unit, title: 单位}, day: {type: date, title: 日期}}}
        """,
}


def portal(tmp_path: Path, how_often: str, example: str, more: str = "") -> Portal:
    text = f"""
        duties:
          round:
            title: 巡查
            {how_often}
            create: log
            for_each: unit
            {more}
            examples:
              - {example}
        """
    return portal_from(tmp_path, {**FILES, "config/regimes/r/duties.yaml": text})


@pytest.mark.parametrize(
    ("how_often", "example"),
    [
        ("every: month on last day", "{given: {from: 2026-01-01, until: 2026-03-31}, expect: {days: [2026-01-31, 2026-02-28, 2026-03-31]}}"),
        ("every: month on 31", "{given: {from: 2026-01-01, until: 2026-04-30}, expect: {days: [2026-01-31, 2026-02-28, 2026-03-31, 2026-04-30]}}"),
        ("every: week on mon, fri", "{given: {from: 2026-03-02, until: 2026-03-08}, expect: {days: [2026-03-02, 2026-03-06]}}"),
        ("every: month on 1st working day", "{given: {from: 2026-10-01, until: 2026-10-31}, expect: {days: [2026-10-09]}}"),
        ("every: day at 10:00, 15:30", "{given: {from: 2026-03-02, until: 2026-03-02}, expect: {days: 2026-03-02, times: ['2026-03-02 10:00', '2026-03-02 15:30']}}"),
        ("every: year on 02-29", "{given: {from: 2026-01-01, until: 2028-12-31}, expect: {days: [2026-02-28, 2027-02-28, 2028-02-29]}}"),
        ("{at_least: 2, per: month}", "{given: {from: 2026-01-15, until: 2026-03-01}, expect: {days: [], periods: [2026-01, 2026-02, 2026-03]}}"),
        ("{at_least: 1, per: quarter, unpredictable: true}", "{given: {from: 2026-01-01, until: 2026-06-30}, expect: {periods: [2026-Q1, 2026-Q2]}}"),
    ],
)  # fmt: skip
def test_what_comes_round_as_it_should_passes(tmp_path: Path, how_often: str, example: str) -> None:
    """Days, moments and periods between two days, both counted."""
    often = how_often if not how_often.startswith("{") else "\n            ".join(how_often[1:-1].split(", "))
    report = run_examples(portal(tmp_path, often, example))
    assert [(one.expected, one.got) for one in report.failed] == []
    assert (report.passed, report.unreached) == (1, ())


@pytest.mark.parametrize(
    ("example", "line", "expected", "got"),
    [
        ("{given: {from: 2026-03-01, until: 2026-03-15}, expect: {days: [2026-03-02]}}", 10, "2026-03-02", "2026-03-02, 2026-03-09"),
        ("{given: {from: 2026-03-03, until: 2026-03-08}, expect: {days: [2026-03-05]}}", 10, "2026-03-05", "[]"),
        ("{given: {from: 2026-03-02, until: 2026-03-02}, expect: {days: []}}", 10, "[]", "2026-03-02"),
        ("{given: {from: 2026-03-02, until: 2026-03-02}, expect: {due: ['2026-03-03 18:00']}}", 10, "2026-03-03 18:00", "2026-03-04 24:00"),
        ("{given: {from: 2026-03-02, until: 2026-03-02}, expect: {times: [soon]}}", 10, "soon", "2026-03-02 00:00"),
    ],
)  # fmt: skip
def test_what_comes_out_otherwise_is_said_at_its_line(
    tmp_path: Path, example: str, line: int, expected: str, got: str
) -> None:
    """Expected and got, at the value that was expected."""
    report = run_examples(portal(tmp_path, "every: week on mon", example, "due: 2 days"))
    (failed,) = report.failed
    assert (failed.span.line, failed.expected, failed.got) == (line, expected, got)
    assert failed.diagnostic().code == "EXM002" and report.passed == 0


def test_a_duty_that_no_example_reaches_is_named(tmp_path: Path) -> None:
    """An example in which nothing ever comes shows nothing; the warning stands at how often it comes."""
    example = "{given: {from: 2026-03-03, until: 2026-03-04}, expect: {days: []}}"
    report = run_examples(portal(tmp_path, "every: week on mon", example))
    assert report.passed == 1
    assert [(one.code, one.severity, one.span.line) for one in report.unreached] == [("EXM003", "warning", 5)]


@pytest.mark.parametrize(
    "example",
    [
        "{given: {from: 2026-03-03, until: 2026-03-04}, expect: {dais: []}}",
        "{given: {from: 2026-03-04, until: 2026-03-03}, expect: {days: []}}",
        "{given: {from: 0001-01-01, until: 9999-12-31}, expect: {days: []}}",
        "{given: {from: 2000-01-01, until: 2026-01-01}, expect: {days: []}}",
    ],
    ids=["a word", "backwards", "all time", "too long"],
)
def test_an_example_of_nothing_is_a_fault(tmp_path: Path, example: str) -> None:
    """With its place, and none of them keeps `check` busy."""
    found = portal(tmp_path, "every: week on mon", example)
    codes = [one.code for one in run_checks(found) if one.severity == "error"]
    assert codes == ["EXM001"]
    run_examples(found)
