"""Two people at the same revision at the same moment: whoever comes second is told, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access import Actor
from app.actions import advance_workflow as moves
from app.actions import create_record, edit_files, revisions, tuning_tables
from app.actions.advance_workflow import advance_workflow
from app.actions.edit_files import add_file, remove_file, rename_file, save_text, text_of
from app.actions.revisions import Overtaken, read_revision
from app.actions.tuning_tables import Sent, tune
from app.storage import Database, StaleRecord, find_live, list_releases
from app.workflow import TransitionRefused
from tests.support.together import Step, meet, together
from tests.unit.actions.test_release_life import FINES, applied
from tests.unit.actions.test_revisions import AMOUNT, ANNA, BERTA, WITH_EDITORS, acting, begun, hire, move

HIGH = AMOUNT.replace(".low.", ".high.")
CARLA = Actor(account_id=3, person_id=3, name="Carla", roles=frozenset({"clerk"}))


@pytest.fixture
def live(database: Database, tmp_path: Path) -> Iterator[Database]:
    """A database in which clerks may edit the configuration."""
    applied(database, tmp_path / "disk", WITH_EDITORS)
    hire(database)
    yield database
    database.session.remove()


def empty(database: Database) -> int:
    """A revision of Anna's that changes nothing yet."""
    return create_record(acting(database, ANNA), "revision", {"title": "提高罚款"}).id


def content(database: Database, revision: int) -> str:
    return text_of(read_revision(acting(database, ANNA), revision).files[FINES]).text


