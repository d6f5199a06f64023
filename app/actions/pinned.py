"""The release that something was judged under: from the database, where it is not the present one."""

from __future__ import annotations

from app.actions.configurations import release_within
from app.actions.context import Context
from app.release import Release
from app.rules import CompiledSchedule, compile_schedule
from app.source import N_, PortalError, Translate, untranslated
from app.spec.penalties import PenaltySchedule
from app.storage.penalties import PenaltyRow


class ReleaseGone(PortalError):
    """The database does not hold the release of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("release {number} is not stored in this database")).format(number=self.number)


def release_of(context: Context, number: int | None) -> Release:
    """The release of that number; the present one for what was made before any was stored.

    Compiled once for each release that the context belongs to. Raises ReleaseGone; ConfigError when this
    version of the program does not understand it.
    """
    if not number or number == context.release.number:
        return context.release
    return context.keep(("release", number), lambda: _stored(context, number))


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
