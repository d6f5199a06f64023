"""Why it came out so: the reasons stored with penalties and checklists, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from app.access import hidden_fields
from app.actions.context import Context
from app.rules import Reason
from app.storage.checklist_runs import StoredRun

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
    return {row.id: steps_of(context, _listed(row.reasons)) for row in rows}


def steps_of(context: Context, reasons: Iterable[Reason]) -> list[Step]:
    """A tree of reasons, flat: what a print lists."""
    return [step for one in reasons for step in _steps(context, one, 0)]


def score_reasons(run: StoredRun, *, items: bool = True) -> tuple[Reason, ...]:
    """Why a checklist was scored so: the result's reasons, then (with `items`) each asked item's, in order.
    Empty for a list from before reasons were kept."""
    kept = run.reasons or {}
    found = _listed(kept.get("because"))
    by_item = kept.get("items") or {}
    if items:
        told = (by_item.get(answer.item) for answer in run.answers)
        found += _listed([one for one in told if one is not None])
    return tuple(found)


def item_places(run: StoredRun) -> dict[str, tuple[str, int]]:
    """Item -> file and line of its text in the release that judged it."""
    by_item = (run.reasons or {}).get("items") or {}
    found = {name: _listed([one]) for name, one in by_item.items()}
    return {name: (rows[0].file, rows[0].line) for name, rows in found.items() if rows and rows[0].file}


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
