"""`/console`: Flask-Admin for administrators: raw tables, the configuration's files, releases, the audit log.

Every view of it asks the gate, the start page included. Writing goes through `app.actions` like everywhere.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView, BaseView, expose
from flask_babel import lazy_gettext

from app.storage import list_releases, release_files
from app.web.console_gate import Gate
from app.web.console_queue import install_queue
from app.web.console_tables import RecordTable
from app.web.context import served, session, style
from app.web.display import show_moment
from app.web.headers import csp_nonce
from app.web.languages import TRANSLATIONS
from app.web.menu import ordered_types

SHOWN = 512 * 1024
"""Bytes of a configuration file that the console shows."""


class ConsoleStart(Gate, AdminIndexView):
    """What there is: tables with their record types."""

    @expose()
    def index(self) -> str:
        tables = [(record.table, record.label, record.group) for record in ordered_types(served())]
        return str(self.render("records/console.html", tables=tables))


class FilesOfRelease(Gate, BaseView):
    """The configuration files of a release, to read."""

    @expose()
    def index(self) -> str:
        number, files = self._files()
        return str(self.render("records/console_files.html", number=number, files=sorted(files)))

    @expose("/show")
    def show(self) -> ResponseReturnValue:
        number, files = self._files()
        path = request.args.get("path", "")
        if path not in files:
            abort(404)
        text = files[path][:SHOWN].decode("utf-8", "replace")
        return str(self.render("records/console_file.html", number=number, path=path, text=text))

    @staticmethod
    def _files() -> tuple[int, dict[str, bytes]]:
        asked = request.args.get("release", "")
        number = int(asked) if asked.isdecimal() and len(asked) < 10 else served().release.number
        return number, release_files(session(), number)


class ReleasesView(Gate, BaseView):
    """The newest releases."""

    @expose()
    def index(self) -> str:
        def when(value: Any) -> str:
            return show_moment(value, style()) if value else ""

        found = list_releases(session())
        current = served().release.number
        return str(self.render("records/console_releases.html", releases=found, when=when, current=current))


def install_console(app: Flask) -> None:
    """Mount the console; a table's lists and forms are only worked out when it is first opened."""
    start = ConsoleStart(name=lazy_gettext("Console"), url="/console", endpoint="console")
    admin = Admin(
        app,
        name="Ducha",
        url="/console",
        endpoint="console",
        index_view=start,
        csp_nonce_generator=csp_nonce,
        translations_path=str(TRANSLATIONS),
    )
    admin.add_view(
        FilesOfRelease(name=lazy_gettext("Configuration files"), endpoint="console-files", url="files")
    )
    admin.add_view(ReleasesView(name=lazy_gettext("Releases"), endpoint="console-releases", url="releases"))
    install_queue(admin)
    here = served()
    for record in here.release.records.values():
        admin.add_view(RecordTable(here, record))
