"""The scoring methods: from what the items are worth and earn to the score. Exact fractions throughout."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from app.rules.checklists import CompiledChecklist
from app.rules.reasons import Word
from app.rules.values import figure
from app.source import N_


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one counted item is worth and earns, in points; `passed` for methods that count items."""

    item: str
    section: str
    worth: Fraction
    earned: Fraction
    passed: bool

    @property
    def lost(self) -> Fraction:
        return self.worth - self.earned


@dataclass(frozen=True, slots=True)
class Total:
    """The score before rounding (None when nothing counts) and its base: points, items or weights."""

    score: Fraction | None
    base: Fraction
    text: str
    params: Mapping[str, Word] = field(default_factory=dict)


def total(checklist: CompiledChecklist, counted: Sequence[Contribution]) -> Total:
    """The score by the checklist's method; `counted` leaves out what does not apply or is not asked."""
    if not counted:
        return Total(None, Fraction(0), N_("no item counts, so there is no score"))
    return _METHODS[checklist.scoring.method](checklist, counted)


def _deduct(checklist: CompiledChecklist, counted: Sequence[Contribution]) -> Total:
    base, lost = _worth(counted), sum((one.lost for one in counted), Fraction(0))
    full = Fraction(checklist.full) if checklist.full is not None else base
    if checklist.full is None and base == 0:
        return Total(None, base, N_("no points are set, so there is no score"))
    params: dict[str, Word] = {"full": figure(full), "lost": figure(lost), "base": figure(base)}
    if checklist.scoring.rescale and base > 0:
        full = Fraction(checklist.full if checklist.full is not None else checklist.total)
        params["full"] = figure(full)
        text = N_("{lost} of {base} points lost, scaled to {full}")
        return Total(full * (1 - lost / base), base, text, params)
    return Total(full - lost, base, N_("{full} less {lost} points lost"), params)


def _sum(checklist: CompiledChecklist, counted: Sequence[Contribution]) -> Total:
    base, earned = _worth(counted), sum((one.earned for one in counted), Fraction(0))
    if base == 0 and earned == 0:
        return Total(None, base, N_("no points are set, so there is no score"))
    params: dict[str, Word] = {"earned": figure(earned), "base": figure(base)}
    if checklist.scoring.rescale and base > 0:
        full = Fraction(checklist.full if checklist.full is not None else checklist.total)
        text = N_("{earned} of {base} points, scaled to {full}")
        return Total(full * earned / base, base, text, {**params, "full": figure(full)})
    return Total(earned, base, N_("{earned} of {base} points"), params)


def _pass_rate(checklist: CompiledChecklist, counted: Sequence[Contribution]) -> Total:
    passed, items = sum(one.passed for one in counted), len(counted)
    params: dict[str, Word] = {"passed": passed, "items": items, "full": figure(_full(checklist))}
    text = N_("{passed} of {items} items passed, of {full}")
    return Total(_full(checklist) * Fraction(passed, items), Fraction(items), text, params)


def _weighted(checklist: CompiledChecklist, counted: Sequence[Contribution]) -> Total:
    shares: dict[str, Fraction] = {}
    for section, items in _by_section(counted).items():
        worth = _worth(items)
        if worth > 0:
            shares[section] = sum((one.earned for one in items), Fraction(0)) / worth
    return _by_weight(checklist, shares, _full(checklist), N_("sections by weight, of {full}: {sections}"))


def _average(checklist: CompiledChecklist, counted: Sequence[Contribution]) -> Total:
    """The mean of the items' values; of the sections' means where a section has a weight."""
    sections = _by_section(counted)
    weighted = any(checklist.sections[name].spec.weight is not None for name in sections)
    groups = sections if weighted else {"": list(counted)}
    means: dict[str, Fraction] = {}
    for name, items in groups.items():
        values = [one.earned if checklist.full is None else _share(one) for one in items]
        means[name] = sum(values, Fraction(0)) / len(values)
    scale = Fraction(checklist.full) if checklist.full is not None else Fraction(1)
    if weighted:
        return _by_weight(checklist, means, scale, N_("mean of the sections by weight: {sections}"))
    text = N_("mean of {items} items")
    return Total(means[""] * scale, Fraction(len(counted)), text, {"items": len(counted)})


def _by_weight(
    checklist: CompiledChecklist, values: Mapping[str, Fraction], scale: Fraction, text: str
) -> Total:
    weights = {name: Fraction(_weight(checklist, name)) for name in values}
    base = sum(weights.values(), Fraction(0))
    if base == 0:
        return Total(None, base, N_("no section with a weight counts, so there is no score"))
    score = sum((values[name] * weights[name] for name in values), Fraction(0)) / base * scale
    sections = tuple(
        (checklist.sections[name].spec.title or name, f"{figure(value * scale)} × {figure(weights[name])}")
        for name, value in values.items()
    )
    return Total(score, base, text, {"full": figure(scale), "sections": sections})


def _weight(checklist: CompiledChecklist, section: str) -> Fraction:
    weight = checklist.sections[section].spec.weight
    return Fraction(1) if weight is None else Fraction(weight)


def _share(one: Contribution) -> Fraction:
    return one.earned / one.worth if one.worth > 0 else Fraction(int(one.passed))


def _worth(counted: Sequence[Contribution]) -> Fraction:
    return sum((one.worth for one in counted), Fraction(0))


def _full(checklist: CompiledChecklist) -> Fraction:
    return Fraction(checklist.full) if checklist.full is not None else Fraction(100)


def _by_section(counted: Sequence[Contribution]) -> dict[str, list[Contribution]]:
    sections: dict[str, list[Contribution]] = {}
    for one in counted:
        sections.setdefault(one.section, []).append(one)
    return sections


_METHODS: Mapping[str, Callable[[CompiledChecklist, Sequence[Contribution]], Total]] = MappingProxyType(
    {
        "deduct": _deduct,
        "sum": _sum,
        "pass_rate": _pass_rate,
        "weighted": _weighted,
        "average": _average,
    }
)
