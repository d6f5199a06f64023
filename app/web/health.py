"""Small pages without a session: is the portal alive, and the script that expressions need in a browser."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from flask import Flask, Response, request
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from sqlalchemy.exc import SQLAlchemyError

from app.expressions import RUNTIME
from app.web.context import served

RUNTIME_TEXT = RUNTIME.read_text(encoding="utf-8") + "\nexport default globalThis.Expressions;\n"
RUNTIME_TAG = hashlib.sha256(RUNTIME_TEXT.encode()).hexdigest()[:16]


class HealthView(BaseView):
    """`/health`: 200 when the database answers, 503 when it does not; says nothing else to strangers."""

    route_base = ""
    default_view = "health"

    @expose("/health")
    def health(self) -> tuple[dict[str, object], int]:
        here = served()
        try:
            with here.database.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except SQLAlchemyError:
            return {"status": "database"}, 503
        return {"status": "ok", "release": here.release.number}, 200


class PortalStatic(BaseView):
    """`/static/expressions.js`: the library that the conditions of forms call."""

    route_base = ""
    default_view = "runtime"

    @expose("/static/expressions.js")
    def runtime(self) -> Response:
        answer = Response(RUNTIME_TEXT, mimetype="text/javascript")
        answer.set_etag(RUNTIME_TAG)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        answer.make_conditional(request)
        return answer


def install_health(app: Flask) -> None:
    builder = app.extensions["appbuilder"]
    builder.add_view_no_menu(HealthView)
    builder.add_view_no_menu(PortalStatic)
