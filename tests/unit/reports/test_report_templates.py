"""Templates: what they may say, what they print, and how they fail."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pypdf import PdfReader

from app.reports import (
    Assets,
    ChartData,
    Column,
    Furniture,
    Grid,
    Manner,
    Paper,
    Photo,
    ReportTemplateFault,
    Series,
    Signature,
    default_layout,
    prepare_photo,
    render_pdf,
    render_report,
)

WORDS = {"Yes": "是", "No": "否", "Signed:": "签名：", "Date:": "日期：", "Reasons": "处理依据"}
MANNER = Manner(lambda text: WORDS.get(text, text), ZoneInfo("Asia/Shanghai"))


def body(source: str, **values: object) -> str:
    html = render_report(source, values, manner=MANNER)
    return html.split("<body>")[1].removesuffix("</body></html>")


@pytest.mark.parametrize(
    ("source", "value", "html"),
    [
        ("{{ v|money }}", Decimal("1234.5"), "¥1,234.50"),
        ("{{ v|money }}", "20", "¥20.00"),
        ("{{ v|money('USD') }}", 20, "US$20.00"),
        ("{{ v|date }}", datetime(2026, 11, 21, 20, tzinfo=UTC), "2026-11-22"),
        ("{{ v|datetime }}", datetime(2026, 11, 21, 20, tzinfo=UTC), "2026-11-22 04:00"),
        ("{{ v|lines }}", "一 <b>\n二", "一 &lt;b&gt;<br/>二"),
        ("{{ v|lines }}", None, ""),
        ("{{ v|yes_no }}", False, "否"),
        ("{{ v|label }}", {"label": "甲 & 乙"}, "甲 &amp; 乙"),
        ("{{ v|shown('decimal', places=1) }}", Decimal("2.25"), "2.3"),
        ("{{ _('Yes') }}{{ v }}", "<i>", "是&lt;i&gt;"),
        ("{% for x in v|sort %}{{ loop.index }}{{ x }}{% endfor %}", [2, 1], "1122"),
    ],
)
def test_filters(source: str, value: object, html: str) -> None:
    """Filters format values in the portal's manner and leave escaping on."""
    assert body(source, v=value) == html


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        pytest.param("a\n{{ nothing }}", 2, "'nothing' is undefined", id="unknown name"),
        pytest.param("a\n\n{{ v.nothing }}", 3, "no attribute 'nothing'", id="unknown attribute"),
        pytest.param("a\n{% if %}", 2, "Expected an expression", id="syntax"),
        pytest.param("{% for x in v %}", 1, "endfor", id="unclosed"),
        pytest.param("\n{{ v|nofilter }}", 2, "nofilter", id="unknown filter"),
        pytest.param("\n{{ 1 / 0 }}", 2, "division by zero", id="arithmetic"),
        pytest.param("\n{{ 'a' + 1 }}", 2, "concatenate", id="types"),
        pytest.param("\n{% include 'other.html' %}", 2, "other.html", id="unknown template"),
        pytest.param("\n{{ v|shown('number') }}", 2, "no field type 'number'", id="unknown field type"),
        pytest.param("{{ grid('nothing') }}", 1, "no grid named 'nothing'", id="unknown grid"),
        pytest.param("{{ chart('baar') }}", 1, "did you mean 'bar'", id="unknown chart, with the near name"),
        pytest.param("{{ photos('x') }}", 1, "no photos named", id="unknown photos"),
    ],
)
def test_faults_name_their_line(source: str, line: int, words: str) -> None:
    """A wrong template is a fault with file, line and what is wrong."""
    chart = ChartData("bar", ["a"], [Series("x", [1])])
    with pytest.raises(ReportTemplateFault) as caught:
        render_report(source, {"v": {}}, name="common/slip.html", assets=Assets(charts={"bar": chart}))
    assert str(caught.value).startswith(f"common/slip.html:{line}: ")
    assert words in str(caught.value)


def test_faults_in_an_included_file_name_that_file() -> None:
    """The place is where the mistake stands, not where the file is included."""
    with pytest.raises(ReportTemplateFault) as caught:
        render_report("{% include 'head.html' %}", {}, includes={"head.html": "a\n{{ b }}"})
    assert (caught.value.span.file, caught.value.span.line) == ("head.html", 2)


def test_includes_and_own_macros() -> None:
    """A template may include its regime's files; the portal's macros cannot be replaced by one."""
    includes = {"head.html": "<p>信头 {{ v }}</p>", "macros.html": "evil"}
    source = "{% include 'head.html' %}{% import 'macros.html' as m %}{{ m.end_mark('完') }}"
    html = render_report(source, {"v": "<x>"}, includes=includes)
    assert "<p>信头 &lt;x&gt;</p>" in html and '<p class="end">完</p>' in html


def test_whole_documents_keep_their_head() -> None:
    """A template that writes its own document gets the stylesheet first, so that it can override it."""
    html = render_report("<html><head><style>p{color:red}</style></head><body>x</body></html>", {})
    assert html.count("<html") == 1
    assert html.index("@page") < html.index("p{color:red}")


