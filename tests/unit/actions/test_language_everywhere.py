"""Every word of the language in every place that takes it: a table of conditions that are all true.

What cannot be used in a place (the database counts no working days) is a fault of `check`, not a surprise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from app.access import in_scope, row_scope
from app.actions import InvalidRecord, create_record, save_record
from app.actions.advance_workflow import advance_workflow, open_moves
from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.facts import record_scope, with_lookups
from app.actions.penalty_case import PenaltyRequest, build_case
from app.checks import run_checks
from app.expressions import FUNCTIONS, REGISTRY
from app.rules.given import read_case
from app.rules.schedules import compile_schedule
from app.spec.decode import load_portal
from app.storage import Database, insert_record, scope_where
from app.storage.checklist_runs import RunPlace
from tests.support.offices import Office, office_from, with_roles
from tests.support.portals import NOW, stamp, write_files

WORDS: Mapping[str, str] = {
    "own": "cost == 6",
    "this": "this.cost == cost",
    "me": "me.unit.title == 'hr' and me.superior.name == '总经理'",
    "now": "now > '2026-01-01 08:00'",
    "today": "today == '2026-03-02'",
    "link path": "boss.unit.head == boss",
    "count": "count(unit) == 4 and count(unit, parent == None) == 1",
    "count this": "count(note, job.title == this.title) == 2",
    "sum": "sum(note, hours) == 5 and sum(lines, cost) == 6",
    "min": "min(note, hours) == 2 and min(cost, 8) == 6",
    "max": "max(lines, cost) == 3",
    "avg": "avg(lines, cost) == 2",
    "median": "median(lines, cost) == 2 and median(note, hours) == 2.5",
    "share": "share(1, 4) == 25 and share(lines, cost > 1) > 66",
    "any": "any(lines, cost == 3)",
    "all": "all(lines, cost > 0)",
    "days hours minutes": "at + days(1) - hours(24) + minutes(1) > at",
    "months": "due + months(1) == '2026-04-05'",
    "working_days": "due + working_days(2) == '2026-03-09' and due - working_days(1) == '2026-03-04'",
    "date hour": "date(now) == today and date(at) == today and hour(at) == 9",
    "round": "round(cost / 4) == 2 and round(10 / cost, 2) == 1.67",
    "abs": "abs(0 - cost) == cost",
    "length": "length(title) == 2 and length(lines) == 3",
    "contains": "contains(title, '二')",
    "starts_with": "starts_with(title, '甲')",
    "coalesce": "coalesce(nothing, cost) == 6",
    "has_role": "has_role('hr') and not has_role('cook')",
    "registry": "steps(cost, 4) == 1 and clamp(cost, 0, 5) == 5",
    "choices": "'red' in colours and level >= 'middle'",
    "if": "(cost if due else 0) == 6",
    "state": "state == 'open'",
}
OLD = {"old": "old.cost == 6 and old.title == '甲二'"}
ON_SERVER = frozenset({"working_days", "registry"})
"""Words that the database does not know."""
IN_LINES = {
    "own": "cost == 2",
    "this": "this.cost == 6 and any(this.lines, cost == 3)",
    "me": "me.unit.title == 'hr'",
    "today": "today == '2026-03-02' and now > '2026-01-01 08:00'",
    "count": "count(unit) == 4",
    "working_days": "this.due + working_days(2) == '2026-03-09'",
    "has_role": "has_role('hr')",
    "registry": "steps(cost, 2) == 1",
}
IN_LINKS = {
    "own": "hours == 2",
    "this": "this.cost == 6 and any(this.lines, cost == 3)",
    "this path": "job.title == this.title",
    "me": "me.unit.title == 'hr' and created_by == me",
    "today": "today == '2026-03-02' and now > '2026-01-01 08:00'",
    "has_role": "has_role('hr')",
    "contains": "contains(job.title, '二')",
    "coalesce": "coalesce(hours, 0) + 1 == 3",
    "count": "count(unit) == 4",
}
IN_CASES = {
    "level": "level >= 'fault'",
    "fact": "cost == 6 and spotted and due == '2026-03-05'",
    "offender": "offender.unit.title == 'shop' and offender.superior.name == '店长'",
    "unit": "unit.title == 'shop'",
    "me": "me.unit.title == 'hr'",
    "today": "today == '2026-03-02' and now > '2026-01-01 08:00'",
    "count": "count(unit) == 4 and sum(note, hours) == 5 and median(note, hours) == 2.5",
    "months": "due + months(1) == '2026-04-05'",
    "working_days": "due + working_days(2) == '2026-03-09'",
    "round": "round(cost / 4) == 2",
    "coalesce": "coalesce(nothing, cost) == 6",
    "registry": "steps(cost, 4) == 1",
    "if": "(cost if spotted else 0) == 6",
}
IN_CHECKLISTS = {
    "answer": "answer('first') == 'pass' and answer('heat') > 3",
    "score": "score() > 90 and score() <= 100",
}
PORTAL = """
portal: {title: Test, regimes: [r], timezone: UTC, calendar: office}
calendars: {office: {hours: {mon-fri: ["09:00-17:00"]}}}
"""
BASE = """
choices:
  level: {ordered: true, options: {low: 低, middle: 中, high: 高}}
  colour: {options: {red: 红, green: 绿, blue: 蓝}}
