"""Penalty schedules: levels and amounts, who pays, who decides, what is left open."""

from __future__ import annotations

import re
from decimal import Decimal

from app.checks.context import Checking, Found, unknown_word
from app.checks.environments import level_type, penalty_environment
from app.checks.known_values import case_values
from app.expressions import NUMBER
from app.source import N_, Span, fault, warning
from app.spec.penalties import CASE_WORDS, PenaltySchedule
from app.spec.portal_settings import ChoiceList
from app.spec.reports import Report
from app.spec.service_levels import ServiceLevel

_SHARE = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*%")
_TAKEN = frozenset({"level", "amount", "points", "offender", "me", "now", "today", "at", "earlier", "joint"})
_RAISE = re.compile(r"\d{1,2} levels?")


def references_are_declared(checking: Checking) -> Found:
    """REF001, REF002: rank, clock, notice, schedules not charged together, lists of facts."""
    for schedule in checking.each(PenaltySchedule):
        regime = schedule.regime
        yield from checking.refer(ChoiceList, schedule.rank, regime, schedule.span_of("rank"))
        yield from checking.refer(Report, schedule.notice, regime, schedule.span_of("notice"))
        yield from checking.refer_all(PenaltySchedule, schedule, "not_with", schedule.not_with)
        if schedule.payment is not None:
            span = schedule.payment.span_of("clock")
            yield from checking.refer(ServiceLevel, schedule.payment.clock, regime, span)
        for fact in schedule.facts.values():
            yield from checking.refer(ChoiceList, fact.options, regime, fact.span_of("options"))
            if fact.type == "choice" and fact.options is None:
                text = N_("a field of type '{type}' needs '{name}'")
                yield fault("FLD002", fact.span, text, type="choice", name="options")


def names_of_facts_are_free(checking: Checking) -> Found:
    """FLD007: no fact takes a name by which a case is told: conditions would read the other thing."""
    for schedule in checking.each(PenaltySchedule):
        for name in schedule.facts:
            if name in _TAKEN:
                text = N_("the name '{name}' is taken: a case tells by it what every schedule knows")
                span = schedule.key_at("facts", name)
                yield fault("FLD007", span, text, N_("choose another name"), name=name)


def levels_follow_the_rank(checking: Checking) -> Found:
    """REF007, PEN001: the levels are options of the ranked list, in its order."""
    for schedule in checking.each(PenaltySchedule):
        rank = checking.find(ChoiceList, schedule.rank, schedule.regime)
        if not schedule.levels:
            text = N_("the penalty schedule '{name}' has no levels")
            yield fault("PEN001", schedule.span_of("levels"), text, name=schedule.full_name)
        if rank is None:
            continue
        if not rank.ordered:
            text = N_("the choice list '{name}' has no order")
            hint = N_("write 'ordered: true' in it")
            yield fault("PEN001", schedule.span_of("rank"), text, hint, name=rank.full_name)
        order = list(rank.options)
        highest = -1
        for name in schedule.levels:
            span = schedule.key_at("levels", name)
            if name not in order:
                text = N_("'{name}' is not an option of {choice}")
                yield unknown_word("REF007", span, text, name, order, choice=rank.full_name)
            elif order.index(name) < highest:
                text = N_("'{name}' is lower than the level before it")
                hint = N_("write the levels in the order of '{choice}': {known}")
                params = {"name": name, "choice": rank.full_name, "known": ", ".join(order)}
                yield fault("PEN001", span, text, hint, **params)
            else:
                highest = order.index(name)


def amounts_rise(checking: Checking) -> Found:
    """PEN002 (warning): what a level costs does not fall while the level rises."""
    for schedule in checking.each(PenaltySchedule):
        order = level_type(checking.portal, schedule).options
        for key in ("amount", "points", "min", "max"):
            before: tuple[str, Decimal] | None = None
            for name in order:
                level = schedule.levels.get(name)
                figure = getattr(level, key) if level is not None else None
                if level is None or figure is None:
                    continue
                if before is not None and figure < before[1]:
                    text = N_(
                        "'{key}' of '{name}' is {figure}, less than the {more} of the lower level '{lower}'"
                    )
                    params = {"key": key, "name": name, "figure": figure, "more": before[1]}
                    yield warning("PEN002", level.span_of(key), text, lower=before[0], **params)
                before = (name, figure)


