"""Effects of transitions and escalations: what they set, create, assess, tell and move."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.environments import fact_type, level_type, record_types
from app.expressions import ANY, NUMBER, TEXT, ChoiceType, Environment, LinkType, Type, compile_expression
from app.source import N_, Diagnostic, fault
from app.spec.base import Strict
from app.spec.penalties import PenaltySchedule
from app.spec.records import RecordType
from app.spec.reports import Report
from app.spec.service_levels import MessageTemplate
from app.spec.workflows import (
    APPEAL_RESULTS,
    AppealEffect,
    AssessEffect,
    CreateEffect,
    Effect,
    MoveEffect,
    Workflow,
)

KEYS = ("set", "create", "assess", "revoke", "notify", "print", "task", "move", "appeal", "lock")
"""What an effect can do; `when` and `message` go with one of them."""


def effects_hold(
    checking: Checking, effects: Iterable[Effect], env: Environment, record: RecordType, regime: str
) -> Found:
    """The faults of effects that a record of type `record` sets off, written in `regime`."""
    for effect in effects:
        yield from _one_thing(effect)
        yield from checking.condition(effect.when, effect.span_of("when"), env)
        if effect.set is not None:
            yield from _values(checking, effect, "set", effect.set, env, record)
        if effect.create is not None:
            yield from _create(checking, effect.create, env, regime)
        if effect.assess is not None:
            yield from _assess(checking, effect.assess, env, regime)
        yield from checking.refer(PenaltySchedule, effect.revoke, regime, effect.span_of("revoke"))
        yield from checking.refer(MessageTemplate, effect.message, regime, effect.span_of("message"))
        yield from checking.refer(Report, effect.print, regime, effect.span_of("print"))
        yield from parties(checking, effect, "notify", effect.notify or (), env, regime)
        if effect.task is not None:
            yield from parties(checking, effect.task, "to", effect.task.to, env, regime)
            if effect.task.due is not None:
                yield from checking.duration(effect.task.due, effect.task.span_of("due"), env.names)
        if effect.move is not None:
            yield from _move(checking, effect.move, env)
        if effect.appeal is not None:
            yield from _appeal(checking, effect.appeal, env)
            if effect.message is not None and effect.appeal.result != "open":
                text = N_("only `result: open` tells anybody: those who hear the appeal")
                yield fault("WFL006", effect.span_of("message"), text, N_("write a `notify` of its own"))


def _one_thing(effect: Effect) -> Found:
    written = [key for key in KEYS if effect.wrote(key)]
    if len(written) != 1 or (effect.wrote("message") and written not in (["notify"], ["appeal"])):
        text = N_("an effect does one thing; here are {count}")
        hint = N_("write each as an element of its own: {known}")
        yield fault("WFL006", effect.span, text, hint, count=len(written), known=", ".join(KEYS))


def parties(
    checking: Checking, owner: Strict, key: str, words: Iterable[str], env: Environment, regime: str
) -> Found:
    """REF006: the roles and persons under `key`."""
    for index, word in enumerate(words):
        yield from checking.party(word, owner.span_at(key, index), env, regime)


def _values(
    checking: Checking,
    owner: Strict,
    key: str,
    values: Mapping[str, str],
    env: Environment,
    record: RecordType,
) -> Found:
    types = record_types(checking.portal, record)
    for name, text in values.items():
        if name not in record.fields:
            yield missing_field(owner.key_at(key, name), name, record.fields, record.full_name)
        else:
            yield from checking.value(text, owner.span_at(key, name), env, types.get(name))[1]


def _create(checking: Checking, create: CreateEffect, env: Environment, regime: str) -> Found:
    yield from checking.refer(RecordType, create.record, regime, create.span_of("record"))
    target = checking.find(RecordType, create.record, regime)
    if target is not None:
        yield from _values(checking, create, "with", create.with_, env, target)


def _assess(checking: Checking, assess: AssessEffect, env: Environment, regime: str) -> Found:
    yield from checking.refer(PenaltySchedule, assess.schedule, regime, assess.span_of("schedule"))
    yield from checking.party(assess.offender, assess.span_of("offender"), env, regime)
    schedule = checking.find(PenaltySchedule, assess.schedule, regime)
    if schedule is None:
        return
    yield from _level(checking, assess, schedule, env)
    for name, text in assess.with_.items():
        fact = schedule.facts.get(name)
        if fact is None:
            words = N_("'{name}' is not a fact of '{owner}'")
            place = assess.key_at("with", name)
            yield unknown_word("REF011", place, words, name, schedule.facts, owner=schedule.full_name)
        else:
            want = fact_type(checking.portal, fact, schedule.regime, f"{schedule.full_name}.{name}")
            yield from checking.value(text, assess.span_at("with", name), env, want)[1]


def _level(checking: Checking, assess: AssessEffect, schedule: PenaltySchedule, env: Environment) -> Found:
    """A level by its name, or an expression: the choice it gives must share a level with the schedule."""
    span = assess.span_of("level")
    levels = level_type(checking.portal, schedule)
    if assess.level in levels.options or assess.level in schedule.levels:
        return
    compiled, faults = checking.value(assess.level, span, env)
    if compiled is None and assess.level.isidentifier() and assess.level not in env.names:
        text = N_("the penalty schedule '{owner}' has no level '{name}'")
        owner = schedule.full_name
        yield unknown_word("REF007", span, text, assess.level, schedule.levels, owner=owner)
    else:
        yield from faults
    if compiled is not None and not _gives_level(compiled.type, schedule):
        text = N_("'{name}' does not give a level of '{owner}'")
        yield unknown_word("REF007", span, text, assess.level, schedule.levels, owner=schedule.full_name)


def _gives_level(kind: Type, schedule: PenaltySchedule) -> bool:
    if isinstance(kind, ChoiceType):
        return bool(set(kind.options) & set(schedule.levels))
    return kind in (TEXT, ANY)


def _move(checking: Checking, move: MoveEffect, env: Environment) -> Found:
    span = move.span_of("record")
    compiled, faults = compile_expression(move.record, span, env)
    yield from faults
    if compiled is None:
        return
    kind = compiled.type
    if not isinstance(kind, LinkType):
        text = N_("'{name}' leads to a {type}, not to a record")
        yield fault("REF006", span, text, name=move.record, type=str(kind))
        return
    target = checking.portal.records.get(kind.record)
    workflow = checking.find(Workflow, target.workflow, target.regime) if target is not None else None
    transitions = workflow.transitions if workflow is not None else {}
    if target is not None and move.transition not in transitions:
        text = N_("'{owner}' has no transition '{name}'")
        place = move.span_of("transition")
        yield unknown_word("REF005", place, text, move.transition, transitions, owner=target.full_name)


def _appeal(checking: Checking, appeal: AppealEffect, env: Environment) -> Found:
    span = appeal.span_of("penalty")
    compiled, faults = compile_expression(appeal.penalty, span, env)
    yield from faults
    if compiled is not None and compiled.type not in (LinkType("penalty"), ANY):
        text = N_("'{name}' leads to a {type}, not to a penalty")
        yield fault("REF006", span, text, name=appeal.penalty, type=str(compiled.type))
    may_correct = yield from _appeal_result(checking, appeal, env)
    for key, want in (("amount", NUMBER), ("reason", TEXT), ("level", None)):
        written = getattr(appeal, key)
        if written is not None:
            yield from checking.value(written, appeal.span_of(key), env, want)[1]
    if may_correct and appeal.level is None and appeal.amount is None:
        text = N_("a correction needs what it corrects to")
        yield fault("PEN008", appeal.span, text, N_("write 'level' or 'amount', or both"))


def _appeal_result(
    checking: Checking, appeal: AppealEffect, env: Environment
) -> Generator[Diagnostic, None, bool]:
    """REF007: a result by its word, or an expression that gives one; whether it may be a correction."""
    span = appeal.span_of("result")
    if appeal.result in APPEAL_RESULTS:
        return appeal.result == "correct"
    compiled, faults = checking.value(appeal.result, span, env)
    text = N_("'{name}' is no result of an appeal")
    if compiled is None and appeal.result.isidentifier() and appeal.result not in env.names:
        yield unknown_word("REF007", span, text, appeal.result, APPEAL_RESULTS)
        return False
    yield from faults
    if compiled is None or not isinstance(compiled.type, ChoiceType):
        return compiled is not None
    for option in compiled.type.options:
        if option not in APPEAL_RESULTS:
            yield unknown_word("REF007", span, text, option, APPEAL_RESULTS)
    return "correct" in compiled.type.options
