"""The conditions of schedules and checklists: what they may name, and how they are tested.

The only module of the rules that knows the expression language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.checks.values import compile_value
from app.expressions import (
    BOOLEAN,
    Environment,
    Expression,
    Lookup,
    Type,
    compile_expression,
    compile_python,
    counts_working_days,
)
from app.expressions.core import ANSWERS, FACTS, SCORE
from app.rules.working_days import counting
from app.source import Diagnostic, Phrase, Span
from app.spec.portal import Portal

Scope = Mapping[str, object]

__all__ = ["ANSWERS", "FACTS", "SCORE", "Compiler", "Condition", "Scope", "nested"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression. `reads` are the dotted paths it reads, `lookups` what must be loaded before."""

    source: str
    span: Span
    reads: tuple[str, ...]
    lookups: tuple[Lookup, ...]
    test: Callable[[Scope], object]

    def holds(self, scope: Scope) -> bool:
        """Whether it is true; empty is not true."""
        return self.test(scope) is True

    @property
    def reads_score(self) -> bool:
        return SCORE in self.reads

    @property
    def reads_answers(self) -> bool:
        return any(path.startswith(f"{ANSWERS}.") or path == SCORE for path in self.reads)


class Compiler:
    """Compiles the expressions of one declaration and collects their faults."""

    def __init__(self, environment: Environment, portal: Portal) -> None:
        self.environment, self.portal = environment, portal
        self.faults: list[Diagnostic] = []

    def condition(self, text: str | None, span: Span) -> Condition | None:
        """A yes/no condition; None where none is written or it has a fault."""
        return self.value(text, span, BOOLEAN)

    def value(self, text: str | None, span: Span, want: Type | None = None) -> Condition | None:
        """An expression that gives a value of type `want` (any where it is None)."""
        if text is None:
            return None
        return self._kept(text, span, *compile_expression(text, span, self.environment, want))

    def written(self, text: str, span: Span, want: Type | None) -> Condition | None:
        """A value for a field of type `want`: the value itself as it is written, or an expression."""
        return self._kept(text, span, *compile_value(text, span, self.environment, want))

    def _kept(
        self, text: str, span: Span, expression: Expression | None, faults: tuple[Diagnostic, ...]
    ) -> Condition | None:
        self.faults += [found for found in faults if found.severity == "error"]
        if expression is None:
            return None
        return Condition(
            source=text,
            span=span,
            reads=tuple(sorted(".".join(parts) for parts in expression.paths)),
            lookups=expression.lookups,
            test=self._test(expression),
        )

    def _test(self, expression: Expression) -> Callable[[Scope], object]:
        """The expression as a function of a scope, which need not know the calendar."""
        python = compile_python(expression)
        if not counts_working_days(expression.tree):
            return python
        more = counting(self.portal)
        return lambda scope: python({**scope, **more})


def nested(values: Mapping[str, object], scope: dict[str, object]) -> dict[str, object]:
    """Put values by dotted path (`offender.unit.kind`) into `scope` as the nested mappings that conditions
    read. A prefix that already holds a bare id keeps it under `id`; mappings of the caller are copied."""
    for path in sorted(values):
        *parents, last = path.split(".")
        level = scope
        for part in parents:
            found = level.get(part)
            below: dict[str, object] = {} if found is None else {"id": found}
            if isinstance(found, Mapping):
                below = dict(found)
            level[part] = below
            level = below
        level[last] = values[path]
    return scope


def lookups_of(conditions: Iterable[Condition | None]) -> tuple[Lookup, ...]:
    """Every look-up of the conditions, once."""
    found = {one.key: one for condition in conditions if condition for one in condition.lookups}
    return tuple(found.values())


def phrase(label: str, name: str) -> Phrase:
    """A declaration's label as words to translate, or its bare name."""
    return Phrase(label or name)
