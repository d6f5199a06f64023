"""Compiles what a workflow writes as text: conditions, values to set, levels, facts of a case."""

from __future__ import annotations

from collections.abc import Mapping

from app.checks.environments import fact_type, level_type, record_environment, record_types
from app.checks.values import compile_value
from app.expressions import ChoiceType, Environment, Expression, Type, compile_expression
from app.expressions.types import BOOLEAN
from app.release import RecordModel, Release
from app.source import ConfigError, Diagnostic, Span
from app.spec.penalties import PenaltySchedule


class Formulas:
    """Compiles expressions over the fields of one record type and gathers their faults.

    `environment` may be another one than the record's own, for values that a checklist gives to findings.
    """

    def __init__(self, release: Release, record: RecordModel, environment: Environment | None = None) -> None:
        self.release, self.record = release, record
        self.environment = environment or record_environment(release.portal, record.spec)
        self._faults: list[Diagnostic] = []

    def condition(self, text: str | None, span: Span) -> Expression | None:
        if text is None:
            return None
        return self._keep(compile_expression(text, span, self.environment, BOOLEAN))

    def value(self, text: str, span: Span, want: Type | None) -> Expression | None:
        """A value of type `want`, written as such or as an expression."""
        return self._keep(compile_value(text, span, self.environment, want))

    def values(
        self, written: Mapping[str, str], span: Span, into: RecordModel | None
    ) -> dict[str, Expression]:
        """The formulas of a `with:` or `set:`, by the field of `into` that each one fills."""
        types = record_types(self.release.portal, into.spec) if into else {}
        return self._by_name(written, span, types)

    def facts(
        self, schedule: PenaltySchedule | None, written: Mapping[str, str], span: Span
    ) -> dict[str, Expression]:
        """The formulas that give a penalty schedule its facts."""
        portal = self.release.portal
        declared = schedule.facts if schedule else {}
        regime = schedule.regime if schedule else ""
        types = {name: fact_type(portal, fact, regime, name) for name, fact in declared.items()}
        return self._by_name(written, span, types)

    def level(self, schedule: PenaltySchedule | None, text: str, span: Span) -> Expression | None:
        """The level of a tariff: the name of one, or an expression that gives one.

        The expression may give a choice from a longer list, as where one field holds several ladders.
        """
        levels = level_type(self.release.portal, schedule) if schedule else None
        return self.value(text, span, levels if levels is not None and text in levels.options else None)

    def word(self, text: str, span: Span, words: tuple[str, ...]) -> Expression | None:
        """One of `words`, or an expression that gives one."""
        return self.value(text, span, ChoiceType("word", words) if text in words else None)

    def given(self, text: str | None, span: Span) -> Expression | None:
        """An expression of any type, where one is written."""
        return None if text is None else self.value(text, span, None)

    def raise_faults(self) -> None:
        """Raises ConfigError when anything compiled so far was unsound."""
        if self._faults:
            raise ConfigError(self._faults)

    def _by_name(
        self, written: Mapping[str, str], span: Span, types: Mapping[str, Type]
    ) -> dict[str, Expression]:
        found = {name: self.value(text, span, types.get(name)) for name, text in written.items()}
        return {name: formula for name, formula in found.items() if formula is not None}

    def _keep(self, compiled: tuple[Expression | None, tuple[Diagnostic, ...]]) -> Expression | None:
        self._faults += [fault for fault in compiled[1] if fault.severity == "error"]
        return compiled[0]