records:
  note:
    title: 便条
    fields: {job: {type: link, to: job, title: 事项}, hours: {type: decimal, title: 工时}}
  job:
    title: 事项
    workflow: w
    %s
    fields:
      title: {type: text, title: 题}
      boss: {type: person, title: 主管}
      cost: {type: money, title: 费用}
      nothing: {type: money, title: 空}
      level: {type: choice, title: 等级, options: level}
      colours: {type: choices, title: 颜色, options: colour}
      due: {type: date, title: 期限}
      at: {type: datetime, title: 时间}
      lines: {type: lines, title: 明细, fields: {cost: {type: money, title: 费用}%s}}
      remark: {type: text, title: 备注}
%s
"""
WORKFLOW = """
workflows:
  w: {start: open, states: {open: {}, done: {final: true}}, transitions: {end: {from: open, to: done}}}
"""
JOB, NOTE = "r.job", "r.note"


@dataclass
class Place:
    """A configuration in which the words stand: fields of the job, of its lines, what goes with them."""

    fields: str = ""
    lines: str = ""
    job: str = ""
    rest: str = WORKFLOW
    roles: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        verbs = "[create, read, update]"
        every = f"{{job: {verbs}, note: {verbs}, unit: [read], person: [read], penalty: [read]}}"
        roles = {"hr": every, "cook": every, **self.roles}
        return {
            "config/portal.yaml": PORTAL,
            "config/roles.yaml": "roles:\n" + "".join(f"  {k}: {{can: {can}}}\n" for k, can in roles.items()),
            "config/regimes/r/all.yaml": BASE % (self.job, self.lines, self.fields) + self.rest,
            **self.more,
        }


def each(words: Mapping[str, str], row: str) -> list[str]:
    """The row for each word: `@` stands for the condition, `#` for its number."""
    texts = (text.replace('"', '\\"') for text in words.values())
    return [row.replace("#", str(at)).replace("@", text) for at, text in enumerate(texts)]


def fields_of(words: Mapping[str, str], row: str, name: str = "w") -> str:
    """A field of the job for each word, named w0, w1, ..."""
    return "".join(f"      {one}\n" for one in each(words, f"{name}#: {row}"))


def wrong(words: Mapping[str, str], found: Mapping[str, object], expected: object = True) -> list[str]:
    """The words that came out otherwise."""
    return [word for at, word in enumerate(words) if found.get(f"w{at}") != expected]


def values_of(office: Office) -> dict[str, object]:
    return {
        "title": "甲二",
        "boss": office.people["head"],
        "cost": Decimal(6),
        "level": "high",
        "colours": ("red", "green"),
        "due": date(2026, 3, 5),
        "at": NOW,
        "lines": tuple({"cost": Decimal(cost)} for cost in (1, 2, 3)),
    }


def office_of(place: Place, database: Database, tmp_path: Path) -> tuple[Office, int]:
    """The place installed, with one job that two notes are about."""
    office = with_roles(office_from(database, tmp_path, place.files()), hr=("hr",))
    with database.writing() as session:
        by = stamp(office.people["hr"])
        job = insert_record(session, office.models, JOB, {**values_of(office), "state": "open"}, by)
        for hours in (2, 3):
            insert_record(session, office.models, NOTE, {"job": job, "hours": Decimal(hours)}, by)
    return office, job


@pytest.mark.parametrize(
    ("row", "value", "expected"),
    [
        ('{type: formula, gives: boolean, formula: "@"}', None, True),
        ('{type: text, show: "@"}', "kept", "kept"),
        ('{type: text, show: "not (@)"}', "given up", None),
        ('{type: text, read_only: "@"}', "refused", None),
    ],
    ids=["formula", "shown", "hidden", "read_only"],
)
def test_in_fields(
    row: str, value: str | None, expected: object, sqlite_database: Database, tmp_path: Path
) -> None:
    """What a formula gives, which posted values are kept."""
    words = {**WORDS, **OLD}
    office, job = office_of(Place(fields_of(words, row)), sqlite_database, tmp_path)
    posted = {} if value is None else {f"w{at}": value for at in range(len(words))}
    save_record(office.as_("hr"), JOB, job, {"remark": "x", **posted}, 1)
    assert wrong(words, office.read(JOB, job).values, expected) == []


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ('{type: text, required: "@"}', ""),
        ('{type: choice, options: colour, options_when: [{when: "@", options: [red]}]}', "blue"),
    ],
    ids=["required", "options_when"],
)
def test_in_demands(row: str, value: str, sqlite_database: Database, tmp_path: Path) -> None:
    """What is demanded of a field, each one told at its own name."""
    words = {**WORDS, **OLD}
    office, job = office_of(Place(fields_of(words, row)), sqlite_database, tmp_path)
    posted = {f"w{at}": value for at in range(len(words))}
    with pytest.raises(InvalidRecord) as caught:
        save_record(office.as_("hr"), JOB, job, {"remark": "x", **posted}, 1)
    assert wrong(words, {name: bool(told) for name, told in caught.value.errors.items()}) == []


def test_in_defaults(sqlite_database: Database, tmp_path: Path) -> None:
    """A new record begins with them."""
    office, _ = office_of(Place(fields_of(WORDS, '{type: boolean, default: "@"}')), sqlite_database, tmp_path)
    posted = {**values_of(office), "cost": "6.00", "due": "2026-03-05", "at": NOW.isoformat()}
    saved = create_record(office.as_("hr"), JOB, posted)
    assert wrong(WORDS, office.read(JOB, saved.id).values) == []


def test_in_form_groups(sqlite_database: Database, tmp_path: Path) -> None:
    """A group that is not shown gives up what was posted."""
    words = {**WORDS, **OLD}
    groups = ", ".join(each(words, '{group: g#, fields: [w#], show: "@"}'))
    place = Place(fields_of(words, "{type: text}"), job=f"form: [{groups}]")
    office, job = office_of(place, sqlite_database, tmp_path)
    save_record(office.as_("hr"), JOB, job, {f"w{at}": "kept" for at in range(len(words))}, 1)
    assert wrong(words, office.read(JOB, job).values, "kept") == []


def test_in_lines(sqlite_database: Database, tmp_path: Path) -> None:
    """A line's own columns, and the record around it."""
    formulas = "".join(each(IN_LINES, ', w#: {type: formula, gives: boolean, formula: "@"}'))
    office, job = office_of(Place(lines=formulas), sqlite_database, tmp_path)
    lines = [{"cost": "1"}, {"cost": "2"}, {"cost": "3"}]
    save_record(office.as_("hr"), JOB, job, {"lines": lines}, 1)
    stored = office.read(JOB, job).values["lines"]
    assert isinstance(stored, tuple) and wrong(IN_LINES, stored[1]) == []


