"""One expression, one record, and its value in each of the readers."""

from __future__ import annotations

import json
import subprocess
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any

import sqlalchemy as sa
from expression_world import CASE, CASES, TABLES, VALUES, save

from app.expressions import Expression, evaluate, evaluate_lookup, to_browser, to_javascript
from app.expressions.sql import to_sql

Case = tuple[dict[str, Any], list[dict[str, Any]]]
EMPTY: dict[str, Any] = {**dict.fromkeys(CASE), "id": 1, "tags": [], "helpers": [], "steps": []}

NODE_SERVER = """
require(process.argv[1]);
const E = globalThis.Expressions;
require("readline").createInterface({input: process.stdin}).on("line", (line) => {
  const {code, scope, kind} = JSON.parse(line);
  const result = new Function("E", "s", "return " + code)(E, scope);
  console.log(JSON.stringify(E.plain(result, kind)));
});
"""


def pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def in_python(expression: Expression, sample: Case) -> Any:
    """The value in Python, look-ups computed over the same penalties."""
    case, penalties = sample
    scope = {**case, **VALUES}
    facts = {found.key: evaluate_lookup(found, penalties, scope) for found in expression.lookups}
    return evaluate(expression, scope, facts)


def plain(value: Any) -> Any:
    """A value in the one form that all readers' results are compared in."""
    match value:
        case bool() | None | str():
            return value
        case int() | Decimal():
            return Decimal(value)
        case timedelta() | datetime() | date():
            return value
    return value["id"] if isinstance(value, dict) else value


def in_database(connection: sa.Connection, expression: Expression, sample: Case) -> Any:
    with connection.begin_nested():
        save(connection, *sample)
        query = sa.select(to_sql(expression, CASES)).select_from(TABLES["case"])
        return connection.execute(query).scalar_one()


def in_node(process: subprocess.Popen[str], expression: Expression, sample: Case) -> Any:
    """The value in JavaScript, read back as Python's."""
    scope = to_browser({**sample[0], **VALUES})
    kind = str(expression.type)
    message = json.dumps({"code": to_javascript(expression), "scope": scope, "kind": kind})
    pipe(process.stdin).write(message + "\n")
    pipe(process.stdin).flush()
    found = json.loads(pipe(process.stdout).readline())
    if found is None:
        return None
    readers: dict[str, Any] = {
        "number": Decimal,
        "date": date.fromisoformat,
        "datetime": datetime.fromisoformat,
        "duration": lambda text: timedelta(microseconds=int(Decimal(text) * 1_000_000)),
    }
    return readers.get(kind, lambda value: value)(found)
