"""Why this amount: the stored reasons in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.access import hidden_fields
from app.actions.context import Context
from app.actions.penalty_charges import PENALTY
from app.actions.penalty_decisions import stored_penalty
from app.actions.records import load_for
from app.actions.stored_reasons import TELLING
from app.rules import Reason
from app.rules.values import Plain
from app.source import Translate


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One step in words, its place in the configuration, what was read, and the steps that it rests on."""

    text: str
    file: str
    line: int
    children: tuple[ShownReason, ...] = ()
    inputs: Mapping[str, Plain] = field(default_factory=dict)


def why(context: Context, penalty_id: int) -> tuple[ShownReason, ...]:
    """Why a penalty is what it is, in the actor's language, for whoever may read it.

    Nothing for those from whom a field is hidden that the reasons give away. Raises RecordGone.
    """
    load_for(context, PENALTY, penalty_id)
    if TELLING & hidden_fields(context.policy, context.actor, PENALTY):
        return ()
    row = stored_penalty(context, penalty_id)
    return tuple(_shown(one, context.translate) for one in reasons_of(row.reasons or ()))


def reasons_of(stored: Iterable[object]) -> tuple[Reason, ...]:
    """The reasons as they were stored; what is none (written by an import, say) is left out."""
    return tuple(_reasons(stored))


def _reasons(stored: Iterable[object]) -> Iterator[Reason]:
    for one in stored:
        if isinstance(one, Mapping) and {"rule", "file", "line", "text"} <= one.keys():
            yield Reason.from_json(one)


def _shown(reason: Reason, translate: Translate) -> ShownReason:
    children = tuple(_shown(child, translate) for child in reason.children)
    return ShownReason(reason.sentence(translate), reason.file, reason.line, children, reason.inputs)
