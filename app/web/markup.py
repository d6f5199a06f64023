"""What a page repeats hundreds of times, written straight as HTML: cells, rows, menu entries.

A template costs some microseconds for each of the dozen pieces that a cell is made of; a list of 25 rows has
hundreds of cells. Everything else of a page stays in its template.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from app.web.display import Cell

SHORT = 5
"""Characters of a cell that a phone shows beside its label."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; `sorted` is up or down, `sort_href` None where the list cannot be sorted by it."""

    name: str
    label: str
    kind: str
    sort_href: str | None
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the list."""

    id: int
    title: str
    href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    label: str
    href: str
    icon: str = ""


def tag(text: str, tone: str = "") -> Markup:
    """A word in a coloured shape."""
    return Markup(_tag(text, tone))


def show_cell(cell: Cell, clip: bool = False) -> Markup:
    """A value as a page shows it; `clip` cuts a long text short."""
    return Markup(_shown(cell, clip))


def list_rows(columns: Sequence[Column], rows: Iterable[Row], select: str, choosing: bool) -> Markup:
    """The rows of a list; `choosing` puts a box before each, which says `select` and the row's title."""
    select = escape(select)
    heads = [_head(column, number == 0) for number, column in enumerate(columns)]
    parts: list[str] = []
    for row in rows:
        parts.append("<tr>")
        if choosing:
            parts.append(
                f'<td class="row-check"><input class="form-check-input" type="checkbox" name="id" '
                f'value="{row.id}" data-select-row aria-label="{select} {escape(row.title)}"></td>'
            )
        for (marks, label), cell in zip(heads, row.cells, strict=True):
            text = cell.text
            size = "" if len(text) > SHORT else " short" if text else " is-empty short"
            parts.append(f'<td class="cell-{cell.kind or "text"}{marks}{size}" data-label="{label}">')
            if marks.startswith(" main"):
                parts.append(f'<a href="{escape(row.href)}">{escape(text or row.title)}</a></td>')
            else:
                parts.append(f"{_shown(cell, clip=True)}</td>")
        parts.append("</tr>\n")
    return Markup("".join(parts))


def menu_entry(entry: Entry, current: bool) -> str:
    """One line of the side menu."""
    active, here = (" active", ' aria-current="page"') if current else ("", "")
    return (
        f'<li><a class="nav-entry{active}" href="{escape(entry.href)}"{here}>'
        f'<i class="bi bi-{escape(entry.icon or "dot")}" aria-hidden="true"></i>'
        f"<span>{escape(entry.label)}</span></a></li>"
    )


def menu_group(label: str, entries: Iterable[str]) -> Markup:
    """Menu entries under a title; an empty one is not shown."""
    title = f'<h2 class="nav-title">{escape(label)}</h2>' if label else ""
    lines = "".join(entries)
    return Markup(f'<section class="nav-group">{title}<ul class="list-unstyled mb-0">{lines}</ul></section>')


def _head(column: Column, first: bool) -> tuple[str, str]:
    marks = (" main" if first else "") + (" state-cell" if column.name == "state" else "")
    return marks, escape(column.label)


def _tag(text: str, tone: str) -> str:
    return f'<span class="tag tag-{escape(tone or "neutral")}">{escape(text)}</span>'


def _shown(cell: Cell, clip: bool) -> str:
    if not cell.text:
        return ""
    text = escape(cell.text)
    if cell.kind == "badge":
        return _tag(cell.text, cell.tone)
    if cell.kind == "url" and cell.href:
        return f'<a href="{escape(cell.href)}" rel="noopener noreferrer nofollow" target="_blank">{text}</a>'
    if cell.kind == "long" and clip:
        return f'<span class="clip">{text}</span>'
    return f'<a href="{escape(cell.href)}">{text}</a>' if cell.href else text
