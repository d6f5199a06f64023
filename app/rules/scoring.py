"""Scoring a checklist: a pure function of the compiled checklist, the answers, the facts and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.rules.answers import EMPTY, Answer, Answers
from app.rules.checklists import CompiledChecklist, ItemRule
from app.rules.conditions import ANSWERS, FACTS, SCORE
from app.rules.elapsed import due_after
from app.rules.judging import Value, Verdict, judge, read_answer
from app.rules.methods import Contribution, Total, total
from app.rules.mistakes import Mistake, unknown
from app.rules.reasons import Reason, because
from app.rules.results import ChecklistResult, FindingDraft, ItemResult
from app.rules.values import figure, rounded_fraction
from app.rules.verdicts import grade_of, item_reason, passed_of
from app.source import N_

Facts = Mapping[str, object]
NO_FACTS: Facts = MappingProxyType({})
_NOT_ASKED = Verdict("not_asked", text=N_("not asked: its condition does not hold"))


@dataclass(frozen=True, slots=True)
class _Judged:
    item: ItemRule
    answer: Answer
    verdict: Verdict


def score(
    checklist: CompiledChecklist, answers: Answers, facts: Facts = NO_FACTS, now: datetime | None = None
) -> ChecklistResult:
    """Score `answers` (item -> answer).

    facts: the inspected record's fields by name, linked records as nested mappings, look-ups under `FACTS`;
    now: when the answers were given, for `now`, `today` and the time to rectify (left out, none is computed).
    The order of the answers never matters.
    """
    values, mistakes = _values(checklist, answers)
    scope = _scope(checklist, facts, now)
    asked = _asked(checklist, scope, values, answers, checklist.late)
    if checklist.late:
        scope[SCORE] = _rounded(
            checklist, total(checklist, _counted(_judge(checklist, asked, values, answers)))
        )
        asked = _asked(checklist, scope, values, answers)
    judged = _judge(checklist, asked, values, answers)
    counted = _counted(judged)
    by_item = {one.item: one for one in counted}
    found = total(checklist, counted)
    points = _rounded(checklist, found)
    missing = tuple(one.item.id for one in judged if one.verdict.state == "missing")
    vetoed = tuple(one.item.id for one in judged if one.item.spec.critical and one.verdict.state == "failed")
    scope |= {ANSWERS: _seen(checklist, asked, values, answers), SCORE: points}
    findings = tuple(draft for one in judged if (draft := _finding(one, scope, checklist, now)) is not None)
    failing = {draft.item: draft.evidence for draft in findings}
    items = tuple(_result(one, by_item.get(one.item.id), failing.get(one.item.id, ())) for one in judged)
    complete = not missing and not mistakes
    grade, graded = grade_of(checklist, points, vetoed) if complete else (None, ())
    passed, verdict = passed_of(checklist, points, vetoed, complete)
    return ChecklistResult(
        checklist=checklist.spec.full_name,
        score=points,
        base=rounded_fraction(found.base, 6),
        grade=grade.title if grade is not None else None,
        grade_name=grade.name if grade is not None else None,
        passed=passed,
        complete=complete,
        items=items,
        findings=findings,
        missing=missing,
        vetoed_by=vetoed,
        mistakes=mistakes,
        because=(_score_reason(checklist, found, points), *graded, *verdict),
    )


def _judge(
    checklist: CompiledChecklist, asked: frozenset[str], values: Mapping[str, Value], answers: Answers
) -> list[_Judged]:
    return [
        _Judged(item, answer, judge(item, answer, values.get(item.id)) if item.id in asked else _NOT_ASKED)
        for item, answer in ((item, answers.get(item.id, EMPTY)) for item in checklist.items.values())
    ]


def _counted(judged: list[_Judged]) -> list[Contribution]:
    return [_contribution(one) for one in judged if one.verdict.counted and one.item.counts]


def _values(checklist: CompiledChecklist, answers: Answers) -> tuple[dict[str, Value], tuple[Mistake, ...]]:
    """Each answer in the form of its kind, and what cannot be read."""
    values: dict[str, Value] = {}
    mistakes: list[Mistake] = []
    for name in sorted(answers):
        item = checklist.items.get(name)
        if item is None:
            mistakes.append(unknown(name, N_("the checklist has no item '{name}'"), checklist.items))
            continue
        value = read_answer(item, answers[name])
        if isinstance(value, Mistake):
            mistakes.append(value)
        elif value is not None:
            values[name] = value
    return values, tuple(mistakes)


def _scope(checklist: CompiledChecklist, facts: Facts, now: datetime | None) -> dict[str, object]:
    scope: dict[str, object] = dict(facts)
    scope.setdefault(FACTS, dict.fromkeys(lookup.key for lookup in checklist.lookups))
    if now is not None:
        scope.setdefault("now", now)
        scope.setdefault("today", now.astimezone(ZoneInfo(checklist.zone)).date())
    return scope


def _asked(
    checklist: CompiledChecklist,
    scope: dict[str, object],
    values: Mapping[str, Value],
    answers: Answers,
    left_out: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The items whose conditions hold. A condition sees only answers to items that are asked themselves, so
    where conditions read answers they are tried again until nothing changes.

    `left_out` are asked by the score of all the others, which is worked out first.
    """
    asked = frozenset(checklist.items) - left_out
    for _ in range(len(checklist.items) + 1 if checklist.conditional else 1):
        seen = {**scope, ANSWERS: _seen(checklist, asked, values, answers)}
        held = {
            name
            for name, section in checklist.sections.items()
            if section.when is None or section.when.holds(seen)
        }
        found = frozenset(
            item.id
            for item in checklist.items.values()
            if item.id not in left_out
            and item.section in held
            and (item.when is None or item.when.holds(seen))
        )
        if found == asked:
            break
        asked = found
    return asked


