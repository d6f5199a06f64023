"""Scores, penalties and clocks with their reasons: pure functions of compiled declarations and plain values.

    checklist, answers, facts -> score -> ChecklistResult
    schedule, case -> assess -> PenaltyAssessment
    service level, the record's history, a moment -> judge_clock -> Clock
    indicator, what was measured (measure_rows, or read by a database) -> judge_measured -> IndicatorResult

No database, no request, no clock of its own: what a result needs is handed in, so it can be computed again.
"""

from app.rules.answers import Answer, read_answers
from app.rules.cases import Case, EarlierPenalty, Person
from app.rules.checklists import CompiledChecklist, compile_checklist
from app.rules.clock_history import Version
from app.rules.clock_targets import Extension
from app.rules.clocks import Clock, judge_clock
from app.rules.examples import run_examples
from app.rules.heavier import excludes, heavier
from app.rules.indicator_rows import measure_rows
from app.rules.indicators import (
    CompiledIndicator,
    IndicatorResult,
    Measured,
    Reading,
    compile_indicator,
    judge_measured,
    shared,
)
from app.rules.late import joint_due, late_payment
from app.rules.mistakes import CaseError
from app.rules.outcomes import Penalty, PenaltyAssessment
from app.rules.penalties import assess
from app.rules.reasons import Reason
from app.rules.results import ChecklistResult, FindingDraft
from app.rules.schedules import CompiledSchedule, compile_schedule
from app.rules.scoring import score
from app.rules.service_levels import CompiledLevel, compile_service_level

__all__ = [
    "Answer",
    "Case",
    "CaseError",
    "ChecklistResult",
    "Clock",
    "CompiledChecklist",
    "CompiledIndicator",
    "CompiledLevel",
    "CompiledSchedule",
    "EarlierPenalty",
    "Extension",
    "FindingDraft",
    "IndicatorResult",
    "Measured",
    "Penalty",
    "PenaltyAssessment",
    "Person",
    "Reading",
    "Reason",
    "Version",
    "assess",
    "compile_checklist",
    "compile_indicator",
    "compile_schedule",
    "compile_service_level",
    "excludes",
    "heavier",
    "joint_due",
    "judge_clock",
    "judge_measured",
    "late_payment",
    "measure_rows",
    "read_answers",
    "run_examples",
    "score",
    "shared",
]
