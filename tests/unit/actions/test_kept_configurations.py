"""What was decoded is kept: starts read no YAML, and open no checklist that nobody asked for."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from app.access import SYSTEM
from app.actions import configurations
from app.actions.configurations import read_folder, stored_release
from app.actions.publish_release import Draft, publish_release
from app.release import Release, compile_release
from app.release.comparing import compare_portals
from app.spec.checklists import Checklist
from app.spec.portal import Portal
from app.spec.sealed import Sealed
from app.storage import Database, find_live
from tests.support.portals import NOW, write_files

BASE, HEIR, OTHER = (f"checklists/r/{name}.yaml" for name in ("base", "heir", "other"))
FILES = {
    "config/regimes/r/all.yaml": """
        records:
          visit:
            title: 检查
            fields: {score: {type: checklist, options: [heir, other]}, any: {type: checklist}}
    """,
    BASE: "title: 底\nsections: [{id: s, items: [{id: one, title: 一, points: 3}]}]\n",
    HEIR: "title: 承\nextends: base\nsections: [{id: t, items: [{id: two, title: 二, points: 5}]}]\n",
    OTHER: "title: 他\nsections: [{id: s, items: [{id: three, title: 三, points: 7}]}]\n",
}


def publish(database: Database, root: Path, files: dict[str, str]) -> Portal:
    found = read_folder(write_files(root, files))
    assert found.portal is not None, [one.message() for one in found.faults]
    live = find_live(database)
    draft = Draft(found.files, found.portal, live.number if live is not None else 0)
    publish_release(database, draft, SYSTEM, NOW)
    return found.portal


def stored(database: Database) -> Release:
    live = find_live(database)
    assert live is not None
    return stored_release(database, live.number)


def points(portal: Portal, name: str) -> dict[str, object]:
    return {item.id: item.points for _, item in portal.checklists[name].items()}


def _refuse(*_args: object, **_kwargs: object) -> object:
    raise AssertionError("this must not be needed")


def test_a_stored_release_is_the_one_that_was_read(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No YAML is read for it; names, titles, items and places are those of the files."""
    portal = publish(database, tmp_path / "root", FILES)
    monkeypatch.setattr(configurations, "parse_files", _refuse)
    release = stored(database)
    assert release.portal == portal
    assert release.records["r.visit"].fields["score"].checklists == ("r.heir", "r.other")
    assert release.records["r.visit"].fields["any"].checklists == ("r.base", "r.heir", "r.other")
    assert dict(release.names) == dict(compile_release(portal).names)
    assert (release.names["r.heir"], len(release.names)) == ("承", len(dict(release.names)))
    places = [item.span for _, item in portal.checklists["r.heir"].items()]
    assert [item.span for _, item in release.portal.checklists["r.heir"].items()] == places


def test_no_checklist_is_opened_before_it_is_asked_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by compiling nor by comparing; then it is opened once."""
    portal = publish(database, tmp_path / "root", FILES)
    release = stored(database)
    with monkeypatch.context() as closed:
        closed.setattr("app.spec.sealed.pickle.loads", _refuse)
        assert compile_release(release.portal).records["r.visit"].fields["score"].checklists
        assert compare_portals(release.portal, portal) == ()
    first = release.portal.checklists["r.other"]
    monkeypatch.setattr("app.spec.sealed.pickle.loads", _refuse)
    assert release.portal.checklists["r.other"] is first
    with pytest.raises(KeyError):
        release.portal.checklists["r.unknown"]


def test_only_what_its_files_may_have_changed_is_closed_anew(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checklist whose base changed says something else, though its own file is the same."""
    publish(database, tmp_path / "root", FILES)
    dumped: list[object] = []
    dumps = pickle.dumps

    def noted(value: object, protocol: int | None = None) -> bytes:
        dumped.append(value)
        return dumps(value, protocol)

    monkeypatch.setattr("app.spec.sealed.pickle.dumps", noted)
    publish(database, tmp_path / "root", {**FILES, BASE: FILES[BASE].replace("points: 3", "points: 4")})
    names = [one.full_name for one in dumped if isinstance(one, Checklist)]
    assert sorted(names) == ["r.base", "r.heir"]
    portal = stored(database).portal
    assert isinstance(portal.checklists, Sealed)
    assert points(portal, "r.base") == {"one": 4}
    assert points(portal, "r.heir") == {"one": 4, "two": 5}
    assert points(portal, "r.other") == {"three": 7}


def test_a_change_is_told_though_the_release_before_is_closed(database: Database, tmp_path: Path) -> None:
    """The same differences as between two configurations that were read."""
    before = publish(database, tmp_path / "root", FILES)
    release = stored(database)
    edited = {**FILES, OTHER: FILES[OTHER].replace("points: 7", "points: 8")}
    del edited[HEIR]
    edited["config/regimes/r/all.yaml"] = edited["config/regimes/r/all.yaml"].replace(
        "[heir, other]", "[other]"
    )
    (tmp_path / "root" / HEIR).unlink()
    after = read_folder(write_files(tmp_path / "root", edited)).portal
    assert after is not None
    told = compare_portals(release.portal, after)
    assert told == compare_portals(before, after)
    amounts = {(one.old, one.new) for one in told if one.path.startswith("r.checklists.other.")}
    assert amounts == {("7", "8")} and "r.checklists.heir" in {one.path for one in told}


@pytest.mark.parametrize("damage", [b"", b"short", None], ids=["empty", "cut", "altered"])
def test_a_damaged_kept_file_is_decoded_anew(
    database: Database, tmp_path: Path, damage: bytes | None
) -> None:
    """Whatever happened to the instance folder, the release is the stored one."""
    portal = publish(database, tmp_path / "root", FILES)
    for place in (database.instance / "cache").glob("*.portal"):
        place.write_bytes(place.read_bytes()[:-1] + b"!" if damage is None else damage)
    assert stored(database).portal == portal
    assert stored(database).portal == portal
