"""Rows of which the first that holds is taken: rows that are never taken, cases that no row answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.checks.context import Checking, Found
from app.checks.environments import level_type, penalty_environment
from app.checks.fields import placed_fields
from app.checks.known_values import case_values
from app.expressions import Domains, Environment, Node, example, implies, possible
from app.source import N_, Diagnostic, Span, warning
from app.spec.penalties import PenaltySchedule
from app.spec.portal_settings import ChoiceList
from app.spec.records import RecordType
from app.spec.service_levels import ServiceLevel

_FIRST = N_("the first row that holds is taken: write the narrower one first")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its condition (None holds always), where the condition and the row stand."""

    when: str | None
    when_at: Span
    at: Span


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rows of which the first that holds is taken; `gap` words the case that none answers, and is empty where
    that is as it should be."""

    rows: tuple[Row, ...]
    env: Environment
    values: Domains
    at: Span
    gap: str = ""


def rows_are_reached(checking: Checking) -> Found:
    """RUL002 (warning): a row never comes to its turn, because rows before it hold wherever it would."""
    for ladder in _ladders(checking):
        before: list[tuple[Row, Node]] = []
        for row in ladder.rows:
            node = checking.tree(row.when, row.when_at, ladder.env)
            if row.when is not None and node is None:
                break  # it has a fault of its own
            must, seen = (node,) if node is not None else (), [one for _, one in before]
            if seen and possible(must, (), ladder.values) and not possible(must, seen, ladder.values):
                yield _never_taken(ladder, row, before, node)
            if node is None:
                yield from _behind_the_last(ladder, row)
                break
            before.append((row, node))


def _never_taken(ladder: Ladder, row: Row, before: list[tuple[Row, Node]], node: Node | None) -> Diagnostic:
    for other, earlier in before:
        if node is not None and implies(node, earlier, ladder.values):
            text = N_("this row is never taken: the row in line {line} holds wherever it would")
            return warning("RUL002", row.at, text, _FIRST, line=other.at.line)
    text = N_("this row is never taken: the rows before it hold wherever it would")
    return warning("RUL002", row.at, text, _FIRST)


def _behind_the_last(ladder: Ladder, last: Row) -> Found:
    """A row without `when` answers every case that is left; of targets SLA003 says so."""
    for row in ladder.rows[ladder.rows.index(last) + 1 :]:
        if ladder.gap != _NO_TARGET:
            text = N_("this row is never taken: the row in line {line} has no 'when'")
            yield warning("RUL002", row.at, text, N_("write it last"), line=last.at.line)


def every_case_has_a_row(checking: Checking) -> Found:
    """RUL003 (warning): a case that none of the rows answers."""
    for ladder in _ladders(checking):
        nodes = [checking.tree(row.when, row.when_at, ladder.env) for row in ladder.rows]
        found = [node for node in nodes if node is not None]
        if not ladder.gap or not nodes or len(found) < len(nodes):
            continue
        case = example((), found, ladder.values)
        if case is not None:
            hint = N_("write a last row without 'when'")
            yield warning("RUL003", ladder.at, ladder.gap, hint, case=case)


_NO_TARGET = N_("no target answers this case: {case}")
_NO_DECIDER = N_("no row says who decides in this case: {case}")


def _ladders(checking: Checking) -> Iterator[Ladder]:
    yield from _targets(checking)
    for schedule in checking.each(PenaltySchedule):
        yield from _of_schedule(checking, schedule)
    for field in placed_fields(checking):
        rows = tuple(Row(one.when, one.span_of("when"), one.span) for one in field.spec.options_when)
        if rows:
            yield Ladder(rows, field.env, field.values, field.spec.span_of("options_when"))


def _targets(checking: Checking) -> Iterator[Ladder]:
    for level in checking.each(ServiceLevel):
        record = checking.find(RecordType, level.of, level.regime)
        if record is None:
            continue
        rows = tuple(Row(one.when, one.span_of("when"), one.span) for one in level.within)
        env, values = checking.environment(record), checking.values(record)
        yield Ladder(rows, env, values, level.span_of("within"), _NO_TARGET)


def _of_schedule(checking: Checking, schedule: PenaltySchedule) -> Iterator[Ladder]:
    env, values = penalty_environment(checking.portal, schedule), case_values(schedule)
    deciders = tuple(Row(one.when, one.span_of("when"), one.span) for one in schedule.decided_by)
    yield Ladder(deciders, env, values, schedule.span_of("decided_by"), _NO_DECIDER)
    exempt = tuple(Row(one.when, one.span_of("when"), one.span) for one in schedule.exempt)
    yield Ladder(exempt, env, values, schedule.span_of("exempt"))


def levels_have_no_gap(checking: Checking) -> Found:
    """RUL003 (warning): a level that the tariff leaves out between two that it has."""
    for schedule in checking.each(PenaltySchedule):
        if checking.find(ChoiceList, schedule.rank, schedule.regime) is None:
            continue
        order = level_type(checking.portal, schedule).options
        held = [at for at, name in enumerate(order) if name in schedule.levels]
        for at, name in enumerate(order):
            if held and held[0] < at < held[-1] and name not in schedule.levels:
                text = N_("the tariff has no level '{name}', though it has lower and higher ones")
                hint = N_("write it with its amount, or with '~' and a note if the regulation leaves it open")
                yield warning("RUL003", schedule.span_of("levels"), text, hint, name=name)
