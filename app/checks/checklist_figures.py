"""Checklists: figures that a score can be worked out from, and keys that would change nothing."""

from __future__ import annotations

from app.checks.context import Checking, Found, unknown_word
from app.source import N_, fault, warning
from app.spec.checklists import Checklist, ChecklistItem, ChecklistSection, OnFail, Scoring, Standard
from app.spec.penalties import PenaltySchedule

_ALWAYS_RECORDED = ("text", "photo")
_WEIGHED = ("weighted", "average")
_RESCALED = ("deduct", "sum")


def figures_make_a_score(checking: Checking) -> Found:
    """CHK004: no points below zero, no share beyond one, a full score, and a floor that leaves room."""
    for checklist in checking.each(Checklist):
        yield from _scoring(checklist.scoring)
        for section in checklist.sections:
            if section.weight is not None and section.weight < 0:
                text = N_("a weight below zero: {figure}")
                yield fault("CHK004", section.span_of("weight"), text, figure=section.weight)
        for _, item in checklist.items():
            yield from _points(item)


def _scoring(scoring: Scoring) -> Found:
    full, floor, grades = scoring.full, scoring.floor, scoring.grades
    if full is not None and full <= 0:
        yield fault("CHK004", scoring.span_of("full"), N_("a full score of {figure}"), figure=full)
    elif full is not None and floor is not None and floor >= full:
        text = N_("the floor {floor} leaves no room below the full score {full}")
        yield fault("CHK004", scoring.span_of("floor"), text, floor=floor, full=full)
    if floor is None and grades and grades[-1].from_ is not None:
        text, hint = N_("no grade takes a score below {bound}"), N_("leave 'from' out of the last grade")
        yield fault("CHK002", grades[-1].span_of("from"), text, hint, bound=grades[-1].from_)


def _points(item: ChecklistItem) -> Found:
    for key in ("points", "per_unit"):
        figure = getattr(item, key)
        if figure is not None and figure < 0:
            text = N_("'{key}' of '{name}' is below zero: {figure}")
            hint = N_("write what failing costs without a sign")
            yield fault("CHK004", item.span_of(key), text, hint, key=key, name=item.id, figure=figure)
    for name, step in item.options.items() if isinstance(item.options, dict) else ():
        if step.share is not None and not 0 <= step.share <= 1:
            text = N_("the share of '{name}' is {figure}; it lies between 0 and 1")
            hint = N_("write 0.6 for 60 % of the points")
            yield fault("CHK004", step.span_of("share"), text, hint, name=name, figure=step.share)


def examples_expect_something(checking: Checking) -> Found:
    """EXM001: an example that compares nothing would pass whatever comes out."""
    for checklist in checking.each(Checklist):
        for example in checklist.examples:
            if not example.expect:
                yield fault("EXM001", example.span_of("expect"), N_("the example expects nothing"))


def levels_fit_the_schedule(checking: Checking) -> Found:
    """REF007: the level of an item that fails is one of the schedule that fines it, wherever the two are
    written: with the item, its section or the whole list."""
    for checklist in checking.each(Checklist):
        sound: set[tuple[str, str]] = set()
        for section, item in checklist.items():
            layers = [one for one in (checklist.on_fail, section.on_fail, item.on_fail) if one is not None]
            levelled, fined = _last(layers, "level"), _last(layers, "penalty")
            if levelled is None or fined is None or levelled.level is None or fined.penalty is None:
                continue
            pair = (levelled.level, fined.penalty)
            schedule = checking.find(PenaltySchedule, fined.penalty, checklist.regime)
            if pair in sound or schedule is None or levelled.level in schedule.levels:
                sound.add(pair)
                continue
            text, at = N_("the penalty schedule '{owner}' has no level '{name}'"), levelled.span_of("level")
            yield unknown_word("REF007", at, text, levelled.level, schedule.levels, owner=schedule.full_name)


def _last(layers: list[OnFail], key: str) -> OnFail | None:
    """The innermost layer that writes `key`."""
    return next((one for one in reversed(layers) if one.wrote(key)), None)


def keys_have_an_effect(checking: Checking) -> Found:
    """CHK005 (warning): what no answer can set off, and what the method of scoring does not look at."""
    for checklist in checking.each(Checklist):
        scoring = checklist.scoring
        if scoring.rescale and scoring.method not in _RESCALED:
            text = N_("'{key}' changes nothing: the method '{method}' always scales to the full score")
            place = scoring.place.key("rescale")
            yield warning("CHK005", place, text, key="rescale", method=scoring.method)
        for section in checklist.sections:
            yield from _weight(scoring, section)
        for _, item in checklist.items():
            yield from _never_fails(checking, checklist, item)
            if item.answer == "score" and not _has_best(checklist, item):
                text = N_("'{name}' does not count: nothing says which score is the best")
                hint = N_("write 'points' or 'max'")
                yield warning("CHK005", item.span, text, hint, name=item.id)


def _weight(scoring: Scoring, section: ChecklistSection) -> Found:
    if section.weight is not None and scoring.method not in _WEIGHED:
        text = N_("'{key}' changes nothing: the method '{method}' does not weigh sections")
        place, hint = section.place.key("weight"), N_("write 'method: weighted'")
        yield warning("CHK005", place, text, hint, key="weight", method=scoring.method)


def _never_fails(checking: Checking, checklist: Checklist, item: ChecklistItem) -> Found:
    recorded = item.answer in _ALWAYS_RECORDED
    if item.answer == "number" and item.limit is None:
        recorded = not _clause_sets_a_limit(checking, checklist, item)
    if not recorded:
        return
    for key in ("critical", "on_fail"):
        if item.wrote(key) and (key == "on_fail" or item.critical):
            text = N_("'{key}' changes nothing: the answer to '{name}' is only recorded and never fails")
            hint = N_("write a limit, or ask for pass or fail beside it")
            yield warning("CHK005", item.place.key(key), text, hint, key=key, name=item.id)


def _clause_sets_a_limit(checking: Checking, checklist: Checklist, item: ChecklistItem) -> bool:
    name, _, clause = (item.standard or "").rpartition(".")
    standard = checking.find(Standard, name, checklist.regime) if name else None
    found = standard.clauses.get(clause) if standard is not None else None
    return found is not None and found.figure is not None


def _has_best(checklist: Checklist, item: ChecklistItem) -> bool:
    figures = [item.max, item.points]
    if checklist.scoring.method == "average":
        figures.append(checklist.scoring.full)
    return any(figure is not None and figure > 0 for figure in figures)
