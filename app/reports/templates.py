"""Report template + data -> HTML, with the base stylesheet and the functions that templates may call.

Filters: money, date, datetime, lines, yes_no, label, shown. Functions: photo(name), photos(name),
signature(name), signature_box(title), grid(key), chart(key), _ (translation). Macros: templates/macros.html.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import nodes
from markupsafe import Markup, escape

from app.reports.charts import ChartData, chart_svg
from app.reports.errors import ReportTemplateFault
from app.reports.formats import FieldOptions, format_value
from app.reports.grid import Grid
from app.reports.sandbox import ReportEnvironment, load_template, make_environment, run_template
from app.source import N_, Span, Translate, unknown_name_hint, untranslated
from app.spec.field_types import FIELD_TYPES, FieldType

PageSize = Literal["A4", "A3", "A5", "letter"]
Orientation = Literal["portrait", "landscape"]

_STYLES = Path(__file__).parent / "styles"
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_POINTS_PER_MM = 72 / 25.4
_SIDES: Mapping[str, tuple[float, float]] = {
    "A4": (210, 297), "A3": (297, 420), "A5": (148, 210), "letter": (215.9, 279.4)
}  # fmt: skip
_MARGINS: Mapping[str, tuple[int, int, int]] = {
    "A4": (18, 16, 21), "A3": (20, 18, 22), "A5": (15, 12, 19), "letter": (18, 16, 21)
}  # fmt: skip
_CELL_PADDING = 8.0


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture in the media folder: its file name there (empty = it cannot be shown) and the words below."""

    file: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, when (ready text), and the drawn signature's file in the media folder, if any."""

    name: str = ""
    when: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Assets:
    """What a template fetches by name: pictures, signatures, long tables, charts."""

    photos: Mapping[str, Sequence[Photo]] = field(default_factory=dict)
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    charts: Mapping[str, ChartData] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manner:
    """For whom a report is printed: language, time zone, currency (ISO 4217); `lang` is the HTML language."""

    translate: Translate = untranslated
    timezone: tzinfo = UTC
    currency: str = "CNY"
    lang: str = "zh-Hans"


@dataclass(frozen=True, slots=True)
class Paper:
    """Page size and direction."""

    size: PageSize = "A4"
    orientation: Orientation = "portrait"


NO_ASSETS = Assets()
DEFAULT_MANNER = Manner()
DEFAULT_PAPER = Paper()


@cache
def base_stylesheet() -> str:
    """The stylesheet of all reports."""
    return (_STYLES / "report.css").read_text(encoding="utf-8")


@cache
def default_layout() -> str:
    """The template for a record whose report has none of its own; its data is described in the file."""
    return (Path(__file__).parent / "templates" / "default_layout.html").read_text(encoding="utf-8")


@cache
def data_layout() -> str:
    """The same for a report over a period or a selection."""
    return (Path(__file__).parent / "templates" / "data_layout.html").read_text(encoding="utf-8")


def render_report(
    source: str,
    values: Mapping[str, object],
    *,
    name: str = "report.html",
    title: str = "",
    assets: Assets = NO_ASSETS,
    manner: Manner = DEFAULT_MANNER,
    paper: Paper = DEFAULT_PAPER,
    includes: Mapping[str, str] | None = None,
    css: str = "",
) -> str:
    """The whole HTML document of a report, ready for `render_pdf`.

    source: a template, a body or a whole document. values: what it prints, by name. name: its path, for
    faults. includes: other templates it may include. css: added to the base stylesheet.
    Raises ReportTemplateFault with file and line.
    """
    environment = _environment(assets, manner, paper, name, includes or {})
    body = run_template(load_template(environment, source, name), values, name)
    style = f"<style>{page_rule(paper)}\n{base_stylesheet()}\n{css}</style>"
    if _HEAD.search(body):
        return _HEAD.sub(lambda found: found[0] + style, body, count=1)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(manner.lang)}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{style}</head>\n<body>{body}</body></html>"
    )


def bare_environment(
    source: str, name: str, includes: Mapping[str, str]
) -> tuple[nodes.Template, ReportEnvironment]:
    """A template as its tree, with the environment that it would be printed in, without any data.

    Raises ReportTemplateFault.
    """
    environment = _environment(NO_ASSETS, DEFAULT_MANNER, DEFAULT_PAPER, name, includes)
    load_template(environment, source, name)
    return environment.parse(source, name, name), environment


def _environment(
    assets: Assets, manner: Manner, paper: Paper, name: str, includes: Mapping[str, str]
) -> ReportEnvironment:
    environment = make_environment(includes)
    environment.filters.update(_filters(manner))
    environment.globals.update(_functions(assets, manner, paper, name))
    return environment


def page_rule(paper: Paper) -> str:
    """The `@page` rule; the margins leave room for the running header and footer."""
    top, side, bottom = _MARGINS[paper.size]
    margins = f"{top}mm {side}mm {bottom}mm {side}mm"
    return f"@page {{ size: {paper.size} {paper.orientation}; margin: {margins}; }}"


def text_width(paper: Paper) -> float:
    """Width of the text on a page, in points."""
    width = _SIDES[paper.size][paper.orientation == "landscape"]
    return (width - 2 * _MARGINS[paper.size][1]) * _POINTS_PER_MM


