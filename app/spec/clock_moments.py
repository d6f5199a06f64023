"""The moments at which a clock warns and escalates: `80 %`, `missed`, `missed + 4 hours`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from app.source import N_
from app.spec.durations import Duration, parse_duration
from app.spec.service_levels import ServiceLevel
from app.spec.small import Problem

_SHARE = re.compile(r"([1-9]\d{0,2}(?:\.\d{1,2})?)\s*[%％]")
_MISSED = re.compile(r"missed(?:\s*(?P<sign>[+-])\s*(?P<by>.+))?")
_HINT = N_("write '80 %', 'missed', 'missed + 4 hours' or 'missed - 2 hours'")


@dataclass(frozen=True, slots=True)
class Moment:
    """`80 %` of the time (`share` of one), or `missed`, put `later` or `earlier` by a duration."""

    share: Fraction | None = None
    later: Duration | None = None
    earlier: Duration | None = None

    @property
    def shift(self) -> Duration | None:
        return self.later or self.earlier


def read_moment(word: str) -> Moment | Problem:
    """`80 %`, `missed`, `missed + 4 hours`, `missed - 2 working hours`."""
    text = " ".join(word.split())
    if found := _SHARE.fullmatch(text):
        return Moment(share=Fraction(found[1]) / 100)
    found = _MISSED.fullmatch(text)
    shift = parse_duration(found["by"]) if found and found["by"] else None
    if found is None or isinstance(shift, Problem) or (shift is not None and shift.kind != "length"):
        return Problem(N_("'{written}' is no moment of a clock"), {"written": word}, _HINT)
    return Moment(earlier=shift) if found["sign"] == "-" else Moment(later=shift)


def counts_working_time(level: ServiceLevel) -> bool:
    """Whether anything in the level depends on a calendar."""
    texts = [text for row in level.within for text in (row.time, row.at_most)]
    times: list[object] = [parse_duration(text) for text in texts]
    moments = [read_moment(word) for word in (*level.warn, *(step.at for step in level.escalate))]
    times += [one.shift for one in moments if isinstance(one, Moment)]
    counted = any(
        isinstance(one, Duration) and (one.working or one.kind == "next_working_day") for one in times
    )
    kept = any(step.office_hours for step in level.escalate)
    return counted or kept or level.roll or level.day_ends == "close_of_business"
