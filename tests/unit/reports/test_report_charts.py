"""Charts as drawings."""

from __future__ import annotations

import io
import math
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from svglib.svglib import svg2rlg

from app.reports import Assets, ChartData, Series, chart_svg, render_pdf, render_report
from app.reports.charts import ChartKind, clipped, ticks
from app.reports.engine import install

SVG = "{http://www.w3.org/2000/svg}"


def drawn(data: ChartData) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(data))


def texts(root: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def test_bars_are_as_high_as_their_values() -> None:
    """Bars stand on zero; twice the value is twice the height; a missing value has no bar."""
    root = drawn(ChartData("bar", ["甲", "乙", "丙"], [Series("数", [5, Decimal(10), None])]))
    bars = [rect for rect in root.iter(f"{SVG}rect") if rect.get("fill") != "none"]
    heights = [float(bar.get("height", 0)) for bar in bars]
    assert len(heights) == 2
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert {"甲", "乙", "丙"} <= set(texts(root))


def test_lines_leave_gaps() -> None:
    """A line with a missing value is two lines."""
    root = drawn(ChartData("line", list("abcde"), [Series("x", [1, 2, None, 3, 4])]))
    assert len(list(root.iter(f"{SVG}polyline"))) == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 4


@pytest.mark.parametrize(
    ("values", "shapes"),
    [([1, 1], ("path", 2)), ([3, 0], ("circle", 1)), ([3, -2, 1], ("path", 2))],
    ids=["two halves", "all of one", "negative left out"],
)
def test_pies(values: list[int], shapes: tuple[str, int]) -> None:
    """Slices for what is above zero; one alone is a full circle."""
    root = drawn(ChartData("pie", list("abc")[: len(values)], [Series("x", values)]))
    assert len(list(root.iter(SVG + shapes[0]))) == shapes[1]


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
@pytest.mark.parametrize(
    ("labels", "series"),
    [([], []), (["a"], []), (["a"], [Series("x", [])]), (["a"], [Series("x", [None])]),
     ([], [Series("x", [1])]), (["a"], [Series("x", [float("nan")])])],
)  # fmt: skip
def test_nothing_to_show_is_said(kind: str, labels: list[str], series: list[Series]) -> None:
    """Empty data gives the words for it, not an empty or broken picture."""
    root = drawn(ChartData(kind, labels, series, empty="无数据"))  # type: ignore[arg-type]
    assert texts(root) == ["无数据"]


NUMBERS = st.one_of(
    st.none(), st.integers(-(10**9), 10**9), st.floats(-1e12, 1e12), st.decimals(-1000, 1000, places=2)
)


@given(
    st.sampled_from(["bar", "line", "pie"]),
    st.lists(st.tuples(st.text(max_size=8), NUMBERS, NUMBERS), max_size=14),
    st.text(max_size=30),
)
def test_any_data_makes_sound_xml(kind: str, rows: list[tuple[str, object, object]], title: str) -> None:
    """Whatever the data, the drawing is well-formed and holds no number that is none."""
    clean = [("".join(c for c in row[0] if c.isprintable()), *row[1:]) for row in rows]
    series = [Series("一", [row[1] for row in clean]), Series("二", [row[2] for row in clean])]  # type: ignore[misc]
    data = ChartData(kind, [row[0] for row in clean], series, "".join(c for c in title if c.isprintable()))  # type: ignore[arg-type]
    for element in drawn(data).iter():
        for key in {"x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height"} & set(
            element.attrib
        ):
            assert math.isfinite(float(element.attrib[key]))


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_hold_the_values(low: float, span: float) -> None:
    """The axis has rising, evenly spaced values around the data."""
    values = ticks(low, low + span)
    assert 2 <= len(values) <= 12
    assert all(left < right for left, right in pairwise(values))
    slack = (abs(low) + span) * 1e-6 + 1e-6
    assert values[0] <= low + slack
    assert values[-1] >= low + span - slack


@pytest.mark.parametrize(
    ("text", "units", "shown"), [("朝阳门店", 4, "朝阳门店"), ("国贸旗舰店", 4, "国贸旗…"), ("长", 0.5, "")]
)
def test_long_labels_are_cut(text: str, units: float, shown: str) -> None:
    """Labels are cut by their estimated width."""
    assert clipped(text, units) == shown


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
def test_drawings_fill_their_frame(kind: ChartKind) -> None:
    """The layout engine scales by what is drawn: if that is not the whole frame, charts are distorted."""
    install()
    for data in (ChartData(kind, ["甲"], [Series("x", [5])]), ChartData(kind, [], [])):
        left, bottom, right, top = svg2rlg(io.BytesIO(chart_svg(data).encode())).getBounds()
        assert (right - left, top - bottom) == pytest.approx(
            (data.width * 0.75, data.height * 0.75), abs=0.01
        )


def test_charts_print_as_vectors_with_text() -> None:
    """In a PDF a chart is no image: its Chinese labels can be searched."""
    chart = ChartData("bar", ["朝阳门店"], [Series("应缴", [5]), Series("已缴", [3])], "各单位")
    html = render_report("{{ chart('c') }}", {}, assets=Assets(charts={"c": chart}))
    page = PdfReader(io.BytesIO(render_pdf(html).data)).pages[0]
    assert not page.images
    assert {"朝阳门店", "各单位", "应缴"} <= set(page.extract_text().split())
