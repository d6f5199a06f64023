"""Checklists and standards: ids, clauses, figures, scoring, what a failed item becomes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.environments import checklist_environment, field_type
from app.expressions import ChoiceType, Environment
from app.source import N_, Span, fault, warning
from app.spec.checklists import Checklist, ChecklistItem, ChecklistSection, OnFail, Scoring, Standard
from app.spec.figures import parse_figure
from app.spec.penalties import PenaltySchedule
from app.spec.portal_settings import ChoiceList
from app.spec.records import RecordType
from app.spec.small import Problem


def figure(text: str | None, span: Span) -> Found:
    """FIG001: a condition on a figure that can be read."""
    if text is not None:
        parsed = parse_figure(text)
        if isinstance(parsed, Problem):
            yield parsed.at("FIG001", span)


def clause(checking: Checking, name: str | None, regime: str, span: Span) -> Found:
    """REF001, REF008, STD001: `standard.clause` or `regime.standard.clause` exists and is in force."""
    if name is None:
        return
    standard_name, _, clause_name = name.rpartition(".")
    if not standard_name:
        text = N_("'{name}' names no clause")
        yield fault("REF008", span, text, N_("write standard.clause"), name=name)
        return
    yield from checking.refer(Standard, standard_name, regime, span)
    standard = checking.find(Standard, standard_name, regime)
    if standard is not None and clause_name not in standard.clauses:
        text = N_("the standard '{owner}' has no clause '{name}'")
        yield unknown_word("REF008", span, text, clause_name, standard.clauses, owner=standard.full_name)
    if standard is not None:
        yield from _in_force(checking, standard, span)


def _in_force(checking: Checking, standard: Standard, span: Span) -> Found:
    """STD001 (warning): the standard is withdrawn, or another one that is in force takes its place."""
    if standard.status == "withdrawn":
        text = N_("the standard '{name}' is withdrawn")
        yield warning("STD001", span, text, name=standard.full_name)
    for other in checking.portal.section(Standard).values():
        if other.replaces is None or other.status != "in_force":
            continue
        if checking.find(Standard, other.replaces, other.regime) is standard:
            text, hint = N_("the standard '{name}' is replaced by '{other}'"), N_("name its clauses instead")
            yield warning("STD001", span, text, hint, name=standard.full_name, other=other.full_name)


def ids_are_written_once(checking: Checking) -> Found:
    """CHK001: each section and each item of a checklist has an id of its own."""
    for checklist in checking.each(Checklist):
        sections: dict[str, Span] = {}
        items: dict[str, Span] = {}
        for section in checklist.sections:
            yield from _once(section.id, section.span_of("id"), sections)
            for item in section.items:
                yield from _once(item.id, item.span_of("id"), items)


def _once(name: str, span: Span, seen: dict[str, Span]) -> Found:
    if name in seen:
        text = N_("the id '{name}' is used twice; it was first used at {first}")
        yield fault("CHK001", span, text, name=name, first=str(seen[name]))
    seen.setdefault(name, span)


def conditions_of_items_hold(checking: Checking) -> Found:
    """The faults of `when` in sections, items and their `on_fail`."""
    for checklist in checking.each(Checklist):
        env = checklist_environment(checking.portal, checklist)
        said: set[str] = set()
        parts: list[ChecklistSection | ChecklistItem] = [*checklist.sections]
        parts += [item for _, item in checklist.items()]
        for part in parts:
            if part.when is not None and part.when not in said:
                faults = tuple(checking.condition(part.when, part.span_of("when"), env))
                said |= set() if faults else {part.when}
                yield from faults
        for on_fail in _on_fails(checklist):
            yield from checking.condition(on_fail.when, on_fail.span_of("when"), env)


def _on_fails(checklist: Checklist) -> Iterator[OnFail]:
    """Every `on_fail` of a checklist: its own, those of sections and of items."""
    parts: list[Checklist | ChecklistSection | ChecklistItem] = [checklist, *checklist.sections]
    parts += [item for _, item in checklist.items()]
    yield from (part.on_fail for part in parts if part.on_fail is not None)


def answers_can_be_judged(checking: Checking) -> Found:
    """CHK003, FIG001, REF001, REF007: limits, options and clauses of items fit their kind of answer."""
    for checklist in checking.each(Checklist):
        yield from checking.refer(RecordType, checklist.of, checklist.regime, checklist.span_of("of"))
        for _, item in checklist.items():
            yield from clause(checking, item.standard, checklist.regime, item.span_of("standard"))
            yield from figure(item.limit, item.span_of("limit"))
            yield from _answer(checking, checklist, item)


_ONLY_FOR = {
    "limit": ("score", "number", "count"),
    "options": ("choice",),
    "fails_below": ("choice", "score"),
    "per_unit": ("count",),
    "min": ("score", "number", "count", "photo"),
    "max": ("score", "number", "count", "photo"),
    "expect": ("yes_no",),
    "unit": ("number", "count"),
}


def _answer(checking: Checking, checklist: Checklist, item: ChecklistItem) -> Found:
    for key, kinds in _ONLY_FOR.items():
        if item.wrote(key) and item.answer not in kinds:
            text = N_("an item answered by '{answer}' has no '{name}'")
            hint = N_("it is for: {takers}")
            params = {"answer": item.answer, "name": key, "takers": ", ".join(kinds)}
            yield fault("CHK003", item.place.key(key), text, hint, **params)
    if item.answer == "choice":
        yield from _grades_of(checking, checklist, item)
    elif item.answer == "score" and item.fails_below is not None:
        yield from _mark(item)
    if item.min is not None and item.max is not None and item.min > item.max:
        yield fault("FLD003", item.span_of("min"), N_("'min' is more than 'max'"), N_("swap them"))


def _mark(item: ChecklistItem) -> Found:
    """CHK003: the lowest score that passes is a number, and is written once."""
    place = item.span_of("fails_below")
    if isinstance(item.fails_below, str):
        text, hint = N_("'{written}' is not a number"), N_("write the lowest score that passes, such as 3")
        yield fault("CHK003", place, text, hint, written=item.fails_below)
    elif item.limit is not None:
        text = N_("'{one}' and '{other}' say the same; one of them is enough")
        yield fault("CHK003", place, text, one="fails_below", other="limit")


def _grades_of(checking: Checking, checklist: Checklist, item: ChecklistItem) -> Found:
    if not item.options:
        text = N_("an item answered by '{answer}' needs '{name}'")
        yield fault("CHK003", item.span, text, answer=item.answer, name="options")
        return
    options: tuple[str, ...]
    if isinstance(item.options, str):
        yield from checking.refer(ChoiceList, item.options, checklist.regime, item.span_of("options"))
        found = checking.find(ChoiceList, item.options, checklist.regime)
        if found is None:
            return
        options = tuple(found.options)
    else:
        options = tuple(item.options)
    if item.fails_below is not None and item.fails_below not in options:
        text = N_("'{name}' is not an option of {choice}")
        span = item.span_of("fails_below")
        yield unknown_word("REF007", span, text, str(item.fails_below), options, choice=item.id)


def scoring_is_complete(checking: Checking) -> Found:
    """CHK002, CHK004: grades cover every score once, and the bounds are in order."""
    for checklist in checking.each(Checklist):
        scoring = checklist.scoring
        yield from _grades(scoring)
        if scoring.full is not None and scoring.pass_ is not None and scoring.pass_ > scoring.full:
            text = N_("the pass mark {pass_mark} is above the full score {full}")
            span = scoring.span_of("pass")
            yield fault("CHK004", span, text, pass_mark=scoring.pass_, full=scoring.full)
        if scoring.method == "weighted":
            for section in checklist.sections:
                if section.weight is None:
                    text = N_("the section '{name}' has no weight, and the scoring is weighted")
                    yield fault("CHK004", section.span, text, N_("write 'weight: 1'"), name=section.id)


def _grades(scoring: Scoring) -> Found:
    """Written from the best down: each begins below the one before, the last takes all the rest."""
    above: Decimal | None = None
    for index, grade in enumerate(scoring.grades):
        span = scoring.span_at("grades", index)
        last = index == len(scoring.grades) - 1
        if grade.from_ is None and not last:
            text = N_("the grade '{title}' has no 'from', so the grades after it are never reached")
            yield fault("CHK002", span, text, title=grade.title)
            return
        if grade.from_ is None:
            continue
        if above is not None and grade.from_ >= above:
            text = N_("the grade '{title}' does not begin below the one before it")
            hint = N_("write the grades from the best to the worst")
            yield fault("CHK002", grade.span_of("from"), text, hint, title=grade.title)
        if scoring.full is not None and grade.from_ > scoring.full:
            text = N_("the grade '{title}' begins above the full score {full}")
            yield fault("CHK002", grade.span_of("from"), text, title=grade.title, full=scoring.full)
        if last and grade.from_ > (scoring.floor or 0):
            text = N_("no grade takes a score below {bound}")
            hint = N_("leave 'from' out of the last grade")
            yield fault("CHK002", grade.span_of("from"), text, hint, bound=grade.from_)
        above = grade.from_


def failures_can_be_followed(checking: Checking) -> Found:
    """REF001, REF003, REF007, DUR001: the schedule, level, class, time and fields of `on_fail`."""
    for checklist in checking.each(Checklist):
        findings = _findings_of(checking, checklist)
        env = checklist_environment(checking.portal, checklist)
        sound: set[object] = set()
        for on_fail in _on_fails(checklist):
            # Thousands of items fail alike: what was sound once is not judged again.
            same = (on_fail.penalty, on_fail.level, on_fail.class_, on_fail.rectify, *on_fail.with_.items())
            if same not in sound:
                faults = [*_schedule(checking, checklist, on_fail), *_time(checking, on_fail, env)]
                faults += [one for finding in findings for one in _becomes(checking, env, on_fail, finding)]
                sound |= {same} if not faults else set()
                yield from faults


def _schedule(checking: Checking, checklist: Checklist, on_fail: OnFail) -> Found:
    yield from checking.refer(PenaltySchedule, on_fail.penalty, checklist.regime, on_fail.span_of("penalty"))
    schedule = checking.find(PenaltySchedule, on_fail.penalty, checklist.regime)
    if schedule is not None and on_fail.level is not None and on_fail.level not in schedule.levels:
        text = N_("the penalty schedule '{owner}' has no level '{name}'")
        place, owner = on_fail.span_of("level"), schedule.full_name
        yield unknown_word("REF007", place, text, on_fail.level, schedule.levels, owner=owner)


def _time(checking: Checking, on_fail: OnFail, env: Environment) -> Found:
    """A duration, or a date field of the inspected record: the day that was agreed."""
    if on_fail.rectify is not None:
        yield from checking.duration(on_fail.rectify, on_fail.span_of("rectify"), env.names)


def _findings_of(checking: Checking, checklist: Checklist) -> tuple[RecordType, ...]:
    """The record types that failed items of this checklist become."""
    found: dict[str, RecordType] = {}
    for record in checking.portal.records.values():
        for spec in record.fields.values():
            if spec.type != "checklist":
                continue
            written = spec.options if isinstance(spec.options, tuple) else (spec.options, spec.to)
            wanted = [name for name in written if isinstance(name, str)]
            named = any(checking.find(Checklist, name, record.regime) is checklist for name in wanted)
            runs = named or (not wanted and record.regime == checklist.regime)
            target = checking.find(RecordType, spec.finding, record.regime) if runs else None
            if target is not None:
                found[target.full_name] = target
    return tuple(found.values())


def _becomes(checking: Checking, env: Environment, on_fail: OnFail, finding: RecordType) -> Found:
    for key, name, value in (("class", "class", on_fail.class_), ("level", "level", on_fail.level)):
        spec = finding.fields.get(name)
        if value is None or spec is None:
            continue
        kind = field_type(checking.portal, spec, finding.regime, f"{finding.full_name}.{name}")
        if isinstance(kind, ChoiceType) and value not in kind.options:
            text = N_("'{name}' is not an option of {choice}")
            yield unknown_word("REF007", on_fail.span_of(key), text, value, kind.options, choice=kind.name)
    for name, value in on_fail.with_.items():
        spec = finding.fields.get(name)
        if spec is None:
            place = on_fail.key_at("with", name)
            yield missing_field(place, name, finding.fields, finding.full_name)
            continue
        want = field_type(checking.portal, spec, finding.regime, f"{finding.full_name}.{name}")
        yield from checking.value(value, on_fail.span_at("with", name), env, want)[1]


def clauses_have_figures(checking: Checking) -> Found:
    """FIG001, REF001, UNS001: figures of clauses can be read; one left open is named."""
    for standard in checking.each(Standard):
        yield from checking.refer(Standard, standard.replaces, standard.regime, standard.span_of("replaces"))
        for name, part in standard.clauses.items():
            yield from figure(part.figure, part.span_of("figure"))
            if part.wrote("figure") and part.figure is None:
                text = N_("the figure of '{name}' is left open by the regulation")
                yield warning("UNS001", part.span_of("figure"), text, name=f"{standard.full_name}.{name}")


def points_are_set(checking: Checking) -> Found:
    """UNS001 (warning): points, rectification times and pass marks that the regulation leaves open."""
    for checklist in checking.each(Checklist):
        if checklist.scoring.wrote("pass") and checklist.scoring.pass_ is None:
            text = N_("the pass mark of '{name}' is left open by the regulation")
            yield warning("UNS001", checklist.scoring.span_of("pass"), text, name=checklist.full_name)
        for _, item in checklist.items():
            if item.wrote("points") and item.points is None:
                text = N_("the points of '{name}' are left open by the regulation")
                yield warning("UNS001", item.span_of("points"), text, name=item.id)
        for on_fail in _on_fails(checklist):
            if on_fail.wrote("rectify") and on_fail.rectify is None:
                text = N_("the time to put it right is left open by the regulation")
                yield warning("UNS001", on_fail.span_of("rectify"), text)
