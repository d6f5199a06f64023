"""The language of a request: chosen by the user, kept in the session; labels of the YAML in that language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError
from flask import Flask, abort, current_app, g, has_request_context, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import force_locale, get_locale, gettext
from werkzeug.wrappers import Response

from app.web.redirects import came_from, safe_path

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
"""The portal's own words; a configuration folder may hold a `translations/` of its own for its labels."""


MOST_LABELS = 50_000
"""Labels kept in one language."""


def language_names(codes: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Languages of the switch in FAB's form: code -> its own name. Unknown codes are left out."""
    names: dict[str, dict[str, str]] = {}
    for code in codes:
        try:
            locale = Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        name = locale.get_display_name(locale) or code
        names[code] = {"flag": "", "name": name[:1].upper() + name[1:]}
    return names or {"en": {"flag": "", "name": "English"}}


def translation_directories(root: Path) -> str:
    """Folders of message catalogues, first found wins, in Flask-Babel's form."""
    own = root / "translations"
    folders = [TRANSLATIONS] + ([own] if own.is_dir() and own.resolve() != TRANSLATIONS else [])
    return ";".join(str(folder) for folder in folders)


def choose_language() -> str:
    """The session's language, or the first declared one; `?_l_=en` answers once in another."""
    known = current_app.config["LANGUAGES"]
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if not has_request_context():
        return default
    asked = request.args.get("_l_") or session.get("locale")
    return str(asked) if asked in known else default


def portal_timezone() -> str:
    return str(current_app.config["BABEL_DEFAULT_TIMEZONE"])


def install_languages(app: Flask) -> None:
    """Let Flask-Babel ask us for language and time zone; call it after FAB has set Flask-Babel up."""
    babel = app.extensions["babel"]
    babel.locale_selector = choose_language
    babel.timezone_selector = portal_timezone


def label(text: str) -> str:
    """A label of the YAML in the request's language; an empty label stays empty.

    Looked up once for each language: a list shows the same few words in every row of every page.
    """
    if not text:
        return ""
    known = _known_labels()
    words = known.get(text)
    if words is None:
        words = str(gettext(text))
        if len(known) < MOST_LABELS:
            known[text] = words
    return words


def _known_labels() -> dict[str, str]:
    """The labels already looked up in the request's language, kept with the application."""
    known: dict[str, str] | None = g.get("labels")
    if known is None:
        kept: dict[str, dict[str, str]] = current_app.extensions.setdefault("portal_labels", {})
        known = g.labels = kept.setdefault(str(get_locale()), {})
    return known


def language_tag() -> str:
    """The request's language as the `lang` attribute wants it (`zh-Hans`)."""
    return str(get_locale() or "en").replace("_", "-")


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak `code` inside the block (prints and messages for other people)."""
    before = g.pop("labels", None)
    try:
        with force_locale(code):
            yield
    finally:
        g.pop("labels", None)
        if before is not None:
            g.labels = before


class LocaleView(BaseView):
    """`/lang/<code>`: switches the language and goes back to the page that asked."""

    route_base = "/lang"
    default_view = "index"

    @expose("/<string:locale>")
    def index(self, locale: str) -> Response:
        if locale not in current_app.config["LANGUAGES"]:
            abort(404)
        session["locale"] = locale
        return redirect(safe_path(request.args.get("next")) or came_from())
