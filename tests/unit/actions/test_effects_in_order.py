"""Effects of a transition happen in the order written: what comes after a `set` reads what was set."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from tests.support.offices import Office, office_from

CONFIG = {
    "config/roles.yaml": """
        roles:
          hr: {title: 人事, can: {r.case: [create, read, take], r.step: [read], task: [read]}}
        """,
    "config/regimes/r/all.yaml": """
        records:
          case:
            title: 事项
            label: "{title}"
            workflow: case
            fields:
              title: {type: text, title: 名称}
              handler: {type: person, title: 经办}
              due: {type: date, title: 期限}
              tries: {type: integer, title: 次数, default: 0}
              double: {type: formula, title: 两倍, formula: tries * 2, gives: integer}
          step:
            title: 步骤
            fields:
              case: {type: link, to: case, title: 事项}
              who: {type: person, title: 谁}
              tries: {type: integer, title: 次数}
              why: {type: text, title: 说明}
        workflows:
          case:
            start: open
            states: {open: {title: 开}, taken: {title: 已接}}
            transitions:
              take:
                title: 接手
                from: [open, taken]
                to: taken
                do:
                  - {create: {record: step, with: {case: this, who: handler, tries: tries, why: "'before'"}}}
                  - {set: {handler: me, due: today + days(3), tries: tries + 1}}
                  - {create: {record: step, with: {who: handler.superior, tries: double, why: "'after'"}}}
                  - {notify: [handler]}
                  - {task: {title: 办理, to: [handler], due: due}}
                  - {set: {tries: tries + 1}, when: tries >= 2}
                  - {create: {record: step, with: {tries: tries, why: "'last'"}}, when: tries > 2}
        """,
}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return office_from(database, tmp_path, CONFIG)


def rows(office: Office, record_type: str, *names: str) -> list[tuple[object, ...]]:
    table = office.models.tables[record_type]
    with office.database.reading() as session:
        found = session.execute(table.select().order_by(table.c.id)).all()
    return [tuple(getattr(row, name) for name in names) for row in found]


def test_what_follows_a_set_reads_what_was_set(office: Office) -> None:
    """Who took the case, that person's superior, the formula over it, and by when it is to be done."""
    made = create_record(office.as_("hr", "hr"), "r.case", {"title": "漏水"}).id
    advance_workflow(office.as_("hr", "hr"), "r.case", made, "take")
    hr, boss = office.people["hr"], office.people["boss"]
    assert rows(office, "r.step", "why", "who_id", "tries") == [("before", None, 0), ("after", boss, 2)]
    assert rows(office, "message", "person_id") == [(hr,)]
    ((assignee, due),) = rows(office, "task", "assignee_id", "due_at")
    case = office.read("r.case", made).values
    assert (assignee, case["handler"], case["due"]) == (hr, hr, date(2026, 3, 5))
    assert due is not None and case["tries"] == 1


def test_conditions_of_later_effects_go_by_it_too(office: Office) -> None:
    """The second time two are reached, so one more is added, and then the last step is made."""
    made = create_record(office.as_("hr", "hr"), "r.case", {"title": "漏水"}).id
    for _ in range(2):
        advance_workflow(office.as_("hr", "hr"), "r.case", made, "take")
    assert rows(office, "r.step", "why", "tries") == [
        ("before", 0), ("after", 2), ("before", 1), ("after", 4), ("last", 3),
    ]  # fmt: skip
    assert office.read("r.case", made).values["tries"] == 3
