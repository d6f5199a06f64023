"""Figures and their limits: measured alike, since both are compared as bare numbers."""

from __future__ import annotations

import unicodedata

from app.checks.context import Checking, Found
from app.source import N_, warning
from app.spec.checklists import Checklist, ChecklistItem, Standard
from app.spec.figures import Figure, parse_figure
from app.spec.reports import Indicator

_PERCENT = "%"


def limits_are_in_the_unit(checking: Checking) -> Found:
    """FIG002 (warning): an answer in one unit, its limit (or the figure of its clause) in another."""
    for checklist in checking.each(Checklist):
        for _, item in checklist.items():
            limit = _limit(checking, checklist, item)
            if limit is None or not limit.unit or not item.unit or _alike(limit.unit, item.unit):
                continue
            text = N_("the answer is in {unit}, and its limit '{limit}' in {other}")
            hint = N_("figures are compared as they are written; write both in one unit")
            params = {"unit": item.unit, "limit": limit.text, "other": limit.unit}
            yield warning("FIG002", item.span_of("unit"), text, hint, **params)


def targets_are_in_percent(checking: Checking) -> Found:
    """FIG002 (warning): a share, which is in percent, and a target that reads like a part of one."""
    for indicator in checking.each(Indicator):
        target = parse_figure(indicator.target) if indicator.target is not None else None
        if indicator.share is None or not isinstance(target, Figure) or _alike(target.unit, _PERCENT):
            continue
        if any(bound is not None and 0 < bound < 1 for bound in (target.low, target.high)):
            text = N_("a share is in percent, and the target '{target}' is a part of one")
            hint = N_("write '>= 95 %' for 0.95")
            yield warning("FIG002", indicator.span_of("target"), text, hint, target=target.text)


def _limit(checking: Checking, checklist: Checklist, item: ChecklistItem) -> Figure | None:
    """The limit as far as it can be read: the item's own, or else that of its clause."""
    text = item.limit
    if text is None and item.standard is not None:
        name, _, clause = item.standard.rpartition(".")
        standard = checking.find(Standard, name, checklist.regime) if name else None
        found = standard.clauses.get(clause) if standard is not None else None
        text = found.figure if found is not None else None
    read = parse_figure(text) if text is not None else None
    return read if isinstance(read, Figure) else None


def _alike(one: str, other: str) -> bool:
    """Whether two units are the same, however they are typed: ℃ and °C, cm and CM."""
    left, right = (unicodedata.normalize("NFKC", unit).casefold().replace(" ", "") for unit in (one, other))
    return left == right
