"""`workflows`: states, transitions and their effects."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import Field as Key

from app.spec.base import Condition, Declaration, Formula, Identifier, Many, Named, Reference, Strict, Tone

_MISSED = re.compile(r"missed\(\s*(?P<clock>[a-z][a-z0-9_.]*)\s*\)")
"""What a transition's `at` may be."""


class State(Declaration):
    """A state of a record; `final` ends the work, `locked` stops edits."""

    tone: Tone | None = None
    final: bool = False
    locked: bool = False


class AssessEffect(Strict):
    """Raise penalties by a schedule for an offender (a person path)."""

    schedule: Reference
    level: Formula
    offender: str
    joint: bool = True
    with_: dict[Identifier, Formula] = Key(default_factory=dict, alias="with")


class CreateEffect(Strict):
    """Make another record, its fields set by expressions."""

    record: Reference
    with_: dict[Identifier, Formula] = Key(default_factory=dict, alias="with")


class TaskEffect(Strict):
    """Put a task on somebody's list."""

    title: str
    to: Many[str]
    due: str | None = None


class MoveEffect(Strict):
    """Make a transition of a linked record (`record` is a path from this one)."""

    record: str
    transition: Identifier


APPEAL_RESULTS = ("open", "keep", "correct", "withdraw", "drop")
"""An appeal is brought; then the penalty stands, is corrected or withdrawn, or the appeal is given up."""


class AppealEffect(Strict):
    """What an appeal does to the penalty that it contests (`penalty` is a path from this record).

    result: one of `APPEAL_RESULTS`, or an expression that gives one; level, amount: of a correction; reason:
    an expression for the words; instance: which of the schedule's `appeal.steps` answers (1 = the first).
    """

    penalty: str
    result: Formula
    level: Formula | None = None
    amount: Formula | None = None
    reason: Formula | None = None
    instance: int | None = Key(default=None, ge=1)


class Effect(Strict):
    """One effect: exactly one key is written."""

    set: dict[Identifier, Formula] | None = None
    create: CreateEffect | None = None
    assess: AssessEffect | None = None
    revoke: Reference | None = None
    notify: Many[str] | None = None
    message: Reference | None = None
    print: Reference | None = None
    task: TaskEffect | None = None
    move: MoveEffect | None = None
    appeal: AppealEffect | None = None
    lock: bool | None = None
    when: Condition | None = None


class Transition(Declaration):
    """A move between states.

    by: roles (`role.hr`), person paths (`addressee.superior`), `unit.head`; require: fields that must be
    filled; ask: fields shown when it is made; when/refuse: guard and the words shown when it does not hold;
    at: a clock's event (`missed(slip_answer)`) makes it by itself.
    """

    from_: Many[Identifier] = Key(alias="from")
    to: Identifier
    by: Many[str] = ()
    not_by: Many[str] = ()
    approve: Literal["all", "any", "in_order"] | None = None
    at: str | None = None
    when: Condition | None = None
    refuse: str = ""
    require: Many[Identifier] = ()
    ask: Many[Identifier] = ()
    confirm: str = ""
    do: tuple[Effect, ...] = ()
    tone: Tone | None = None

    @property
    def missed_clock(self) -> str | None:
        """The service level, as written, that makes it when it is missed."""
        found = _MISSED.fullmatch(self.at.strip()) if self.at is not None else None
        return found["clock"] if found else None


WORKFLOW_WORDS = ("move", "as", "now")
"""What an example of a workflow may give besides fields of the record, paths from it, and `me`: the
transition, the roles of whoever makes it, and when. Without `as` and `me` nobody's rights are asked."""
WORKFLOW_RESULTS = ("state", "refused", "missing", "moves")
"""What it may expect: the state after the transition; that it is refused (`true`, or in these words); the
fields that must be filled in first; the transitions that this person may make now, in any order."""


class WorkflowExample(Strict):
    """`given` a record, the transition and who makes it, `expect`ed state, refusal or possible moves."""

    name: str = ""
    given: dict[str, object]
    expect: dict[str, object]


class Workflow(Named):
    """The life of a record."""

    section: ClassVar[str] = "workflows"

    start: Identifier
    states: dict[Identifier, State]
    transitions: dict[Identifier, Transition] = Key(default_factory=dict)
    examples: tuple[WorkflowExample, ...] = ()
