"""A configuration changed in the browser: written, checked, approved by a second person, applied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from app.access import AccessDenied, Actor, compile_policy
from app.actions import Context, create_record, save_record
from app.actions.advance_workflow import advance_workflow
from app.actions.configurations import stored_release
from app.actions.revisions import (
    plan_revision,
    read_revision,
    rebase_revision,
    tune_revision,
    write_revision,
)
from app.release.tuning import UnknownRow
from app.source import untranslated
from app.storage import (
    Database,
    RecordGone,
    build_models,
    find_live,
    history_of,
    insert_record,
    list_releases,
)
from app.workflow import TransitionRefused
from tests.support.portals import NOW, stamp
from tests.unit.actions.test_release_life import FINES, applied, changed

AMOUNT = "r.penalty_schedules.conduct.levels.low.amount"
EDITORS = (
    "[read, create]",
    "[read, create], revision: [create, read, update, submit, send_back, approve, apply, drop]",
)
WITH_EDITORS = changed(roles=EDITORS)
ANNA = Actor(account_id=1, person_id=1, name="Anna", roles=frozenset({"clerk"}))
BERTA = Actor(account_id=2, person_id=2, name="Berta", roles=frozenset({"clerk"}))


@pytest.fixture
def live(database: Database, tmp_path: Path) -> Database:
    """A database in which clerks may edit the configuration."""
    applied(database, tmp_path / "disk", WITH_EDITORS)
    hire(database)
    return database


def hire(database: Database) -> None:
    """Anna, Berta and Carla, as persons 1, 2 and 3."""
    models = build_models(stored_release(database, 1), mapped=False)
    with database.writing() as session:
        for name in ("Anna", "Berta", "Carla"):
            insert_record(session, models, "person", {"name": name}, stamp())
    models.dispose()


def acting(database: Database, actor: Actor, **more: object) -> Context:
    """What actions are given when `actor` acts under the live release."""
    found = find_live(database)
    assert found is not None
    release = stored_release(database, found.number)
    given: dict[str, object] = {
        "release": release,
        "policy": compile_policy(release),
        "models": build_models(release),
        "session": database.session(),
        "actor": actor,
        "now": NOW,
        "translate": untranslated,
        "instance": database.instance,
    }
    return Context(**(given | more))  # type: ignore[arg-type]


def begun(database: Database, changes: Mapping[str, str | None]) -> int:
    """Anna's revision with these values of the tuning tables."""
    context = acting(database, ANNA)
    revision = create_record(context, "revision", {"title": "提高罚款", "reason": "屡禁不止"}).id
    assert tune_revision(context, revision, changes) == 1
    return revision


def move(database: Database, actor: Actor, revision: int, *events: str) -> None:
    """Transitions, each under the release that is live then."""
    for event in events:
        advance_workflow(acting(database, actor), "revision", revision, event)


def test_from_an_amount_to_a_release(live: Database) -> None:
    """Typed into the table, submitted, approved by another, applied: the amount is in service, its comment
    still there, and the trail tells who did what."""
    revision = begun(live, {AMOUNT: "80"})
    found, plan = plan_revision(acting(live, ANNA), revision)
    assert plan is not None
    assert [(one.path, one.old, one.new) for one in plan.changes] == [(AMOUNT, "50", "80")]
    assert b"# two levels" in found.files[FINES]
    move(live, ANNA, revision, "submit")
    move(live, BERTA, revision, "approve", "apply")
    newest = find_live(live)
    assert newest is not None and (newest.number, newest.origin, newest.on_disk) == (2, "studio", False)
    low = stored_release(live, 2).portal.penalty_schedules["r.conduct"].levels["low"]
    assert str(low.amount) == "80"
    context = acting(live, ANNA)
    record = read_revision(context, revision).record
    assert record.values["state"] == "applied" and record.values["applied_as"] == 2
    trail = history_of(context.session, context.models, "revision", revision)
    done = [entry["detail"] or entry["action"] for entry in trail]
    assert FINES in done and any("批准" in one for one in done)


def test_whoever_wrote_cannot_approve(live: Database) -> None:
    """Neither the author nor anybody who changed a file of it; both may see it go back."""
    revision = begun(live, {AMOUNT: "80"})
    tune_revision(acting(live, BERTA), revision, {AMOUNT: "90"})
    move(live, ANNA, revision, "submit")
    for who in (ANNA, BERTA):
        with pytest.raises(TransitionRefused, match=r"second person|somebody else"):
            move(live, who, revision, "approve")
    boss = Actor(account_id=3, roles=frozenset({"administrator"}))
    move(live, boss, revision, "approve")
    assert find_live(live) is not None