def test_in_limits_of_links(sqlite_database: Database, tmp_path: Path) -> None:
    """The server admits what the condition admits and refuses what it does not."""
    fields = fields_of(IN_LINKS, '{type: link, to: note, where: "@"}')
    fields += fields_of(IN_LINKS, '{type: link, to: note, where: "not (@)"}', "x")
    office, job = office_of(Place(fields), sqlite_database, tmp_path)
    save_record(office.as_("hr"), JOB, job, {f"w{at}": 1 for at in range(len(IN_LINKS))}, 1)
    assert wrong(IN_LINKS, office.read(JOB, job).values, 1) == []
    with pytest.raises(InvalidRecord) as caught:
        save_record(office.as_("hr"), JOB, job, {f"x{at}": 1 for at in range(len(IN_LINKS))}, 1)
    told = {name.replace("x", "w"): bool(said) for name, said in caught.value.errors.items()}
    assert wrong(IN_LINKS, told) == []


def test_in_row_scopes(database: Database, tmp_path: Path) -> None:
    """The rows that a role reaches: the same in SQL, and one by one in Python."""
    words = {word: text for word, text in WORDS.items() if word not in ON_SERVER}
    words["has_role"] = "has_role('w24') and not has_role('cook')"
    grants = each(words, '{job: [{verb: read, where: "@"}]}')
    roles = {f"w{at}": grant for at, grant in enumerate(grants)}
    words_at = list(words).index("has_role")
    roles[f"w{words_at}"] = roles[f"w{words_at}"].replace("w24", f"w{words_at}")
    office, job = office_of(Place(roles=roles), database, tmp_path)
    in_sql, in_python = {}, {}
    for name in roles:
        actor = office.actor("hr", name)
        context = office.context(actor)
        scope = row_scope(office.policy, actor, "read", JOB)
        table = office.models.tables[JOB]
        where = scope_where(office.models, JOB, scope, actor, NOW)
        in_sql[name] = context.session.scalars(select(table.c.id).where(where)).all() == [job]
        paths = {path for condition in scope.conditions for path in condition.paths}
        facts = record_scope(context, office.release.records[JOB], office.read(JOB, job).values, paths)
        facts = with_lookups(context, facts, scope.conditions)
        in_python[name] = in_scope(scope, office.release.records[JOB], actor, facts)
        context.session.close()
    assert (wrong(words, in_sql), wrong(words, in_python)) == ([], [])


