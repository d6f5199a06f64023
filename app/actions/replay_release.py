"""What if: the records since a day, judged by a draft before it is applied. Nothing is written.

    stored cases, answers, histories -> the engine that judged them -> sums before and after, what moves

Penalties are judged from the cases stored with them, checklists from their answers, clocks from the audit
trail. Before is what the rules came to under the release of each record, after what the draft comes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from app.access import SYSTEM, compile_policy
from app.actions.configurations import release_within
from app.actions.context import Context
from app.actions.replay_clocks import ClockTally, replay_clocks
from app.actions.replay_penalties import replay_penalties, with_reasons
from app.actions.replay_scores import ScoreTally, checklist_fields, replay_scores
from app.actions.replay_tallies import Move, PenaltyTally, Tally
from app.actions.replaying import Progress, Replaying, Unjudged
from app.release import Release
from app.rules.values import figure, money
from app.source import N_, Translate, untranslated
from app.storage import Database, build_models, labels_of, live_if_any
from app.storage.replaying import count_since


@dataclass(frozen=True, slots=True)
class Replay:
    """What a draft would have made of the records since a moment.

    base: number of the release in service (0: none, and so no records); hash: of the draft; records: how many
    penalties, checklists and clocks were judged; movers: the penalties that move the most, with the reasons
    under both releases; names: unit id and person id -> words; currency: of the draft.
    """

    since: datetime
    base: int
    hash: str
    records: int = 0
    penalties: PenaltyTally = field(default_factory=PenaltyTally)
    deadlines: ClockTally = field(default_factory=ClockTally)
    scores: ScoreTally = field(default_factory=ScoreTally)
    movers: tuple[Move, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    units: dict[int, str] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    currency: str = ""

    def by_unit(self) -> Iterator[tuple[int | None, str, Tally]]:
        """Unit id, its title and its sums: the one whose total changes the most first."""
        found = self.penalties.by_unit.items()
        for unit, tally in sorted(found, key=lambda one: (-abs(one[1].after - one[1].before), one[0] or 0)):
            yield unit, self.units.get(unit or 0, ""), tally

    def as_json(self, translate: Translate = untranslated) -> dict[str, object]:
        """The `replay` object of language.md part 6, with what programs may want besides."""
        units = [{"unit": unit, "title": title, **one.as_json()} for unit, title, one in self.by_unit()]
        movers = [self._mover(one, translate) for one in self.movers]
        return {
            "since": self.since.isoformat(),
            "from": self.base,
            "to": self.hash,
            "records": self.records,
            "penalties": {**self.penalties.total.as_json(), "by_unit": units, "movers": movers},
            "deadlines": self.deadlines.as_json(),
            "scores": self.scores.as_json(),
            "unjudged": [one.as_json() for one in self.unjudged],
        }

    def _mover(self, move: Move, translate: Translate) -> dict[str, object]:
        return {
            "penalty": move.penalty_id,
            "number": move.number,
            "type": move.record_type,
            "record": move.record_id,
            "person": move.person_id,
            "name": self.people.get(move.person_id or 0, ""),
            "unit": move.unit_id,
            "schedule": move.schedule,
            "level": {"before": move.level_before, "after": move.level_after},
            "before": _figure(move.before, move.in_points),
            "after": _figure(move.after, move.in_points),
            "change": move.kind,
            "because": {
                "before": [one.told(translate) for one in move.because_before],
                "after": [one.told(translate) for one in move.because_after],
            },
        }

    def lines(self, translate: Translate = untranslated) -> Iterator[str]:
        """The replay in words."""

        def say(text: str, **params: object) -> str:
            return translate(text).format(**params)

        text = N_("{count} records since {day} judged by this configuration")
        yield say(text, count=self.records, day=self.since.date().isoformat())
        total = self.penalties.total
        yield say(
            N_("Penalties: {before} → {after} {currency}"),
            before=money(total.before),
            after=money(total.after),
            currency=self.currency,
        )
        if total.points_before or total.points_after:
            points = {"before": figure(total.points_before), "after": figure(total.points_after)}
            yield say(N_("Points: {before} → {after}"), **points)
        yield "  " + say(
            N_("{raised} would rise, {lowered} would fall, {new} would be charged anew, {gone} no longer"),
            raised=total.raised,
            lowered=total.lowered,
            new=total.newly_charged,
            gone=total.no_longer_charged,
        )
        for _, title, tally in self.by_unit():
            if tally.moved:
                figures = f"{money(tally.before)} → {money(tally.after)}"
                yield f"  {title or '–'}: {figures} (+{tally.raised}, -{tally.lowered})"
        yield say(
            N_("Deadlines: {moved} due at another time, {missed} missed that were not, {met} met"),
            moved=self.deadlines.moved,
            missed=self.deadlines.newly_missed,
            met=self.deadlines.newly_met,
        )
        yield say(N_("Scores: {count} with another grade or verdict"), count=self.scores.grade_changed)
        yield from self._movers_in_words(translate)
        for one in self.unjudged:
            text = N_("cannot be judged by this configuration: {count} of {rule}: {why}")
            yield say(text, count=one.count, rule=one.rule, why=one.why)

    def _movers_in_words(self, translate: Translate) -> Iterator[str]:
        if self.movers:
            yield translate(N_("What moves the most"))
        for move in self.movers:
            before, after = (_figure(one, move.in_points) or "…" for one in (move.before, move.after))
            name = self.people.get(move.person_id or 0, "")
            yield f"  {move.number or translate(N_('new'))} {name} {move.schedule}: {before} → {after}"
            for mark, reasons in (("-", move.because_before), ("+", move.because_after)):
                yield from (
                    f"    {mark} {one.sentence(translate)}  [{one.file}:{one.line}]" for one in reasons
                )


def replay_release(
    database: Database,
    draft: Release,
    since: datetime,
    now: datetime,
    progress: Progress = lambda _done, _of: None,
    translate: Translate = untranslated,
) -> Replay:
    """Judge what is stored since that moment by `draft`; progress: told how many are done, and of how many.

    translate: for the words about what cannot be judged. Raises ConfigError when this version of the program
    does not understand the release in service.
    """
    with database.reading() as session:
        live = live_if_any(session, now)
        if live is None:
            return Replay(since, 0, draft.hash)
        release = release_within(session, database.instance, live.number)
        models = build_models(release)
        try:
            context = Context(
                release=release,
                policy=compile_policy(release),
                models=models,
                session=session,
                actor=SYSTEM,
                now=now,
                translate=translate,
                instance=database.instance,
            )
            return replay_in(context, draft, since, progress)
        finally:
            models.dispose()


def replay_in(
    context: Context, draft: Release, since: datetime, progress: Progress = lambda _done, _of: None
) -> Replay:
    """`replay_release` in surroundings of the release in service: for whoever may see every penalty."""
    live = replace(context, actor=SYSTEM)
    replaying = Replaying(live, replace(live, release=draft, machines={}, kept={}), since, progress)
    replaying.expected = count_since(live.session, live.models, checklist_fields(live.release), since)
    progress(0, replaying.expected)
    penalties = replay_penalties(replaying)
    scores = replay_scores(replaying)
    deadlines = replay_clocks(replaying)
    movers = with_reasons(replaying, penalties.movers)
    people = {one.person_id for one in movers if one.person_id is not None}
    units = {unit for unit in penalties.by_unit if unit is not None}
    return Replay(
        since=since,
        base=live.release.number,
        hash=draft.hash,
        records=replaying.records,
        penalties=penalties,
        deadlines=deadlines,
        scores=scores,
        movers=movers,
        unjudged=tuple(replaying.unjudged.values()),
        units=labels_of(live.session, live.models, "unit", units),
        people=labels_of(live.session, live.models, "person", people),
        currency=draft.portal.settings.currency,
    )


def _figure(value: Decimal | None, in_points: bool) -> str | None:
    if value is None:
        return None
    return figure(value) if in_points else money(value)
