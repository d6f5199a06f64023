"""Fields of record types: options that fit the type, bounds, defaults, links, expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from app.checks.context import Checking, Found, unknown_word
from app.checks.environments import field_type, line_environment, record_environment
from app.checks.known_values import line_values
from app.checks.settings import size
from app.expressions import ChoicesType, ChoiceType, Domains, Environment
from app.source import N_, fault
from app.spec.checklists import Checklist
from app.spec.durations import parse_clock, parse_duration
from app.spec.field_types import KINDS
from app.spec.portal_settings import ChoiceList
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType
from app.spec.small import Problem
from app.spec.text_patterns import PatternRefused, automaton_of

_FOR_SOME_TYPES = frozenset({option for kind in KINDS.values() for option in kind.options})
_NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "link": "to",
        "links": "to",
        "choice": "options",
        "choices": "options",
        "lines": "fields",
        "formula": "formula",
    }
)
RESERVED = frozenset(
    {*STANDARD_FIELDS, "me", "now", "today", "this", "old", "release_id", "version", "and", "or",
     "not", "in", "is", "if", "else", "none", "true", "false"}
)  # fmt: skip
_MOST_DIGITS_OF_BOUND = 18
_MOST_LETTERS_OF_PATTERN = 200


@dataclass(frozen=True, slots=True)
class Placed:
    """A field with what stands around it: its record type, its name, the names its expressions know."""

    record: RecordType
    name: str
    spec: FieldSpec
    env: Environment
    values: Domains
    line_of: str = ""

    @property
    def shown(self) -> str:
        return ".".join(part for part in (self.record.full_name, self.line_of, self.name) if part)


def placed_fields(checking: Checking) -> Iterator[Placed]:
    """Every declared field, those of child tables included."""
    portal = checking.portal
    for record in checking.each(RecordType):
        env = checking.environment(record)
        for name, spec in record.fields.items():
            yield Placed(record, name, spec, env, checking.values(record))
            if spec.fields and spec.type == "lines":
                inner, values = line_environment(portal, record, name), line_values(spec)
                for key, line in spec.fields.items():
                    yield Placed(record, key, line, inner, values, name)


def options_fit_the_type(checking: Checking) -> Found:
    """FLD001, FLD002: a field has the options its type needs and none that it cannot use."""
    for field in placed_fields(checking):
        spec = field.spec
        allowed = KINDS[spec.type].options
        for option in sorted(_FOR_SOME_TYPES - allowed):
            if spec.wrote(option):
                text = N_("a field of type '{type}' has no option '{name}'")
                takers = ", ".join(kind for kind, row in KINDS.items() if option in row.options)
                hint = N_("it is for: {takers}")
                span = spec.place.key(option)
                yield fault("FLD001", span, text, hint, type=spec.type, name=option, takers=takers)
        for option in ("unique", "index"):
            if getattr(spec, option) and KINDS[spec.type].storage not in ("column", "link", "computed"):
                text = N_("a field of type '{type}' has no option '{name}'")
                yield fault("FLD001", spec.place.key(option), text, type=spec.type, name=option)
        needed = _NEEDED.get(spec.type)
        if needed and not getattr(spec, needed):
            text = N_("a field of type '{type}' needs '{name}'")
            yield fault("FLD002", spec.span, text, type=spec.type, name=needed)
        if field.line_of and spec.type in ("lines", "links", "checklist"):
            text = N_("a field of type '{type}' cannot stand in a child table")
            yield fault("FLD001", spec.span_of("type"), text, type=spec.type)


def names_are_free(checking: Checking) -> Found:
    """FLD007: no field takes a name that every record has, or that expressions use."""
    for field in placed_fields(checking):
        kept = {
            f"{name}{end}"
            for name, spec in field.record.fields.items()
            if spec.type == "checklist" and not field.line_of
            for end in ("_checklist", "_score", "_grade", "_passed")
        }
        if field.name in RESERVED | kept:
            above = ("fields", field.line_of, "fields") if field.line_of else ("fields",)
            span = field.record.key_at(*above, field.name)
            text = N_("the name '{name}' is taken: every record has it, or expressions use it")
            yield fault("FLD007", span, text, N_("choose another name"), name=field.name)


def links_lead_somewhere(checking: Checking) -> Found:
    """REF001, REF002: what fields refer to is declared."""
    for field in placed_fields(checking):
        spec, regime = field.spec, field.record.regime
        if spec.to is not None and spec.type in ("link", "links"):
            yield from checking.refer(RecordType, spec.to, regime, spec.span_of("to"))
        if isinstance(spec.options, str) and spec.type in ("choice", "choices"):
            yield from checking.refer(ChoiceList, spec.options, regime, spec.span_of("options"))
        if spec.type == "checklist":
            yield from checking.refer(RecordType, spec.finding, regime, spec.span_of("finding"))
            yield from checking.refer(Checklist, spec.to, regime, spec.span_of("to"))
            if isinstance(spec.options, str):
                yield from checking.refer(Checklist, spec.options, regime, spec.span_of("options"))
            elif isinstance(spec.options, tuple):
                for index, name in enumerate(spec.options):
                    yield from checking.refer(Checklist, name, regime, spec.span_at("options", index))


def _bound(spec: FieldSpec, text: str) -> object | None:
    """A bound as a comparable value of the field's type, or None when it is none."""
    kind = KINDS[spec.type]
    try:
        if spec.type == "date":
            return date.fromisoformat(text)
        if spec.type == "month":
            return date.fromisoformat(f"{text}-01")
        if spec.type == "datetime":
            return datetime.fromisoformat(text)
        if spec.type == "time":
            return parse_clock(text)
        if spec.type == "duration":
            parsed = parse_duration(text)
            return None if isinstance(parsed, Problem) or parsed.kind != "length" else Decimal(0)
        number = Decimal(text)
    except (ValueError, InvalidOperation):
        return None
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS_OF_BOUND:
        return None
    return number if kind.number or text.isdecimal() else None


