"""`examples:` of indicators: the rows of a period, or a figure entered by hand, and what must come of it."""

from __future__ import annotations

from typing import Any

from pydantic import Field as Key
from pydantic import field_validator

from app.spec.base import Number, Strict, spelled_out


class IndicatorGiven(Strict):
    """What is measured: `rows` of the record type in a `period`, or (`manual`) the `value` entered by hand.

    period: a name such as `2026-10`, `2026-Q4`, `2026-W47`, `2026-10-01`, or two of them with `..` between;
    now: the moment that expressions know, left out = the end of the period.
    """

    period: str | None = None
    now: str | None = None
    rows: tuple[dict[str, object], ...] = ()
    value: Number | None = None


class IndicatorFigure(Strict):
    """A figure that must come out; keys that are not written are not compared.

    value: `~` where there is nothing to count; met: `~` where the target is left open or there is no figure.
    """

    value: Number | None = None
    met: bool | None = None
    counted: int | None = None
    holding: int | None = None


class IndicatorExpected(IndicatorFigure):
    """The figure over all rows, and those of the `groups` of `by` that are named: `{kitchen: 95}`.

    Where `by` names several fields, a group is written `first, second`; an empty value is `~`.
    """

    groups: dict[str, IndicatorFigure] = Key(default_factory=dict)

    @field_validator("groups", mode="before")
    @classmethod
    def _bare_values(cls, value: Any) -> Any:
        """`kitchen: 95` is short for `kitchen: {value: 95}`."""
        return spelled_out(value, "value")


class IndicatorExample(Strict):
    """`given` rows of a period, the `expect`ed figure."""

    name: str = ""
    given: IndicatorGiven
    expect: IndicatorExpected
