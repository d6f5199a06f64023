"""Who may open a view: the one question that FAB's decorators, our views and the API all ask."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app, g, redirect, request, url_for

from app.access import decide
from app.web.context import account_id, actor, served

log = logging.getLogger(__name__)

R = TypeVar("R")

SIGNED_IN = frozenset({"Profile", "Home", "Files", "ApiDocs", "Reports"})
"""Pages of the portal itself that every signed-in account may open."""
ADMINISTRATORS = frozenset({"Accounts", "Console"})
"""Pages for administrators alone."""


def allowed(verb: str, view: str) -> bool:
    """Whether the signed-in account may do `verb` on a record type or page."""
    asker = actor()
    if view in served().release.records:
        return decide(served().policy, asker, verb, view).allowed
    if view in SIGNED_IN:
        return asker.kind == "person"
    return view in ADMINISTRATORS and asker.unlimited


def account_key(user: Any) -> str:
    """Changes with the password: a session signed in before the change ends."""
    return hashlib.sha256(str(user.password or "").encode()).hexdigest()[:16]


def login_redirect() -> Any:
    """To the log-in page, which leads back here."""
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for(f"{current_app.extensions['appbuilder'].sm.auth_view.endpoint}.login", next=here))


def needs(*verbs: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A view method that asks for one of `verbs` on its view's `class_permission_name` before it runs."""

    def decorate(method: Callable[..., R]) -> Callable[..., R]:
        @wraps(method)
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            if account_id() is None:
                return login_redirect()
            if not any(allowed(verb, self.class_permission_name) for verb in verbs):
                log.info("account %s may not %s %s", g.user.id, verbs[0], self.class_permission_name)
                abort(403)
            return method(self, *args, **kwargs)

        guarded._permission_name = verbs[0]  # type: ignore[attr-defined]
        return guarded

    return decorate
