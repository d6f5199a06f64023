"""`/studio/<revision>/tuning/<table>`: figures as tables and as spreadsheets, written back into the YAML."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Response, abort, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.access import decide
from app.actions.configurations import release_within
from app.actions.exporting import note_export
from app.actions.importing import ImportRefused
from app.actions.revisions import REVISION, Revised, read_revision
from app.actions.tuning_book import LARGEST_BOOK, read_tuning_book, tuning_book
from app.actions.tuning_tables import Sent, Tuned, rows_of, tune
from app.release.tuning import TABLES, TuningRow, tuning_rows
from app.source import ConfigError, PortalError
from app.source.splice import CannotSplice
from app.web.context import action_context, actor, served, session
from app.web.coverage_export import MEDIA_TYPE
from app.web.faults import fault_lines, said
from app.web.gate import needs
from app.web.languages import label
from app.web.paging import Pages, page_number
from app.web.studio_links import PlaceLink, studio_address

AT_ONCE = 200
"""Rows on one page."""
MOST_NAMED = 20
"""Paths that one message names."""


@dataclass(frozen=True, slots=True)
class InputRow:
    """One value to type. seen: what it is now; typed: what stands in the field; before: in the release that
    the revision is based on, None when it is not there; errors: what the check says of it."""

    path: str
    owner: str
    name: str
    kind: str
    seen: str
    typed: str
    before: str | None
    note: str
    source: str
    place: PlaceLink
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one regime."""

    title: str
    rows: tuple[InputRow, ...]


class StudioTuningView(BaseView):  # type: ignore[misc,unused-ignore]
    """Tuning tables of a revision."""

    route_base = "/studio"
    class_permission_name = REVISION
    default_view = "show"

    @expose("/<int:pk>/tuning/<string:name>", methods=["GET", "POST"])
    @needs("read")
    def show(self, pk: int, name: str) -> ResponseReturnValue:
        """The table; a POST writes what was typed."""
        _known(name)
        if request.method == "POST":
            return _save(pk, name, _typed())
        return _page(pk, name)

    @expose("/<int:pk>/tuning/<string:name>.xlsx")
    @needs("read")
    def book(self, pk: int, name: str) -> Response:
        """The whole table as a spreadsheet."""
        _known(name)
        context = action_context()
        found = read_revision(context, pk)
        rows = [_worded(row) for row in rows_of(context, found, name)]
        data = tuning_book(name, rows)
        note_export(context, REVISION, len(rows))
        return send_file(
            io.BytesIO(data), mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{name}-{pk}.xlsx"
        )

    @expose("/<int:pk>/tuning/<string:name>/upload", methods=["POST"])
    @needs("update")
    def upload(self, pk: int, name: str) -> ResponseReturnValue:
        """A spreadsheet that was downloaded before, with other values in it."""
        _known(name)
        sent = request.files.get("book")
        try:
            data = sent.stream.read(LARGEST_BOOK + 1) if sent is not None else b""
            found = read_tuning_book(data, name)
        except ImportRefused as error:
            flash(said(error), "danger")
            return redirect(studio_address(pk, f"tuning/{name}"))
        return _save(pk, name, found, whole=True)


def _known(name: str) -> None:
    if name not in TABLES:
        abort(404)


def _worded(row: TuningRow) -> TuningRow:
    """The row with its words in the request's language."""
    return TuningRow(
        row.path,
        row.regime,
        label(row.owner),
        " · ".join(label(words) for words in (row.name, row.what) if words),
        row.value,
        row.kind,
        row.span,
        row.note,
        row.source,
    )


def _typed() -> tuple[Sent, ...]:
    """The values of the form; each comes with the one that was there when the page was made."""
    return tuple(
        Sent(key[2:], request.form.get(f"s:{key[2:]}", ""), value)
        for key, value in request.form.items()
        if key.startswith("v:")
    )


def _save(pk: int, name: str, sent: Sequence[Sent], whole: bool = False) -> ResponseReturnValue:
    try:
        done = tune(action_context(), pk, name, sent, whole)
    except CannotSplice as error:
        flash(_("A value cannot be written where it stands: %(reason)s", reason=str(error)), "danger")
        return _page(pk, name, sent), 422
    except PortalError as error:
        session().rollback()
        for line in fault_lines(error):
            flash(line, "danger")
        return redirect(studio_address(pk))
    if whole and (done.unknown or done.overtaken):
        _refuse_book(done, sent)
        return redirect(_here(pk, name))
    _tell(done, sent)
    if done.faults:
        return _page(pk, name, sent, done), 422
    if not done.changed:
        return redirect(_here(pk, name))
    return redirect(studio_address(pk) + "#plan")


def _here(pk: int, name: str) -> str:
    return studio_address(pk, f"tuning/{name}", q=request.args.get("q"), page=request.args.get("page"))


def _refuse_book(done: Tuned, sent: Sequence[Sent]) -> None:
    """Why a spreadsheet is not taken over, cell by cell."""
    cells = {one.path: one.cell for one in sent}
    flash(_("Nothing was saved: the spreadsheet does not fit this revision."), "danger")
    for path in done.unknown[:MOST_NAMED]:
        flash(_("%(place)s: this table has no row %(path)s", place=cells[path], path=path), "danger")
    for path in done.overtaken[:MOST_NAMED]:
        text = _("%(place)s: %(path)s was changed since this was downloaded; download it again",
                 place=cells[path], path=path)  # fmt: skip
        flash(text, "danger")


