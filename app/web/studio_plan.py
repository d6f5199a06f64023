"""A plan and what is wrong with a configuration, as the studio's pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.access import row_scope
from app.actions.release_plan import ReleasePlan, open_work
from app.actions.unfit_rows import UnfitRow
from app.actions.visible import sight_of
from app.release.comparing import Change
from app.source import N_, Diagnostic, sort_key
from app.storage import read_records, scope_where
from app.web.addresses import record_address
from app.web.context import action_context, served
from app.web.languages import label
from app.web.studio_links import PlaceLink

RISKS: Mapping[str, tuple[str, str]] = {
    "lossy": (N_("lossy"), "danger"),
    "question": (N_("needs an answer"), "warning"),
    "safe": (N_("safe"), "success"),
}
"""Risk of an operation -> its words and colour, the gravest first."""
MOST_CHANGES = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or warning with its place."""

    grave: bool
    text: str
    hint: str
    code: str
    place: PlaceLink


@dataclass(frozen=True, slots=True)
class RowLink:
    """A record that a plan names."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on the tables; `rows` is empty where nothing was counted. named: the first records that
    it does not suit, of those that the reader may see."""

    risk: str
    tone: str
    text: str
    rows: str
    named: tuple[RowLink, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One changed figure, word or rule; old or new is None where there is none."""

    path: str
    old: str | None
    new: str | None
    place: PlaceLink


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What one role gains and loses: pairs of record type and action."""

    role: str
    gained: tuple[tuple[str, str], ...]
    lost: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that would be lost and whether that is allowed."""

    name: str
    allowed: bool


def type_title(name: str) -> str:
    """What a record type in service is called; its name while nothing else is known."""
    record = served().release.records.get(name)
    return label(record.label) if record is not None else name


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan in parts. `more`: how many changes are not shown; misfits: stored values that do not suit, in
    words, with the first records that hold them."""

    base: int
    empty: bool
    only_layout: bool
    steps: tuple[Step, ...]
    changes: tuple[ChangeRow, ...]
    more: int
    roles: tuple[RoleChange, ...]
    misfits: tuple[tuple[str, tuple[RowLink, ...]], ...]
    open_work: tuple[str, ...]
    losses: tuple[Loss, ...]


def plan_page(plan: ReleasePlan, revision: int = 0, allowed: Iterable[str] = ()) -> PlanPage:
    """What `plan` would do; places lead to the editor of `revision`, if there is one."""
    agreed = frozenset(allowed)
    steps = [
        Step(
            _(RISKS[one.risk][0]),
            RISKS[one.risk][1],
            one.words(_),
            "" if one.rows is None else str(one.rows),
            _named(plan.unfit.get(one, ())),
        )
        for risk in RISKS
        for one in plan.migration.operations
        if one.risk == risk
    ]
    return PlanPage(
        base=plan.base,
        empty=plan.empty,
        only_layout=not plan.empty and not plan.changes and not plan.migration.operations and not plan.unread,
        steps=tuple(steps),
        changes=change_rows(plan.changes[:MOST_CHANGES], revision),
        more=max(0, len(plan.changes) - MOST_CHANGES),
        roles=_roles(plan),
        misfits=tuple(
            (one.words(_, type_title(one.record_type)), _named(one.rows)) for one in plan.affected.misfits
        ),
        open_work=tuple(open_work(plan.affected, _, type_title, naming=False)),
        losses=tuple(Loss(name, name in agreed) for name in plan.lossy),
    )


def _named(rows: Sequence[UnfitRow]) -> tuple[RowLink, ...]:
    """Records of one type as links, of those that the reader may see."""
    here, context = served(), action_context()
    kind = rows[0].record_type if rows else ""
    if kind not in here.release.records:
        return ()
    scope = row_scope(context.policy, context.actor, "read", kind)
    where = scope_where(here.models, kind, scope, context.actor, context.now)
    ids, sight = [row.id for row in rows], sight_of(context)
    seen = read_records(context.session, here.models, kind, ids, where=where, sight=sight)
    return tuple(RowLink(f"#{one.id} {one.label}", record_address(kind, "show", one.id)) for one in seen)


def change_rows(changes: Sequence[Change], revision: int = 0, release: int = 0) -> tuple[ChangeRow, ...]:
    """Changes with their places: in a revision's editor, or in a release's text."""
    return tuple(
        ChangeRow(one.path, one.old, one.new, PlaceLink.of(one.span, revision, release)) for one in changes
    )


def fault_rows(found: Iterable[Diagnostic], revision: int = 0) -> tuple[Fault, ...]:
    """Faults first, then warnings, each in order of place."""
    ordered = sorted(found, key=lambda one: (one.severity != "error", sort_key(one)))
    return tuple(
        Fault(
            one.severity == "error",
            one.message(_),
            one.hint_text(_),
            one.code,
            PlaceLink.of(one.span, revision),
        )
        for one in ordered
    )


def _roles(plan: ReleasePlan) -> tuple[RoleChange, ...]:
    here = served()
    titles, records = here.policy.role_titles, here.release.records
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for one in plan.permissions:
        words = label(records[one.record_type].label) if one.record_type in records else one.record_type
        sides = found.setdefault(one.role, {"gained": [], "lost": []})
        sides[one.change].append((words, one.action))
    return tuple(
        RoleChange(label(titles.get(role, role)), tuple(sides["gained"]), tuple(sides["lost"]))
        for role, sides in found.items()
    )
