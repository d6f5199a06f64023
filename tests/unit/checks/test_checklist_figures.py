# ruff: noqa: E501 -- rows of YAML read best on one line
"""Figures of checklists that lead to no score, and keys that change nothing."""

from __future__ import annotations

import pytest

from app.checks import run_checks
from app.source import parse_files
from app.spec.decode import decode_parts

RULES = """
regime: {title: x}
choices: {rank: {ordered: true, options: {low: 低, high: 高}}}
standards: {kitchen: {title: 标准, clauses: {cold: {clause: "1", title: 冷藏, figure: "0..8 °C"}, open: {clause: "2", title: 未定, figure: ~}}}}
penalty_schedules: {conduct: {title: 违纪, levels: {low: 20, high: 50}}, other: {title: 其他, levels: {top: 9}}}
"""


def codes(checklist: str) -> list[str]:
    """The codes that `check` has for a checklist."""
    files = {
        "config/portal.yaml": "portal: {title: x}\n",
        "config/regimes/r/r.yaml": RULES,
        "checklists/r/list.yaml": f"title: x\n{checklist}\n",
    }
    decoded = decode_parts(parse_files({path: text.encode() for path, text in files.items()}))
    assert decoded.diagnostics == ()
    return [one.code for one in run_checks(decoded.portal) if one.code not in ("UNS001", "EXM003")]


def of_item(item: str, scoring: str = "{full: 100}") -> list[str]:
    return codes(f"scoring: {scoring}\nsections: [{{id: s, items: [{{id: a, title: x, {item}}}]}}]")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param("answer: score, points: 10, fails_below: 3", [], id="a mark for scores"),
        pytest.param("answer: score, points: 10, limit: '>= 3'", [], id="a limit for scores"),
        pytest.param("answer: score, points: 10, limit: '>= 3', fails_below: 3", ["CHK003"], id="both"),
        pytest.param("answer: score, points: 10, fails_below: three", ["CHK003"], id="a mark in words"),
        pytest.param("answer: photo, min: 2, max: 3", [], id="so many photos"),
        pytest.param("answer: photo, min: 3, max: 2", ["FLD003"], id="photos the wrong way round"),
        pytest.param("answer: choice, options: {}", ["CHK003"], id="nothing to choose from"),
        pytest.param("points: -5", ["CHK004"], id="points below zero"),
        pytest.param("points: 0", [], id="no points"),
        pytest.param("answer: count, per_unit: -1", ["CHK004"], id="units below zero"),
        pytest.param("answer: choice, options: {a: {title: x, share: 60}}", ["CHK004"], id="a share in percent"),
        pytest.param("answer: choice, options: {a: {title: x, share: -0.1}}", ["CHK004"], id="a share below zero"),
        pytest.param("answer: choice, options: {a: {title: x, share: 1}, b: {title: y, share: 0}}", [], id="the ends of a share"),
        pytest.param("answer: text, critical: true", ["CHK005"], id="a text is no veto"),
        pytest.param("answer: text, critical: false", [], id="and none is written"),
        pytest.param("answer: photo, on_fail: {rectify: 1 day}", ["CHK005"], id="a photo never fails"),
        pytest.param("answer: number, on_fail: {rectify: 1 day}", ["CHK005"], id="a number without a limit"),
        pytest.param("answer: number, limit: 0..8, on_fail: {rectify: 1 day}", [], id="a number with a limit"),
        pytest.param("answer: number, standard: kitchen.cold, critical: true", [], id="the clause has the limit"),
        pytest.param("answer: number, standard: kitchen.open, critical: true", ["CHK005"], id="the clause has none"),
        pytest.param("answer: count, critical: true", [], id="a count of nothing passes"),
        pytest.param("answer: score", ["CHK005"], id="no highest score"),
        pytest.param("answer: score, max: 5", [], id="a highest score"),
    ],
)  # fmt: skip
def test_items(item: str, expected: list[str]) -> None:
    """What an item may be worth, and when what it writes can come to anything."""
    assert of_item(item) == expected


