"""What judging a case gives: penalties, an exemption, who decides, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from app.rules.cases import Person
from app.rules.reasons import Reason
from app.rules.values import Plain, figure, money
from app.source import Translate, untranslated
from app.spec.penalties import PenaltyKind

Origin = Literal["direct", "joint"]


@dataclass(frozen=True, slots=True)
class Penalty:
    """What one person is charged.

    to: the path by which the person was found; amount: in `currency`, None where the regulation leaves it
    open (then `amount_asked`, within `minimum` and `maximum` where they are set) or where the kind has no
    money; points: for the kind `points`, or beside the money; share: of joint liability, taken `share_of`.
    """

    to: str
    person: Person | None
    kind: PenaltyKind
    amount: Decimal | None
    currency: str
    because: tuple[Reason, ...]
    points: Decimal | None = None
    amount_asked: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    sanctions: tuple[str, ...] = ()
    origin: Origin = "direct"
    share: Fraction | None = None
    share_of: Literal["base", "due"] | None = None

    def told(self, translate: Translate = untranslated) -> dict[str, Plain]:
        """The JSON that programs rely on; amounts are decimal strings."""
        return {**self._figures(), "because": [reason.told(translate) for reason in self.because]}

    def to_json(self) -> dict[str, Plain]:
        """The JSON that is stored: reasons keep their templates."""
        return {**self._figures(), "because": [reason.to_json() for reason in self.because]}

    def _figures(self) -> dict[str, Plain]:
        return {
            "to": self.to,
            "amount": _money(self.amount),
            "currency": self.currency,
            "kind": self.kind,
            "sanctions": list(self.sanctions),
            "points": None if self.points is None else figure(self.points),
            "amount_asked": self.amount_asked,
            "min": _money(self.minimum),
            "max": _money(self.maximum),
            "origin": self.origin,
            "share": None if self.share is None else str(self.share),
            "share_of": self.share_of,
            "person": None if self.person is None else {"id": self.person.id, "name": self.person.name},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Plain]) -> Penalty:
        """The penalty that `to_json` stored."""
        person = cast(Mapping[str, str] | None, stored["person"])
        share = stored["share"]
        return cls(
            to=str(stored["to"]),
            person=Person(**person) if person else None,
            kind=cast(PenaltyKind, stored["kind"]),
            amount=_decimal(stored["amount"]),
            currency=str(stored["currency"]),
            because=_reasons(stored["because"]),
            points=_decimal(stored["points"]),
            amount_asked=bool(stored["amount_asked"]),
            minimum=_decimal(stored["min"]),
            maximum=_decimal(stored["max"]),
            sanctions=tuple(cast(list[str], stored["sanctions"])),
            origin=cast(Origin, stored["origin"]),
            share=None if share is None else Fraction(str(share)),
            share_of=cast(Literal["base", "due"] | None, stored["share_of"]),
        )


@dataclass(frozen=True, slots=True)
class Exempted:
    """Nobody is charged; `instead` names what is done in its place."""

    instead: str | None
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PenaltyAssessment:
    """The whole result. `level` is the level that was applied, `found_level` the one that was found (a
    repeated fault may be raised). `because` are the reasons that belong to no single penalty: who decides,
    joint liability that does not apply."""

    schedule: str
    level: str
    found_level: str
    penalties: tuple[Penalty, ...]
    exempt: Exempted | None
    decided_by: tuple[str, ...]
    because: tuple[Reason, ...] = ()

    @property
    def offender(self) -> Penalty | None:
        """The penalty of the person in breach, None when nobody is charged."""
        return next((penalty for penalty in self.penalties if penalty.origin == "direct"), None)

    def reasons(self) -> Iterator[Reason]:
        """Every reason at the top of a tree."""
        for penalty in self.penalties:
            yield from penalty.because
        if self.exempt is not None:
            yield from self.exempt.because
        yield from self.because

    def told(self, translate: Translate = untranslated) -> dict[str, Plain]:
        """The JSON that programs rely on."""
        exempt: Plain = None
        if self.exempt is not None:
            exempt = {
                "instead": self.exempt.instead,
                "because": [reason.told(translate) for reason in self.exempt.because],
            }
        return {
            "schedule": self.schedule,
            "level": self.level,
            "penalties": [penalty.told(translate) for penalty in self.penalties],
            "exempt": exempt,
            "decided_by": list(self.decided_by),
            "found_level": self.found_level,
            "because": [reason.told(translate) for reason in self.because],
        }

    def to_json(self) -> dict[str, Plain]:
        """The JSON that is stored beside a penalty: reasons keep their templates, see `from_json`."""
        exempt: Plain = None
        if self.exempt is not None:
            exempt = {
                "instead": self.exempt.instead,
                "because": [reason.to_json() for reason in self.exempt.because],
            }
        return {
            "schedule": self.schedule,
            "level": self.level,
            "penalties": [penalty.to_json() for penalty in self.penalties],
            "exempt": exempt,
            "decided_by": list(self.decided_by),
            "found_level": self.found_level,
            "because": [reason.to_json() for reason in self.because],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Plain]) -> PenaltyAssessment:
        """The assessment that `to_json` stored. Raises KeyError or TypeError when it is something else."""
        exempt = cast(Mapping[str, Plain] | None, stored["exempt"])
        penalties = cast(list[Mapping[str, Plain]], stored["penalties"])
        return cls(
            schedule=str(stored["schedule"]),
            level=str(stored["level"]),
            found_level=str(stored["found_level"]),
            penalties=tuple(Penalty.from_json(one) for one in penalties),
            exempt=_exempted(exempt) if exempt is not None else None,
            decided_by=tuple(cast(list[str], stored["decided_by"])),
            because=_reasons(stored["because"]),
        )

    def noting(self, *reasons: Reason) -> PenaltyAssessment:
        """The same assessment with further reasons."""
        return replace(self, because=(*self.because, *reasons))


def _exempted(stored: Mapping[str, Plain]) -> Exempted:
    instead = stored["instead"]
    return Exempted(None if instead is None else str(instead), _reasons(stored["because"]))


def _reasons(stored: Plain) -> tuple[Reason, ...]:
    return tuple(Reason.from_json(one) for one in cast(list[Mapping[str, Plain]], stored))


def _money(value: Decimal | None) -> str | None:
    return None if value is None else money(value)


def _decimal(value: Plain) -> Decimal | None:
    return None if value is None else Decimal(str(value))
