"""A worker that is killed (SIGKILL) at every step of an escalation: each effect is found exactly once."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace

import pytest

from app.storage import Database, open_database
from tests.support.clocks import CASE, CONFIG, Clockwork, at, clockwork

SHORT = {
    path: re.sub(
        r"(?ms)^ {12}warn:.*?(?=^ {12}extend_by)",
        """            escalate:
              - at: missed
                notify: [handler.superior]
                do:
                  - {set: {count: "coalesce(count, 0) + 1"}}
                  - {assess: {schedule: conduct, level: minor, offender: handler}}
                  - {task: {title: 立即答复, to: [handler]}}
""",
        text,
    )
    for path, text in CONFIG.items()
}
"""The same portal with one step, so that it can be killed at each of its effects."""
PLACES = (
    "swept",
    "sweep committed",
    "claimed",
    "begun",
    "effect done",
    "marked",
    "step committed",
)
"""Where the work of a worker can be cut off: before and after each of its commits."""


class Killer:
    """A checkpoint that ends the process, as the power switch would, when `place` is passed the nth time."""

    def __init__(self, place: str, nth: int) -> None:
        self.place, self.left = place, nth

    def __call__(self, place: str) -> None:
        if place == self.place:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _work_and_die(work: Clockwork, day: int, killer: Killer) -> int:
    """A process of its own does what is due that evening; the signal that ended it, 0 for none."""
    url = work.office.database.engine.url.render_as_string(hide_password=False)
    child = os.fork()
    if child == 0:
        try:
            own = open_database(url, work.office.database.instance)
            Clockwork(replace(work.office, database=own)).pass_time(at(day, 23), killer)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture(scope="module")
def work(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Clockwork:
    made = clockwork(module_database, tmp_path_factory.mktemp("killed"), SHORT)
    made.office.database.engine.dispose()
    return made


@pytest.mark.parametrize("place", PLACES)
def test_every_effect_happens_once_wherever_the_worker_dies(work: Clockwork, place: str) -> None:
    """Killed at the first, second, … time it passes the place, until it gets through; then another worker
    takes over what is left, after the claim of the dead one has run out."""
    day, nth, killed = 2, 0, 0
    while True:
        day, nth = day + 1, nth + 1
        cook = work.office.people["cook"]
        case = work.make(at(day, 8), handler=cook, title=f"{place} {nth}")
        before = {name: len(work.rows(name)) for name in ("penalty", "task")}
        signalled = _work_and_die(work, day, Killer(place, nth))
        killed += signalled == -signal.SIGKILL
        assert signalled in (0, -signal.SIGKILL)
        work.pass_time(at(day, 23, 30))
        _assert_once(work, case, f"{place} {nth}", before)
        if signalled == 0:
            break
    assert killed == nth - 1 and killed >= 1


def _assert_once(work: Clockwork, case: int, title: str, before: dict[str, int]) -> None:
    assert work.office.read(CASE, case).values["count"] == 1
    assert work.office.read(CASE, case).values["state"] == "overdue"
    for name, count in before.items():
        assert len(work.rows(name)) == count + 1, name
    assert len([subject for _, subject in work.told() if subject.startswith(f"{title}:")]) == 1
    moves = [row for row in work.rows("audit_entry") if (row.record_id, row.action) == (case, "transition")]
    assert len(moves) == 1


def test_a_killer_that_is_never_reached_kills_nobody(work: Clockwork) -> None:
    """The tests above would hold of a worker that does nothing, if it could not be killed."""
    assert _work_and_die(work, 28, Killer("nowhere", 1)) == 0
    assert _work_and_die(work, 28, Killer("sweep committed", 1)) == -signal.SIGKILL


def test_the_places_are_all_there_are(work: Clockwork) -> None:
    """A checkpoint that is added is killed at too."""
    passed: list[str] = []
    work.make(at(28, 8), handler=work.office.people["cook"], title="last")
    work.pass_time(at(28, 23), passed.append)
    assert set(passed) == set(PLACES)
