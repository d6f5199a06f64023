"""Scores and penalties with their reasons: pure functions of the compiled declaration and plain values.

    checklist, answers, facts -> score -> ChecklistResult
    schedule, case -> assess -> PenaltyAssessment

No database, no request, no clock of its own: what a result needs is handed in, so it can be computed again.
"""

from app.rules.answers import Answer, read_answers
from app.rules.cases import Case, EarlierPenalty, Person
from app.rules.checklists import CompiledChecklist, compile_checklist
from app.rules.examples import run_examples
from app.rules.heavier import excludes, heavier
from app.rules.late import joint_due, late_payment
from app.rules.mistakes import CaseError
from app.rules.outcomes import Penalty, PenaltyAssessment
from app.rules.penalties import assess
from app.rules.reasons import Reason
from app.rules.results import ChecklistResult, FindingDraft
from app.rules.schedules import CompiledSchedule, compile_schedule
from app.rules.scoring import score

__all__ = [
    "Answer",
    "Case",
    "CaseError",
    "ChecklistResult",
    "CompiledChecklist",
    "CompiledSchedule",
    "EarlierPenalty",
    "FindingDraft",
    "Penalty",
    "PenaltyAssessment",
    "Person",
    "Reason",
    "assess",
    "compile_checklist",
    "compile_schedule",
    "excludes",
    "heavier",
    "joint_due",
    "late_payment",
    "read_answers",
    "run_examples",
    "score",
]
