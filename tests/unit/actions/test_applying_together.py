"""Releases that several people apply at the same moment: one goes into service, the others are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access import SYSTEM
from app.actions import advance_workflow as moves
from app.actions import publish_release as publishing
from app.actions import roll_back as going_back
from app.actions.advance_workflow import advance_workflow
from app.actions.configurations import read_folder
from app.actions.publish_release import Draft, Published, ReleaseRefused, publish_release
from app.actions.revisions import read_revision, write_revision
from app.actions.roll_back import roll_back
from app.storage import Database, find_live, inspect_schema, list_releases
from app.storage.publishing import hold_publishing
from app.workflow import TransitionRefused
from tests.support.portals import NOW, write_files
from tests.support.together import Step, meet, together
from tests.unit.actions.test_release_life import RECORDS, a_visit, applied
from tests.unit.actions.test_revisions import AMOUNT, ANNA, BERTA, WITH_EDITORS, acting, begun, hire, move

ONLY_POSTGRESQL = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


@pytest.fixture
def live(database: Database, tmp_path: Path) -> Iterator[Database]:
    """A database with a record in it, in which clerks may edit and apply the configuration."""
    applied(database, tmp_path / "disk", WITH_EDITORS)
    hire(database)
    a_visit(database)
    yield database
    database.session.remove()


def with_field(name: str) -> str:
    """The record types with a field more, so that a table is changed."""
    return WITH_EDITORS[RECORDS].replace("fields: {", f"fields: {{{name}: {{type: text}}, ")


def columns(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect_schema(connection).tables["r__visit"])


def one_won(database: Database, *names: str) -> None:
    """One release came of it, with its field and not the other's."""
    newest = find_live(database)
    assert newest is not None and newest.number == 2
    with database.reading() as session:
        assert [one.number for one in list_releases(session, 10)] == [2, 1]
    assert len(columns(database) & set(names)) == 1


def test_two_folders_are_applied_at_once(
    live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were planned from the same release: the second is refused, and told to plan again."""
    meet(monkeypatch, publishing, "refuse_loss")

    def applying(name: str) -> Step:
        found = read_folder(write_files(tmp_path / name, {**WITH_EDITORS, RECORDS: with_field(name)}))
        assert found.portal is not None
        draft = Draft(found.files, found.portal, 1)
        return lambda: publish_release(live, draft, SYSTEM, NOW)

    found = together(live, applying("first"), applying("second"))
    assert sum(isinstance(one, Published) for one in found) == 1
    (refused,) = (one for one in found if isinstance(one, ReleaseRefused))
    assert "plan again" in str(refused)
    one_won(live, "first", "second")


def test_two_revisions_are_applied_at_once(live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them is in service; the other stays approved, and whoever applied it is told why."""
    revisions = [begun(live, {AMOUNT: value}) for value in ("81", "82")]
    for number, name in zip(revisions, ("first", "second"), strict=True):
        write_revision(acting(live, ANNA), number, {RECORDS: with_field(name).encode()})
        move(live, ANNA, number, "submit")
        move(live, BERTA, number, "approve")
    live.session.remove()
    if not live.is_sqlite:
        meet(monkeypatch, moves, "store_changes")

    def applying(number: int) -> Step:
        return lambda: advance_workflow(acting(live, BERTA), "revision", number, "apply")

    found = together(live, *(applying(number) for number in revisions))
    (refused,) = (one for one in found if isinstance(one, TransitionRefused))
    assert "plan again" in refused.message()
    states = [read_revision(acting(live, ANNA), one).record.values["state"] for one in revisions]
    assert sorted(map(str, states)) == ["applied", "approved"]
    one_won(live, "first", "second")


def test_two_go_back_at_once(live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One way back is gone; a double click makes no second release."""
    applied(live, tmp_path / "disk", {**WITH_EDITORS, RECORDS: with_field("first")})
    meet(monkeypatch, going_back, "transaction")

    def going() -> object:
        return roll_back(acting(live, BERTA), 1, 2, allow_loss=("r__visit.first",))

    found = together(live, going, going)
    assert sum(isinstance(one, Published) for one in found) == 1
    (refused,) = (one for one in found if isinstance(one, ReleaseRefused))
    assert "plan again" in str(refused)
    newest = find_live(live)
    assert newest is not None and newest.number == 3


@ONLY_POSTGRESQL
def test_nobody_waits_with_tables_in_hand(live: Database, tmp_path: Path) -> None:
    """While somebody applies, whoever has read tables in their transaction is refused at once: the two would
    wait for each other."""
    revision = begun(live, {AMOUNT: "81"})
    move(live, ANNA, revision, "submit")
    move(live, BERTA, revision, "approve")
    with live.writing() as session:
        hold_publishing(session)
        with pytest.raises(TransitionRefused, match="somebody else is applying"):
            move(live, BERTA, revision, "apply")
        with pytest.raises(ReleaseRefused, match="somebody else is applying"):
            roll_back(acting(live, BERTA), 1, 1)
    move(live, BERTA, revision, "apply")
    newest = find_live(live)
    assert newest is not None and newest.number == 2
