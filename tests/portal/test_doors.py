"""Whatever door a record is written through, the same checks run and the same audit entry is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
import sqlalchemy as sa
from flask import g

from app.web.context import served
from app.web.interface import PortalInterface
from tests.support.actors import root_actor
from tests.support.clients import Site

Write = Callable[[Site, str], None]


def entries(site: Site) -> list[tuple[str, str, Mapping[str, object]]]:
    """The audit trail of visits: action, label without its number, and the values written."""
    table = site.models.tables["audit_entry"]
    with site.database.reading() as session:
        rows = session.execute(
            sa.select(table).where(table.c.record_type == "r.visit").order_by(table.c.id)
        ).all()
    return [(row.action, row.record_label.split(" ", 1)[-1], row.after or row.before) for row in rows]


def newest(site: Site) -> tuple[int, int]:
    """Id and version of the newest visit."""
    table = site.models.tables["r.visit"]
    with site.database.reading() as session:
        row = session.execute(sa.select(table.c.id, table.c.version).order_by(table.c.id.desc())).first()
    assert row is not None
    return row.id, row.version


def by_page(site: Site, step: str) -> None:
    visitor = site.visitor("root")
    key, version = newest(site)
    values = {"title": "door", "unit": str(site.units["shop"]), "urgent": "", "_version": str(version)}
    path = {
        "create": "/r/r.visit/add",
        "update": f"/r/r.visit/edit/{key}",
        "delete": f"/r/r.visit/delete/{key}",
    }[step]
    answer = visitor.post(path, values | ({"title": "changed"} if step == "update" else {}))
    assert answer.status_code == 302, answer.get_data(as_text=True)


def by_api(site: Site, step: str) -> None:
    visitor = site.visitor("root")
    key, version = newest(site)
    values: dict[str, object] = {"title": "door", "unit": site.units["shop"], "urgent": False}
    calls: Mapping[str, tuple[str, str, object]] = {
        "create": ("POST", "/api/v1/r.visit/", values),
        "update": ("PUT", f"/api/v1/r.visit/{key}", {"title": "changed", "version": version}),
        "delete": ("DELETE", f"/api/v1/r.visit/{key}", None),
    }
    answer = visitor.json(*calls[step])
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)


def by_console(site: Site, step: str) -> None:
    visitor = site.visitor("root")
    key, _version = newest(site)
    values = {"title": "door", "unit": str(site.units["shop"]), "urgent": ""}
    base = "/console/tables/r__visit"
    calls = {
        "create": (f"{base}/new/", values),
        "update": (f"{base}/edit/?id={key}", values | {"title": "changed"}),
        "delete": (f"{base}/delete/", {"id": str(key)}),
    }
    answer = visitor.post(*calls[step])
    assert answer.status_code == 302, answer.get_data(as_text=True)


def by_interface(site: Site, step: str) -> None:
    """FAB's own four methods, as a FAB view would call them."""
    key, _version = newest(site)
    with site.app.test_request_context():
        g.actor = root_actor(site)
        here = served()
        model = here.models.classes["r.visit"]
        interface = PortalInterface(model, here, here.record("r.visit"))
        session = here.database.session()
        if step == "create":
            item = model()
            item.title, item.unit_id, item.urgent = "door", site.units["shop"], False  # type: ignore[attr-defined]
            interface.add(item)
            return
        item = session.get(model, key)
        if step == "update":
            item.title = "changed"  # type: ignore[union-attr]
            interface.edit(item)
        else:
            interface.delete_all([item])


DOORS: Mapping[str, Write] = {
    "page": by_page,
    "api": by_api,
    "console": by_console,
    "interface": by_interface,
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_leaves_the_same_entries(site: Site, door: str) -> None:
    """Create, update and delete: three entries with the same action, label and values."""
    before = len(entries(site))
    for step in ("create", "update", "delete"):
        DOORS[door](site, step)
    created, updated, deleted = entries(site)[before:]
    assert (created[0], created[1]) == ("create", "door")
    assert created[2]["title"] == "door" and created[2]["unit"] == site.units["shop"]
    assert re.fullmatch(r"JC-\d{4}-\d{4}", str(created[2]["number"]))
    assert updated == ("update", "changed", {"title": "changed"})
    assert (deleted[0], deleted[1]) == ("delete", "changed")


@pytest.mark.parametrize("door", ["page", "api", "console"])
def test_each_door_refuses_the_same(site: Site, door: str) -> None:
    """A title that is too long is refused everywhere, and nothing is stored."""
    visitor, before = site.visitor("root"), newest(site)
    long = "x" * 41
    values = {"title": long, "unit": str(site.units["shop"])}
    if door == "page":
        answer = visitor.post("/r/r.visit/add", values)
        assert answer.status_code == 422
    elif door == "api":
        answer = visitor.json("POST", "/api/v1/r.visit/", values)
        assert answer.status_code == 422
        assert set(answer.get_json()["errors"]) == {"title"}
    else:
        answer = visitor.post("/console/tables/r__visit/new/", values)
        assert answer.status_code == 200
    assert newest(site) == before
