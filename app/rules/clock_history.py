"""When a clock began, stood still and ended, replayed from the record's history; nothing is kept in counters.

Fields tell the moment that they hold now, so that a corrected `received_at` counts from the start. States
tell when the record came into them. The first time counts, for the start as for the end; a record that goes
back to a state in which the clock had run (a reopened case) runs on, and the time in between stood still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.rules.pauses import Pause
from app.rules.service_levels import CompiledLevel, Mark
from app.source import N_, Phrase


@dataclass(frozen=True, slots=True)
class Version:
    """The record as it was from `at` on: `values` as conditions read them, `by` and `why` of that change.

    values: field name -> value (dates as date, moments as aware datetime, links opened as the level's paths
    ask), `state` by name; with what `scope_with` adds where conditions count other records.
    """

    at: datetime
    by: str = ""
    why: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def state(self) -> str:
        found = self.values.get("state")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The record came into `state` at `at`."""

    state: str
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A clock's life.

    ended_at: when a final state ended it before its own end came; pauses: in order, the last one without an
    end while the clock stands still; state: what conditions see, the present one or that before the end;
    on_a_date: `stopped_at` is the beginning of the day on which it was done, at an hour that was not noted.
    """

    started_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None
    pauses: tuple[Pause, ...]
    state: str
    on_a_date: bool = False

    @property
    def over(self) -> datetime | None:
        """When it was over, in whichever way."""
        return self.stopped_at or self.ended_at


REOPENED = Phrase(N_("it had ended and was reopened"))


def replay(level: CompiledLevel, versions: Sequence[Version], now: datetime, zone: str) -> Run:
    """The life of one clock at `now`; of the `versions`, oldest first, those after it are left out. `zone` is
    that of the calendar that counts: a date is a day there."""
    known = [one for one in versions if one.at <= now] or list(versions[:1])
    latest = known[-1]
    entries = tuple(_entries(known))
    started_at = _start(level, latest, entries, now, zone)
    if started_at is None:
        return Run(None, None, None, (), latest.state)
    since = _since(level, entries, started_at)
    stopped_at = _stopped(level, latest, since, now, zone)
    ended_at = _ended(level, known, since) if stopped_at is None else None
    over = stopped_at or ended_at
    pauses = [*_paused(level, known, over), *_reopened(level, known, since, zone)]
    counted = [one for one in pauses if one.end is None or one.end > started_at]
    return Run(
        started_at,
        stopped_at,
        ended_at,
        tuple(sorted(counted, key=lambda one: one.start)),
        _state_before(entries, over) if over else latest.state,
        stopped_at is not None and _on_a_date(level, latest, stopped_at, zone),
    )


def moment_of(value: object, zone: str) -> datetime | None:
    """A datetime as it is; a date as the first moment of that day in `zone`; None for anything else.

    So a thing done on a day counts as done when the day began: nobody is late by hours that were not noted.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time.min, ZoneInfo(zone)).astimezone(UTC)
    return None


def scope_of(level: CompiledLevel, version: Version, state: str, at: datetime) -> dict[str, object]:
    """What conditions read: the version's values with that state and moment."""
    today = at.astimezone(ZoneInfo(level.zone)).date()
    known: dict[str, object] = {**version.values, "now": at, "today": today}
    return {**known, "state": state or None} if level.states else known


def _entries(versions: Iterable[Version]) -> Iterator[Entry]:
    before = ""
    for version in versions:
        if version.state and version.state != before:
            yield Entry(version.state, version.at, version.by)
        before = version.state


def _start(
    level: CompiledLevel, latest: Version, entries: Sequence[Entry], now: datetime, zone: str
) -> datetime | None:
    mark = level.start
    if mark.field:
        found = moment_of(latest.values.get(mark.field), zone)
        # What counts back from an event has begun as soon as the event is known.
        return found if found is not None and (found <= now or level.before is not None) else None
    times = [entry.at for entry in entries if entry.state == mark.state]
    return (times[-1] if mark.last else times[0]) if times else None


def _since(level: CompiledLevel, entries: Sequence[Entry], started_at: datetime) -> tuple[Entry, ...]:
    """The states that the clock has seen: one that starts at a state has seen those from there on."""
    if level.start.field:
        return tuple(entries)
    return tuple(entry for entry in entries if entry.at >= started_at)


