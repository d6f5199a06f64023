"""What can be named in an expression, place by place: a portal's declarations as types.

The rooms that compile expressions (release, access, workflow, rules, reports) and `check` use the same
functions, so what passes the check is what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.expressions import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MAX_ROWS,
    NUMBER,
    PERIOD,
    REGISTRY,
    TEXT,
    TIME,
    ChoicesType,
    ChoiceType,
    Environment,
    LinesType,
    LinksType,
    LinkType,
    Type,
)
from app.spec.checklists import Checklist, ChecklistItem
from app.spec.field_types import FieldType
from app.spec.penalties import Fact, PenaltySchedule
from app.spec.portal import ADMINISTRATOR, Portal
from app.spec.portal_settings import ChoiceList
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType, checklist_columns
from app.spec.reports import Parameter
from app.spec.watching import watch_of
from app.spec.workflows import Workflow

MOMENT: Mapping[str, Type] = MappingProxyType({"me": LinkType("person"), "now": DATETIME, "today": DATE})
"""What is known wherever somebody acts: who acts and when."""

_SIMPLE: Mapping[FieldType, Type] = MappingProxyType(
    {
        "text": TEXT,
        "long_text": TEXT,
        "integer": NUMBER,
        "decimal": NUMBER,
        "money": NUMBER,
        "percent": NUMBER,
        "rating": NUMBER,
        "boolean": BOOLEAN,
        "date": DATE,
        "time": TIME,
        "datetime": DATETIME,
        "month": DATE,
        "duration": DURATION,
        "person": LinkType("person"),
        "unit": LinkType("unit"),
        "location": TEXT,
        "phone": TEXT,
        "email": TEXT,
        "url": TEXT,
        "file": LinkType("attachment"),
        "photo": LinkType("attachment"),
        "signature": LinkType("attachment"),
        "files": LinksType("attachment"),
        "photos": LinksType("attachment"),
        "checklist": TEXT,
    }
)
"""Field types whose expression type needs no look at the other options. A month is its first day."""


@dataclass(frozen=True, slots=True)
class PortalSchema:
    """The record types of a portal, as a declaration of `regime` names them."""

    portal: Portal
    regime: str = ""
    _known: dict[str, Mapping[str, Type]] = field(default_factory=dict, compare=False, repr=False)

    def fields(self, record: str) -> Mapping[str, Type] | None:
        """The fields of a record type (full name) with their types, the standard ones included."""
        watch = watch_of(self.portal)
        if watch is not None:
            # Whoever uses these types has looked at everything that was looked at in making them.
            return watch.within(("types", record), lambda: self._types(record))
        if record not in self._known:
            types = self._types(record)
            if types is None:
                return None
            self._known[record] = types
        return self._known[record]

    def _types(self, record: str) -> Mapping[str, Type] | None:
        declared = self.portal.records.get(record)
        return record_types(self.portal, declared) if declared is not None else None

    def resolve_record(self, name: str) -> str | None:
        """The full name of the record type that `name` means here."""
        found = self.portal.find(RecordType, name, self.regime)
        return found.full_name if found else None


def choice_type(portal: Portal, options: object, regime: str, name: str) -> ChoiceType | None:
    """The type of a choice among `options`: a list's name, a mapping or a list of options."""
    if isinstance(options, str):
        found = portal.find(ChoiceList, options, regime)
        return ChoiceType(found.full_name, tuple(found.options), found.ordered) if found else None
    if isinstance(options, (dict, tuple)):
        return ChoiceType(name, tuple(str(option) for option in options))
    return None


