# ruff: noqa: E501  (a table of cases reads best with one case on a line)
"""What the linter warns of: rules that never match, rows never taken, cases without a row, fields nobody sees."""

from __future__ import annotations

import pytest

from app.checks import run_checks
from app.source import Diagnostic, parse_files
from app.spec.decode import decode_parts

HEAD = """
choices:
  rank: {ordered: true, options: {low: 低, mid: 中, high: 高}}
records:
  visit:
    workflow: visit
    fields:
      kind: {type: choice, options: {a: 甲, b: 乙, c: 丙}}
      sort: {type: choice, options: {x: 甲, y: 乙}, required: true}
      hot: {type: boolean}
      qty: {type: integer, min: 0, max: 5}
      mass: {type: decimal}
      due: {type: date}
      note: {type: text}
      double: {type: formula, formula: qty * 2}
      hidden: {type: choice, options: {p: 甲, q: 乙}, show: hot}
      unit: {type: unit}
workflows:
  visit: {start: open, states: {open: {}, closed: {final: true}}, transitions: {close: {from: open, to: closed, by: role.hr%s}}}
roles: {hr: {can: {visit: [read]}}}
"""


def lint(text: str, move: str = "") -> list[Diagnostic]:
    """What the linter says of a shared file below HEAD."""
    files = {
        "config/portal.yaml": "portal: {title: x}",
        "config/head.yaml": HEAD % move,
        "config/case.yaml": text,
    }
    decoded = decode_parts(parse_files({path: one.encode() for path, one in files.items()}))
    assert decoded.diagnostics == ()
    found = run_checks(decoded.portal)
    assert [one.message() for one in found if one.severity == "error"] == []
    return [one for one in found if one.code[:3] == "RUL" or one.code in ("FLD008", "PEN002")]


def codes(text: str, move: str = "") -> list[str]:
    return [one.code for one in lint(text, move)]


def told(text: str) -> list[str]:
    return [one.message() for one in lint(text)]


def field(rest: str) -> str:
    return f"records: {{other: {{fields: {{qty: {{type: integer, min: 0, max: 5}}, hot: {{type: boolean}}, kind: {{type: choice, options: [a, b, c]}}, x: {{{rest}}}}}}}}}"


def clock(rows: str) -> str:
    return f"service_levels: {{s: {{of: visit, from: created_at, within: [{rows}]}}}}"


def tariff(rest: str, levels: str = "low: 1, mid: 2, high: 3") -> str:
    return f"penalty_schedules: {{p: {{rank: rank, facts: {{own: {{type: boolean}}, who: {{type: person}}, count: {{type: integer}}}}, levels: {{{levels}}}, {rest}}}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (field("type: text, show: qty > 5"), ["RUL001"]),
        (field("type: text, show: qty > 4"), []),
        (field("type: text, show: qty > 4 and qty < 5"), ["RUL001"]),
        (field("type: text, show: hot and not hot"), ["RUL001"]),
        (field("type: text, show: kind == 'a' and kind == 'b'"), ["RUL001"]),
        (field("type: text, required: 1 > 2"), ["RUL001"]),
        (field("type: text, read_only: 'length(x) > 3 and length(x) < 2'"), ["RUL001"]),
        (
            field(
                "type: choice, options: [a, b], options_when: [{when: hot and hot == False, options: [a]}]"
            ),
            ["RUL001"],
        ),
        ("roles: {r: {can: {visit: [{verb: read, where: hot and not hot}]}}}", ["RUL001"]),
        (tariff("exempt: [{when: own and not own, instead: talk}]"), ["RUL001"]),
        (tariff("exempt: [{when: level == 'high' and level < 'mid', instead: talk}]"), ["RUL001"]),
        (tariff("exempt: [{when: level == 'high', instead: talk}]", "low: 1, mid: 2"), ["RUL001"]),
        (tariff("exempt: []", "low: {amount: 1, when: level == 'mid'}, mid: 2"), ["RUL001"]),
        (tariff("exempt: []", "low: {amount: 1, when: own}, mid: 2"), []),
    ],
)
def test_conditions_that_never_hold(text: str, expected: list[str]) -> None:
    """Each place of the language; the bounds of fields and the levels of the tariff are known."""
    assert codes(text) == expected


