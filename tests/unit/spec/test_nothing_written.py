"""What is said where nothing stands in the place of an expression."""

from __future__ import annotations

from app.source import parse_files
from app.spec.decode import decode

RECORDS = """
records: {case: {title: 事项, workflow: case, fields: {done_at: {type: datetime, title: 完成}}}}
workflows:
  case:
    start: open
    states: {open: {title: 开}, done: {title: 完}}
    transitions:
      finish: {title: 完成, from: open, to: done}
      reopen: {title: 重开, from: done, to: open, do: [{set: {done_at: VALUE}}]}
"""


def faults(value: str) -> list[tuple[str, str | None]]:
    files = {
        "config/portal.yaml": "portal: {title: 试验, regimes: [r]}",
        "config/regimes/r/regime.yaml": "regime: {title: 条例}",
        "config/regimes/r/records.yaml": RECORDS.replace("VALUE", value),
    }
    _, found = decode(parse_files({path: text.encode() for path, text in files.items()}))
    return [(one.code, one.hint) for one in found if one.severity == "error"]


def test_a_field_is_emptied_with_none() -> None:
    """`~` is no expression; the hint says what is."""
    assert faults("~") == [("SPEC004", "write None for a field that is to be emptied")]
    assert faults("None") == []
