"""What a stored penalty says of its own judging, kept as `judged` beside the case in its `facts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.rules import Case, Penalty, PenaltyAssessment
from app.rules.outcomes import Exempted
from app.rules.values import Plain, Rounding, rounded, rounded_part
from app.storage.penalties import PenaltyRow

JUDGED, CASE_ONLY = "judged", ("now", "judged")
OPEN = ("proposed", "exempt", "not_charged")
"""States that the portal alone has given: nobody has decided yet, and judging again may change them."""
CHARGED = ("decided", "notified", "paid")


@dataclass(frozen=True, slots=True)
class Judged:
    """How one penalty came out.

    offender_id, unit_id: who was in breach, and that person's unit on the day; level: the one that was
    applied, found_level the one that was found; penalty: None where nobody is charged; ranged: the level lets
    the decider choose between bounds; step and rounding: of amounts.
    """

    offender_id: int | None = None
    unit_id: int | None = None
    level: str = ""
    found_level: str = ""
    penalty: Penalty | None = None
    ranged: bool = False
    step: Decimal = Decimal("0.01")
    rounding: Rounding = "half_up"

    @property
    def open(self) -> bool:
        """Whether the decider sets the amount."""
        return self.penalty is not None and (self.penalty.amount_asked or self.ranged)

    @property
    def share_open(self) -> bool:
        """Whether the regulation leaves the share open for which somebody answers: the decider says it."""
        return self.penalty is not None and self.penalty.origin == "joint" and self.penalty.share is None

    def share_of(self, amount: Decimal) -> Decimal | None:
        """What the one who answers jointly pays when the person in breach pays `amount`; None where the
        share is left open."""
        share = self.penalty.share if self.penalty is not None else None
        if self.share_open:
            return None
        return rounded_part(Fraction(amount) * (1 if share is None else share), self.step, self.rounding)

    def to_json(self) -> dict[str, Plain]:
        """The plain values that are stored; the reasons are stored apart."""
        bare = replace(self.penalty, because=()) if self.penalty is not None else None
        return {
            "offender": self.offender_id,
            "unit": self.unit_id,
            "level": self.level,
            "found_level": self.found_level,
            "penalty": None if bare is None else bare.to_json(),
            "ranged": self.ranged,
            "step": format(self.step, "f"),
            "rounding": self.rounding,
        }


def main_figure(penalty: Penalty) -> Decimal | None:
    """What is charged in the measure of its kind: points for the kind `points`, else money."""
    return penalty.points if penalty.kind == "points" else penalty.amount


def is_multiple(judged: Judged, amount: Decimal) -> bool:
    """Whether the amount fits the step that amounts are rounded to."""
    return rounded(amount, judged.step) == amount


def judged_of(row: PenaltyRow) -> Judged:
    """What is stored with a penalty; of one that no schedule judged (an import, say) what its fields tell."""
    stored = (row.facts or {}).get(JUDGED)
    if not isinstance(stored, Mapping):
        return Judged(row.person_id, row.unit_id, row.level or "", row.level or "")
    return judged_in(stored)


def judged_in(stored: Mapping[str, Any]) -> Judged:
    """What `Judged.to_json` stored."""
    penalty = stored["penalty"]
    return Judged(
        offender_id=stored["offender"],
        unit_id=stored["unit"],
        level=stored["level"],
        found_level=stored["found_level"],
        penalty=None if penalty is None else Penalty.from_json(penalty),
        ranged=stored["ranged"],
        step=Decimal(stored["step"]),
        rounding=stored["rounding"],
    )


def is_joint_of(row: PenaltyRow, main: PenaltyRow) -> bool:
    """Whether a penalty answers jointly in the matter of `main`, that of the person in breach."""
    same = row.schedule == main.schedule and judged_of(row).offender_id == judged_of(main).offender_id
    return row.origin == "joint" and same


def inputs_of(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a penalty was judged by, without the moment of judging and without the result."""
    return {name: value for name, value in (facts or {}).items() if name not in CASE_ONLY}


def case_of(row: PenaltyRow) -> Case | None:
    """The case that a penalty was judged by; None for one that no schedule judged."""
    if not row.facts or "at" not in row.facts:
        return None
    return Case.from_json(dict(row.facts))


def assessment_of(row: PenaltyRow) -> PenaltyAssessment:
    """The result that a penalty of a person in breach stands for, with the amount decided meanwhile."""
    judged = judged_of(row)
    penalty = judged.penalty
    if penalty is not None and row.state in CHARGED and row.amount_due is not None:
        decided = {"points" if penalty.kind == "points" else "amount": row.amount_due}
        penalty = replace(penalty, **decided)  # type: ignore[arg-type]
    return PenaltyAssessment(
        schedule=row.schedule or "",
        level=judged.level,
        found_level=judged.found_level,
        penalties=() if penalty is None else (penalty,),
        exempt=Exempted(None, ()) if penalty is None else None,
        decided_by=(),
    )
