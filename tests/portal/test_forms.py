"""Forms: what is typed is kept, judged by the server, explained at its field; files, lines, conflicts."""

from __future__ import annotations

import base64
import io
import re

import pytest
import sqlalchemy as sa
from PIL import Image

from tests.support.clients import Site

VISIT = "/r/r.visit"


def picture(color: str = "red") -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(out, "PNG")
    return out.getvalue()


def sent(site: Site, **changes: object) -> dict[str, object]:
    """A complete entry of a visit."""
    return {"title": "form", "unit": str(site.units["shop"]), "urgent": "", **changes}


def made_by(location: str | None) -> int:
    """The id at the end of `/r/…/show/<id>`."""
    found = re.search(r"/show/(\d+)$", location or "")
    assert found, location
    return int(found[1])


def test_a_form_shows_its_groups_help_and_marks(site: Site) -> None:
    """Group titles, labels bound to controls, help texts and required marks come from the YAML."""
    page = site.visitor("hr").text(f"{VISIT}/add")
    assert "基本" in page and "写明检查什么" in page and "每次检查一条" in page
    assert '<label class="form-label" for="title">标题<span class="required-mark"' in page
    assert 'maxlength="40"' in page and 'aria-required="true"' in page
    assert f'name="_release" value="{site.release.number}"' in page


def test_a_record_is_made_and_shown(site: Site) -> None:
    """A valid entry leads to the record's page."""
    answer = site.visitor("hr").post(f"{VISIT}/add", sent(site, due="2026-05-01", level="high"))
    assert answer.status_code == 302
    page = site.visitor("hr").text(answer.headers["Location"])
    assert "form" in page and "2026-05-01" in page and "高" in page and "进行中" in page


def test_everything_wrong_is_said_at_once_and_kept(site: Site) -> None:
    """Summary on top, messages at the fields, all entries as typed, status 422."""
    entries = sent(site, title="", due="31.12.2026", contact="call me", urgent="1", result="typed text")
    answer = site.visitor("hr").post(f"{VISIT}/add", entries)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("title", "due", "contact", "reason"):
        assert f'href="#{name}"' in page and f'id="{name}-error"' in page
    assert 'value="31.12.2026"' in page and 'value="call me"' in page and "typed text" in page
    assert f'<option value="{site.units["shop"]}" selected>shop</option>' in page


def test_conditions_are_judged_by_the_server(site: Site) -> None:
    """`show` and `required` hold without scripts: a reason is asked for, or given up, as `urgent` says."""
    hr = site.visitor("hr")
    assert hr.post(f"{VISIT}/add", sent(site, urgent="1", reason="")).status_code == 422
    kept = made_by(hr.post(f"{VISIT}/add", sent(site, urgent="1", reason="fire")).headers["Location"])
    gone = made_by(hr.post(f"{VISIT}/add", sent(site, urgent="", reason="fire")).headers["Location"])
    assert hr.get(f"/api/v1/r.visit/{kept}").get_json()["result"]["reason"] == "fire"
    assert hr.get(f"/api/v1/r.visit/{gone}").get_json()["result"]["reason"] is None


def test_conditions_are_sent_to_the_browser(site: Site) -> None:
    """As functions in a script with the page's nonce; the address of the runtime is our own."""
    answer = site.visitor("hr").get(f"{VISIT}/add")
    page = answer.get_data(as_text=True)
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    assert nonce and f'<script type="module" nonce="{nonce[1]}">' in page
    assert '"reason": { "show": (s) =>' in page and "/static/expressions.js" in page