def test_a_transition_begins_in_its_own_state() -> None:
    """A condition on another state is never true there."""
    assert codes("records: {}", ", when: state == 'closed'") == ["RUL001"]
    assert codes("records: {}", ", when: state == 'open'") == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "{when: kind == 'a', time: 1 day}, {when: kind == 'a' and hot, time: 2 days}, {time: 3 days}",
            ["RUL002"],
        ),
        ("{when: kind == 'a' and hot, time: 1 day}, {when: kind == 'a', time: 2 days}, {time: 3 days}", []),
        (
            "{when: 'kind in [\"a\", \"b\"]', time: 1 day}, {when: kind == 'b', time: 2 days}, {time: 3 days}",
            ["RUL002"],
        ),
        (
            "{when: kind == 'a', time: 1 day}, {when: kind != 'a', time: 2 days}, {when: kind, time: 1 day}, {time: 3 days}",
            ["RUL002"],
        ),
        ("{when: hot, time: 1 day}, {when: not hot, time: 2 days}, {time: 3 days}", []),
        ("{when: qty > 2, time: 1 day}, {when: qty >= 3, time: 2 days}, {time: 3 days}", ["RUL002"]),
        ("{when: mass > 2, time: 1 day}, {when: mass >= 3, time: 2 days}, {time: 3 days}", ["RUL002"]),
        ("{when: mass > 3, time: 1 day}, {when: mass > 2, time: 2 days}, {time: 3 days}", []),
        (
            "{when: 'contains(note, \"x\")', time: 1 day}, {when: 'contains(note, \"xy\")', time: 2 days}, {time: 3 days}",
            [],
        ),
        ("{when: double > 2, time: 1 day}, {when: qty > 2, time: 2 days}, {time: 3 days}", []),
    ],
)
def test_rows_that_are_never_taken(rows: str, expected: list[str]) -> None:
    """A later row that earlier ones contain; nothing is said where it cannot be told."""
    assert codes(clock(rows)) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("decided_by: [{who: role.hr}, {when: own, who: unit.head}]", ["RUL002"]),
        (
            "decided_by: [{when: level <= 'mid', who: unit.head}, {when: level == 'low', who: role.hr}, {who: role.hr}]",
            ["RUL002"],
        ),
        ("exempt: [{when: own, instead: talk}, {when: own and count > 1, instead: warn}]", ["RUL002"]),
        ("exempt: [{when: own and count > 1, instead: talk}, {when: own, instead: warn}]", []),
        (
            "joint_liability: [{person: offender.superior}, {person: offender.superior, when: own, share: 50 %}]",
            ["RUL002"],
        ),
        (
            "joint_liability: [{person: offender.superior, when: own, share: 50 %}, {person: offender.superior, share: 20 %}]",
            [],
        ),
        (
            "joint_liability: [{person: offender.superior, when: own}, {person: offender.superior, when: own}]",
            ["RUL002"],
        ),
        ("joint_liability: [{person: offender.superior, when: own}, {person: unit.head, when: own}]", []),
    ],
)
def test_rows_of_tariffs(rest: str, expected: list[str]) -> None:
    """Deciders and exemptions by their order; of joint rows the heavier counts, wherever it stands."""
    assert codes(tariff(rest)) == expected


@pytest.mark.parametrize(
    ("rows", "case"),
    [
        ("{when: sort == 'x', time: 1 day}", "sort == 'y'"),
        (
            "{when: sort == 'x', time: 1 day}, {when: sort == 'y' and hot, time: 1 day}",
            "sort == 'y' and not hot",
        ),
        ("{when: sort == 'x', time: 1 day}, {when: sort == 'y', time: 1 day}", None),
        ("{when: qty < 3, time: 1 day}, {when: qty >= 4, time: 1 day}", "qty == 3"),
        ("{when: qty < 3, time: 1 day}, {when: qty >= 3, time: 1 day}", None),
        ("{when: mass < 3, time: 1 day}, {when: mass >= 4, time: 1 day}", "mass == 3"),
        ("{when: due, time: due}", "due == None"),
        ("{when: sort == 'x', time: 1 day}, {time: ~}", None),
        ("{when: 'contains(note, \"x\")', time: 1 day}", None),
        ("{when: double > 4, time: 1 day}, {when: double <= 2, time: 1 day}", None),
        ("{when: hidden == 'p', time: 1 day}", None),
        ("{when: unit.active, time: 1 day}", None),
    ],
)
def test_cases_that_no_target_answers(rows: str, case: str | None) -> None:
    """With the case; nothing is said of what is computed, hidden at times, or behind a link."""
    assert told(clock(rows)) == ([] if case is None else [f"no target answers this case: {case}"])


