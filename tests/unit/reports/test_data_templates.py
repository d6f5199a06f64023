"""Templates of reports over a period: names and columns of data sets are checked beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.reports import check_templates
from app.spec.portal import Portal, TemplateFile
from tests.support.portals import portal_from

PATH = "report_templates/r/monthly.html"
FILES = {
    "config/regimes/r/records.yaml": """
        records:
          visit:
            title: 检查
            fields:
              unit: {type: unit, title: 单位}
              cost: {type: money, title: 费用}
              held_on: {type: date, title: 日期}
            list: {columns: [unit, cost]}
        """,
    "report_templates/r/monthly.yaml": """
        title: 月报
        of: period
        parameters: {month: {type: month}}
        data:
          visits: {from: visit, where: held_on in month, columns: [unit.title, cost]}
          sums: {from: visit, where: held_on in month, by: unit, measures: {total: sum(cost)}}
        charts: {costs: {data: sums, x: unit, y: total}}
        """,
    "report_templates/r/chosen.yaml": "{title: 清单, of: selection, record: visit}",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """A report over a month, and one of a selection that declares no data."""
    return portal_from(tmp_path_factory.mktemp("templates"), FILES)


def found(portal: Portal, text: str, report: str = "r.monthly") -> list[str]:
    """Line, message and hint of each fault of the template."""
    templates = {**portal.templates, report: TemplateFile(PATH, text)}
    faults = check_templates(replace(portal, templates=templates))
    return [f"{one.code}:{one.span.line} {one.message()} {one.hint_text()}".strip() for one in faults]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n{{ recod }}", "RPT009:2 a report has nothing named 'recod'"),
        ("{{ record.unit }}", "RPT009:1 a report has nothing named 'record'"),
        ("{{ data.visit }}", "'data' has no field 'visit' did you mean 'visits'?"),
        ("{% for row in data.sums %}{{ row.totl }}{% endfor %}", "'row' has no field 'totl'"),
        ("{% for row in sums %}{{ row.cost }}{% endfor %}", "'row' has no field 'cost'"),
        ("{{ parameters.monht }}", "has no field 'monht' did you mean 'month'?"),
        ("{{ grid('costs') }}", "grid() finds nothing named 'costs'"),
        ("{{ chart('sums') }}", "chart() finds nothing named 'sums'"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_found(portal: Portal, text: str, said: str) -> None:
    """With its line and the near name."""
    faults = found(portal, text)
    assert len(faults) == 1 and said in faults[0]


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("{% for row in data.visits %}{{ row['unit.title'] }}{{ row.raw.cost }}{% endfor %}", "r.monthly"),
        ("{{ sums[0].total }} {{ totals_of.sums.total }} {{ counts.visits }} {{ subtitle }}", "r.monthly"),
        ("{{ grid('visits') }}{{ chart('costs', 60) }}{{ parameters.raw.month|date }}", "r.monthly"),
        ("{% for row in rows %}{{ row.unit }}{{ row.cost }}{% endfor %}{{ grid('rows') }}", "r.chosen"),
    ],
)
def test_a_sound_template_has_no_faults(portal: Portal, text: str, report: str) -> None:
    """Data sets by name, with their columns; a selection without data has the columns of its list."""
    assert found(portal, text, report) == []
