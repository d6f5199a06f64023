"""The REST API of one record type: the same rights, rows, fields, checks and audit as its pages."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi, ModelRestApi
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.access import AccessDenied, decide, hidden_fields, masked_fields, read_only_fields
from app.access.masks import mask_value
from app.actions import InvalidRecord
from app.actions.advance_workflow import advance_workflow
from app.actions.release_choice import choose_release
from app.release import RecordModel
from app.source import PortalError
from app.storage import ListQuery, Record, RecordGone, StaleRecord
from app.web.addresses import file_address
from app.web.api_args import BadArguments, ListArguments, columns_of, list_arguments, read_q
from app.web.api_reasons import told_reasons
from app.web.api_values import describe, json_value, link_value
from app.web.clock_cards import told_clocks
from app.web.context import Served, action_context, actor, served, session
from app.web.faults import field_errors, said
from app.web.interface import PortalInterface
from app.web.languages import label
from app.web.list_page import fetch
from app.web.list_query import READERS, Asked, closed_columns, sortable
from app.web.rules import LARGEST_NUMBER
from app.web.visible import Visible, label_is_open, read_visible

LINKS = frozenset({"person", "unit", "link"})


def answers(method: Callable[..., Response]) -> Callable[..., Response]:
    """What actions refuse becomes a status with words; nothing of that is an error of ours."""

    @functools.wraps(method)
    def answered(self: RecordApi, *args: Any, **kwargs: Any) -> Response:
        try:
            return method(self, *args, **kwargs)
        except PortalError as error:
            session().rollback()
            return refusal(error)

    return answered


def refusal(error: PortalError) -> Response:
    """The answer for something that was refused."""
    if isinstance(error, BadArguments):
        return reply({"message": str(error)}, 400)
    if isinstance(error, AccessDenied):
        return reply({"message": said(error)}, 403)
    if isinstance(error, RecordGone):
        return reply({"message": said(error)}, 404)
    if isinstance(error, StaleRecord):
        return reply({"message": said(error), "version": error.current.version}, 409)
    if isinstance(error, InvalidRecord):
        return reply({"message": _("Nothing was saved."), "errors": field_errors(error)}, 422)
    return reply({"message": said(error), "errors": field_errors(error)}, 422)


def reply(body: Mapping[str, Any], status: int = 200) -> Response:
    """JSON, Chinese as it is."""
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")


class RecordApi(ModelRestApi):
    """`/api/v1/<record type>/`."""

    record: RecordModel
    datamodel: PortalInterface
    include_route_methods = frozenset(
        {"info", "get_list", "get", "post", "put", "delete", "deadlines", "reasons", "move", "release"}
    )
    allow_browser_login = True
    csrf_exempt = False

    def __init__(self) -> None:
        """FAB's own initialisation makes schemas of every column; ours depend on who asks."""
        BaseApi.__init__(self)

    def create_blueprint(self, appbuilder: Any, *args: Any, **kwargs: Any) -> Blueprint:
        made: Blueprint = BaseApi.create_blueprint(self, appbuilder, *args, **kwargs)
        return made

    def response_401(self) -> Response:
        """In the caller's language, as everything else."""
        return reply({"message": _("Please sign in first")}, 401)

    def response_403(self) -> Response:
        """The same."""
        return reply({"message": _("You may not do that")}, 403)

    @expose("/_info", methods=["GET"])
    @protect()
    @permission_name("read")
    @answers
    def info(self) -> Response:
        """What the caller may do with the type, and its fields."""
        here, asker, name = served(), actor(), self.record.name
        hidden, locked = hidden_fields(here.policy, asker, name), read_only_fields(here.policy, asker, name)
        fields = {
            key: {**describe(one), "readOnly": key in locked or describe(one).get("readOnly", False)}
            for key, one in self.record.columns.items()
            if key not in hidden
        }
        verbs = [verb for verb in VERBS if decide(here.policy, asker, verb, name).allowed]
        filters = [
            key for key, one in self.record.columns.items() if key not in hidden and one.type in READERS
        ]
        columns = [key for key in self.record.list_columns if key not in hidden]
        title = label(self.record.label)
        return reply(
            {
                "title": title,
                "permissions": verbs,
                "fields": fields,
                "filters": filters,
                "list_columns": columns,
            }
        )

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("read")
    @answers
    def get_list(self) -> Response:
        """One page of records within the caller's rows."""
        here = served()
        visible = visible_columns(here, self.record)
        given = list_arguments(here, self.record, visible)
        asked = _asked(here, self.record, given, visible)
        found = fetch(here, self.record, asked, "read")
        if asked.problems:
            raise BadArguments(" ".join(asked.problems))
        masks = masked_fields(here.policy, actor(), self.record.name)
        rows = [_row(here, self.record, one, asked.columns, masks) for one in found.rows]
        return reply(
            {
                "count": found.total,
                "count_is_exact": not found.more,
                "ids": [one.id for one in found.rows],
                "result": rows,
            }
        )

    @expose("/<int:pk>", methods=["GET"])
    @protect()
    @permission_name("read")
    @answers
    def get(self, pk: int) -> Response:
        """One record."""
        columns = columns_of(read_q(), visible_columns(served(), self.record))
        return self._one(pk, columns)

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("create")
    @answers
    def post(self) -> Response:
        """A new record."""
        entries, _version = _body()
        saved = self.datamodel.create(entries)
        return self._one(saved.id, (), 201)

    @expose("/<int:pk>", methods=["PUT"])
    @protect()
    @permission_name("update")
    @answers
    def put(self, pk: int) -> Response:
        """Change the fields that are named; `version` is the one that was read."""
        entries, version = _body()
        self.datamodel.change(pk, entries, version)
        return self._one(pk, ())

    @expose("/<int:pk>", methods=["DELETE"])
    @protect()
    @permission_name("delete")
    @answers
    def delete(self, pk: int) -> Response:
        """Delete one record."""
        version = request.args.get("version", "")
        self.datamodel.remove(pk, int(version) if version.isdecimal() and len(version) < 10 else None)
        return reply({"message": "OK"})

    @expose("/<int:pk>/deadlines", methods=["GET"])
    @protect()
    @permission_name("read")
    @answers
    def deadlines(self, pk: int) -> Response:
        """The clocks of one record, each with its proof."""
        here = served()
        seen = read_visible(here, self.record, pk)
        return reply({"id": pk, "result": told_clocks(here, seen.record)})

    @expose("/<int:pk>/reasons", methods=["GET"])
    @protect()
    @permission_name("read")
    @answers
    def reasons(self, pk: int) -> Response:
        """Why one record came out as it did: reasons, the history of a penalty, scores."""
        here = served()
        seen = read_visible(here, self.record, pk)
        return reply({"id": pk, "result": told_reasons(here, self.record, seen)})

    @expose("/<int:pk>/move/<string:name>", methods=["POST"])
    @protect()
    @permission_name("read")
    @answers
    def move(self, pk: int, name: str) -> Response:
        """Make a transition of one record; the body holds the fields that it asks for, and `version`."""
        entries, version = _body()
        advance_workflow(action_context(), self.record.name, pk, name, entries, version)
        return self._one(pk, ())

    @expose("/<int:pk>/release", methods=["POST"])
    @protect()
    @permission_name("read")
    @answers
    def release(self, pk: int) -> Response:
        """Say which release judges an open record about which somebody is asked: `{"release": number}`."""
        entries, _version = _body()
        number = entries.get("release")
        if isinstance(number, bool) or not isinstance(number, int):
            raise BadArguments(_("release must be the number of a release."))
        return reply({"id": pk, "release": choose_release(action_context(), self.record.name, pk, number)})

    def _one(self, pk: int, columns: tuple[str, ...], status: int = 200) -> Response:
        """A record as the caller sees it; only its id, where the caller may write but not read it."""
        here = served()
        if not decide(here.policy, actor(), "read", self.record.name).allowed:
            return reply({"id": pk}, status)
        try:
            seen = read_visible(here, self.record, pk, open=status == 200 and request.method == "GET")
        except RecordGone:
            if request.method != "GET":
                return reply({"id": pk}, status)
            raise
        return reply({"id": pk, "result": _record(here, self.record, seen, columns)}, status)


