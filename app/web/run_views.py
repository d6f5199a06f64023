"""Answering checklists: `/run/<record type>/<id>/<field>/…`, its draft and its photos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access import AccessDenied
from app.actions.attach_file import UploadRefused, attach_file
from app.actions.checklists import (
    ChecklistRefused,
    GivenAnswer,
    OpenRun,
    offered_lists,
    open_run,
    submit_checklist,
)
from app.actions.drafts import read_draft, save_draft
from app.actions.errors import InvalidRecord
from app.reports.errors import ImageRejected
from app.rules.answers import NOT_APPLICABLE
from app.storage import RecordGone, StaleRecord
from app.storage.checklist_runs import RunPlace, run_attachments
from app.web.addresses import record_address
from app.web.context import action_context, actor, served, session
from app.web.gate import needs
from app.web.languages import label
from app.web.run_page import Given, KeptPhoto, kept_photos, run_page
from app.web.sent_numbers import sent_number, sent_numbers

MOST_PHOTOS = 20
"""Photos of one item."""


class ChecklistRunView(BaseView):
    """Whether somebody may answer a checklist is asked of the record it belongs to, in `open_run`."""

    route_base = "/run"
    default_view = "choose"
    class_permission_name = "Home"

    @expose("/<string:record_type>/<int:record_id>/<string:field>")
    @needs("read")
    def choose(self, record_type: str, record_id: int, field: str) -> ResponseReturnValue:
        """The lists that may be run here; goes straight to the only one, or to the one already begun."""
        place = RunPlace(record_type, record_id, field)
        lists = offered_lists(action_context(), place)
        if not lists:
            abort(404)
        names = [*lists]
        begun = read_draft(action_context(), place)
        kept = str(begun.payload.get("checklist", "")) if begun is not None else ""
        chosen = kept if kept in names else names[0] if len(names) == 1 else ""
        if chosen:
            return redirect(url_for("ChecklistRunView.run", checklist=chosen, **_where(place)))
        options = [
            {
                "href": url_for("ChecklistRunView.run", checklist=name, **_where(place)),
                "title": label(lists[name].label),
                "help": label(lists[name].help),
                "count": sum(len(section.items) for section in lists[name].sections),
            }
            for name in names
        ]
        return render_template("checklist/choose.html", options=options, back=_back(place))

    @expose(
        "/<string:record_type>/<int:record_id>/<string:field>/<string:checklist>", methods=["GET", "POST"]
    )
    @needs("read")
    def run(self, record_type: str, record_id: int, field: str, checklist: str) -> ResponseReturnValue:
        place = RunPlace(record_type, record_id, field)
        if request.method == "POST":
            return self._take(place, checklist)
        run = _opened(place, checklist)
        if not isinstance(run, OpenRun):
            return run
        draft = read_draft(action_context(), place)
        payload = draft.payload if draft is not None and draft.payload.get("checklist") == checklist else {}
        given = _from_draft(payload, place)
        saved_at = draft.saved_at.isoformat() if draft is not None and payload else None
        page = run_page(run, place, actor().person_id, given, saved_at, {})
        return render_template("checklist/run.html", run=page)

    @expose("/<string:record_type>/<int:record_id>/<string:field>/<string:checklist>/draft", methods=["POST"])
    @needs("read")
    def draft(self, record_type: str, record_id: int, field: str, checklist: str) -> ResponseReturnValue:
        """Keeps the answers given so far: JSON in, the moment of keeping out."""
        place = RunPlace(record_type, record_id, field)
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict) or not isinstance(sent.get("answers"), dict):
            return jsonify(message=_("The draft could not be read.")), 400
        try:
            payload = {"checklist": checklist, "answers": sent["answers"]}
            saved_at = save_draft(action_context(), place, checklist, payload)
        except (AccessDenied, ChecklistRefused, RecordGone) as error:
            return jsonify(message=error.message(_)), 409
        return jsonify(saved_at=saved_at.isoformat())

    @expose("/<string:record_type>/<int:record_id>/<string:field>/<string:checklist>/photo", methods=["POST"])
    @needs("read")
    def photo(self, record_type: str, record_id: int, field: str, checklist: str) -> ResponseReturnValue:
        """Takes one photo as it is made; it belongs to nobody until the list is submitted."""
        place = RunPlace(record_type, record_id, field)
        sent = request.files.get("file")
        if sent is None:
            return jsonify(message=_("No photo was sent.")), 422
        context = action_context()
        try:
            open_run(context, place, checklist)
            ident = attach_file(context, sent.filename or "photo.jpg", sent.read(), photo=True)
        except (UploadRefused, ImageRejected) as error:
            return jsonify(message=error.message(_)), 422
        except (AccessDenied, ChecklistRefused, RecordGone) as error:
            return jsonify(message=error.message(_)), 409
        return jsonify(id=ident, thumbnail=_thumbnail(place, ident))

    def _take(self, place: RunPlace, checklist: str) -> ResponseReturnValue:
        """What a form sends: submits the list, or keeps it as a draft."""
        run = _opened(place, checklist)
        if not isinstance(run, OpenRun):
            return run
        answers, refused = _posted(run)
        context = action_context()
        if request.form.get("then") == "draft":
            save_draft(context, place, checklist, {"checklist": checklist, "answers": _as_draft(answers)})
            flash(_("The draft is kept."), "success")
            return redirect(_back(place))
        version = sent_number(request.form.get("version", ""))
        try:
            if refused:
                raise InvalidRecord(refused)
            done = submit_checklist(context, place, checklist, answers, version)
        except InvalidRecord as error:
            given = _from_draft({"answers": _as_draft(answers)}, place)
            page = run_page(run, place, actor().person_id, given, None, error.errors)
            return render_template("checklist/run.html", run=page), 422
        except StaleRecord as error:
            flash(error.message(_) + " " + _("Your answers are still here; submit again."), "warning")
            save_draft(context, place, checklist, {"checklist": checklist, "answers": _as_draft(answers)})
            return redirect(request.url)
        count = len(done.findings)
        words = ngettext("%(num)s finding was made.", "%(num)s findings were made.", count)
        flash(_("The checklist is submitted.") + (f" {words}" if count else ""), "success")
        return redirect(_back(place))


def _thumbnail(place: RunPlace, ident: int) -> str:
    """The small picture of a photo that was just taken; empty where none could be made."""
    kept = kept_photos(run_attachments(session(), served().models, place, (ident,)))
    return next((one.thumbnail for photos in kept.values() for one in photos if one.id == ident), "")


def _opened(place: RunPlace, checklist: str) -> OpenRun | ResponseReturnValue:
    """The run, or where to send somebody who cannot run it (any more)."""
    try:
        return open_run(action_context(), place, checklist)
    except RecordGone:
        abort(404)
    except AccessDenied:
        abort(403)
    except ChecklistRefused as error:
        flash(error.message(_), "warning")
        return redirect(_back(place))


def _where(place: RunPlace) -> dict[str, Any]:
    return {"record_type": place.record_type, "record_id": place.record_id, "field": place.field}


def _back(place: RunPlace) -> str:
    return record_address(place.record_type, "show", place.record_id)


def _posted(run: OpenRun) -> tuple[dict[str, GivenAnswer], dict[str, tuple[str, ...]]]:
    """The answers of the form; photos sent with it are stored. And what was wrong with photos, by item."""
    context = action_context()
    answers: dict[str, GivenAnswer] = {}
    refused: dict[str, tuple[str, ...]] = {}
    for item in run.checklist.items:
        ids = sent_numbers(request.form.getlist(f"photo_id.{item}"))
        for sent in request.files.getlist(f"photo.{item}")[:MOST_PHOTOS]:
            if not sent.filename:
                continue
            try:
                ids.append(attach_file(context, sent.filename, sent.read(), photo=True))
            except (UploadRefused, ImageRejected) as error:
                refused[item] = (*refused.get(item, ()), error.message(_))
        value = request.form.get(f"answer.{item}", "").strip()
        answers[item] = GivenAnswer(
            value=None if value in NOT_APPLICABLE or not value else value,
            not_applicable=value in NOT_APPLICABLE or f"na.{item}" in request.form,
            remark=request.form.get(f"remark.{item}", "").strip(),
            photos=tuple(ids[:MOST_PHOTOS]),
        )
    return answers, refused


def _as_draft(answers: Mapping[str, GivenAnswer]) -> dict[str, object]:
    """Answers in the form that the page's script keeps them in."""
    return {
        item: {
            "answer": "" if one.value is None else str(one.value),
            "na": one.not_applicable,
            "remark": one.remark,
            "photo_ids": list(one.photos),
        }
        for item, one in answers.items()
    }


def _from_draft(payload: Mapping[str, Any], place: RunPlace) -> dict[str, Given]:
    """What a draft says, with the photos that are still there."""
    here = served()
    answers = payload.get("answers", {})
    wanted = {item: _ids(one.get("photo_ids")) for item, one in answers.items() if isinstance(one, dict)}
    found: dict[int, KeptPhoto] = {
        photo.id: photo
        for photos in kept_photos(run_attachments(session(), here.models, place, _flat(wanted))).values()
        for photo in photos
    }
    given: dict[str, Given] = {}
    for item, one in answers.items():
        if not isinstance(one, dict):
            continue
        skipped = bool(one.get("na"))
        value = str(one.get("answer") or "")
        given[item] = Given(
            answer="not_applicable" if skipped and not value else value,
            not_applicable=skipped,
            remark=str(one.get("remark") or ""),
            photos=tuple(found[ident] for ident in wanted[item] if ident in found),
        )
    return given


def _ids(sent: object) -> tuple[int, ...]:
    return tuple(one for one in sent if isinstance(one, int)) if isinstance(sent, list) else ()


def _flat(wanted: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(ident for ids in wanted.values() for ident in ids)
