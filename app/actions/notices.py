"""Telling people: one message a person, and an outbox row for each further channel."""

from __future__ import annotations

from collections.abc import Iterable

from app.actions.context import Context
from app.actions.facts import PathParts, record_scope
from app.actions.numbering import filled
from app.release import RecordModel
from app.source import N_
from app.spec.service_levels import MessageTemplate
from app.spec.text_templates import TextTemplate, parse_template
from app.storage import Record, enqueue, insert_record, people_with_role
from app.workflow import Notify

INBOX = "inbox"


def notify(
    context: Context, record: RecordModel, stored: Record, notice: Notify, occasion: str, note: str = ""
) -> tuple[int, ...]:
    """Write a message to everybody whom the notice names; ids of the messages, in the order of the persons.

    Without a template the subject is the record's label and `occasion`; `note` follows on the text of either.
    Further channels of the template (`email`) become outbox rows of kind `deliver`, one for each message and
    channel.
    """
    template = context.release.portal.messages.get(notice.message or "")
    subject, text = _words(context, record, stored, template, occasion)
    text = "\n".join(part for part in (text, note) if part)
    channels = template.channels if template is not None else (INBOX,)
    made = []
    for person in recipients(context, notice.people, notice.roles):
        values = {
            "person": person,
            "subject": subject[:200],
            "text": text,
            "channel": INBOX,
            "record_type": record.name,
            "record_id": stored.id,
            "sent_at": context.now,
        }
        message = insert_record(context.session, context.models, "message", values, context.stamp)
        for channel in channels:
            if channel != INBOX:
                payload = {"message": message, "person": person, "channel": channel}
                enqueue(context.session, f"deliver:{message}:{channel}", "deliver", payload, context.now)
        made.append(message)
    return tuple(made)


def recipients(context: Context, people: Iterable[int], roles: Iterable[str]) -> tuple[int, ...]:
    """The persons named, then the members of the roles, each once."""
    found = list(people)
    for role in sorted(roles):
        found += people_with_role(context.session, context.models, role)
    return tuple(dict.fromkeys(found))


def _words(
    context: Context, record: RecordModel, stored: Record, template: MessageTemplate | None, occasion: str
) -> tuple[str, str]:
    if template is None:
        return context.say(N_("{record}: {occasion}"), record=stored.label, occasion=occasion), ""
    parsed = [_parsed(text) for text in (template.subject, template.text)]
    paths: set[PathParts] = {hole.path for one in parsed for hole in one.holes}
    scope = record_scope(context, record, stored.values, paths)
    subject, text = (filled(context, record, one, scope, None) for one in parsed)
    return subject, text


def _parsed(text: str) -> TextTemplate:
    """The template; a text that is none (check reports it) stands as it is."""
    found = parse_template(text)
    return found if isinstance(found, TextTemplate) else TextTemplate(text, (text,))