def _filters(manner: Manner) -> dict[str, Callable[..., object]]:
    def shown(value: object, kind: str = "text", **options: object) -> str:
        """A value of any field type: `{{ v|shown("money") }}`, `{{ v|shown("decimal", places=2) }}`."""
        known: FieldType | None = next((one for one in FIELD_TYPES if one == kind), None)
        if known is None:
            raise ValueError(f"no field type '{kind}'")
        settings = FieldOptions(**{"currency": manner.currency, **options})  # type: ignore[arg-type]
        return format_value(known, value, settings, manner.translate, manner.timezone)

    def formatter(kind: str) -> Callable[[object], str]:
        return lambda value: shown(value, kind)

    def money(value: object, currency: str = manner.currency) -> str:
        amount = Decimal(value) if isinstance(value, str) and value else value
        return shown(amount, "money", currency=currency)

    def label(value: object) -> str:
        return shown(value, "link")

    return {
        "shown": shown,
        "money": money,
        "date": formatter("date"),
        "datetime": formatter("datetime"),
        "yes_no": formatter("boolean"),
        "label": label,
        "lines": lines,
    }


def lines(value: object) -> Markup:
    """Escaped text with its line breaks kept."""
    if value is None:
        return Markup("")
    return Markup("<br/>").join(escape(line) for line in str(value).splitlines())


def _functions(assets: Assets, manner: Manner, paper: Paper, name: str) -> dict[str, object]:
    def find(kind: str, key: str, known: Mapping[str, object]) -> None:
        if key not in known:
            hint, params = unknown_name_hint(key, known)
            text = N_("The report has no {kind} named '{key}' ({hint}).")
            raise ReportTemplateFault(
                Span(name), text, kind=kind, key=key, hint=manner.translate(hint).format(**params)
            )

    def photos(key: str, columns: int = 3) -> Markup:
        find("photos", key, assets.photos)
        return photo_rows(assets.photos[key], columns, text_width(paper))

    def photo(key: str, number: int = 1, percent: float = 50) -> Markup:
        find("photo", key, assets.photos)
        chosen = assets.photos[key][number - 1 : number] if number > 0 else ()
        shown = (one.file for one in chosen if one.file)
        return Markup("").join(image(file, text_width(paper) * percent / 100) for file in shown)

    def signature(key: str) -> Markup:
        signed = assets.signatures.get(key)
        return image(signed.file, height=34) if signed and signed.file else Markup("")

    def signature_box(title: str, key: str = "") -> Markup:
        signed = assets.signatures.get(key, Signature())
        return sign_here(title, signed, manner.translate)

    def grid(key: str) -> Markup:
        find("grid", key, assets.grids)
        return Markup('<pdf:grid key="{}"></pdf:grid>').format(key)

    def chart(key: str, percent: float = 100) -> Markup:
        find("chart", key, assets.charts)
        return svg_image(chart_svg(assets.charts[key]), text_width(paper) * percent / 100)

    return {
        "photo": photo, "photos": photos, "signature": signature, "signature_box": signature_box,
        "grid": grid, "chart": chart, "pairs": pairs, "_": manner.translate,
    }  # fmt: skip


def pairs(fields: Sequence[Sequence[object]]) -> list[list[Sequence[object]]]:
    """Fields (label, text[, wide]) in rows of two; a wide one, or the last odd one, has its row alone.

    A field without a label is one that the reader may not see, and is left out.
    """
    rows: list[list[Sequence[object]]] = []
    for one in fields:
        if not one[0]:
            continue
        wide = len(one) > 2 and bool(one[2])
        if not wide and rows and len(rows[-1]) == 1 and not (len(rows[-1][0]) > 2 and rows[-1][0][2]):
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def image(source: str, width: float = 0, height: float = 0) -> Markup:
    """An `<img>` of a file in the media folder (or a data URI); sizes in points, 0 = in proportion.

    The layout engine takes percentages of pictures for nothing, so sizes are absolute.
    """
    size = "; ".join(
        f"{key}: {value:.1f}pt" for key, value in (("width", width), ("height", height)) if value
    )
    return Markup('<img src="{}" style="{}"/>').format(source, size)


def svg_image(svg: str, width: float) -> Markup:
    """An `<img>` that carries its drawing in itself; width in points."""
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return image(f"data:image/svg+xml;base64,{data}", width)


def photo_rows(photos: Sequence[Photo], columns: int, width: float) -> Markup:
    """Photos in rows over `width` points, each row kept on one page, the caption below each picture."""
    columns = max(1, min(columns, 6))
    rows = [photos[start : start + columns] for start in range(0, len(photos), columns)]
    return Markup("").join(_photo_row(row, columns, width) for row in rows)


def _photo_row(row: Sequence[Photo], columns: int, width: float) -> Markup:
    cells = [
        Markup('<td style="width: {}%">{}<div class="caption">{}</div></td>').format(
            100 // columns,
            image(photo.file, width / columns - _CELL_PADDING) if photo.file else "",
            photo.caption,
        )
        for photo in row
    ]
    cells.extend([Markup("<td></td>")] * (columns - len(row)))
    return Markup('<div class="keep"><table class="photos"><tr>{}</tr></table></div>').format(
        Markup("").join(cells)
    )


def sign_here(title: str, signed: Signature, translate: Translate) -> Markup:
    """A box with a title, room or a picture for the signature, name and date."""
    drawn = image(signed.file, height=34) if signed.file else Markup("&nbsp;")
    return Markup(
        '<div class="sign-title">{}</div><div class="sign-room">{}</div>'
        '<div class="sign-line">{} {}</div><div class="sign-line">{} {}</div>'
    ).format(title, drawn, translate(N_("Signed:")), signed.name, translate(N_("Date:")), signed.when)
