"""Sizes of files, as the YAML writes them."""

from __future__ import annotations

import re
from decimal import Decimal

_SIZE = re.compile(r"\s*(?P<figure>\d+(?:\.\d+)?)\s*(?P<unit>KB|MB|GB|B)?\s*", re.IGNORECASE)
_UNITS = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def size_in_bytes(size: str) -> int:
    """`10 MB` in bytes; a bare number is bytes. Raises ValueError for anything else."""
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ValueError(f"not a size: {size!r}")
    return int(Decimal(found["figure"]) * _UNITS[(found["unit"] or "B").upper()])
