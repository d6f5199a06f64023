"""The form of a record type as a draft declares it, filled in on trial: it reacts as it would, the server
says what it would refuse and what it would work out. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict

from app.access import decide, hidden_fields, read_only_fields
from app.actions import InvalidRecord
from app.actions.draft import Draft
from app.actions.preparing import prepare
from app.release import FieldModel, RecordModel, Release
from app.storage import BadValue
from app.storage.records import is_taken
from app.web.context import actor, now, served, session, style
from app.web.display import show_value
from app.web.edit_page import Problem, fixed_fields
from app.web.first_values import first_values, left_to_default
from app.web.form_build import Frame
from app.web.form_fields import SignatureField
from app.web.form_rules import Rules, form_rules
from app.web.forms import Formdata, FormGroup, RecordForm
from app.web.languages import label
from app.web.picking import look_up, put_labels, search
from app.web.studio_drafted import DraftRelease, draft_context
from app.web.studio_links import studio_address
from app.web.studio_try_reach import closed_places, is_open, unstored_lookups


@dataclass(slots=True)
class TrialForm:
    """The form and what came of trying it. taken: (label, text) of what would be stored, None before a try
    and after a refusal; barred: why the server cannot try it; untested: fields of which the reader may not
    learn whether a value is taken."""

    title: str
    groups: list[FormGroup]
    rules: Rules | None
    errors: list[Problem] = field(default_factory=list)
    taken: tuple[tuple[str, str], ...] | None = None
    barred: str = ""
    untested: tuple[str, ...] = ()


def trial_form(draft: DraftRelease, record: RecordModel, revision: int) -> TrialForm:
    """The form of a new record; a POST tries it."""
    here, asker, context = served(), actor(), draft_context(draft)
    hidden = hidden_fields(draft.policy, asker, record.name)
    fixed = read_only_fields(draft.policy, asker, record.name) | fixed_fields(record)
    computed = frozenset(name for name in fixed if record.columns[name].formula is not None)
    names = [
        name
        for group in record.groups
        for name in group.fields
        if name not in hidden
        and record.columns[name].type != "checklist"
        and (name not in fixed or name in computed)
    ]
    barred = _barred(draft, record)
    entered = [name for name in names if name not in computed]
    first = first_values(record, entered, {}) if not barred else {}
    frame = Frame(record.name, here.zone, picks=studio_address(revision, f"try/pick/{record.name}/"))
    form = RecordForm(record, frame, names, computed, first, _sent())
    page = TrialForm(label(record.label), [], None, barred=barred)
    if request.method == "POST" and not _plain_wish(form) and not barred:
        page.taken = _tried(form, page, draft, hidden)
    put_labels(here, form, None)
    page.groups = form.groups(hidden)
    state = record.workflow.start if record.workflow else None
    page.rules = form_rules(form, page.groups, {}, asker, now(), context.today, state)
    return page


def pick_results(field_of: FieldModel, words: str) -> list[tuple[int, str]]:
    """What a picker of the draft finds, by the rights of the release in service; what the draft says about
    who may be chosen is looked at when the form is tried."""
    return search(served(), field_of, words, limited=False)


def _sent() -> Formdata | None:
    parts: list[Any] = [request.files, request.form]
    return CombinedMultiDict(parts) if request.method == "POST" else None


def _barred(draft: DraftRelease, record: RecordModel) -> str:
    """Why the server cannot try this record type; empty where it can."""
    here = served()
    unstored = unstored_lookups(record, here.release, draft.release)
    if unstored:
        text = _("It counts by %(names)s, which the database does not hold before this revision is applied.")
        return str(text % {"names": ", ".join(unstored)})
    closed = closed_places(draft_context(draft), record, here.release, here.policy, actor())
    if closed:
        text = _("It reads %(names)s, which you may not see in full.")
        return str(text % {"names": ", ".join(closed)})
    return ""


def _plain_wish(form: RecordForm) -> bool:
    """The buttons of browsers without scripts: the form comes back, changed."""
    wish, _colon, argument = request.form.get("_then", "try").partition(":")
    if wish == "line":
        form.add_line(argument)
    elif wish == "remove":
        form.remove_line(argument)
    elif wish == "find":
        words = request.form.get(f"{argument}.search", "")
        for one, picker in form.pickers():
            if picker.name == argument:
                picker.found = [pair for pair in pick_results(one, words) if pair[0] not in picker.ids]
    return wish in ("line", "remove", "find")


def _tried(
    form: RecordForm, page: TrialForm, draft: DraftRelease, hidden: frozenset[str]
) -> tuple[tuple[str, str], ...] | None:
    """What would be stored; None where it is refused, the reasons are put to the fields then."""
    errors: dict[str, tuple[str, ...]] = dict(_unseen(form))
    context = draft_context(draft)
    entries = form.entries()
    left = left_to_default(form.record, entries, request.form.getlist("_emptied"))
    posted = {name: one for name, one in entries.items() if name not in left}
    found: Draft | None = None
    try:
        # The rights were looked at before: under the draft's own words they would prove nothing.
        found = prepare(replace(context, actor=replace(context.actor, kind="system")), form.record, posted)
    except InvalidRecord as error:
        chosen = {name for name, control in form.uploads() if _has_file(control)}
        errors |= {path: said for path, said in error.errors.items() if path not in chosen}
    if found is not None:
        errors |= dict(_taken_before(page, draft, found))
    page.errors = [Problem(*one) for one in form.put_errors(errors)]
    if errors:
        return None
    return tuple(_taken(found, hidden)) if found is not None else ()


def _taken_before(
    page: TrialForm, draft: DraftRelease, found: Draft
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Values of unique fields that a stored record has. Who may neither make such records nor see all of them
    is not told."""
    here = served()
    for name, one in found.record.columns.items():
        value = found.values.get(name)
        if not one.spec.unique or value is None or one.column is None:
            continue
        kind, held = _stored_as(here.release, found.record, one)
        if kind not in here.release.records or held not in here.release.records[kind].columns:
            continue
        maker = decide(here.policy, actor(), "create", kind).allowed
        if not maker and not is_open(here.policy, actor(), kind, held):
            page.untested = (*page.untested, label(one.label))
        elif _holds(kind, held, value):
            said = _("another record already has this value of '{field}'").format(field=label(one.label))
            yield name, (said,)


