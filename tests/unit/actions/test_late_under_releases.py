"""Late payment after the tariff was changed: what was charged before is not made dearer by that."""

from __future__ import annotations

from pathlib import Path

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.release import compile_release
from app.source import collect_files
from app.storage import Database, Stamp, build_models, store_release
from app.storage.open_records import note_touched
from tests.support.clocks import Clockwork, at, clockwork
from tests.support.portals import portal_from
from tests.unit.actions.test_late_payment import LATE

PAY, PENALTY = "config/regimes/r/pay.yaml", "penalty"


def _charged(work: Clockwork, hour: int) -> int:
    clerk = work.as_("hr", at(2, hour), "r.clerk", "hr")
    matter = create_record(clerk, "r.matter", {"title": "M", "handler": work.office.people["cook"]}).id
    advance_workflow(clerk, "r.matter", matter, "fine", {})
    ident = int(work.rows(PENALTY)[-1].id)
    work.move(at(2, hour), ident, "decide", PENALTY)
    work.move(at(2, hour), ident, "notify", PENALTY, notified_at=at(2, hour))
    return ident


def test_a_penalty_is_doubled_by_the_release_that_judged_it(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Three times in the later release holds for penalties of then."""
    work = clockwork(sqlite_database, tmp_path, LATE)
    office = work.office
    with sqlite_database.writing() as session:
        first = store_release(session, collect_files(tmp_path / "root").files, Stamp(None, at(1, 8)))
    object.__setattr__(office.release, "number", first)
    old = _charged(work, 8)
    changed = {**LATE, PAY: LATE[PAY].replace("{multiply: 2}", "{multiply: 3}")}
    release = compile_release(portal_from(tmp_path / "second", changed), first + 1)
    with sqlite_database.writing() as session:
        store_release(session, collect_files(tmp_path / "second" / "root").files, Stamp(None, at(1, 9)))
        note_touched(session, first + 1, ["schedule:r.fine"], "keep", at(1, 9))
    object.__setattr__(office, "release", release)
    object.__setattr__(office, "models", build_models(release))
    work.kept.clear()
    new = _charged(work, 9)
    work.pass_time(at(4, 12))
    found = [office.read(PENALTY, one).values["amount_due"] for one in (old, new)]
    assert found == [100, 150]
