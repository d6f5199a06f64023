# ruff: noqa: E501  (a table of cases reads best with one case on a line)
"""Faults of meaning beside those of the bad configurations: the finer cases of each check."""

from __future__ import annotations

import pytest

from app.checks import run_checks
from app.source import Diagnostic, parse_files
from app.spec.decode import decode_parts

HEAD = """
choices:
  rank: {ordered: true, options: {low: 低, mid: 中, high: 高}}
records:
  site: {fields: {name: {type: text}, unit: {type: unit}}}
  ride: {workflow: visit, fields: {goal: {type: text}}}
workflows:
  visit: {start: open, states: {open: {}, closed: {final: true}}, transitions: {close: {from: open, to: closed, by: role.hr}}}
roles: {hr: {can: {site: [read], ride: [read]}}}
"""


def found(text: str, more: dict[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """The diagnostics of a shared file below HEAD."""
    files = {"config/portal.yaml": "portal: {title: x}\n", "config/head.yaml": HEAD, "config/case.yaml": text}
    decoded = decode_parts(parse_files({p: t.encode() for p, t in {**files, **(more or {})}.items()}))
    assert decoded.diagnostics == ()
    return run_checks(decoded.portal)


def codes(text: str, more: dict[str, str] | None = None) -> list[str]:
    ignored = ("NYS001", "UNS001", "ROL003", "RUL001", "RUL003")
    return [one.code for one in found(text, more) if one.code not in ignored]


def visit(fields: str, rest: str = "") -> str:
    return f"records: {{visit: {{workflow: visit, fields: {{{fields}}}{rest}}}}}\n"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param("a: {type: boolean, default: yes}", [], id="a word for true"),
        pytest.param("a: {type: time, default: 12:30}", [], id="a time"),
        pytest.param("a: {type: date, default: 2026-01-01}", [], id="a date"),
        pytest.param("a: {type: date, default: today}", [], id="an expression"),
        pytest.param("a: {type: text, default: 无}", [], id="plain words"),
        pytest.param("a: {type: text, default: me.name}", [], id="a path"),
        pytest.param("a: {type: text, default: me.nmae}", ["EXPR003"], id="a path with a slip"),
        pytest.param("a: {type: choice, options: rank, default: mid}", [], id="an option"),
        pytest.param("a: {type: choices, options: rank, default: mid}", [], id="an option of several"),
        pytest.param("a: {type: choice, options: rank, default: middle}", ["FLD004"], id="no option"),
        pytest.param("a: {type: integer, default: today}", ["FLD004"], id="a date for a number"),
        pytest.param("a: {type: integer, default: 5 apples}", ["EXPR001"], id="no number"),
        pytest.param("a: {type: person, default: me}", [], id="a person"),
        pytest.param("a: {type: unit, default: me}", ["FLD004"], id="a person for a unit"),
        pytest.param("a: {type: formula, formula: 1 + 2}", [], id="a formula gives a number"),
        pytest.param("a: {type: formula, formula: 1 + 2, gives: text}", ["EXPR011"], id="it gives no text"),
        pytest.param("a: {type: date, min: today, max: 2030-01-01}", [], id="today as a bound"),
        pytest.param("a: {type: date, min: 2030-13-01}", ["FLD003"], id="no day"),
        pytest.param("a: {type: text, min: -1}", ["FLD003"], id="fewer than no characters"),
        pytest.param("a: {type: time, min: 18:00, max: 9:00}", ["FLD003"], id="times in order"),
        pytest.param("a: {type: duration, max: 2 hours}", [], id="a duration"),
        pytest.param("a: {type: text, pattern: '(a+)+'}", ["FLD005"], id="a repeated repetition"),
        pytest.param("a: {type: text, pattern: '[0-9]{4}-[0-9]{2}'}", [], id="a sound pattern"),
        pytest.param("a: {type: link, to: sites}", ["REF001"], id="a link to nothing"),
        pytest.param("a: {type: link, to: site, where: name == this.b}, b: {type: text}", [], id="this in where"),
        pytest.param("a: {type: link, to: site, where: name == b}, b: {type: text}", ["EXPR003"], id="not outside"),
        pytest.param("a: {type: lines, fields: {b: {type: text, show: c and this.d}, c: {type: boolean}}}, d: {type: boolean}", [], id="columns"),
        pytest.param("a: {type: lines, fields: {b: {type: lines, fields: {c: {type: text}}}}}", ["FLD001"], id="nested"),
        pytest.param("a: {type: choice, options: rank, options_when: [{options: [mid, top]}]}", ["REF007"], id="offered"),
        pytest.param("a: {type: text, show: state == 'open'}", [], id="a state"),
        pytest.param("a: {type: text, show: state == 'opened'}", ["EXPR007"], id="no state"),
        pytest.param("me: {type: text}", ["FLD007"], id="me is taken"),
        pytest.param("a: {type: file, max_size: big}", ["SET006"], id="a size"),
        pytest.param("a: {type: checklist, options: [kitchen]}", ["REF001"], id="no checklist"),
    ],
)  # fmt: skip
def test_fields(fields: str, expected: list[str]) -> None:
    """Defaults are read by the declared type, bounds compared, expressions compiled where they stand."""
    assert codes(visit(fields)) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (", form: [{group: g, fields: [a, b]}]", ["REF003"]),
        (", form: [{fields: [a]}, {fields: [a]}]", ["REC001"]),
        (", form: [{fields: [a], show: b}]", ["EXPR003"]),
        (", list: {columns: [a, state, created_at, number]}", []),
        (", list: {filters: [nothing]}", ["REF003"]),
        (", list: {search: [n]}", ["REF003"]),
        (", list: {order: -when}", ["REF003"]),
        (', label: "{a} {created_by.unit.title}"', []),
        (', label: "{a} {created_by.unit.titel}"', ["REF003"]),
        (', label: "{created_at:%Y}"', []),
        (', number: "{seq:04d}"', []),
        (', number: "X-{a}"', ["TPL002"]),
        (", public: {create: true, fields: [b]}", ["REF003"]),
        (", retention: for ever", ["DUR001"]),
        (", was: site", ["TAB003"]),
    ],
)
def test_forms_lists_and_templates(rest: str, expected: list[str]) -> None:
    """What is named exists; dotted paths are followed through links."""
    assert codes(visit("a: {type: text}", rest)) == expected


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ("set: {a: x}", []),
        ("set: {b: x}", ["REF003"]),
        ("create: {record: site, with: {name: a}}", []),
        ("create: {record: site, with: {title: a}}", ["REF003"]),
        ("create: {record: sight, with: {}}", ["REF001"]),
        ("notify: [created_by, created_by.superior, role.hr, role.administrator]", []),
        ("notify: [created_by.unit]", ["REF006"]),
        ("notify: [creator]", ["REF006"]),
        ("notify: [role.boss]", ["REF001"]),
        ("task: {title: x, to: role.hr, due: 3 working dais}", ["DUR001"]),
        ("task: {title: x, to: role.hr, due: day}", []),
        ("print: slip", ["REF001"]),
        ("notify: [role.hr], message: note", ["REF001"]),
        ("message: note", ["REF001", "WFL006"]),
        ("appeal: {penalty: x, result: keep}, message: note", ["EXPR003", "REF001", "WFL006"]),
        ("when: a == 'x'", ["WFL006"]),
        ("lock: true, when: b", ["EXPR003"]),
        ("move: {record: other, transition: close}", []),
        ("move: {record: other, transition: open}", ["REF005"]),
        ("move: {record: created_by, transition: close}", ["REF005"]),
        ("move: {record: a, transition: close}", ["REF006"]),
    ],
)
def test_effects(effects: str, expected: list[str]) -> None:
    """An effect does one thing, and what it names exists with the right type."""
    text = f"""
workflows:
  trip:
    start: open
    states: {{open: {{}}, closed: {{final: true}}}}
    transitions: {{close: {{from: open, to: closed, by: role.hr, do: [{{{effects}}}]}}}}
records:
  visit: {{workflow: visit, fields: {{x: {{type: text}}}}}}
  trip: {{workflow: trip, fields: {{a: {{type: text}}, day: {{type: date}}, other: {{type: link, to: visit}}}}}}
"""
    assert sorted(codes(text)) == expected


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ("visit: [create, read own, close]", []),
        ("visit: [close own]", []),
        ("visit: [opens]", ["REF005"]),
        ("visit: [read unit]", ["ROL002"]),
        ("site: [read subtree]", []),
        ("site: ['read where name == me.name']", []),
        ("site: ['read where nam == me.name']", ["EXPR003"]),
        ("site: [{verb: read, rows: unit, where: name > 5}]", ["EXPR006"]),
        ("visits: [read]", ["REF001"]),
    ],
)
def test_grants(grants: str, expected: list[str]) -> None:
    """Verbs, transitions, rows and conditions of roles."""
    text = visit("a: {type: text}") + f"roles: {{boss: {{can: {{{grants}}}}}}}\n"
    assert codes(text) == expected


