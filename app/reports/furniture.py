"""The text around a page's content: page x of y, running footer and header, the trial mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.source import N_

MarkStyle = Literal["watermark", "stamp"]


@dataclass(frozen=True, slots=True)
class Furniture:
    """What every page of one document carries; empty texts are left out.

    page_words: already translated template over `page` and `pages` (第 {page} 页 / 共 {pages} 页).
    footer: left of the page number (document number, release). header: small, top left.
    mark: a word such as 试行, drawn light across the page or as a stamp top right.
    """

    page_words: str = N_("Page {page} of {pages}")
    footer: str = ""
    header: str = ""
    mark: str = ""
    mark_style: MarkStyle = "watermark"
