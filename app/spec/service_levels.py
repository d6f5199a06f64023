"""`service_levels`, `duties`: what is promised in time, and what recurs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field as Key

from app.spec.base import Condition, Formula, Identifier, Many, Named, Reference, Strict
from app.spec.workflows import Effect


class Target(Strict):
    """A target time; the first row whose `when` holds is taken. An unset time runs no clock.

    cut_off: a time of day; what begins later counts from the next day on, with a calendar the next
    working day.
    """

    when: Condition | None = None
    time: str | None = None
    at_most: str | None = None
    beyond: Condition | None = None
    cut_off: str | None = None
    note: str = ""


class StateMark(Strict):
    """`{state: taken}`: the moment at which a record came into a state.

    A clock starts when the record first comes into it; with `last: true` each further time starts it anew.
    """

    state: Identifier
    last: bool = False


class EscalationStep(Strict):
    """What happens at a share of the time (`80 %`), when it is `missed`, or some time before or after."""

    at: str
    notify: Many[str] = ()
    do: tuple[Effect, ...] = ()
    office_hours: bool = False


CLOCK_WORDS = ("from", "to", "states", "pauses", "extended", "now")
"""What a clock in words may hold besides the facts of its record: when the record came into the states at
which the clock starts and stops, all its `states` with their times, pauses, an extension, and the moment
asked about. A field of the record with such a name comes first."""
CLOCK_RESULTS = ("due", "state", "target", "missed")
"""What an example of a service level may expect."""


class ServiceLevelExample(Strict):
    """`given` facts and start (and `CLOCK_WORDS`), `expect`ed due time, or other `CLOCK_RESULTS`."""

    name: str = ""
    given: dict[str, str | None]
    expect: dict[str, str | None]


class ServiceLevel(Named):
    """A promised time on one record type: from, to, pauses, targets, warnings, escalations."""

    section: ClassVar[str] = "service_levels"

    of: Reference
    from_: Identifier | StateMark = Key(alias="from")
    to: Many[Identifier | StateMark] | None = None
    done: Condition | None = None
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


MOST_EXAMPLE_DAYS = 4_000
DUTY_RESULTS = ("days", "times", "due", "periods")
"""What an example of a duty may expect, each as a list in order: the days on which a turn begins, the moments
at which it does, by when each turn is to be done; the periods in which so many are counted."""


class DutySpan(Strict):
    """The days that an example looks at, both counted."""

    from_: date = Key(alias="from")
    until: date

    @property
    def sound(self) -> bool:
        """Whether it is in order and not beyond `MOST_EXAMPLE_DAYS`."""
        within = date(1900, 1, 1) <= self.from_ <= self.until <= date(2200, 1, 1)
        return within and (self.until - self.from_).days <= MOST_EXAMPLE_DAYS


class DutyExample(Strict):
    """`given` two days, the first and the last that are looked at, `expect`ed turns between them."""

    name: str = ""
    given: DutySpan
    expect: dict[str, Many[str]]


class Duty(Named):
    """A recurring obligation that creates records with due times.

    Either `every` so often, or `at_least` so many times `per` period; `done` is judged on the created record.
    """

    section: ClassVar[str] = "duties"

    every: str | None = None
    at_least: Annotated[int, Key(ge=1, le=1000)] | None = None
    per: str | None = None
    from_: date | None = Key(default=None, alias="from")
    until: date | None = None
    for_each: Reference | None = None
    where: Condition | None = None
    unpredictable: bool = False
    create: Reference | None = None
    with_: dict[Identifier, Formula] = Key(default_factory=dict, alias="with")
    done: Condition | None = None
    dated: Identifier | None = None
    assign: str | None = None
    due: str | None = None
    hidden_from: Many[str] = ()
    calendar: Reference | None = None
    message: Reference | None = None
    examples: tuple[DutyExample, ...] = ()


class MessageTemplate(Named):
    """`messages`: subject and text of a notice and the channels it goes out on."""

    section: ClassVar[str] = "messages"

    subject: str
    text: str
    channels: Many[str] = ("inbox",)
