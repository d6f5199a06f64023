"""What scoring a checklist gives: score, grade, each item with its reason, findings, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.rules.judging import State, Value
from app.rules.mistakes import Mistake
from app.rules.reasons import Reason
from app.rules.values import Plain, figure, plain
from app.source import Phrase, Translate, untranslated


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item: its answer, what it is worth, what it lost, and why. `points` and `lost` are None for items
    that do not count; `lacking` names demanded evidence that is not there."""

    id: str
    section: str
    label: Phrase
    state: State
    value: Value
    points: Decimal | None
    lost: Decimal | None
    critical: bool
    why: Reason
    standard: str | None = None
    lacking: tuple[str, ...] = ()

    @property
    def answer(self) -> str | None:
        """The answer as text; 'na' where it does not apply, None where there is none."""
        if self.state == "not_applicable":
            return "na"
        return figure(self.value) if isinstance(self.value, Decimal) else self.value

    def told(self, translate: Translate = untranslated) -> dict[str, Plain]:
        """The JSON that programs rely on."""
        return {
            "id": self.id,
            "answer": self.answer,
            "points": _text(self.points),
            "lost": _text(self.lost),
            "why": self.why.sentence(translate),
            "state": self.state,
            "critical": self.critical,
            "standard": self.standard,
            "lacking": list(self.lacking),
            "because": [self.why.told(translate)],
        }


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """What a failed item becomes.

    penalty: the schedule that fines it, as written; rectify: the duration as written; rectify_by: when that
    ends (None where it is unset or needs a calendar: then `rectify_open`); evidence: what is demanded;
    values: further fields of the finding.
    """

    item: str
    section: str
    title: Phrase
    class_: str | None
    level: str | None
    penalty: str | None
    rectify: str | None
    rectify_by: datetime | None
    rectify_open: bool
    evidence: tuple[str, ...]
    critical: bool
    standard: str | None
    remark: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self) -> dict[str, Plain]:
        """The JSON that programs rely on."""
        return {
            "item": self.item,
            "class": self.class_,
            "level": self.level,
            "rectify_by": plain(self.rectify_by),
            "rectify": self.rectify,
            "rectify_open": self.rectify_open,
            "penalty": self.penalty,
            "evidence": list(self.evidence),
            "critical": self.critical,
            "standard": self.standard,
            "remark": self.remark,
            "with": plain(self.values),
        }


@dataclass(frozen=True, slots=True)
class ChecklistResult:
    """The whole result.

    score: rounded, None where nothing counts; base: the points (items, weights) it is taken of; grade and
    passed: None while the list is incomplete (a failed critical item fails it at once) or where the checklist
    sets no bound; grade_name: the name of the grade, where it has one; vetoed_by: failed critical items;
    missing: items still to answer; mistakes: answers that cannot be read, whose items count as not answered;
    because: score, grade and pass.
    """

    checklist: str
    score: Decimal | None
    base: Decimal
    grade: str | None
    passed: bool | None
    complete: bool
    items: tuple[ItemResult, ...]
    findings: tuple[FindingDraft, ...]
    missing: tuple[str, ...]
    vetoed_by: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    because: tuple[Reason, ...]
    grade_name: str | None = None

    @property
    def lacking(self) -> tuple[tuple[str, str], ...]:
        """Demanded evidence that is not there, as (item, evidence)."""
        return tuple((item.id, kind) for item in self.items for kind in item.lacking)

    @property
    def acceptable(self) -> bool:
        """Whether the list may be submitted: all answered, nothing unreadable, all evidence there."""
        return self.complete and not self.mistakes and not self.lacking

    @property
    def asked(self) -> tuple[ItemResult, ...]:
        """The items that are asked."""
        return tuple(item for item in self.items if item.state != "not_asked")

    def reasons(self) -> Iterator[Reason]:
        """Why this score: the result's own reasons, then each asked item's."""
        yield from self.because
        yield from (item.why for item in self.asked)

    def reasons_json(self) -> dict[str, Plain]:
        """The tree that is stored beside the result: the templates of `because`, and of each asked item."""
        return {
            "because": [one.to_json() for one in self.because],
            "items": {item.id: item.why.to_json() for item in self.asked},
        }

    def told(self, translate: Translate = untranslated) -> dict[str, Plain]:
        """The JSON that programs rely on."""
        return {
            "checklist": self.checklist,
            "score": None if self.score is None else format(self.score, "f"),
            "base": figure(self.base),
            "grade": self.grade,
            **({"grade_name": self.grade_name} if self.grade_name is not None else {}),
            "passed": self.passed,
            "items": [item.told(translate) for item in self.asked],
            "findings": [finding.told() for finding in self.findings],
            "complete": self.complete,
            "missing": list(self.missing),
            "lacking": [{"item": item, "evidence": kind} for item, kind in self.lacking],
            "vetoed_by": list(self.vetoed_by),
            "mistakes": [{"item": one.where, "text": one.message(translate)} for one in self.mistakes],
            "because": [reason.told(translate) for reason in self.because],
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else figure(value)
