"""The table that all systems serve in the side-by-side runs: 15 fields, two of them links."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

WORDS = ("alpha", "beta", "gamma", "delta", "omega", "sigma", "kappa", "lambda", "theta", "zeta")
CITIES = ("Lisbon", "Berlin", "Oslo", "Shanghai", "Osaka", "Lima", "Turin", "Ghent")
STATUSES = ("draft", "open", "held", "closed", "void")
CUSTOMERS, CATEGORIES = 1000, 20
COLUMNS = (
    "id", "code", "title", "status", "priority", "amount", "weight", "active", "due_date", "placed_at",
    "email", "phone", "city", "notes", "customer_id", "category_id",
)  # fmt: skip
LIST_COLUMNS = ("code", "title", "status", "priority", "amount", "due_date", "customer", "category", "active")
FIELDS = (*COLUMNS[1:-2], "customer", "category")


def order_rows(count: int) -> Iterator[tuple[object, ...]]:
    """The same `count` rows at every call, in the order of COLUMNS; `amount` in hundredths, times in UTC."""
    rnd = random.Random(7)
    first_day, first_time = dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    for i in range(1, count + 1):
        code, words = f"ORD-{i:08d}", f"{rnd.choice(WORDS)} {rnd.choice(WORDS)} item {i}"
        day, at = first_day + dt.timedelta(days=i % 900), first_time + dt.timedelta(seconds=i * 40)
        figures = rnd.choice(STATUSES), i % 9, rnd.randrange(1_000_000), rnd.randrange(5000), bool(i & 1)
        reach = f"u{i % 5000}@example.org", f"+351 {i % 10**9:09d}", rnd.choice(CITIES)
        links = 1 + i % CUSTOMERS, 1 + i % CATEGORIES
        yield (i, code, words, *figures, day, at, *reach, "lorem ipsum dolor sit amet " * 3, *links)
