"""What was judged is judged again from what is stored, under the release of its day, to the cent.

A penalty's chain is gone through entry by entry: each one's amount must follow from the one before it, from
the case that was stored with it, and from the schedule of that release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from app.actions.context import Context
from app.actions.penalty_charges import due_of
from app.actions.penalty_decisions import stored_penalty
from app.actions.penalty_judged import JUDGED, Judged, judged_in, main_figure
from app.actions.pinned import ReleaseGone, schedule_at
from app.rules import Case, CaseError, CompiledSchedule, Penalty, PenaltyAssessment, assess
from app.rules.late import late_payment
from app.rules.values import money, rounded
from app.source import N_, Refusal, Translate, untranslated
from app.storage.penalties import PenaltyRow
from app.storage.penalty_chain import ChainEntry, broken_at, chain_of

NOTHING, CENT = Decimal(0), Decimal("0.01")
_FREE = ("exempt", "not_charged", "withdrawn")
"""States in which nothing is due."""
_SOON = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that comes out otherwise than it is stored. place: the entry of a chain, the item of a
    checklist; what, and the two values, as text."""

    place: str
    what: str
    stored: str
    again: str

    def message(self, translate: Translate = untranslated) -> str:
        text = N_("{place}: {what} is stored as {stored}, and comes to {again} when judged again")
        what = translate(self.what)
        return translate(text).format(place=self.place, what=what, stored=self.stored, again=self.again)


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What was judged again. release: its number, 0 for what was made before any was stored; steps: how many
    results were compared; amount: what is due in the end, for a penalty."""

    record_type: str
    id: int
    label: str
    release: int
    steps: int
    differences: tuple[Difference, ...] = ()
    amount: Decimal | None = None

    @property
    def same(self) -> bool:
        return not self.differences


class NotRejudged(Refusal):
    """Something cannot be judged again: no schedule judged it, or its release is not there any more."""


def rejudge_penalty(context: Context, penalty_id: int) -> Rejudged:
    """Judge one penalty again, from its first entry to the last. Reads everything: for the portal itself.

    Raises RecordGone, and NotRejudged where nothing that was judged is stored.
    """
    row = stored_penalty(context, penalty_id)
    chain = chain_of(context.session, context.models, penalty_id)
    label = row.number or f"#{row.id}"
    if row.facts is None or "at" not in row.facts:
        raise NotRejudged(N_("{number} was not judged by a schedule"), number=label)
    walk = _Walk(context, row)
    try:
        found = [*walk.through(chain), *walk.as_stored(chain[-1] if chain else None)]
    except ReleaseGone as error:
        raise NotRejudged(
            N_("release {release} is not stored in this database"), release=error.number
        ) from error
    place = broken_at(chain)
    if place is not None:
        found.append(Difference(f"{label}/{place}", N_("the seal"), N_("whole"), N_("broken")))
    return Rejudged("penalty", row.id, label, row.release_id or 0, len(chain), tuple(found), row.amount_due)


@dataclass(slots=True)
class _Walk:
    """Goes through the chain of one penalty, with the amount that must follow from it so far."""

    context: Context
    row: PenaltyRow
    amount: Decimal | None = None
    case: Case | None = None
    judged: Judged = field(default_factory=Judged)
    schedule: CompiledSchedule | None = None
    assessment: PenaltyAssessment | None = None
    before_late: Decimal | None = None
    late_steps: int = 0
    skipped: int = 0

    def through(self, chain: Sequence[ChainEntry]) -> Iterator[Difference]:
        """Every entry against what it must come to."""
        for entry in chain:
            yield from self._judged_in(entry)
            expected = self._expected(entry)
            yield from self._compare(entry, N_("amount"), entry.new_amount, expected)
            if entry.seq > 1:
                yield from self._compare(entry, N_("amount before"), entry.old_amount, self.amount)
            if (entry.refunded_amount or NOTHING) > (entry.paid_amount or NOTHING):
                yield Difference(
                    self._place(entry), N_("refund"), _said(entry.refunded_amount), _said(entry.paid_amount)
                )
            self._go_on(entry)

    def as_stored(self, last: ChainEntry | None) -> Iterator[Difference]:
        """The penalty as it stands against its last entry and its stored case."""
        row, number = self.row, self.row.number or f"#{self.row.id}"
        if last is not None:
            for what, stored, again in (
                (N_("amount"), _said(row.amount_due), _said(last.new_amount)),
                (N_("state"), row.state, last.state),
                (N_("paid"), _said(row.paid_amount), _said(last.paid_amount)),
                (N_("refund"), _said(row.refunded_amount), _said(last.refunded_amount)),
            ):
                if stored != again:
                    yield Difference(number, what, stored, again)
        self._judge(row.facts or {}, row.release_id)
        own = self._own()
        if row.state == "exempt" or self.assessment is None:
            if row.origin == "direct" and self.assessment is not None and self.assessment.exempt is None:
                yield Difference(number, N_("exemption"), N_("let off"), N_("charged"))
            return
        if own is None:
            if row.state != "withdrawn":
                yield Difference(number, N_("penalty"), _said(row.base_amount), "–")
            return
        if _cents(row.base_amount) != _cents(main_figure(own)):
            yield Difference(number, N_("tariff"), _said(row.base_amount), _said(main_figure(own)))
        if row.level != self.assessment.level:
            yield Difference(number, N_("level"), str(row.level), self.assessment.level)

    def _judged_in(self, entry: ChainEntry) -> Iterator[Difference]:
        """Judge anew where the entry brought a case; what it charged must follow from that."""
        if entry.facts is None or "at" not in entry.facts:
            return
        self._judge(entry.facts, entry.release_id)
        own = self._own()
        if own is None or entry.state == "exempt":
            return
        yield from self._compare(entry, N_("tariff"), entry.base_amount, main_figure(own))
        found = self.assessment
        if found is not None and entry.level != found.level:
            yield Difference(self._place(entry), N_("level"), str(entry.level), found.level)

    def _judge(self, facts: object, release: int | None) -> None:
        assert isinstance(facts, dict)
        self.schedule = schedule_at(self.context, self.row.schedule, release)
        self.case, self.judged = Case.from_json(facts), judged_in(facts[JUDGED])
        self.assessment = self._assess(self.case)

    def _assess(self, case: Case) -> PenaltyAssessment | None:
        if self.schedule is None:
            raise NotRejudged(N_("'{schedule}' is no schedule of that release"), schedule=self.row.schedule)
        try:
            return assess(self.schedule, case)
        except CaseError:
            return None

    def _own(self, assessment: PenaltyAssessment | None = None) -> Penalty | None:
        """The penalty of the same person in the result."""
        found = assessment or self.assessment
        for one in found.penalties if found is not None else ():
            if one.origin == self.row.origin and one.person is not None:
                if one.person.id == str(self.row.person_id):
                    return one
        return None

    def _expected(self, entry: ChainEntry) -> Decimal | None:
        """What is due after an entry, by its kind."""
        if entry.state in _FREE:
            return NOTHING
        own = self._own()
        match entry.kind:
            case "proposed" | "taken_up" | "judged_again":
                return due_of(own) if own is not None else NOTHING
            case "decided" | "amount_set" | "corrected" | "entered" | "edited":
                return self._set_by_somebody(entry, own)
            case "share_set":
                return self._share(entry)
            case "late":
                return self._late(entry)
            case _:
                return self.amount

    def _set_by_somebody(self, entry: ChainEntry, own: Penalty | None) -> Decimal | None:
        """An amount that a decider set: taken as it is where the rules let him, else what they say."""
        amount = entry.new_amount
        if entry.kind in ("entered", "edited") or (entry.kind == "amount_set" and self.judged.open):
            return amount
        if entry.kind == "corrected":
            return self._corrected(entry, own)
        if not self.judged.open or self.row.origin == "joint" or amount is None or own is None:
            return self.amount
        again = self._own(self._assess(replace(self.case, amount=amount))) if self.case is not None else None
        return main_figure(again) if again is not None else None

    def _corrected(self, entry: ChainEntry, own: Penalty | None) -> Decimal | None:
        """A joint share that follows its main penalty, a level judged anew, or an amount that was set."""
        if entry.detail.get("of"):
            judged = entry.facts is not None and own is not None and not own.amount_asked
            share = due_of(own) if judged and own is not None else self._share(entry)
            lowest = [one for one in (share, self.amount) if one is not None]
            return min(lowest) if lowest else None
        fixed = entry.facts is not None and own is not None and not own.amount_asked
        return due_of(own) if fixed and own is not None else entry.new_amount

    def _share(self, entry: ChainEntry) -> Decimal | None:
        """The share of what the penalty of the person in breach came to at that moment."""
        main = chain_of(self.context.session, self.context.models, self.row.joint_with_id or 0)
        due = next((one.new_amount for one in main if one.seq == entry.detail.get("seq")), None)
        return self.judged.share_of(due) if due is not None else self.amount

    def _late(self, entry: ChainEntry) -> Decimal | None:
        """The steps of late payment so far, on what was due without them."""
        step = entry.detail.get("step")
        schedule = schedule_at(self.context, self.row.schedule, entry.release_id)
        if not isinstance(step, int) or schedule is None:
            return entry.new_amount
        taken = dict.fromkeys(range(step + 1), entry.at)
        found = late_payment(schedule, self.before_late, None, entry.at + _SOON, taken, skip=self.skipped)
        self.late_steps = step + 1
        return found.amount

    def _go_on(self, entry: ChainEntry) -> None:
        """The next entry follows from this one as it is stored: one difference is told once."""
        self.amount = entry.new_amount
        if entry.kind != "late" and entry.new_amount != self.before_late:
            if entry.old_amount != entry.new_amount or self.before_late is None:
                self.before_late, self.skipped = entry.new_amount, self.late_steps

    def _compare(
        self, entry: ChainEntry, what: str, stored: Decimal | None, again: Decimal | None
    ) -> Iterator[Difference]:
        if _cents(stored) != _cents(again):
            yield Difference(self._place(entry), what, _said(stored), _said(again))

    def _place(self, entry: ChainEntry) -> str:
        return f"{self.row.number or f'#{self.row.id}'}/{entry.seq}"


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else rounded(amount, CENT)


def _said(amount: Decimal | None) -> str:
    return "-" if amount is None else money(amount)
