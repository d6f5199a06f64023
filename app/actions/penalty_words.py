"""Further reasons of a stored penalty, at the place of the rule that they follow from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from app.actions.penalty_judged import judged_of
from app.rules import Reason
from app.rules.reasons import Word
from app.rules.values import Plain, figure, money
from app.storage.penalties import PenaltyRow


def noted(row: PenaltyRow, rule: str, text: str, **params: Decimal | Word) -> Reason:
    """A reason at the place of the penalty's stored reason whose rule ends in `rule`.

    Amounts among `params` are said with their currency and kept as inputs.
    """
    stored = [Reason.from_json(cast(Mapping[str, Plain], one)) for one in row.reasons or ()]
    found = next((one for one in stored if one.rule.endswith(rule)), stored[0] if stored else None)
    place = (found.rule, found.file, found.line) if found is not None else ("decision", "", 0)
    words = {name: said(row, one) if isinstance(one, Decimal) else one for name, one in params.items()}
    inputs: dict[str, Plain] = {
        name: format(one, "f") for name, one in params.items() if isinstance(one, Decimal)
    }
    return Reason(*place, text, words, inputs)


def said(row: PenaltyRow, value: Decimal) -> str:
    """An amount of this penalty with its currency; points as a bare figure."""
    penalty = judged_of(row).penalty
    if row.kind == "points":
        return figure(value)
    return f"{money(value)} {penalty.currency}" if penalty is not None else money(value)
