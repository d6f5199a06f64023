# ruff: noqa: E501 -- rows of YAML read best on one line
"""Figures of penalty schedules that cannot be, that are left open, and keys that change nothing."""

from __future__ import annotations

import pytest

from app.checks import run_checks
from app.source import Diagnostic, parse_files
from app.spec.decode import decode_parts

HEAD = """
service_levels:
  pay: {title: 缴纳, of: penalty, from: notified_at, to: paid_at, within: [{time: 48 hours}]}
  task: {title: 待办, of: task, from: created_at, within: [{time: 48 hours}]}
"""


def found(schedule: str) -> list[Diagnostic]:
    """What `check` has to say of one schedule."""
    files = {
        "config/portal.yaml": "portal: {title: x}\n",
        "config/head.yaml": HEAD,
        "config/case.yaml": f"penalty_schedules: {{conduct: {{title: x, {schedule}}}}}\n",
    }
    decoded = decode_parts(parse_files({path: text.encode() for path, text in files.items()}))
    assert decoded.diagnostics == ()
    return [one for one in run_checks(decoded.portal) if one.code != "EXM003"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        pytest.param("kind: points, levels: {a: {points: 5, min: 6, max: 9}}", ["PEN003"], id="points outside of the level's bounds"),
        pytest.param("kind: points, levels: {a: {points: 6, min: 6, max: 9}}", [], id="points at the bound"),
        pytest.param("kind: points, levels: {a: {points: -5}}", ["PEN003"], id="points below zero"),
        pytest.param("levels: {a: {amount: 5, points: -1}}", ["PEN003"], id="points beside money below zero"),
        pytest.param("levels: {a: {amount: 5, min: -1, max: 9}}", ["PEN003"], id="a bound below zero"),
        pytest.param("levels: {a: {amount: 5}}, bounds: {floor: -1}", ["PEN003"], id="a floor below zero"),
        pytest.param("levels: {a: {amount: 5, min: 1, max: 9}}, bounds: {cap: 9, floor: 1}", [], id="bounds that meet"),
        pytest.param("levels: {a: {amount: 50, min: 40, max: 90}}, bounds: {cap: 39}", ["PEN003", "PEN009"], id="nothing to decide below the cap"),
        pytest.param("levels: {a: {amount: 5, min: 1, max: 9}}, bounds: {floor: 10}", ["PEN003", "PEN009"], id="nothing to decide above the floor"),
        pytest.param("levels: {a: 5}, repeat: {within: 1 month, from: 2, multiply: -2}", ["PEN003"], id="a factor below zero"),
        pytest.param("levels: {a: 5}, payment: {clock: pay, late: [{add: -2}]}", ["PEN003"], id="less for late payment"),
        pytest.param("levels: {a: 500}, bounds: {cap: 300}", ["PEN009"], id="an amount above the cap"),
        pytest.param("levels: {a: 5}, bounds: {floor: 10}", ["PEN009"], id="an amount below the floor"),
        pytest.param("levels: {a: 300, b: 300}, bounds: {cap: 300, floor: 300}", [], id="amounts at both"),
        pytest.param("levels: {a: 5}, repeat: {within: 1 month, from: 2}", ["PEN009"], id="a repetition without consequence"),
        pytest.param("levels: {a: 5}, repeat: {within: 1 month, from: 2, raise: 0 levels}", ["PEN009"], id="raised by nothing"),
        pytest.param("levels: {a: 5}, repeat: {within: 1 month, from: 2, multiply: 1}", ["PEN009"], id="multiplied by one"),
        pytest.param("levels: {a: 5}, repeat: {within: 1 month, from: 2, add: 0}", ["PEN009"], id="nothing added"),
        pytest.param("levels: {a: 5}, repeat: {within: 1 month, from: 2, sanctions: talk}, sanctions: {talk: 谈话}", [], id="a sanction is a consequence"),
        pytest.param("levels: {a: 5}, payment: {late: [{multiply: 2}]}", ["PEN009"], id="late payment without a clock"),
        pytest.param("levels: {a: 5}, payment: {clock: pay, late: [{multiply: 2}]}", [], id="late payment with a clock"),
        pytest.param("levels: {a: 5}, payment: {clock: task, late: [{multiply: 2}]}", ["PEN009"], id="a clock of something else"),
        pytest.param("levels: {a: 5}, payment: {clock: pay, late: [{after: 1 day}]}", ["PEN009"], id="a late step of nothing"),
        pytest.param("levels: {a: 5}, not_with: [conduct]", ["PEN009"], id="weighed against itself"),
        pytest.param("levels: {a: 5}, facts: {loss: {type: money}}, formula: loss * 2", ["PEN009"], id="an amount that the formula does not read"),
        pytest.param("levels: {a: 5}, facts: {loss: {type: money}}, formula: loss * amount", [], id="an amount that it reads"),
        pytest.param("levels: {a: {amount: ~}}, facts: {loss: {type: money}}, formula: loss * 2", [], id="the formula gives it"),
        pytest.param("levels: {a: 5}, exempt: [{when: level == 'a', instead: talk}], sanctions: {warn: 警告}", ["REF009"], id="instead of it something unlisted"),
        pytest.param("levels: {a: 5}, exempt: [{when: level == 'a', instead: talk}]", [], id="nothing is listed at all"),
        pytest.param("levels: {a: 5}, facts: {amount: {type: money}}", ["FLD007"], id="a fact called like the amount"),
        pytest.param("levels: {a: 5}, facts: {level: {type: text}, offender: {type: person}}", ["FLD007", "FLD007"], id="facts called like level and offender"),
        pytest.param("levels: {a: 5}, facts: {unit: {type: unit}, item: {type: text}}", [], id="a fact in place of the unit"),
        pytest.param("levels: {a: 5}, joint_liability: [{person: role.administrator, share: 10 %}]", ["REF006"], id="a role answers jointly"),
        pytest.param("kind: points, levels: {a: {amount: 4, points: 3}}", ["PEN009"], id="an amount beside points"),
        pytest.param("levels: {a: {amount: 4, points: 3}}", [], id="points beside an amount"),
        pytest.param("levels: {a: 5}, appeal: {window: 3 days, steps: {role.administrator: role.administrator}}", [], id="one instance alone"),
        pytest.param("levels: {a: 5}, fund: {spend_on: 茶}", [], id="one purpose alone"),
        pytest.param("levels: {a: 5}, examples: [{given: {level: a}}]", ["EXM001"], id="an example that expects nothing"),
        pytest.param("levels: {a: 5}, examples: [{given: {level: a}, expect: []}]", [], id="an example that expects no penalty"),
    ],
)  # fmt: skip
def test_figures_and_keys(schedule: str, expected: list[str]) -> None:
    """What cannot be is a fault, what changes nothing a warning."""
    assert sorted(one.code for one in found(schedule)) == expected


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("kind: points, levels: {a: {points: ~}}", "the points of 'conduct.a' are left open"),
        ("levels: {a: {amount: ~}}", "the amount of 'conduct.a' is left open"),
        ("levels: {a: 5}, joint_liability: [{person: offender.superior, share: ~}]", "the share of 'offender.superior' is left open"),
        ("levels: {a: 5}, repeat: {within: ~, from: 2, multiply: 2}", "'within' of repeated faults is left open"),
        ("levels: {a: 5}, repeat: {within: 1 month, from: ~, multiply: 2}", "'from' of repeated faults is left open"),
        ("levels: {a: 5}, repeat: {within: 1 month, from: 2, raise: ~}", "what repeated faults lead to ('raise') is left open"),
        ("levels: {a: 5}, payment: {clock: pay, late: [{multiply: 2, after: ~}]}", "the time after which this happens"),
        ("levels: {a: 5}, appeal: {window: ~}", "the time 'window' of an appeal"),
    ],
)  # fmt: skip
def test_what_is_left_open_is_named(schedule: str, words: str) -> None:
    """One warning, at the value."""
    (only,) = found(schedule)
    assert (only.code, only.severity) == ("UNS001", "warning")
    assert words in only.message()
    assert only.span.line == 1