def test_the_place_of_a_grants_condition_is_inside_its_words() -> None:
    """The column of the wrong name, also behind a quote."""
    text = "roles: {boss: {can: {site: ['read where nam == 1']}}}\n"
    assert [(one.span.line, one.span.column) for one in found(text) if one.code == "EXPR003"] == [(1, 41)]


CHECKLIST = (
    "config/regimes/r/r.yaml",
    "regime: {title: x}\nrecords: {probe: {fields: {c: {type: checklist, finding: defect, options: [list]}}}, defect: {fields: {class: {type: choice, options: [minor, major]}, note: {type: text}}}}\n",
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("sections: [{id: s, items: [{id: a, title: x, on_fail: {class: minor, with: {note: 5}}}]}]", []),
        ("sections: [{id: s, items: [{id: a, title: x, on_fail: {class: mayor}}]}]", ["REF007"]),
        ("sections: [{id: s, items: [{id: a, title: x, on_fail: {with: {nota: x}}}]}]", ["REF003"]),
        ("sections: [{id: s, items: [{id: a, title: x, on_fail: {penalty: conduct}}]}]", ["REF001"]),
        ("sections: [{id: s, items: [{id: a, title: x, on_fail: {rectify: 2 daze}}]}]", ["DUR001"]),
        ("sections: [{id: s, items: [{id: a, title: x, when: answer('b') > 3}, {id: b, answer: count, title: x}]}]", []),
        ("sections: [{id: s, items: [{id: a, title: x, when: answer('c') > 3}]}]", ["EXPR003"]),
        ("sections: [{id: s, items: [{id: a, title: x, answer: choice}]}]", ["CHK003"]),
        ("sections: [{id: s, items: [{id: a, title: x, answer: choice, options: rank, fails_below: mid}]}]", []),
        ("sections: [{id: s, items: [{id: a, title: x, answer: choice, options: rank, fails_below: top}]}]", ["REF007"]),
        ("sections: [{id: s, items: [{id: a, title: x, expect: no}]}]", ["CHK003"]),
        ("scoring: {method: weighted}\nsections: [{id: s, items: []}]", ["CHK004"]),
        ("scoring: {grades: [{title: a, from: 80}, {title: b, from: 50}]}", ["CHK002"]),
        ("scoring: {grades: [{title: a, from: 80}, {title: b, from: 0}]}", []),
        ("scoring: {grades: [{title: a}, {title: b, from: 0}]}", ["CHK002"]),
        ("scoring: {full: 50, grades: [{title: a, from: 80}, {title: b}]}", ["CHK002"]),
        ("sections: [{id: s, items: [{id: a, title: x, standard: a}]}]", ["REF008"]),
        ("sections: [{id: s, items: [{id: a, title: x, standard: a.b}]}]", ["REF001"]),
    ],
)  # fmt: skip
def test_checklists(body: str, expected: list[str]) -> None:
    """Items, scores, and what failed items become."""
    more = {CHECKLIST[0]: CHECKLIST[1], "checklists/r/list.yaml": f"title: x\n{body}\n"}
    assert codes("{}\n", more) == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("levels: {low: 1, high: 2}, rank: rank", []),
        ("levels: {low: 1, top: 2}, rank: rank", ["REF007"]),
        ("levels: {high: 1, low: 2}, rank: rank", ["PEN001", "PEN002"]),
        ("levels: {low: 2, high: 1}, rank: rank", ["PEN002"]),
        ("levels: {a: 1}, rank: ranks", ["REF001"]),
        ("levels: {}", ["PEN001"]),
        ("levels: {a: -5}", ["PEN003"]),
        ("levels: {a: {min: 5, max: 2}}", ["FLD003"]),
        ("levels: {low: 1}, rank: rank, decided_by: [{when: level >= 'mid', who: unit.head}]", []),
        ("levels: {low: 1}, rank: rank, decided_by: [{when: level >= 'top', who: unit.head}]", ["EXPR007"]),
        ("levels: {a: 1}, decided_by: [{who: unit}]", ["REF006"]),
        ("levels: {a: 1}, decided_by: [{who: role.boss}]", ["REF001"]),
        ("levels: {a: 1}, joint_liability: [{person: offender.superior.superior, share: 50.5 %}]", []),
        ("levels: {a: 1}, joint_liability: [{person: offender.boss, share: 0 %}]", ["PEN004", "REF006"]),
        ("levels: {a: 1}, exempt: [{when: early}]", ["EXPR003"]),
        ("levels: {a: 1}, facts: {early: {type: boolean}}, exempt: [{when: early}]", []),
        ("levels: {a: 1}, facts: {kind: {type: choice}}", ["FLD002"]),
        ("levels: {a: 1}, formula: amount * 2", []),
        ("levels: {a: 1}, formula: amount > 2", ["EXPR011"]),
        ("levels: {a: 1}, bounds: {floor: 5, cap: 1}", ["FLD003"]),
        ("levels: {a: 1}, bounds: {step: 0}", ["PEN003"]),
        ("levels: {a: 1}, payment: {clock: pay}", ["REF001"]),
        ("levels: {a: 1}, repeat: {within: a while, from: 2, raise: 1 level}", ["DUR001"]),
        ("levels: {a: 1}, not_with: [other]", ["REF001"]),
        ("levels: {a: {amount: 1, sanctions: x}}, sanctions: {y: z}", ["REF009"]),
    ],
)
def test_penalty_schedules(schedule: str, expected: list[str]) -> None:
    """Levels, persons, facts and figures of a tariff."""
    assert sorted(codes(f"penalty_schedules: {{conduct: {{{schedule}}}}}\n")) == expected


