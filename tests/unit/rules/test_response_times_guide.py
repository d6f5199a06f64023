"""The guide to response times: its regulation is sound, and its own examples come out right."""

from __future__ import annotations

import re
from pathlib import Path

from app.checks import run_checks
from app.rules import run_examples
from app.source import parse_files
from app.spec.decode import decode_parts
from tests.support.complaints import PORTAL

PAGE = Path(__file__).parents[3] / "docs/how-to/set-response-times.zh.md"
ROLES = "roles: {desk: {title: 接待, can: {visit_request: [create, read, update]}}}"


def test_the_guides_regulation_is_sound() -> None:
    """Neither faults nor warnings, six examples, every target reached."""
    found = re.search(
        r"^`([\w/.]+)`\n\n```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found is not None
    files = {
        "config/portal.yaml": PORTAL.replace("house", "visitor_desk"),
        "config/roles.yaml": ROLES,
        found[1]: found[2],
    }
    decoded = decode_parts(parse_files({path: text.encode() for path, text in files.items()}))
    diagnostics = (*decoded.diagnostics, *run_checks(decoded.portal, decoded))
    assert [one.message() for one in diagnostics if one.code != "NYS001"] == []
    report = run_examples(decoded.portal)
    assert (report.passed, report.failed, report.unreached) == (6, (), ())
