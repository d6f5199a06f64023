"""Why this amount: the reasons stored with a penalty, in the reader's language, each with its place in the
YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from app.rules import Reason
from app.web.context import Served, session


@dataclass(frozen=True, slots=True)
class Step:
    """One reason as the page shows it."""

    text: str
    file: str
    line: int
    children: tuple[Step, ...] = ()


def read_reasons(here: Served, penalty: int) -> tuple[Step, ...]:
    """The stored reasons of a penalty, in order; empty where none were stored."""
    table = here.models.tables["penalty"]
    stored = session().scalar(sa.select(table.c.reasons).where(table.c.id == penalty))
    return tuple(step for one in _listed(stored) if (step := _step(one)) is not None)


def _listed(stored: Any) -> Sequence[Any]:
    if isinstance(stored, Mapping):
        inner = stored.get("because")
        return inner if isinstance(inner, list) else [stored]
    return stored if isinstance(stored, list) else []


def _step(stored: Any) -> Step | None:
    """A reason as it was stored; None for something else (written by an import, say)."""
    try:
        reason = Reason.from_json(stored)
    except (KeyError, TypeError, ValueError):
        return None
    return _shown(reason)


def _shown(reason: Reason) -> Step:
    children = tuple(_shown(child) for child in reason.children)
    return Step(reason.sentence(_), reason.file, reason.line, children)
