"""Addresses of record pages, built without a look-up: a list shows hundreds of them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import request


def record_address(record_type: str, page: str, key: int | str | None = None, /, **query: object) -> str:
    """`/r/<record type>/<page>[/<key>]`; `list` ends in a slash as FAB's own lists do."""
    path = f"{request.script_root}/r/{record_type}/{page}"
    path += "/" if page == "list" else "" if key is None else f"/{key}"
    given = [(name, value) for name, value in query.items() if value not in (None, "")]
    return path + (f"?{urlencode(given, doseq=True)}" if given else "")


def file_address(attachment: int, name: str, size: str = "") -> str:
    """`/files/<id>/<name>`; `size="thumb"` is the thumbnail."""
    thumb = f"?size={size}" if size else ""
    return f"{request.script_root}/files/{attachment}/{quote(name, safe='')}{thumb}"


def document_address(document: int) -> str:
    """`/files/document/<id>`: an issued print."""
    return f"{request.script_root}/files/document/{document}"