@pytest.mark.parametrize(
    ("scoring", "expected"),
    [
        pytest.param("{full: -5}", ["CHK004"], id="full below zero"),
        pytest.param("{full: 0}", ["CHK004"], id="full of nothing"),
        pytest.param("{full: 100, floor: 100}", ["CHK004"], id="floor at full"),
        pytest.param("{full: 100, floor: 20}", [], id="a floor"),
        pytest.param("{full: 9, floor: ~, grades: [{title: a, from: 5}, {title: b, from: 0}]}", ["CHK002"], id="no floor, and the last grade has a bound"),
        pytest.param("{full: 9, floor: ~, grades: [{title: a, from: 5}, {title: b}]}", [], id="no floor"),
        pytest.param("{method: pass_rate, rescale: true}", ["CHK005"], id="scaled anyway"),
        pytest.param("{method: sum, full: 100, rescale: true}", [], id="scaled because it says so"),
    ],
)  # fmt: skip
def test_scoring(scoring: str, expected: list[str]) -> None:
    """Bounds of the score, and what its method looks at."""
    assert of_item("points: 5", scoring) == expected


@pytest.mark.parametrize(
    ("expect", "expected"), [("{}", ["EXM001"]), ("{score: ~}", []), ("{score: 95}", [])]
)
def test_an_example_expects_something(expect: str, expected: list[str]) -> None:
    """An empty expectation would always pass."""
    text = "sections: [{id: s, items: [{id: a, title: x}]}]\n"
    assert codes(f"{text}examples: [{{given: {{a: fail}}, expect: {expect}}}]") == expected


def test_a_highest_score_of_the_whole_list() -> None:
    """A mean has the full mark as the best score of each item."""
    assert of_item("answer: score", "{method: average, full: 5}") == []


