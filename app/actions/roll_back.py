"""Bringing an earlier release back from the studio: with its plan, by who may apply, as a new release."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from app.access import decide
from app.actions.context import Context, transaction
from app.actions.publish_release import (
    Draft,
    Published,
    publish_within,
    refuse_loss,
    restored_within,
    take_turn,
)
from app.actions.records import require
from app.actions.release_plan import ReleasePlan, plan_within
from app.actions.revisions import REVISION


@dataclass(frozen=True, slots=True)
class WayBack:
    """What would bring a release back: the draft, and what applying it would do."""

    draft: Draft
    plan: ReleasePlan


def may_publish(context: Context) -> bool:
    """Whether the actor may put releases into service."""
    return decide(context.policy, context.actor, "apply", REVISION).allowed


def plan_way_back(context: Context, number: int, open_records: str = "") -> WayBack:
    """The way back to release `number`; open_records: keep, switch or ask, empty = as that release says.

    Raises ReleaseRefused, ConfigError, AccessDenied.
    """
    require(decide(context.policy, context.actor, "apply", REVISION))
    session, instance, now = context.session, context.instance, context.now
    draft, release = restored_within(session, instance, number, now)
    plan = plan_within(session, instance, release, now, context, open_records, number)
    return WayBack(replace(draft, open_records=open_records), plan)


def roll_back(
    context: Context,
    number: int,
    base: int,
    reason: str = "",
    allow_loss: Collection[str] = (),
    open_records: str = "",
) -> Published:
    """Make release `number` the one in service again, by a plan that started from release `base`.

    open_records: as for `plan_way_back`. Raises ReleaseRefused (stale, lossy, none of that
    number, somebody else is applying one), ConfigError, AccessDenied.
    """
    with transaction(context):
        take_turn(context.session)
        way = plan_way_back(context, number, open_records)
        draft = replace(way.draft, base=base, reason=reason, allow_loss=allow_loss)
        refuse_loss(way.plan, draft, context.now)
        return publish_within(context.session, context.instance, draft, way.plan, context.actor, context.now)
