"""A duty with its names looked up, its texts read and its expressions compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.expressions import Expression
from app.spec.durations import Duration
from app.spec.recurrence import Recurrence
from app.spec.recurrence_units import PeriodUnit
from app.spec.service_levels import Duty

PathParts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HiddenFrom:
    """Who must not see it coming: the people of the unit, or the person, at the end of `path`."""

    path: PathParts
    kind: Literal["unit", "person"]


@dataclass(frozen=True, slots=True)
class DutyModel:
    """One duty, ready to be run.

    first, last: the days between which it and its regime apply; rule: how often, None where it is counted
    (`at_least`); need: how many times in each period; per: the period of what is counted or drawn; target:
    full name of the record type it is done for, with `alias`, the word for it; creates: full name of the
    record type that is made; link: its field that names the target; fixed: the formulas of `values` that do
    not depend on the moment: what a record made by hand must hold to count; done: on the created record;
    role, path: who does it; calendar: full name.
    """

    name: str
    spec: Duty
    label: str
    anchor: date
    first: date | None = None
    last: date | None = None
    rule: Recurrence | None = None
    need: int = 1
    per: PeriodUnit | None = None
    target: str | None = None
    alias: str = ""
    creates: str | None = None
    link: str | None = None
    where: Expression | None = None
    values: Mapping[str, Expression] = field(default_factory=dict)
    fixed: Mapping[str, Expression] = field(default_factory=dict)
    done: Expression | None = None
    role: str | None = None
    path: PathParts | None = None
    hidden: tuple[HiddenFrom, ...] = ()
    due: Duration | None = None
    calendar: str | None = None

    @property
    def quota(self) -> bool:
        """Whether what is done is counted by period (`at_least`, and whatever is drawn at random)."""
        return self.per is not None

    @property
    def drawn(self) -> bool:
        """Whether its days are drawn at random."""
        return self.spec.unpredictable and self.per is not None

    @property
    def done_by_time(self) -> bool:
        """Whether time alone may make it done, without a write."""
        return self.done is not None and any(path[0] in ("now", "today") for path in self.done.paths)

    @property
    def runs(self) -> bool:
        """Whether it says how often at all."""
        return self.rule is not None or self.per is not None

    @property
    def paths(self) -> frozenset[PathParts]:
        """What its formulas and paths read of the record it is done for, seen from that record."""
        found = {path for one in self.values.values() for path in one.paths}
        found |= {self.path} if self.path else set()
        found |= {one.path for one in self.hidden if one.path}
        return frozenset(path[1:] if path[0] == self.alias and path[1:] else path for path in found)
