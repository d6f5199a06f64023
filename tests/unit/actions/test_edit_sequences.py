"""Random sequences of valid edits: after each apply nothing is left to plan; rolled back to the first release
its hash and all the data are what they were, what was dropped on the way included."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.access import SYSTEM
from app.actions.configurations import read_files, stored_release
from app.actions.publish_release import Draft, publish_release, restored
from app.actions.release_plan import plan_release
from app.release import compile_release
from app.storage import Database, build_models, find_live, insert_record, open_database, verify_audit
from tests.support.portals import NOW, stamp

MODES = ("keep", "switch", "ask")
KINDS = ("text", "long_text", "integer", "decimal", "date", "boolean")
ALTERED = {"release", "release_id", "version", "changed_at", "changed_by_id"}
"""Columns that say by whom a row was touched, not what it holds."""


@dataclass(frozen=True)
class Config:
    """A configuration as data. fields: name -> (kind, former name) of the record type `visit`; more: further
    record types; options: name -> (label, former name); words: titles that may change."""

    fields: Mapping[str, tuple[str, str]]
    options: Mapping[str, tuple[str, str]]
    more: tuple[str, ...] = ()
    amount: int = 50
    points: int = 10
    hours: int = 2
    words: str = "检查"

    def files(self) -> dict[str, bytes]:
        """The YAML, in files."""
        record = {
            "title": self.words,
            "workflow": "visit",
            "fields": {
                "name": {"type": "text", "title": "名"},
                "received_at": {"type": "datetime", "title": "收到"},
                "grade": {"type": "choice", "title": "等级", "options": "grade"},
                "list": {"type": "checklist", "title": "表", "options": ["list"]},
                **{name: self._field(kind, was) for name, (kind, was) in self.fields.items()},
            },
        }
        options = {name: _named(title, was) for name, (title, was) in self.options.items()}
        plain = {"title": "其他", "fields": {"name": {"type": "text", "title": "名"}}}
        move = {"title": "完成", "from": "open", "to": "done"}
        rules = {
            "choices": {"grade": {"options": options}, "rank": {"ordered": True, "options": {"low": "轻"}}},
            "records": {"visit": record, **{name: plain for name in self.more}},
            "workflows": {
                "visit": {
                    "start": "open",
                    "states": {"open": {"title": "开"}, "done": {"title": "完", "final": True}},
                    "transitions": {"finish": move},
                }
            },
            "service_levels": {
                "answer": {
                    "title": "答复", "of": "visit", "from": "received_at", "to": {"state": "done"},
                    "within": [{"time": f"{self.hours} hours"}],
                }
            },
            "penalty_schedules": {
                "conduct": {
                    "title": "罚", "kind": "fine", "rank": "rank", "levels": {"low": {"amount": self.amount}},
                    "decided_by": [{"who": "role.hr"}],
                }
            },
        }  # fmt: skip
        item = {"id": "floor", "title": "地面", "points": self.points}
        checklist = {
            "title": "检查表", "of": "visit", "scoring": {"method": "deduct", "full": 1000},
            "sections": [{"id": "all", "title": "全部", "items": [item]}],
        }  # fmt: skip
        written = {
            "config/portal.yaml": {"portal": {"title": "T", "regimes": ["r"]}},
            "config/roles.yaml": {"roles": {"hr": {"title": "人事", "can": {"r.visit": ["read", "finish"]}}}},
            "config/regimes/r/regime.yaml": {"regime": {"title": "R"}},
            "config/regimes/r/all.yaml": rules,
            "checklists/r/list.yaml": checklist,
        }
        # JSON is YAML too.
        return {path: json.dumps(data, ensure_ascii=False).encode() for path, data in written.items()}

    def settled(self) -> Config:
        """The same once it is applied: nothing has a former name any more."""
        return replace(
            self,
            fields={name: (kind, "") for name, (kind, _) in self.fields.items()},
            options={name: (title, "") for name, (title, _) in self.options.items()},
        )

    def _field(self, kind: str, was: str) -> dict[str, str]:
        return {"type": kind, "title": "项", **({"was": was} if was else {})}


def _named(title: str, was: str) -> object:
    return {"title": title, "was": was} if was else title


FIRST = Config(
    fields={"note": ("text", ""), "count": ("integer", ""), "price": ("decimal", ""), "day": ("date", "")},
    options={"good": ("好", ""), "bad": ("差", "")},
    more=("shop",),
)
VALUES: tuple[dict[str, object], ...] = (
    {"name": "一", "note": "7", "count": 3, "price": Decimal("2.50"), "grade": "good", "received_at": NOW},
    {"name": "二", "note": "文字", "count": None, "grade": "bad", "day": NOW.date()},
    {"name": "三"},
)


@st.composite
def edits(draw: st.DrawFn, before: Config, fresh: list[int]) -> Config:
    """One valid edit of a configuration."""
    now = before.settled()
    kinds = ["amount", "points", "hours", "words", "add_field", "add_type", "add_option"]
    kinds += ["rename_field", "drop_field", "turn_field"] if now.fields else []
    kinds += ["drop_type"] if now.more else []
    kinds += ["rename_option", "drop_option"] if len(now.options) > 1 else []
    kind = draw(st.sampled_from(kinds))
    fresh[0] += 1
    number = fresh[0]
    if kind in ("amount", "points", "hours"):
        return replace(now, **{kind: draw(st.integers(1, 99))})  # type: ignore[arg-type]
    if kind == "words":
        return replace(now, words=f"检查{number}")
    if kind == "add_field":
        return replace(now, fields={**now.fields, f"f{number}": (draw(st.sampled_from(KINDS)), "")})
    if kind == "add_type":
        return replace(now, more=(*now.more, f"t{number}"))
    if kind == "add_option":
        return replace(now, options={**now.options, f"o{number}": ("新", "")})
    if kind == "drop_type":
        gone = draw(st.sampled_from(now.more))
        return replace(now, more=tuple(name for name in now.more if name != gone))
    if kind in ("rename_option", "drop_option"):
        return replace(now, options=_without(draw, now.options, kind == "rename_option", f"o{number}"))
    if kind == "turn_field":
        name = draw(st.sampled_from(sorted(now.fields)))
        return replace(now, fields={**now.fields, name: (draw(st.sampled_from(KINDS)), "")})
    return replace(now, fields=_without(draw, now.fields, kind == "rename_field", f"f{number}"))


def _without(
    draw: st.DrawFn, named: Mapping[str, tuple[str, str]], renamed: bool, new: str
) -> dict[str, tuple[str, str]]:
    """One of the names taken out, or called `new` from now on."""
    name = draw(st.sampled_from(sorted(named)))
    kept = {one: what for one, what in named.items() if one != name}
    return {**kept, new: (named[name][0], name)} if renamed else kept


def apply(database: Database, config: Config, mode: str, minute: int) -> int:
    """Apply a configuration with whatever it loses allowed; afterwards nothing is left to do."""
    found = read_files(config.files())
    assert found.portal is not None, [one.message() for one in found.faults]
    release, live = compile_release(found.portal), find_live(database)
    now = NOW + timedelta(minutes=minute)
    plan = plan_release(database, release, now, mode)
    if plan.empty:
        return live.number if live else 0
    base = live.number if live else 0
    draft = Draft(found.files, found.portal, base, allow_loss=plan.lossy, open_records=mode)
    number = publish_release(database, draft, SYSTEM, now).number
    again = plan_release(database, release, now)
    assert again.empty, [*again.lines()]
    return number


def rows_of(database: Database, number: int) -> dict[str, list[dict[str, object]]]:
    """What the tables of that release's record types hold."""
    release = stored_release(database, number)
    models = build_models(release)
    found = {}
    with database.reading() as session:
        for name, record in release.records.items():
            if record.spec.is_kernel:
                continue
            table = models.tables[name]
            stored = session.execute(sa.select(table).order_by(table.c.id)).mappings()
            found[name] = [{key: one for key, one in row.items() if key not in ALTERED} for row in stored]
    models.dispose()
    return found


