"""A process killed while open records go over to a release, come back from one, or a release's day comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.actions.start_release import start_due
from app.storage import Database, find_live, verify_audit
from tests.support.houses import ALL, NEW, House, edited
from tests.support.portals import NOW

WITH_NOTE = edited(
    (ALL, "received_at: {type", "note: {type: text, title: 备注}\n              received_at: {type")
)
DAY = NOW + timedelta(days=2)
KILLED = """
import importlib, os, signal, sys
from datetime import datetime
from pathlib import Path
from app.actions.start_release import start_due
from app.storage import open_database
from tests.support.houses import NEW, House

url, instance, root, now, what, place = sys.argv[1:]
if place:
    owner = importlib.import_module("app.actions." + place.partition(":")[0])
    original = getattr(owner, place.partition(":")[2])

    def struck(*given, **more):
        original(*given, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, place.partition(":")[2], struck)
house = House(open_database(url, Path(instance)), Path(root), datetime.fromisoformat(now), {"hr": 1})
if what == "switch":
    house.apply(NEW, open_records="switch", allow_loss=("r__case.note",))
elif what == "back":
    house.roll_back(1, "switch")
else:
    start_due(house.context())
os.kill(os.getpid(), signal.SIGKILL)
"""
CASES = [
    ("switch", "publish_release:apply_on"),
    ("switch", "open_records:put_under"),
    ("switch", "open_records:end_clocks"),
    ("switch", "publish_release:carry_over"),
    ("back", "publish_release:apply_on"),
    ("back", "publish_release:mark_live"),
    ("back", "open_records:audit_released"),
    ("back", "publish_release:bring_back"),
    ("start", "start_release:take_waiting"),
    ("start", "open_records:put_under"),
    ("start", "start_release:carry_over"),
]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """Two open cases under the first release; the second one drops a field of theirs."""
    made = House(database, tmp_path / "root")
    made.apply(WITH_NOTE)
    made.hire("hr", "cook")
    for title in ("a", "b"):
        made.case(title)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE r__case SET note = title")
    yield made
    database.session.remove()


def prepared(house: House, what: str) -> None:
    """Everything that comes before the step that is killed."""
    if what == "back":
        house.apply(NEW, open_records="switch", allow_loss=("r__case.note",))
    elif what == "start":
        house.apply({**NEW, ALL: NEW[ALL].replace("received_at: {type", "note: {type: text, title: 备注}\n"
                    "              received_at: {type")}, open_records="switch", starts_at=DAY)  # fmt: skip
        house.now = DAY + timedelta(minutes=1)


def killed(house: House, what: str, place: str) -> None:
    """Do it in a process of its own, which is gone in the middle; an empty place is after the end."""
    url = house.database.engine.url.render_as_string(hide_password=False)
    given = [url, str(house.database.instance), str(house.root), house.now.isoformat(), what, place]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *given],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def everything(database: Database) -> dict[str, list[str]]:
    """Every table with its columns and rows, as text."""
    with database.engine.connect() as connection:
        found = {}
        for name in sorted(sa.inspect(connection).get_table_names()):
            rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()
            found[name] = [*map(str, rows.keys()), *sorted(str(dict(row)) for row in rows)]
    return found


def notes(house: House) -> list[str]:
    with house.database.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT note FROM r__case ORDER BY id").scalars())


def gone_over(house: House, what: str) -> None:
    """All of it is there: the records are where they belong, and the trail is whole."""
    live = find_live(house.database)
    assert live is not None
    # PostgreSQL does not give the number of a release that was killed to another one.
    expected = {"switch": live.number, "back": 1, "start": 2}[what]
    assert [house.release(ident) for ident in (1, 2)] == [expected] * 2
    if what != "switch":
        assert notes(house) == ["a", "b"]
    with house.database.reading() as session:
        assert verify_audit(session, house.context().models).broken_at is None


@pytest.mark.parametrize(("what", "place"), CASES, ids=[f"{one}-{two.split(':')[1]}" for one, two in CASES])
def test_killed_in_the_middle_nothing_happened(house: House, what: str, place: str) -> None:
    """Every row of every table is as it was, and the step can be made again."""
    prepared(house, what)
    house.database.session.remove()
    before = everything(house.database)
    killed(house, what, place)
    assert everything(house.database) == before
    if what == "switch":
        house.apply(NEW, open_records="switch", allow_loss=("r__case.note",))
    elif what == "back":
        house.roll_back(1, "switch")
    else:
        assert start_due(house.context()) == 2
    gone_over(house, what)


@pytest.mark.parametrize("what", ["switch", "back", "start"])
def test_killed_after_the_end_all_of_it_is_there(house: House, what: str) -> None:
    """What was committed outlives its process."""
    prepared(house, what)
    house.database.session.remove()
    killed(house, what, "")
    gone_over(house, what)
