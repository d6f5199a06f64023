"""Why penalties are what they are: the reasons stored with them, step by step, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.access import hidden_fields
from app.actions.context import Context
from app.rules import Reason

TELLING = frozenset({"schedule", "level", "base_amount", "amount_due"})
"""Fields of a penalty that its reasons give away: who may not see one of them sees no reasons either."""

Step = tuple[str, str, int]
"""A sentence, its place in the YAML (`file:line`, or empty), and how deep it lies in the tree."""


def reasons_of(context: Context, penalties: Collection[int]) -> dict[int, list[Step]]:
    """The steps of each of these penalties, which the caller has found readable; one statement."""
    if not penalties or TELLING & hidden_fields(context.policy, context.actor, "penalty"):
        return {}
    table = context.models.tables["penalty"]
    chosen = table.select().with_only_columns(table.c.id, table.c.reasons).where(table.c.id.in_(penalties))
    rows = context.session.execute(chosen).all()
    return {
        row.id: [step for one in _listed(row.reasons) for step in _steps(context, one, 0)] for row in rows
    }


def _listed(stored: Any) -> list[Reason]:
    """The reasons in what is stored; what is none (written by an import, say) is left out."""
    if isinstance(stored, Mapping):
        stored = stored.get("because")
    found = []
    for one in stored if isinstance(stored, list) else ():
        try:
            found.append(Reason.from_json(one))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _steps(context: Context, reason: Reason, depth: int) -> Iterator[Step]:
    place = f"{reason.file}:{reason.line}" if reason.file else ""
    yield reason.sentence(context.translate), place, depth
    for child in reason.children:
        yield from _steps(context, child, depth + 1)
