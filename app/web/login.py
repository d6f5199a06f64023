"""Signing in and out: FAB's ways of authentication behind our page and our rules for `next`."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.views import AuthDBView, AuthLDAPView, AuthOAuthView, AuthRemoteUserView
from flask_babel import gettext as _
from flask_jwt_extended import JWTManager
from flask_login import login_user, logout_user

from app.web.errors import error_answer
from app.web.redirects import next_or_home, safe_path

LONGEST = 256
"""Characters of a user name or password that are looked at at all."""


class _LeavingByPost:
    """Signing out changes the session, so it takes a POST with a form token; a GET asks first."""

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self) -> ResponseReturnValue:
        if request.method == "GET" and g.user.is_authenticated:
            return render_template("records/logout.html")
        language = session.get("locale")
        logout_user()
        session.clear()
        if language:
            session["locale"] = language
        return redirect(next_or_home())


class _TypedLogin(_LeavingByPost):
    """User name and password on our page; `check` is FAB's authentication."""

    def check(self, username: str, password: str) -> Any:
        raise NotImplementedError

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> ResponseReturnValue:
        if g.user.is_authenticated:
            return redirect(next_or_home())
        username = request.form.get("username", "").strip()[:LONGEST]
        if request.method == "POST":
            user = self.check(username, request.form.get("password", "")[:LONGEST])
            if user:
                login_user(user, remember=False)
                return redirect(next_or_home())
            flash(_("User name or password is not right."), "danger")
        status = 401 if request.method == "POST" else 200
        return login_page(username), status


def login_page(username: str = "", providers: tuple[str, ...] = ()) -> str:
    return render_template(
        "records/login.html",
        username=username,
        providers=providers,
        next=safe_path(request.values.get("next")) or "",
    )


class PasswordLogin(_TypedLogin, AuthDBView):  # type: ignore[misc,unused-ignore]
    """Against the passwords in our own database."""

    def check(self, username: str, password: str) -> Any:
        return self.appbuilder.sm.auth_user_db(username, password)


class DirectoryLogin(_TypedLogin, AuthLDAPView):  # type: ignore[misc,unused-ignore]
    """Against an LDAP directory (`AUTH_LDAP_…` settings)."""

    def check(self, username: str, password: str) -> Any:
        return self.appbuilder.sm.auth_user_ldap(username, password)


class ProviderLogin(_LeavingByPost, AuthOAuthView):  # type: ignore[misc,unused-ignore]
    """At an OAuth provider (`OAUTH_PROVIDERS`); FAB does the exchange."""

    login_template = "records/login.html"

    def render_template(self, _template: str, **_given: Any) -> str:
        names = tuple(str(one["name"]) for one in current_app.config.get("OAUTH_PROVIDERS", ()))
        return login_page(providers=names)

    def _get_safe_next_url(self) -> str:
        return next_or_home()


class RemoteLogin(_LeavingByPost, AuthRemoteUserView):  # type: ignore[misc,unused-ignore]
    """The web server in front has authenticated already."""

    def _get_safe_next_url(self) -> str:
        return next_or_home()


class TokenApi(SecurityApi):  # type: ignore[misc,unused-ignore]
    """`/api/v1/security/login`: a user name and password for a JWT; refused in the caller's language."""

    def response_400(self, message: object = None) -> Response:
        return make_response(error_answer(400))

    def response_401(self) -> Response:
        return make_response(error_answer(401, _("User name or password is not right.")))


def put_token_words(tokens: JWTManager) -> None:
    """A token that is missing, wrong or out of date is refused like a visitor who is not signed in."""

    def missing(_reason: str) -> ResponseReturnValue:
        return error_answer(401)

    def outdated(_head: dict[str, Any], _data: dict[str, Any]) -> ResponseReturnValue:
        return error_answer(401)

    tokens.unauthorized_loader(missing)
    tokens.invalid_token_loader(missing)
    for put in (tokens.expired_token_loader, tokens.revoked_token_loader, tokens.user_lookup_error_loader):
        put(outdated)
    tokens.needs_fresh_token_loader(outdated)
    tokens.token_verification_failed_loader(outdated)
