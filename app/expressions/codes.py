"""Every fault that an expression can have: code -> what it means, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.source.diagnostics import N_

CODES: Mapping[str, str] = MappingProxyType(
    {
        "EXPR001": N_("The text is not an expression: a sign is wrong, missing or left over."),
        "EXPR002": N_("The expression uses a construct that is not part of the language."),
        "EXPR003": N_("A name is not known where the expression stands."),
        "EXPR004": N_("A function is not known."),
        "EXPR005": N_("A function is called with the wrong number or kind of arguments."),
        "EXPR006": N_("Two values do not go together: they are of different types."),
        "EXPR007": N_("A text is not one of the options of the choice, or not one of the known roles."),
        "EXPR008": N_("A choice without an order is compared by order."),
        "EXPR009": N_("The expression is too long, too deep or has too many parts."),
        "EXPR010": N_("A dotted path goes through something that is not a link to one record."),
        "EXPR011": N_("The result is not of the type that is wanted here."),
        "EXPR012": N_("The expression uses something that cannot be used in this place."),
    }
)
