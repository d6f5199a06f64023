"""What every check works with: the portal, and helpers that word the common faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from app.checks.environments import record_environment
from app.checks.known_values import record_values
from app.checks.replay import Replay
from app.checks.values import compile_value
from app.expressions import (
    BOOLEAN,
    Domains,
    Environment,
    Expression,
    LinksType,
    LinkType,
    Node,
    Type,
    compile_expression,
    possible,
    sql_faults,
)
from app.expressions.core import WORKING
from app.source import N_, Diagnostic, Phrase, Span, fault, unknown_name_hint, warning
from app.spec.base import Named
from app.spec.durations import Duration, parse_duration
from app.spec.portal import ADMINISTRATOR, Portal
from app.spec.portal_settings import Role
from app.spec.records import RecordType
from app.spec.small import Problem

Declared = TypeVar("Declared", bound=Named)
Found = Iterator[Diagnostic]

KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "choices": N_("choice list"),
        "calendars": N_("calendar"),
        "roles": N_("role"),
        "records": N_("record type"),
        "checklists": N_("checklist"),
        "standards": N_("standard"),
        "penalty_schedules": N_("penalty schedule"),
        "service_levels": N_("service level"),
        "workflows": N_("workflow"),
        "duties": N_("duty"),
        "indicators": N_("indicator"),
        "surveys": N_("survey"),
        "dashboards": N_("dashboard"),
        "messages": N_("message"),
        "reports": N_("report"),
    }
)


@dataclass(frozen=True, slots=True)
class Checking:
    """One run over a portal."""

    portal: Portal
    replay: Replay | None = None
    _environments: dict[str, Environment] = field(default_factory=dict, repr=False)
    _values: dict[str, Domains] = field(default_factory=dict, repr=False)

    def environment(self, record: RecordType) -> Environment:
        """Where a record of this type is judged; made once in a run."""
        if self.replay is not None:
            key = ("environment", record.full_name)
            return self.replay.watch.within(key, lambda: record_environment(self.portal, record))
        if record.full_name not in self._environments:
            self._environments[record.full_name] = record_environment(self.portal, record)
        return self._environments[record.full_name]

    def each(self, kind: type[Declared]) -> Iterator[Declared]:
        """The declarations of one kind, for a check that judges each of them by itself.

        What was found about one is taken from the earlier run where nothing that was looked at in judging it
        has changed; so nothing may be carried over from one to the next, and everything found about one is
        yielded before the next is asked for.
        """
        declared = self.portal.section(kind)
        return iter(declared.values()) if self.replay is None else self.replay.each(kind.section)

    def refer(self, kind: type[Declared], name: str | None, regime: str, span: Span) -> Found:
        """REF001, REF002: `name` means exactly one declaration of `kind`."""
        if name is None:
            return
        found = self.portal.candidates(kind, name, regime)
        words = Phrase(KIND_WORDS[kind.section])
        if not found:
            short = {one.name for one in self.portal.section(kind).values()}
            known = short | (set(self.portal.section(kind)) if "." in name else set())
            hint, params = unknown_name_hint(name, known)
            yield fault(
                "REF001", span, N_("no {kind} '{name}' is declared"), hint, kind=words, name=name, **params
            )
        elif len(found) > 1:
            shown = ", ".join(one.full_name for one in found)
            text = N_("'{name}' may mean several: {known}")
            yield fault("REF002", span, text, N_("write the name in full"), name=name, known=shown)

    def refer_all(self, kind: type[Declared], owner: Named, key: str, names: Iterable[str]) -> Found:
        """The same for a list of names under `key`."""
        for index, name in enumerate(names):
            yield from self.refer(kind, name, owner.regime, owner.span_at(key, index))

    def find(self, kind: type[Declared], name: str | None, regime: str) -> Declared | None:
        return self.portal.find(kind, name, regime)

    def values(self, record: RecordType) -> Domains:
        """What is known of the values of a record's fields; gathered once in a run."""
        if record.full_name not in self._values:
            self._values[record.full_name] = record_values(record)
        return self._values[record.full_name]

    def tree(self, text: str | None, span: Span, env: Environment) -> Node | None:
        """The checked tree of a condition; None where none is written or it has a fault."""
        if text is None:
            return None
        compiled, _ = compile_expression(text, span, env, BOOLEAN)
        return compiled.tree if compiled is not None else None

    def condition(
        self, text: str | bool | None, span: Span, env: Environment, values: Domains | None = None
    ) -> Found:
        """The faults of a condition (a plain yes or no has none), and RUL001 for one that is never true.

        `values` is what is known of its names where that is not told by the record type of `env`.
        """
        if not isinstance(text, str):
            return
        compiled, faults = compile_expression(text, span, env, BOOLEAN)
        yield from faults
        if compiled is None:
            return
        record = self.portal.records.get(env.this or "") if env.rows is None else None
        if values is None:
            values = self.values(record) if record is not None else {}
        if not possible([compiled.tree], (), values):
            hint = N_("look for parts that exclude each other, and for values that cannot come")
            yield warning("RUL001", span, N_("this can never be true, whatever is filled in"), hint)

    def query(self, text: str | None, span: Span, env: Environment, known: Iterable[str] = ()) -> Found:
        """The faults of a condition by which the database chooses records; `known` are names of which the
        values are at hand, besides `now` and `today`."""
        yield from self.condition(text, span, env)
        compiled, _ = compile_expression(text, span, env, BOOLEAN) if text is not None else (None, ())
        if compiled is not None:
            yield from sql_faults(compiled.tree, {"now", "today", WORKING, *known}, roles=True)

    def formula(self, text: str | None, span: Span, env: Environment, want: Type | None = None) -> Found:
        """The faults of an expression that gives a value."""
        if text is not None:
            _, faults = compile_expression(text, span, env, want)
            yield from faults

    def value(
        self, text: str, span: Span, env: Environment, want: Type | None = None
    ) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
        """A value for something of type `want`: the word itself, or an expression."""
        return compile_value(text, span, env, want)

    def role(self, name: str, regime: str, span: Span) -> Found:
        """REF001, REF002 for a role; the administrator always exists."""
        if name != ADMINISTRATOR:
            yield from self.refer(Role, name, regime, span)

    def party(self, word: str, span: Span, env: Environment, regime: str) -> Found:
        """Whom `role.hr`, `addressee.superior` or `unit.head` means: a role, or a path to persons."""
        if word.startswith("role."):
            yield from self.role(word.removeprefix("role."), regime, span)
            return
        compiled, faults = compile_expression(word, span, env)
        yield from (replace(found, code="REF006") if found.code == "EXPR003" else found for found in faults)
        if compiled is None:
            return
        kind = compiled.type
        leads = isinstance(kind, (LinkType, LinksType)) and kind.record == "person"
        if not leads and str(kind) != "any":
            text = N_("'{name}' leads to a {type}, not to a person")
            hint = N_("write a path to a person, such as unit.head, or a role, such as role.hr")
            yield fault("REF006", span, text, hint, name=word, type=str(kind))

    def duration(self, text: str | None, span: Span, fields: Mapping[str, Type] | None = None) -> Found:
        """DUR001, DUR002: a duration that can be read; a field's name only where `fields` allows one."""
        parsed = parse_duration(text)
        if isinstance(parsed, Problem):
            yield parsed.at("DUR001", span)
        elif parsed.kind == "field":
            yield from _duration_field(parsed, span, fields)


def _duration_field(parsed: Duration, span: Span, fields: Mapping[str, Type] | None) -> Found:
    dates = [name for name, kind in (fields or {}).items() if str(kind) in ("date", "datetime", "any")]
    if parsed.name in dates:
        return
    hint, params = unknown_name_hint(parsed.name, dates)
    if not dates:
        hint, params = N_("write for example '48 hours' or '7 working days'"), {}
    text = N_("'{name}' is neither a duration nor a date field")
    yield fault("DUR002", span, text, hint, name=parsed.name, **params)


def unknown_word(
    code: str, span: Span, text: str, name: str, known: Iterable[str], **more: object
) -> Diagnostic:
    """A fault about a name that is not among `known`; `text` may use {name} and what `more` gives."""
    hint, params = unknown_name_hint(name, known)
    return fault(code, span, text, hint, name=name, **more, **params)


def missing_field(span: Span, name: str, known: Iterable[str], owner: str) -> Diagnostic:
    """REF003: `owner` (a record type or child table) has no field of that name."""
    return unknown_word("REF003", span, N_("'{owner}' has no field '{name}'"), name, known, owner=owner)
