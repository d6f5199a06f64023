"""Blocks that stay on one page, one inside the other."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from app.reports import render_pdf, render_report

LINE = "<p>行</p>"


def pages(body: str) -> list[str]:
    """The words of each page."""
    reader = PdfReader(io.BytesIO(render_pdf(render_report(body, {})).data))
    return ["".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.parametrize("inner", ["div", "table"])
def test_a_kept_block_may_hold_another(inner: str) -> None:
    """A kept block inside a kept block does not break a page that has room for both."""
    parts = {"div": "<p>内</p>", "table": "<table><tr><td>内</td></tr></table>"}
    body = f'{LINE * 3}<div class="keep"><h2>外</h2><div class="keep">{parts[inner]}</div></div>'
    assert pages(body) == ["行行行外内"]


def test_what_is_kept_goes_to_the_next_page_as_a_whole() -> None:
    """Without room the outer block moves with everything in it."""
    outer = f'<div class="keep"><p>外</p>{LINE * 12}<div class="keep"><p>内</p></div></div>'
    before, after = pages(LINE * 34 + outer)
    assert "外" not in before and after == "外" + "行" * 12 + "内"
