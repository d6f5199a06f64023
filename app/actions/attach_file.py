"""A file is uploaded: checked, made small and upright if it is a photo, kept; no record owns it yet."""

from __future__ import annotations

from collections.abc import Sequence

from app.access import AccessDenied, Decision
from app.actions.context import Context, transaction
from app.release import FieldModel
from app.reports import prepare_photo, prepare_signature
from app.source import N_
from app.spec.limits import size_in_bytes
from app.storage.attachments import Upload, UploadLimits, UploadRefused, attach

__all__ = ["UploadRefused", "attach_file", "attach_for"]

_PICTURES = frozenset({"photo", "photos", "signature"})
_PHOTO_SIDE = 1600
"""Pixels that evidence is kept with; prints make it smaller again."""


def attach_for(context: Context, field: FieldModel, name: str, data: bytes) -> int:
    """Keep a file for `field` and answer with its id, to be named in the record's values.

    Raises AccessDenied, UploadRefused, ImageRejected.
    """
    most = field.spec.max_size or context.release.portal.settings.max_upload
    return attach_file(
        context,
        name,
        data,
        photo=field.type in ("photo", "photos"),
        signature=field.type == "signature",
        accept=field.spec.accept,
        most_bytes=size_in_bytes(most),
    )


def attach_file(
    context: Context,
    name: str,
    data: bytes,
    *,
    photo: bool = False,
    signature: bool = False,
    accept: Sequence[str] = (),
    most_bytes: int | None = None,
) -> int:
    """Keep a file and answer with its id; only the uploader can make it part of a record.

    photo: turned upright, at most 1,600 pixels long, without the camera's metadata; signature: kept as PNG.
    Raises AccessDenied for somebody without a person, UploadRefused, ImageRejected.
    """
    if context.actor.person_id is None and not context.actor.unlimited:
        raise AccessDenied(Decision(False, N_("log in first")))
    most = most_bytes or size_in_bytes(context.release.portal.settings.max_upload)
    limits = UploadLimits(most, accept, picture=photo or signature)
    if len(data) > most:
        raise UploadRefused(N_("the file is larger than {most} MB"), most=f"{most / 1_000_000:g}")
    if photo and data:
        name, data = f"{name.rpartition('.')[0] or name}.jpg", prepare_photo(data, _PHOTO_SIDE)
    elif signature and data:
        name, data = f"{name.rpartition('.')[0] or name}.png", prepare_signature(data)
    with transaction(context):
        return attach(
            context.session, context.models, context.instance, Upload(name, data), limits, context.stamp
        )
