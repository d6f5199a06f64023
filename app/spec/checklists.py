"""`checklists/<regime>/<name>.yaml` (the file is one checklist) and `standards`."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field as Key

from app.spec.base import Condition, Declaration, Formula, Identifier, Many, Named, Number, Reference, Strict
from app.spec.portal_settings import Status

AnswerKind = Literal["pass_fail", "score", "number", "count", "choice", "yes_no", "text", "photo"]
Evidence = Literal["photo", "remark", "file", "signature"]
Method = Literal["deduct", "sum", "pass_rate", "weighted", "average"]


class Grade(Strict):
    """A band of the score; `from` is included, the last grade may leave it out."""

    title: str
    from_: Number | None = Key(default=None, alias="from")
    name: Identifier | None = None
    tone: str | None = None


class Scoring(Strict):
    """How answers become a score.

    deduct: full minus the points of failed items; sum: points of passed items; pass_rate: share of passed
    items in percent; weighted: section results in percent by section weight; average: mean of scores.
    Items that are not applicable or not asked never count. `full` is the best score, `pass` the bound.
    """

    method: Method = "deduct"
    full: Number | None = None
    pass_: Number | None = Key(default=None, alias="pass")
    floor: Number | None = Decimal(0)
    places: int = Key(default=1, ge=0, le=6)
    rescale: bool = False
    grades: tuple[Grade, ...] = ()


class OnFail(Strict):
    """What a failed item becomes: the finding's class and level, the schedule that fines it, what is asked.

    `penalty` names a penalty schedule, `rectify` a duration, `with` sets further fields of the finding.
    `level` may be a choice option or an expression in quotes is not needed: it is always an option's name.
    """

    class_: Identifier | None = Key(default=None, alias="class")
    level: Identifier | None = None
    penalty: Reference | None = None
    rectify: str | None = None
    evidence: Many[Evidence] = ()
    finding: bool = True
    when: Condition | None = None
    with_: dict[Identifier, Formula] = Key(default_factory=dict, alias="with")


class ScaleStep(Strict):
    """One step of an ordered grade (`answer: choice`); `share` of the points it earns, 0 to 1."""

    title: str
    share: Number | None = None
    fails: bool = False


class ChecklistItem(Declaration):
    """One question of a checklist.

    answer: pass_fail (default) | score | number (with `limit`) | count | choice (ordered grade) | yes_no |
    text | photo. `points` is what it is worth; `critical` fails the whole list; `when` asks it conditionally.
    """

    id: Identifier
    standard: str | None = None
    points: Number | None = None
    answer: AnswerKind = "pass_fail"
    unit: str | None = None
    limit: str | None = None
    options: dict[Identifier, ScaleStep] | Reference | None = None
    fails_below: Identifier | Number | None = None
    per_unit: Number | None = None
    min: Number | None = None
    max: Number | None = None
    expect: Literal["yes", "no"] = "yes"
    critical: bool = False
    required: bool = True
    not_applicable: bool = True
    frequency: str | None = None
    when: Condition | None = None
    evidence: Many[Evidence] = ()
    on_fail: OnFail | None = None


class ChecklistSection(Declaration):
    """A part of a checklist; `weight` counts where the scoring is weighted."""

    id: Identifier
    weight: Number | None = None
    when: Condition | None = None
    on_fail: OnFail | None = None
    items: tuple[ChecklistItem, ...] = ()


class ChecklistExample(Strict):
    """`given` answers and facts, `expect` score, grade, passed or findings."""

    name: str = ""
    given: dict[str, object]
    expect: dict[str, object]


class Checklist(Named):
    """A list of questions that an inspection answers."""

    section: ClassVar[str] = "checklists"

    scoring: Scoring = Key(default_factory=Scoring)
    of: Reference | None = None
    on_fail: OnFail | None = None
    sections: tuple[ChecklistSection, ...] = ()
    examples: tuple[ChecklistExample, ...] = ()

    def items(self) -> tuple[tuple[ChecklistSection, ChecklistItem], ...]:
        """Every item with its section, in the order written."""
        return tuple((section, item) for section in self.sections for item in section.items)


class Clause(Declaration):
    """A numbered part of a standard; `figure` is a condition such as `>= 98 %`, or unset with a note."""

    clause: str = ""
    figure: str | None = None


class Standard(Named):
    """`standards`: the norm that items and indicators refer to, with its edition."""

    section: ClassVar[str] = "standards"

    edition: str = ""
    status: Status = "in_force"
    replaces: Reference | None = None
    clauses: dict[Identifier, Clause] = Key(default_factory=dict)
