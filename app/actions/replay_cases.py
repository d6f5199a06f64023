"""The stored case of a penalty, made to fit another release of its schedule.

What was noted when it was judged is taken as it is; only what the other release asks for besides is read
anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.actions.penalty_case import PenaltyRequest, build_case
from app.actions.penalty_judged import Judged
from app.actions.pinned import ReleaseGone, release_of
from app.actions.replaying import Replaying, successors, unreadable
from app.rules import Case, CompiledSchedule, compile_schedule
from app.source import N_, ConfigError
from app.spec.penalties import PenaltySchedule
from app.storage import read_record
from app.storage.penalties import PenaltyRow


@dataclass(frozen=True, slots=True)
class Missing:
    """What a schedule asks for and the cases of an earlier release of it do not tell. unstored: look-ups that
    count by what the database does not hold yet."""

    facts: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    lookups: frozenset[str] = frozenset()
    earlier: bool = False
    unstored: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facts or self.paths or self.lookups or self.earlier)


class Fitting:
    """The schedules of the draft, and what each lacks in the cases of each release: worked out once."""

    def __init__(self, replaying: Replaying) -> None:
        self.replaying = replaying
        self._specs = successors(replaying.draft.release.portal.section(PenaltySchedule))
        self._compiled: dict[str, CompiledSchedule] = {}
        self._missing: dict[tuple[str, int], Missing] = {}

    def schedule(self, name: str) -> CompiledSchedule | None:
        """The draft's schedule that goes by this full name, or did; None where it has none."""
        spec = self._specs.get(name)
        if spec is None:
            return None
        if name not in self._compiled:
            self._compiled[name] = compile_schedule(self.replaying.draft.release.portal, spec)
        return self._compiled[name]

    def fit(self, schedule: CompiledSchedule, row: PenaltyRow, case: Case, judged: Judged) -> Case | None:
        """The case as the draft's schedule reads it; None (and noted) where that cannot be found out."""
        if not case.facts.keys() <= schedule.facts.keys():
            known = {name: value for name, value in case.facts.items() if name in schedule.facts}
            case = replace(case, facts=known)
        missing = self._lacks(schedule, row.schedule or "", row.release_id or 0)
        if not missing or row.record_type is None or row.record_id is None or judged.offender_id is None:
            return case
        if missing.unstored:
            text = N_("it counts by {names}, which the database does not hold yet")
            why = self.replaying.live.say(text, names=", ".join(missing.unstored))
            self.replaying.cannot("penalty", row.schedule or "", row.id, why)
            return None
        return self._read_besides(schedule, row, case, judged.offender_id)

    def _read_besides(
        self, schedule: CompiledSchedule, row: PenaltyRow, case: Case, offender_id: int
    ) -> Case:
        """The case with what was not noted read from the record and the people of that day."""
        live = self.replaying.live
        kind, ident = row.record_type or "", row.record_id or 0
        source = read_record(live.session, live.models, kind, ident) if kind in live.release.records else None
        if source is None:
            return case
        asked = PenaltyRequest(
            schedule.spec.full_name, kind, ident, case.level, offender_id, case.facts, occurred_at=case.at
        )
        found = build_case(live, schedule, asked, source)
        missing = self._lacks(schedule, row.schedule or "", row.release_id or 0)
        return replace(
            case,
            facts={**found.facts, **case.facts},
            persons={**found.persons, **case.persons},
            links={**found.links, **case.links},
            looked_up={**found.looked_up, **case.looked_up},
            earlier=found.earlier if missing.earlier else case.earlier,
        )

    def _lacks(self, schedule: CompiledSchedule, name: str, release: int) -> Missing:
        key = (name, release)
        if key not in self._missing:
            self._missing[key] = self._compared(schedule, self._then(name, release))
        return self._missing[key]

    def _then(self, name: str, number: int) -> CompiledSchedule | None:
        """The schedule of that name in the release of that number; None where that cannot be had."""
        live = self.replaying.live
        try:
            release = release_of(live, number)
        except (ReleaseGone, ConfigError):
            return None
        spec = release.portal.section(PenaltySchedule).get(name)
        return compile_schedule(release.portal, spec) if spec is not None else None

    def _compared(self, schedule: CompiledSchedule, then: CompiledSchedule | None) -> Missing:
        facts, paths = frozenset(schedule.facts), {*schedule.person_paths, *schedule.link_types}
        lookups, repeat = {one.key for one in schedule.lookups}, schedule.repeat
        earlier = repeat is not None
        if then is not None:
            facts -= frozenset(then.facts)
            paths -= {*then.person_paths, *then.link_types}
            lookups -= {one.key for one in then.lookups}
            before = then.repeat
            earlier = repeat is not None and (
                before is None
                or (before.spec.within, before.spec.same) != (repeat.spec.within, repeat.spec.same)
            )
        wanted = tuple(one for one in schedule.lookups if one.key in lookups)
        unstored = tuple(dict.fromkeys(unreadable(self.replaying.live.release, wanted)))
        return Missing(facts, frozenset(paths), frozenset(lookups), earlier, unstored)
