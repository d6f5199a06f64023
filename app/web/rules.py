"""URL rules whose builders are compiled when an address is first built from them, and the numbers in them.

A portal has some thirty rules for each record type, and most of them are only ever matched. Compiling a
builder for each of them takes four fifths of the time in which an application is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import IntegerConverter, Map, Rule

LARGEST_NUMBER = 2**31 - 1
"""The largest id that a table can hold."""
Builder = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """A rule like any other; only its two builders wait until they are called."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compiled: list[Builder] = []

        def build(rule: Any, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(Rule._compile_builder(rule, append_unknown))
            return compiled[0](rule, **values)

        return build


class WholeNumber(IntegerConverter):
    """An id in an address. There is no page for what no table can hold."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_NUMBER)


class PortalMap(Map):
    """The addresses of an application, with numbers of a size that a database takes."""

    default_converters = ImmutableDict(Map.default_converters | {"int": WholeNumber})
