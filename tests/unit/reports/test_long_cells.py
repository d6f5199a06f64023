"""Texts that are longer than a page stand in tables at their own size, and run over pages."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from app.reports import render_pdf
from app.reports.templates import render_report

TOLD = "".join(f"第{number:04d}句，" for number in range(1, 1201))
TABLES = {
    "one cell": "<table style='width: 100%'><tr><td>{{ told }}</td></tr></table>",
    "beside a heading": "<table class='data' style='width: 100%'><tr><th style='width: 16%'>经过</th>"
    "<td style='width: 84%'>{{ told }}</td></tr></table>",
    "over several columns": "<table class='data' style='width: 100%'><tr><th style='width: 20%'>a</th>"
    "<td style='width: 30%'>x</td><td style='width: 50%'>y</td></tr>"
    "<tr><th>经过</th><td colspan='2'>{{ told }}</td></tr></table>",
    "with a repeated head": "{% import 'macros.html' as m with context %}"
    "{{ m.table(['项', '经过'], [['一', '短'], ['二', told], ['三', '短']], widths=(20, 80)) }}<p>完</p>",
}


def sizes(data: bytes) -> set[float]:
    """The sizes in which the sentences are printed, in points."""
    found: set[float] = set()

    def note(text: str, matrix: list[float], position: list[float], _font: object, size: float) -> None:
        if "句" in text:
            found.add(round(size * abs(matrix[3] * position[3]), 1))

    for page in PdfReader(io.BytesIO(data)).pages:
        page.extract_text(visitor_text=note)
    return found


@pytest.mark.parametrize("source", TABLES.values(), ids=TABLES.keys())
def test_a_long_cell_runs_over_pages_at_its_own_size(source: str) -> None:
    """Nothing of it is lost, and nothing is shrunk to what nobody can read."""
    pdf = render_pdf(render_report(source, {"told": TOLD}))
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages).split())
    assert pdf.pages >= 3
    assert all(f"第{number:04d}句" in text for number in (1, 600, 1200))
    assert sizes(pdf.data) == {10.0}


def test_a_short_cell_stays_whole() -> None:
    """A row that fits the next page goes there."""
    rows = "".join(f"<tr><td>第{number}行<br/>接着</td></tr>" for number in range(60))
    pdf = render_pdf(render_report(f"<table style='width: 100%'>{rows}</table>", {}))
    for page in PdfReader(io.BytesIO(pdf.data)).pages:
        lines = page.extract_text().split()
        assert lines.count("接着") == sum(1 for line in lines if line.startswith("第"))