def test_a_faulty_revision_goes_nowhere(live: Database) -> None:
    """Faults are said with their place; the portal goes on with what it has."""
    revision = begun(live, {AMOUNT: "80"})
    context = acting(live, ANNA)
    write_revision(context, revision, {FINES: b"penalty_schedules: {conduct: {kind: nonsense}}"})
    with pytest.raises(TransitionRefused) as caught:
        move(live, ANNA, revision, "submit")
    assert FINES in str(caught.value.params["place"])
    write_revision(context, revision, {FINES: WITH_EDITORS[FINES].encode()})
    assert plan_revision(context, revision)[1] is not None


def test_nothing_changed_is_nothing_to_submit(live: Database) -> None:
    """A revision that was set back to the release it is based on has no changes."""
    revision = begun(live, {AMOUNT: "80"})
    tune_revision(acting(live, ANNA), revision, {AMOUNT: "50"})
    assert read_revision(acting(live, ANNA), revision).changed == {}
    with pytest.raises(TransitionRefused, match="changes nothing"):
        move(live, ANNA, revision, "submit")


def test_a_release_in_between_is_not_overwritten(live: Database, tmp_path: Path) -> None:
    """Applying names the newer release; after rebasing both changes are in."""
    revision = begun(live, {AMOUNT: "80"})
    move(live, ANNA, revision, "submit")
    move(live, BERTA, revision, "approve")
    newer = dict(WITH_EDITORS) | {"config/portal.yaml": "portal: {title: Newer, regimes: [r]}"}
    applied(live, tmp_path / "disk", newer)
    with pytest.raises(TransitionRefused) as caught:
        move(live, BERTA, revision, "apply")
    assert caught.value.params == {"live": 2, "base": 1}
    move(live, ANNA, revision, "send_back")
    assert rebase_revision(acting(live, ANNA), revision) == ()
    move(live, ANNA, revision, "submit")
    move(live, BERTA, revision, "approve", "apply")
    portal = stored_release(live, 3).portal
    assert portal.settings.title == "Newer"
    assert str(portal.penalty_schedules["r.conduct"].levels["low"].amount) == "80"


def test_files_changed_on_both_sides_are_named(live: Database, tmp_path: Path) -> None:
    """They keep the revision's content, and want a look."""
    revision = begun(live, {AMOUNT: "80"})
    other = dict(WITH_EDITORS)
    other[FINES] = other[FINES].replace("{amount: 200}", "{amount: 300}")
    applied(live, tmp_path / "disk", other)
    assert rebase_revision(acting(live, ANNA), revision) == (FINES,)
    assert read_revision(acting(live, ANNA), revision).base == 2


@pytest.mark.parametrize(
    "path",
    ["../etc/passwd.yaml", "config/../../x.yaml", "/config/x.yaml", "config/.hidden.yaml", "app/x.yaml",
     "config/x.py", "config//x.yaml", "config\\x.yaml", f"config/{'x' * 300}.yaml"],
)  # fmt: skip
def test_only_files_of_a_configuration_can_be_written(live: Database, path: str) -> None:
    """No path leads elsewhere."""
    revision = begun(live, {AMOUNT: "80"})
    with pytest.raises(AccessDenied):
        write_revision(acting(live, ANNA), revision, {path: b"a: 1"})


def test_who_has_no_right_sees_and_writes_nothing(live: Database) -> None:
    """Rights come from the roles, and a revision that was submitted is closed."""
    revision = begun(live, {AMOUNT: "80"})
    nobody = Actor(account_id=9, roles=frozenset({"other"}))
    with pytest.raises(RecordGone):
        read_revision(acting(live, nobody), revision)
    with pytest.raises(RecordGone):
        write_revision(acting(live, nobody), revision, {FINES: b""})
    move(live, ANNA, revision, "submit")
    with pytest.raises(AccessDenied):
        tune_revision(acting(live, ANNA), revision, {AMOUNT: "90"})
    with pytest.raises(UnknownRow):
        tune_revision(acting(live, ANNA), begun(live, {AMOUNT: "70"}), {"nonsense": "1"})


def test_a_revision_may_wait_for_its_day(live: Database) -> None:
    """Applied today, in service from the day it names."""
    revision = begun(live, {AMOUNT: "80"})
    day = (NOW + timedelta(days=10)).date()
    context = acting(live, ANNA)
    save_record(context, "revision", revision, {"starts_on": day.isoformat()}, None)
    move(live, ANNA, revision, "submit")
    move(live, BERTA, revision, "approve", "apply")
    now, later = find_live(live, NOW), find_live(live, NOW + timedelta(days=10))
    assert now is not None and later is not None and (now.number, later.number) == (1, 2)
    with live.reading() as session:
        assert len(list_releases(session)) == 2
