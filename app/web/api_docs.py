"""OpenAPI of the record API, and a page that shows it: only types and fields that the caller may see."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi, protect
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.security.decorators import permission_name

from app.access import decide, hidden_fields, may_see_type, read_only_fields
from app.release import RecordModel
from app.web.api_values import describe
from app.web.context import actor, served
from app.web.gate import needs
from app.web.languages import label
from app.web.menu import ordered_types

VERSION = "v1"
MESSAGE: dict[str, Any] = {"type": "object", "properties": {"message": {"type": "string"}}}
_TEXT = {"type": "string", "nullable": True}
_MOMENT = {"type": "string", "format": "date-time", "nullable": True}
_STRETCH = {"from": _MOMENT, "to": _MOMENT}
_PARTS = {"type": "array", "items": {"type": "object"}}
CLOCK: dict[str, Any] = {
    "type": "object",
    "description": "One clock of the record with its proof.",
    "properties": {
        "service_level": {"type": "string"},
        "start": _MOMENT,
        "due": _MOMENT,
        "target": _TEXT,
        "calendar": _TEXT,
        "counted": {
            "type": "array",
            "items": {"type": "object", "properties": {**_STRETCH, "seconds": {"type": "number"}}},
        },
        "left_out": {
            "type": "array",
            "items": {"type": "object", "properties": {**_STRETCH, "why": {"type": "string"}}},
        },
        "because": _PARTS,
        "state": {"type": "string"},
        "stopped": _MOMENT,
        "missed": {"type": "boolean"},
        "provisional": {"type": "boolean"},
        "steps": _PARTS,
    },
}
FAULTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "message": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}
QUERY: dict[str, Any] = {
    "in": "query",
    "name": "q",
    "description": "Rison or JSON: filters [{col, opr, value}], search, order_column, order_direction, page, "
    "page_size, columns, keys.",
    "schema": {"type": "string"},
    "example": "(page:0,page_size:25,order_column:id,order_direction:desc)",
}
PK: dict[str, Any] = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer"}}


class ApiDocs(BaseView):
    """`/swagger/v1`: the description for people."""

    route_base = "/swagger"
    class_permission_name = "ApiDocs"
    default_view = "show"

    @expose("/<version>")
    @needs("open")
    def show(self, version: str) -> ResponseReturnValue:
        if version != VERSION:
            abort(404)
        return render_template("records/api.html", document=openapi())


class OpenApi(BaseApi):
    """`/api/v1/_openapi`: the description for programs."""

    route_base = "/api"
    class_permission_name = "ApiDocs"
    allow_browser_login = True
    csrf_exempt = False

    @expose("/<version>/_openapi")
    @protect()
    @permission_name("open")
    def get(self, version: str) -> Response:
        if version != VERSION:
            abort(404)
        return jsonify(openapi())


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.0 document for whoever asks."""
    here, asker = served(), actor()
    paths: dict[str, Any] = {"/api/v1/security/login": {"post": _login()}}
    schemas: dict[str, Any] = {}
    for record in ordered_types(here):
        if not may_see_type(here.policy, asker, record.name):
            continue
        hidden = hidden_fields(here.policy, asker, record.name)
        locked = read_only_fields(here.policy, asker, record.name)
        schemas[record.name] = _schema(record, hidden, locked)
        paths[f"/api/v1/{record.name}/"] = _collection(record)
        paths[f"/api/v1/{record.name}/{{pk}}"] = _single(record)
        paths |= _beside(record)
    return {
        "openapi": "3.0.3",
        "info": {"title": label(here.release.portal.settings.title) or "Ducha", "version": VERSION},
        "servers": [{"url": request.script_root or "/"}],
        "security": [{"jwt": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Message": MESSAGE, "Faults": FAULTS, "Clock": CLOCK},
            "securitySchemes": {
                "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "ducha_session"},
            },
        },
    }


def _schema(record: RecordModel, hidden: frozenset[str], locked: frozenset[str]) -> dict[str, Any]:
    columns = {name: describe(field) for name, field in record.columns.items() if name not in hidden}
    for name in locked & columns.keys():
        columns[name]["readOnly"] = True
    required = [
        name
        for name, field in record.fields.items()
        if field.required is True and name in columns and not columns[name].get("readOnly")
    ]
    schema: dict[str, Any] = {
        "type": "object",
        "title": record.label,
        "description": record.spec.help,
        "properties": {**columns, "version": {"type": "integer"}},
    }
    return {**schema, "required": required} if required else schema


def _collection(record: RecordModel) -> dict[str, Any]:
    rows = {"type": "array", "items": _ref(record.name)}
    found = {
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "count_is_exact": {"type": "boolean"},
            "ids": {"type": "array", "items": {"type": "integer"}},
            "result": rows,
        },
    }
    operations = {"get": _operation(record, "read", found, [QUERY])}
    if _may("create", record):
        operations["post"] = _operation(record, "create", _one(record), [], body=record.name, status="201")
    return operations


