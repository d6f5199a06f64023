"""Audit trail, number series, outbox, releases, engine and mapping."""

from __future__ import annotations

import gc
import threading
import weakref
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.release import content_hash
from app.storage import (
    AppendOnly,
    Change,
    Database,
    Models,
    append_audit,
    build_models,
    claim,
    delete_record,
    enqueue,
    history_of,
    insert_record,
    list_releases,
    live_release,
    mark_done,
    mark_failed,
    mark_live,
    next_number,
    read_record,
    release_files,
    store_release,
    update_record,
    verify_audit,
)
from app.storage.counting import CountCache
from app.storage.database import make_engine
from app.storage.outbox import waiting
from tests.support.portals import NOW, install, release_from, stamp


@pytest.fixture
def models(database: Database, tmp_path: Path) -> Models:
    return install(database, release_from(tmp_path, {}))


def _changes(database: Database, models: Models) -> None:
    with database.writing() as session:
        person = insert_record(session, models, "person", {"name": "p"}, stamp())
        for change in (
            Change(
                "create", "person", person, "p", after={"name": "p", "phone": "13800001111", "unit": None}
            ),
            Change(
                "update",
                "person",
                person,
                "p",
                "为什么",
                before={"name": "p", "phone": "13800001111", "x": Decimal("1.50")},
                after={"name": "q", "phone": "13900002222", "x": Decimal("1.50"), "day": NOW},
            ),
            Change("delete", "person", person, "p", before={"name": "q"}),
        ):
            append_audit(session, models, stamp(person), change)


def test_entries_say_what_changed_and_hide_what_is_masked(database: Database, models: Models) -> None:
    """Only differences are kept, as JSON; a masked field shows no more than its mask."""
    _changes(database, models)
    with database.reading() as session:
        deleted, updated, created = history_of(session, models, "person", 1)
    assert (updated["person"], updated["action"], updated["detail"]) == ("p", "update", "为什么")
    assert updated["before"] == {"name": "p", "phone": "138****1111", "day": None}
    assert updated["after"] == {"name": "q", "phone": "139****2222", "day": "2026-03-02T09:30:00+00:00"}
    assert created["before"] is None and created["after"] == {"name": "p", "phone": "138****1111"}
    assert deleted["after"] is None


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE audit_entry SET record_label = 'x' WHERE id = 2",
        "UPDATE audit_entry SET person_id = NULL WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 2",
        "UPDATE audit_entry SET hash = 'x' WHERE id = 2",
    ],
    ids=["label", "who", "deleted", "hash"],
)
def test_the_trail_shows_when_it_was_touched(database: Database, models: Models, tamper: str) -> None:
    """Every entry seals all before it: a change or a gap breaks the chain at or after that place."""
    _changes(database, models)
    with database.writing() as session:
        assert verify_audit(session, models) == (report := verify_audit(session, models))
        assert (report.entries, report.broken_at) == (3, None)
        session.execute(sa.text(tamper))
        assert verify_audit(session, models).broken_at in (2, 3)


def test_entries_of_the_trail_are_never_changed(database: Database, models: Models) -> None:
    """Neither by updating nor by deleting."""
    _changes(database, models)
    with pytest.raises(AppendOnly), database.writing() as session:
        update_record(session, models, "audit_entry", 1, {"detail": "x"}, stamp(), None)
    with pytest.raises(AppendOnly), database.writing() as session:
        delete_record(session, models, "audit_entry", 1)


