"""Which transitions of a record are its reader's, and whether its state forbids edits."""

from __future__ import annotations

from app.actions.advance_workflow import open_moves
from app.release import RecordModel
from app.web.context import Served, action_context, actor
from app.web.visible import Visible
from app.workflow import Option, available, is_locked

RULED = frozenset({"penalty"})
"""Built-in types whose transitions follow rules beyond their workflow (who may decide a penalty)."""


def open_options(here: Served, record: RecordModel, seen: Visible) -> tuple[Option, ...]:
    """The transitions that the actor may make of the record; those that lack something say what."""
    machine = here.machine(record.name)
    if machine is None:
        return ()
    if record.name in RULED or machine.contests:
        return open_moves(action_context(), record.name, seen.record.id)
    return available(machine, here.policy, seen.facts, actor())


def locked_by_state(here: Served, record: RecordModel, seen: Visible) -> bool:
    """Whether the record's present state closes it for changes."""
    return is_locked(here.machine(record.name), seen.facts)
