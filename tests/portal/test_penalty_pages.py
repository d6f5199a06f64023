"""Penalties behind a browser: who decides at each door, the timeline, reasons as JSON, appeals by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from app.access import SYSTEM, compile_policy
from app.actions.context import Context, transaction
from app.actions.penalties import PenaltyRequest, raise_penalties
from app.source import untranslated
from app.storage import Database
from app.storage.penalties import PenaltyRow, penalty_row
from tests.support.appeals import FILES
from tests.support.clients import Site, open_site

ROLES = """
    roles:
      hr:
        title: 人事
        can:
          unit: [read]
          person: [read]
          penalty: [read, update, decide, notify, pay, pay_part, withdraw]
          r.case: [read]
          r.appeal: [read]
      unit_head:
        title: 门店负责人
        can:
          person: [read]
          penalty: [read, update, decide, notify, withdraw]
          r.appeal: [read]
      employee:
        title: 员工
        can: {penalty: [read own], r.appeal: [create, read own, update own]}
      keeper: {can: {fund_entry: [create, read]}}
      chief: {can: {r.appeal: [read]}}
      gm: {can: {r.appeal: [read]}}
      reader: {can: {penalty: [read]}}
    """
HEARD = FILES["config/regimes/r/penalties.yaml"].replace("role.chief, role.gm", "role.unit_head, role.gm")
API = "/api/v1/penalty"


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The portal with tariffs and appeals; the cook belongs to the shop that the head leads."""
    appeals = FILES["config/regimes/r/appeals.yaml"].replace("role.chief", "role.unit_head")
    files: Mapping[str, str] = {
        **FILES,
        "config/roles.yaml": ROLES,
        "config/regimes/r/penalties.yaml": HEARD,
        "config/regimes/r/appeals.yaml": appeals,
    }
    return open_site(module_database, tmp_path_factory.mktemp("penalties"), files)


def context(site: Site) -> Context:
    """What the portal itself acts in."""
    return Context(
        release=site.release,
        policy=compile_policy(site.release),
        models=site.models,
        session=site.database.session(),
        actor=SYSTEM,
        now=datetime.now(UTC),
        translate=untranslated,
        instance=site.database.instance,
    )


def raised(site: Site, level: str, found_by: str = "own_check", schedule: str = "r.conduct") -> int:
    """A penalty of the cook's, proposed."""
    at = datetime.now(UTC) - timedelta(days=1)
    case = site.insert(
        "r.case", title="案", found_at=at, found_by=found_by, offender=site.people["cook"], state="open"
    )
    with transaction(acting := context(site)):
        request = PenaltyRequest(schedule, "r.case", case, level, site.people["cook"])
        return raise_penalties(acting, request)[0]


def stored(site: Site, ident: int) -> PenaltyRow:
    with site.database.reading() as session:
        found = penalty_row(session, site.models, ident)
    assert found is not None
    return found


def moved(site: Site, who: str, ident: int, name: str, **fields: object) -> int:
    """The status of a transition through the API."""
    return site.visitor(who).json("POST", f"{API}/{ident}/move/{name}", fields).status_code


