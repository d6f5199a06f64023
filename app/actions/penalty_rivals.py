"""One event under two schedules: which of them is charged, seen over all penalties of one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.actions.context import Context
from app.actions.penalty_judged import CHARGED, assessment_of, judged_of
from app.rules import (
    CompiledSchedule,
    PenaltyAssessment,
    Reason,
    compile_schedule,
    excludes,
    heavier,
)
from app.storage.penalties import PenaltyRow


@dataclass(frozen=True, slots=True)
class Rivals:
    """The penalties of one offender by another schedule that is not charged beside this one."""

    schedule: CompiledSchedule
    rows: tuple[PenaltyRow, ...]

    @property
    def direct(self) -> PenaltyRow | None:
        return next((row for row in self.rows if row.origin == "direct"), None)

    @property
    def charged(self) -> bool:
        """Whether somebody has decided on it, and nobody took that back."""
        return self.direct is not None and self.direct.state in CHARGED


@dataclass(frozen=True, slots=True)
class Weighed:
    """lost: why this matter is not charged; beaten: the rivals that are lighter, with the reason; freed:
    rivals that need not stand back for this; notes: what could not be settled."""

    lost: Reason | None = None
    beaten: tuple[tuple[Rivals, Reason], ...] = ()
    freed: tuple[Rivals, ...] = ()
    notes: tuple[Reason, ...] = ()


def group_of(rows: Sequence[PenaltyRow], schedule: str, offender_id: int | None) -> tuple[PenaltyRow, ...]:
    """The penalties of one matter: by one schedule, for one person in breach."""
    return tuple(
        row for row in rows if row.schedule == schedule and judged_of(row).offender_id == offender_id
    )


def rivals_of(
    context: Context, schedule: CompiledSchedule, offender_id: int | None, rows: Sequence[PenaltyRow]
) -> tuple[Rivals, ...]:
    """What else the same event led to for the same person and may not be charged beside `schedule`."""
    portal = context.release.portal
    found = []
    for name in dict.fromkeys(row.schedule for row in rows):
        spec = portal.penalty_schedules.get(name or "")
        if (
            spec is None
            or spec.full_name == schedule.spec.full_name
            or not excludes(portal, schedule.spec, spec)
        ):
            continue
        group = group_of(rows, spec.full_name, offender_id)
        if group:
            found.append(Rivals(compile_schedule(portal, spec), group))
    return tuple(found)


def weigh(
    context: Context,
    schedule: CompiledSchedule,
    assessment: PenaltyAssessment,
    mine: Sequence[PenaltyRow],
    rivals: Sequence[Rivals],
) -> Weighed:
    """Compare an assessment with its rivals. What was let off or withdrawn weighs nothing, and of two that
    weigh the same the one that was raised first is charged."""
    since = min((row.id for row in mine), default=None)
    lost: Reason | None = None
    beaten: list[tuple[Rivals, Reason]] = []
    freed: list[Rivals] = []
    notes: list[Reason] = []
    for rival in rivals:
        direct = rival.direct
        if direct is None or direct.state in ("exempt", "withdrawn"):
            continue
        if assessment.exempt is not None:
            freed.append(rival)
            continue
        own, other = (schedule, assessment), (rival.schedule, assessment_of(direct))
        first = since is not None and since < direct.id
        found = (
            heavier(context.release.portal, own, other)
            if first
            else heavier(context.release.portal, other, own)
        )
        if found.charged is None:
            notes.append(found.because)
            freed.append(rival)
        elif found.charged is assessment:
            beaten.append((rival, found.because))
        else:
            lost = lost or found.because
            freed.append(rival)
    if lost is not None:
        beaten = []
    notes += [why for rival, why in beaten if rival.charged]
    return Weighed(lost, tuple(beaten), tuple(freed), tuple(notes))
