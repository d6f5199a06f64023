"""Why it is so: reasons in the reader's language, each with its place in the YAML, and with links to the
earlier penalties that were counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from app.access import hidden_fields, row_scope
from app.actions.penalty_reasons import reasons_of
from app.actions.stored_reasons import TELLING
from app.rules import Reason
from app.storage import ids_in_scope
from app.web.addresses import record_address
from app.web.context import Served, actor, now, session

PENALTY, COUNTED = "penalty", "repeat.counted"


@dataclass(frozen=True, slots=True)
class Step:
    """One reason as the page shows it; `href` leads to the record that it speaks of."""

    text: str
    file: str
    line: int
    children: tuple[Step, ...] = ()
    href: str = ""


def read_reasons(here: Served, penalty: int) -> tuple[Step, ...]:
    """The stored reasons of a penalty that the reader may read, in order; empty where none were stored, and
    for those from whom a field is hidden that the reasons give away."""
    if TELLING & hidden_fields(here.policy, actor(), PENALTY):
        return ()
    table = here.models.tables[PENALTY]
    stored = session().scalar(sa.select(table.c.reasons).where(table.c.id == penalty))
    return linked_steps(here, reasons_of(stored if isinstance(stored, list) else ()))


def steps_of(reasons: Sequence[Reason]) -> tuple[Step, ...]:
    """Reasons as a page shows them."""
    return tuple(_shown(one, frozenset()) for one in reasons)


def linked_steps(here: Served, reasons: Sequence[Reason]) -> tuple[Step, ...]:
    """The same, with links to the counted penalties that the reader may read."""
    ids = frozenset(_counted(reasons))
    readable: frozenset[int] = frozenset()
    if ids:
        scope = row_scope(here.policy, actor(), "read", PENALTY)
        readable = ids_in_scope(session(), here.models, PENALTY, ids, actor(), scope, {"now": now()})
    return tuple(_shown(one, readable) for one in reasons)


def _counted(reasons: Iterable[Reason]) -> Iterator[int]:
    for reason in reasons:
        ident = reason.inputs.get("id")
        if reason.rule == COUNTED and isinstance(ident, str) and ident.isdecimal():
            yield int(ident)
        yield from _counted(reason.children)


def _shown(reason: Reason, readable: frozenset[int]) -> Step:
    children = tuple(_shown(child, readable) for child in reason.children)
    ident = next(_counted([reason]), None) if reason.rule == COUNTED else None
    href = record_address(PENALTY, "show", ident) if ident in readable else ""
    return Step(reason.sentence(_), reason.file, reason.line, children, href)
