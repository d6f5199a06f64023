"""Why this amount: the stored reasons in the reader's language, and the judging done again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.access import hidden_fields
from app.actions.context import Context
from app.actions.penalty_charges import PENALTY
from app.actions.penalty_decisions import stored_penalty
from app.actions.penalty_judged import CHARGED, case_of, judged_of, main_figure
from app.actions.records import load_for
from app.actions.stored_reasons import TELLING
from app.rules import PenaltyAssessment, Reason, assess, compile_schedule
from app.rules.values import Plain, money, rounded
from app.source import N_, PortalError, Translate, untranslated
from app.storage.penalties import PenaltyRow, penalty_row

_CENT = Decimal("0.01")


class NotJudgedAgain(PortalError):
    """A penalty cannot be judged again here, or comes out otherwise than it is stored."""

    def __init__(self, text: str, params: Mapping[str, object]) -> None:
        self.text, self.params = text, dict(params)
        super().__init__(text.format(**self.params))

    def message(self, translate: Translate = untranslated) -> str:
        return translate(self.text).format(**self.params)


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One step in words, its place in the configuration, what was read, and the steps that it rests on."""

    text: str
    file: str
    line: int
    children: tuple[ShownReason, ...] = ()
    inputs: Mapping[str, Plain] = field(default_factory=dict)


def why(context: Context, penalty_id: int) -> tuple[ShownReason, ...]:
    """Why a penalty is what it is, in the actor's language, for whoever may read it.

    Nothing for those from whom a field is hidden that the reasons give away. Raises RecordGone.
    """
    load_for(context, PENALTY, penalty_id)
    if TELLING & hidden_fields(context.policy, context.actor, PENALTY):
        return ()
    row = stored_penalty(context, penalty_id)
    return tuple(_shown(one, context.translate) for one in reasons_of(row.reasons or ()))


def reasons_of(stored: Iterable[object]) -> tuple[Reason, ...]:
    """The reasons as they were stored; what is none (written by an import, say) is left out."""
    return tuple(_reasons(stored))


def judge_again(context: Context, penalty_id: int) -> PenaltyAssessment:
    """Judge a penalty again by what is stored with it, and hold the result against it to the cent.

    Raises RecordGone where the actor may not read it, NotJudgedAgain where it was made under another release
    than the present one, was never judged by a schedule, or comes out otherwise.
    """
    load_for(context, PENALTY, penalty_id)
    row = stored_penalty(context, penalty_id)
    case, words = case_of(row), {"number": row.number or f"#{row.id}"}
    made_under = row.release_id or 0
    if made_under != context.release.number:
        text = N_("{number} was judged under release {release}, which is not the present one")
        raise NotJudgedAgain(text, {**words, "release": made_under})
    spec = context.release.portal.penalty_schedules.get(row.schedule or "")
    if case is None or spec is None:
        raise NotJudgedAgain(N_("{number} was not judged by a schedule"), words)
    schedule = compile_schedule(context.release.portal, spec)
    found = assess(schedule, case)
    _compare(row, found, row.base_amount, words)
    decided = _decided_amount(context, row)
    if decided is not None:
        found = assess(schedule, replace(case, amount=decided))
        _compare(row, found, row.amount_due, words)
    return found


def _reasons(stored: Iterable[object]) -> Iterator[Reason]:
    for one in stored:
        if isinstance(one, Mapping) and {"rule", "file", "line", "text"} <= one.keys():
            yield Reason.from_json(one)


def _shown(reason: Reason, translate: Translate) -> ShownReason:
    children = tuple(_shown(child, translate) for child in reason.children)
    return ShownReason(reason.sentence(translate), reason.file, reason.line, children, reason.inputs)


def _decided_amount(context: Context, row: PenaltyRow) -> Decimal | None:
    """What the decider set for the person in breach; None where the tariff says the amount."""
    if not judged_of(row).open or row.amount_due is None:
        return None
    if row.origin == "direct":
        return row.amount_due if row.state in CHARGED else None
    main = penalty_row(context.session, context.models, row.joint_with_id or 0)
    return main.amount_due if main is not None and main.state in CHARGED else None


def _compare(
    row: PenaltyRow, found: PenaltyAssessment, stored: Decimal | None, words: Mapping[str, object]
) -> None:
    if row.state == "exempt":
        if row.origin == "direct" and found.exempt is None:
            raise NotJudgedAgain(N_("{number} was let off, but is charged when judged again"), words)
        return
    amounts = [
        main_figure(one)
        for one in found.penalties
        if one.origin == row.origin and one.person is not None and one.person.id == str(row.person_id)
    ]
    if not amounts:
        raise NotJudgedAgain(N_("{number} does not follow when judged again"), words)
    again = amounts[0]
    if (again is None) != (stored is None) or (
        again is not None and stored is not None and rounded(again, _CENT) != rounded(stored, _CENT)
    ):
        shown = {"stored": _money(stored), "again": _money(again)}
        text = N_("{number} is stored with {stored}, and comes to {again} when judged again")
        raise NotJudgedAgain(text, {**words, **shown})


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else money(amount)
