"""The built-in functions as data: the reference page, the hints and the checker read this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONTHS,
    NUMBER,
    TEXT,
    WORKING_DAYS,
    Signature,
)
from app.source.diagnostics import N_

MICROSECONDS: Mapping[str, int] = MappingProxyType(
    {"days": 86_400_000_000, "hours": 3_600_000_000, "minutes": 60_000_000}
)
"""The length of one of each unit of elapsed time."""

AGGREGATES = frozenset({"count", "sum", "min", "max", "avg", "median", "share"})

_BUILT_IN = (
    Signature("count", (ANY, BOOLEAN), NUMBER, 0, "count(record_type or lines, where)",
              N_("How many there are for which the condition is true.")),
    Signature("sum", (ANY, ANY, BOOLEAN), ANY, 1, "sum(record_type or lines, field, where)",
              N_("The sum of a number or duration; 0 when there is none.")),
    Signature("min", (ANY, ANY, BOOLEAN), ANY, 1, "min(record_type or lines, field, where), min(a, b)",
              N_("The smallest value; of single values, empty when one of them is empty.")),
    Signature("max", (ANY, ANY, BOOLEAN), ANY, 1, "max(record_type or lines, field, where), max(a, b)",
              N_("The largest value; of single values, empty when one of them is empty.")),
    Signature("avg", (ANY, ANY, BOOLEAN), ANY, 1, "avg(record_type or lines, field, where)",
              N_("The mean of the values that are not empty.")),
    Signature("median", (ANY, ANY, BOOLEAN), ANY, 1, "median(record_type or lines, field, where)",
              N_("The middle value, or the mean of the two in the middle.")),
    Signature("share", (ANY, ANY, BOOLEAN), NUMBER, 1,
              "share(a, b), share(record_type or lines, condition, where)",
              N_("a as a percentage of b, or the percentage for which the condition is true.")),
    Signature("any", (ANY, BOOLEAN), BOOLEAN, 1, "any(lines, where)", N_("True when it holds for one line.")),
    Signature("all", (ANY, BOOLEAN), BOOLEAN, 2, "all(lines, where)",
              N_("True when it holds for every line, also when there is none.")),
    Signature("days", (NUMBER,), DURATION, 1, "days(n)", N_("n times 24 hours.")),
    Signature("hours", (NUMBER,), DURATION, 1, "hours(n)", N_("n hours.")),
    Signature("minutes", (NUMBER,), DURATION, 1, "minutes(n)", N_("n minutes.")),
    Signature("months", (NUMBER,), MONTHS, 1, "months(n)",
              N_("n calendar months; a day that the month does not have becomes its last day.")),
    Signature("working_days", (NUMBER,), WORKING_DAYS, 1, "working_days(n)",
              N_("n working days of the record's calendar; on the server only.")),
    Signature("date", (DATETIME,), DATE, 1, "date(x)", N_("The day of a moment, in the portal's time zone.")),
    Signature("hour", (DATETIME,), NUMBER, 1, "hour(x)",
              N_("The hour of a moment on the portal's clock, 0 to 23.")),
    Signature("round", (NUMBER, NUMBER), NUMBER, 1, "round(x, places)",
              N_("Rounded to places after the point, halves away from zero.")),
    Signature("abs", (ANY,), ANY, 1, "abs(x)", N_("A number or duration without its sign.")),
    Signature("length", (ANY,), NUMBER, 1, "length(x)",
              N_("Characters of a text; number of lines, links or chosen options.")),
    Signature("contains", (ANY, ANY), BOOLEAN, 2, "contains(text, part)",
              N_("Whether the part occurs in the text, letter for letter.")),
    Signature("starts_with", (TEXT, TEXT), BOOLEAN, 2, "starts_with(text, part)",
              N_("Whether the text begins with the part, letter for letter.")),
    Signature("coalesce", (ANY, ANY), ANY, 2, "coalesce(a, b, ...)", N_("The first that is not empty.")),
    Signature("has_role", (TEXT,), BOOLEAN, 1, "has_role('role')", N_("Whether I have the role.")),
    Signature("answer", (TEXT,), ANY, 1, "answer('item_id')", N_("The answer to an item of the checklist.")),
    Signature("score", (), NUMBER, 0, "score()", N_("The score of the checklist so far.")),
)  # fmt: skip
FUNCTIONS: Mapping[str, Signature] = MappingProxyType({entry.name: entry for entry in _BUILT_IN})
