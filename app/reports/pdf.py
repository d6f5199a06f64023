"""HTML -> PDF, offline: nothing is read but the fonts and the files of one media folder."""

from __future__ import annotations

import html as html_text
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reportlab.pdfbase.ttfonts import TTFError
from reportlab.platypus.doctemplate import LayoutError
from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessError, ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument
from xhtml2pdf.w3c.cssParser import CSSParseError

from app.reports.engine import install
from app.reports.errors import ReportFailed
from app.reports.fonts import missing_characters, printable, printable_html
from app.reports.furniture import Furniture
from app.reports.grid import Grid, grid_text
from app.reports.printed import Pdf
from app.reports.rendering import Render, rendering
from app.source import N_

_MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
_MAX_MEDIA_BYTES = 500 * 1024 * 1024
_MAX_MEDIA_FILES = 2000

# What the engine raises for mark-up it cannot lay out, found by feeding it broken CSS, tables and drawings.
# Beside its own classes these are plain Python errors (a percentage of nothing, an unknown template name).
_MARK_UP_ERRORS = (
    CSSParseError,
    ResourceAccessError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    OSError,
)


def _finder(media: Path | None, missing: list[str]) -> Callable[[str, str | None], str | None]:
    """Maps a relative name to its file in `media`; the resource policy is what keeps all else closed."""

    def find(uri: str, _base: str | None) -> str | None:
        name = str(uri)
        if name.startswith("data:"):
            return None
        inside = media is not None and (media / name).resolve().is_relative_to(media.resolve())
        if media is None or not inside or not (media / name).is_file():
            if name not in missing:
                missing.append(name)
            return None
        return str(media / name)

    return find


def _policy(media: Path | None, seconds: float) -> Any:
    return ResourceAccessPolicy.server(
        media,
        allow_remote=False,
        max_render_seconds=seconds,
        max_document_bytes=_MAX_DOCUMENT_BYTES,
        max_resources=_MAX_MEDIA_FILES,
        max_total_bytes=_MAX_MEDIA_BYTES,
    )


def _run(
    html: str, target: io.BytesIO, meta: Mapping[str, str], seconds: float, finder: Any, policy: Any
) -> Any:
    """One call of the engine; all its failures come out as ReportFailed."""
    try:
        return pisaDocument(
            html,
            dest=target,
            encoding="utf-8",
            capacity=4 * _MAX_DOCUMENT_BYTES,  # a smaller one sends long documents through files on disk
            link_callback=finder,
            context_meta=dict(meta),
            resource_policy=policy,
        )
    except LayoutError as error:
        raise ReportFailed(N_("Something in the report is too large for a page.")) from error
    except RenderLimitError as error:
        text = N_("The report is larger than the limits for printing or takes more than {seconds} seconds.")
        raise ReportFailed(text, seconds=seconds) from error
    except ArithmeticError as error:
        raise ReportFailed(N_("A drawing or a table in the report has no size.")) from error
    except TTFError as error:
        raise ReportFailed(N_("A font that the report asks for cannot be read.")) from error
    except _MARK_UP_ERRORS as error:
        text = N_("The mark-up of the report cannot be printed: {detail}")
        raise ReportFailed(text, detail=str(error)[:300] or type(error).__name__) from error


def print_html(
    html: str,
    media: Path | None,
    grids: Mapping[str, Grid],
    names: tuple[str, str],
    furniture: Furniture | None,
    seconds: float,
) -> Pdf:
    """`render_pdf` with the engine; names: title and author."""
    install()
    missing_media: list[str] = []
    render = Render(grids, furniture)
    source = printable_html(html)
    target = io.BytesIO()
    with rendering(render):
        result = _run(
            source,
            target,
            {"title": printable(names[0]), "author": printable(names[1])},
            seconds,
            _finder(media, missing_media),
            _policy(media, seconds),
        )
    if result.err:
        raise ReportFailed(N_("The report could not be printed: {count} errors."), count=result.err)
    texts = [html_text.unescape(source), *(printable(grid_text(grid)) for grid in grids.values())]
    if furniture is not None:
        texts.append(printable(furniture.footer + furniture.header + furniture.mark + furniture.page_words))
    return Pdf(target.getvalue(), render.pages, missing_characters(texts), tuple(missing_media))
