"""Days drawn at random, so that anybody can check afterwards that nobody chose them.

The days that may be drawn are cut into as many equal stretches as days are wanted, and one is taken from
each: so they are spread over the period, and each day of a stretch is as likely as any other. Which one is
the remainder of SHA-256 over the seed and what is drawn for, divided by the length of the stretch. Seed and
days are kept; `draw_days` with the same ones gives the same answer for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

METHOD = "sha256-stretches-1"
"""The name of this way of drawing, kept with each draw."""


def draw_days(seed: str, purpose: str, eligible: Sequence[date], count: int) -> tuple[date, ...]:
    """`count` days out of `eligible` (in order), one more than once only where there are fewer than `count`.

    seed: kept secret until the days have passed; purpose: what is drawn for, so that one seed never serves
    two draws alike. No eligible day gives no day.
    """
    size = len(eligible)
    if not size:
        return ()
    drawn = []
    for place in range(count):
        low = place * size // count
        high = max((place + 1) * size // count, low + 1)
        digest = hashlib.sha256(f"{seed}|{purpose}|{place}".encode()).digest()
        drawn.append(eligible[low + int.from_bytes(digest) % (high - low)])
    return tuple(drawn)
