"""Every penalty and every checklist of the demo comes out again as it is stored, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.actions.rejudging import Rejudged
from app.actions.rejudging_runs import rejudge, rejudge_run
from app.demo.stage import Stage, set_stage
from app.demo.story import DAYS, play
from app.storage import open_database
from app.storage.checklist_runs import RunPlace
from app.storage.penalty_chain import chains_of
from app.web.start import start

ROOT = Path(__file__).resolve().parents[2]
INSPECTION = "restaurant_supervision.inspection"
VISITS = 40


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo, a part of it: half a year of visits with what followed from them."""
    database = open_database("", tmp_path_factory.mktemp("demo"))
    now = datetime(2026, 11, 20, 4, tzinfo=UTC)
    began = now - timedelta(days=DAYS)
    release = start(database, ROOT, began).release
    made = set_stage(release, database, began.astimezone(ZoneInfo("Asia/Shanghai")).date())
    play(made, VISITS, now, lambda _done, _total: None)
    yield made
    database.dispose()


def differences(found: list[Rejudged]) -> list[str]:
    return [one.message() for each in found for one in each.differences]


def test_every_penalty(stage: Stage) -> None:
    """Each step of each chain, whatever became of it: decided, paid late, contested, refunded."""
    ids = stage.ids_of("penalty")
    context = stage.context(None, datetime.now(UTC))
    found = [one for ident in ids for one in rejudge(context, "penalty", ident)]
    assert len(found) == len(ids) > 5
    assert differences(found) == []
    chains = chains_of(context.session, stage.models, ids)
    assert {one.kind for chain in chains.values() for one in chain} >= {"proposed", "decided", "paid"}


def test_every_checklist(stage: Stage) -> None:
    """Each score, each item, each finding."""
    context = stage.context(None, datetime.now(UTC))
    table = stage.models.system["checklist_run"]
    rows = context.session.execute(table.select()).all()
    places = [RunPlace(row.record_type, row.record_id, row.field) for row in rows]
    found = [rejudge_run(context, place) for place in places]
    assert len(found) > 30
    assert differences(found) == []
