"""Joint liability: persons who may not be there, rows that ask for nothing more."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.checks.context import Checking, Found
from app.checks.environments import penalty_environment
from app.checks.known_values import case_values
from app.expressions import BOOLEAN, Domains, Environment, Node, compile_expression, possible
from app.source import N_, Span, warning
from app.spec.penalties import JointLiability, PenaltySchedule


def joint_persons_exist(checking: Checking) -> Found:
    """RUL004 (warning): joint liability of nobody: of the offender, or of somebody who is not there then."""
    for schedule in checking.each(PenaltySchedule):
        env, values = penalty_environment(checking.portal, schedule), case_values(schedule)
        for joint in schedule.joint_liability:
            span = joint.span_of("person")
            if joint.person == "offender":
                text = N_("the person in breach answers already, so nobody answers jointly here")
                hint = N_("write for example offender.superior")
                yield warning("RUL004", span, text, hint)
                continue
            yield from _is_there(checking, schedule, joint, env, values)


def _is_there(
    checking: Checking, schedule: PenaltySchedule, joint: JointLiability, env: Environment, values: Domains
) -> Found:
    span = joint.span_of("person")
    when = checking.tree(joint.when, joint.span_of("when"), env)
    empty = _empty(joint.person, span, env)
    if empty is None or (joint.when is not None and when is None):
        return
    must = (when,) if when is not None else ()
    if possible(must, (), values) and not possible(must, [empty], values):
        text = N_("there is no '{person}' whenever this row holds, so nobody answers jointly")
        yield warning("RUL004", span, text, person=joint.person)
        return
    root = joint.person.partition(".")[0]
    fact = schedule.facts.get(root)
    if fact is None or fact.required:
        return
    missing = _empty(root, span, env)
    if missing is not None and possible([*must, missing], (), values):
        text = N_("the fact '{name}' may be left empty, and then nobody answers jointly")
        hint = N_("write 'required: true' in the fact, or '{name} != None' in 'when'")
        yield warning("RUL004", span, text, hint, name=root)


def _empty(person: str, span: Span, env: Environment) -> Node | None:
    """The condition that a path leads to nobody."""
    if person.startswith("role."):
        return None
    compiled, _ = compile_expression(f"{person} == None", span, env, BOOLEAN)
    return compiled.tree if compiled is not None else None


def joint_rows_ask_for_more(checking: Checking) -> Found:
    """RUL002 (warning): of two rows that reach one person the heavier counts, the other never."""
    for schedule in checking.each(PenaltySchedule):
        env, values = penalty_environment(checking.portal, schedule), case_values(schedule)
        rows = schedule.joint_liability
        trees = [checking.tree(one.when, one.span_of("when"), env) for one in rows]
        for at, one in enumerate(rows):
            for other_at, other in enumerate(rows):
                if at == other_at or not _asks_no_more(one, other, first=at < other_at):
                    continue
                if _inside(one, trees[at], other, trees[other_at], values):
                    text = N_(
                        "this row is never taken: the row in line {line} asks the same person for as much"
                    )
                    yield warning("RUL002", one.span, text, line=other.span.line)
                    break


def _asks_no_more(one: JointLiability, other: JointLiability, *, first: bool) -> bool:
    """Whether `other` asks the same person for more, or for as much and stands first."""
    if (one.person, one.of) != (other.person, other.of):
        return False
    share, more = (_percent(row.share) for row in (one, other))
    return share is not None and more is not None and (share < more or (share == more and not first))


def _percent(share: str | None) -> Decimal | None:
    if share is None:
        return None
    try:
        return Decimal(share.strip().removesuffix("%").strip())
    except InvalidOperation:
        return None


def _inside(
    one: JointLiability, node: Node | None, other: JointLiability, around: Node | None, values: Domains
) -> bool:
    """Whether `other` holds wherever `one` does."""
    if (one.when is not None and node is None) or (other.when is not None and around is None):
        return False
    if around is None:
        return True
    must = (node,) if node is not None else ()
    return possible(must, (), values) and not possible(must, [around], values)
