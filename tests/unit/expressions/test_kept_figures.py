"""What the browser shows of a computed figure is what the column keeps of it: rounded, or nothing at all."""

from __future__ import annotations

import json
import subprocess

import pytest
from expression_readers import pipe

TABLE = [
    ("1.005", 2, False, "1.01"),
    ("-1.005", 2, False, "-1.01"),
    ("12", 2, False, "12"),
    ("9999999999999998.99", 2, False, "9999999999999998.99"),
    ("9999999999999999.00", 2, False, None),
    ("-9999999999999999.00", 2, False, None),
    ("999999999998.999999", 6, False, "999999999998.999999"),
    ("999999999999", 6, False, None),
    ("999999999999999998", 0, False, "999999999999999998"),
    ("999999999999999999", 0, False, None),
    ("9223372036854775807", 0, True, "9223372036854775807"),
    ("9223372036854775807.5", 0, True, None),
    ("9223372036854775808", 0, True, None),
    ("1" + "0" * 300, 2, False, None),
]


@pytest.mark.node
@pytest.mark.parametrize(("figure", "places", "whole", "wanted"), TABLE)
def test_a_figure_that_no_column_holds_is_empty(
    node: subprocess.Popen[str], figure: str, places: int, whole: bool, wanted: str | None
) -> None:
    """The bounds are those of the storage, to the last digit."""
    code = f"E.kept(E.number(s.x), {places}, {json.dumps(whole)})"
    pipe(node.stdin).write(json.dumps({"code": code, "scope": {"x": figure}, "kind": "number"}) + "\n")
    pipe(node.stdin).flush()
    assert json.loads(pipe(node.stdout).readline()) == wanted


@pytest.mark.node
def test_chained_products_stay_short(node: subprocess.Popen[str]) -> None:
    """Each formula of a chain reads what the one before it keeps."""
    code = "E.kept(E.strict('mul', E.number(s.x), E.number(s.x)), 0, false)"
    found: str | None = "99999"
    for wanted in ("9999800001", None, None):
        pipe(node.stdin).write(json.dumps({"code": code, "scope": {"x": found}, "kind": "number"}) + "\n")
        pipe(node.stdin).flush()
        found = json.loads(pipe(node.stdout).readline())
        assert found == wanted