def field_type(portal: Portal, spec: FieldSpec, regime: str, name: str) -> Type:
    """The type of one field; ANY where the field's own declaration is at fault. `name` is `record.field`."""
    if spec.type in ("choice", "choices"):
        choice = choice_type(portal, spec.options, regime, name)
        if choice is None:
            return ANY
        return choice if spec.type == "choice" else ChoicesType(choice)
    if spec.type in ("link", "links"):
        target = portal.find(RecordType, spec.to, regime)
        if target is None:
            return ANY
        return LinkType(target.full_name) if spec.type == "link" else LinksType(target.full_name)
    if spec.type == "lines":
        return LinesType(line_types(portal, spec, regime, name), name)
    if spec.type == "formula":
        given = FieldSpec(type=spec.gives or "decimal", options=spec.options, to=spec.to)
        return field_type(portal, given, regime, name) if spec.gives != "formula" else ANY
    return _SIMPLE[spec.type]


def line_types(portal: Portal, spec: FieldSpec, regime: str, name: str) -> dict[str, Type]:
    """The columns of a child table with their types."""
    return {key: field_type(portal, line, regime, f"{name}.{key}") for key, line in spec.fields.items()}


def record_types(portal: Portal, record: RecordType) -> dict[str, Type]:
    """Every name that a record of this type offers: its fields, what checklists keep, the standard fields."""
    types: dict[str, Type] = {}
    for name, spec in record.fields.items():
        types[name] = field_type(portal, spec, record.regime, f"{record.full_name}.{name}")
        if spec.type == "checklist":
            kept = checklist_columns(name)
            types |= {key: field_type(portal, column, "", key) for key, column in kept.items()}
    for name, spec in STANDARD_FIELDS.items():
        types.setdefault(name, field_type(portal, spec, "", name))
    if not record.number and "number" not in record.fields:
        types.pop("number")
    workflow = portal.find(Workflow, record.workflow, record.regime)
    if workflow is not None:
        types["state"] = ChoiceType(f"{record.full_name}.state", tuple(workflow.states))
    elif record.workflow is not None:
        types["state"] = ANY
    elif "state" not in record.fields:
        types.pop("state")
    return types


def role_names(portal: Portal) -> frozenset[str]:
    """What `has_role` may name: roles by full and by short name."""
    declared = list(portal.roles)
    return frozenset({ADMINISTRATOR, *declared, *(name.rpartition(".")[2] for name in declared)})


def _environment(
    portal: Portal,
    regime: str,
    names: Mapping[str, Type],
    *,
    this: str | None = None,
    old: bool = False,
    rows: str | None = None,
    answers: Mapping[str, Type] | None = None,
    my_roles: bool = True,
    times: int = 1,
) -> Environment:
    return Environment(
        names,
        PortalSchema(portal, regime),
        this=this,
        old=old,
        functions=REGISTRY,
        rows=rows,
        answers=answers,
        my_roles=my_roles,
        calendar=portal.settings.calendar is not None,
        times=times,
        roles=role_names(portal),
        zone=portal.settings.timezone,
    )


def record_environment(portal: Portal, record: RecordType, this: Environment | None = None) -> Environment:
    """Where a record is judged: its own fields, `me`, `now`, `today`, `state`, `old`, `this`.

    Given the environment of another record as `this`, the names are those of the rows to choose from (a
    link's `where`), and `this.` reads the record that the choice is made for.
    """
    names = {**record_types(portal, record), **MOMENT}
    if this is None:
        return _environment(portal, record.regime, names, this=record.full_name, old=True)
    if this.this is not None:
        names["this"] = LinkType(this.this)
    return _environment(portal, record.regime, names)


def line_environment(portal: Portal, record: RecordType, name: str) -> Environment:
    """Where a row of the child table `name` is judged: its own columns; `this.` reads the record."""
    spec = record.fields[name]
    columns = line_types(portal, spec, record.regime, f"{record.full_name}.{name}")
    names = {**columns, **MOMENT, "this": LinkType(record.full_name)}
    return _environment(portal, record.regime, names, times=MAX_ROWS)


def fact_type(portal: Portal, fact: Fact, regime: str, name: str) -> Type:
    """The type of one fact of a penalty schedule; `name` is `schedule.fact`."""
    if fact.type == "choice":
        return choice_type(portal, fact.options, regime, name) or ANY
    return _SIMPLE[fact.type]


