"""A case: everything that a penalty is judged by, as values. Stored as JSON it gives the same result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import cast

from app.rules.values import Plain, plain


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be charged. `id` says who it is (two paths to one id are one person)."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class EarlierPenalty:
    """One earlier penalty that a `repeat` rule may count; the caller leaves out those that were withdrawn.

    `at` is when the fault happened; `level` the level as it was found; names are full names or ids as text;
    `event` what the penalty came of: several for one event are one fault.
    """

    id: str
    at: datetime
    label: str = ""
    person: str = ""
    level: str = ""
    schedule: str = ""
    item: str = ""
    class_: str = ""
    unit: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What happened, as far as a schedule asks.

    at: when it happened; now: when it is judged (the same where it is None); facts: by name, as Python values
    or text; persons: by path (`offender`, `offender.superior`), None where there is nobody (a path that is
    left out stands for somebody who is not named); links: further values by dotted path that conditions read;
    looked_up: results of look-ups by their key; joint: False sets off no joint liability; amount: what the
    decider set where the tariff leaves the amount open; item, class_, unit: for `repeat`.
    """

    at: datetime
    level: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    persons: Mapping[str, Person | None] = field(default_factory=dict)
    links: Mapping[str, object] = field(default_factory=dict)
    looked_up: Mapping[str, object] = field(default_factory=dict)
    earlier: tuple[EarlierPenalty, ...] = ()
    now: datetime | None = None
    joint: bool = True
    amount: Decimal | None = None
    item: str = ""
    class_: str = ""
    unit: str = ""

    def to_json(self) -> dict[str, Plain]:
        """The case as plain values: times ISO 8601, decimals as text."""
        stored: dict[str, Plain] = {"at": self.at.isoformat(), "level": self.level}
        for name in ("facts", "links", "looked_up"):
            if values := getattr(self, name):
                stored[name] = plain(values)
        if self.persons:
            stored["persons"] = {path: _person(found) for path, found in self.persons.items()}
        if self.earlier:
            stored["earlier"] = [_earlier(found) for found in self.earlier]
        if self.now is not None:
            stored["now"] = self.now.isoformat()
        if not self.joint:
            stored["joint"] = False
        if self.amount is not None:
            stored["amount"] = plain(self.amount)
        stored |= {name: getattr(self, name) for name in ("item", "class_", "unit") if getattr(self, name)}
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Plain]) -> Case:
        """The case that `to_json` stored. Raises KeyError or ValueError when it is something else."""
        persons = cast(Mapping[str, Mapping[str, str] | None], stored.get("persons") or {})
        earlier = cast(list[dict[str, str]], stored.get("earlier") or [])
        now, amount = stored.get("now"), stored.get("amount")
        level = stored.get("level")
        return cls(
            at=datetime.fromisoformat(str(stored["at"])),
            level=None if level is None else str(level),
            facts=_mapping(stored.get("facts")),
            persons={path: Person(**found) if found else None for path, found in persons.items()},
            links=_mapping(stored.get("links")),
            looked_up=_mapping(stored.get("looked_up")),
            earlier=tuple(_earlier_from(found) for found in earlier),
            now=None if now is None else datetime.fromisoformat(str(now)),
            joint=stored.get("joint") is not False,
            amount=None if amount is None else Decimal(str(amount)),
            item=str(stored.get("item", "")),
            class_=str(stored.get("class_", "")),
            unit=str(stored.get("unit", "")),
        )


def _mapping(value: Plain) -> Mapping[str, object]:
    return cast(Mapping[str, object], value or {})


def _person(found: Person | None) -> Plain:
    return None if found is None else {"id": found.id, "name": found.name}


def _earlier(found: EarlierPenalty) -> Plain:
    values = {slot.name: getattr(found, slot.name) for slot in fields(found)}
    return {name: plain(value) for name, value in values.items() if value != ""}


def _earlier_from(stored: Mapping[str, str]) -> EarlierPenalty:
    words = {name: value for name, value in stored.items() if name != "at"}
    return EarlierPenalty(at=datetime.fromisoformat(stored["at"]), **words)
