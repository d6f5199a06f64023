"""Uploads: what a file is, where it is kept, whose it is."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from app.storage import (
    Database,
    Models,
    Upload,
    UploadLimits,
    UploadRefused,
    attach,
    delete_record,
    file_of,
    insert_record,
    read_record,
)
from app.storage.attachments import forsaken_attachments, plain_name, remove_attachments, store_bytes
from app.storage.media import accepts, media_type_of
from tests.support.portals import NOW, install, release_from, stamp

MEMO = "records: {memo: {title: Memo, fields: {scan: {type: file}}}}\n"


def _picture(kind: str = "PNG", size: tuple[int, int] = (800, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


CONTENTS = [
    ("png", _picture(), "image/png"),
    ("jpeg", _picture("JPEG"), "image/jpeg"),
    ("webp", _picture("WEBP"), "image/webp"),
    ("pdf", b"%PDF-1.7 ...", "application/pdf"),
    ("xlsx", _zip("[Content_Types].xml", "xl/workbook.xml"),
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("zip", _zip("a.txt"), "application/zip"),
    ("text", "检查记录\n".encode(), "text/plain"),
    ("gbk", "检查记录\n".encode("gb18030"), "text/plain"),
    ("html", b"<!DOCTYPE html><p>", "text/html"),
    ("script_in_text", b"hello <script>alert(1)</script>", "text/html"),
    ("svg", b"<?xml version='1.0'?><svg onload='x'>", "image/svg+xml"),
    ("half_zip", b"PK\x03\x04broken", "application/octet-stream"),
    ("binary", b"\x00\x01\x02", "application/octet-stream"),
    ("program", b"MZ\x90\x00\x03", "application/octet-stream"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "kind"), [one[1:] for one in CONTENTS], ids=[one[0] for one in CONTENTS])
def test_the_type_is_read_from_the_content(data: bytes, kind: str) -> None:
    """The bytes decide, whatever the file is called."""
    assert media_type_of(data) == kind


@pytest.mark.parametrize(
    ("accept", "kind", "fits"),
    [
        ((), "anything/at-all", True),
        ((".pdf",), "application/pdf", True),
        (("PDF", "png"), "image/png", True),
        (("image/*",), "image/webp", True),
        (("image/*",), "image/svg+xml", False),
        (("application/pdf",), "text/html", False),
        ((".exe",), "application/octet-stream", False),
    ],
)
def test_accepted_types_are_named_in_any_form(accept: tuple[str, ...], kind: str, fits: bool) -> None:
    """Endings, families and full media types."""
    assert accepts(accept, kind) is fits


@pytest.mark.parametrize(
    ("upload", "limits", "words"),
    [
        (Upload("a", b""), UploadLimits(10), "the file is empty"),
        (Upload("a.txt", b"x" * 11), UploadLimits(10), "larger than"),
        (Upload("a.png", b"%PDF-1.4"), UploadLimits(100, picture=True), "not a picture"),
        (Upload("a.png", b"<svg>"), UploadLimits(100, picture=True), "not a picture"),
        (Upload("a.pdf", b"<html>"), UploadLimits(100, accept=(".pdf",)), "text/html are not accepted"),
    ],
    ids=["empty", "large", "disguised", "svg", "html"],
)
def test_what_the_field_does_not_take_is_refused(
    sqlite_database: Database, tmp_path: Path, upload: Upload, limits: UploadLimits, words: str
) -> None:
    """With words, before anything is written."""
    models = install(sqlite_database, release_from(tmp_path, {}))
    with pytest.raises(UploadRefused, match=words), sqlite_database.writing() as session:
        attach(session, models, sqlite_database.instance, upload, limits, stamp())
    assert not (sqlite_database.instance / "attachments").exists()


def test_an_upload_becomes_part_of_a_record(sqlite_database: Database, tmp_path: Path) -> None:
    """Content is kept once under its hash, with a thumbnail; the record's owner takes it over."""
    models = install(sqlite_database, release_from(tmp_path, {"config/regimes/r/memo.yaml": MEMO}))
    instance, picture = sqlite_database.instance, _picture()
    with sqlite_database.writing() as session:
        me = insert_record(session, models, "person", {"name": "me"}, stamp())
        ids = [
            attach(session, models, instance, Upload(name, picture), UploadLimits(10**6), stamp(me))
            for name in ("../x/照片.png", "again.png")
        ]
        memo = insert_record(session, models, "r.memo", {"scan": ids[0]}, stamp(me))
        record = read_record(session, models, "r.memo", memo)
        forsaken = forsaken_attachments(session, models, NOW + timedelta(days=1))
    assert record is not None
    (info,) = record.attachments["scan"]
    assert (info.file_name, info.media_type, info.size) == ("照片.png", "image/png", len(picture))
    assert file_of(instance, info.path).read_bytes() == picture
    assert info.thumbnail is not None
    with Image.open(file_of(instance, info.thumbnail)) as small:
        assert small.size == (320, 160)
    assert forsaken == (ids[1],)
    assert len([one for one in (instance / "attachments").rglob("*") if one.is_file()]) == 2
    _remove_step_by_step(sqlite_database, models, memo, ids)


def _remove_step_by_step(database: Database, models: Models, memo: int, ids: list[int]) -> None:
    """A file goes with the last row that names it."""
    with database.writing() as session:
        assert remove_attachments(session, models, ids[1:]) == ()
        delete_record(session, models, "r.memo", memo)
        assert forsaken_attachments(session, models, NOW + timedelta(days=1)) == (ids[0],)
        assert len(remove_attachments(session, models, ids[:1])) == 2


@pytest.mark.parametrize("path", ["../secret", "attachments/../secret", "/etc/passwd", "attachments/no", ""])
def test_paths_outside_the_attachments_lead_nowhere(tmp_path: Path, path: str) -> None:
    """A stored path that was tampered with opens nothing."""
    (tmp_path / "secret").write_text("x")
    (tmp_path / "attachments").mkdir()
    with pytest.raises(FileNotFoundError):
        file_of(tmp_path, path)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.txt", "a.txt"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nb\u202e.exe", "a__b_.exe"),
        ("...", "file"),
        ("x" * 300 + ".jpeg", "x" * 195 + ".jpeg"),
        ("照 片?.png", "照 片_.png"),
    ],
)
def test_file_names_are_only_names(name: str, kept: str) -> None:
    """No folders, no control characters, no endless names."""
    assert plain_name(name) == kept


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\nbroken", b"\xff\xd8\xff broken", b"GIF89a"])
def test_a_broken_picture_has_no_thumbnail(tmp_path: Path, data: bytes) -> None:
    """It is kept all the same."""
    kept = store_bytes(tmp_path, data)
    assert kept.thumbnail is None and file_of(tmp_path, kept.path).read_bytes() == data
