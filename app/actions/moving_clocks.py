"""What a release does to the clocks that run: which will be due at another time, which will have missed it.

A record that keeps its rules keeps the text of its service levels, and follows the states and calendars of
the release in service; one that goes over is counted anew by the new text. Of very many clocks some are
counted, evenly drawn, and the whole is worked out from them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from app.actions.clock_levels import Level, all_levels, level_of_row
from app.actions.replay_clocks import ClockTally, Recount, around, changed_calendars
from app.actions.replaying import Replaying
from app.storage.deadlines import DeadlineRow
from app.storage.open_records import PENALTY
from app.storage.replaying import clocks_drawn, count_clocks

COUNTED = 600
"""Clocks that are counted at most, spread over the service levels; of each level some at least."""
FEW = 20


@dataclass(frozen=True, slots=True)
class MovingClocks:
    """moved: due at another time, or not any more; newly_missed, newly_met: against what is stored; counted,
    of: how many clocks were counted of those that may move: fewer make the figures an estimate."""

    moved: int = 0
    newly_missed: int = 0
    newly_met: int = 0
    counted: int = 0
    of: int = 0

    @property
    def estimated(self) -> bool:
        return self.counted < self.of

    def as_json(self) -> dict[str, object]:
        figures = {"moved": self.moved, "newly_missed": self.newly_missed, "newly_met": self.newly_met}
        return {**figures, "estimated": self.estimated, "counted": self.counted, "of": self.of}


def moving_clocks(replaying: Replaying, going: Collection[str] = ()) -> MovingClocks:
    """What becomes of the clocks that run, once the draft is in service.

    going: record types of which the open records go over to the draft's rules.
    """
    live = replaying.live
    running = count_clocks(live.session, live.models)
    if not running:
        return MovingClocks()
    levels, going = all_levels(replaying.draft), frozenset(going) - {PENALTY}
    wanted = {key: count for key, count in running.items() if _may_move(replaying, levels, going, *key)}
    total, found = sum(wanted.values()), MovingClocks()
    for (name, kind), count in wanted.items():
        gone = kind in going and name not in levels
        some = count if gone else min(count, max(FEW, COUNTED * count // total))
        tally = ClockTally(moved=count) if gone else _tally(replaying, going, (name, kind), some, count)
        found = _with(found, tally, count)
    return found


def _with(found: MovingClocks, tally: ClockTally, count: int) -> MovingClocks:
    """Add one service level, of which `tally.counted` clocks were counted."""
    counted = tally.counted or count
    share = count / counted
    return MovingClocks(
        found.moved + round(tally.moved * share),
        found.newly_missed + round(tally.newly_missed * share),
        found.newly_met + round(tally.newly_met * share),
        found.counted + counted,
        found.of + count,
    )


def _tally(
    replaying: Replaying, going: frozenset[str], key: tuple[str, str], some: int, count: int
) -> ClockTally:
    live, levels = replaying.live, all_levels(replaying.draft)

    def level_for(row: DeadlineRow) -> Level | None:
        if row.record_type in going:
            return levels.get(row.service_level)
        return level_of_row(replaying.draft, row.service_level, row.level_digest, row.release_id)

    rows = clocks_drawn(live.session, live.models, *key, some / count)
    # What cannot be counted is told by a replay; a plan leaves it out of its figures.
    quiet = replace(replaying, unjudged={}, progress=lambda _done, _of: None)
    return Recount(quiet, level_for).of(rows)


def _may_move(
    replaying: Replaying, levels: Mapping[str, Level], going: frozenset[str], name: str, kind: str
) -> bool:
    """Whether clocks of a service level of a record type can come out otherwise under the draft."""
    before, after = all_levels(replaying.live).get(name), levels.get(name)
    if kind in going and (before is None or after is None or before.digest != after.digest):
        return True
    if before is not None and after is not None and around(before.compiled) != around(after.compiled):
        return True
    counts = after or before
    return bool(changed_calendars(replaying)) and (counts is None or not counts.compiled.always)
