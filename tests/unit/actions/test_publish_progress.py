"""How far an apply has come with open records, told to whoever asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access import SYSTEM
from app.actions.configurations import read_folder
from app.actions.publish_progress import LOST_AFTER, Applying, noted, read_applying
from app.actions.publish_release import Draft, publish_release
from app.storage import Database
from tests.support.houses import FILES, NEW, House
from tests.support.portals import write_files


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> Iterator[House]:
    """The first release, with two people."""
    made = House(sqlite_database, tmp_path / "root")
    made.apply(FILES)
    made.hire("hr", "cook")
    yield made
    sqlite_database.session.remove()


def test_it_is_seen_while_it_lasts(tmp_path: Path) -> None:
    """Another process reads it; it is gone after the end, and after a fault."""
    heard: list[tuple[int, int]] = []
    assert read_applying(tmp_path) is None
    with (
        pytest.raises(InterruptedError),
        noted(tmp_path, lambda count, of: heard.append((count, of))) as tell,
    ):
        tell(1, 4)
        found = read_applying(tmp_path)
        assert found == Applying(1, 4) and found.percent == 25
        raise InterruptedError
    assert read_applying(tmp_path) is None and heard == [(1, 4)]


def test_a_process_that_died_is_not_waited_for(tmp_path: Path) -> None:
    """After a minute without a word nothing is shown; half a file is no fault."""
    place = tmp_path / "cache" / "applying.json"
    place.parent.mkdir()
    place.write_text('{"count": 3, "of": 9}', encoding="utf-8")
    assert read_applying(tmp_path) == Applying(3, 9)
    long_ago = place.stat().st_mtime - LOST_AFTER - 1
    os.utime(place, (long_ago, long_ago))
    assert read_applying(tmp_path) is None
    place.write_text('{"count"', encoding="utf-8")
    assert read_applying(tmp_path) is None


def test_no_room_for_the_note_is_no_fault(tmp_path: Path) -> None:
    """A release is not lost because nobody can be told how far it is."""
    (tmp_path / "cache").write_text("where a folder should be", encoding="utf-8")
    heard: list[tuple[int, int]] = []
    with noted(tmp_path, lambda *told: heard.append(told)) as tell:
        tell(1, 4)
        assert read_applying(tmp_path) is None
    assert heard == [(1, 4)]


def test_an_apply_tells_its_records(house: House) -> None:
    """The last word is that all have gone over, and nothing is left behind."""
    for title in ("a", "b", "c"):
        house.case(title)
    found = read_folder(write_files(house.root, NEW))
    assert found.portal is not None
    heard: list[tuple[int, int]] = []
    draft = Draft(found.files, found.portal, 1, open_records="switch")
    publish_release(house.database, draft, SYSTEM, house.now, progress=lambda *told: heard.append(told))
    assert heard[-1] == (3, 3) and read_applying(house.database.instance) is None
