"""The words and verdicts of a scored checklist: each item's reason, the grade, whether the list passes."""

from __future__ import annotations

from decimal import Decimal

from app.rules.checklists import CompiledChecklist, ItemRule
from app.rules.judging import Verdict
from app.rules.methods import Contribution
from app.rules.reasons import Reason, Saying, because
from app.rules.values import Plain, figure
from app.source import N_, Phrase
from app.spec.checklists import Grade

Reasons = tuple[Reason, ...]


def item_reason(item: ItemRule, verdict: Verdict, counted: Contribution | None) -> Reason:
    """Why an item earns or loses what it does, at the place of the rule that says so."""
    place = item.limit_at if item.limit is not None else item.spec.span
    inputs: dict[str, Plain] = {}
    if verdict.value is not None:
        inputs["answer"] = figure(verdict.value) if isinstance(verdict.value, Decimal) else verdict.value
    text = N_("{item}: {what}")
    lost, worth = "", ""
    if counted is not None and counted.lost > 0:
        lost, worth = figure(counted.lost), figure(counted.worth)
        text = (
            N_("{item}: {what}; {lost} of {worth} points lost")
            if counted.worth
            else N_("{item}: {what}; {lost} points lost")
        )
    return because(
        item.path,
        place,
        text,
        inputs,
        _grounds(item, verdict),
        item=item.label,
        what=Saying(verdict.text, verdict.params),
        lost=lost,
        worth=worth,
    )


def _grounds(item: ItemRule, verdict: Verdict) -> Reasons:
    """What the reason rests on: the condition that left it out, the veto, the standard's clause."""
    grounds: list[Reason] = []
    if verdict.state == "not_asked" and item.when is not None:
        text = N_("asked only when {condition}")
        grounds.append(because(f"{item.path}.when", item.when.span, text, condition=item.when.source))
    if verdict.state == "failed" and item.spec.critical:
        text = N_("critical: failing it fails the whole list")
        grounds.append(because(f"{item.path}.critical", item.spec.span_of("critical"), text))
    if item.clause is not None and verdict.counted:
        clause = Phrase(item.clause.title or item.spec.standard or "")
        number = item.clause.clause
        text = N_("standard {number} {clause}") if number else N_("standard {clause}")
        grounds.append(
            because(f"standards.{item.spec.standard}", item.clause.span, text, clause=clause, number=number)
        )
    return tuple(grounds)


def grade_of(
    checklist: CompiledChecklist, score: Decimal | None, vetoed: tuple[str, ...]
) -> tuple[Grade | None, Reasons]:
    """The grade whose bound the score reaches (the bound belongs to the better grade); a veto gives the
    lowest. None where there is no score or no grade reaches so low."""
    grades = checklist.grades
    if not grades or score is None:
        return None, ()
    index = next((i for i, one in enumerate(grades) if one.from_ is None or score >= one.from_), None)
    if vetoed:
        index = len(grades) - 1
    if index is None:
        return None, ()
    grade, words = grades[index], Phrase(grades[index].title)
    if vetoed:
        text = N_("grade {grade}: a critical item failed")
        return grade, (because("scoring.grades", grade.span, text, grade=words),)
    if grade.from_ is None:
        text = N_("grade {grade}: below every other bound")
        return grade, (because("scoring.grades", grade.span, text, grade=words),)
    text = N_("grade {grade}: from {bound}")
    place = grade.span_of("from")
    return grade, (because("scoring.grades", place, text, grade=words, bound=figure(grade.from_)),)


def passed_of(
    checklist: CompiledChecklist, score: Decimal | None, vetoed: tuple[str, ...], complete: bool
) -> tuple[bool | None, Reasons]:
    """Whether the list passes. A failed critical item decides at once; an incomplete list is not judged; a
    list without a bound is judged by its critical items alone, or not at all where it has none."""
    scoring = checklist.scoring
    place = scoring.span_of("pass")
    if vetoed:
        names = tuple(checklist.items[name].label for name in vetoed)
        critical = checklist.items[vetoed[0]].spec.span_of("critical")
        return False, (
            because(
                "scoring.critical", critical, N_("not passed: critical items failed: {items}"), items=names
            ),
        )
    if not complete:
        return None, (because("scoring.pass", place, N_("not judged yet: items are still to be answered")),)
    if scoring.pass_ is None:
        if any(item.spec.critical for item in checklist.items.values()):
            return True, (because("scoring.critical", place, N_("passed: no critical item failed")),)
        return None, ()
    if score is None:
        return None, ()
    passed, bound = score >= scoring.pass_, figure(scoring.pass_)
    text = N_("passed: at least {bound}") if passed else N_("not passed: less than {bound}")
    return passed, (because("scoring.pass", place, text, bound=bound),)
