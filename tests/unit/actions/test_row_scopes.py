"""A row scope gives the same rows in SQL as record by record in Python, whatever its conditions read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from app.access import in_scope, row_scope
from app.actions.facts import record_scope, with_lookups
from app.storage import Database, insert_record, read_records, scope_where
from tests.support.offices import Office, office_from
from tests.support.portals import NOW, stamp

GRANTS = {
    "all": "read",
    "own": "read own",
    "unit": "read unit",
    "subtree": "read subtree",
    "open": "{verb: read, where: \"state == 'open' and level >= 'middle'\"}",
    "linked": "{verb: read, where: \"boss.unit.title == 'shop'\"}",
    "mine": '{verb: read, where: "boss == me or helper.superior == me"}',
    "neighbour": '{verb: read, where: "unit.parent == me.unit.parent"}',
    "empty": '{verb: read, where: "not level"}',
    "negated": '{verb: read, where: "not (cost > 100)"}',
    "roles": "{verb: read, where: \"has_role('own') and urgent\"}",
    "chosen": "{verb: read, where: \"'red' in colours\"}",
    "lines": '{verb: read, where: "any(steps, who == me and cost > 1)"}',
    "several": '{verb: read, where: "me in people"}',
    "counted": '{verb: read, where: "count(note, job.id == this.id) > 1"}',
    "late": '{verb: read, where: "due < today or due == None and at <= now"}',
    "unit_and": '{verb: read, rows: subtree, where: "cost <= 100"}',
    "own_and": "{verb: read, rows: own, where: \"level != 'low'\"}",
    "times": '{verb: read, where: "at + days(2) > now and coalesce(cost, 0) * 2 < 150"}',
}
CONFIG = {
    "config/roles.yaml": "roles:\n"
    + "".join(f"  {role}: {{title: {role}, can: {{r.job: [{grant}]}}}}\n" for role, grant in GRANTS.items()),
    "config/regimes/r/all.yaml": """
        choices:
          level: {ordered: true, options: {low: 低, middle: 中, high: 高}}
          colour: {options: {red: 红, green: 绿}}
        workflows:
          job:
            start: open
            states: {open: {title: 开}, done: {title: 完, final: true}}
            transitions: {finish: {from: open, to: done}}
        records:
          note:
            title: 便条
            fields: {job: {type: link, to: job, title: 事项}}
          job:
            title: 事项
            workflow: job
            fields:
              unit: {type: unit, title: 部门}
              boss: {type: person, title: 主管, owner: true}
              helper: {type: person, title: 协办}
              people: {type: links, to: person, title: 人员}
              level: {type: choice, title: 等级, options: level}
              colours: {type: choices, title: 颜色, options: colour}
              urgent: {type: boolean, title: 紧急}
              cost: {type: money, title: 费用}
              due: {type: date, title: 期限}
              at: {type: datetime, title: 时间}
              steps:
                type: lines
                title: 步骤
                fields: {who: {type: person, title: 谁}, cost: {type: money, title: 费用}}
        """,
}
JOB = "r.job"
SEED = 20260302


def fill(office: Office, seed: int, count: int) -> None:
    """Random jobs, a third of each field left empty, with notes about some of them."""
    random = Random(seed)
    people, units = list(office.people.values()), list(office.units.values())

    def maybe(*options: Any) -> Any:
        return random.choice(options) if random.random() < 0.66 else None

    with office.database.writing() as session:
        for _ in range(count):
            steps = [
                {"who": maybe(*people), "cost": maybe(Decimal(1), Decimal(2))}
                for _ in range(random.randint(0, 2))
            ]
            values = {
                "state": random.choice(("open", "done")),
                "unit": maybe(*units),
                "boss": maybe(*people),
                "helper": maybe(*people),
                "people": tuple(random.sample(people, random.randint(0, 2))),
                "level": maybe("low", "middle", "high"),
                "colours": maybe(("red",), ("green",), ("red", "green")) or (),
                "urgent": maybe(True, False),
                "cost": maybe(Decimal("99.99"), Decimal(100), Decimal("100.01"), Decimal(5)),
                "due": maybe(NOW.date(), NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=1)),
                "at": maybe(NOW, NOW - timedelta(days=3), NOW + timedelta(hours=1)),
                "steps": tuple(steps),
            }
            author = maybe(*people)
            made = insert_record(session, office.models, JOB, values, stamp(author))
            for _ in range(random.randint(0, 3)):
                insert_record(session, office.models, "r.note", {"job": made}, stamp(author))


def test_sql_and_python_agree(database: Database, tmp_path: Path) -> None:
    """For every role, every pair of roles and every person, the same records are in the scope both ways."""
    office = office_from(database, tmp_path, CONFIG)
    fill(office, SEED, 30)
    record = office.release.records[JOB]
    table = office.models.tables[JOB]
    sizes = set()
    role_sets = [(role,) for role in GRANTS] + Random(SEED).sample(list(combinations(GRANTS, 2)), 5)
    for key in ("boss", "head", "cook", "other_cook"):
        for roles in role_sets:
            context = office.as_(key, *roles)
            actor = context.actor
            scope = row_scope(office.policy, actor, "read", JOB)
            where = scope_where(office.models, JOB, scope, actor, NOW)
            in_sql = set(context.session.scalars(table.select().with_only_columns(table.c.id).where(where)))
            ids = context.session.scalars(table.select().with_only_columns(table.c.id)).all()
            paths = {path for condition in scope.conditions for path in condition.paths}
            in_python = set()
            for stored in read_records(context.session, office.models, JOB, ids):
                facts = with_lookups(
                    context, record_scope(context, record, stored.values, paths), scope.conditions
                )
                if in_scope(scope, record, actor, facts):
                    in_python.add(stored.id)
            assert in_sql == in_python, (key, roles)
            sizes.add(len(in_sql))
    database.session.remove()
    assert {0, 30} < sizes
