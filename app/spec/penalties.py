"""`penalty_schedules`: what a fault costs, who answers for it, who decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key
from pydantic import field_validator

from app.spec.base import (
    Condition,
    Declaration,
    Formula,
    Identifier,
    Many,
    Named,
    Number,
    Reference,
    Strict,
    spelled_out,
)

PenaltyKind = Literal["fine", "donation", "deduction", "points", "sanction", "reward"]

FactType = Literal[
    "choice", "boolean", "integer", "decimal", "money", "text", "date", "datetime", "person", "unit"
]


class Fact(Declaration):
    """One fact that a case is judged by; `options` names a choice list."""

    type: Literal[
        "choice", "boolean", "integer", "decimal", "money", "text", "date", "datetime", "person", "unit"
    ]
    options: Reference | None = None
    required: bool = False


class Level(Declaration):
    """One step of the tariff. An unset amount (`~`) is asked of the decider and flagged.

    `own: true` marks a figure that the organisation set itself where the regulation leaves it open.
    """

    amount: Number | None = None
    points: Number | None = None
    min: Number | None = None
    max: Number | None = None
    sanctions: Many[Identifier] = ()
    when: Condition | None = None
    own: bool = False


class Decider(Strict):
    """Who may decide while `when` holds: a person path (`unit.head`) or `role.<name>`."""

    when: Condition | None = None
    who: Many[str]


class JointLiability(Strict):
    """A second person who pays a share because of an oversight. A share that is left open (`~`) is asked of
    the decider."""

    person: str
    share: str | None = "100 %"
    of: Literal["base", "due"] = "base"
    when: Condition | None = None
    reason: str = ""
    own: bool = False
    note: str = ""


class LateStep(Strict):
    """What happens when a penalty is not paid in time; `after` unset waits for a decision."""

    multiply: Number | None = None
    add: Number | None = None
    sanction: Identifier | None = None
    after: str | None = None
    note: str = ""


class Payment(Strict):
    """When and how a penalty is paid; `clock` names a service level that starts at receipt of the notice."""

    clock: Reference | None = None
    late: tuple[LateStep, ...] = ()
    suspended_by_appeal: bool = False
    pay_to: str = ""


class Repeat(Strict):
    """Repeated faults in a window: from the `from`-th time on the consequence is raised. Where the window or
    the time is left open (`~`), repetition is not judged, and the reasons say so."""

    within: str | None
    same: Many[Literal["person", "level", "item", "schedule", "class", "unit"]] = ("person", "level")
    from_: Annotated[int, Key(ge=2)] | None = Key(alias="from")
    raise_: str | None = Key(default=None, alias="raise")
    multiply: Number | None = None
    add: Number | None = None
    sanctions: Many[Identifier] = ()


class Exemption(Strict):
    """No charge while `when` holds; `instead` names what is done in its place."""

    when: Condition
    instead: Identifier | None = None
    note: str = ""


class Bounds(Strict):
    """Cap, floor and rounding of an amount; `step` such as 0.01, 1 or 10."""

    cap: Number | None = None
    floor: Number | None = None
    step: Number = Decimal("0.01")
    rounding: Literal["half_up", "half_even", "down", "up"] = "half_up"


class Appeal(Strict):
    """How a decision may be contested: until when, and before whom.

    window: counted from `from`, a second appeal's from the answer to the first; steps: who decided -> the
    instances that hear the appeal, one after another (an empty list: the decision is final). An instance that
    answered has decided in its turn: when no further one is left, its own row counts.
    """

    window: str | None = None
    from_: Literal["notified_at", "decided_at"] = Key("notified_at", alias="from")
    lapses: bool = True
    answer: str | None = None
    calendar: Reference | None = None
    steps: dict[str, Many[str]] = Key(default_factory=dict)
    note: str = ""


class Fund(Strict):
    """Where the money goes and what it may be spent on. Schedules of a regime that write the same `name` pay
    into one fund; one that writes none has a fund of its own."""

    name: Identifier | None = None
    title: str = ""
    spend_on: Many[str] = ()
    keeper: str | None = None


class Expected(Strict):
    """One expected penalty of an example; keys that are not written are not compared."""

    to: str
    amount: Number | None = None
    points: Number | None = None
    sanctions: Many[Identifier] | None = None


CASE_WORDS = ("level", "amount", "joint", "earlier", "at", "now", "item", "class", "unit")
"""What a case in words may hold besides facts and people. `amount` is what the decider set, `earlier` how
many earlier penalties of the same kind there were in the window, `joint: false` a fault of the person's own
that sets off no joint liability; `at` is when it happened, `now` when it is judged."""


class PenaltyExample(Strict):
    """`given` facts (and `CASE_WORDS`), the `expect`ed penalties, `exempt` or `decided_by`."""

    name: str = ""
    given: dict[str, str | None]
    expect: tuple[Expected, ...] | None = None
    exempt: str | None = None
    decided_by: Many[str] | None = None
    source: str = ""


class PenaltySchedule(Named):
    """A tariff: levels in rising order with their amounts, and the rules around them."""

    section: ClassVar[str] = "penalty_schedules"

    kind: PenaltyKind = "fine"
    facts: dict[Identifier, Fact] = Key(default_factory=dict)
    rank: Reference | None = None
    levels: dict[Identifier, Level]
    formula: Formula | None = None
    decided_by: tuple[Decider, ...] = ()
    joint_liability: tuple[JointLiability, ...] = ()
    payment: Payment | None = None
    repeat: Repeat | None = None
    exempt: tuple[Exemption, ...] = ()
    not_with: Many[Reference] = ()
    bounds: Bounds = Key(default_factory=Bounds)
    appeal: Appeal | None = None
    fund: Fund | None = None
    notice: Reference | None = None
    sanctions: dict[Identifier, str] = Key(default_factory=dict)
    examples: tuple[PenaltyExample, ...] = ()

    @field_validator("levels", mode="before")
    @classmethod
    def _bare_amounts(cls, value: Any) -> Any:
        """`fault: 50` is short for `fault: {amount: 50}`."""
        return spelled_out(value, "amount")
