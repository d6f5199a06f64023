"""Bounds and patterns that no portal could keep to are faults, whatever Python makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli
from tests.support.portals import write_files


@pytest.mark.parametrize(
    ("field", "code"),
    [
        pytest.param("{type: text, title: x, max: %s}" % ("9" * 6000), "FLD003", id="thousands of digits"),
        pytest.param("{type: text, title: x, max: 1e9}", "FLD003", id="a length with an exponent"),
        pytest.param("{type: decimal, title: x, max: 1e999999999}", "FLD003", id="a number without end"),
        pytest.param("{type: decimal, title: x, min: -1e999999999}", "FLD003", id="below all numbers"),
        pytest.param("{type: text, title: x, pattern: '(a)\\1'}", "FLD005", id="a pattern that refers back"),
        pytest.param("{type: text, title: x, pattern: '(x{999}){999}'}", "FLD005", id="a pattern too large"),
        pytest.param("{type: decimal, title: x, min: -0.5, max: 1e6}", "", id="a number"),
        pytest.param("{type: text, title: x, max: 200, pattern: '[A-Z]{2}-\\d+'}", "", id="a text"),
    ],
)
def test_a_bound_is_a_figure_of_reach(tmp_path: Path, field: str, code: str) -> None:
    """`check` names the line; nothing is left for the form to choke on."""
    write_files(
        tmp_path, {"config/regimes/r/x.yaml": f"records: {{slip: {{title: x, fields: {{n: {field}}}}}}}"}
    )
    done = CliRunner().invoke(cli, ["--root", str(tmp_path), "--lang", "en", "check"])
    assert (done.exit_code, f"[{code}]" in done.output) == ((1, True) if code else (0, False)), done.output
