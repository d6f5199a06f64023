"""The release that something was judged under: from the database, where it is not the present one."""

from __future__ import annotations

import logging

from app.actions.configurations import release_within
from app.actions.context import Context
from app.release import Release
from app.rules import CompiledSchedule, compile_schedule
from app.source import N_, ConfigError, PortalError, Translate, untranslated
from app.source.recent import Recent
from app.spec.penalties import PenaltySchedule
from app.storage.open_records import Touched, touched_by
from app.storage.penalties import PenaltyRow

MOST_RELEASES = 6
"""Earlier releases in memory at a time: a large one takes a hundred megabytes."""

log = logging.getLogger(__name__)


class ReleaseGone(PortalError):
    """The database does not hold the release of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("release {number} is not stored in this database")).format(number=self.number)


def release_of(context: Context, number: int | None) -> Release:
    """The release of that number; the present one for what was made before any was stored.

    The last few are kept compiled. Raises ReleaseGone; ConfigError when this version of the program does not
    understand it.
    """
    if not number or number == context.release.number:
        return context.release
    kept: Recent[int, Release] = context.keep("earlier releases", lambda: Recent(MOST_RELEASES))
    return kept.get(number, lambda: _stored(context, number))


def changes_of_rules(context: Context) -> tuple[Touched, ...]:
    """Which releases changed what records are judged by, up to the present one."""
    number = context.release.number
    return context.keep("rules changed", lambda: touched_by(context.session, number)) if number else ()


def rules_of(context: Context, record_type: str, number: int | None) -> Release:
    """The release by whose checklists, service levels and schedules a record is judged that names release
    `number`: that one, where the rules of its type changed since, else the present one, which judges alike.

    A release that is not stored any more, or that this program no longer understands, judges nothing: then
    the present one does.
    """
    here = context.release
    if not number or number >= here.number:
        return here
    if not any(one.release > number for one in changes_of_rules(context) if one.record_type == record_type):
        return here
    try:
        return release_of(context, number)
    except (ReleaseGone, ConfigError) as error:
        log.warning("records of release %s are judged by release %s: %s", number, here.number, error)
        return here


def schedule_of(context: Context, row: PenaltyRow) -> CompiledSchedule | None:
    """The schedule of a penalty as it was when the penalty was judged; None where no schedule judged it.

    Raises ReleaseGone.
    """
    return schedule_at(context, row.schedule, row.release_id)


def schedule_at(context: Context, name: str | None, number: int | None) -> CompiledSchedule | None:
    """The schedule of that full name in the release of that number; None where it has none of that name."""
    release = release_of(context, number)
    spec = release.portal.section(PenaltySchedule).get(name or "")
    if spec is None:
        return None
    key = ("pinned schedule", release.number, name)
    return context.keep(key, lambda: compile_schedule(release.portal, spec))


def _stored(context: Context, number: int) -> Release:
    try:
        return release_within(context.session, context.instance, number)
    except KeyError as error:
        raise ReleaseGone(number) from error