def level_type(portal: Portal, schedule: PenaltySchedule) -> ChoiceType:
    """The levels of a tariff in rising order: those of its `rank` list, or its own."""
    rank = portal.find(ChoiceList, schedule.rank, schedule.regime)
    if rank is not None:
        return ChoiceType(rank.full_name, tuple(rank.options), rank.ordered)
    return ChoiceType(f"{schedule.full_name}.level", tuple(schedule.levels), ordered=True)


def penalty_environment(portal: Portal, schedule: PenaltySchedule, amounts: bool = False) -> Environment:
    """Where a case is judged: the schedule's facts, `level`, `offender`, the offender's `unit`, the moment.

    With `amounts` also what the tariff says (`amount`, `points`), for the schedule's `formula`.
    """
    facts = {
        name: fact_type(portal, fact, schedule.regime, f"{schedule.full_name}.{name}")
        for name, fact in schedule.facts.items()
    }
    case: dict[str, Type] = {
        "level": level_type(portal, schedule),
        "offender": LinkType("person"),
        "unit": LinkType("unit"),
        **({"amount": NUMBER, "points": NUMBER} if amounts else {}),
    }
    return _environment(portal, schedule.regime, {**MOMENT, **case, **facts}, my_roles=False)


_ANSWERS: Mapping[str, Type] = MappingProxyType(
    {
        "pass_fail": ChoiceType("pass_fail", ("fail", "not_applicable", "pass")),
        "yes_no": ChoiceType("yes_no", ("no", "not_applicable", "yes")),
        "score": NUMBER,
        "number": NUMBER,
        "count": NUMBER,
        "text": TEXT,
        "photo": LinksType("attachment"),
    }
)


def answer_type(portal: Portal, checklist: Checklist, item: ChecklistItem) -> Type:
    """What `answer('item')` gives: a word of the scale, a number, a text or photos. The grades of an item are
    written from the best, those of a choice list rise."""
    if item.answer == "choice":
        name = f"{checklist.full_name}.{item.id}"
        options = tuple(reversed(item.options)) if isinstance(item.options, dict) else item.options
        choice = choice_type(portal, options, checklist.regime, name)
        return ChoiceType(choice.name, choice.options, ordered=True) if choice else ANY
    return _ANSWERS[item.answer]


def checklist_environment(portal: Portal, checklist: Checklist) -> Environment:
    """Where an item is asked: the answers and the score so far, and of the inspection: the fields of the
    record type named by `of`, the inspected `unit`, `person` and that person's `post`."""
    answers = {item.id: answer_type(portal, checklist, item) for _, item in checklist.items()}
    subject = portal.find(RecordType, checklist.of, checklist.regime)
    names: dict[str, Type] = {
        **MOMENT,
        "unit": LinkType("unit"),
        "person": LinkType("person"),
        "post": LinkType("post"),
        **(record_types(portal, subject) if subject else {}),
    }
    this = subject.full_name if subject else None
    return _environment(portal, checklist.regime, names, this=this, answers=answers)


def rows_environment(
    portal: Portal, record: RecordType, regime: str, parameters: Mapping[str, Type] | None = None
) -> Environment:
    """Where rows are chosen and measured (reports, indicators, dashboards): the row's fields, `period`, the
    parameters, and sums over the rows in hand. A field called `period` is read as `this.period`."""
    names = {**record_types(portal, record), **MOMENT, "period": PERIOD, **(parameters or {})}
    return _environment(portal, regime, names, this=record.full_name, rows=record.full_name)


def parameter_type(portal: Portal, parameter: Parameter, regime: str, name: str) -> Type:
    """The type of a report's parameter; a month is the stretch of its days."""
    if parameter.type == "month":
        return PERIOD
    spec = FieldSpec(type=parameter.type, options=parameter.options)
    return field_type(portal, spec, regime, name)


def bare_environment(portal: Portal, regime: str = "") -> Environment:
    """Where nothing but the moment is known."""
    return _environment(portal, regime, dict(MOMENT))
