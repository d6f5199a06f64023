"""Long tables: where they are cut and what they show."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.reports import Cell, Column, Grid, Pdf, Row, Section, render_pdf
from app.reports.engine import install
from app.reports.grid_flowable import GridFlowable
from app.reports.grid_layout import PADDING, lay_out

COLUMNS = (Column("序号", 10, "center"), Column("项目", 60), Column("得分", 30, "right"))
PAGE = "<style>@page{size:A4;margin:20mm}</style>"


def printed(grid: Grid, before: str = "") -> Pdf:
    return render_pdf(f'{PAGE}{before}<pdf:grid key="g"></pdf:grid>', grids={"g": grid})


def pages_of(pdf: Pdf) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages]


def numbered(count: int) -> list[Sequence[str]]:
    return [(f"{n}号", "检查项目", "5") for n in range(count)]


def test_the_heading_is_repeated_on_each_page() -> None:
    """Every page of a long grid begins with both heading rows, and each row stands exactly once."""
    grid = Grid(COLUMNS, numbered(200), groups=(("", 1), ("内容", 2)))
    pages = pages_of(printed(grid))
    assert len(pages) > 3
    assert all(page.count("序号") == 1 and page.count("内容") == 1 for page in pages)
    found = [int(n) for n in re.findall(r"(\d+)号", "".join(pages).replace("序号", ""))]
    assert found == list(range(200))


def test_a_section_is_never_the_last_row_of_a_page() -> None:
    """A section heading goes to the next page with its first row, wherever the page ends."""
    rows: list[Row | Section | Sequence[str]] = []
    for number in range(120):
        rows += [Section(f"第{number}部分"), ("一", "项目", "5")] + [("二", "项目", "5")] * (number % 3)
    for page in pages_of(printed(Grid(COLUMNS, rows))):
        assert not page.strip().splitlines()[-1].startswith("第")


def test_a_section_is_repeated_as_continued() -> None:
    """A section that runs over a page end is named again on the next page."""
    rows: list[Row | Section | Sequence[str]] = [Section("个人卫生", "18/20"), *numbered(60)]
    pages = pages_of(printed(Grid(COLUMNS, rows, continued="（续）")))
    assert "个人卫生（续）" not in pages[0]
    assert "个人卫生（续）" in pages[1]


def test_a_row_higher_than_a_page_is_split() -> None:
    """Very long remarks run over as many pages as they need, complete and under a repeated heading."""
    remark = "现场发现冷藏柜温度超限，已责令整改；" * 300
    pdf = printed(Grid(COLUMNS, [*numbered(3), ("长", remark, "0"), ("尾", "完", "1")]), "<p>前文</p>")
    pages = pages_of(pdf)
    body = re.sub(r"\s", "", "".join(pages))
    assert body.count("现场发现冷藏柜温度超限，已责令整改；") >= 300 - 2 * len(pages)
    assert all("项目" in page for page in pages)
    assert "尾" in pages[-1]


@pytest.mark.parametrize("bottom", range(16, 24))
def test_a_row_over_several_pages_fits_whatever_is_left_of_each(bottom: int) -> None:
    """Where less than a line is left below the part of a row, the rest of it waits for the next page."""
    told = "".join(f"第{number:04d}句，" for number in range(1, 701))
    grid = Grid(COLUMNS, [*numbered(3), ("长", told, "0"), ("尾", "完", "1")])
    page = f"<style>@page{{size:A4;margin:18mm 16mm {bottom}mm 16mm}}</style>"
    pdf = render_pdf(f'{page}<pdf:grid key="g"></pdf:grid>', grids={"g": grid})
    text = "".join("".join(pages_of(pdf)).split())
    assert pdf.pages >= 3
    # A sentence that runs over a page has the heading in its midst.
    cut = [number for number in range(1, 701) if f"第{number:04d}句" not in text]
    assert len(cut) < pdf.pages and "尾" in text


def test_an_empty_grid_says_so() -> None:
    """Without rows the heading and the given words are shown."""
    assert "没有不合格项" in pages_of(printed(Grid(COLUMNS, empty="没有不合格项")))[0]


def test_columns_share_the_width() -> None:
    """Widths are shares of the frame, scaled to it, and cells never reach over their column."""
    install()
    layout = lay_out(Grid((Column("a", 10), Column("b", 30)), [("字" * 40, "word " * 40)]), 400)
    assert layout.edges == pytest.approx((0, 100, 400))
    for cell in layout.rows[0].cells:
        assert all(width <= cell.width - 2 * PADDING + 1e-6 for _, width in cell.lines)


def test_cells_are_text() -> None:
    """Mark-up in a cell is printed, not obeyed."""
    page = pages_of(printed(Grid(COLUMNS, [("1", "<b>x</b> &amp; <pdf:nextpage>", "")])))[0]
    assert "<b>x</b> &amp; <pdf:nextpage>" in page


def test_tones_colour_cells() -> None:
    """A tone fills its cell and colours its text."""
    install()
    plain, toned = lay_out(Grid(COLUMNS, [("1", "a", Cell("b", tone="danger"))]), 300).rows[0].cells[1:]
    assert plain.fill is None
    assert toned.fill is not None and toned.ink != plain.ink


@pytest.mark.parametrize(
    ("build", "words"),
    [
        pytest.param(lambda: Grid(()), "columns", id="no columns"),
        pytest.param(lambda: Grid((Column("a", 0),)), "columns", id="no width"),
        pytest.param(lambda: Grid(COLUMNS, [("1", "2", "3", "4")]), "4 cells for 3", id="too many cells"),
        pytest.param(lambda: Grid(COLUMNS, groups=(("x", 2),)), "groups", id="groups do not cover"),
    ],
)
def test_wrong_grids_are_refused(build: object, words: str) -> None:
    """A grid that cannot be drawn is an error where it is made."""
    with pytest.raises(ValueError, match=words):
        build()  # type: ignore[operator]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=1, max_size=40), st.floats(min_value=120, max_value=700))
def test_parts_fit_and_lose_nothing(lengths: list[int], height: float) -> None:
    """However a grid is cut, each part fits its page and all lines of text are kept (0 makes a section)."""
    install()
    rows: list[Row | Section | Sequence[str]] = [
        Section("节") if length == 0 else ("1", "字" * length * 3, "5") for length in lengths
    ]
    flowable = GridFlowable(Grid(COLUMNS, rows))
    flowable.wrap(300, height)
    assert flowable._layout is not None
    wanted = sum(len(cell.lines) for row in flowable._layout.rows for cell in row.cells)
    got = 0
    rest: GridFlowable | None = flowable
    while rest is not None:
        rest._postponed = True  # stands at the top of a page
        part, *more = rest.split(300, height)
        assert part.wrap(300, height)[1] <= height + 1e-3
        layout = part._layout
        assert layout is not None
        shown = (*part._before, *layout.rows[part._start : part._stop], *part._after)
        got += sum(len(cell.lines) for row in shown for cell in row.cells)
        rest = more[0] if more else None
    assert got >= wanted
