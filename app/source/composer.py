"""One YAML text -> RawMapping, RawList, text, None with places; every fault found on the way.

The event stream is composed here rather than by PyYAML's own composer: depth, aliases, tags and repeated
keys are then judged while reading, without recursion, before anything grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from app.source.diagnostics import N_, Diagnostic, Span, fault
from app.source.raw import Place, RawList, RawMapping
from app.source.syntax import LINE_BREAK, syntax_fault, tab_faults

LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there; the places of nodes are the same without it, those of syntax errors are not."""

MAX_DEPTH = 40
MAX_ALIAS_NODES = 100_000
MAX_FAULTS = 200

_FORBIDDEN = re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_Event = Any  # PyYAML and libyaml share no base class that says what an event carries


class _Mark(Protocol):
    line: int
    column: int


@dataclass(slots=True)
class Composed:
    """What one text held. `raw` is None when there was nothing usable."""

    raw: object = None
    span: Span = field(default_factory=lambda: Span(""))
    diagnostics: list[Diagnostic] = field(default_factory=list)


class _Frame:
    """A mapping or a list that is still open."""

    __slots__ = (
        "anchor", "elements", "is_list", "key", "key_at", "keys", "nodes", "places", "start", "values",
    )  # fmt: skip

    def __init__(self, is_list: bool, start: _Mark, anchor: str | None) -> None:
        self.is_list = is_list
        self.start = start
        self.anchor = anchor
        self.nodes = 1
        self.elements: list[object] = []
        self.places: list[Span] = []
        self.values: dict[str, object] = {}
        self.keys: dict[str, Span] = {}
        self.key: str | None = None
        self.key_at: Span | None = None


class _Stop(Exception):
    """The text cannot be read any further."""


