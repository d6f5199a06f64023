"""Plan, apply, roll back, pull: what a release does to tables, rules, permissions and open work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access import SYSTEM
from app.actions.configurations import read_folder, stored_release
from app.actions.publish_release import Draft, Published, ReleaseRefused, publish_release, restored
from app.actions.pull_release import PullRefused, pull_release
from app.actions.release_plan import ReleasePlan, plan_release
from app.release import compile_release
from app.storage import (
    Database,
    build_models,
    find_live,
    insert_record,
    inspect_schema,
    list_releases,
    verify_audit,
)
from tests.support.portals import NOW, stamp, write_files

RECORDS = "config/regimes/r/records.yaml"
FINES = "config/regimes/r/fines.yaml"
ROLES = "config/roles.yaml"
GOOD: Mapping[str, str] = {
    RECORDS: """
        records:
          visit:
            title: 检查
            workflow: check
            fields: {title: {type: text}, note: {type: text}, count: {type: text}}
        workflows:
          check:
            start: open
            states: {open: {title: 开}, stuck: {title: 停}, done: {title: 完, final: true}}
            transitions:
              halt: {from: open, to: stuck, by: [role.clerk]}
              finish: {from: [open, stuck], to: done, by: [role.clerk]}
    """,
    FINES: """
        choices: {grade: {ordered: true, options: {low: 轻, high: 重}}}
        penalty_schedules:
          conduct:
            title: 罚
            kind: fine
            rank: grade
            levels: {low: {amount: 50}, high: {amount: 200}}  # two levels
            decided_by: [{who: role.clerk}]
    """,
    ROLES: "roles: {clerk: {title: 员, can: {r.visit: [read, create], penalty: [read]}}}",
}


def changed(**files: tuple[str, str]) -> dict[str, str]:
    """GOOD with one piece of text replaced in each of some files."""
    paths = {"records": RECORDS, "fines": FINES, "roles": ROLES}
    out = dict(GOOD)
    for name, (old, new) in files.items():
        assert old in out[paths[name]]
        out[paths[name]] = out[paths[name]].replace(old, new)
    return out


def planned(database: Database, root: Path, files: Mapping[str, str]) -> ReleasePlan:
    """The plan for these files."""
    portal = read_folder(write_files(root, files)).portal
    assert portal is not None
    return plan_release(database, compile_release(portal), NOW)


def applied(database: Database, root: Path, files: Mapping[str, str], **more: object) -> Published:
    """Apply these files from `root`, planned from what is live."""
    found = read_folder(write_files(root, files))
    assert found.portal is not None, [one.message() for one in found.faults]
    live = find_live(database)
    draft = Draft(found.files, found.portal, live.number if live else 0)
    return publish_release(database, replace(draft, **more), SYSTEM, NOW)  # type: ignore[arg-type]


def a_visit(database: Database, state: str = "open") -> int:
    """A stored visit with all its fields filled in."""
    live = find_live(database)
    assert live is not None
    models = build_models(stored_release(database, live.number))
    with database.writing() as session:
        values = {"title": "t", "note": "n", "count": "7", "state": state}
        return insert_record(session, models, "r.visit", values, stamp())


def test_a_second_plan_is_empty(database: Database, tmp_path: Path) -> None:
    """What was applied is what is there: nothing is left to do, in words either."""
    first = planned(database, tmp_path, GOOD)
    assert first.base == 0 and not first.empty and first.migration.operations
    assert applied(database, tmp_path, GOOD).number == 1
    again = planned(database, tmp_path, GOOD)
    assert again.empty and again.as_json()["changes"] == []
    assert list(again.lines()) == ["Nothing changes: this configuration is in service."]


def test_a_plan_names_figures_permissions_and_open_work(database: Database, tmp_path: Path) -> None:
    """An amount, a grant and a state that goes: each with its place, its direction and its count."""
    applied(database, tmp_path, GOOD)
    a_visit(database)
    a_visit(database, "stuck")
    files = changed(
        fines=("{amount: 50}", "{amount: 80}"),
        roles=("[read, create]", "[read own, update]"),
        records=("stuck: {title: 停}, ", ""),
    )
    files[RECORDS] = files[RECORDS].replace("halt: {from: open, to: stuck, by: [role.clerk]}", "")
    files[RECORDS] = files[RECORDS].replace("[open, stuck]", "open")
    plan = planned(database, tmp_path, files)
    said = plan.as_json()
    amount = next(one for one in plan.changes if one.path.endswith(".amount"))
    assert (amount.path, amount.old, amount.new) == (
        "r.penalty_schedules.conduct.levels.low.amount",
        "50",
        "80",
    )
    assert (amount.span.file, amount.span.line) == (FINES, 8)
    permissions = {(one.action, one.change) for one in plan.permissions}
    assert permissions == {("read", "lost"), ("create", "lost"), ("read own", "gained"), ("update", "gained")}
    assert plan.affected.stranded == {"r.visit": {"stuck": 1}} and plan.lossy == ("r.visit.stuck",)
    assert plan.affected.open_records == {"r.visit": {"open": 1}}
    assert set(said) == {"from", "to", "operations", "changes", "permissions", "affected"}
    words = "\n".join(plan.lines())
    assert "50 → 80" in words and "clerk loses r.visit: create" in words and "stuck" in words
    with pytest.raises(ReleaseRefused, match=r"r\.visit\.stuck"):
        applied(database, tmp_path, files)
    assert applied(database, tmp_path, files, allow_loss=("r.visit.stuck",)).number == 2


def test_what_would_be_lost_is_asked_for_and_comes_back(database: Database, tmp_path: Path) -> None:
    """A field taken out keeps its values; a rollback serves them again."""
    applied(database, tmp_path, GOOD)
    ident = a_visit(database)
    less = changed(records=(", note: {type: text}", ""))
    with pytest.raises(ReleaseRefused, match=r"r__visit\.note"):
        applied(database, tmp_path, less)
    assert [one.number for one in _releases(database)] == [1]
    applied(database, tmp_path, less, allow_loss=("r__visit.note",))
    draft, release = restored(database, 1, NOW)
    assert plan_release(database, release, NOW).lossy == ()
    done = publish_release(database, draft, SYSTEM, NOW)
    live = find_live(database)
    assert done.number == 3 and live is not None and live.hash == release.hash and live.origin == "rollback"
    models = build_models(stored_release(database, 3))
    visit = models.tables["r.visit"]
    with database.reading() as session:
        assert session.scalar(sa.select(visit.c.note).where(visit.c.id == ident)) == "n"
        assert verify_audit(session, models).broken_at is None


def test_a_stale_plan_is_refused(database: Database, tmp_path: Path) -> None:
    """Somebody applied another release since the plan was made: nothing is overwritten unseen."""
    applied(database, tmp_path, GOOD)
    found = read_folder(write_files(tmp_path, changed(fines=("{amount: 50}", "{amount: 60}"))))
    assert found.portal is not None
    late = Draft(found.files, found.portal, base=1)
    applied(database, tmp_path, changed(fines=("{amount: 50}", "{amount: 70}")))
    with pytest.raises(ReleaseRefused, match="release 2 was applied meanwhile"):
        publish_release(database, late, SYSTEM, NOW)
    assert publish_release(database, replace(late, base=2), SYSTEM, NOW).number == 3


def test_a_folder_does_not_overwrite_what_it_has_not_seen(database: Database, tmp_path: Path) -> None:
    """A release made elsewhere is pulled first, byte for byte, or named to be overwritten."""
    disk, elsewhere = tmp_path / "disk", tmp_path / "elsewhere"
    applied(database, disk, GOOD)
    applied(database, elsewhere, changed(fines=("{amount: 50}", "{amount: 60}")), origin="studio")
    mine = changed(fines=("{amount: 200}", "{amount: 300}"))
    with pytest.raises(ReleaseRefused, match="pull"):
        applied(database, disk, mine)
    with pytest.raises(PullRefused, match="--yes"):
        pull_release(database, disk, NOW)
    write_files(disk, GOOD)
    done = pull_release(database, disk, NOW)
    assert done.lines == (("~", FINES),)
    assert (disk / FINES).read_bytes() == (elsewhere / FINES).read_bytes()
    assert planned(database, disk, changed(fines=("{amount: 50}", "{amount: 60}"))).empty
    assert applied(database, disk, mine).number == 3
    applied(database, elsewhere, GOOD, origin="studio")
    assert applied(database, disk, changed(fines=("{amount: 50}", "{amount: 10}")), over=4).number == 5


def test_a_release_may_wait_for_its_day(database: Database, tmp_path: Path) -> None:
    """Stored today, in service from its day on; nothing else may come between."""
    applied(database, tmp_path, GOOD)
    day = NOW + timedelta(days=30)
    more = changed(fines=("{amount: 50}", "{amount: 60}"))
    assert applied(database, tmp_path, more, starts_at=day).number == 2
    before, after = find_live(database, NOW), find_live(database, day)
    assert before is not None and after is not None and (before.number, after.number) == (1, 2)
    with pytest.raises(ReleaseRefused, match="--withdraw 2"):
        applied(database, tmp_path, changed(fines=("{amount: 50}", "{amount: 70}")))
    renamed = changed(records=("note: {type: text}", "remark: {type: text, was: note}"))
    with pytest.raises(ReleaseRefused, match="on the day itself"):
        applied(database, tmp_path / "other", renamed, starts_at=day)


def test_unchanged_files_cost_nothing(database: Database, tmp_path: Path) -> None:
    """Ten releases that differ in one file keep one copy of the others."""
    for amount in range(50, 60):
        applied(database, tmp_path, changed(fines=("{amount: 50}", f"{{amount: {amount}}}")))
    with database.reading() as session:
        kept = session.execute(sa.text("SELECT count(*) FROM file_content")).scalar()
    assert kept == len(read_folder(tmp_path).files) + 9


@pytest.mark.parametrize("step", ["held", "migrated", "stored", "marked", "carried"])
def test_a_fault_at_any_step_leaves_the_old_release(database: Database, tmp_path: Path, step: str) -> None:
    """An error inside the transaction takes everything back: tables, release, audit trail."""
    applied(database, tmp_path, GOOD)
    with database.engine.connect() as connection:
        schema = inspect_schema(connection)
    found = read_folder(write_files(tmp_path, changed(records=("count: {type: text}", "day: {type: date}"))))
    assert found.portal is not None
    draft = Draft(found.files, found.portal, 1, allow_loss=("r__visit.count",))

    def fail(reached: str) -> None:
        if reached == step:
            raise InterruptedError(step)

    with pytest.raises(InterruptedError):
        publish_release(database, draft, SYSTEM, NOW, fail)
    with database.engine.connect() as connection:
        assert inspect_schema(connection) == schema
    live = find_live(database)
    assert live is not None and live.number == 1 and len(_releases(database)) == 1
    assert publish_release(database, draft, SYSTEM, NOW).number > 1


def _releases(database: Database) -> list[object]:
    with database.reading() as session:
        return [*list_releases(session)]  # type: ignore[return-value]