def test_the_same_file_saved_twice_at_once(live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One text is stored; the other is refused with the stored one beside it."""
    revision = empty(live)
    seen = text_of(read_revision(acting(live, ANNA), revision).files[FINES])
    texts = [seen.text.replace("amount: 50", f"amount: {value}") for value in (61, 62)]
    meet(monkeypatch, edit_files, "write_revision")

    def saving(actor: Actor, text: str) -> Step:
        return lambda: save_text(acting(live, actor), revision, FINES, text, seen.seen)

    found = together(live, saving(ANNA, texts[0]), saving(BERTA, texts[1]))
    (refused,) = (one for one in found if isinstance(one, Overtaken))
    stored = content(live, revision)
    assert stored in texts and found.count(text_of(stored.encode()).seen) == 1
    assert text_of(refused.theirs).text == stored and FINES in str(refused)


@pytest.mark.parametrize("second", ["rename", "remove"])
def test_a_file_that_is_saved_and_taken_away_at_once(
    live: Database, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    """What was typed is not thrown away with the file, nor does it bring back what was moved."""
    revision = empty(live)
    seen = text_of(read_revision(acting(live, ANNA), revision).files[FINES])
    text, moved = seen.text.replace("amount: 50", "amount: 61"), FINES.replace(".yaml", "_2.yaml")
    meet(monkeypatch, edit_files, "write_revision")
    takes: dict[str, Step] = {
        "rename": lambda: rename_file(acting(live, BERTA), revision, FINES, moved),
        "remove": lambda: remove_file(acting(live, BERTA), revision, FINES),
    }
    saved, taken = together(
        live, lambda: save_text(acting(live, ANNA), revision, FINES, text, seen.seen), takes[second]
    )
    files = read_revision(acting(live, ANNA), revision).files
    assert isinstance(saved, Overtaken) != isinstance(taken, Overtaken)
    if isinstance(saved, Overtaken):
        assert FINES not in files and saved.theirs is None
    else:
        assert files[FINES].decode() == text and moved not in files


def test_the_same_new_file_twice_at_once(live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is a fault: the second is told that there is one, and what it holds stays."""
    revision, path = empty(live), "config/regimes/r/new.yaml"
    meet(monkeypatch, edit_files, "write_revision")
    found = together(live, *(lambda: add_file(acting(live, ANNA), revision, path) for _ in range(2)))
    assert sum(isinstance(one, Overtaken) for one in found) == 1
    assert read_revision(acting(live, ANNA), revision).files[path] == b"# \n"


def test_two_values_of_one_table_at_once(live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are written though they stand in one file."""
    revision = empty(live)
    meet(monkeypatch, tuning_tables, "write_revision")

    def tuning(actor: Actor, *sent: Sent) -> Step:
        return lambda: tune(acting(live, actor), revision, "amounts", sent)

    found = together(
        live, tuning(ANNA, Sent(AMOUNT, "50", "61")), tuning(BERTA, Sent(HIGH, "200", "222", "B3"))
    )
    assert [one for one in found if isinstance(one, Exception)] == []
    assert "amount: 61" in content(live, revision) and "amount: 222" in content(live, revision)


@pytest.mark.parametrize("whole", [False, True], ids=["typed", "spreadsheet"])
def test_the_same_value_at_once(live: Database, monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    """One is written; the other is told whose cell was overtaken, and writes nothing."""
    revision = empty(live)
    meet(monkeypatch, tuning_tables, "write_revision")

    def tuning(actor: Actor, value: str) -> Step:
        sent = [Sent(AMOUNT, "50", value, "D2")]
        return lambda: tune(acting(live, actor), revision, "amounts", sent, whole)

    done = together(live, tuning(ANNA, "61"), tuning(BERTA, "62"))
    assert sorted(str(one.overtaken) for one in done) == sorted(["()", f"('{AMOUNT}',)"])  # type: ignore[attr-defined]
    (kept,) = (one.changed[AMOUNT] for one in done if one.changed)  # type: ignore[attr-defined]
    assert f"amount: {kept}" in content(live, revision)


def test_the_same_content_in_two_revisions_at_once(live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contents are stored once; that somebody else stores the same one just now is no fault."""
    both, text = [empty(live), empty(live)], "# the very same\n"
    path = "config/regimes/r/same.yaml"
    meet(monkeypatch, revisions, "write_files")
    if live.is_sqlite:
        monkeypatch.undo()  # One transaction at a time: they cannot meet inside of it.

    def writing(actor: Actor, revision: int) -> Step:
        return lambda: revisions.write_revision(acting(live, actor), revision, {path: text.encode()})

    assert together(live, writing(ANNA, both[0]), writing(BERTA, both[1])) == [None, None]
    assert {read_revision(acting(live, ANNA), one).files[path] for one in both} == {text.encode()}


EVENTS = [
    ((), "submit", "submit", {"submitted"}),
    ((), "submit", "drop", {"submitted", "dropped"}),
    (("submit",), "approve", "approve", {"approved"}),
    (("submit",), "approve", "send_back", {"approved", "editing"}),
    (("submit", "approve"), "apply", "apply", {"applied"}),
    (("submit", "approve"), "apply", "send_back", {"applied", "editing"}),
]


@pytest.mark.parametrize(
    ("before", "first", "second", "after"), EVENTS, ids=[f"{one[1]}-{one[2]}" for one in EVENTS]
)
def test_two_transitions_at_once(
    live: Database,
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[str, ...],
    first: str,
    second: str,
    after: set[str],
) -> None:
    """One is made, the other refused in words; a release comes of it once at most."""
    revision = begun(live, {AMOUNT: "80"})
    for event in before:
        move(live, ANNA if event == "submit" else BERTA, revision, event)
    context = acting(live, ANNA)
    version = read_revision(context, revision).record.version
    live.session.remove()
    if not live.is_sqlite:
        meet(monkeypatch, moves, "store_changes")

    def moving(actor: Actor, event: str) -> Step:
        return lambda: advance_workflow(acting(live, actor), "revision", revision, event, version=version)

    found = together(live, moving(BERTA, first), moving(CARLA, second))
    refused = [one for one in found if isinstance(one, StaleRecord | TransitionRefused)]
    assert len(refused) == 1 and str(refused[0])
    state = read_revision(acting(live, ANNA), revision).record.values["state"]
    newest = find_live(live)
    assert state in after and newest is not None
    assert newest.number == (2 if state == "applied" else 1)
    context = acting(live, ANNA)
    assert len(list_releases(context.session, 10)) == newest.number
