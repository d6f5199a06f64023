"""`service_levels`, `duties`: what is promised in time, and what recurs."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field as Key

from app.spec.base import Condition, Formula, Identifier, Many, Named, Reference, Strict
from app.spec.workflows import Effect


class Target(Strict):
    """A target time; the first row whose `when` holds is taken. An unset time runs no clock."""

    when: Condition | None = None
    time: str | None = None
    at_most: str | None = None
    note: str = ""


class StateMark(Strict):
    """`{state: taken}`: the moment at which a record came into a state."""

    state: Identifier


class EscalationStep(Strict):
    """What happens at a share of the time (`80 %`), when it is `missed`, or `missed + 4 hours`."""

    at: str
    notify: Many[str] = ()
    do: tuple[Effect, ...] = ()
    office_hours: bool = False


class ServiceLevelExample(Strict):
    """`given` facts and start, `expect`ed due time."""

    name: str = ""
    given: dict[str, str | None]
    expect: dict[str, str | None]


class ServiceLevel(Named):
    """A promised time on one record type: from, to, pauses, targets, warnings, escalations."""

    section: ClassVar[str] = "service_levels"

    of: Reference
    from_: Identifier | StateMark = Key(alias="from")
    to: Identifier | StateMark | None = None
    pause: Condition | None = None
    when: Condition | None = None
    calendar: Reference | None = None
    within: tuple[Target, ...]
    before: Identifier | None = None
    day_ends: str | None = None
    roll: bool = False
    warn: Many[str] = ()
    escalate: tuple[EscalationStep, ...] = ()
    extend_by: Many[str] = ()
    examples: tuple[ServiceLevelExample, ...] = ()


class Duty(Named):
    """A recurring obligation that creates records with due times."""

    section: ClassVar[str] = "duties"

    every: str | None = None
    at_least: int | None = None
    per: str | None = None
    for_each: Reference | None = None
    where: Condition | None = None
    unpredictable: bool = False
    create: Reference | None = None
    with_: dict[Identifier, Formula] = Key(default_factory=dict, alias="with")
    assign: str | None = None
    due: str | None = None
    hidden_from: Many[str] = ()
    calendar: Reference | None = None


class MessageTemplate(Named):
    """`messages`: subject and text of a notice and the channels it goes out on."""

    section: ClassVar[str] = "messages"

    subject: str
    text: str
    channels: Many[str] = ("inbox",)