def fill(database: Database) -> None:
    """Some visits and a shop."""
    models = build_models(stored_release(database, 1))
    with database.writing() as session:
        for values in VALUES:
            insert_record(session, models, "r.visit", {**values, "state": "open"}, stamp())
        insert_record(session, models, "r.shop", {"name": "摊"}, stamp())
    models.dispose()


def run_sequence(database: Database, data: st.DataObject, longest: int) -> None:
    """Apply a sequence, then roll back to the first release."""
    apply(database, FIRST, "keep", 0)
    fill(database)
    first, before = stored_release(database, 1).hash, rows_of(database, 1)
    config, fresh = FIRST, [0]
    for step in range(data.draw(st.integers(1, longest), label="steps")):
        config = data.draw(edits(config, fresh), label="edit")
        apply(database, config, data.draw(st.sampled_from(MODES), label="mode"), step + 1)
    now = NOW + timedelta(days=1)
    live = find_live(database)
    assert live is not None
    if live.number > 1:
        draft, release = restored(database, 1, now)
        plan = plan_release(database, release, now)
        if not plan.empty:
            publish_release(database, replace(draft, allow_loss=plan.lossy), SYSTEM, now)
            assert plan_release(database, release, now).empty
    last = find_live(database)
    assert last is not None and last.hash == first
    assert rows_of(database, last.number) == before
    with database.reading() as session:
        models = build_models(stored_release(database, last.number))
        assert verify_audit(session, models).broken_at is None
        models.dispose()


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_any_sequence_of_edits_can_be_rolled_back(data: st.DataObject) -> None:
    """On SQLite, many sequences."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database("", Path(folder) / "instance")
        try:
            run_sequence(database, data, 4)
        finally:
            database.dispose()


@pytest.mark.postgresql
@settings(
    max_examples=3,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(data=st.data())
def test_any_sequence_can_be_rolled_back_on_postgresql(postgresql: sa.URL, data: st.DataObject) -> None:
    """On PostgreSQL, a few sequences, each in a database of its own."""
    from tests.support.postgresql import fresh_database

    with tempfile.TemporaryDirectory() as folder, fresh_database(postgresql) as url:
        database = open_database(url, Path(folder) / "instance")
        try:
            run_sequence(database, data, 3)
        finally:
            database.dispose()
