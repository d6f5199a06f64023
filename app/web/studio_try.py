"""`/studio/<revision>/try…`: cases, checklists, times, forms, examples judged by a draft. Nothing is written.

What is filled in for a case or a time stands in the address; answers and entries are posted.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app import rules
from app.actions.revisions import REVISION
from app.rules.service_levels import compile_service_level
from app.web.context import now, served
from app.web.gate import needs
from app.web.picking import LONGEST, MOST, field_at
from app.web.studio_drafted import Drafted, chosen_of, draft_release, offered, read_drafted
from app.web.studio_links import studio_address
from app.web.studio_try_checklist import trial_page, trial_score
from app.web.studio_try_examples import example_sets
from app.web.studio_try_fields import LONGEST as LONGEST_FACT
from app.web.studio_try_level import level_due, level_form
from app.web.studio_try_penalty import LEVEL, penalty_fields, penalty_verdict
from app.web.studio_try_record import pick_results, trial_form

MOST_PAUSES, MOST_SENT = 20, 100_000
ROWS = 300
"""Examples of one declaration that are listed."""


class StudioTryView(BaseView):  # type: ignore[misc,unused-ignore]
    """Trying a draft."""

    route_base = "/studio"
    class_permission_name = REVISION
    default_view = "show"

    @expose("/<int:pk>/try")
    @needs("read")
    def show(self, pk: int) -> ResponseReturnValue:
        """Choose a penalty schedule, fill in a case, see what it costs."""
        drafted = read_drafted(pk)
        portal = drafted.portal
        if portal is None:
            return _page("try", drafted)
        name = chosen_of(portal.penalty_schedules, request.args.get("schedule", ""))
        given = _given()
        asked = bool(name) and LEVEL in request.args
        fields = (
            penalty_fields(portal, rules.compile_schedule(portal, portal.penalty_schedules[name]), given)
            if name
            else ()
        )
        return _page(
            "try",
            drafted,
            offers=offered(portal.penalty_schedules, portal),
            chosen=name,
            fields=fields,
            draft=penalty_verdict(portal, name, given, now()) if asked else None,
            live=penalty_verdict(served().release.portal, name, given, now()) if asked else None,
        )

    @expose("/<int:pk>/try/checklist", methods=["GET", "POST"])
    @needs("read")
    def checklist(self, pk: int) -> ResponseReturnValue:
        """Choose a checklist, answer it, see score, grade and findings."""
        drafted = read_drafted(pk)
        portal = drafted.portal
        if portal is None:
            return _page("try_checklist", drafted)
        listed = {name: one for name, one in portal.checklists.items() if one.sections}
        name = chosen_of(listed, request.args.get("name", ""))
        asked = bool(name) and request.method == "POST"
        sent = _posted() if asked else {}
        release = draft_release(drafted).release
        draft, errors = trial_score(release, name, sent, now()) if asked else (None, {})
        live = trial_score(served().release, name, sent, now())[0] if asked else None
        return _page(
            "try_checklist",
            drafted,
            offers=offered(listed, portal),
            chosen=name,
            run=trial_page(release, listed[name], sent, pk, errors) if name else None,
            draft=draft,
            live=live,
        )

    @expose("/<int:pk>/try/level")
    @needs("read")
    def level(self, pk: int) -> ResponseReturnValue:
        """Choose a service level, tell a record, see when it is due and why."""
        drafted = read_drafted(pk)
        portal = drafted.portal
        if portal is None:
            return _page("try_level", drafted)
        name = chosen_of(portal.service_levels, request.args.get("name", ""))
        given, pauses = _given("f."), _pauses()
        asked = bool(name) and "asked" in request.args
        form = (
            level_form(portal, compile_service_level(portal, portal.service_levels[name]), given, pauses)
            if name
            else None
        )
        return _page(
            "try_level",
            drafted,
            offers=offered(portal.service_levels, portal),
            chosen=name,
            form=form,
            draft=level_due(portal, name, given, pauses) if asked else None,
            live=level_due(served().release.portal, name, given, pauses) if asked else None,
        )

    @expose("/<int:pk>/try/record", methods=["GET", "POST"])
    @needs("read")
    def record(self, pk: int) -> ResponseReturnValue:
        """Choose a record type, fill in its form, see what would be refused or stored."""
        drafted = read_drafted(pk)
        if drafted.portal is None:
            return _page("try_record", drafted)
        draft = draft_release(drafted)
        listed = {
            name: one.spec
            for name, one in draft.release.records.items()
            if not one.spec.is_kernel and one.fields
        }
        name = chosen_of(listed, request.args.get("name", ""))
        form = trial_form(draft, draft.release.records[name], pk) if name else None
        offers = offered(listed, drafted.portal)
        status = 422 if form is not None and form.errors else 200
        return _page("try_record", drafted, offers=offers, chosen=name, form=form), status

    @expose("/<int:pk>/try/pick/<string:record_type>/<string:path>")
    @needs("read")
    def pick(self, pk: int, record_type: str, path: str) -> ResponseReturnValue:
        """What a picker of a tried form finds: JSON, as the picker of a record's form."""
        drafted = read_drafted(pk)
        record = draft_release(drafted).release.records.get(record_type)
        field = field_at(record, path) if record is not None else None
        if field is None or field.target is None:
            abort(404)
        found = pick_results(field, request.args.get("q", "")[:LONGEST])
        results = [{"id": key, "text": text} for key, text in found[:MOST]]
        return jsonify(results=results, more=len(found) > MOST)

    @expose("/<int:pk>/try/examples")
    @needs("read")
    def examples(self, pk: int) -> ResponseReturnValue:
        """The draft's own examples: given, expected, and what comes out."""
        drafted = read_drafted(pk)
        portal = drafted.portal
        sets = example_sets(drafted.configuration, portal, pk) if portal is not None else ()
        name = chosen_of((one.name for one in sets), request.args.get("name", ""))
        return _page(
            "try_examples",
            drafted,
            sets=sets,
            chosen=name,
            shown=[one for one in sets if one.name == name] or [one for one in sets if one.failed],
            passed=sum(one.passed for one in sets),
            failed=sum(one.failed for one in sets),
            most=ROWS,
        )


