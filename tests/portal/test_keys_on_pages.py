"""Keys of record types, fields and transitions that only pages serve: each makes a difference."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

import pytest
import sqlalchemy as sa

from app.storage import Database
from tests.support.clients import Site, open_site

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验, languages: [zh_Hans, en], timezone: Asia/Shanghai, regimes: [r]}
        roles:
          hr:
            can:
              r.guest: [create, read, update, export, settle, tidy]
              r.file: [create, read, update, export]
              r.room: [create, read, update]
              r.plain: [create, read]
        """,
    "config/regimes/r/records.yaml": """
        workflows:
          guest:
            start: staying
            states: {staying: {title: 在住, tone: info}, left: {title: 已离店, tone: success, final: true}}
            transitions:
              settle: {title: 结账, from: staying, to: left, confirm: 押金退了吗？, tone: danger}
              tidy: {title: 整理, from: staying, to: staying}
        records:
          room: {title: 客房, label: "{no}", fields: {no: {type: text, title: 房号, required: true}}}
          guest:
            title: 住宿登记
            group: 前台业务
            icon: house-door
            help: 入住时当面登记
            label: "{name}"
            workflow: guest
            fields:
              name: {type: text, title: 客人, required: true, help: 按证件填写}
              room: {type: link, to: room, title: 房间, quick_add: true}
              old_room: {type: link, to: room, title: 原房间}
              card: {type: text, title: 卡号, log_access: true}
              voucher: {type: file, title: 凭证, accept: [pdf], max_size: 1 KB}
              rate: {type: decimal, title: 房价率, places: 3, unit: 成}
              late: {type: boolean, title: 延期, default: false}
              fee: {type: money, title: 半日费}
            form:
              - {group: 登记, fields: [name, room, old_room, card, voucher, rate, late]}
              - {group: 延期费用, fields: [fee], show: late}
            list: {columns: [name, rate], search: [name], page_size: 5, order: -name}
          file:
            title: 保密档案
            confidential: true
            label: "{name}"
            fields: {name: {type: text, title: 名称}}
            list: {columns: [name]}
          plain: {title: 便笺, label: "{name}", fields: {name: {type: text, title: 名称}}}
        """,
}
GUEST = "r.guest"


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Seven guests, the second of whom leaves late; a confidential file and a plain note."""
    opened = open_site(module_database, tmp_path_factory.mktemp("keys"), FILES)
    for number in range(1, 8):
        opened.insert(
            GUEST,
            name=f"Guest {number}",
            card="6222-0001",
            rate=Decimal("0.75"),
            fee=50,
            state="staying",
            late=number == 2,
        )
    opened.insert("r.file", name="Top")
    opened.insert("r.plain", name="Note")
    return opened


def told(site: Site, record_type: str, pk: int | None = None) -> int:
    """How often the audit trail says that somebody read it."""
    table = site.models.tables["audit_entry"]
    where = [table.c.record_type == record_type, table.c.action == "read"]
    if pk is not None:
        where.append(table.c.record_id == pk)
    with site.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def test_the_menu_has_group_and_icon(site: Site) -> None:
    """The heading that the type stands under, and its icon before its title."""
    page = site.visitor("hr").text("/")
    assert "前台业务" in page
    assert re.search(r"house-door.{0,200}住宿登记", page, re.DOTALL)


def test_help_stands_on_the_form(site: Site) -> None:
    """That of the type above it, that of a field beside its entry."""
    page = site.visitor("hr").text(f"/r/{GUEST}/add")
    assert "入住时当面登记" in page and "按证件填写" in page


def test_a_missing_record_is_added_where_the_field_offers_it(site: Site) -> None:
    """`quick_add` leads to a new room; the other link does not."""
    page = site.visitor("hr").text(f"/r/{GUEST}/add")
    assert page.count('href="/r/r.room/add"') == page.count('id="room') >= 1 or 'href="/r/r.room/add"' in page
    assert len(re.findall(r'class="form-text" href="/r/r\.room/add', page)) == 1


def test_a_question_is_asked_before_the_transition(site: Site) -> None:
    """`confirm`: without a yes nothing happens; a transition without one is made at once."""
    hr = site.visitor("hr")
    key = site.insert(GUEST, name="Dora", state="staying")
    answer = hr.post(f"/r/{GUEST}/move/settle/{key}")
    assert answer.status_code == 200 and "押金退了吗？" in answer.get_data(as_text=True)
    table = site.models.tables[GUEST]
    state = sa.select(table.c.state).where(table.c.id == key)
    assert site.scalar(state) == "staying"
    assert hr.post(f"/r/{GUEST}/move/tidy/{key}").status_code == 302
    assert hr.post(f"/r/{GUEST}/move/settle/{key}", {"_confirmed": "1"}).status_code == 302
    assert site.scalar(state) == "left"


def test_tones_are_shown(site: Site) -> None:
    """The colour of a state and of a transition."""
    page = site.visitor("hr").text(f"/r/{GUEST}/show/1")
    assert re.search(r"(tag|badge)-info[^>]*>[^<]*在住", page)
    assert re.search(r"danger[^>]*>\s*[^<]*结账", page)


def test_a_group_is_shown_under_its_condition(site: Site) -> None:
    """The group of fees stands on the page of whom it concerns, whether it holds anything yet or not."""
    hr = site.visitor("hr")
    assert "延期费用" not in hr.text(f"/r/{GUEST}/show/1")
    assert "延期费用" in hr.text(f"/r/{GUEST}/show/2")
    empty = site.insert(GUEST, name="Fritz", late=True, state="staying")
    assert "延期费用" in hr.text(f"/r/{GUEST}/show/{empty}")


def test_a_list_has_its_order_size_and_places(site: Site) -> None:
    """Five rows a page, falling by name, figures with three places and their unit."""
    page = site.visitor("hr").text(f"/r/{GUEST}/list/?q=Guest")
    names = re.findall(r"Guest (\d)", page)
    assert list(dict.fromkeys(names)) == ["7", "6", "5", "4", "3"]
    assert "0.750 成" in page


def test_files_are_those_that_the_field_takes(site: Site) -> None:
    """`accept` and `max_size` are kept by the server."""
    hr = site.visitor("hr")

    def upload(name: str, data: bytes) -> int:
        sent = {"name": "Ella", "voucher": (BytesIO(data), name)}
        return hr.post(f"/r/{GUEST}/add", sent, content_type="multipart/form-data").status_code

    pdf = b"%PDF-1.4\n%%EOF\n"
    assert upload("a.txt", b"words") == 422
    assert upload("a.pdf", pdf + b"%" * 2000) == 422
    assert upload("a.pdf", pdf) == 302


@pytest.mark.parametrize(("record_type", "pk"), [(GUEST, 1), ("r.file", 1)], ids=["field", "record type"])
@pytest.mark.parametrize("path", ["/r/{t}/show/{k}", "/r/{t}/edit/{k}", "/api/v1/{t}/{k}"])
def test_looking_at_it_is_written_down(site: Site, path: str, record_type: str, pk: int) -> None:
    """Whichever way the values are shown: `log_access` of a field, `confidential` of a record type."""
    before = told(site, record_type, pk)
    assert site.visitor("hr").get(path.format(t=record_type, k=pk)).status_code == 200
    assert told(site, record_type, pk) == before + 1


def test_looking_at_others_is_not(site: Site) -> None:
    """A type that asks for nothing leaves no trace of readers."""
    site.visitor("hr").text("/r/r.plain/show/1")
    assert told(site, "r.plain") == 0