@pytest.mark.parametrize(
    ("assess", "expected"),
    [
        ("level: low, offender: created_by", []),
        ("level: grade, offender: created_by", []),
        ("level: top, offender: created_by", ["REF007"]),
        ("level: colour, offender: created_by", ["REF007"]),
        ("level: low, offender: created_by, with: {late: yes}", []),
        ("level: low, offender: created_by, with: {late: maybe}", ["EXPR003"]),
        ("level: low, offender: created_by.unit", ["REF006"]),
    ],
)
def test_assess_speaks_the_schedules_language(assess: str, expected: list[str]) -> None:
    """The level is one of the schedule's, or a field that can hold one; facts have their type."""
    text = f"""
penalty_schedules: {{conduct: {{rank: rank, facts: {{late: {{type: boolean}}}}, levels: {{low: 1, high: 2}}}}}}
workflows:
  trip:
    start: open
    states: {{open: {{}}, closed: {{final: true}}}}
    transitions: {{close: {{from: open, to: closed, by: role.hr, do: [{{assess: {{schedule: conduct, {assess}}}}}]}}}}
records:
  visit: {{workflow: visit, fields: {{x: {{type: text}}}}}}
  trip: {{workflow: trip, fields: {{grade: {{type: choice, options: rank}}, colour: {{type: choice, options: [red]}}}}}}
"""
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("of: visit, from: created_at, within: [{time: at once}]", []),
        ("of: visit, from: {state: open}, to: {state: closed}, within: [{time: ~}]", []),
        ("of: visit, from: {state: opened}, within: [{time: 1 day}]", ["REF010"]),
        ("of: visit, from: began, within: [{time: 1 day}]", ["REF003"]),
        ("of: visits, from: began, within: [{time: 1 day}]", ["REF001"]),
        ("of: visit, from: created_at, within: [{time: day, at_most: 2 weeks}]", []),
        ("of: visit, from: created_at, within: [{time: a}]", ["DUR002"]),
        ("of: visit, from: created_at, within: [{time: 1 day}], calendar: office", ["REF001"]),
        ("of: visit, from: created_at, within: [{time: 1 day}], day_ends: noon", ["SLA001"]),
        ("of: visit, from: created_at, within: [{time: 1 day}], pause: stat == 'open'", ["EXPR003"]),
        ("of: visit, from: created_at, within: [{time: 1 day}], escalate: [{at: missed + 4 hours}]", []),
        ("of: visit, from: created_at, within: [{time: 1 day}], escalate: [{at: missed + soon}]", ["SLA002"]),
        (
            "of: visit, from: created_at, within: [{time: 1 day}], escalate: [{at: 80 %, notify: [head]}]",
            ["REF006"],
        ),
    ],
)
def test_service_levels(level: str, expected: list[str]) -> None:
    """Ends, times, calendars and escalations of clocks."""
    text = visit("a: {type: text}, day: {type: date}") + f"service_levels: {{answer: {{{level}}}}}\n"
    assert codes(text) == expected


