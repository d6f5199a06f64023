"""The types an expression can have, and what the checker knows of the world around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is. Types are compared by value; `str()` gives the word used in faults."""


@dataclass(frozen=True, slots=True)
class SimpleType(Type):
    """A type without parts. `word` is the language's own keyword, the same in every tongue."""

    word: str

    def __str__(self) -> str:
        return self.word


TEXT = SimpleType("text")
NUMBER = SimpleType("number")
"""integer, decimal, money, percent and rating alike: an int or a Decimal, exact at run time."""
BOOLEAN = SimpleType("boolean")
DATE = SimpleType("date")
DATETIME = SimpleType("datetime")
TIME = SimpleType("time")
DURATION = SimpleType("duration")
"""Elapsed time, a timedelta: days(), hours(), minutes() and the gap between two moments."""
MONTHS = SimpleType("months")
"""What months(n) gives: it has no fixed length, so it can only be added to a date or datetime."""
WORKING_DAYS = SimpleType("working_days")
"""What working_days(n) gives: its length depends on a calendar."""
PERIOD = SimpleType("period")
"""A stretch of days (`period`, a report's `month`): see `Period`."""
EMPTY = SimpleType("empty")
ANY = SimpleType("any")


@dataclass(frozen=True, slots=True)
class ChoiceType(Type):
    """One option of a list. `ordered` lists compare by their order, first option lowest."""

    name: str
    options: tuple[str, ...]
    ordered: bool = False

    def __str__(self) -> str:
        return f"choice {self.name}"


@dataclass(frozen=True, slots=True)
class ChoicesType(Type):
    """Several options of one list; nothing chosen is the empty set, never an unknown."""

    choice: ChoiceType

    def __str__(self) -> str:
        return f"choices {self.choice.name}"


@dataclass(frozen=True, slots=True)
class LinkType(Type):
    """A link to one record of type `record` (persons and units are the records 'person', 'unit')."""

    record: str

    def __str__(self) -> str:
        return f"link {self.record}"


@dataclass(frozen=True, slots=True)
class LinksType(Type):
    """Links to several records of type `record`."""

    record: str

    def __str__(self) -> str:
        return f"links {self.record}"


@dataclass(frozen=True, slots=True)
class LinesType(Type):
    """A child table; `name` says which one ('feedback_slip.measures') and is what types compare by."""

    fields: Mapping[str, Type] = field(compare=False)
    name: str

    def __str__(self) -> str:
        return f"lines {self.name}"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole days in the portal's time zone.

    Dates from `first` to `last`, both included; moments from `start` (included) to `end` (left out).
    """

    first: date
    last: date
    start: datetime
    end: datetime


class Schema(Protocol):
    """The declared record types, as far as expressions must know them."""

    def fields(self, record: str) -> Mapping[str, Type] | None:
        """The fields of a record type with their types; None when it is not declared."""
        ...

    def resolve_record(self, name: str) -> str | None:
        """The full name of the record type that `name` stands for here; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """A function that expressions may call.

    `parameters` are the types of its arguments, of which the first `required` must be given. `call`
    is the pure Python function of a registry entry: it gets exact, non-empty values and must not
    look at anything else; when an argument is empty it is not called and the result is empty.
    """

    name: str
    parameters: tuple[Type, ...]
    result: Type
    required: int
    usage: str
    help: str = ""
    call: Callable[..., object] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """What can be named where an expression stands.

    `names` are the root names (the record's own fields and whatever the place offers: me, now,
    today, state, period, report parameters). `this` is the record type the expression belongs to:
    `this.x` is then its own field x. With `old` the record before the save can be read as `old.x`.
    `rows` names the record type of the rows in hand, over which `sum(amount)` runs in a measure.
    `answers` are the types of a checklist's answers (None outside a checklist), `roles` the known
    role names (None when they are not to be checked), `zone` the portal's IANA time zone. `my_roles`: the
    roles of `me` can be asked for; `calendar`: there is one by which working days are counted; `times`: how
    often it is evaluated for one record, at most.
    """

    names: Mapping[str, Type]
    schema: Schema
    this: str | None = None
    old: bool = False
    functions: Mapping[str, Signature] = field(default_factory=dict)
    rows: str | None = None
    answers: Mapping[str, Type] | None = None
    my_roles: bool = True
    calendar: bool = True
    times: int = 1
    roles: frozenset[str] | None = None
    zone: str = "UTC"
