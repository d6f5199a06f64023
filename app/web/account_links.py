"""Which person an account stands for. The column is no field, so it is written here, with its audit entry."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.storage import Change, append_audit, begin_write, labels_of, read_record, update_record
from app.web.context import action_context, served, session


def people_of_accounts(accounts: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Account id -> (person id, name), in one statement."""
    person = served().models.tables["person"]
    found = sa.select(person.c.user_id, person.c.id, person.c.name).where(person.c.user_id.in_(accounts))
    return {row[0]: (row[1], row[2]) for row in session().execute(found)}


def person_label(person: int) -> str:
    """The words for a person, or the bare number."""
    return labels_of(session(), served().models, "person", [person]).get(person, f"#{person}")


def person_taken(person: int, account: int | None) -> bool:
    """Whether `person` does not exist or stands for another account."""
    table = served().models.tables["person"]
    row = session().execute(sa.select(table.c.user_id).where(table.c.id == person)).first()
    return row is None or (row.user_id is not None and row.user_id != account)


def link_account(account: int, person: int | None) -> None:
    """Let `account` stand for `person` (None: for nobody) and for nobody else."""
    here, context = served(), action_context()
    table = here.models.tables["person"]
    begin_write(session())
    now_linked = session().scalar(sa.select(table.c.id).where(table.c.user_id == account))
    if now_linked == person:
        return
    for ident, user_id in ((now_linked, None), (person, account)):
        if ident is None:
            continue
        known = read_record(session(), here.models, "person", ident)
        if known is None:
            continue
        update_record(
            session(), here.models, "person", ident, {}, context.stamp, None, extra={"user_id": user_id}
        )
        before, after = (None, account) if user_id else (account, None)
        change = Change(
            "update",
            "person",
            ident,
            known.label,
            before={"account": before},
            after={"account": after},
        )
        append_audit(session(), here.models, context.stamp, change)
    session().commit()


def note_account(
    action: str, account: int, name: str, before: dict[str, object], after: dict[str, object]
) -> None:
    """The audit entry of a change to an account; passwords only as the fact that they were set."""
    begin_write(session())
    change = Change(action, "account", account, name, before=before, after=after)
    append_audit(session(), served().models, action_context().stamp, change)
    session().commit()
