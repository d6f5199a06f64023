"""Characters that the fonts have, and those that they lack."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from app.reports import Column, Grid, render_pdf
from app.reports.engine import install
from app.reports.fonts import missing_characters, printable, printable_html


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    install()


def test_names_and_signs_are_covered() -> None:
    """Rare characters of people's names and the signs of inspection reports print."""
    assert missing_characters("喆堃昇珺玥祎 王建国 ℃㎡±×÷≤≥√□■●○★→①⑩Ⅰ￥¥€%‰“”‘’…—·《》【】") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("☐☑☒✔✘", "□√×√×"),
        ("⑫ 项", "(12) 项"),
        ("㎎/㏄", "mg/cc"),
        ("零\u200b宽\ufeff", "零宽"),
        ("窄\u202f空格", "窄 空格"),
        ("控\x07制", "控制"),
        ("行\n\t尾", "行\n\t尾"),
        ("普通文字 abc", "普通文字 abc"),
        ("\ufe64b\ufe65 \ufe60", "\ufe64b\ufe65 \ufe60"),  # their plain forms are < > and &
    ],
)
def test_lacking_characters_are_replaced(text: str, shown: str) -> None:
    """Look-alikes and plain forms stand in for signs that the fonts lack."""
    assert printable(text) == shown


@given(st.text())
def test_no_replacement_is_mark_up(text: str) -> None:
    """Replacing never makes a character that HTML reads, and what is left over is reported."""
    shown = printable(text)
    for char in "<>&\"'":
        assert shown.count(char) == text.count(char)
    assert printable(shown) == shown
    assert set(missing_characters(shown)) <= set(text)


@pytest.mark.parametrize(
    ("html", "shown"),
    [("&#9745;&#x2611;", "√√"), ("&#60;b&#x3e;", "&#60;b&#x3e;"), ("&amp;#9745;", "&amp;#9745;"),
     ("&#160;&#0;&#99999999;", "&#160;&#0;&#99999999;"), ("&#xD800;", "&#xD800;")],
)  # fmt: skip
def test_numeric_references(html: str, shown: str) -> None:
    """References to lacking characters are resolved; those that matter to HTML are left alone."""
    assert printable_html(html) == shown


def test_a_print_reports_what_it_cannot_show() -> None:
    """Missing characters of the text and of grids are named once each; replaced ones are not."""
    grid = Grid((Column("表", 100),), [("☑ 𠮷",)])
    pdf = render_pdf('<p>😀&#128512; ☐</p><pdf:grid key="g"></pdf:grid>', grids={"g": grid})
    assert pdf.missing_characters == "😀𠮷"
    assert "√" in PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
