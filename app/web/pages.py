"""What the frame of every page needs: title, languages, menu, who is signed in, notices."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask_bootstrap
from flask import Blueprint, Flask, current_app, g, request, url_for
from markupsafe import Markup

from app.access import Actor
from app.web.context import Served, account_id, actor, served, style
from app.web.display import show_moment
from app.web.headers import csp_nonce
from app.web.languages import choose_language, label
from app.web.markup import show_cell, tag
from app.web.menu import build_menu

NOTICE = "PORTAL_NOTICE"
"""Where an application keeps a sentence for every page, with its parameters."""
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
ASSETS = "bootstrap_assets"
ACE_ASSETS = "ace_assets"


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in person, as the frame shows them."""

    name: str
    unit: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The frame's own facts; `banner` is a notice that every page shows."""

    title: str
    organisation: str
    accent: str
    currency: str
    locale: str
    languages: tuple[tuple[str, str], ...]
    menu: Markup
    me: Me | None
    banner: str
    profile_href: str
    logout_href: str


def install_pages(app: Flask) -> None:
    """Serve Bootstrap from its package and offer `page`, `asset()` and small helpers to every template."""
    app.register_blueprint(
        Blueprint(ASSETS, __name__, static_folder=str(BOOTSTRAP), static_url_path="/static/bootstrap")
    )
    app.register_blueprint(
        Blueprint(ACE_ASSETS, __name__, static_folder=str(ace_folder()), static_url_path="/static/ace")
    )
    app.jinja_env.globals.update(asset=asset, label=label, csp_nonce=csp_nonce, show_cell=show_cell, tag=tag)
    app.jinja_env.globals["_"] = words
    app.jinja_env.filters["moment"] = lambda value: show_moment(value, style()) if value else ""
    app.context_processor(lambda: {"page": LazyPage()})


def ace_folder() -> Path:
    """The editor's files in the package that carries them; nothing of the package is run."""
    found = find_spec("django_ace")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("django_ace")
    return Path(found.origin).parent / "static" / "django_ace" / "ace"


def words(text: str, **params: object) -> Markup:
    """A sentence of a template in the request's language, with its parameters filled in safely."""
    said = Markup(label(text))
    return said % params if params else said


def asset(path: str) -> str:
    """Address of a file of the Bootstrap package."""
    return url_for(f"{ASSETS}.static", filename=path)


class LazyPage:
    """`page` in templates; built when a template first asks, so that JSON answers pay nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(current_page(), name)


def current_page() -> Page:
    """The frame's facts for this request."""
    if "page" not in g:
        g.page = build_page()
    page: Page = g.page
    return page


def build_page() -> Page:
    here, asker = served(), _asker()
    settings = here.release.portal.settings
    languages = tuple((code, entry["name"]) for code, entry in current_app.config["LANGUAGES"].items())
    return Page(
        title=label(settings.title) or settings.organisation or "Ducha",
        organisation=label(settings.organisation),
        accent=settings.accent,
        currency=settings.currency,
        locale=choose_language(),
        languages=languages,
        menu=build_menu(here, asker) if asker is not None else Markup(),
        me=_me(asker) if asker is not None else None,
        banner=_banner(here),
        profile_href=url_for("ProfileView.index"),
        logout_href=f"{request.script_root}/logout/",
    )


def _banner(here: Served) -> str:
    """What the whole portal should know: that a newer release failed, or what was found at the start."""
    text, params = current_app.config.get(NOTICE, (here.settings.banner, {}))
    return label(text).format(**params) if params else label(text)


def _asker() -> Actor | None:
    return actor() if account_id() is not None else None


def _me(asker: Actor) -> Me:
    titles = served().policy.role_titles
    roles = tuple(sorted(label(titles.get(role, role)) for role in asker.roles))
    user = g.user
    name = asker.name or str(user.get_full_name()).strip() or str(user.username)
    return Me(name, "", roles)