class _Composer:
    def __init__(self, file: str) -> None:
        self.file = file
        self.out = Composed(span=Span(file))
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[object, Span, int]] = {}
        self.open_anchors: set[str] = set()
        self.alias_nodes = 0
        self.documents = 0
        self.scalars: list[Span] = []

    def span(self, start: _Mark, end: _Mark) -> Span:
        return Span(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def fault(self, code: str, span: Span, text: str, hint: str = "", **params: object) -> None:
        self.out.diagnostics.append(fault(code, span, text, hint, **params))
        if len(self.out.diagnostics) >= MAX_FAULTS:
            raise _Stop

    def feed(self, event: _Event) -> None:
        """Take one event; the commonest kind is asked for first."""
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self.open(event, isinstance(event, yaml.SequenceStartEvent))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.close(event)
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.document(event)

    def document(self, event: _Event) -> None:
        self.documents += 1
        if self.documents > 1:
            span = self.span(event.start_mark, event.end_mark)
            hint = N_("one file holds one document: take the '---' away or make a second file")
            self.fault("SRC010", span, N_("a second document begins here"), hint)
            raise _Stop

    def scalar(self, event: _Event) -> None:
        span = self.span(event.start_mark, event.end_mark)
        self.scalars.append(span)
        if event.tag is not None:
            self.tag(event.tag, span)
        plain = event.implicit[0] and event.tag is None
        value: object = None if plain and event.value in ("", "~", "null") else event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, span, 1)
        if plain and event.value == "<<" and self.expects_key():
            self.fault(
                "SRC009",
                span,
                N_("the merge key '<<' is not part of the language"),
                N_("write 'extends: name' in the declaration to take another one as its base"),
            )
        self.put(value, span, 1)

    def expects_key(self) -> bool:
        return bool(self.frames) and not self.frames[-1].is_list and self.frames[-1].key_at is None

    def open(self, event: _Event, is_list: bool) -> None:
        span = self.span(event.start_mark, event.end_mark)
        if event.tag is not None:
            self.tag(event.tag, span)
        if len(self.frames) >= MAX_DEPTH:
            self.fault("SRC006", span, N_("more than {limit} levels of lists and mappings"), limit=MAX_DEPTH)
            raise _Stop
        if event.anchor is not None:
            self.open_anchors.add(event.anchor)
        self.frames.append(_Frame(is_list, event.start_mark, event.anchor))

    def close(self, event: _Event) -> None:
        frame = self.frames.pop()
        # A block collection has no closing sign: it ends where its last element ends.
        last = frame.places[-1] if frame.places else None
        end = event.end_mark
        if event.start_mark.column == event.end_mark.column and last is not None:
            whole = Span(
                self.file, frame.start.line + 1, frame.start.column + 1, last.end_line, last.end_column
            )
        else:
            whole = self.span(frame.start, end)
        value: object
        if frame.is_list:
            value = RawList(frame.elements, whole, frame.places)
        else:
            places = dict(zip(frame.keys, frame.places, strict=True))
            value = RawMapping(frame.values, Place(whole, frame.keys, places))
        if frame.anchor is not None:
            self.open_anchors.discard(frame.anchor)
            self.anchors[frame.anchor] = (value, whole, frame.nodes)
        self.put(value, whole, frame.nodes)

    def alias(self, event: _Event) -> None:
        span = self.span(event.start_mark, event.end_mark)
        name = event.anchor
        if name in self.open_anchors or name not in self.anchors:
            self.fault(
                "SRC019", span, N_("'*{name}' refers to an anchor that is not complete before it"), name=name
            )
            raise _Stop
        value, _, nodes = self.anchors[name]
        self.alias_nodes += nodes
        if self.alias_nodes > MAX_ALIAS_NODES:
            self.fault(
                "SRC007",
                span,
                N_("aliases repeat more than {limit} values"),
                N_("write the values out, or use 'extends'"),
                limit=MAX_ALIAS_NODES,
            )
            raise _Stop
        self.put(value, span, nodes)

    def put(self, value: object, span: Span, nodes: int) -> None:
        """Hand a finished value to the collection that is open, or make it the document."""
        if not self.frames:
            self.out.raw, self.out.span = value, span
            return
        frame = self.frames[-1]
        frame.nodes += nodes
        if frame.is_list:
            frame.elements.append(value)
            frame.places.append(span)
        elif frame.key_at is None:
            self.put_key(frame, value, span)
        else:
            if frame.key is not None:
                frame.values[frame.key] = value
                frame.keys[frame.key] = frame.key_at
                frame.places.append(span)
            frame.key = frame.key_at = None

    def put_key(self, frame: _Frame, value: object, span: Span) -> None:
        frame.key_at = span
        if not isinstance(value, str):
            self.fault("SRC014", span, N_("a key must be a word, not a list, a mapping or nothing"))
        elif value in frame.keys:
            first = frame.keys[value]
            self.fault(
                "SRC005",
                span,
                N_("the key '{key}' is repeated; it was first written at {first}"),
                N_("keep one of the two"),
                key=value,
                first=str(first),
            )
        elif value != "<<":
            frame.key = value

    def tag(self, tag: str, span: Span) -> None:
        self.fault(
            "SRC008",
            span,
            N_("the tag '{tag}' is not part of the language"),
            N_("leave the tag out; the key's own type reads the value"),
            tag=tag.replace("tag:yaml.org,2002:", "!!"),
        )


def _events(text: str) -> Iterator[_Event]:
    loader = LOADER(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()


def compose(text: str, file: str) -> Composed:
    """Read one YAML text; `file` is what places shall name. Raises nothing: faults are in the answer."""
    text = text.removeprefix("\ufeff")
    composer = _Composer(file)
    if found := _FORBIDDEN.search(text):
        above = LINE_BREAK.split(text[: found.start()])
        line, column = len(above), len(above[-1]) + 1
        place = Span(file, line, column, line, column + 1)
        sign = f"U+{ord(found[0]):04X}"
        composer.fault("SRC002", place, N_("the control character {sign} may not stand in a file"), sign=sign)
        return composer.out
    try:
        for event in _events(text):
            composer.feed(event)
    except _Stop:
        composer.out.raw = None
    except yaml.MarkedYAMLError as error:
        composer.out.raw = None
        composer.out.diagnostics.append(syntax_fault(error, text, file))
    else:
        composer.out.diagnostics.extend(tab_faults(text, file, composer.scalars))
    return composer.out
