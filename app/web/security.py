"""FAB's security manager, answering from the release's compiled policy.

FAB keeps what it is good at: accounts, passwords, LDAP, OAuth, sessions, JWT. Permissions are never rows: the
name `can_<verb>` on a record type's full name, or on a page of the portal itself, is asked of `app.web.gate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app, g, session
from flask_appbuilder.const import AUTH_LDAP, AUTH_OAUTH, AUTH_REMOTE_USER
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import UserMixin

from app.actions.sessions import record_login
from app.storage.people import Account, load_account
from app.web.accounts import AccountsView, ProfileView
from app.web.context import now, served
from app.web.context import session as database_session
from app.web.gate import account_key, allowed
from app.web.login import DirectoryLogin, PasswordLogin, ProviderLogin, RemoteLogin, TokenApi, put_token_words
from app.web.sent_numbers import sent_number


class SignedIn(UserMixin):  # type: ignore[misc,unused-ignore]
    """The account of a request, read together with its roles and units in one go."""

    def __init__(self, account: Account) -> None:
        self.id, self.username, self.email = account.id, account.username, account.email
        self.first_name, self.last_name = account.first_name, account.last_name

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class PortalSecurity(SecurityManager):  # type: ignore[misc,unused-ignore]
    """Accounts from FAB's tables, permissions from the release."""

    def register_views(self) -> None:
        """Log-in, log-out, tokens, accounts and profile: nothing else of FAB's own pages is served."""
        kinds: Mapping[int, type] = {
            AUTH_LDAP: DirectoryLogin,
            AUTH_OAUTH: ProviderLogin,
            AUTH_REMOTE_USER: RemoteLogin,
        }
        self.auth_view = kinds.get(self.auth_type, PasswordLogin)()
        self.appbuilder.add_view_no_menu(self.auth_view)
        tokens = self.appbuilder.add_api(TokenApi)
        for view in (self.auth_view, tokens):
            self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)
        current_app.extensions["csrf"].exempt(tokens.blueprint)
        self.user_view = self.appbuilder.add_view_no_menu(ProfileView)
        self.appbuilder.add_view_no_menu(AccountsView)

    def create_limiter(self, app: Any) -> Limiter:
        limiter = Limiter(key_func=get_remote_address, storage_uri=app.config["RATELIMIT_STORAGE_URI"])
        limiter.init_app(app)
        return limiter

    def create_jwt_manager(self, app: Any) -> JWTManager:
        made: JWTManager = super().create_jwt_manager(app)
        put_token_words(made)
        return made

    def load_user(self, pk: Any) -> Any | None:
        """The account of this session, unless it was switched off or its password changed since."""
        number = sent_number(pk)
        found = None if number is None else load_account(database_session(), served().models, number)
        if found is None:
            return None
        known = session.get("account_key")
        if known is not None and known != account_key(found):
            return None
        g.actor = found.actor
        return SignedIn(found)

    def _get_safe_user(self, user: Any) -> Any:
        """The visitor as `load_user` gave it: nothing of it is a row that could have lost its session."""
        return user

    def on_user_login(self, user: Any) -> None:
        session.permanent = True
        session["account_key"] = account_key(user)
        record_login(served().database, served().models, int(user.id), now(), served().release.number)

    def _has_view_access(self, _user: object, permission_name: str, view_name: str) -> bool:
        return allowed(permission_name.removeprefix("can_"), view_name)

    def _get_user_permission_view_menus(
        self, user: object, permission_name: str, view_menus_name: Iterable[str]
    ) -> set[str]:
        if user is None:
            return set()
        return {name for name in view_menus_name if self._has_view_access(user, permission_name, name)}

    def is_item_public(self, _permission_name: str, _view_name: str) -> bool:
        """Nothing is public by a permission row."""
        return False
