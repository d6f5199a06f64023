"""`/studio/<revision>/try`: a case judged by a draft, beside what the release in service says of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app import rules
from app.actions.checked import checked
from app.actions.revisions import REVISION, read_revision
from app.expressions.types import BOOLEAN
from app.rules.schedules import party_label
from app.rules.values import figure, money
from app.rules.worded import case_in_words
from app.spec.portal import Portal
from app.web.context import action_context, now, served
from app.web.gate import needs
from app.web.languages import label
from app.web.reasons import Step, steps_of

LONGEST_FACT = 500


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact to fill in; `options` are those of a choice, empty where it is typed."""

    name: str
    label: str
    value: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What one person would be charged, and why."""

    who: str
    what: str
    because: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result under one configuration, or the reasons why there is none."""

    mistakes: tuple[str, ...] = ()
    level: str = ""
    charges: tuple[Charge, ...] = ()
    exempt: tuple[Step, ...] | None = None
    besides: tuple[Step, ...] = ()


class StudioTryView(BaseView):  # type: ignore[misc,unused-ignore]
    """Trying a draft."""

    route_base = "/studio"
    class_permission_name = REVISION
    default_view = "show"

    @expose("/<int:pk>/try")
    @needs("read")
    def show(self, pk: int) -> ResponseReturnValue:
        """Choose a penalty schedule, fill in a case, see what it costs. Nothing is written."""
        context = action_context()
        found = read_revision(context, pk)
        portal = checked(context, found.files).portal
        name = request.args.get("schedule", "")
        schedules = portal.penalty_schedules if portal is not None else {}
        if portal is not None and name and name not in schedules:
            abort(404)
        chosen = rules.compile_schedule(portal, schedules[name]) if portal is not None and name else None
        asked = "level" in request.args
        return render_template(
            "studio/try.html",
            id=pk,
            label=found.record.label,
            sound=portal is not None,
            schedules=[(full, label(one.label)) for full, one in schedules.items()],
            chosen=name,
            fields=_fields(chosen) if chosen is not None else (),
            draft=_verdict(portal, name) if asked and portal is not None else None,
            live=_verdict(served().release.portal, name) if asked else None,
        )


def _fields(schedule: rules.CompiledSchedule) -> tuple[FactField, ...]:
    """The level, the facts, how many penalties came before, and a set amount."""
    levels = tuple((name, label(one.label)) for name, one in schedule.levels.items())
    found = [FactField("level", _("Level"), _given("level"), True, levels)]
    switch = (("true", _("Yes")), ("false", _("No")))
    for name, fact in schedule.facts.items():
        options = tuple((key, label(words)) for key, words in schedule.options.get(name, {}).items())
        if fact.type == BOOLEAN:
            options = switch
        words = label(schedule.labels.get(name, name))
        found.append(FactField(name, words, _given(name), fact.required, options))
    found.append(FactField("earlier", _("Earlier penalties"), _given("earlier"), False))
    found.append(FactField("amount", _("Amount set by the decider"), _given("amount"), False))
    return tuple(found)


def _given(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST_FACT]


def _verdict(portal: Portal, name: str) -> Verdict:
    """What a configuration says of the case that the address tells."""
    spec = portal.penalty_schedules.get(name)
    if spec is None:
        return Verdict((_("This schedule is not in the release in service."),))
    schedule = rules.compile_schedule(portal, spec)
    known = {*schedule.facts, "level", "earlier", "amount"}
    given = {key: _given(key) for key in known if _given(key)}
    try:
        result = rules.assess(schedule, case_in_words(schedule, dict(given), now()))
    except rules.CaseError as error:
        return Verdict(tuple(one.message(_) for one in error.mistakes))
    charges = tuple(
        Charge(label(party_label(portal, spec.regime, one.to)), _charge(one), steps_of(one.because))
        for one in result.penalties
    )
    return Verdict(
        level=label(schedule.levels[result.level].label),
        charges=charges,
        exempt=steps_of(result.exempt.because) if result.exempt is not None else None,
        besides=steps_of(result.because),
    )


def _charge(penalty: rules.Penalty) -> str:
    if penalty.points is not None and penalty.amount is None:
        return str(_("{points} points")).format(points=figure(penalty.points))
    if penalty.amount is not None:
        return f"{money(penalty.amount)} {penalty.currency}"
    return str(_("amount not set; the decider sets it") if penalty.amount_asked else _("no money"))
