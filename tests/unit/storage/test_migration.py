"""From a release to a database: first creation, change by change, and what is never lost."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_appbuilder import Model as LibraryModel
from flask_appbuilder.security.sqla import models as library_models

from app.spec.field_types import FIELD_TYPES
from app.storage import (
    Database,
    ListQuery,
    MigrationPlan,
    Models,
    PlanRefused,
    apply_migration,
    build_models,
    insert_record,
    inspect_schema,
    list_records,
    plan_for,
    read_record,
)
from app.storage.accounts import add_account_tables
from app.storage.columns import COLUMN_TYPES
from app.storage.conversion import conversion_risk
from app.storage.values import _PREPARE
from tests.support.portals import NOW, install, release_from, stamp

OLD = """
records:
  slip:
    title: Slip
    fields:
      title: {type: text}
      amount: {type: decimal, places: 2}
      note: {type: text}
      unit: {type: unit}
      steps: {type: lines, fields: {what: {type: text}, who: {type: person}}}
    list: {search: [title]}
"""


def _models(tmp_path: Path, text: str, name: str = "new") -> Models:
    return build_models(release_from(tmp_path / name, {"config/regimes/r/slip.yaml": text}))


def _plan(database: Database, models: Models) -> MigrationPlan:
    with database.engine.connect() as connection:
        return plan_for(connection, models)


@pytest.fixture
def old(database: Database, tmp_path: Path) -> Models:
    """The first release, installed, with one slip in it."""
    models = install(database, release_from(tmp_path / "old", {"config/regimes/r/slip.yaml": OLD}))
    with database.writing() as session:
        person = insert_record(session, models, "person", {"name": "p"}, stamp())
        values = {
            "title": "一二三",
            "amount": Decimal("12.50"),
            "note": "42",
            "steps": [{"what": "x", "who": person}],
        }
        insert_record(session, models, "r.slip", values, stamp())
    return models


def _migrate(database: Database, models: Models, *allowed: str) -> MigrationPlan:
    """Plan, apply, and see that nothing is left to do."""
    plan = _plan(database, models)
    apply_migration(database.engine, models, plan, NOW, allowed)
    assert _plan(database, models).operations == ()
    return plan


def _said(plan: MigrationPlan) -> list[tuple[str, str, str, str]]:
    return [(one.op, one.table, one.column, one.risk) for one in plan.operations]


def test_an_empty_database_is_created_in_one_go(database: Database, tmp_path: Path) -> None:
    """Every table of the release, the accounts included, with keys and indexes; a second plan is empty."""
    models = _models(tmp_path, OLD)
    plan = _migrate(database, models)
    assert {one.op for one in plan.operations} == {"create_table", "add_index"}
    assert all(one.risk == "safe" for one in plan.operations)
    found = sa.inspect(database.engine)
    assert {"r__slip", "r__slip__steps", "person", "ab_user", "ab_user_role", "answer"} <= set(
        found.get_table_names()
    )
    keys = {
        (key["constrained_columns"][0], key["referred_table"]) for key in found.get_foreign_keys("r__slip")
    }
    assert {("unit_id", "unit"), ("created_by_id", "person"), ("release_id", "release")} <= keys
    assert json.dumps(plan.as_json()[0]) == (
        '{"op": "create_table", "table": "ab_user", "column": null, "risk": "safe"}'
    )


def test_the_accounts_are_the_librarys_own(tmp_path: Path) -> None:
    """Our copy of the account tables has the columns, types, keys and indexes that the library expects."""
    ours = sa.MetaData()
    add_account_tables(ours)
    theirs = LibraryModel.metadata
    assert library_models.User.__tablename__ in theirs.tables

    def described(metadata: sa.MetaData) -> dict[str, object]:
        return {
            name: (
                {column.name: (str(column.type), column.nullable) for column in table.columns},
                {(key.parent.name, key.target_fullname, key.ondelete) for key in table.foreign_keys},
                {(str(one.name), tuple(one.columns.keys()), bool(one.unique)) for one in table.indexes},
            )
            for name, table in metadata.tables.items()
            if name.startswith("ab_")
        }

    assert described(ours) == described(theirs)


def test_adding_is_safe_and_keeps_what_is_stored(database: Database, tmp_path: Path, old: Models) -> None:
    """New types, fields, lines, links and indexes come in beside the rows that are there."""
    added = """\
      who: {type: person}
      others: {type: links, to: person}
    list: {search: [title, note]}
  other: {title: Other, fields: {slip: {type: link, to: slip}}}
