"""`/files/<id>/<name>`: attachments, for whoever may read the record they belong to."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, request, send_file
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView

from app.access import hidden_fields, row_scope
from app.actions.kept_documents import open_document
from app.storage import scope_where
from app.storage.attachments import file_of
from app.storage.media import INLINE
from app.web.context import Served, action_context, actor, now, served, session
from app.web.gate import needs

MAX_AGE = 3600
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Found:
    """An attachment that the reader may have."""

    file_name: str
    media_type: str
    path: str
    thumbnail: str | None
    sha256: str


class FilesView(BaseView):
    """Originals and thumbnails. What is not the reader's is not there."""

    route_base = "/files"
    class_permission_name = "Files"
    default_view = "show"

    @expose("/<int:pk>/<string:name>")
    @needs("open")
    def show(self, pk: int, name: str) -> Response:
        found = find_attachment(served(), pk)
        if found is None or name != found.file_name:
            abort(404)
        small = request.args.get("size") == "thumb" and found.thumbnail is not None
        return _send(found, small)

    @expose("/document/<int:pk>")
    @needs("open")
    def document(self, pk: int) -> Response:
        """An issued print, as it was issued."""
        kept = open_document(action_context(), pk)
        answer = send_file(
            io.BytesIO(kept.data), mimetype="application/pdf", download_name=kept.file_name, max_age=0
        )
        answer.headers.update(HEADERS)
        return answer


def find_attachment(here: Served, pk: int) -> Found | None:
    """The attachment, if its record and field may be read; an upload without a record only by who made it."""
    table, asker = here.models.tables["attachment"], actor()
    row = session().execute(sa.select(table).where(table.c.id == pk)).first()
    if row is None or not row.path:
        return None
    if row.record_id is None or row.record_type is None:
        mine = asker.person_id is not None and row.created_by_id == asker.person_id
        return _found(row) if mine or asker.unlimited else None
    if row.record_type not in here.release.records:
        return _found(row) if asker.unlimited else None
    if row.field in hidden_fields(here.policy, asker, row.record_type):
        return None
    scope = row_scope(here.policy, asker, "read", row.record_type)
    if scope.nothing:
        return None
    owner = here.models.tables[row.record_type]
    readable = scope_where(here.models, row.record_type, scope, asker, now())
    seen = session().scalar(sa.select(owner.c.id).where(owner.c.id == row.record_id, readable))
    return _found(row) if seen is not None else None


def _found(row: Any) -> Found:
    return Found(
        file_name=row.file_name or "file",
        media_type=row.media_type or "application/octet-stream",
        path=row.path,
        thumbnail=row.thumbnail,
        sha256=row.sha256 or "",
    )


def _send(found: Found, small: bool) -> Response:
    """The bytes, shown in place only where a browser can do no harm with them."""
    path = found.thumbnail if small and found.thumbnail else found.path
    kind = "image/jpeg" if small else found.media_type
    inline = kind in INLINE
    try:
        place = file_of(served().database.instance, path)
    except FileNotFoundError:
        abort(404)
    answer = send_file(
        place,
        mimetype="text/plain; charset=utf-8" if kind == "text/plain" else kind,
        as_attachment=not inline or "download" in request.args,
        download_name=found.file_name,
        conditional=True,
        etag=f"{found.sha256[:32]}{'-s' if small else ''}" if found.sha256 else True,
        max_age=MAX_AGE,
    )
    answer.headers.update(HEADERS)
    answer.headers["Cache-Control"] = f"private, max-age={MAX_AGE}"
    return answer
