"""Names of tables and indexes, kept within PostgreSQL's 63 bytes and free of clashes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

LIMIT = 63


def short_name(*parts: str) -> str:
    """The parts joined by `__`; a name that is too long ends in eight hexadecimal digits of its hash."""
    return _fitting("__".join(parts))


def index_name(table: str, column: str, prefix: str = "ix") -> str:
    """The name of the index over `column`; index names are unique within the whole database.

    Two lines stand before the column, so that `a.b_c` and `a_b.c` have names of their own.
    """
    return _fitting(f"{prefix}_{table}__{column}")


def child_table(parent: str, field: str, taken: Collection[str]) -> str:
    """The table of a `lines` or `links` field: `<parent>__<field>`, with a hash where that is taken."""
    name = short_name(parent, field)
    return _hashed(f"{parent}__{field}") if name in taken else name


def _fitting(name: str) -> str:
    return name if len(name) <= LIMIT else _hashed(name)


def _hashed(name: str) -> str:
    return f"{name[: LIMIT - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