VERBS = ("create", "read", "update", "delete", "print", "export", "import")


def api_class(record: RecordModel) -> type[RecordApi]:
    """The API of one record type."""
    here = served()
    return type(
        f"Api_{record.table}",
        (RecordApi,),
        {
            "record": record,
            "datamodel": PortalInterface(here.models.classes[record.name], here, record),
            "resource_name": record.name,
            "class_permission_name": record.name,
            "__module__": __name__,
        },
    )


def visible_columns(here: Served, record: RecordModel) -> tuple[str, ...]:
    """The columns that the caller may see."""
    hidden = hidden_fields(here.policy, actor(), record.name)
    return tuple(name for name in record.columns if name not in hidden)


def _asked(here: Served, record: RecordModel, given: ListArguments, visible: tuple[str, ...]) -> Asked:
    masked = frozenset(masked_fields(here.policy, actor(), record.name))
    hidden = frozenset(record.columns) - frozenset(visible)
    closed = closed_columns(here, record)
    if given.order and not sortable(record, given.order.removeprefix("-"), closed):
        raise BadArguments(_("Cannot sort by %(name)s.", name=given.order.removeprefix("-")))
    columns = given.columns or tuple(name for name in record.list_columns if name in visible)
    query = ListQuery(
        record.name,
        filters=given.filters,
        search=given.search,
        order=given.order,
        offset=given.page * given.page_size,
        limit=given.page_size,
        hidden=closed,
    )
    shown_masked = masked & frozenset(columns)
    return Asked(query, columns, shown_masked, hidden, given.order)