def test_in_transitions(sqlite_database: Database, tmp_path: Path) -> None:
    """Conditions of transitions and of effects, and the values that effects set."""
    words = {**WORDS, **OLD}
    moves = ", ".join(each(words, 'w#: {from: open, to: done, by: [role.hr], when: "@"}'))
    values = ", ".join(each(words, 'w#: "@"'))
    guarded = ", ".join(each(words, '{when: "@", set: {x#: true}}'))
    workflow = (
        "workflows: {w: {start: open, states: {open: {}, done: {final: true}}, transitions: {"
        f"go: {{from: open, to: done, by: [role.hr], do: [{{set: {{{values}}}}}, {guarded}]}}, "
        f"{moves}}}}}}}\n"
    )
    fields = fields_of(words, "{type: boolean}") + fields_of(words, "{type: boolean}", "x")
    office, job = office_of(Place(fields, rest=workflow), sqlite_database, tmp_path)
    ready = {option.name: option.ready for option in open_moves(office.as_("hr"), JOB, job)}
    assert wrong(WORDS, ready) == []
    advance_workflow(office.as_("hr"), JOB, job, "go")
    stored = office.read(JOB, job).values
    done = {f"w{at}": stored[f"x{at}"] for at in range(len(words))}
    assert (wrong(words, stored), wrong(words, done)) == ([], [])


CHECKLIST = """
title: 检查表
of: job
scoring: {method: deduct, full: 100}
sections:
  - id: all
    title: 全部
    items:
      - {id: first, title: 首项}
      - {id: heat, title: 温度, answer: number}
%s
      - id: failing
        title: 不合格
        on_fail: {class: breach, with: {%s}}
"""