"""
    text = OLD.replace("note: {type: text}", "note: {type: text, index: true}")
    text = text.replace("    list: {search: [title]}\n", added)
    models = _models(tmp_path, text)
    plan = _migrate(database, models)
    assert ("add_column", "r__slip", "who_id", "safe") in _said(plan)
    assert ("create_table", "r__other", "", "safe") in _said(plan)
    assert ("create_table", "r__slip__others", "", "safe") in _said(plan)
    assert plan.unsafe == ()
    with database.writing() as session:
        record = read_record(session, models, "r.slip", 1)
        assert record is not None and record.values["amount"] == Decimal("12.50")
        insert_record(session, models, "r.slip", {"note": "四五", "who": 1, "others": [1]}, stamp())
        for word, count in (("二三", 1), ("四五", 1), ("一二三", 1)):
            assert list_records(session, models, ListQuery("r.slip", search=word), date.min).total == count


def test_names_that_change_keep_their_data(database: Database, tmp_path: Path, old: Models) -> None:
    """`was` renames tables, child tables and columns; what named the record type follows."""
    with database.writing() as session:
        values = {"record_type": "r.slip", "record_id": 1, "file_name": "f"}
        insert_record(session, old, "attachment", values, stamp())
    text = OLD.replace("slip:\n    title: Slip", "card:\n    was: slip\n    title: Card")
    text = text.replace("title: {type: text}", "words: {type: text, was: title}").replace(
        "[title]", "[words]"
    )
    text = text.replace("unit: {type: unit}", "place: {type: unit, was: unit}")
    text = text.replace("steps: {type: lines", "parts: {type: lines, was: steps")
    text = text.replace("what: {type: text}", "which: {type: text, was: what}")
    models = _models(tmp_path, text)
    plan = _migrate(database, models)
    assert [one for one in _said(plan) if one[0].startswith("rename")] == [
        ("rename_table", "r__card", "", "safe"),
        ("rename_table", "r__card__parts", "", "safe"),
        ("rename_column", "r__card", "words", "safe"),
        ("rename_column", "r__card", "place_id", "safe"),
        ("rename_column", "r__card__parts", "which", "safe"),
    ]
    assert plan.unsafe == ()
    with database.reading() as session:
        record = read_record(session, models, "r.card", 1)
        file = read_record(session, models, "attachment", 1)
    assert record is not None and file is not None
    assert record.values["words"] == "一二三" and file.values["record_type"] == "r.card"
    assert record.values["parts"] == ({"id": 1, "which": "x", "who": 1},)


STORED_NAMES = """
choices:
  colour: {options: {red: Red, blue: Blue}}
workflows:
  life:
    start: open
    states: {open: {title: Open}, shut: {title: Shut, final: true}}
    transitions: {shut: {from: open, to: shut}}
records:
  slip:
    title: Slip
    workflow: life
    fields:
      colour: {type: choice, options: colour}
      colours: {type: choices, options: colour}
      photos: {type: photos}
      steps: {type: lines, fields: {colour: {type: choice, options: colour}}}
