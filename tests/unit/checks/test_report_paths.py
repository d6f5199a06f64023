"""Paths of report data that lead through several rows are found by `check`, not by the first print."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.checks import run_checks
from tests.support.portals import portal_from

FILES = {
    "config/regimes/r/records.yaml": """
        records:
          visit:
            title: 检查
            fields:
              unit: {type: unit, title: 单位}
              steps: {type: lines, title: 措施, fields: {what: {type: text, title: 措施}}}
              others: {type: links, to: visit, title: 相关}
              next: {type: link, to: visit, title: 下次}
        """
}


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        ("[steps.what]", ["RPT012"]),
        ("[others.unit]", ["RPT012"]),
        ("[next.steps.what]", ["RPT012"]),
        ("[next.others.unit.title]", ["RPT012"]),
        ("[next.unit.title, steps, others]", []),
    ],
)
def test_a_column_does_not_lead_through_several_rows(tmp_path: Path, columns: str, codes: list[str]) -> None:
    """A child table or several links have no one value behind them; links one by one do."""
    report = f"{{title: 单, record: visit, data: {{rows: {{from: visit, columns: {columns}}}}}}}"
    portal = portal_from(tmp_path, {**FILES, "report_templates/r/sheet.yaml": report})
    assert [one.code for one in run_checks(portal) if one.code.startswith("RPT")] == codes
