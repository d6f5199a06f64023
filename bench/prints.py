"""Prints: a one-page slip, and a checklist report of 100 and 500 pages against WeasyPrint on the same table.

python -m bench.prints
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from app.reports import Assets, Column, Grid, Manner, Row, Section, render_pdf, render_report
from bench.results import table, write_section

HEAD = ("序号", "检查项目", "条款", "结果", "备注")
SLIP = """
{% from 'macros.html' import title_block, meta_table, signature_boxes %}
<h1>工作质量反馈单</h1>
<p>责任部门：滨江店。问题：角落、衣柜、橱柜里没有存放食物；请于 2026-11-25 前反馈整改结果。</p>
<table><tr><td>编号</td><td>FK-202611-0001</td><td>责任人</td><td>曹文娟</td></tr>
<tr><td>下达时间</td><td>2026-11-21 10:30</td><td>反馈期限</td><td>2026-11-25</td></tr></table>
<p>整改要求：限期整改并反馈原因与措施。</p>
"""


def lines(pages: int) -> list[tuple[str, ...]]:
    """About 30 rows a page of Chinese and Latin text, some of it wrapped."""
    text = "制服每日更换，保持整洁，无污渍；工号牌佩戴于左胸（含临时工） 5 m/min"
    return [
        (f"{n}", f"{text} {n}", f"RS-A{n % 14 + 1}", "合格" if n % 7 else "不合格", "现场 12 ℃")
        for n in range(pages * 30)
    ]


def ours(pages: int) -> int:
    rows: list[Row | Section] = []
    for number, line in enumerate(lines(pages)):
        if number % 30 == 0:
            rows.append(Section(f"第 {number // 30 + 1} 部分"))
        rows.append(Row(line))
    columns = tuple(Column(title, width) for title, width in zip(HEAD, (8, 44, 12, 12, 24), strict=True))
    grid = Grid(columns, tuple(rows))
    html = render_report("<h1>检查报告</h1>{{ grid('list') }}", {}, name="bench", title="检查报告",
                         assets=Assets(grids={"list": grid}), manner=Manner())  # fmt: skip
    return render_pdf(html, media=None, grids={"list": grid}, title="检查报告").pages


def weasy(pages: int) -> int:
    import weasyprint  # a peer of the bench, not installed with the portal

    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines(pages))
    head = "".join(f"<th>{title}</th>" for title in HEAD)
    style = "<style>@page{size:A4;margin:15mm} table{width:100%;border-collapse:collapse;font-size:9pt}" \
            "td,th{border:1px solid #666;padding:2pt}</style>"  # fmt: skip
    body = f"<h1>检查报告</h1><table><thead><tr>{head}</tr></thead>{cells}</table>"
    html = f"<html><head>{style}</head><body>{body}</body></html>"
    return len(weasyprint.HTML(string=html).render().pages)


def slip() -> int:
    html = render_report(SLIP, {}, name="slip", title="工作质量反馈单", manner=Manner())
    return render_pdf(html, media=None, title="工作质量反馈单").pages


def timed(make: Callable[[], int], rounds: int) -> tuple[float, int]:
    """Median seconds and pages, after one round to warm up."""
    make()
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        pages = make()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds), pages


def main() -> None:
    rows = []
    took, pages = timed(slip, 7)
    rows.append(("one-page slip, warm", f"{pages}", f"{took:.3f} s", "", "under 0.2 s"))
    mine, my_pages = timed(lambda: ours(100), 3)
    peer, peer_pages = timed(lambda: weasy(100), 1)
    ratio = peer / mine  # the same rows; pages would flatter us, for our rows are taller
    rows.append(("checklist report", f"{my_pages}", f"{mine:.2f} s", f"{my_pages / mine:.0f} pages/s", ""))
    rows.append(
        (
            "the same in WeasyPrint",
            f"{peer_pages}",
            f"{peer:.2f} s",
            f"{peer_pages / peer:.1f} pages/s",
            f"{ratio:.0f} times our time for the same rows, goal 10",
        )
    )
    large, large_pages = timed(lambda: ours(500), 1)
    growth = (large_pages / large) / (my_pages / mine)
    rows.append(
        (
            "checklist report",
            f"{large_pages}",
            f"{large:.2f} s",
            f"{large_pages / large:.0f} pages/s",
            f"{growth:.2f} of the speed at {my_pages} pages",
        )
    )
    write_section(
        "Prints", "python -m bench.prints", table(("print", "pages", "time", "speed", "note"), rows)
    )


if __name__ == "__main__":
    main()
