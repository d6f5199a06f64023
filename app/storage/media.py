"""What a file really is: told from its bytes, never from its name or what the browser says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from types import MappingProxyType

UNKNOWN = "application/octet-stream"
IMAGES = frozenset(f"image/{name}" for name in ("jpeg", "png", "gif", "webp", "heic", "bmp", "tiff"))
INLINE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain"})
"""What a browser may show in place; everything else is only ever downloaded."""

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
)
_BRANDS: Mapping[bytes, str] = MappingProxyType(
    {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"qt  ": "video/quicktime",
     b"M4A ": "audio/mp4"}
)  # fmt: skip
_OFFICE: Mapping[str, str] = MappingProxyType(
    {
        "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    }
)
_OLE = "application/x-ole-storage"
_ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
        "webp": "image/webp", "heic": "image/heic", "bmp": "image/bmp", "tif": "image/tiff",
        "tiff": "image/tiff", "pdf": "application/pdf",
        "docx": _OFFICE["word/"], "xlsx": _OFFICE["xl/"], "pptx": _OFFICE["ppt/"],
        "doc": _OLE, "xls": _OLE, "ppt": _OLE,
        "txt": "text/plain", "csv": "text/plain", "md": "text/plain", "zip": "application/zip",
        "rar": "application/vnd.rar", "7z": "application/x-7z-compressed", "gz": "application/gzip",
        "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mp3": "audio/mpeg",
        "m4a": "audio/mp4", "ogg": "audio/ogg", "wav": "audio/wav", "html": "text/html",
        "svg": "image/svg+xml", "xml": "text/xml",
    }
)  # fmt: skip
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe")
_LOOK = 4096


def media_type_of(data: bytes) -> str:
    """The media type that the content itself shows; UNKNOWN where nothing is recognised."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12], UNKNOWN)
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    return _text_kind(data)


def accepts(accept: Sequence[str], media_type: str) -> bool:
    """Whether a type is among `accept`: `.pdf`, `pdf`, `image/*` or a full media type; all, when empty."""
    return not accept or any(_matches(one.strip().lower(), media_type) for one in accept)


def _matches(wanted: str, media_type: str) -> bool:
    if wanted.endswith("/*"):
        return media_type.startswith(wanted[:-1]) and media_type != "image/svg+xml"
    return media_type == (wanted if "/" in wanted else _ENDINGS.get(wanted.lstrip("."), ""))


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:200]
    except zipfile.BadZipFile:
        return UNKNOWN
    if "[Content_Types].xml" in names:
        return next(
            (kind for part, kind in _OFFICE.items() if any(n.startswith(part) for n in names)), UNKNOWN
        )
    return "application/zip"


def _text_kind(data: bytes) -> str:
    head = data[:_LOOK]
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if any(mark in begin for mark in _HTML):
        return "text/html"
    if b"<svg" in begin:
        return "image/svg+xml"
    if begin.startswith((b"<?xml", b"<!doctype")):
        return "text/xml"
    if b"\0" in data:
        return UNKNOWN
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "text/plain" if _is_gb18030(data) else UNKNOWN
    return "text/plain"


def _is_gb18030(data: bytes) -> bool:
    """Texts from Chinese Windows programs; control characters speak against it."""
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in data[:_LOOK]):
        return False
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