@pytest.mark.parametrize(
    ("method", "weight", "expected"),
    [
        ("deduct", "2", ["CHK005"]),
        ("weighted", "2", []),
        ("average", "2", []),
        ("weighted", "-1", ["CHK004"]),
    ],
)
def test_weights(method: str, weight: str, expected: list[str]) -> None:
    """Sections are weighed where the method does so."""
    text = f"scoring: {{method: {method}}}\nsections: [{{id: s, weight: {weight}, items: [{{id: a, title: x}}]}}]"
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("outer", "section", "item", "expected"),
    [
        pytest.param("{penalty: conduct}", "{}", "{level: low}", [], id="a level of the list's schedule"),
        pytest.param("{penalty: conduct}", "{}", "{level: top}", ["REF007"], id="no level of the list's schedule"),
        pytest.param("{penalty: conduct, level: low}", "{penalty: other}", "{}", ["REF007"], id="another schedule, the old level"),
        pytest.param("{penalty: conduct, level: low}", "{penalty: other}", "{level: top}", [], id="both replaced"),
        pytest.param("{penalty: conduct, level: low}", "{}", "{penalty: ~, level: top}", [], id="no fine"),
    ],
)  # fmt: skip
def test_a_level_fits_the_schedule_wherever_they_are_written(
    outer: str, section: str, item: str, expected: list[str]
) -> None:
    """List, section and item are put together before they are judged."""
    text = (
        f"on_fail: {outer}\n"
        f"sections: [{{id: s, on_fail: {section}, items: [{{id: a, title: x, on_fail: {item}}}]}}]"
    )
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("standards", "clause", "expected"),
    [
        pytest.param("old: {clauses: {a: {}}}", "old.a", [], id="in force"),
        pytest.param("old: {status: trial, clauses: {a: {}}}", "old.a", [], id="on trial"),
        pytest.param("old: {status: withdrawn, clauses: {a: {}}}", "old.a", ["STD001"], id="withdrawn"),
        pytest.param("old: {clauses: {a: {}}}, new: {replaces: old, clauses: {a: {}}}", "old.a", ["STD001"], id="replaced"),
        pytest.param("old: {clauses: {a: {}}}, new: {replaces: old, clauses: {a: {}}}", "new.a", [], id="the one in its place"),
        pytest.param("old: {clauses: {a: {}}}, new: {status: draft, replaces: old, clauses: {a: {}}}", "old.a", [], id="not replaced yet"),
    ],
)  # fmt: skip
def test_standards_that_are_out_of_force(standards: str, clause: str, expected: list[str]) -> None:
    """An item and an indicator are told alike."""
    files = {
        "config/portal.yaml": "portal: {title: x}\n",
        "config/regimes/r/r.yaml": "regime: {title: x}\n"
        f"standards: {{{standards}}}\n"
        f"indicators: {{late: {{title: x, manual: true, every: month, target: '= 0', standard: {clause}}}}}\n",
        "checklists/r/list.yaml": f"title: x\nsections: [{{id: s, items: [{{id: a, title: x, standard: {clause}}}]}}]\n",
    }
    decoded = decode_parts(parse_files({path: text.encode() for path, text in files.items()}))
    found = [one for one in run_checks(decoded.portal) if one.code == "STD001"]
    assert [one.code for one in found] == expected * 2
    assert len({one.span.file for one in found}) == len(found)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param("unit: mm, limit: '>= 15 cm'", ["FIG002"], id="another unit"),
        pytest.param("unit: cm, limit: '>= 15 cm'", [], id="the same unit"),
        pytest.param("unit: CM, limit: '15 cm ± 1'", [], id="typed otherwise"),
        pytest.param("unit: ℃, limit: '0..8 °C'", [], id="one sign or two"),
        pytest.param("unit: cm, limit: '>= 15'", [], id="a bare limit"),
        pytest.param("limit: '>= 15 cm'", [], id="a bare answer"),
        pytest.param("unit: K, standard: kitchen.cold", ["FIG002"], id="the figure of the clause"),
        pytest.param("unit: K, standard: kitchen.cold, limit: '0..8 K'", [], id="a limit in place of it"),
        pytest.param("unit: K, standard: kitchen.open", [], id="a clause without a figure"),
    ],
)
def test_units(item: str, expected: list[str]) -> None:
    """An answer and what it is held against."""
    assert of_item(f"answer: number, {item}") == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [(">= 0.95", 1), ("< 0.05", 1), (">= 95 %", 0), ("< 0.05 %", 0), (">= 95", 0), ("= 0", 0), ("= 1", 0)],
)
def test_targets_of_shares(target: str, expected: int) -> None:
    """0.95 is less than one percent."""
    files = {
        "config/portal.yaml": "portal: {title: x}\n",
        "config/all.yaml": "records: {call: {title: x, fields: {ok: {type: boolean, title: x}}}}\n"
        f"indicators: {{a: {{title: x, of: call, share: ok, target: '{target}', every: month}}}}\n",
    }
    decoded = decode_parts(parse_files({path: text.encode() for path, text in files.items()}))
    assert [one.code for one in run_checks(decoded.portal)].count("FIG002") == expected


@pytest.mark.parametrize(
    ("rectify", "expected"),
    [("agreed", []), ("agreed_at", []), ("name", ["DUR002"]), ("agred", ["DUR002"]), ("3 days", [])],
)
def test_what_is_to_be_put_right_by_an_agreed_day(rectify: str, expected: list[str]) -> None:
    """A date field of the inspected record, and nothing else that is a word."""
    files = {
        "config/portal.yaml": "portal: {title: x}\n",
        "config/regimes/r/r.yaml": "regime: {title: x}\nrecords: {visit: {title: x, fields: {name: {type: text, title: x}, "
        "agreed: {type: date, title: x}, agreed_at: {type: datetime, title: x}}}}\n",
        "checklists/r/list.yaml": "title: x\nof: visit\n"
        f"sections: [{{id: s, items: [{{id: a, title: x, on_fail: {{rectify: {rectify}}}}}]}}]\n",
    }
    decoded = decode_parts(parse_files({path: text.encode() for path, text in files.items()}))
    assert [one.code for one in run_checks(decoded.portal) if one.severity == "error"] == expected
