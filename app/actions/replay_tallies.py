"""What a replay adds up: money and points before and after, by unit, and the penalties that move the most."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from app.rules import Reason
from app.rules.values import figure, money

MOST = 10
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Move:
    """One penalty under both releases.

    penalty_id: None for one that the draft alone charges; before, after: None while the amount is left to a
    decider; charged before and after: whether it is charged at all; because_after: the draft's reasons.
    """

    penalty_id: int | None
    number: str
    record_type: str
    record_id: int
    person_id: int | None
    unit_id: int | None
    schedule: str
    level_before: str
    level_after: str
    before: Decimal | None
    after: Decimal | None
    charged_before: bool
    charged_after: bool
    in_points: bool
    because_after: tuple[Reason, ...] = ()
    because_before: tuple[Reason, ...] = ()
    reward: bool = False

    @property
    def change(self) -> Decimal:
        """How much more is charged; what is left open counts as nothing."""
        return (self.after or NOTHING) - (self.before or NOTHING)

    @property
    def kind(self) -> str:
        """`raised`, `lowered`, `newly_charged`, `no_longer_charged`, or nothing."""
        if self.charged_before != self.charged_after:
            return "newly_charged" if self.charged_after else "no_longer_charged"
        if self.before is None or self.after is None or self.before == self.after:
            return ""
        return "raised" if self.after > self.before else "lowered"


@dataclass(slots=True)
class Tally:
    """Sums over penalties. Points and rewards stand beside the money that is charged, never in it."""

    before: Decimal = NOTHING
    after: Decimal = NOTHING
    points_before: Decimal = NOTHING
    points_after: Decimal = NOTHING
    rewards_before: Decimal = NOTHING
    rewards_after: Decimal = NOTHING
    raised: int = 0
    lowered: int = 0
    newly_charged: int = 0
    no_longer_charged: int = 0

    def add(self, move: Move) -> None:
        if move.in_points:
            self.points_before += move.before or NOTHING
            self.points_after += move.after or NOTHING
        elif move.reward:
            self.rewards_before += move.before or NOTHING
            self.rewards_after += move.after or NOTHING
        else:
            self.before += move.before or NOTHING
            self.after += move.after or NOTHING
        if move.kind:
            setattr(self, move.kind, getattr(self, move.kind) + 1)

    @property
    def moved(self) -> int:
        return self.raised + self.lowered + self.newly_charged + self.no_longer_charged

    def as_json(self) -> dict[str, object]:
        points = {"before": figure(self.points_before), "after": figure(self.points_after)}
        return {
            "before": money(self.before),
            "after": money(self.after),
            "raised": self.raised,
            "lowered": self.lowered,
            "newly_charged": self.newly_charged,
            "no_longer_charged": self.no_longer_charged,
            "points": points,
            "rewards": {"before": money(self.rewards_before), "after": money(self.rewards_after)},
        }


@dataclass(slots=True)
class PenaltyTally:
    """All penalties of a replay: in total, by unit, and the `MOST` that move the most."""

    total: Tally = field(default_factory=Tally)
    by_unit: dict[int | None, Tally] = field(default_factory=dict)
    _biggest: list[tuple[Decimal, int, Move]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def add(self, move: Move) -> None:
        self.total.add(move)
        self.by_unit.setdefault(move.unit_id, Tally()).add(move)
        if not move.kind:
            return
        # Of two that move alike the one that came first stays.
        entry = (abs(move.change), -next(self._order), move)
        if len(self._biggest) < MOST:
            heapq.heappush(self._biggest, entry)
        else:
            heapq.heappushpop(self._biggest, entry)

    @property
    def movers(self) -> Sequence[Move]:
        """Those that move the most, the first of them first."""
        return [move for *_, move in sorted(self._biggest, key=lambda one: one[:2], reverse=True)]