def test_a_name_in_a_shared_section_may_be_meant_only_once() -> None:
    """Two regimes that declare it make it ambiguous; the full name is always clear."""
    regimes = {
        f"config/regimes/{name}/r.yaml": "regime: {title: x}\nrecords: {log: {fields: {a: {type: text}}}}\n"
        for name in "ab"
    }
    assert codes("roles: {boss: {can: {log: [read]}}}\n", regimes) == ["REF002"]
    assert codes("roles: {boss: {can: {a.log: [read], b.log: [read]}}}\n", regimes) == []


def test_a_regime_sees_its_own_then_what_it_uses_then_shared_names() -> None:
    """And nothing of other regimes."""
    other = {"config/regimes/b/r.yaml": "regime: {title: x}\nrecords: {log: {fields: {a: {type: text}}}}\n"}
    mine = "records: {trip: {fields: {l: {type: link, to: log}, s: {type: link, to: site}}}}\n"
    used = other | {"config/regimes/a/r.yaml": "regime: {title: x, uses: [b]}\n" + mine}
    assert codes("{}\n", used) == []
    alone = other | {"config/regimes/a/r.yaml": "regime: {title: x}\n" + mine}
    assert codes("{}\n", alone) == ["REF001"]


def test_what_is_lost_with_an_earlier_fault_is_not_reported_again() -> None:
    """One slip in a field's type does not turn every use of the field into a fault."""
    text = "records: {v: {label: '{a}', fields: {a: {type: txt}, b: {type: text, show: a}}, list: {columns: [a]}}}\n"
    files = {"config/portal.yaml": "portal: {title: x}\n", "config/case.yaml": text}
    decoded = decode_parts(parse_files({path: body.encode() for path, body in files.items()}))
    assert [one.code for one in decoded.diagnostics] == ["SPEC009"]
    assert run_checks(decoded.portal, decoded=decoded) == ()
    assert run_checks(decoded.portal) != ()