def _single(record: RecordModel) -> dict[str, Any]:
    operations = {"get": _operation(record, "read", _one(record), [PK])}
    if _may("update", record):
        operations["put"] = _operation(record, "update", _one(record), [PK], body=record.name)
    if _may("delete", record):
        operations["delete"] = _operation(record, "delete", MESSAGE, [PK])
    return operations


def _beside(record: RecordModel) -> dict[str, Any]:
    """Why one record came out so, its clocks, and its transitions."""
    found, place = {}, f"/api/v1/{record.name}/{{pk}}"
    if record.name == "penalty" or record.of_type("checklist"):
        told = {"type": "object", "properties": {"id": {"type": "integer"}, "result": {"type": "object"}}}
        found[f"{place}/reasons"] = {"get": _operation(record, "read_reasons", told, [PK])}
    told = {"type": "object", "properties": {"id": {"type": "integer"}, "result": _array(_ref("Clock"))}}
    found[f"{place}/deadlines"] = {"get": _operation(record, "read_deadlines", told, [PK])}
    if record.workflow is not None:
        names = {"type": "string", "enum": list(record.workflow.transitions)}
        name = {"in": "path", "name": "transition", "required": True, "schema": names}
        moved = _operation(record, "move", _one(record), [PK, name], body=record.name)
        found[f"{place}/move/{{transition}}"] = {"post": moved}
    chosen = {"type": "object", "properties": {"id": {"type": "integer"}, "release": {"type": "integer"}}}
    found[f"{place}/release"] = {"post": _operation(record, "choose_release", chosen, [PK])}
    return found


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _may(verb: str, record: RecordModel) -> bool:
    return decide(served().policy, actor(), verb, record.name).allowed


def _one(record: RecordModel) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "result": _ref(record.name)},
    }


def _operation(
    record: RecordModel,
    verb: str,
    found: dict[str, Any],
    parameters: list[dict[str, Any]],
    body: str = "",
    status: str = "200",
) -> dict[str, Any]:
    responses = {
        status: _content(found, "Done"),
        "400": _content(_ref("Message"), "The arguments cannot be read"),
        "401": _content(_ref("Message"), "Not signed in"),
        "403": _content(_ref("Message"), "Not allowed"),
    }
    if parameters and parameters[0] is PK:
        responses["404"] = _content(_ref("Message"), "No such record for you")
    if body:
        responses["409"] = _content(_ref("Message"), "Changed meanwhile: send the version you read")
        responses["422"] = _content(_ref("Faults"), "Entries that are not right, by field")
    operation: dict[str, Any] = {
        "tags": [record.label],
        "operationId": f"{verb}_{record.table}",
        "parameters": parameters,
        "responses": responses,
    }
    if body:
        operation["requestBody"] = {"required": True, **_content(_ref(body), "")}
    return operation


def _login() -> dict[str, Any]:
    entry = {
        "type": "object",
        "required": ["username", "password", "provider"],
        "properties": {
            "username": {"type": "string"},
            "password": {"type": "string"},
            "provider": {"type": "string", "enum": ["db", "ldap"]},
            "refresh": {"type": "boolean"},
        },
    }
    token = {"type": "object", "properties": {"access_token": {"type": "string"}}}
    return {
        "tags": ["security"],
        "security": [],
        "requestBody": {"required": True, **_content(entry, "")},
        "responses": {"200": _content(token, "A token"), "401": _content(_ref("Message"), "Refused")},
    }


def _content(schema: dict[str, Any], description: str) -> dict[str, Any]:
    found: dict[str, Any] = {"content": {"application/json": {"schema": schema}}}
    return {"description": description, **found} if description else found


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
