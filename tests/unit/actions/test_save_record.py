"""Creating, changing and deleting records: rights, rules, numbers, audit, conflicts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.access import AccessDenied
from app.actions import InvalidRecord, create_record, delete_record, save_record
from app.storage import Database, RecordGone, RecordInUse, StaleRecord, history_of, verify_audit
from tests.support.offices import Office, office_from
from tests.support.portals import NOW

CONFIG = {
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can:
              unit: [read]
              person: [read]
              r.slip: [create, read, update, delete]
              r.topic: [read, create]
          head:
            title: 店长
            can:
              unit: [read]
              person: ["read where unit == me.unit"]
              r.slip: [create unit, read subtree, update unit]
          staff:
            title: 员工
            can: {r.slip: [read own, update own]}
            hide: {r.slip: [cost]}
            read_only: {r.slip: [due]}
          writer: {title: 书写, can: {r.slip: [create own]}}
        """,
    "config/regimes/r/records.yaml": """
        choices:
          level: {ordered: true, options: {low: 低, high: 高}}
        workflows:
          slip:
            start: open
            states: {open: {title: 开}, closed: {title: 关, final: true, locked: true}}
            transitions: {close: {from: open, to: closed, by: [role.hr]}}
        records:
          topic:
            title: 专题
            fields: {title: {type: text, title: 名称, required: true, unique: true}}
          slip:
            title: 反馈单
            number: "FK-{now:%Y%m}-{unit.code}-{seq:03d}"
            label: "{number} {title}"
            workflow: slip
            fields:
              title: {type: text, title: 标题, required: true, max: 20, pattern: "[^<>]*"}
              unit: {type: unit, title: 部门, required: true, default: me.unit}
              addressee: {type: person, title: 责任人, owner: true, where: unit == this.unit}
              topic: {type: link, to: topic, title: 专题}
              witnesses: {type: links, to: person, title: 见证人, max: 2}
              level:
                type: choice
                title: 等级
                options: level
                options_when: [{when: urgent, options: [high]}, {options: [low, high]}]
              urgent: {type: boolean, title: 紧急, default: false}
              reason: {type: long_text, title: 理由, show: urgent, required: urgent}
              due: {type: date, title: 期限, min: today, default: today + days(3)}
              cost: {type: money, title: 费用, min: 0, max: "1000"}
              hours: {type: decimal, title: 工时, places: 1}
              total:
                {type: formula, gives: money, title: 合计, formula: "coalesce(cost, 0) + sum(lines, amount)"}
              double: {type: formula, gives: money, title: 两倍, formula: total * 2}
              lines:
                type: lines
                title: 明细
                fields:
                  what: {type: text, title: 措施, required: true}
                  who: {type: person, title: 负责人}
                  count: {type: integer, title: 数量, min: 1, default: 1}
                  price: {type: money, title: 单价}
                  amount: {type: formula, gives: money, title: 金额, formula: count * price}
              settled: {type: text, title: 结论, read_only: "state == 'closed'"}
              stamped: {type: text, title: 系统填写, read_only: true}
        """,
}
SLIP = "r.slip"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation with slips, on both databases."""
    return office_from(database, tmp_path, CONFIG)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return office_from(sqlite_database, tmp_path, CONFIG)


def errors(
    office: Office, posted: dict[str, Any], who: str = "hr", role: str = "hr"
) -> dict[str, tuple[str, ...]]:
    with pytest.raises(InvalidRecord) as caught:
        create_record(office.as_(who, role), SLIP, posted)
    return dict(caught.value.errors)


def test_create_fills_computes_numbers_and_audits(office: Office) -> None:
    """Text becomes values, defaults and formulas are worked out, the number names month and unit, and one
    audit entry says who did it."""
    shop, cook = office.units["shop"], office.people["cook"]
    posted = {
        "title": " 地面 ",
        "unit": str(shop),
        "addressee": {"id": cook},
        "cost": "1,000.00",
        "lines": [
            {"what": "拖地", "count": "2", "price": "0.50"},
            {"what": "晾干", "who": cook, "price": 3},
            {"what": ""},
        ],
        "total": "999999",
        "stamped": "faked",
        "number": "FAKE",
        "state": "closed",
        "id": 77,
    }
    saved = create_record(office.as_("hr", "hr"), SLIP, posted)
    stored = office.read(SLIP, saved.id)
    values = stored.values
    assert values["title"] == "地面"
    assert (values["unit"], values["addressee"], values["state"]) == (shop, cook, "open")
    assert values["number"] == "FK-202603-SHOP-001"
    assert (values["urgent"], values["due"]) == (False, date(2026, 3, 5))
    lines: Any = values["lines"]
    assert [(line["what"], line["count"], line["amount"]) for line in lines] == [
        ("拖地", 2, Decimal("1.00")),
        ("晾干", 1, Decimal("3.00")),
    ]
    assert (values["total"], values["double"]) == (Decimal("1004.00"), Decimal("2008.00"))
    assert values["stamped"] is None
    assert (values["created_by"], values["created_at"]) == (office.people["hr"], NOW)
    assert saved.label == "FK-202603-SHOP-001 地面"
    with office.database.reading() as session:
        (entry,) = history_of(session, office.models, SLIP, saved.id)
        assert (entry["action"], entry["person"], entry["before"]) == ("create", "人事", None)
        assert entry["after"]["title"] == "地面"
        assert verify_audit(session, office.models).broken_at is None


def test_series_by_unit_and_month(office: Office) -> None:
    """Each unit has its own series, which begins again each month; a refused record leaves no gap."""
    numbers = []
    for unit, now in (("shop", NOW), ("other", NOW), ("shop", NOW), ("shop", NOW + timedelta(days=40))):
        context = office.as_("hr", "hr", now=now)
        saved = create_record(context, SLIP, {"title": "a", "unit": office.units[unit]})
        numbers.append(office.read(SLIP, saved.id).values["number"])
        with pytest.raises(InvalidRecord):
            create_record(context, SLIP, {"title": "", "unit": office.units[unit]})
    assert numbers == [
        "FK-202603-SHOP-001",
        "FK-202603-OTHER-001",
        "FK-202603-SHOP-002",
        "FK-202604-SHOP-001",
    ]


def test_every_fault_at_once(local: Office) -> None:
    """All faults come together, each at its own path, those of lines too."""
    found = errors(
        local,
        {
            "title": "x" * 21,
            "unit": "",
            "cost": "12.345",
            "due": "2026-02-30",
            "urgent": "yes",
            "level": "low",
            "witnesses": [1, 2, 3],
            "ghost": 1,
            "lines": [{"what": "a", "count": 0}, {"count": "many"}, {"what": "c", "price": "1"}],
        },
    )
    assert found == {
        "title": ("at most 20 characters",),
        "unit": ("this must be filled in",),
        "cost": ("at most 2 digits after the point",),
        "due": ("write a date as 2026-01-31",),
        "reason": ("this must be filled in",),
        "level": ("'低' cannot be chosen here",),
        "witnesses": ("at most 2 are possible",),
        "ghost": ("there is no field of this name",),
        "lines.0.count": ("not less than 1",),
        "lines.1.what": ("this must be filled in",),
        "lines.1.count": ("write a number",),
    }


@pytest.mark.parametrize(
    ("posted", "path", "message"),
    [
        ({"cost": -1}, "cost", "not less than 0"),
        ({"cost": "1000.01"}, "cost", "not more than 1000"),
        ({"due": "2026-03-01"}, "due", "not less than 2026-03-02"),
        ({"title": "<b>"}, "title", "this is not written in the way that is asked for"),
        ({"level": "huge"}, "level", "'huge' is not one of the options"),
        ({"hours": "1.25"}, "hours", "at most 1 digits after the point"),
        ({"topic": 99}, "topic", "choose a record from the list"),
        ({"witnesses": [1, 999]}, "witnesses", "choose a record from the list"),
        ({"lines": [{"what": "a", "who": 999}]}, "lines.0.who", "choose a record from the list"),
        ({"lines": "x"}, "lines", "the lines cannot be read"),
        (
            {"lines": [{"id": 5, "what": "a"}]},
            "lines",
            "a line of '明细' no longer exists or belongs to another record",
        ),
        ({"title": "a\x00b"}, "title", "there is a character that cannot be kept"),
    ],
)
def test_one_fault(local: Office, posted: dict[str, Any], path: str, message: str) -> None:
    """Each limit has words of its own, and nothing is written."""
    assert errors(local, {"title": "t", "unit": local.units["shop"], **posted}) == {path: (message,)}
    assert count(local) == 0


def test_link_must_fit_its_where(local: Office) -> None:
    """A person of another unit is no addressee of this one."""
    posted = {"title": "t", "unit": local.units["shop"], "addressee": local.people["other_cook"]}
    assert errors(local, posted) == {"addressee": ("this record cannot be chosen here",)}


def test_link_must_be_visible(local: Office) -> None:
    """What the actor may not read cannot be chosen: a head sees only the own people."""
    posted = {"title": "t", "unit": local.units["shop"], "witnesses": [local.people["other_cook"]]}
    assert errors(local, posted, "head", "head") == {"witnesses": ("choose a record from the list",)}
    posted["witnesses"] = [local.people["cook"]]
    assert create_record(local.as_("head", "head"), SLIP, posted).id


def test_hidden_value_is_dropped(local: Office) -> None:
    """What a form does not show is not stored; hiding it later empties it; who may not see it keeps it."""
    context = local.as_("hr", "hr")
    base = {"title": "t", "unit": local.units["shop"]}
    made = create_record(context, SLIP, {**base, "reason": "sneaked in"})
    assert local.read(SLIP, made.id).values["reason"] is None
    save_record(context, SLIP, made.id, {"urgent": True, "reason": "leak", "level": "high"}, 1)
    assert local.read(SLIP, made.id).values["reason"] == "leak"
    save_record(context, SLIP, made.id, {"urgent": False}, 2)
    assert local.read(SLIP, made.id).values["reason"] is None


def test_rows_before_and_after(local: Office) -> None:
    """Nobody changes rows of others, gives own rows away, or makes rows for others."""
    shop, other = local.units["shop"], local.units["other"]
    made = create_record(local.as_("head", "head"), SLIP, {"title": "t", "unit": shop})
    with pytest.raises(AccessDenied, match="not among the rows"):
        create_record(local.as_("head", "head"), SLIP, {"title": "t", "unit": other})
    with pytest.raises(AccessDenied, match="not among the rows"):
        save_record(local.as_("head", "head"), SLIP, made.id, {"unit": other}, 1)
    with pytest.raises(RecordGone):
        save_record(local.as_("other_head", "head"), SLIP, made.id, {"title": "mine"}, 1)
    with pytest.raises(AccessDenied, match="grants 'create'"):
        create_record(local.as_("cook", "staff"), SLIP, {"title": "t", "unit": shop})
    with pytest.raises(AccessDenied, match="no record type"):
        create_record(local.as_("boss", "administrator"), "r.ghost", {})
    assert local.read(SLIP, made.id).values["unit"] == shop
    assert create_record(local.as_("cook", "writer"), SLIP, {"title": "mine"}).id


def test_owner_cannot_give_away(local: Office) -> None:
    """Who holds a row only as its owner cannot hand it to somebody else."""
    hr = local.as_("hr", "hr")
    base = {"title": "t", "unit": local.units["shop"], "addressee": local.people["cook"]}
    made = create_record(hr, SLIP, base)
    cook = local.as_("cook", "staff")
    save_record(cook, SLIP, made.id, {"title": "changed"}, 1)
    with pytest.raises(AccessDenied, match="not among the rows"):
        save_record(cook, SLIP, made.id, {"addressee": None}, 2)


def test_hidden_and_read_only_fields_are_not_written(local: Office) -> None:
    """Values for fields that a role hides or locks are left out of account, without a word."""
    made = create_record(
        local.as_("hr", "hr"),
        SLIP,
        {
            "title": "t",
            "unit": local.units["shop"],
            "addressee": local.people["cook"],
            "cost": 5,
            "due": "2026-04-01",
        },
    )
    save_record(local.as_("cook", "staff"), SLIP, made.id, {"cost": 9, "due": "2026-05-01", "title": "u"}, 1)
    values = local.read(SLIP, made.id).values
    assert (values["cost"], values["due"], values["title"]) == (Decimal("5.00"), date(2026, 4, 1), "u")


def test_second_editor_learns_of_the_first(office: Office) -> None:
    """The later save is refused with both values, and the earlier one stays."""
    context = office.as_("hr", "hr")
    made = create_record(context, SLIP, {"title": "t", "unit": office.units["shop"]})
    assert save_record(context, SLIP, made.id, {"title": "first", "cost": 1}, 1).version == 2
    with pytest.raises(StaleRecord) as caught:
        save_record(office.as_("head", "hr"), SLIP, made.id, {"title": "second"}, 1)
    assert caught.value.theirs["title"] == "first"
    assert caught.value.by == "人事"
    assert office.read(SLIP, made.id).values["title"] == "first"
    assert save_record(context, SLIP, made.id, {"title": "first"}, 2).version == 2


def test_update_audits_only_what_changed(local: Office) -> None:
    """The trail shows old and new value of changed fields, and nothing for a save that changes nothing."""
    context = local.as_("hr", "hr")
    made = create_record(context, SLIP, {"title": "t", "unit": local.units["shop"], "cost": 5})
    save_record(context, SLIP, made.id, {"title": "t", "cost": "6", "unit": local.units["shop"]}, 1)
    save_record(context, SLIP, made.id, {"title": "t", "cost": "6.00"}, 2)
    with local.database.reading() as session:
        newest, _ = history_of(session, local.models, SLIP, made.id)
    assert newest["before"] == {"cost": "5.00", "total": "5.00", "double": "10.00"}
    assert newest["after"] == {"cost": "6.00", "total": "6.00", "double": "12.00"}


def test_limits_spare_what_nobody_touched(local: Office) -> None:
    """A value that an earlier release allowed may stay while another field is changed."""
    context = local.as_("hr", "hr", now=NOW)
    made = create_record(context, SLIP, {"title": "t", "unit": local.units["shop"]})
    later = local.as_("hr", "hr", now=NOW + timedelta(days=30))
    save_record(later, SLIP, made.id, {"title": "u", "due": "2026-03-05"}, 1)
    with pytest.raises(InvalidRecord):
        save_record(later, SLIP, made.id, {"due": "2026-03-06"}, 2)


def test_unique_across_records(office: Office) -> None:
    """The database's own refusal comes at the field, in words."""
    context = office.as_("hr", "hr")
    create_record(context, "r.topic", {"title": "一"})
    with pytest.raises(InvalidRecord) as caught:
        create_record(context, "r.topic", {"title": "一"})
    assert caught.value.errors == {"title": ("another record already has this value of '名称'",)}
    create_record(context, "r.topic", {"title": "二"})


