"""Files of records: bytes below the instance folder under their hash, and the rows that name them.

The same content is kept once, whoever uploads it. Files are written whole or not at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import orm

from app.source import N_, Refusal
from app.storage.mapping import Models
from app.storage.media import IMAGES, accepts, media_type_of
from app.storage.stamping import Stamp
from app.storage.writing import insert_record

FOLDER = "attachments"
THUMBNAIL = (320, 320)
MOST_PIXELS = 64_000_000
_LONGEST_NAME = 200


class UploadRefused(Refusal):
    """A file that may not be stored: `text` is a template over `params`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in. `name` is only a name: neither path nor type is believed."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What a field takes: most bytes, accepted types (see `media.accepts`), whether only pictures."""

    most_bytes: int
    accept: Sequence[str] = ()
    picture: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where the bytes lie; paths are relative to the instance folder, with forward slashes."""

    sha256: str
    size: int
    media_type: str
    path: str
    thumbnail: str | None


def checked_upload(upload: Upload, limits: UploadLimits) -> str:
    """The media type of a file that the field takes. Raises UploadRefused."""
    if not upload.data:
        raise UploadRefused(N_("the file is empty"))
    if len(upload.data) > limits.most_bytes:
        most = f"{limits.most_bytes / 1_000_000:g}"
        raise UploadRefused(N_("the file is larger than {most} MB"), most=most)
    kind = media_type_of(upload.data)
    if limits.picture and kind not in IMAGES:
        raise UploadRefused(N_("the file is not a picture"))
    if not accepts(limits.accept, kind):
        raise UploadRefused(N_("files of the type {kind} are not accepted here"), kind=kind)
    return kind


def store_bytes(instance: Path, data: bytes) -> StoredFile:
    """Keep the bytes (once for each content) and make a thumbnail of a picture."""
    digest = hashlib.sha256(data).hexdigest()
    kind = media_type_of(data)
    path = f"{FOLDER}/{digest[:2]}/{digest[2:]}"
    place = instance / path
    if not place.exists():
        write_whole(place, data)
    thumbnail = f"{path}.jpg"
    if not (instance / thumbnail).exists():
        small = _thumbnail(data) if kind in IMAGES else None
        if small is None:
            return StoredFile(digest, len(data), kind, path, None)
        write_whole(instance / thumbnail, small)
    return StoredFile(digest, len(data), kind, path, thumbnail)


def attach(
    session: orm.Session, models: Models, instance: Path, upload: Upload, limits: UploadLimits, stamp: Stamp
) -> int:
    """Check and keep a file and add its row, which belongs to no record yet; its id. Raises UploadRefused.

    Naming the id in the values of a record that the same person writes makes it part of that record.
    """
    checked_upload(upload, limits)
    kept = store_bytes(instance, upload.data)
    values = {
        "file_name": plain_name(upload.name),
        "media_type": kept.media_type,
        "size": kept.size,
        "sha256": kept.sha256,
    }
    extra = {"path": kept.path, "thumbnail": kept.thumbnail}
    return insert_record(session, models, "attachment", values, stamp, extra)


def file_of(instance: Path, path: str) -> Path:
    """The file behind a stored path. Raises FileNotFoundError for anything outside the attachments."""
    folder = (instance / FOLDER).resolve()
    place = (instance / path).resolve()
    if not place.is_relative_to(folder) or not place.is_file():
        raise FileNotFoundError(path)
    return place


def plain_name(name: str) -> str:
    """A file name without folders, control characters and signs that file systems refuse."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).rpartition("/")[2]
    kept = "".join(
        "_" if sign in '<>:"|?*' or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign
        for sign in last
    ).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(kept) > _LONGEST_NAME:
        kept = f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"[:_LONGEST_NAME]
    return kept[:_LONGEST_NAME] or "file"


def forsaken_attachments(session: orm.Session, models: Models, before: datetime) -> tuple[int, ...]:
    """Ids of uploads older than `before` that belong to no record: housekeeping may delete them."""
    table = models.tables["attachment"]
    lost = sa.select(table.c.id).where(table.c.record_id.is_(None), table.c.changed_at < before)
    return tuple(session.scalars(lost.order_by(table.c.id)))


def remove_attachments(session: orm.Session, models: Models, ids: Sequence[int]) -> tuple[str, ...]:
    """Delete rows of attachments; the paths of files that no other row names, to unlink after the commit."""
    table = models.tables["attachment"]
    gone = sa.delete(table).where(table.c.id.in_(ids)).returning(table.c.path, table.c.thumbnail)
    rows = session.execute(gone).all()
    still = set(session.scalars(sa.select(table.c.path).where(table.c.path.in_([row.path for row in rows]))))
    lost = (path for row in rows if row.path not in still for path in row if path)
    return tuple(dict.fromkeys(lost))


def write_whole(place: Path, data: bytes) -> None:
    """Write a file so that it is there in full or not at all, even when the power fails."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".new-", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            new.replace(place)
        finally:
            new.unlink(missing_ok=True)


def _thumbnail(data: bytes) -> bytes | None:
    """A small JPEG, turned the right way up; None for a picture that cannot be read or is too large."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("RGB", THUMBNAIL)
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
            upright.thumbnail(THUMBNAIL)
            white = Image.new("RGB", upright.size, "white")
            white.paste(upright, mask=upright.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError,
            Image.DecompressionBombWarning):  # fmt: skip
        return None
    out = io.BytesIO()
    white.save(out, "JPEG", quality=82)
    return out.getvalue()