def _seen(
    checklist: CompiledChecklist, asked: frozenset[str], values: Mapping[str, Value], answers: Answers
) -> dict[str, object]:
    """What `answer()` gives: the values of asked items, photos as that many rows, words for `na`."""
    seen: dict[str, object] = {}
    for name in asked:
        kind = checklist.items[name].spec.answer
        if name in values:
            value = values[name]
            seen[name] = tuple({"id": n} for n in range(int(value or 0))) if kind == "photo" else value
        elif kind in ("pass_fail", "yes_no") and answers.get(name, EMPTY).not_applicable:
            seen[name] = "not_applicable"
    return seen


def _contribution(one: _Judged) -> Contribution:
    item, verdict = one.item, one.verdict
    worth = Fraction(item.worth or 0)
    earned = worth * verdict.share
    if verdict.lost is not None and item.spec.points is None:
        earned = worth - Fraction(verdict.lost)
    return Contribution(item.id, item.section, worth, earned, verdict.state != "failed")


def _rounded(checklist: CompiledChecklist, found: Total) -> Decimal | None:
    if found.score is None:
        return None
    points = rounded_fraction(found.score, checklist.scoring.places)
    floor = checklist.scoring.floor
    return points if floor is None else max(points, floor)


def _score_reason(checklist: CompiledChecklist, found: Total, points: Decimal | None) -> Reason:
    place = checklist.spec.span_of("scoring")
    why = Reason(f"scoring.{checklist.scoring.method}", place.file, place.line, found.text, found.params)
    if points is None:
        return why
    inputs = {"base": figure(rounded_fraction(found.base, 6))}
    return because("scoring", place, N_("score {score}"), inputs, (why,), score=format(points, "f"))


def _result(one: _Judged, counted: Contribution | None, failing: tuple[str, ...]) -> ItemResult:
    item, verdict = one.item, one.verdict
    answered = verdict.counted
    demanded = (*item.spec.evidence, *failing) if answered else ()
    lost = rounded_fraction(counted.lost, 6) if counted is not None else None
    return ItemResult(
        id=item.id,
        section=item.section,
        label=item.label,
        state=verdict.state,
        value=verdict.value,
        points=item.worth if counted is not None else None,
        lost=lost,
        critical=item.spec.critical,
        why=item_reason(item, verdict, counted),
        standard=item.spec.standard,
        lacking=tuple(kind for kind in dict.fromkeys(demanded) if not one.answer.has(kind)),
    )


def _finding(
    one: _Judged, scope: Mapping[str, object], checklist: CompiledChecklist, now: datetime | None
) -> FindingDraft | None:
    """What a failed item becomes; None where nothing says so or `on_fail` does not apply."""
    item, rule = one.item, one.item.fail
    if one.verdict.state != "failed" or rule is None or not rule.spec.finding:
        return None
    if rule.when is not None and not rule.when.holds(scope):
        return None
    rectify_by = None
    if rule.rectify is not None and now is not None:
        rectify_by = due_after(rule.rectify, now, checklist.zone, scope, checklist.calendar)
    return FindingDraft(
        item=item.id,
        section=item.section,
        title=item.label,
        class_=rule.spec.class_,
        level=rule.spec.level,
        penalty=rule.spec.penalty,
        rectify=rule.spec.rectify,
        rectify_by=rectify_by,
        rectify_open=rule.rectify is not None and rectify_by is None,
        evidence=rule.spec.evidence,
        critical=item.spec.critical,
        standard=item.spec.standard,
        remark=one.answer.remark,
        values={name: value.test(scope) for name, value in rule.values.items()},
    )