def _stored_as(live: Release, record: RecordModel, one: FieldModel) -> tuple[str, str]:
    """Record type and field that hold the values in the release in service, where they had other names."""
    was = ".".join(part for part in (record.regime, record.spec.was) if part)
    kind = record.name if record.name in live.records or not record.spec.was else was
    fields = live.records[kind].columns if kind in live.records else {}
    return kind, one.name if one.name in fields or not one.spec.was else one.spec.was


def _holds(kind: str, name: str, value: object) -> bool:
    """Whether a stored record has the value; what does not fit the column of today is in none."""
    try:
        return is_taken(session(), served().models, kind, name, value)
    except BadValue:
        return False


def _has_file(control: Any) -> bool:
    return bool(control.data.files) or (isinstance(control, SignatureField) and bool(control.drawn))


def _unseen(form: RecordForm) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Links to records that the actor may not read, or that are not there."""
    for one, picker in form.pickers():
        known = look_up(served(), one.target or "", set(picker.ids)) if picker.ids else {}
        if any(key not in known for key in picker.ids):
            yield _path(form, picker.name), (str(_("choose a record from the list")),)


def _path(form: RecordForm, control: str) -> str:
    """The path of a control as errors name it: `unit`, `measures.0.who`."""
    for name, lines in form.lines.items():
        sent = [line for line in lines.rows if not line.empty or line.id is not None]
        for index, line in enumerate(sent):
            if control.startswith(line.prefix):
                return f"{name}.{index}.{control.removeprefix(line.prefix)}"
    return control


def _taken(found: Draft, hidden: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What would be stored, in the order of the form."""
    for group in found.record.groups:
        for name in group.fields:
            one = found.record.columns[name]
            if name in hidden or name in found.hidden or one.type == "checklist":
                continue
            text = _text(one, found.values.get(name))
            if text:
                yield label(one.label), text


def _text(one: FieldModel, value: object) -> str:
    if one.type == "lines":
        lines = value if isinstance(value, (list, tuple)) else ()
        return "; ".join(_line(one, line) for line in lines)
    if one.target is not None and value is not None:
        keys = [
            key for key in (value if isinstance(value, (list, tuple)) else (value,)) if isinstance(key, int)
        ]
        words = look_up(served(), one.target, set(keys))
        return ", ".join(words.get(key, f"#{key}") for key in keys)
    return show_value(one, value, style()).text


def _line(one: FieldModel, line: Mapping[str, object]) -> str:
    texts = (_text(column, line.get(name)) for name, column in one.lines.items())
    return " · ".join(text for text in texts if text)