def conditions_hold(checking: Checking) -> Found:
    """The faults of expressions, and of the persons that pay and decide."""
    for schedule in checking.each(PenaltySchedule):
        env = penalty_environment(checking.portal, schedule)
        values = case_values(schedule)
        for name, level in schedule.levels.items():
            yield from checking.condition(level.when, level.span_of("when"), env, case_values(schedule, name))
        for exemption in schedule.exempt:
            yield from checking.condition(exemption.when, exemption.span_of("when"), env, values)
        for decider in schedule.decided_by:
            yield from checking.condition(decider.when, decider.span_of("when"), env, values)
            for index, who in enumerate(decider.who):
                span = decider.span_at("who", index)
                yield from checking.party(who, span, env, schedule.regime)
        for joint in schedule.joint_liability:
            yield from checking.condition(joint.when, joint.span_of("when"), env, values)
            if joint.person.startswith("role."):
                text = N_("'{name}' is a role; one person answers jointly")
                hint = N_("write a path to the person, such as offender.superior")
                yield fault("REF006", joint.span_of("person"), text, hint, name=joint.person)
            else:
                yield from checking.party(joint.person, joint.span_of("person"), env, schedule.regime)
            if joint.share is not None:
                yield from share(joint.share, joint.span_of("share"))
        amounts = penalty_environment(checking.portal, schedule, amounts=True)
        yield from checking.formula(schedule.formula, schedule.span_of("formula"), amounts, NUMBER)


def share(text: str, span: Span) -> Found:
    """PEN004: a share such as `100 %`."""
    found = _SHARE.fullmatch(text.strip())
    if found is None or Decimal(found[1]) == 0:
        hint = N_("write a number and %, such as 100 %")
        yield fault("PEN004", span, N_("'{written}' is not a share"), hint, written=text)


def appeals_are_heard_by_somebody(checking: Checking) -> Found:
    """REF006, REF001: who decided, who hears the appeal, who keeps the fund."""
    for schedule in checking.each(PenaltySchedule):
        env = penalty_environment(checking.portal, schedule)
        appeal, fund = schedule.appeal, schedule.fund
        for decided, heard in appeal.steps.items() if appeal is not None else ():
            place = schedule.key_at("appeal", "steps", decided)
            yield from checking.party(decided, place, env, schedule.regime)
            for index, word in enumerate(heard):
                span = schedule.span_at("appeal", "steps", decided, index)
                yield from checking.party(word, span, env, schedule.regime)
        if fund is not None and fund.keeper is not None:
            yield from checking.party(fund.keeper, fund.span_of("keeper"), env, schedule.regime)


def sanctions_have_titles(checking: Checking) -> Found:
    """REF009: sanctions that levels, late steps, repeats and exemptions name are listed with their words."""
    for schedule in checking.each(PenaltySchedule):
        if not schedule.sanctions:
            continue
        named = [(name, level.span_at("sanctions", i)) for level in schedule.levels.values()
                 for i, name in enumerate(level.sanctions)]  # fmt: skip
        if schedule.payment is not None:
            named += [
                (step.sanction, step.span_of("sanction")) for step in schedule.payment.late if step.sanction
            ]
        if schedule.repeat is not None:
            repeat = schedule.repeat
            named += [(name, repeat.span_at("sanctions", i)) for i, name in enumerate(repeat.sanctions)]
        named += [(one.instead, one.span_of("instead")) for one in schedule.exempt if one.instead]
        for name, span in named:
            if name not in schedule.sanctions:
                text = N_("the sanction '{name}' is not listed under 'sanctions'")
                yield unknown_word("REF009", span, text, name, schedule.sanctions)


def times_can_be_read(checking: Checking) -> Found:
    """DUR001, PEN005: windows of repeats, late steps and appeals."""
    for schedule in checking.each(PenaltySchedule):
        if schedule.repeat is not None and schedule.repeat.within is not None:
            yield from checking.duration(schedule.repeat.within, schedule.repeat.span_of("within"))
            raised = schedule.repeat.raise_
            if raised is not None and not _RAISE.fullmatch(raised.strip()):
                text = N_("'{written}' does not say how far the level rises")
                span = schedule.repeat.span_of("raise")
                yield fault("PEN005", span, text, N_("write '1 level'"), written=raised)
        for step in schedule.payment.late if schedule.payment is not None else ():
            if step.after is not None:
                yield from checking.duration(step.after, step.span_of("after"))
        if schedule.appeal is not None:
            for key in ("window", "answer"):
                written = getattr(schedule.appeal, key)
                yield from checking.duration(written, schedule.appeal.span_of(key))


def examples_name_known_things(checking: Checking) -> Found:
    """EXM001: what an example gives and expects exists in its schedule."""
    for schedule in checking.each(PenaltySchedule):
        levels = level_type(checking.portal, schedule).options
        known = {*CASE_WORDS, "offender", *schedule.facts}
        for index, example in enumerate(schedule.examples):
            if not example.model_fields_set & {"expect", "exempt", "decided_by"}:
                yield fault("EXM001", example.span, N_("the example expects nothing"))
            for name, value in example.given.items():
                if name.split(".")[0] not in known:
                    span = schedule.key_at("examples", index, "given", name)
                    text = N_("'{name}' is not a fact of '{owner}'")
                    yield unknown_word("EXM001", span, text, name, known, owner=schedule.full_name)
                elif name == "level" and value is not None and value not in levels:
                    span = schedule.span_at("examples", index, "given", name)
                    text = N_("the penalty schedule '{owner}' has no level '{name}'")
                    yield unknown_word("EXM001", span, text, value, levels, owner=schedule.full_name)
