"""Attachments: whose they are, how they are sent, what a browser may do with them."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from PIL import Image

from tests.support.clients import Site

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture(scope="module")
def files(site: Site) -> dict[str, str]:
    """Name -> address of the files of a record of the personnel department."""
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "navy").save(out, "PNG")
    entry = {
        "text": "with files",
        "photo": (io.BytesIO(out.getvalue()), "现场 1.png"),
        "files": [
            (io.BytesIO(b"%PDF-1.4 x"), "a.pdf"),
            (io.BytesIO(b"plain words"), "b.txt"),
            (io.BytesIO(SVG), "c.svg"),
            (io.BytesIO(b"<html><script>alert(1)</script>"), "d.html"),
        ],
    }
    hr = site.visitor("hr")
    answer = hr.post("/r/r.everything/add", entry)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    key = answer.headers["Location"].rpartition("/")[2]
    result = hr.get(f"/api/v1/r.everything/{key}").get_json()["result"]
    return {one["file_name"]: one["href"] for name in ("photo", "files") for one in result[name]}


@pytest.mark.parametrize(
    ("name", "kind", "inline"),
    [
        ("现场 1.jpg", "image/jpeg", True),
        ("a.pdf", "application/pdf", True),
        ("b.txt", "text/plain", True),
        ("c.svg", "text/html", False),
        ("d.html", "text/html", False),
    ],
)
def test_only_harmless_types_are_shown_in_place(
    site: Site, files: dict[str, str], name: str, kind: str, inline: bool
) -> None:
    """The content's own type, never sniffed; active content is only downloaded, and sandboxed at that."""
    answer = site.visitor("hr").get(files[name], buffered=True)
    assert answer.status_code == 200 and answer.mimetype == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert answer.headers["Cache-Control"].startswith("private")


def test_a_thumbnail_is_small(site: Site, files: dict[str, str]) -> None:
    """`size=thumb` is a small JPEG; a file without one is sent itself."""
    answer = site.visitor("hr").get(f"{files['现场 1.jpg']}?size=thumb", buffered=True)
    assert max(Image.open(io.BytesIO(answer.data)).size) <= 320
    assert site.visitor("hr").get(f"{files['b.txt']}?size=thumb", buffered=True).data == b"plain words"


def test_a_browser_that_has_it_is_told_so(site: Site, files: dict[str, str]) -> None:
    """The entity tag is the content's."""
    hr = site.visitor("hr")
    tag = hr.get(files["b.txt"], buffered=True).headers["ETag"]
    assert hr.get(files["b.txt"], headers={"If-None-Match": tag}, buffered=True).status_code == 304
    part = hr.get(files["b.txt"], headers={"Range": "bytes=0-4"}, buffered=True)
    assert part.status_code == 206 and part.data == b"plain"


@pytest.mark.parametrize("who", ["cook", "head", "guest"])
def test_a_file_is_as_secret_as_its_record(site: Site, files: dict[str, str], who: str) -> None:
    """Who may not read the record gets nothing, and does not learn that it is there."""
    for href in files.values():
        assert site.visitor(who).get(href).status_code == 404
        assert site.visitor(who).get(f"{href}?size=thumb").status_code == 404
    assert site.visitor("root").get(files["a.pdf"], buffered=True).status_code == 200


def test_the_name_must_fit(site: Site, files: dict[str, str]) -> None:
    """An address cannot be given another name, nor another id."""
    hr = site.visitor("hr")
    assert hr.get(re.sub(r"/[^/]*$", "/other.html", files["a.pdf"])).status_code == 404
    assert hr.get("/files/999999/a.pdf").status_code == 404


def test_an_upload_without_a_record_is_its_makers(site: Site) -> None:
    """Until it belongs to a record only who sent it sees it."""
    cook = site.visitor("cook")
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "PNG")
    cook.post("/r/r.visit/add", {"title": "", "photos": (io.BytesIO(out.getvalue()), "x.png")})
    table = site.models.tables["attachment"]
    key = site.scalar(sa.select(sa.func.max(table.c.id)))
    assert cook.get(f"/files/{key}/x.jpg", buffered=True).status_code == 200
    assert site.visitor("hr").get(f"/files/{key}/x.jpg").status_code == 404


def test_too_much_is_refused_with_a_page(site: Site) -> None:
    """Beyond the portal's limit: 413 in our look, before anything is read."""
    most = site.app.config["MAX_CONTENT_LENGTH"]
    answer = site.visitor("hr").client.post(
        "/r/r.visit/add",
        environ_overrides={"CONTENT_LENGTH": str(most + 1)},
        input_stream=io.BytesIO(b""),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413 and "portal.css" in answer.get_data(as_text=True)