@pytest.mark.parametrize(
    ("rest", "levels", "expected"),
    [
        (
            "decided_by: [{when: level <= 'mid', who: unit.head}]",
            "low: 1, mid: 2, high: 3",
            ["no row says who decides in this case: level == 'high'"],
        ),
        ("decided_by: [{when: level <= 'mid', who: unit.head}]", "low: 1, mid: 2", []),
        (
            "exempt: []",
            "low: 1, high: 2",
            ["the tariff has no level 'mid', though it has lower and higher ones"],
        ),
        ("exempt: []", "mid: 1, high: 2", []),
    ],
)
def test_gaps_of_tariffs(rest: str, levels: str, expected: list[str]) -> None:
    """Nobody decides, or a level in between has no amount."""
    assert told(tariff(rest, levels)) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("joint_liability: [{person: offender}]", ["RUL004"]),
        ("joint_liability: [{person: who}]", ["RUL004"]),
        ("joint_liability: [{person: who, when: who}]", []),
        ("joint_liability: [{person: who, when: own and who != None}]", []),
        ("joint_liability: [{person: offender.superior, when: offender.superior == None}]", ["RUL004"]),
        ("joint_liability: [{person: offender.superior, when: own}]", []),
    ],
)
def test_persons_who_are_not_there(rest: str, expected: list[str]) -> None:
    """The offender again, an empty fact, somebody whose absence is the condition."""
    assert codes(tariff(rest)) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("type: text, show: hot, required: true", ["FLD008"]),
        ("type: text, show: hot, required: hot", []),
        ("type: text, show: hot, required: hot and qty > 2", []),
        ("type: text, show: hot, required: qty > 2", ["FLD008"]),
        ("type: text, show: hot, required: not hot", ["FLD008"]),
        ("type: text, show: qty >= 2, required: qty > 2", []),
        ("type: text, show: hot or not hot, required: true", ["FLD008"]),
        ("type: text, show: 1 < 2, required: true", []),
        ("type: text, show: 1 > 2, required: true", ["FLD008", "RUL001"]),
        ("type: text, show: 'contains(y, \"a\")', required: hot}, y: {type: text", []),
    ],
)
def test_fields_that_are_required_and_not_seen(rest: str, expected: list[str]) -> None:
    """Always, in some case, or never; two conditions that agree are as they should be."""
    assert sorted(codes(field(rest))) == expected


def test_a_group_hides_its_fields() -> None:
    """A required field in a group that is shown at times."""
    text = "records: {other: {fields: {hot: {type: boolean}, x: {type: text, required: true}}, form: [{group: g, fields: [x], show: hot}]}}"
    assert told(text) == ["'x' is always required but shown only when: hot"]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("low: 5, mid: 2, high: 3", ["'amount' of 'mid' is 2, less than the 5 of the lower level 'low'"]),
        (
            "low: 5, mid: {amount: ~, note: n}, high: 3",
            ["'amount' of 'high' is 3, less than the 5 of the lower level 'low'"],
        ),
        (
            "low: {points: 3}, mid: {points: 1}, high: {points: 4}",
            ["'points' of 'mid' is 1, less than the 3 of the lower level 'low'"],
        ),
        (
            "low: {amount: 5, max: 9}, mid: {amount: 6, max: 8}, high: 7",
            ["'max' of 'mid' is 8, less than the 9 of the lower level 'low'"],
        ),
        ("low: 5, mid: 5, high: 5", []),
    ],
)
def test_amounts_that_fall(levels: str, expected: list[str]) -> None:
    """Amounts, points and bounds alike; an open amount between two is passed over."""
    assert told(tariff("exempt: []", levels)) == expected


