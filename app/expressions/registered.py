"""Functions that expressions may call where the language itself ends: one registry, pure and typed.

To add one, write a pure Python function of exact values and a `Signature` for it here. It gets no empty value
(an empty argument makes the result empty without a call) and must look at nothing but its arguments. It is
known wherever expressions are, on the server: `check` says where a browser or the database would be needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from types import MappingProxyType

from app.expressions.types import NUMBER, Signature
from app.source.diagnostics import N_


def steps(value: Decimal | int, size: Decimal | int) -> int:
    """How many full steps of `size` fit into `value`; 0 when there is none or the size is not above 0."""
    if size <= 0 or value <= 0:
        return 0
    return int((Decimal(value) / Decimal(size)).to_integral_value(ROUND_FLOOR))


def clamp(value: Decimal | int, low: Decimal | int, high: Decimal | int) -> Decimal | int:
    """`value`, but not below `low` and not above `high`."""
    return max(low, min(value, high))


_REGISTERED = (
    Signature(
        "steps",
        (NUMBER, NUMBER),
        NUMBER,
        2,
        "steps(value, size)",
        N_("How many full steps of a size fit into a value: 50 for every full 30 minutes."),
        steps,
    ),
    Signature(
        "clamp",
        (NUMBER, NUMBER, NUMBER),
        NUMBER,
        3,
        "clamp(value, low, high)",
        N_("The value, kept between two bounds."),
        clamp,
    ),
)

REGISTRY: Mapping[str, Signature] = MappingProxyType({entry.name: entry for entry in _REGISTERED})
"""The registry, by the name that expressions call."""
