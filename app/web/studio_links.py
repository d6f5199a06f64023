"""Addresses inside the studio: a place of the YAML in a revision's editor or in a release's text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from app.access import decide
from app.actions.revisions import REVISION
from app.source import Span
from app.web.context import actor, served

PlaceAddress = Callable[[str, int], str]
"""File and line -> the address of that place, empty where there is nothing to see."""


def studio_address(revision: int | None = None, page: str = "", /, **query: object) -> str:
    """`/studio/[<revision>/][<page>]`."""
    path = f"{request.script_root}/studio/" + ("" if revision is None else f"{revision}/") + page
    given = [(name, value) for name, value in query.items() if value not in (None, "", 0)]
    return path + (f"?{urlencode(given)}" if given else "")


def source_address(path: str, line: int = 0, release: int | None = None) -> str:
    """A place in the text of a release (of the one in service when none is named)."""
    return studio_address(None, "source", path=path, line=line, release=release)


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """A place as `file:line` and where it leads; href is empty where there is nothing to see."""

    text: str
    href: str = ""
    file: str = ""
    line: int = 0

    @classmethod
    def of(cls, span: Span, revision: int = 0, release: int = 0) -> PlaceLink:
        """The link to `span` in the editor of `revision`, or else in the text of `release`."""
        if not span.file or span.file.startswith("<"):
            return cls(span.file)
        text, line = f"{span.file}:{span.line}", max(span.line, 1)
        if revision:
            return cls(text, studio_address(revision, "edit", path=span.file, line=line), span.file, line)
        href = source_address(span.file, line, release) if release else ""
        return cls(text, href, span.file, line)


def why_address(path: str, line: int, release: int | None = None, revision: int = 0) -> str:
    """Where a reason leads: to its rule's text, for those who may read revisions; empty for others. release:
    the one that judged so; revision: the draft that did, whose editor is opened."""
    return why_addresses(release, revision)(path, line)


def why_addresses(release: int | None = None, revision: int = 0) -> PlaceAddress:
    """The same for many places: who asks is looked at once."""
    if not decide(served().policy, actor(), "read", REVISION).allowed:
        return lambda _path, _line: ""

    def address(path: str, line: int) -> str:
        if not path or path.startswith("<"):
            return ""
        if revision:
            return studio_address(revision, "edit", path=path, line=line)
        return source_address(path, line, release)

    return address