def _row(
    here: Served, record: RecordModel, one: Record, columns: tuple[str, ...], masks: Mapping[str, Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {"id": one.id}
    for name in columns:
        value = one.values.get(name)
        if name in masks and isinstance(value, str):
            value = mask_value(masks[name], value)
        found[name] = _json(here, record, name, value, one)
    return found


def _record(here: Served, record: RecordModel, seen: Visible, columns: tuple[str, ...]) -> dict[str, Any]:
    names = columns or tuple(name for name in record.columns if name not in seen.hidden)
    values = {name: _json(here, record, name, seen.record.values.get(name), seen.record) for name in names}
    return {**values, "label": seen.record.label, "version": seen.record.version}


def _json(here: Served, record: RecordModel, name: str, value: Any, one: Record) -> Any:
    field = record.columns[name]
    if field.kind.storage == "attachments":
        return [_file(info) for info in one.attachments.get(name, ())]
    if field.type in LINKS or field.type == "links":
        is_open = label_is_open(here, actor(), field.target or "")
        words: Any = one.labels.get(name) if is_open else None
        if field.type != "links":
            return link_value(value, words)
        texts = words or ("",) * len(value or ())
        return [link_value(key, text) for key, text in zip(value or (), texts, strict=False)]
    if field.type == "lines":
        known = field.lines
        return [
            {key: json_value(item, here.zone, known.get(key)) for key, item in line.items()}
            for line in value or ()
        ]
    return json_value(value, here.zone, field)


def _file(info: Any) -> dict[str, Any]:
    return {
        "id": info.id,
        "file_name": info.file_name,
        "media_type": info.media_type,
        "size": info.size,
        "href": file_address(info.id, info.file_name),
    }


def _body() -> tuple[dict[str, object], int | None]:
    """The entries and the version in the request's JSON. Raises BadArguments."""
    given = request.get_json(silent=True) if request.is_json else None
    if not isinstance(given, dict):
        raise BadArguments(_("The request's body must be a JSON object."))
    entries = {str(name): value for name, value in given.items() if name not in ("version", "id", "label")}
    version = given.get("version")
    if version is not None and (type(version) is not int or not 0 <= version <= LARGEST_NUMBER):
        raise BadArguments(_("version must be a whole number."))
    return entries, version
