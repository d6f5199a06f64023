"""What a list shows is what its links lead to, whatever its address holds."""

from __future__ import annotations

import io
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from tests.support.clients import Site


@pytest.mark.parametrize("name", ["record_type", "key", "page", "query"])
def test_a_parameter_may_be_called_anything(site: Site, name: str) -> None:
    """A parameter that is called like something of ours is carried along like any other."""
    assert "export" in site.visitor("hr").text(f"/r/r.visit/list/?{name}=x")


def test_an_export_holds_all_that_a_filter_of_several_values_shows(site: Site) -> None:
    """Two levels are chosen: the export's address names both, and its rows are those of the list."""
    for level in ("low", "high"):
        site.insert("r.visit", creator="hr", title=f"of {level}", level=level, unit=site.units["shop"])
    hr = site.visitor("hr")
    page = hr.text("/r/r.visit/list/?f.level=low&f.level=high")
    assert "of low" in page and "of high" in page
    assert "export?f.level=low&f.level=high" in unquote(page).replace("&amp;", "&")
    sheet = load_workbook(io.BytesIO(hr.get("/r/r.visit/export?f.level=low&f.level=high").data)).active
    assert sheet is not None
    titles = {row[1].value for row in sheet.iter_rows(min_row=2)}
    assert titles == {"of low", "of high"}