def test_in_checklists(sqlite_database: Database, tmp_path: Path) -> None:
    """Items asked on a condition, and what a finding is given."""
    words = {word: text for word, text in WORDS.items() if word != "this"} | {"this": "this.cost == 6"}
    asked = {**words, **IN_CHECKLISTS}
    items = "".join(
        f"      - {{id: w{at}, title: t, when: {one}}}\n" for at, one in enumerate(each(asked, '"@"'))
    )
    given = ", ".join(each(words, 'w#: "@"'))
    finding = "".join(f"      {one}\n" for one in each(words, "w#: {type: boolean}"))
    place = Place(
        "      run: {type: checklist, title: 表, options: [list], finding: found}\n"
        "  found:\n    title: 问题\n    fields:\n      class: {type: text}\n" + finding,
        more={"checklists/r/list.yaml": CHECKLIST % (items, given)},
    )
    office, job = office_of(place, sqlite_database, tmp_path)
    here = RunPlace(JOB, job, "run")
    answers = {"first": GivenAnswer("pass"), "heat": GivenAnswer("4"), "failing": GivenAnswer("fail")}
    answers |= {f"w{at}": GivenAnswer("pass") for at in range(len(asked))}
    done = submit_checklist(office.as_("hr"), here, "r.list", answers)
    seen = {one.id: True for one in done.result.asked}
    assert wrong(asked, seen) == []
    (ident,) = done.findings
    assert wrong(words, office.read("r.found", ident).values) == []


SCHEDULE = """
choices: {rank: {ordered: true, options: {minor: 轻, fault: 重}}}
penalty_schedules:
  conduct:
    title: 违纪
    facts: {cost: {type: money}, nothing: {type: money}, due: {type: date}, spotted: {type: boolean}}
    rank: rank
    levels: {minor: 10, fault: 50}
    exempt: [%s]
"""


def test_in_penalty_schedules(sqlite_database: Database, tmp_path: Path) -> None:
    """Facts, the people of that day, counts of other records."""
    rules = ", ".join(each(IN_CASES, '{when: "@"}'))
    place = Place(more={"config/regimes/r/tariff.yaml": SCHEDULE % rules})
    office, job = office_of(place, sqlite_database, tmp_path)
    context = office.as_("hr")
    schedule = compile_schedule(office.release.portal, office.release.portal.penalty_schedules["r.conduct"])
    cook = office.people["cook"]
    request = PenaltyRequest("r.conduct", JOB, job, "fault", cook, {"spotted": True}, occurred_at=NOW)
    case = build_case(context, schedule, request, office.read(JOB, job))
    given = read_case(schedule, case).at_level(schedule, schedule.levels["fault"])
    held = {f"w{at}": rule.when.holds(given.scope) for at, rule in enumerate(schedule.exempt)}
    assert wrong(IN_CASES, held) == []


def test_the_table_holds_the_whole_language() -> None:
    """A function that is added to the language is added here."""
    told = " ".join([*WORDS.values(), *IN_CHECKLISTS.values()])
    assert [name for name in (*FUNCTIONS, *REGISTRY) if f"{name}(" not in told] == []


NOT_THERE = {
    "a row scope": ("steps(cost, 4) == 1", Place(roles={"x": "{job: [{verb: read, where: '@'}]}"})),
    "days in a row scope": (
        "due + working_days(1) > today",
        Place(roles={"x": "{job: [{verb: read, where: '@'}]}"}),
    ),
    "old in a row scope": ("old.cost == 6", Place(roles={"x": "{job: [{verb: read, where: '@'}]}"})),
    "a link": ("steps(hours, 4) == 1", Place("      x: {type: link, to: note, where: '@'}\n")),
    "a role in a case": ('has_role("hr")', Place(more={"config/regimes/r/t.yaml": SCHEDULE % "{when: '@'}"})),
}


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_a_place_cannot_do_is_a_fault(name: str, tmp_path: Path) -> None:
    """Said by `check`, so that it is never found out while somebody works."""
    text, place = NOT_THERE[name]
    files = {path: content.replace("@", text) for path, content in place.files().items()}
    portal, _ = load_portal(write_files(tmp_path, files))
    assert portal is not None
    assert [one.code for one in run_checks(portal) if one.severity == "error"] == ["EXPR012"]


def test_working_days_need_the_calendar_of_the_portal(tmp_path: Path) -> None:
    """Without one nothing can be counted, and `check` says so."""
    place = Place("      x: {type: date, default: today + working_days(3)}\n")
    files = place.files() | {"config/portal.yaml": "portal: {title: Test, regimes: [r]}\n"}
    portal, _ = load_portal(write_files(tmp_path, files))
    assert portal is not None
    found = [one for one in run_checks(portal) if one.severity == "error"]
    assert [(one.code, "calendar" in one.hint_text()) for one in found] == [("EXPR012", True)]
