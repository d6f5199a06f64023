"""Files sent with a form are kept at once, so that an entry that is refused costs nobody a photo."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from flask_babel import gettext as _

from app.actions.attach_file import UploadRefused, attach_for
from app.release import FieldModel, RecordModel
from app.reports import ImageRejected
from app.web.context import action_context, session
from app.web.faults import Errors, said
from app.web.form_fields import SignatureField, UploadField
from app.web.forms import RecordForm

PNG_ADDRESS = "data:image/png;base64,"
MOST_FILES = 50


def store_uploads(record: RecordModel, form: RecordForm) -> Errors:
    """Keep every file that came with the form; the form carries their ids from now on. Messages by field for
    those that were refused."""
    errors: Errors = {}
    for name, control in form.uploads():
        field = record.fields[name]
        refused = tuple(_take(field, control))
        if refused:
            errors[name] = refused
    return errors


def _take(field: FieldModel, control: UploadField) -> Iterator[str]:
    """Keep the field's new files; yields why one was refused. One new file replaces a single one."""
    taken: list[int] = []
    for name, data in _sent(control):
        if data is None:
            yield _("The signature could not be read. Please sign again.")
            continue
        try:
            taken.append(attach_for(action_context(), field, name, data))
        except (UploadRefused, ImageRejected) as error:
            session().rollback()
            yield f"{name}: {said(error)}"
    if taken:
        control.data.kept = (*control.data.ids, *taken) if control.multiple else (taken[-1],)
        control.data.drop = frozenset()


def _sent(control: UploadField) -> Iterator[tuple[str, bytes | None]]:
    """Name and content of what came in."""
    for file in control.data.files[:MOST_FILES]:
        yield file.filename or "file", file.read()
    if isinstance(control, SignatureField) and control.drawn:
        yield "signature.png", _drawn(control.drawn)


def _drawn(address: str) -> bytes | None:
    """The picture in a PNG data address; None for anything else."""
    if not address.startswith(PNG_ADDRESS):
        return None
    try:
        return base64.b64decode(address.removeprefix(PNG_ADDRESS), validate=True)
    except (binascii.Error, ValueError):
        return None
