"""Release -> web application. One application per release: built once, never changed, swapped as a whole."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access import compile_policy
from app.release import Release
from app.spec.limits import size_in_bytes
from app.storage import Database, build_models
from app.web.addresses import file_address, record_address
from app.web.api import api_class
from app.web.api_docs import ApiDocs, OpenApi
from app.web.builder import PortalBuilder
from app.web.clock_pages import install_clock_pages
from app.web.console import install_console
from app.web.context import EXTENSION, Served, served
from app.web.coverage import CoverageView
from app.web.errors import PortalFlask, install_errors
from app.web.files import FilesView
from app.web.fund import FundView
from app.web.headers import install_headers
from app.web.health import install_health
from app.web.languages import install_languages, language_names, translation_directories
from app.web.pages import install_pages
from app.web.reports import ReportsView
from app.web.run_views import ChecklistRunView
from app.web.settings import WebSettings
from app.web.studio import STUDIO_VIEWS
from app.web.studio_links import why_address
from app.web.views import view_class

SESSION_HOURS = 12
log = logging.getLogger(__name__)

FORM_PARTS = 5000
"""Fields that one form may send: the lines of a large child table, each with its fields."""


def create_app(release: Release, database: Database, settings: WebSettings) -> Flask:
    """The application that serves `release`. Nothing is written to the database.

    Raises ConfigError when a role's condition or a workflow cannot be compiled.
    """
    app = PortalFlask("app.web", static_folder="static", template_folder="templates")
    app.config.update(_config(release, settings))
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count, count)  # type: ignore[method-assign]
    app.extensions[EXTENSION] = Served(
        release=release,
        policy=compile_policy(release),
        database=database,
        models=build_models(release),
        settings=settings,
        zone=ZoneInfo(release.portal.settings.timezone),
    )
    csrf = CSRFProtect(app)
    app.before_request(lambda: _check_token(csrf))
    app.teardown_appcontext(lambda _error: database.session.remove())
    install_errors(app)
    install_headers(app)
    with app.app_context():
        builder = PortalBuilder(app, database.session)
        _add_views(builder, release)
        install_languages(app)
        install_pages(app)
        install_health(app)
        install_console(app)
        install_clock_pages(app)
    app.jinja_env.bytecode_cache = _compiled_templates(settings.instance)
    app.jinja_env.globals.update(
        record_address=record_address, file_address=file_address, why_address=why_address
    )
    return app


class CompiledTemplates(FileSystemBytecodeCache):
    """Page templates are the same in every release: compiled once, by whoever needs one first. A page does
    not fail because there is no room to keep them."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        try:
            super().dump_bytecode(bucket)
        except OSError as error:
            log.warning("a compiled page template cannot be kept: %s", error)


def _compiled_templates(instance: Path) -> CompiledTemplates:
    folder = instance / "templates"
    folder.mkdir(mode=0o700, exist_ok=True)
    return CompiledTemplates(str(folder))


def retire_app(app: Flask) -> None:
    """Let go of an application that serves no more requests, so that its tables and classes can be
    collected."""
    with app.app_context():
        here = served()
    here.models.dispose(here.database.engine)
    here.cache.clear()


def _add_views(builder: AppBuilder, release: Release) -> None:
    for record in release.records.values():
        builder.add_view_no_menu(view_class(record), endpoint=f"records-{record.table}")
        builder.add_view_no_menu(api_class(record), endpoint=f"api-{record.table}")
    builder.add_view_no_menu(FilesView)
    builder.add_view_no_menu(ApiDocs)
    builder.add_view_no_menu(OpenApi)
    builder.add_view_no_menu(ChecklistRunView)
    builder.add_view_no_menu(FundView)
    builder.add_view_no_menu(ReportsView)
    builder.add_view_no_menu(CoverageView)
    for studio in STUDIO_VIEWS:
        builder.add_view_no_menu(studio)


def _check_token(csrf: CSRFProtect) -> None:
    """Every change made with a session cookie carries a form token; a bearer token is proof by itself, since
    no other site can make a browser send it."""
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        csrf.protect(apply_exemptions=True)


def _config(release: Release, settings: WebSettings) -> dict[str, object]:
    portal = release.portal.settings
    languages = language_names(portal.languages)
    return {
        "SECRET_KEY": settings.secret_key,
        "APP_NAME": portal.title or portal.organisation or "Ducha",
        "SESSION_COOKIE_NAME": "ducha_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=SESSION_HOURS),
        "MAX_CONTENT_LENGTH": size_in_bytes(portal.max_upload) * 4,
        "MAX_FORM_PARTS": FORM_PARTS,
        "MAX_FORM_MEMORY_SIZE": 8 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "LANGUAGES": languages,
        "BABEL_DEFAULT_LOCALE": next(iter(languages)),
        "BABEL_DEFAULT_TIMEZONE": portal.timezone,
        "BABEL_TRANSLATION_DIRECTORIES": translation_directories(settings.root),
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "AUTH_ROLE_ADMIN": "administrator",
        "AUTH_ROLE_PUBLIC": "public",
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": settings.login_rate,
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": settings.limiter_storage,
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=30),
        "JWT_ERROR_MESSAGE_KEY": "message",
        **settings.extra,
    }