def test_two_transitions_that_can_both_be_made() -> None:
    """By one event, in a case that can be shown; conditions that part them are as they should be."""
    text = """
workflows:
  twice:
    start: open
    states: {open: {}, late: {final: true}, done: {final: true}}
    transitions:
      expire: {from: open, to: late, at: missed(c), when: %s}
      close: {from: open, to: done, at: missed(c), when: %s}
records: {thing: {workflow: twice, fields: {hot: {type: boolean}, qty: {type: integer}}}}
service_levels: {c: {of: thing, from: created_at, within: [{time: 1 day}]}}
"""
    files = {"config/portal.yaml": "portal: {title: x}"}
    for one, other, expected in (
        ("hot", "not hot", []),
        ("hot", "qty > 3", ["WFL003"]),
        ("qty <= 3", "qty > 3", []),
        ("hot", "hot and qty > 3", ["WFL003"]),
    ):
        decoded = decode_parts(
            parse_files(
                {
                    path: part.encode()
                    for path, part in (files | {"config/case.yaml": text % (one, other)}).items()
                }
            )
        )
        found = [
            diagnostic.code for diagnostic in run_checks(decoded.portal) if diagnostic.severity == "error"
        ]
        assert found == expected, (one, other)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("release: {type: person}", ["release"]),
        ("version: {type: text}", ["version"]),
        ("release_id: {type: text}", ["release_id"]),
        ("created_by_id: {type: text}", ["created_by_id"]),
        ("state: {type: text}", ["state"]),
        ("id: {type: text}", ["id"]),
        ("number: {type: text}", ["number"]),
        ("x: {type: person}, x_id: {type: text}", ["x_id"]),
        ("x: {type: formula, gives: person, formula: me}, x_id: {type: text}", ["x_id"]),
        ("x: {type: lines, fields: {record: {type: person}}}", ["record"]),
        ("x: {type: lines, fields: {position: {type: integer}}}", ["position"]),
        ("x: {type: lines, fields: {y: {type: person}, y_id: {type: text}}}", ["y_id"]),
        ("nothing: {type: text}, returning: {type: text}, select: {type: text}, x_id: {type: text}", []),
    ],
)
def test_columns_of_their_own(fields: str, expected: list[str]) -> None:
    """No field takes a column that the portal keeps, nor that of a link."""
    files = {
        "config/portal.yaml": "portal: {title: x}",
        "config/case.yaml": f"records: {{thing: {{fields: {{{fields}}}}}}}",
    }
    decoded = decode_parts(parse_files({path: one.encode() for path, one in files.items()}))
    found = [one for one in run_checks(decoded.portal) if one.severity == "error"]
    assert [str(one.params["name"]) for one in found] == expected
    assert {one.code for one in found} <= {"TAB001", "FLD007"}


@pytest.mark.parametrize(
    ("first", "second", "table"),
    [
        ("a.b__c", "a__b.c", "a__b__c"),
        ("shared.z", ".z", "shared__z"),
        ("a.b__rows", "a.b", "a__b__rows"),
    ],
)
def test_tables_of_their_own(first: str, second: str, table: str) -> None:
    """Two underscores in a name, the prefix of what is shared, the rows of a child table."""
    files = {"config/portal.yaml": "portal: {title: x}\n"}
    for name in (first, second):
        regime, record = name.split(".")
        path = f"config/regimes/{regime}/case.yaml" if regime else "config/case.yaml"
        head = "regime: {title: x}\nrecords:\n" if regime else "records:\n"
        rows = (
            "rows: {type: lines, fields: {t: {type: text}}}" if table.endswith("rows") else "t: {type: text}"
        )
        files[path] = files.get(path, head) + f"  {record}: {{fields: {{{rows}}}}}\n"
    decoded = decode_parts(parse_files({path: one.encode() for path, one in files.items()}))
    assert decoded.diagnostics == ()
    assert [one.params["table"] for one in run_checks(decoded.portal) if one.code == "TAB001"] == [table]
