"""What one run of the layout engine carries with it.

The engine builds its own objects deep inside one call, so what belongs to that run travels in a context
variable: two threads, or one print inside another, never see each other's grids or footer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from app.reports.furniture import Furniture
from app.reports.grid import Grid


@dataclass(slots=True)
class Render:
    """Input of one run (grids by key, furniture) and what it learns: `pages`, a count."""

    grids: Mapping[str, Grid] = field(default_factory=dict)
    furniture: Furniture | None = None
    pages: int = 0


_CURRENT: ContextVar[Render | None] = ContextVar("render", default=None)


@contextmanager
def rendering(render: Render) -> Iterator[Render]:
    """Make `render` the current run for the block."""
    token = _CURRENT.set(render)
    try:
        yield render
    finally:
        _CURRENT.reset(token)


def current_render() -> Render | None:
    """The run under way in this thread, or None outside one."""
    return _CURRENT.get()
