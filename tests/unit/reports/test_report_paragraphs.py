"""Paragraphs and table cells as they come out of the layout engine."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from app.reports import render_pdf
from app.reports.fonts import BOLD, REGULAR
from app.reports.line_breaking import NO_START

CELL = "温度2/5℃、速度5 m/min；v2.3.1版"
PAGE = "<style>@page{size:A4;margin:20mm} body{-pdf-word-wrap:CJK;font-size:10pt} td{padding:0}</style>"


def text_runs(data: bytes) -> list[tuple[str, float, float]]:
    """(text, x, y) of each piece of text on the first page."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, matrix: list[float], position: list[float], _font: object, _size: float) -> None:
        if text.strip():
            x = position[4] * matrix[0] + matrix[4]
            y = position[5] * matrix[3] + matrix[5]
            found.append((text.strip("\n"), x, y))

    PdfReader(io.BytesIO(data)).pages[0].extract_text(visitor_text=visit)
    return found


def page_texts(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("percent", [8, 12, 20])
def test_mixed_text_in_a_narrow_cell(percent: int) -> None:
    """Chinese with numbers and units stays complete and inside its column, and no line starts badly."""
    html = f'{PAGE}<table style="width:100%"><tr><td style="width:{percent}%">{CELL}</td><td>右</td></tr>'
    html += "</table>"
    lines = page_texts(render_pdf(html).data)[0].splitlines()
    left = [line for line in lines if line.strip() and line.strip() != "右"]
    assert squeezed("".join(left)).replace("右", "") == squeezed(CELL)
    assert not [line for line in left if line.strip()[0] in NO_START]
    right_edge = next(x for text, x, _ in text_runs(render_pdf(html).data) if text.strip() == "右")
    assert right_edge == pytest.approx(56.7 + 481.9 * percent / 100, abs=1.5)


def test_line_breaks_survive() -> None:
    """`<br>` and bold text within a paragraph keep their lines."""
    text = page_texts(render_pdf(f"{PAGE}<p>第一行<br/>第二行<b>粗体</b>后<br/><br/>第四行</p>").data)[0]
    assert text.splitlines()[:2] == ["第一行", "第二行粗体后"]
    assert text.splitlines()[-1] == "第四行"


@pytest.mark.parametrize(
    "paragraph",
    [
        pytest.param("服务质量监督检查及员工处罚条例，" * 400, id="plain"),
        pytest.param("服务质量<b>监督</b>检查及员工处罚条例，" * 300, id="with bold words"),
        pytest.param("清洁 clean the room every day " * 300, id="with Latin words"),
        pytest.param("第一行，<br/>第二行<b>粗</b>。<br/>" * 80, id="with line breaks"),
    ],
)
def test_a_paragraph_over_two_pages_is_complete(paragraph: str) -> None:
    """A page break inside a paragraph neither loses nor adds a character, a space or a line break."""
    pdf = render_pdf(f"{PAGE}<p>{paragraph}</p>")
    text = "".join(page_texts(pdf.data))
    wanted = re.sub(r"<[^>]+>", "", paragraph)
    assert pdf.pages >= 2
    assert squeezed(text) == squeezed(wanted)
    assert not re.search(r"[\u4e00-\u9fff] +[\u4e00-\u9fff]", text.replace("\n", ""))
    if "<br/>" in paragraph:
        assert text.count("\n") >= paragraph.count("<br/>") - pdf.pages


def test_words_at_a_page_end_stay_apart() -> None:
    """The last word of a page and the first of the next are still two words."""
    pdf = render_pdf(f"{PAGE}<p>{'alpha beta ' * 1500}</p>")
    words = " ".join(page_texts(pdf.data)).split()
    assert set(words) == {"alpha", "beta"}


def test_all_fonts_are_embedded() -> None:
    """Whatever a report uses (lists, tables, families of the browser), only the two fonts are in the file."""
    html = (
        "<h1>标题</h1><ul><li>项</li></ul><ol><li>项</li></ol><table><tr><td>格</td></tr></table>"
        '<p style="font-family:Arial">甲</p><p style="font-family:unknown"><i>乙</i><b>丙</b></p>'
    )
    fonts = {}
    for page in PdfReader(io.BytesIO(render_pdf(html).data)).pages:
        for font in page["/Resources"]["/Font"].values():
            fonts[font.get_object()["/BaseFont"].split("+")[-1]] = font.get_object()
    assert set(fonts) == {"NotoSansSC-Regular", "NotoSansSC-Bold"}
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in fonts.values())
    assert all("/ToUnicode" in font for font in fonts.values())
    assert (REGULAR, BOLD) == ("NotoSansSC", "NotoSansSC-Bold")


def test_italic_is_upright_and_not_bold() -> None:
    """There is no italic Chinese face; emphasis must not turn into bold."""
    page = PdfReader(io.BytesIO(render_pdf("<p><i>斜体</i></p>").data)).pages[0]
    names = {font.get_object()["/BaseFont"].split("+")[-1] for font in page["/Resources"]["/Font"].values()}
    assert names == {"NotoSansSC-Regular"}


def test_a_heading_does_not_push_a_long_table_away() -> None:
    """A heading before a long table stays on its page with the table's beginning."""
    rows = "".join(f"<tr><td>第{n}行</td></tr>" for n in range(120))
    html = f"{PAGE}<h2 style='page-break-after:avoid'>明细</h2><table>{rows}</table>"
    first = page_texts(render_pdf(f"<p>前文</p>{html}").data)[0]
    assert "前文" in first and "明细" in first and "第3行" in first


def test_a_heading_is_not_left_alone_at_the_foot() -> None:
    """A heading with no room for the table's beginning goes to the next page with it."""
    spacer = '<pdf:spacer height="690pt"></pdf:spacer>'
    rows = "".join(f"<tr><td>第{n}行</td></tr>" for n in range(60))
    html = f"{PAGE}<p>前文</p>{spacer}<h2 style='page-break-after:avoid'>明细</h2><table>{rows}</table>"
    pages = page_texts(render_pdf(html).data)
    assert "明细" not in pages[0]
    assert "明细" in pages[1] and "第0行" in pages[1]
