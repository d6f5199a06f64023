"""What people do about clocks: give more time, order a step of late payment that waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.actions.extend_deadline import Asked, ExtensionRefused, extend_deadline
from app.actions.late_payment import order_late_step, waiting_step
from app.actions.late_steps import schedule_of
from app.actions.penalty_decisions import may_decide
from app.actions.records import load_for
from app.source import N_, PortalError
from app.storage import Record, RecordGone
from app.storage.deadlines import DEADLINE, deadline_row
from app.web.addresses import record_address
from app.web.clock_cards import ClockCard, card_of, record_of_clock
from app.web.context import action_context, served, session
from app.web.faults import fault_lines
from app.web.gate import needs
from app.web.languages import label

PENALTY = "penalty"


@dataclass(frozen=True, slots=True)
class LateChoice:
    """The step of late payment that waits for a decision; href: where it is ordered, empty for who may
    not."""

    text: str
    label: str
    href: str


class ClocksView(BaseView):
    """`/clocks/…`: forms about clocks. Who may is asked by the actions."""

    route_base = "/clocks"
    class_permission_name = "Home"
    default_view = "extend"

    @expose("/extend/<int:pk>", methods=["GET", "POST"])
    @needs("open")
    def extend(self, pk: int) -> ResponseReturnValue:
        """Ask how much more time is given, and why; give it."""
        context = action_context()
        load_for(context, DEADLINE, pk)
        row = deadline_row(context.session, context.models, pk)
        card = card_of(context, row) if row is not None else None
        if row is None or card is None:
            raise RecordGone(DEADLINE, pk)
        problem = ""
        if request.method == "POST":
            try:
                extend_deadline(context, pk, _asked())
            except ExtensionRefused as error:
                session().rollback()
                problem = error.message(_)
            else:
                flash(_("More time was given."), "success")
                return redirect(record_of_clock(row))
        return _form(card, record_of_clock(row), problem)

    @expose("/late/<int:pk>", methods=["POST"])
    @needs("open")
    def late(self, pk: int) -> ResponseReturnValue:
        """Order the step of late payment that waits."""
        try:
            order_late_step(action_context(), pk, request.form.get("reason", ""))
        except RecordGone:
            raise
        except PortalError as error:
            session().rollback()
            for line in fault_lines(error):
                flash(line, "danger")
        else:
            flash(_("It was ordered."), "success")
        return redirect(record_address(PENALTY, "show", pk, tab="clocks"))


def late_choice(stored: Record) -> LateChoice | None:
    """What waits for a decision on a penalty that was not paid in time."""
    context = action_context()
    step, schedule = waiting_step(context, stored), schedule_of(context, stored)
    if step is None or schedule is None:
        return None
    may = may_decide(context, stored).allowed
    href = f"{request.script_root}/clocks/late/{stored.id}" if may else ""
    name = label(str(schedule.sanction_label(step.sanction))) if step.sanction else _("the next step")
    return LateChoice(step.because.sentence(_), _("Order: %(step)s", step=name), href)


def install_clock_pages(app: Flask) -> None:
    app.extensions["appbuilder"].add_view_no_menu(ClocksView)


def _asked() -> Asked:
    """What the form says. Raises ExtensionRefused."""
    words, until = request.form.get("reason", ""), request.form.get("until", "").strip()
    if not until:
        return Asked(words, more=request.form.get("more", ""))
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise ExtensionRefused(N_("this is no moment")) from error
    zone = ZoneInfo(served().release.portal.settings.timezone)
    return Asked(words, moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _form(card: ClockCard, back: str, problem: str) -> ResponseReturnValue:
    page = render_template("records/extend.html", card=card, back=back, problem=problem, given=request.form)
    return page, 422 if problem else 200