@pytest.mark.parametrize(
    ("paper", "size"),
    [(Paper(), (595, 842)), (Paper("A4", "landscape"), (842, 595)), (Paper("A3"), (842, 1191)),
     (Paper("A5"), (420, 595)), (Paper("letter"), (612, 792))],
)  # fmt: skip
def test_paper(paper: Paper, size: tuple[int, int]) -> None:
    """The page has the size and direction that the report asks for."""
    box = PdfReader(io.BytesIO(render_pdf(render_report("<p>x</p>", {}, paper=paper)).data)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == size


@pytest.fixture
def media(tmp_path: Path) -> Path:
    for name, size in (("a.jpg", (1600, 1200)), ("b.jpg", (900, 1600)), ("c.jpg", (800, 600))):
        target = io.BytesIO()
        Image.new("RGB", size, "teal").save(target, "PNG")
        (tmp_path / name).write_bytes(prepare_photo(target.getvalue()))
    return tmp_path


def test_the_default_layout_prints_everything(media: Path) -> None:
    """A record without a template of its own gets fields, child lines, photos, reasons and signatures."""
    values = {
        "title": "工作质量反馈单", "organisation": "示例公司", "number": "FK-202611-0042",
        "trial": "试行期间",
        "groups": [
            {"title": "问题", "fields": [("部门", "朝阳门店"), ("期限", "11-21"), ("描述", "一\n二", True)]},
            {"title": "空组", "fields": []},
        ],
        "lines": [{"title": "整改措施", "key": "measures"}],
        "tables": [], "charts": [],
        "photo_groups": [{"title": "现场照片", "name": "photos"}],
        "reasons": ["第一步", ("第二步", "penalties.yaml:31")],
        "signatures": ["责任人", ("负责人", "head")],
    }  # fmt: skip
    assets = Assets(
        photos={
            "photos": [Photo("a.jpg", "照片一"), Photo("b.jpg", "照片二"), Photo("c.jpg"), Photo("c.jpg")]
        },
        grids={"measures": Grid((Column("措施", 60), Column("负责人", 40)), [("更换温控器", "王祎")])},
        signatures={"head": Signature("李喆堃", "2026-11-20", "a.jpg")},
    )
    html = render_report(default_layout(), values, title="反馈单", assets=assets, manner=MANNER)
    pdf = render_pdf(html, media=media, grids=assets.grids, furniture=Furniture("第 {page} 页"))
    pages = PdfReader(io.BytesIO(pdf.data)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    wanted = (
        "工作质量反馈单 示例公司 FK-202611-0042 试行期间 朝阳门店 整改措施 更换温控器 照片二 处理依据".split()
    )
    for words in (*wanted, "penalties.yaml:31", "责任人", "签名：李喆堃", "日期：2026-11-20"):
        assert words in text
    assert "空组" not in text
    assert [len(page.images) for page in pages] == [3, 1]  # equal pictures are kept once a page
    assert not pdf.missing_media and not pdf.missing_characters


def test_the_default_layout_stands_with_nothing() -> None:
    """Every part may be empty."""
    values = dict.fromkeys(("title", "organisation", "number", "trial"), "") | dict.fromkeys(
        ("groups", "lines", "tables", "charts", "photo_groups", "reasons", "signatures"), ()
    )
    assert render_pdf(render_report(default_layout(), values)).pages == 1


def test_a_text_longer_than_a_page_is_printed_to_its_end() -> None:
    """A field with a long text, or with many lines, runs over pages; the fields beside it stand."""
    told = "".join(f"第{number:04d}句，" for number in range(1, 1201))
    lines = "\n".join(f"第{number}行" for number in range(1, 91))
    fields = [("部门", "朝阳门店"), ("经过", told, True), ("清单", lines, True), ("期限", "11-21")]
    html = render_report(
        "{% import 'macros.html' as m with context %}{{ m.meta_table(fields) }}",
        {"fields": fields},
        manner=MANNER,
    )
    pages = PdfReader(io.BytesIO(render_pdf(html).data)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert len(pages) > 3
    for words in ("经过", "第0001句", "第0600句", "第1200句", "第1行", "第90行", "11-21"):
        assert words in text


def test_signature_boxes_stay_on_one_page() -> None:
    """A row of boxes is never cut by a page end, wherever it would fall."""
    source = "{% import 'macros.html' as m %}<p>头</p><pdf:spacer height='{{ h }}pt'></pdf:spacer>"
    source += "{{ m.signature_boxes(['甲方', '乙方', '丙方']) }}"
    for height in range(560, 720, 20):
        pdf = render_pdf(render_report(source, {"h": height}, manner=MANNER))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages]
        holders = [page for page in pages if "甲方" in page or "签名" in page or "日期" in page]
        assert len(holders) == 1


def test_short_tables() -> None:
    """A table shows its heads, its rows, or the words for none."""
    source = "{% import 'macros.html' as m %}{{ m.table(heads, rows, [60, 40], ['', 'right'], '无') }}"
    filled = render_report(source, {"heads": ["甲", "乙"], "rows": [["一", "2"]]})
    assert '<td class="right">2</td>' in filled and '<th style="width: 60%">甲</th>' in filled
    assert 'colspan="2">无</td>' in render_report(source, {"heads": ["甲", "乙"], "rows": []})
