"""`/fund/`: the accounts of the funds: what there is, month by month, what is still owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.access import decide
from app.actions.fund_account import FundAccount, MonthOfFund, Owed, fund_account, sees_funds
from app.actions.fund_rules import FUND_ENTRY, OPPOSITE, is_keeper, served_funds
from app.actions.offered_data_reports import offered_to, types_of
from app.storage import Record
from app.storage.fund import correction_of
from app.web.addresses import record_address
from app.web.context import action_context, actor, served, session, style
from app.web.display import show_moment, show_value
from app.web.figures import write_money
from app.web.gate import needs
from app.web.languages import label

MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Link:
    """Something to open."""

    label: str
    href: str
    icon: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its words."""

    figure: str
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month in words; `href` lists its entries."""

    month: str
    before: str
    came_in: str
    went_out: str
    after: str
    href: str


@dataclass(frozen=True, slots=True)
class OwedRow:
    """One penalty that is owed, in words."""

    number: str
    href: str
    person: str
    state: str
    since: str
    due: str
    paid: str
    open: str


@dataclass(frozen=True, slots=True)
class FundPage:
    """Everything on the page of one fund."""

    title: str
    funds: tuple[Link, ...]
    tiles: tuple[Tile, ...]
    actions: tuple[Link, ...]
    purposes: str
    months: tuple[MonthRow, ...]
    owed: tuple[OwedRow, ...] | None
    owed_more: str
    entries_href: str


class FundView(BaseView):  # type: ignore[misc,unused-ignore]
    """The pages; who may see an account is asked in `fund_account`."""

    route_base = "/fund"
    class_permission_name = FUND_ENTRY
    default_view = "index"

    @expose("/")
    @needs("read")
    def index(self) -> ResponseReturnValue:
        """The first fund; the others are reached from its page."""
        context = action_context()
        names = list(served_funds(context))
        if not names or not sees_funds(context):
            return redirect(record_address(FUND_ENTRY, "list"))
        return redirect(url_for("FundView.show", name=names[0]))

    @expose("/<string:name>")
    @needs("read")
    def show(self, name: str) -> ResponseReturnValue:
        return render_template("records/fund.html", fund=_page(fund_account(action_context(), name)))


def correction_address(entry: Record) -> str:
    """Where an entry is corrected: the form of a new one, filled in. Empty where it cannot be corrected, or
    not by the actor."""
    context, values = action_context(), entry.values
    fund = served_funds(context).get(str(values.get("fund")))
    enters = decide(context.policy, context.actor, "create", FUND_ENTRY).allowed
    if fund is None or not enters or not is_keeper(context, fund, context.actor):
        return ""
    if values.get("kind") == "correction" or correction_of(session(), context.models, entry.id) is not None:
        return ""
    turned = OPPOSITE.get(str(values.get("direction")), "")
    filled = {"fund": fund.name, "direction": turned, "amount": values.get("amount"), "corrects": entry.id}
    return record_address(FUND_ENTRY, "add", None, **filled)


def _page(account: FundAccount) -> FundPage:
    fund, months = account.fund, account.months
    newest = months[0] if months else None
    return FundPage(
        title=label(fund.title),
        funds=tuple(
            Link(label(one.title), url_for("FundView.show", name=name), primary=name == fund.name)
            for name, one in served_funds(action_context()).items()
        ),
        tiles=_tiles(account, newest),
        actions=_actions(account),
        purposes=_(", ").join(label(one) for one in fund.purposes),
        months=tuple(_month(fund.name, one) for one in months[:MOST_MONTHS]),
        owed=tuple(_owed(one) for one in account.owed) if account.owed is not None else None,
        owed_more=_("and %(n)s more", n=account.owed_count - len(account.owed or ()))
        if account.owed_count > len(account.owed or ())
        else "",
        entries_href=record_address(FUND_ENTRY, "list", None, **{"f.fund": fund.name}),
    )


def _tiles(account: FundAccount, newest: MonthOfFund | None) -> tuple[Tile, ...]:
    tiles = [Tile(_money(account.balance), _("Balance"))]
    if newest is not None:
        month = newest.month.strftime("%Y-%m")
        tiles.append(Tile(_money(newest.sums.came_in), _("Came in, %(month)s", month=month)))
        tiles.append(Tile(_money(newest.sums.went_out), _("Went out, %(month)s", month=month)))
    if account.owed is not None:
        tiles.append(Tile(_money(account.owed_sum), _("Still owed (%(n)s)", n=account.owed_count)))
    return tuple(tiles)


def _actions(account: FundAccount) -> tuple[Link, ...]:
    """What may be entered, and the reports about funds."""
    name, here = account.fund.name, served()
    found = []
    for report in offered_to(here.release, here.policy, actor(), "period"):
        if any(one.name == FUND_ENTRY for one in types_of(here.release, report)):
            href = url_for("ReportsView.show", name=report.full_name)
            found.append(Link(label(report.label), href, "file-earmark-bar-graph"))
    if account.may_open:
        href = record_address(FUND_ENTRY, "add", None, fund=name, direction="in")
        found.append(Link(_("Opening balance"), href, "flag"))
    if account.may_enter:
        href = record_address(FUND_ENTRY, "add", None, fund=name, direction="out")
        found.append(Link(_("Enter spending"), href, "plus-lg", primary=True))
    return tuple(found)


def _month(fund: str, one: MonthOfFund) -> MonthRow:
    first = one.month
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    asked = {"f.fund": fund, "f.entered_on.from": first.isoformat(), "f.entered_on.to": last.isoformat()}
    return MonthRow(
        first.strftime("%Y-%m"),
        _money(one.before),
        _money(one.sums.came_in),
        _money(one.sums.went_out),
        _money(one.after),
        record_address(FUND_ENTRY, "list", None, **asked),
    )


def _owed(one: Owed) -> OwedRow:
    state = served().record("penalty").columns["state"]
    since: Any = one.since
    return OwedRow(
        one.number,
        record_address("penalty", "show", one.penalty_id),
        one.person,
        show_value(state, one.state, style()).text,
        show_moment(since, style()) if since else "",
        _money(one.due),
        _money(one.paid) if one.paid else "",
        _money(one.open),
    )


def _money(amount: Decimal) -> str:
    how = style()
    return write_money(amount, how.currency, how.locale)