def _page(template: str, drafted: Drafted, **more: object) -> str:
    pages = (
        ("try", _("Penalties"), "try"),
        ("try_checklist", _("Checklists"), "try/checklist"),
        ("try_level", _("Service levels"), "try/level"),
        ("try_record", _("Forms"), "try/record"),
        ("try_examples", _("Examples"), "try/examples"),
    )
    tabs = [(title, studio_address(drafted.id, page), name == template) for name, title, page in pages]
    sound = drafted.portal is not None
    return render_template(
        f"studio/{template}.html", id=drafted.id, label=drafted.label, sound=sound, tabs=tabs, **more
    )


def _given(prefix: str = "") -> Mapping[str, str]:
    """What the address tells, empty values left out."""
    texts = ((name, value.strip()[:LONGEST_FACT]) for name, value in request.args.items())
    found = {name.removeprefix(prefix): text for name, text in texts if text and name.startswith(prefix)}
    return {name: text for name, text in found.items() if prefix or name != "schedule"}


def _pauses() -> list[tuple[str, str]]:
    """The rows of pauses that have both ends."""
    rows = zip(request.args.getlist("begin"), request.args.getlist("end"), strict=False)
    return [
        (begin.strip()[:LONGEST_FACT], end.strip()[:LONGEST_FACT])
        for begin, end in rows
        if begin.strip() or end.strip()
    ][:MOST_PAUSES]


def _posted() -> dict[str, str]:
    return {name: value.strip()[:LONGEST_FACT] for name, value in list(request.form.items())[:MOST_SENT]}
