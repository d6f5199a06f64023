"""The files that a form's fields hold, with names and thumbnails."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage import AttachmentInfo
from app.web.context import Served, actor, session
from app.web.forms import RecordForm
from app.web.show_page import kept_file


def put_files(here: Served, form: RecordForm) -> None:
    """Give every file field what it holds, in one statement; ids that are not the reader's to see are left
    out (those of this record, and the reader's own uploads)."""
    wanted = {key for _name, control in form.uploads() for key in control.data.ids}
    if not wanted:
        return
    table, asker = here.models.tables["attachment"], actor()
    rows = session().execute(sa.select(table).where(table.c.id.in_(wanted))).all()
    known = {}
    for row in rows:
        mine = row.record_id is None and (asker.unlimited or row.created_by_id == asker.person_id)
        if mine or (row.record_type, row.record_id) == (form.record.name, form.key):
            info = AttachmentInfo(row.id, row.file_name, row.media_type, row.size, row.path, row.thumbnail)
            known[row.id] = kept_file(info)
    for _name, control in form.uploads():
        control.data.kept = tuple(key for key in control.data.ids if key in known)
        control.shelf = [known[key] for key in control.data.kept]