def test_a_second_editor_loses_nothing(site: Site) -> None:
    """Who saves later sees both values, with who and when, and saves again."""
    hr, root = site.visitor("hr"), site.visitor("root")
    key = made_by(hr.post(f"{VISIT}/add", sent(site, title="first", code="c-1")).headers["Location"])
    path = f"{VISIT}/edit/{key}"
    assert root.post(path, sent(site, title="by root", code="c-1", _version="1")).status_code == 302
    answer = hr.post(path, sent(site, title="by hr", code="c-1", _version="1"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'value="by hr"' in page and "by root" in page and "root-person" in page
    version = re.search(r'name="_version" value="(\d+)"', page)
    assert version
    assert hr.post(path, sent(site, title="by hr", code="c-1", _version=version[1])).status_code == 302
    assert "by hr" in hr.text(f"{VISIT}/show/{key}")


def test_a_value_that_is_taken_is_named(site: Site) -> None:
    """A second record with the same unique code is refused at the field."""
    hr = site.visitor("hr")
    assert hr.post(f"{VISIT}/add", sent(site, code="only-one")).status_code == 302
    answer = hr.post(f"{VISIT}/add", sent(site, code="only-one"))
    assert answer.status_code == 422 and 'id="code-error"' in answer.get_data(as_text=True)


def test_lines_are_added_changed_and_removed(site: Site) -> None:
    """Rows of a child table by their index; faults stand at their cell; deleted rows go."""
    hr, who = site.visitor("hr"), str(site.people["hr"])
    rows = {"notes-0-what": "one", "notes-0-who": who, "notes-3-what": "two"}
    key = made_by(hr.post(f"{VISIT}/add", sent(site, **rows)).headers["Location"])
    page = hr.text(f"{VISIT}/edit/{key}")
    ids = re.findall(r'name="notes-\d+-id" value="(\d+)"', page)
    assert len(ids) == 2 and "hr-person" in page
    change = {
        "notes-0-id": ids[0], "notes-0-what": "", "notes-0-who": who,
        "notes-1-id": ids[1], "notes-1-what": "second",
    }  # fmt: skip
    answer = hr.post(f"{VISIT}/edit/{key}", sent(site, _version="1", **change))
    assert answer.status_code == 422 and 'id="notes-0-what-error"' in answer.get_data(as_text=True)
    change |= {"notes-0-deleted": "1"}
    assert hr.post(f"{VISIT}/edit/{key}", sent(site, _version="1", **change)).status_code == 302
    result = hr.get(f"/api/v1/r.visit/{key}").get_json()["result"]["notes"]
    assert [(one["id"], one["what"]) for one in result] == [(int(ids[1]), "second")]


def test_lines_work_without_scripts(site: Site) -> None:
    """The add button brings the form back with one more row, the remove button with one less."""
    hr = site.visitor("hr")
    page = hr.post(f"{VISIT}/add", sent(site, _then="line:notes", **{"notes-0-what": "kept"}))
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and 'name="notes-1-what"' in text and 'value="kept"' in text
    assert 'name="notes-__index__-what"' in text
    page = hr.post(f"{VISIT}/add", sent(site, _then="remove:notes-0-", **{"notes-0-what": "kept"}))
    assert 'value="kept"' not in page.get_data(as_text=True)


def test_pickers_work_without_scripts(site: Site) -> None:
    """The search button brings the form back with what was found."""
    page = site.visitor("hr").post(
        f"{VISIT}/add", sent(site, _then="find:visitor", **{"visitor.search": "cook"})
    )
    assert f'<option value="{site.people["cook"]}">cook-person</option>' in page.get_data(as_text=True)


def test_photos_survive_an_entry_that_is_refused(site: Site) -> None:
    """A photo sent with a faulty form is carried by the next one, and belongs to the record in the end."""
    hr = site.visitor("hr")
    first = hr.post(f"{VISIT}/add", sent(site, title="", photos=(io.BytesIO(picture()), "scene.png")))
    page = first.get_data(as_text=True)
    kept = re.findall(r'name="photos.kept" value="(\d+)"', page)
    assert first.status_code == 422 and len(kept) == 1 and "size=thumb" in page
    more = (io.BytesIO(picture("blue")), "second.png")
    answer = hr.post(f"{VISIT}/add", sent(site, **{"photos.kept": kept, "photos": more}))
    key = made_by(answer.headers["Location"])
    files = hr.get(f"/api/v1/r.visit/{key}").get_json()["result"]["photos"]
    assert len(files) == 2 and files[0]["id"] == int(kept[0])
    assert hr.get(files[0]["href"], buffered=True).mimetype == "image/jpeg"
    drop = {"photos.kept": [str(one["id"]) for one in files], "photos.drop": [str(files[0]["id"])]}
    assert hr.post(f"{VISIT}/edit/{key}", sent(site, _version="1", **drop)).status_code == 302
    left = hr.get(f"/api/v1/r.visit/{key}").get_json()["result"]["photos"]
    assert [one["id"] for one in left] == [files[1]["id"]]


@pytest.mark.parametrize(
    ("name", "data"),
    [("page.html", b"<html><script>alert(1)</script>"), ("x.png", b"not a picture"), ("e.png", b"")],
)
def test_a_file_that_is_no_picture_is_refused(site: Site, name: str, data: bytes) -> None:
    """A photo field takes pictures, whatever the name says."""
    answer = site.visitor("hr").post(f"{VISIT}/add", sent(site, photos=(io.BytesIO(data), name)))
    assert answer.status_code == 422
    assert 'id="photos-error"' in answer.get_data(as_text=True)


def test_another_persons_upload_cannot_be_taken(site: Site) -> None:
    """Naming the id of somebody else's upload does not make it one's own."""
    page = site.visitor("cook").post(
        f"{VISIT}/add", sent(site, title="", photos=(io.BytesIO(picture("green")), "mine.png"))
    )
    stolen = re.findall(r'name="photos.kept" value="(\d+)"', page.get_data(as_text=True))
    answer = site.visitor("rival").post(f"{VISIT}/add", sent(site, title="", **{"photos.kept": stolen}))
    assert "photos.kept" not in answer.get_data(as_text=True)
    table = site.models.tables["attachment"]
    site.visitor("rival").json(
        "POST", "/api/v1/r.visit/", {"title": "t", "unit": 1, "photos": [int(stolen[0])]}
    )
    owner = site.scalar(sa.select(table.c.record_id).where(table.c.id == int(stolen[0])))
    assert owner is None


def test_every_field_type_goes_in_and_out(site: Site) -> None:
    """Each type of the closed table: typed, stored, shown in form, page and list, and sent by the API."""
    hr = site.visitor("hr")
    drawn = "data:image/png;base64," + base64.b64encode(picture("black")).decode()
    entries: dict[str, object] = {
        "text": "words", "long_text": "two\r\nlines", "integer": "7", "decimal": "1.25", "money": "1,234.50",
        "percent": "98.5", "rating": "4", "boolean": "1", "date": "2026-01-31", "time": "09:30",
        "datetime": "2026-01-31T09:30", "month": "2026-01", "duration": "1:30", "choice": "high",
        "choices": ["low", "high"], "person": str(site.people["hr"]), "unit": str(site.units["shop"]),
        "link": "1", "links": ["1", "2"], "lines-0-word": "a", "lines-0-number": "1", "signature": drawn,
        "location": "31.2304,121.4737", "phone": "+86 21 1234", "email": "a@example.org",
        "url": "https://example.org/x", "file": (io.BytesIO(b"%PDF-1.4 x"), "a.pdf"),
        "files": [(io.BytesIO(b"text one"), "1.txt"), (io.BytesIO(b"text two"), "2.txt")],
        "photo": (io.BytesIO(picture()), "p.png"), "photos": [(io.BytesIO(picture("blue")), "q.png")],
    }  # fmt: skip
    answer = hr.post("/r/r.everything/add", entries)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    key = made_by(answer.headers["Location"])
    result = hr.get(f"/api/v1/r.everything/{key}").get_json()["result"]
    plain = {name: result[name] for name in (
        "integer", "decimal", "money", "percent", "rating", "boolean", "date", "time", "datetime", "month",
        "duration", "choice", "choices", "location", "formula", "long_text",
    )}  # fmt: skip
    assert plain == {
        "integer": 7, "decimal": "1.25", "money": "1234.50", "percent": "98.5", "rating": 4,
        "boolean": True, "date": "2026-01-31", "time": "09:30:00", "datetime": "2026-01-31T09:30:00+08:00",
        "month": "2026-01-01", "duration": "1:30", "choice": "high", "choices": ["low", "high"],
        "location": {"lat": 31.2304, "lon": 121.4737}, "formula": 14, "long_text": "two\nlines",
    }  # fmt: skip
    assert [one["id"] for one in result["links"]] == [1, 2] and result["person"]["label"] == "hr-person"
    assert [len(result[name]) for name in ("file", "files", "photo", "photos", "signature")] == [
        1,
        2,
        1,
        1,
        1,
    ]
    page, form = hr.text(f"/r/r.everything/show/{key}"), hr.text(f"/r/r.everything/edit/{key}")
    for words in ("words", "1,234.50", "98.5", "4 / 5", "2026-01-31 09:30", "2026-01", "高", "a@example.org"):
        assert words in page, words
    assert "31.230400,121.473700" in page
    for value in (
        "1.25",
        "1234.50",
        "98.5000",
        "2026-01-31T09:30",
        "2026-01",
        "1:30",
        "31.230400,121.473700",
    ):
        assert f'value="{value}"' in form, value
    listed = hr.text("/r/r.everything/list/")
    assert "hr-person" in listed and "2026-01-31 09:30" in listed
    again = {
        name: value for name, value in entries.items() if name not in ("file", "files", "photo", "photos")
    }
    kept = {
        f"{name}.kept": [str(one["id"]) for one in result[name]]
        for name in ("file", "files", "photo", "photos")
    }
    line = re.search(r'name="lines-0-id" value="(\d+)"', form)
    assert line
    body = again | kept | {"lines-0-id": line[1], "_version": "1", "signature": ""}
    body["signature.kept"] = str(result["signature"][0]["id"])
    assert hr.post(f"/r/r.everything/edit/{key}", body).status_code == 302
    assert hr.get(f"/api/v1/r.everything/{key}").get_json()["result"] | {
        "version": 0,
        "changed_at": 0,
    } == result | {
        "version": 0,
        "changed_at": 0,
    }


def test_a_new_form_takes_values_from_the_address(site: Site) -> None:
    """`?unit=…` fills a field in; what cannot be read is left out."""
    query = f"unit={site.units['shop']}&due=nonsense&title=given"
    page = site.visitor("hr").text(f"{VISIT}/add?{query}").replace(query.replace("&", "&amp;"), "")
    assert 'value="given"' in page and ">shop</option>" in page and "nonsense" not in page


def test_a_step_asks_for_its_fields(site: Site) -> None:
    """A transition shows the fields that it asks for, says what is missing, and moves the record on."""
    hr = site.visitor("hr")
    key = made_by(hr.post(f"{VISIT}/add", sent(site, title="to finish")).headers["Location"])
    assert f"/move/finish/{key}" in hr.text(f"{VISIT}/show/{key}")
    form = hr.text(f"{VISIT}/move/finish/{key}")
    assert 'name="result"' in form and 'name="title"' not in form
    refused = hr.post(f"{VISIT}/move/finish/{key}", {"result": "", "_version": "1"})
    assert refused.status_code == 422 and 'id="result-error"' in refused.get_data(as_text=True)
    assert hr.post(f"{VISIT}/move/finish/{key}", {"result": "all well", "_version": "1"}).status_code == 302
    page = hr.text(f"{VISIT}/show/{key}")
    assert "已完成" in page and "all well" in page and f"/edit/{key}" not in page
    assert hr.get(f"{VISIT}/move/finish/{key}").status_code == 404
    assert hr.get(f"{VISIT}/edit/{key}").status_code == 302
    history = hr.text(f"{VISIT}/show/{key}?tab=history")
    assert "流转" in history and "all well" in history and "hr-person" in history


def test_what_is_typed_is_never_markup(site: Site) -> None:
    """Tags in values come back as text on every page."""
    hr, evil = site.visitor("hr"), '<img src=x onerror="alert(1)">'
    answer = hr.post(f"{VISIT}/add", sent(site, title=evil[:40], result=evil, **{"notes-0-what": evil}))
    key = made_by(answer.headers["Location"])
    pages = (f"show/{key}", f"edit/{key}", f"delete/{key}", f"show/{key}?tab=history")
    for path in ("list/", "list/?q=%3Cimg+src%3Dx%3E", *pages):
        assert "<img src=x" not in hr.text(f"{VISIT}/{path}"), path
