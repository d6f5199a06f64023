"""Conditions on figures: `>= 98 %`, `< 0.05 %`, `= 0`, `15..20 cm`, `20 cm ± 1`.

以上, 不低于, 达到 are `>=` and 不超过, 以内 are `<=` (the bound included); 大于 and 小于 are `>` and `<`.
Both ends of a range and of a tolerance are included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.source import N_
from app.spec.small import Problem

Op = Literal["ge", "gt", "le", "lt", "eq", "range"]
MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Figure:
    """A condition on one number. `low` and `high` are the bounds (None = open); both are set and equal for
    `eq`. `unit` is what the number is measured in, as written."""

    op: Op
    low: Decimal | None
    high: Decimal | None
    unit: str = ""
    text: str = ""

    def holds(self, value: Decimal) -> bool:
        """Whether `value`, in the figure's own unit, satisfies the condition."""
        above = self.low is None or value > self.low or (value == self.low and self.op != "gt")
        below = self.high is None or value < self.high or (value == self.high and self.op != "lt")
        return above and below


_OPS: Mapping[str, Op] = {">=": "ge", "≥": "ge", ">": "gt", "<=": "le", "≤": "le", "<": "lt", "=": "eq"}
_N = r"[-+−]?[0-9]+(?:\.[0-9]+)?"
_UNIT = r"(?P<unit>(?!e[0-9])[^0-9\s.<>=±][^<>=±]{0,23})?"
_COMPARED = re.compile(rf"(?P<op>>=|<=|[<>=≥≤])\s*(?P<n>{_N})\s*{_UNIT}")
_RANGE = re.compile(rf"(?P<low>{_N})\s*\.\.\s*(?P<high>{_N})\s*{_UNIT}")
_MIDDLE = re.compile(rf"(?P<n>{_N})\s*{_UNIT}\s*±\s*(?P<by>{_N})\s*(?P<unit2>[^0-9\s.<>=±][^<>=±]{{0,23}})?")
_HINT = N_("write for example '>= 98 %', '= 0', '15..20 cm' or '20 cm ± 1'")


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


def parse_figure(text: str) -> Figure | Problem:
    """Read one condition on a figure."""
    words = " ".join(text.split())
    if len(max(re.findall(r"[0-9.]+", words), key=len, default="")) > MAX_DIGITS:
        return Problem(
            N_("'{written}' has more than {limit} digits"), {"written": words[:60], "limit": MAX_DIGITS}
        )
    if found := _COMPARED.fullmatch(words):
        op, bound = _OPS[found["op"]], _decimal(found["n"])
        low = bound if op in ("ge", "gt", "eq") else None
        high = bound if op in ("le", "lt", "eq") else None
        return Figure(op, low, high, (found["unit"] or "").strip(), words)
    if found := _RANGE.fullmatch(words):
        return _between(_decimal(found["low"]), _decimal(found["high"]), found["unit"], words)
    if found := _MIDDLE.fullmatch(words):
        middle, by = _decimal(found["n"]), _decimal(found["by"])
        return _between(middle - by, middle + by, found["unit"] or found["unit2"], words)
    return Problem(N_("'{written}' is not a condition on a figure"), {"written": text}, _HINT)


def _between(low: Decimal, high: Decimal, unit: str | None, words: str) -> Figure | Problem:
    if low > high:
        hint = N_("write the smaller number first")
        return Problem(N_("no number lies in '{written}'"), {"written": words}, hint)
    return Figure("range", low, high, (unit or "").strip(), words)
