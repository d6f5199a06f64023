"""The console's door."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from app.web.context import account_id
from app.web.gate import allowed, login_redirect


class Gate:
    """For Flask-Admin views: administrators only; others are refused, strangers are sent to sign in."""

    def is_accessible(self) -> bool:
        return account_id() is not None and allowed("manage", "Console")

    def inaccessible_callback(self, _name: str, **_given: Any) -> ResponseReturnValue:
        if account_id() is None:
            answer: ResponseReturnValue = login_redirect()
            return answer
        abort(403)
