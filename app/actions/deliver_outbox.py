"""Rows of the outbox, worked on one by one: each kind has its handler.

A handler does its work and marks the row as done in one commit, so that a crash leaves both or neither. Mail
leaves the house: it is sent, then marked; a crash in between sends it again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from app.actions.clock_links import RECOMPUTE
from app.actions.context import Context, transaction
from app.actions.issue_document import print_from_outbox
from app.actions.mail import Letter, MailSettings, send
from app.actions.recompute_clocks import recompute
from app.actions.run_timers import CLOCK, Checkpoint, do_step, pass_by
from app.source import N_, PortalError, Refusal, Translate, untranslated
from app.storage import RecordGone, claim, mark_done, mark_failed, read_record
from app.storage.outbox import OutboxItem, give_up, hold

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
"""How long is waited before each further try; after the last one the row is given up."""
DELIVER, PRINT, EMAIL = "deliver", "print", "email"


class Undeliverable(Refusal):
    """Trying again would lead to nothing: somebody has to do something first."""


@dataclass(frozen=True, slots=True)
class Post:
    """What handlers are given besides the context: the mail server (None: none is set up), and how a letter
    is sent."""

    mail: MailSettings | None = None
    send: Callable[[MailSettings, Letter], None] = send
    checkpoint: Checkpoint = pass_by


Handler = Callable[[Context, OutboxItem, Post], None]


def do_item(context: Context, item: OutboxItem, post: Post) -> None:
    """Work on one row. Raises what goes wrong; the row is then as it was."""
    if item.attempts > len(WAITS) + 1:
        raise Undeliverable(N_("given up: the worker ended at every try"))
    handler = HANDLERS.get(item.kind)
    if handler is None:
        raise Undeliverable(N_("this version knows no '{kind}'"), kind=item.kind)
    handler(context, item, post)


def take_items(context: Context, limit: int = 20, kinds: Collection[str] = ()) -> tuple[OutboxItem, ...]:
    """Claim the next rows that are due, of these kinds or of all, in a commit of their own."""
    with transaction(context):
        items = claim(context.session, context.now, limit, kinds=kinds)
    return items


def said(error: Exception, translate: Translate = untranslated) -> str:
    """What went wrong, in words: our own refusals in the reader's language, anything else by its kind."""
    if not isinstance(error, PortalError):
        return f"{type(error).__name__}: {error}"
    message = getattr(error, "message", None)
    return str(message(translate)) if callable(message) else str(error)


def note_failure(context: Context, item: OutboxItem, error: Exception) -> datetime | None:
    """Keep what went wrong with a row, in a commit of its own; when it is tried again, None for never."""
    words = said(error, context.translate)
    with transaction(context):
        if isinstance(error, Undeliverable) or item.attempts > len(WAITS):
            give_up(context.session, item.id, words, context.now)
            return None
        again = context.now + WAITS[item.attempts - 1]
        mark_failed(context.session, item.id, words, again)
    return again


def _clock(context: Context, item: OutboxItem, post: Post) -> None:
    do_step(context, item, post.checkpoint)


def _print(context: Context, item: OutboxItem, _post: Post) -> None:
    try:
        print_from_outbox(context, item.payload, item.id)
    except RecordGone as gone:
        _done(context, item, gone.message(context.translate))


def _recompute(context: Context, item: OutboxItem, _post: Post) -> None:
    recompute(context, item.payload)
    _done(context, item)


def _deliver(context: Context, item: OutboxItem, post: Post) -> None:
    channel = item.payload.get("channel")
    if channel != EMAIL:
        raise Undeliverable(N_("there is no way of sending by '{channel}'"), channel=channel)
    if post.mail is None:
        raise Undeliverable(N_("not sent: no mail server is set up (SMTP_HOST)"))
    message = read_record(context.session, context.models, "message", int(item.payload["message"]))
    person = read_record(context.session, context.models, "person", int(item.payload["person"]))
    context.session.rollback()
    if message is None or person is None or person.values.get("active") is False:
        _done(context, item, context.say(N_("not sent: the message or the person is no longer there")))
        return
    address = str(person.values.get("email") or "")
    if "@" not in address:
        raise Undeliverable(N_("not sent: {name} has no e-mail address"), name=person.label)
    post.send(post.mail, _letter(post.mail, address, message.values, item.key))
    post.checkpoint("sent")
    _done(context, item)


def _letter(mail: MailSettings, address: str, message: Mapping[str, object], key: str) -> Letter:
    lines = [str(message.get("text") or message.get("subject") or "")]
    kind, ident = message.get("record_type"), message.get("record_id")
    if mail.portal and kind and ident:
        lines.append(f"{mail.portal}/r/{kind}/show/{ident}")
    return Letter(address, str(message.get("subject") or ""), "\n\n".join(lines), key)


def _done(context: Context, item: OutboxItem, note: str | None = None) -> None:
    with transaction(context):
        if hold(context.session, item.id):
            mark_done(context.session, item.id, context.now, note)


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {CLOCK: _clock, PRINT: _print, DELIVER: _deliver, RECOMPUTE: _recompute}
)
"""Kind of a row -> what is done about it."""
