"""When appeals against a penalty were open, by its chain."""

from __future__ import annotations

from collections.abc import Sequence

from app.actions.context import Context
from app.rules.pauses import Pause
from app.source import N_
from app.storage.penalty_chain import ChainEntry, chain_of

OPENS = "appealed"
WHY = N_("an appeal is being heard")
CLOSES = ("dropped", "kept", "corrected", "withdrawn")


def appeal_is_open(context: Context, penalty_id: int) -> bool:
    """Whether an appeal against the penalty waits for its answer."""
    return open_appeal(chain_of(context.session, context.models, penalty_id)) is not None


def appeal_spans(context: Context, penalty_id: int) -> tuple[Pause, ...]:
    """From when to when appeals against the penalty were open; the last one perhaps without an end."""
    found: list[Pause] = []
    opened: ChainEntry | None = None
    for entry in chain_of(context.session, context.models, penalty_id):
        if entry.kind == OPENS:
            opened = entry
        elif opened is not None and _closes(entry):
            found.append(Pause(opened.at, entry.at, why=WHY))
            opened = None
    if opened is not None:
        found.append(Pause(opened.at, None, why=WHY))
    return tuple(found)


def open_appeal(chain: Sequence[ChainEntry]) -> ChainEntry | None:
    """The entry by which the appeal was brought that is still open; None when none is."""
    found = None
    for entry in chain:
        if entry.kind == OPENS:
            found = entry
        elif _closes(entry):
            found = None
    return found


def _closes(entry: ChainEntry) -> bool:
    """Its answer, or the end of the penalty; a joint share that follows another penalty closes nothing."""
    return entry.kind == "withdrawn" or (entry.kind in CLOSES and bool(entry.detail.get("appeal")))
