"""Page numbers, running texts, marks, and several prints at once."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import pytest
from pypdf import PdfReader

from app.reports import Column, Furniture, Grid, Pdf, render_pdf
from app.reports.engine import VERSIONS, check_versions, install
from app.reports.errors import EngineMismatch

CHINESE = "第 {page} 页 / 共 {pages} 页"
BREAK = "<pdf:nextpage></pdf:nextpage>"


def pages_of(pdf: Pdf) -> list[str]:
    return [page.extract_text().replace(" ", "") for page in PdfReader(io.BytesIO(pdf.data)).pages]


def print_pages(count: int, furniture: Furniture) -> Pdf:
    return render_pdf(BREAK.join(f"<p>内容{n}</p>" for n in range(count)), furniture=furniture)


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize(
    ("words", "shown"),
    [(CHINESE, "第{}页/共{}页"), ("Page {page} of {pages}", "Page{}of{}")],
    ids=["Chinese", "English"],
)
def test_page_x_of_y(count: int, words: str, shown: str) -> None:
    """Each page carries its own number and the right total, which the result reports too."""
    pdf = print_pages(count, Furniture(words))
    pages = pages_of(pdf)
    assert pdf.pages == len(pages) == count
    assert [shown.format(n + 1, count) in page for n, page in enumerate(pages)] == [True] * count
    assert all(f"内容{n}" in page for n, page in enumerate(pages))


def test_running_texts_and_stamp() -> None:
    """Footer, header and stamp stand on every page."""
    pages = pages_of(print_pages(2, Furniture("", "DC-202611-0001 · 版本 12", "督查平台", "试行", "stamp")))
    for page in pages:
        assert "DC-202611-0001·版本12" in page and "督查平台" in page and "试行" in page


def test_watermark_is_light_and_under_the_text() -> None:
    """The mark is drawn before the page's content, with transparency."""
    page = PdfReader(io.BytesIO(print_pages(1, Furniture(CHINESE, mark="试行")).data)).pages[0]
    states = page["/Resources"]["/ExtGState"].values()
    assert any(0 < state.get_object().get("/ca", 1) < 0.3 for state in states)
    text = page.extract_text()
    assert text.index("试") < text.index("内容")


def test_a_document_without_furniture_has_none() -> None:
    """Nothing is added that was not asked for."""
    assert [page.strip() for page in pages_of(render_pdf("<p>内容</p>"))] == ["内容"]


def test_long_footers_are_shortened() -> None:
    """A footer never runs into the page number."""
    page = pages_of(print_pages(1, Furniture(CHINESE, "很长的页脚文字" * 40)))[0]
    assert "…" in page and "第1页/共1页" in page


def test_two_pass_documents_count_right() -> None:
    """A template with its own page count (two layout passes) still gets right numbers."""
    html = f"<p>本文共 <pdf:pagecount></pdf:pagecount> 页</p>{BREAK}<p>二</p>{BREAK}<p>三</p>"
    pages = pages_of(render_pdf(html, furniture=Furniture(CHINESE)))
    assert "本文共3页" in pages[0]
    assert "第3页/共3页" in pages[2]


def test_prints_in_threads_do_not_mix() -> None:
    """Grids and footers belong to one print, also when several threads print at once."""

    def one(number: int) -> str:
        grid = Grid((Column(f"表{number}", 100),), [(f"行{number}",)])
        furniture = Furniture("", f"脚{number}", mark="试行" if number % 2 else "")
        pdf = render_pdf('<pdf:grid key="g"></pdf:grid>', grids={"g": grid}, furniture=furniture)
        return "".join(pages_of(pdf))

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(one, range(12)))
    for number, text in enumerate(texts):
        assert f"表{number}\n行{number}" in text and f"脚{number}" in text
        assert ("试行" in text) is bool(number % 2)


def test_title_and_author_are_in_the_file() -> None:
    """Chinese titles reach the document's properties."""
    meta = PdfReader(io.BytesIO(render_pdf("<p>x</p>", title="检查报告", author="督查平台").data)).metadata
    assert meta is not None
    assert (meta.title, meta.author) == ("检查报告", "督查平台")


def test_pictures_are_written_as_they_are() -> None:
    """Streams are binary; the engine's ASCII coding makes photos slow and a quarter larger."""
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    data = render_pdf(f'<img src="data:image/png;base64,{dot}"/>').data
    assert b"/Image" in data and b"ASCII85" not in data


def test_the_installed_versions_are_the_known_ones() -> None:
    """The additions replace private names: an upgrade of a library must be looked at first."""
    assert {name: version(name) for name in VERSIONS} == dict(VERSIONS)
    check_versions()
    install()
    install()


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of another version is named in the error."""
    monkeypatch.setitem(VERSIONS, "xhtml2pdf", "0.0.1")
    with pytest.raises(EngineMismatch, match=r"xhtml2pdf 0\.0\.1"):
        check_versions()