def test_delete(local: Office) -> None:
    """Deleting needs its right, leaves an audit entry, and spares what is still used."""
    context = local.as_("hr", "hr")
    topic = create_record(context, "r.topic", {"title": "一"})
    made = create_record(context, SLIP, {"title": "t", "unit": local.units["shop"], "topic": topic.id})
    with pytest.raises(AccessDenied):
        delete_record(local.as_("head", "head"), SLIP, made.id)
    with pytest.raises(RecordInUse):
        delete_record(local.as_("boss", "administrator"), "r.topic", topic.id)
    delete_record(context, SLIP, made.id)
    with pytest.raises(RecordGone):
        delete_record(context, SLIP, made.id)
    with local.database.reading() as session:
        newest, _ = history_of(session, local.models, SLIP, made.id)
    assert (newest["action"], newest["after"]) == ("delete", None)


def test_nothing_stays_behind_after_a_failure(local: Office) -> None:
    """A refused action leaves the session usable and the database as it was."""
    context = local.as_("hr", "hr")
    with pytest.raises(InvalidRecord):
        create_record(
            context, SLIP, {"title": "t", "unit": local.units["shop"], "lines": [{"id": 9, "what": "x"}]}
        )
    assert count(local) == 0
    assert create_record(context, SLIP, {"title": "t", "unit": local.units["shop"]}).label.startswith(
        "FK-202603-SHOP-001"
    )


def count(office: Office) -> int:
    with office.database.reading() as session:
        return len(session.execute(office.models.tables[SLIP].select()).all())


def test_moments_without_zone_are_local(local: Office) -> None:
    """A posting date typed in the portal's zone is stored in UTC."""
    context = local.as_("boss", "administrator")
    made = create_record(
        context, "penalty", {"person": local.people["cook"], "notified_at": "2026-03-02T08:00"}
    )
    assert local.read("penalty", made.id).values["notified_at"] == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