def _stopped(
    level: CompiledLevel, latest: Version, since: Sequence[Entry], now: datetime, zone: str
) -> datetime | None:
    """When the last of the ends came; None while one of them is missing, or `done` does not hold."""
    if level.done is not None and not level.done.holds(scope_of(level, latest, latest.state, now)):
        return None
    if not level.ends:
        return _walk(level, since, level.finals)[0]
    found = [_stop(level, mark, latest, since, now, zone) for mark in level.ends]
    times = [one for one in found if one is not None]
    return max(times) if len(times) == len(found) else None


def _stop(
    level: CompiledLevel, mark: Mark, latest: Version, since: Sequence[Entry], now: datetime, zone: str
) -> datetime | None:
    if mark.state:
        return _walk(level, since, frozenset({mark.state}))[0]
    found = moment_of(latest.values.get(mark.field), zone)
    return found if found is not None and found <= now else None


def _on_a_date(level: CompiledLevel, latest: Version, stopped_at: datetime, zone: str) -> bool:
    """Whether the end that came last is a date without an hour."""
    values = (latest.values.get(mark.field) for mark in level.ends if mark.field)
    dates = (one for one in values if isinstance(one, date) and not isinstance(one, datetime))
    return any(moment_of(one, zone) == stopped_at for one in dates)


def _ended(level: CompiledLevel, known: Sequence[Version], since: Sequence[Entry]) -> datetime | None:
    """When a final state ended a clock whose own end never came. A clock that only began with that state or
    after it (the call after a case was closed) is not ended by it."""
    final = _walk(level, since, level.finals)[0]
    if final is None or not level.start.field:
        return final
    began = next((one.at for one in known if one.values.get(level.start.field) is not None), final)
    return final if began < final else None


def _walk(
    level: CompiledLevel, since: Sequence[Entry], ends: frozenset[str]
) -> tuple[datetime | None, tuple[tuple[Entry, Entry], ...]]:
    """When the record came to one of the `ends` to stay, and each time that it came there and went back to a
    state that the clock had seen."""
    first = 0 if level.start.field else 1
    seen = {entry.state for entry in since[:first]}
    stopped: Entry | None = None
    reopened: list[tuple[Entry, Entry]] = []
    for entry in since[first:]:
        if stopped is None and entry.state in ends:
            stopped = entry
        elif stopped is not None and entry.state in seen - ends:
            reopened.append((stopped, entry))
            stopped = None
        seen.add(entry.state)
    return (stopped.at if stopped else None), tuple(reopened)


def _reopened(
    level: CompiledLevel, known: Sequence[Version], since: Sequence[Entry], zone: str
) -> Iterator[Pause]:
    """Between an end that did not last and the reopening nothing is counted. Where fields told of the end, it
    is that of which they told before the record was reopened, however late that was entered."""
    ends = level.finals
    if len(level.ends) == 1 and level.ends[0].state:
        ends |= {level.ends[0].state}
    for came, left in _walk(level, since, ends)[1]:
        before = [one for one in known if one.at < left.at]
        told = [entry for entry in since if entry.at < left.at]
        stopped = _stopped(level, before[-1], told, left.at, zone) if before else None
        yield Pause(min(came.at, stopped or came.at), left.at, left.by, REOPENED)


def _paused(level: CompiledLevel, known: Sequence[Version], over: datetime | None) -> Iterator[Pause]:
    """The stretches in which the condition held, each with who brought it about and why."""
    if level.pause is None:
        return
    began: Version | None = None
    for version in known:
        if over is not None and version.at >= over:
            break
        holds = level.pause.holds(scope_of(level, version, version.state, version.at))
        if holds and began is None:
            began = version
        elif not holds and began is not None:
            yield Pause(began.at, version.at, began.by, began.why)
            began = None
    if began is not None:
        yield Pause(began.at, over, began.by, began.why)


def _state_before(entries: Sequence[Entry], over: datetime) -> str:
    """The state in which the clock ended: conditions on it are asked as they stood then."""
    before = [entry.state for entry in entries if entry.at < over]
    return before[-1] if before else entries[0].state if entries else ""