def now_in_form() -> str:
    return (datetime.now(UTC) + timedelta(hours=8, minutes=1)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(("level", "who", "may"), [
    ("fault", "head", True), ("serious", "head", False), ("serious", "hr", True), ("fault", "hr", False),
    ("serious", "cook", False),
])  # fmt: skip
@pytest.mark.parametrize("door", ["page", "api"])
def test_who_decides_at_each_door(site: Site, door: str, level: str, who: str, may: bool) -> None:
    """A unit head cannot decide a serious fault: the page has no button, the form does nothing, the API
    refuses; by no door does the state change."""
    ident, visitor = raised(site, level), site.visitor(who)
    page = visitor.text(f"/r/penalty/show/{ident}")
    assert (f"/r/penalty/move/decide/{ident}" in page) is may
    if door == "page":
        posted = {"amount_due": "", "basis": "依据", "_version": "1"}
        if stored(site, ident).amount_due is not None:
            posted["amount_due"] = str(stored(site, ident).amount_due)
        visitor.post(f"/r/penalty/move/decide/{ident}", posted)
    else:
        answer = visitor.json("POST", f"{API}/{ident}/move/decide", {"basis": "依据"})
        assert answer.status_code == (200 if may else 422), answer.get_data(as_text=True)
    found = stored(site, ident)
    assert found.state == ("decided" if may else "proposed")
    assert found.decider_id == (site.people[who] if may else None)


@pytest.mark.parametrize("fields", [
    {"state": "decided"}, {"decider": 1}, {"amount_due": "1"}, {"level": "minor"}, {"person": 1},
    {"may_decide": "role.unit_head"}, {"refunded_amount": "10"},
])  # fmt: skip
def test_writing_the_fields_decides_nothing(site: Site, fields: dict[str, object]) -> None:
    """What a decision sets cannot be written by whoever may update penalties."""
    ident = raised(site, "serious")
    before = stored(site, ident)
    site.visitor("head").json("PUT", f"{API}/{ident}", fields)
    assert stored(site, ident) == before


def test_the_timeline(site: Site) -> None:
    """Every change with who, as whom, when and how much; the reader's language; links to the appeal."""
    ident = raised(site, "serious", "hr_patrol")
    assert moved(site, "hr", ident, "decide", basis="依据条例") == 200
    assert moved(site, "hr", ident, "notify", notified_at=now_in_form()) == 200
    cook = site.visitor("cook")
    made = cook.json("POST", "/api/v1/r.appeal/", {"decision": ident}).get_json()["id"]
    assert cook.json("POST", f"/api/v1/r.appeal/{made}/move/file", {}).status_code == 200
    assert "answer" not in site.visitor("hr").text(f"/r/r.appeal/show/{made}").split("state-line")[-1][:400]
    answer = {"result": "correct", "level": "fault", "answer": "情节较轻"}
    refused = site.visitor("hr").json("POST", f"/api/v1/r.appeal/{made}/move/answer", answer)
    assert refused.status_code == 422 and stored(site, ident).level == "serious"
    heard = site.visitor("head").json("POST", f"/api/v1/r.appeal/{made}/move/answer", answer)
    assert heard.status_code == 200, heard.get_data(as_text=True)
    page = site.visitor("cook").text(f"/r/penalty/show/{ident}?tab=course")
    for words in (
        "情节较轻",
        "依据条例",
        "hr-person (人事)",
        "head-person (门店负责人)",
        f"/r/r.appeal/show/{made}",
    ):
        assert words in page
    assert page.index("依据条例") < page.index("情节较轻")


def test_json_has_the_same_tree_as_the_page(site: Site) -> None:
    """Each sentence of the JSON stands on the page; the history ends with what is due."""
    ident = raised(site, "serious", "hr_patrol")
    moved(site, "hr", ident, "decide", basis="依据")
    visitor = site.visitor("hr")
    told = visitor.json("GET", f"{API}/{ident}/reasons").get_json()["result"]
    page = unescape(visitor.text(f"/r/penalty/show/{ident}?tab=reasons"))
    for reason in told["because"]:
        assert reason["text"] in page and f"{reason['file']}:{reason['line']}" in page
    assert [one["kind"] for one in told["history"]] == ["proposed", "decided"]
    last = told["history"][-1]
    assert (last["new_amount"], last["state"], last["by"]) == ("200.00", "decided", "hr-person")
    assert told["contest"]


def test_counted_penalties_are_links(site: Site) -> None:
    """The reason of a repeated fault leads to each earlier penalty, for those who may read it."""
    first, second = (raised(site, "minor", schedule="r.repeated") for _ in range(2))
    third = raised(site, "minor", schedule="r.repeated")
    page = site.visitor("hr").text(f"/r/penalty/show/{third}?tab=reasons")
    assert f'href="/r/penalty/show/{first}"' in page and f'href="/r/penalty/show/{second}"' in page


def test_reasons_and_timeline_are_for_those_who_may_read(site: Site) -> None:
    """Another employee finds neither the page nor the JSON."""
    ident = raised(site, "fault")
    rival = site.visitor("rival")
    assert rival.get(f"/r/penalty/show/{ident}?tab=course").status_code == 404
    assert rival.json("GET", f"{API}/{ident}/reasons").status_code == 404
    assert rival.json("POST", f"{API}/{ident}/move/decide", {}).status_code in (404, 422)
    assert stored(site, ident).state == "proposed"


def test_an_unknown_transition_is_refused(site: Site) -> None:
    """Words, not an error of ours."""
    ident = raised(site, "fault")
    answer = site.visitor("hr").json("POST", f"{API}/{ident}/move/vanish", {})
    assert answer.status_code == 422 and "vanish" in answer.get_json()["message"]
    assert site.visitor("hr").json("POST", f"{API}/{ident}/move/decide", [1]).status_code == 400
