"""Requests that make no sense, for every address of an application: the same ones every time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from flask import Flask
from werkzeug.routing import IntegerConverter, MapAdapter, Rule

from app.web.context import Served

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
READ = re.compile(r'(?:args|values)\.get(?:list)?\(\s*"([\w.]+)"')
TAKEN = re.compile(r'(?:form|files)\.get(?:list)?\(\s*"([\w.]+)"')
NUMBERS = (0, 2**31 - 1, 2**31, 2**63, 10**40)
WORDS = ("²", "\x00", "..", "查" * 300, "{{7*7}}", "'\"<b>", "-1")
TEXTS = (
    "²", "\x00", "9" * 5000, "查" * 300, "'\"<b>&%_\\", "-1", "1e400", "NaN", "[1", "١٢", "2147483648",
    "0001-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00", "a.b..c/../x",
)  # fmt: skip
"""What every parameter of a page and every field of a form is set to, one after the other."""
VALUES: tuple[object, ...] = (
    *TEXTS, "\ud800", 1e300, 10**40, -1, 1.5, True, None, [], {}, [[]], [{}], {"id": "x"}, {"id": 10**40},
    [10**40], [{"id": []}],
)  # fmt: skip
"""What every field of a record is set to in JSON."""
BODIES: tuple[object, ...] = (
    [], "text", None, {"version": 10**40}, {"version": 2**31}, {"release": 10**40, "version": 1},
    {"answers": {"x": [1, {"y": "\x00"}]}, "text": 5, "path": ["a"]},
)  # fmt: skip
ROUNDS = 4
KEEPING = ("/logout/", "/login/", "/profile/password")
"""Addresses at which the one who asks would lose the session."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: texts in the address, and a form or JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: object = None

    def __str__(self) -> str:
        return f"{self.method} {self.path[:90]} {self.query or self.form or self.json!r:.60}"


Chosen = Callable[[Rule], bool]
Value = TypeVar("Value")


def parameters(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """The names of parameters that pages read, as their own code has them."""
    found = {name for place in sorted(WEB.glob("*.py")) for name in pattern.findall(place.read_text("utf-8"))}
    return tuple(sorted(found))


def reading(
    app: Flask, here: Served, known: Mapping[str, object], chosen: Chosen, deep: bool
) -> Iterator[Ask]:
    """Each page; those that are `chosen` with nonsense in the address, and (`deep`) in every parameter."""
    names = parameters(READ)
    for turn, (rule, paths) in enumerate(_rules(app, "GET", known)):
        yield from (Ask("GET", path) for path in (paths if chosen(rule) else paths[:1]))
        ends = [f"f.{one}{end}" for one in _fields(here, rule) for end in ("", ".from", ".to")]
        for query in _dealt([*names, *ends], TEXTS, turn) if deep and chosen(rule) else ():
            yield Ask("GET", paths[0], query)


def writing(
    app: Flask, here: Served, known: Mapping[str, object], chosen: Chosen, deep: bool
) -> Iterator[Ask]:
    """Each address that changes something; those that are `chosen` with nonsense in the address, and (`deep`)
    in every field of their forms and their JSON."""
    names = parameters(TAKEN)
    for method in ("POST", "PUT", "DELETE"):
        for turn, (rule, paths) in enumerate(_rules(app, method, known)):
            yield from (Ask(method, path, form={}) for path in (paths if chosen(rule) else paths[:1]))
            if not deep or not chosen(rule):
                continue
            fields = _fields(here, rule)
            for form in _dealt([*fields, *names], TEXTS, turn):
                yield Ask(method, paths[0], form=form)
            yield from (Ask(method, paths[0], json=body) for body in BODIES)
            yield from (Ask(method, paths[0], json=body) for body in _dealt(fields, VALUES, turn))


def _dealt(names: Sequence[str], values: Sequence[Value], turn: int) -> Iterator[dict[str, Value]]:
    """Every name with some value, ROUNDS times over: in each round another one, and another one for the next
    name and the next address, so that all values come to stand everywhere without trying each with each."""
    step = len(values) // ROUNDS + 1
    for number in range(ROUNDS):
        first = turn + number * step
        yield {name: values[(first + place) % len(values)] for place, name in enumerate(names)}


def _rules(app: Flask, method: str, known: Mapping[str, object]) -> Iterator[tuple[Rule, list[str]]]:
    """Every rule that answers `method`, with its addresses; files of packages aside."""
    with app.test_request_context():
        urls = app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
            served = method in (rule.methods or ()) and not rule.endpoint.endswith("static")
            if served and rule.rule not in KEEPING:
                yield rule, list(_paths(urls, rule, known, method))


def _paths(urls: MapAdapter, rule: Rule, known: Mapping[str, object], method: str) -> Iterator[str]:
    """An address of the rule that makes sense, and those with one part of it replaced by nonsense."""
    plain = {name: known.get(name, 1) for name in rule.arguments}
    yield urls.build(rule.endpoint, plain, method=method)
    for name in sorted(rule.arguments):
        numeric = isinstance(rule._converters[name], IntegerConverter)
        for value in NUMBERS if numeric else WORDS:
            yield urls.build(rule.endpoint, {**plain, name: value}, method=method)
        if numeric:
            path = urls.build(rule.endpoint, {**plain, name: 987654321}, method=method)
            yield path.replace("987654321", "9" * 5000)


def _fields(here: Served, rule: Rule) -> tuple[str, ...]:
    """The fields of the record type that an address is about; none where it is about no type."""
    record_type = next((one for one in rule.rule.split("/") if one in here.release.records), "")
    return tuple(here.release.records[record_type].columns) if record_type else ()
