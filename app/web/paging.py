"""Pages of a list: which one is asked for, and the addresses of the others."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request
from werkzeug.urls import iri_to_uri

LAST_PAGE = 10_000_000


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pager shows: addresses (None where there is no such page), the number, and of how many.

    `more` says that the count was stopped, so `of` ends in a plus.
    """

    number: int
    offset: int
    count: int
    of: str
    first: str | None
    previous: str | None
    next: str | None
    last: str | None

    @classmethod
    def of_total(cls, number: int, size: int, total: int, more: bool = False) -> Pages:
        """Pages over `total` rows of which `size` fit on one; a number beyond the last shows the last.

        With `more` (the count was stopped) every page may have a next one and the last is unknown.
        """
        count = max(1, -(-total // size))
        number = max(1, number if more else min(number, count))
        return cls(
            number=number,
            offset=(number - 1) * size,
            count=count,
            of=f"{count}+" if more else str(count),
            first=address(page=None) if number > 1 else None,
            previous=address(page=number - 1) if number > 1 else None,
            next=address(page=number + 1) if more or number < count else None,
            last=address(page=count) if not more and number < count else None,
        )


def page_number() -> int:
    """The page that the address asks for, counted from 1; nonsense means the first."""
    text = request.args.get("page", "")
    return max(1, min(int(text), LAST_PAGE)) if text.isdecimal() and len(text) < 12 else 1


def address(**changes: object) -> str:
    """This page's address with some of its parameters changed; None takes one away."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    query = urlencode([*kept, *added])
    return iri_to_uri(request.script_root + request.path) + (f"?{query}" if query else "")