def bounds_are_in_order(checking: Checking) -> Found:
    """FLD003: `min` and `max` can be read, and some value lies between them."""
    for field in placed_fields(checking):
        spec, values = field.spec, dict[str, object]()
        for key in ("min", "max"):
            text = getattr(spec, key)
            if text is None or key not in KINDS[spec.type].options:
                continue
            if text in ("today", "now") and spec.type in ("date", "datetime"):
                continue
            value = _bound(spec, text)
            if value is None:
                words = N_("'{written}' is no bound for a field of type '{type}'")
                yield fault("FLD003", spec.span_of(key), words, written=text, type=spec.type)
            else:
                values[key] = value
        if len(values) == 2 and _more(values["min"], values["max"]):
            text = N_("'min' is more than 'max'")
            yield fault("FLD003", spec.span_of("min"), text, N_("swap them"))


def _more(low: object, high: object) -> bool:
    if isinstance(low, datetime) and isinstance(high, datetime):
        return low.replace(tzinfo=None) > high.replace(tzinfo=None)
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low > high
    if isinstance(low, time) and isinstance(high, time):
        return low > high
    return isinstance(low, date) and isinstance(high, date) and low > high


def patterns_can_be_matched(checking: Checking) -> Found:
    """FLD005: a pattern is a sound, short regular expression."""
    for field in placed_fields(checking):
        pattern = field.spec.pattern
        if pattern is None:
            continue
        span = field.spec.span_of("pattern")
        if len(pattern) > _MOST_LETTERS_OF_PATTERN:
            text = N_("the pattern is longer than {limit} characters")
            yield fault("FLD005", span, text, limit=_MOST_LETTERS_OF_PATTERN)
            continue
        try:
            automaton_of(pattern)
        except PatternRefused as error:
            text = N_("'{written}' is not a pattern: {reason}")
            yield fault("FLD005", span, text, written=pattern, reason=str(error))
        if re.search(r"[+*}]\)*[+*{]", pattern.replace("\\", "")):
            text = N_("the pattern repeats a repetition, which may take for ever")
            yield fault("FLD005", span, text, N_("repeat once: (ab)+ instead of (a+b*)+"))