def _tell(done: Tuned, sent: Sequence[Sent]) -> None:
    cells = {one.path: one.cell for one in sent if one.cell}
    if done.unknown:
        flash(_("Not in this table, left out: %(paths)s", paths=_some(done.unknown)), "warning")
    if done.overtaken:
        both = [_both(done, one) for one in sent if one.path in done.overtaken]
        text = _("Changed by somebody else since, left as it is now: %(paths)s", paths=_some(both))
        flash(text, "warning")
    if done.faults:
        flash(_("Nothing was saved: with these values the configuration would have faults."), "danger")
        placed = [(cells[path], one) for path, ones in done.faults.items() if path in cells for one in ones]
        for cell, one in placed[:MOST_NAMED]:
            flash(f"{cell}: {one.message(_)}", "danger")
        for one in done.faults.get("", ())[:MOST_NAMED]:
            flash(f"{one.span.file}:{one.span.line} {one.message(_)}", "danger")
    elif done.changed:
        flash(_("%(count)s values are written into the revision.", count=len(done.changed)), "success")
    if done.examples:
        text = _("%(count)s examples in the YAML still tell the old figures; correct them in the editor.",
                 count=len(done.examples))  # fmt: skip
        flash(text, "warning")
    elif not done.changed and not done.unknown and not done.overtaken:
        flash(_("Nothing was changed."), "info")


def _both(done: Tuned, one: Sent) -> str:
    """A value that was overtaken: what it is now, and what was typed."""
    return str(
        _("%(path)s (it is %(now)s now, you wrote %(typed)s)",
          path=one.path, now=done.now.get(one.path) or "–", typed=(one.value or "").strip() or "–")
    )  # fmt: skip


def _some(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:MOST_NAMED])
    return shown if len(paths) <= MOST_NAMED else f"{shown} … ({len(paths)})"


def _page(pk: int, name: str, sent: Sequence[Sent] = (), done: Tuned | None = None) -> str:
    """The table. `sent`: what was typed and not saved; with faults only the rows that would change."""
    context = action_context()
    found = read_revision(context, pk)
    rows = [_worded(row) for row in rows_of(context, found, name)]
    total = len(rows)
    typed = {one.path: one.value or "" for one in sent}
    wanted = request.args.get("q", "").strip()[:100]
    if done is not None:
        rows = [row for row in rows if row.path in done.changed]
    else:
        rows = [row for row in rows if _fits(row, wanted.casefold())]
    rows.sort(key=lambda row: _regimes().index(row.regime) if row.regime in _regimes() else -1)
    pages = Pages.of_total(page_number(), max(AT_ONCE, len(typed)), len(rows))
    shown = rows[pages.offset : pages.offset + max(AT_ONCE, len(typed))]
    before = _before(found, name)
    may = found.editable and decide(context.policy, actor(), "update", REVISION).allowed
    inputs = [(row.regime, _input(row, pk, typed, before, done)) for row in shown]
    return render_template(
        "studio/tuning.html",
        id=pk,
        name=name,
        title=_(TABLES[name][0]),
        label=found.record.label,
        tables=[(key, _(title)) for key, (title, _rows) in TABLES.items()],
        sections=_sections(inputs),
        pages=pages,
        count=len(rows),
        total=total,
        wanted=wanted,
        editable=may,
    )


def _fits(row: TuningRow, wanted: str) -> bool:
    words = (row.path, row.owner, row.name, row.value or "", row.source, row.note)
    return not wanted or all(any(part in word.casefold() for word in words) for part in wanted.split())


def _regimes() -> Sequence[str]:
    return served().release.portal.settings.regimes


def _sections(inputs: Iterable[tuple[str, InputRow]]) -> tuple[Section, ...]:
    titles = served().release.portal.regimes
    return tuple(
        Section(
            label(titles[regime].label) if regime in titles else regime or _("All regimes"),
            tuple(row for _regime, row in rows),
        )
        for regime, rows in groupby(inputs, key=lambda pair: pair[0])
    )


def _before(found: Revised, name: str) -> Mapping[str, str | None]:
    """The values in the release that the revision is based on; none where it is not understood any more."""
    try:
        release = release_within(session(), served().database.instance, found.base)
    except (ConfigError, KeyError):
        return {}
    return {row.path: row.value for row in tuning_rows(release.portal, name)}


def _input(
    row: TuningRow, pk: int, typed: Mapping[str, str], before: Mapping[str, str | None], done: Tuned | None
) -> InputRow:
    faults = done.faults.get(row.path, ()) if done is not None else ()
    return InputRow(
        path=row.path,
        owner=row.owner,
        name=row.name,
        kind=row.kind,
        seen=row.value or "",
        typed=typed.get(row.path, row.value or ""),
        before=(before[row.path] or "") if row.path in before else None,
        note=row.note,
        source=row.source,
        place=PlaceLink.of(row.span, pk),
        errors=tuple(f"{one.message(_)} {one.hint_text(_)}".strip() for one in faults),
    )