def test_writers_at_the_same_time_keep_one_chain_and_one_series(database: Database, models: Models) -> None:
    """Many threads that read, number, save and audit wait for each other and never fail."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(4):
                with database.writing() as session:
                    number = next_number(session, "unit")
                    unit = insert_record(session, models, "unit", {"title": f"u{number}"}, stamp())
                    append_audit(session, models, stamp(), Change("create", "unit", unit, f"u{number}"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading() as session:
        titles = set(session.scalars(sa.select(models.tables["unit"].c.title)))
        assert titles == {f"u{number}" for number in range(1, 21)}
        report = verify_audit(session, models)
    assert (report.entries, report.broken_at) == (20, None)


def test_a_reader_may_become_a_writer(database: Database, models: Models) -> None:
    """A session that has read before does not fail when another one wrote in between."""
    with database.reading() as first:
        assert first.scalar(sa.select(sa.func.count()).select_from(models.tables["unit"])) == 0
        with database.writing() as second:
            insert_record(second, models, "unit", {"title": "a"}, stamp())
        insert_record(first, models, "unit", {"title": "b"}, stamp())
        first.commit()
    with database.reading() as session:
        assert read_record(session, models, "unit", 2) is not None


def test_a_number_that_was_not_used_is_given_again(database: Database, models: Models) -> None:
    """Series are independent of each other and without gaps."""
    with database.writing() as session:
        assert [next_number(session, key) for key in ("a", "a", "b")] == [1, 2, 1]
    with pytest.raises(RuntimeError), database.writing() as session:
        assert next_number(session, "a") == 3
        raise RuntimeError
    with database.writing() as session:
        assert next_number(session, "a") == 3


def test_the_outbox_does_each_thing_once(database: Database, models: Models) -> None:
    """One row for each key; a claimed row is left alone until its lease ends; failures are tried again."""
    with database.writing() as session:
        assert enqueue(session, "k1", "notify", {"to": 1, "sum": Decimal("1.50")}, NOW)
        assert not enqueue(session, "k1", "notify", {"to": 2}, NOW)
        assert enqueue(session, "k2", "print", {}, NOW, NOW + timedelta(hours=1))
    with database.writing() as session:
        (item,) = claim(session, NOW)
    assert (item.key, item.kind, item.payload, item.attempts) == ("k1", "notify", {"to": 1, "sum": "1.50"}, 1)
    with database.writing() as session:
        assert claim(session, NOW + timedelta(minutes=1)) == ()
        (again,) = claim(session, NOW + timedelta(minutes=6))
        assert (again.id, again.attempts) == (item.id, 2)
        mark_failed(session, again.id, "no route", NOW + timedelta(minutes=30))
        assert claim(session, NOW + timedelta(minutes=20)) == ()
        assert [one.key for one in claim(session, NOW + timedelta(hours=2))] == ["k1", "k2"]
        mark_done(session, item.id, NOW)
        assert [(row[0], row[1]) for row in waiting(session)] == [("print", 1)]
        assert not enqueue(session, "k1", "notify", {}, NOW)


def test_a_release_keeps_its_files_and_repeats_cost_nothing(database: Database, models: Models) -> None:
    """Files come back byte for byte; unchanged content is stored once; the one applied last is live."""
    files = {"config/portal.yaml": "标题: 甲\r\n".encode(), "a/b.html": b"\xff\x00" * 100}
    changed = {**files, "a/b.html": b"other"}
    with database.writing() as session:
        assert live_release(session) is None
        first = store_release(session, files, stamp(), reason="begin")
        second = store_release(session, changed, stamp())
        assert release_files(session, first) == files
        assert release_files(session, second) == changed
        assert session.scalar(sa.select(sa.func.count()).select_from(models.system["file_content"])) == 3
        mark_live(session, first, NOW)
        mark_live(session, second, NOW + timedelta(seconds=1))
        live = live_release(session)
        assert live is not None and (live.number, live.title) == (second, "#2")
        mark_live(session, first, NOW + timedelta(seconds=2))
        live = live_release(session)
        assert live is not None and (live.number, live.reason) == (first, "begin")
        assert [one.number for one in list_releases(session)] == [second, first]
        record = read_record(session, models, "release", first)
    from hashlib import sha256

    assert live.hash == content_hash({path: sha256(data).hexdigest() for path, data in files.items()})
    assert record is not None and record.values["hash"] == live.hash


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://u:p@h:1/d", "postgresql+psycopg"),
        ("postgresql://h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg"),
        ("sqlite:///x.db", "sqlite"),
    ],
)
def test_database_urls_get_the_right_driver(url: str, driver: str) -> None:
    """Whatever form hosting platforms give, psycopg 3 serves PostgreSQL."""
    engine = make_engine(url)
    assert engine.url.drivername == driver
    engine.dispose()


def test_sqlite_connections_are_set_up(sqlite_database: Database) -> None:
    """Write-ahead log, foreign keys and a patient writer, on every connection."""
    with sqlite_database.engine.connect() as connection:
        found = {
            name: connection.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1}


def test_a_release_that_is_let_go_of_leaves_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    """Models can be collected once they are disposed of, though they were used."""
    release = release_from(tmp_path, {})
    install(sqlite_database, release).dispose(sqlite_database.engine)
    gone: list[weakref.ref[object]] = []
    for _ in range(2):
        models = build_models(release)
        with sqlite_database.writing() as session:
            unit = insert_record(session, models, "unit", {"title": "u"}, stamp())
            assert read_record(session, models, "unit", unit) is not None
            found = session.get(models.classes["unit"], unit)
            assert found is not None and found.parent is None  # type: ignore[attr-defined]
        gone += [weakref.ref(models.metadata), weakref.ref(models.classes["unit"])]
        models.dispose(sqlite_database.engine)
        del models, found
        session.close()
        del session
    gc.collect()
    assert [one for one in gone if one() is not None] == []


def test_mapped_rows_lead_to_what_they_link_to(sqlite_database: Database, tmp_path: Path) -> None:
    """Classes of the release have links and the account as attributes."""
    models = install(sqlite_database, release_from(tmp_path, {}))
    with sqlite_database.writing() as session:
        row = {"id": 1, "first_name": "A", "last_name": "B", "username": "ab", "email": "a@b", "active": True}
        session.execute(models.system["ab_user"].insert().values(row))
        unit = insert_record(session, models, "unit", {"title": "u"}, stamp())
        person = insert_record(
            session, models, "person", {"name": "p", "unit": unit}, stamp(), {"user_id": 1}
        )
        found = session.get(models.classes["person"], person)
        assert found.unit.title == "u" and found.superior is None  # type: ignore[union-attr]
        assert repr(found.user) == "A B"  # type: ignore[union-attr]


def test_large_counts_are_kept_for_a_while_and_small_ones_never() -> None:
    """A count is asked again when it is small or when its time is over."""
    now = [0.0]
    cache = CountCache(seconds=5, clock=lambda: now[0])
    numbers = iter([10, 11, 5000, 6000, 7000])
    taken = [cache.get(("q", "p"), lambda: next(numbers)) for _ in range(4)]
    now[0] = 5.1
    taken.append(cache.get(("q", "p"), lambda: next(numbers)))
    assert taken == [10, 11, 5000, 5000, 6000]