def sizes_can_be_read(checking: Checking) -> Found:
    """SET006: the largest upload of a field is a size."""
    for field in placed_fields(checking):
        yield from size(field.spec.max_size, field.spec.span_of("max_size"))


def defaults_have_the_type(checking: Checking) -> Found:
    """FLD004 and the faults of expressions: a default is a value of the field's type."""
    for field in placed_fields(checking):
        spec = field.spec
        if spec.default is None:
            continue
        span = spec.span_of("default")
        want = field_type(checking.portal, spec, field.record.regime, field.shown)
        choice = want.choice if isinstance(want, ChoicesType) else want
        compiled, faults = checking.value(spec.default, span, field.env, choice)
        if compiled is not None:
            continue
        if isinstance(choice, ChoiceType) and spec.default.isidentifier():
            text = N_("the default '{name}' is not an option of {choice}")
            yield unknown_word("FLD004", span, text, spec.default, choice.options, choice=choice.name)
        elif any(found.code == "EXPR011" for found in faults):
            text = N_("the default '{name}' is not a {type}")
            yield fault("FLD004", span, text, name=spec.default, type=spec.type)
        else:
            yield from faults


def expressions_of_fields_hold(checking: Checking) -> Found:
    """The faults of `show`, `required`, `read_only`, `formula`, `where` and `options_when`."""
    for field in placed_fields(checking):
        spec = field.spec
        for key in ("show", "required", "read_only"):
            yield from checking.condition(getattr(spec, key), spec.span_of(key), field.env, field.values)
        if spec.formula is not None:
            want = field_type(checking.portal, spec, field.record.regime, field.shown)
            yield from checking.formula(spec.formula, spec.span_of("formula"), field.env, want)
        target = checking.find(RecordType, spec.target, field.record.regime)
        if spec.where is not None and target is not None:
            chosen = record_environment(checking.portal, target, this=field.env)
            yield from checking.query(spec.where, spec.span_of("where"), chosen, ("this",))
        for row in spec.options_when:
            yield from checking.condition(row.when, row.span_of("when"), field.env, field.values)
            yield from _options_when(checking, field, row.options, row.span_at)


def _options_when(checking: Checking, field: Placed, options: tuple[str, ...], span_at: object) -> Found:
    kind = field_type(checking.portal, field.spec, field.record.regime, field.shown)
    choice = kind.choice if isinstance(kind, ChoicesType) else kind
    if not isinstance(choice, ChoiceType) or not callable(span_at):
        return
    for index, option in enumerate(options):
        if option not in choice.options:
            text = N_("'{name}' is not an option of {choice}")
            span = span_at("options", index)
            yield unknown_word("REF007", span, text, option, choice.options, choice=choice.name)


def formulas_do_not_go_round(checking: Checking) -> Found:
    """FLD006: no formula needs its own result."""
    for record in checking.each(RecordType):
        env = checking.environment(record)
        reads: dict[str, set[str]] = {}
        for name, spec in record.fields.items():
            if spec.formula is not None:
                compiled, _ = checking.value(spec.formula, spec.span_of("formula"), env)
                reads[name] = {path[0] for path in compiled.paths} if compiled else set()
        told: set[str] = set()
        for name in reads:
            reached = _reached(name, reads)
            if name in reached and name not in told:
                told |= reached
                text = N_("the formula of '{name}' needs its own result")
                yield fault("FLD006", record.fields[name].span_of("formula"), text, name=name)


def _reached(start: str, reads: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(reads.get(start, ()))
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(reads.get(name, ()))
    return seen
