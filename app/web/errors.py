"""Faults in words: a page in our look and the user's language, or JSON for the API; never a traceback."""

from __future__ import annotations

import errno
import logging
import secrets
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InternalError, OperationalError
from werkzeug.exceptions import HTTPException

from app.access import AccessDenied
from app.source import N_, PortalError
from app.storage import RecordGone
from app.storage.unready import why_unready
from app.web.json_bodies import PortalJson
from app.web.requests import PortalRequest
from app.web.rules import LazyRule, PortalMap

log = logging.getLogger(__name__)

ErrorTriple = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

TITLES: Mapping[int, str] = {
    400: N_("The request could not be understood"),
    401: N_("Please sign in first"),
    403: N_("You may not do that"),
    404: N_("There is nothing here"),
    405: N_("That is not possible here"),
    409: N_("Somebody else was faster"),
    413: N_("That is too big"),
    415: N_("This kind of content is not accepted"),
    422: N_("Something in the entries is not right"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong on our side"),
    503: N_("The portal is not ready"),
}
ADVICE: Mapping[int, str] = {
    400: N_("Go back, load the page again and repeat the step."),
    403: N_("Your roles do not allow this. Ask an administrator if you need it."),
    404: N_("The page or record does not exist, or you may not see it."),
    405: N_("Go back and use the buttons of the page."),
    413: N_("Choose a smaller file."),
    429: N_("Wait a minute and try again."),
    500: N_("The fault has been recorded. Tell the administrator the number below."),
}


NO_ROOM = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EPERM})
"""What the operating system says of a disk that takes no more files."""


class PortalSessions(SecureCookieSessionInterface):
    """Session cookies that are Secure whenever they are set over https, or where the settings say so."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure


class PortalFlask(Flask):
    """Flask that gives each fault nobody foresaw a number, shown to the user and written to the log."""

    url_rule_class = LazyRule
    url_map_class = PortalMap
    request_class = PortalRequest
    session_interface = PortalSessions()
    json_provider_class = PortalJson

    def log_exception(self, exc_info: ErrorTriple) -> None:
        g.fault_number = secrets.token_hex(4)
        log.error("fault %s at %s %s", g.fault_number, request.method, request.path, exc_info=exc_info)


def install_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(CSRFError, show_csrf_error)
    app.register_error_handler(AccessDenied, show_denied)
    app.register_error_handler(RecordGone, show_gone)
    app.register_error_handler(PortalError, show_refusal)
    app.register_error_handler(OperationalError, show_unready)
    app.register_error_handler(InternalError, show_unready)
    app.register_error_handler(OSError, show_no_room)


def wants_json() -> bool:
    """Whether the answer goes to a program: the API, or a script of a page."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"
    )


def error_answer(status: int, detail: str = "", **extra: object) -> ResponseReturnValue:
    """The page or JSON for `status`. `detail` is already in the user's language."""
    title = _(TITLES.get(status, TITLES[400 if status < 500 else 500]))
    if wants_json():
        return jsonify(message=detail or title, **extra), status
    page = render_template(
        "records/error.html",
        status=status,
        heading=title,
        detail=detail,
        advice=_(ADVICE[status]) if status in ADVICE else "",
        fault_number=g.get("fault_number"),
        signed_in=_signed_in(),
    )
    return page, status


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    answer: Any = current_app.make_response(error_answer(status))
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            answer.headers[name] = value
    return answer  # type: ignore[no-any-return]


def show_csrf_error(error: CSRFError) -> ResponseReturnValue:
    log.info("refused without a valid form token: %s %s", request.method, request.path)
    return error_answer(400, _("The page was open too long or came from somewhere else. Load it again."))


def show_denied(error: AccessDenied) -> ResponseReturnValue:
    return error_answer(403, error.message(_))


def show_gone(_error: RecordGone) -> ResponseReturnValue:
    return error_answer(404)


def show_refusal(error: PortalError) -> ResponseReturnValue:
    """What a room refused and no page had words of its own for."""
    message = getattr(error, "message", None)
    return error_answer(422, message(_) if callable(message) else str(error))


def show_unready(error: OperationalError | InternalError) -> ResponseReturnValue:
    """The database is locked, full, read-only or not there: nothing of the request is kept. It says the same
    of a statement that makes no sense, which is a fault of ours."""
    if not why_unready(error):
        raise error
    log.error("the database refused %s %s: %s", request.method, request.path, error.orig)
    return error_answer(
        503, _("Nothing was saved: the database is busy or has no room. Try again in a minute.")
    )


def show_no_room(error: OSError) -> ResponseReturnValue:
    """A file could not be kept: the disk is full or read-only. Anything else is a fault of ours."""
    if error.errno not in NO_ROOM:
        raise error
    log.error("no room for %s %s: %s", request.method, request.path, error)
    return error_answer(503, _("Nothing was saved: there is no room for files. Tell the administrator."))


def _signed_in() -> bool:
    """Whether the error page may show the frame; a fault while signing in must not ask for it again."""
    user = g.get("user")
    return g.get("fault_number") is None and user is not None and bool(user.is_authenticated)
