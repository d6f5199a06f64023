"""A release whose day has come: what it means for open records is done on that day, once, by one worker.

A release is in service from its moment on without anybody's doing; one that was planned from a release which
serves no longer, or that this program does not understand, is rejected, and the one before goes on serving.
"""

from __future__ import annotations

import logging

from app.actions.configurations import release_within
from app.actions.context import Context, transaction
from app.actions.open_records import SWITCH, carry_over
from app.actions.storing import audit
from app.source import N_, ConfigError, Refusal
from app.storage import find_release, live_release
from app.storage.open_records import due_releases, take_waiting
from app.storage.publishing import reject
from app.storage.releases import unfit_releases

log = logging.getLogger(__name__)

UNFIT = N_("release {number} was planned from release {base}, which serves no longer; it is not applied")
UNREADABLE = N_("release {number} cannot be read by this program; it is not applied")


class ReleaseUnfit(Refusal):
    """A release whose day came could not be taken into service; says why."""


def release_is_due(context: Context) -> bool:
    """Whether the day of a release has come that nobody has seen to."""
    due = due_releases(context.session, context.now)
    return bool(due) or bool(unfit_releases(context.session, context.now))


def start_due(context: Context) -> int:
    """See to releases whose day has come; how many open records went over to one.

    Raises ReleaseUnfit for one that had to be rejected: the job is noted as failed with its words.
    """
    _reject_unfit(context)
    live = live_release(context.session, context.now)
    if live is None or live.number != context.release.number:
        # The next run has the surroundings of the release in service.
        return 0
    with transaction(context):
        taken = take_waiting(context.session, live.number, context.now)
        switching = [one.record_type for one in taken if one.mode == SWITCH]
        return carry_over(context, switching, live.reason)


def _reject_unfit(context: Context) -> None:
    for number in unfit_releases(context.session, context.now):
        known = find_release(context.session, number)
        _reject(context, number, UNFIT, number=number, base=known.base if known else 0)
    live = live_release(context.session, context.now)
    if live is not None and live.number != context.release.number:
        try:
            release_within(context.session, context.instance, live.number)
        except ConfigError:
            _reject(context, live.number, UNREADABLE, number=live.number)
    context.session.rollback()


def _reject(context: Context, number: int, text: str, /, **params: object) -> None:
    error = ReleaseUnfit(text, **params)
    with transaction(context):
        if not reject(context.session, number):
            return
        audit(context, "publish", "release", number, f"#{number}", detail=error.message())
    raise error