"""


def test_names_that_are_values_change_in_the_rows(database: Database, tmp_path: Path) -> None:
    """Options, states and the fields of files follow `was`, wherever the old name is stored; only once."""
    models = install(database, release_from(tmp_path / "old", {"config/regimes/r/slip.yaml": STORED_NAMES}))
    with database.writing() as session:
        photo = insert_record(session, models, "attachment", {"file_name": "f"}, stamp())
        values = {"colour": "red", "colours": ["blue", "red"], "photos": [photo], "state": "open",
                  "steps": [{"colour": "red"}, {"colour": "blue"}]}  # fmt: skip
        insert_record(session, models, "r.slip", values, stamp())
        insert_record(session, models, "r.slip", {"colours": ["blue"]}, stamp())
    text = STORED_NAMES.replace("red: Red", "scarlet: {title: Red, was: red}")
    text = text.replace("photos: {type: photos}", "pictures: {type: photos, was: photos}")
    text = text.replace("start: open", "start: fresh").replace(
        "open: {title: Open}", "fresh: {title: Open, was: open}"
    )
    new = _models(tmp_path, text.replace("from: open", "from: fresh"))
    plan = _migrate(database, new)
    assert {(one.op, one.table, one.column) for one in plan.operations} == {
        ("rename_option", "r__slip", "colour"),
        ("rename_option", "r__slip", "colours"),
        ("rename_option", "r__slip", "state"),
        ("rename_option", "r__slip__steps", "colour"),
        ("move_rows", "attachment", "field"),
    }
    with database.reading() as session:
        record = read_record(session, new, "r.slip", 1)
    assert record is not None
    assert (record.values["colour"], record.values["colours"]) == ("scarlet", ["blue", "scarlet"])
    assert (record.values["state"], record.values["pictures"]) == ("fresh", (photo,))
    assert [line["colour"] for line in record.values["steps"]] == ["scarlet", "blue"]  # type: ignore[union-attr,index,call-overload]


def test_what_is_no_longer_declared_is_kept_and_comes_back(
    database: Database, tmp_path: Path, old: Models
) -> None:
    """Retiring needs leave where something is stored, loses nothing, and is undone by declaring again."""
    text = OLD.replace("      note: {type: text}\n", "").replace("      unit: {type: unit}\n", "")
    models = _models(tmp_path, text)
    plan = _plan(database, models)
    assert [one for one in _said(plan) if one[0] == "retire_column"] == [
        ("retire_column", "r__slip", "note", "lossy"),
        ("retire_column", "r__slip", "unit_id", "safe"),
    ]
    with pytest.raises(PlanRefused, match=r"r__slip\.note"):
        apply_migration(database.engine, models, plan, NOW)
    assert _said(_plan(database, models)) == _said(plan), "a refused plan must leave no trace"
    _migrate(database, models, "r__slip.note")
    back = _models(tmp_path, OLD, "back")
    assert ("restore_column", "r__slip", "note", "safe") in _said(_migrate(database, back))
    with database.reading() as session:
        record = read_record(session, back, "r.slip", 1)
    assert record is not None and record.values["note"] == "42"


def test_a_whole_type_can_go_and_come_back(database: Database, tmp_path: Path, old: Models) -> None:
    """The table of a type that is gone stays; its rows are served again when it returns."""
    gone = _models(tmp_path, "records:\n  other: {title: Other, fields: {title: {type: text}}}\n")
    plan = _migrate(database, gone, "r__slip", "r__slip__steps")
    assert ("retire_table", "r__slip", "", "lossy") in _said(plan)
    back = _models(tmp_path, OLD, "back")
    assert ("restore_table", "r__slip", "", "safe") in _said(_migrate(database, back, "r__other"))
    with database.reading() as session:
        assert read_record(session, back, "r.slip", 1) is not None


@pytest.mark.parametrize(
    ("old_field", "new_field", "risk", "kept"),
    [
        (
            "amount: {type: decimal, places: 2}",
            "amount: {type: decimal, places: 4}",
            "safe",
            Decimal("12.5000"),
        ),
        ("amount: {type: decimal, places: 2}", "amount: {type: decimal, places: 1}", "safe", Decimal("12.5")),
        ("amount: {type: decimal, places: 2}", "amount: {type: integer}", "lossy", 12),
        ("amount: {type: decimal, places: 2}", "amount: {type: text}", "safe", "12.50"),
        ("note: {type: text}", "note: {type: integer}", "safe", 42),
        ("note: {type: text}", "note: {type: date}", "lossy", None),
        ("note: {type: text}", "note: {type: choices, options: {a: A}}", "safe", ["42"]),
    ],
    ids=["wider", "narrower_fits", "narrower", "to_text", "to_integer", "no_date", "to_options"],
)
def test_types_change_with_their_values(
    database: Database, tmp_path: Path, old: Models, old_field: str, new_field: str, risk: str, kept: object
) -> None:
    """The risk is what the stored values say; what fits is carried over, the rest needs leave."""
    models = _models(tmp_path, OLD.replace(old_field, new_field))
    plan = _plan(database, models)
    (change,) = [one for one in plan.operations if one.op == "change_type"]
    assert change.risk == risk
    if risk != "safe":
        with pytest.raises(PlanRefused):
            apply_migration(database.engine, models, plan, NOW)
    _migrate(database, models, change.name)
    with database.reading() as session:
        record = read_record(session, models, "r.slip", 1)
        old_value = session.execute(sa.text(f'SELECT "{change.column}__old1" FROM r__slip')).scalar()
    assert record is not None and record.values[change.column] == kept
    assert old_value is not None


def test_values_that_are_not_unique_stop_the_plan(database: Database, tmp_path: Path, old: Models) -> None:
    """A field that becomes unique is refused while values repeat, whatever is allowed."""
    models = _models(tmp_path, OLD.replace("note: {type: text}", "note: {type: text, unique: true}"))
    assert _plan(database, models).unsafe == ()
    with database.writing() as session:
        insert_record(session, old, "r.slip", {"note": "42"}, stamp())
    plan = _plan(database, models)
    (index,) = plan.unsafe
    assert (index.op, index.rows) == ("add_index", 1)
    with pytest.raises(PlanRefused):
        apply_migration(database.engine, models, plan, NOW, {index.name, "r__slip", "r__slip.note"})


def test_a_failing_migration_leaves_nothing_behind(database: Database, tmp_path: Path, old: Models) -> None:
    """DDL is part of the transaction: after an error the schema is as it was."""
    with database.engine.connect() as connection:
        before = inspect_schema(connection)
    models = _models(
        tmp_path, OLD.replace("note: {type: text}", "note: {type: text}\n      more: {type: text}")
    )
    plan = _plan(database, models)
    broken = MigrationPlan((*plan.operations, plan.operations[0]))
    with pytest.raises(sa.exc.DBAPIError):
        apply_migration(database.engine, models, broken, NOW)
    with database.engine.connect() as connection:
        assert inspect_schema(connection) == before


def test_the_plan_reads_as_words(database: Database, tmp_path: Path, old: Models) -> None:
    """One line for each change, with its risk before it."""
    text = OLD.replace("note: {type: text}", "remark: {type: text, was: note}\n      more: {type: boolean}")
    plan = _plan(database, _models(tmp_path, text))
    assert plan.text() == (
        "safe     rename column r__slip.note to remark\nsafe     add column r__slip.more (boolean)"
    )


def test_tables_of_others_are_left_alone(database: Database, tmp_path: Path, old: Models) -> None:
    """A table that is not of our making is neither reported nor touched."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    assert _plan(database, _models(tmp_path, OLD)).operations == ()


def test_every_field_type_has_a_column_and_a_value_rule() -> None:
    """The tables keyed by field type cover exactly the closed set."""
    assert set(COLUMN_TYPES) == set(_PREPARE) == set(FIELD_TYPES)


@pytest.mark.parametrize(
    ("old_type", "new_type", "risk"),
    [
        ("bigint", "text", "safe"),
        ("scaled_int_2", "scaled_int_6", "safe"),
        ("numeric(18,6)", "numeric(18,2)", "lossy"),
        ("bigint", "numeric(18,2)", "question"),
        ("date", "timestamp with time zone", "safe"),
        ("timestamp with time zone", "date", "lossy"),
        ("text", "date", "question"),
        ("jsonb", "text", "question"),
        ("date", "bigint", "lossy"),
    ],
)
def test_the_risk_of_a_change_follows_from_its_types(old_type: str, new_type: str, risk: str) -> None:
    """Without looking at values: what always fits, what must be looked at, what gives something up."""
    assert conversion_risk(old_type, new_type) == risk
