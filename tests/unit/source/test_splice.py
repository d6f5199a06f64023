"""Changing one value in a text leaves every other character as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.source import Span, parse_text
from app.source.raw import RawList, RawMapping
from app.source.splice import CannotSplice, Edit, insert_item, remove_item, splice, written

TEXT = """# 标准
levels:   # 两级
  low:  {amount: 50, note: '轻  微'}   # 首次
  high:
    amount:    200
days: [2026-01-01,2026-05-01]  # 自定
list:
  - one   # 第一
  - "two"
"""


def raw(text: str) -> RawMapping:
    """The mapping that the text holds."""
    return parse_text(text, "a.yaml").files[0].raw


def place(text: str, *path: str) -> Span:
    """Where the value at `path` is written."""
    found = raw(text)
    for key in path[:-1]:
        inner = found[key]
        assert isinstance(inner, RawMapping)
        found = inner
    return found.place.value(path[-1])


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("levels", "low", "amount"), "80", "  low:  {amount: 80, note: '轻  微'}   # 首次"),
        (("levels", "low", "note"), "a: b, c", '  low:  {amount: 50, note: "a: b, c"}   # 首次'),
        (("levels", "high", "amount"), None, "    amount:    ~"),
        (("days",), ["2027-01-01"], "days: [2027-01-01]  # 自定"),
        (("days",), [], "days: []  # 自定"),
    ],
    ids=["flow", "quoted", "unset", "list", "empty-list"],
)
def test_only_the_value_changes(path: tuple[str, ...], value: str | list[str] | None, line: str) -> None:
    """One line differs, and in it the value alone."""
    changed = splice(TEXT, [Edit(place(TEXT, *path), value)])
    differing = [new for old, new in zip(TEXT.split("\n"), changed.split("\n"), strict=True) if old != new]
    assert differing == [line]


def test_several_values_at_once() -> None:
    """Edits of one text do not move each other."""
    edits = [
        Edit(place(TEXT, "levels", "high", "amount"), "1"),
        Edit(place(TEXT, "levels", "low", "amount"), "2000"),
    ]
    changed = raw(splice(TEXT, edits))
    assert changed["levels"] == {"low": {"amount": "2000", "note": "轻  微"}, "high": {"amount": "1"}}


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\u2028"], ids=["windows", "unix", "separator"])
def test_line_breaks_and_a_byte_order_mark_stay(ending: str) -> None:
    """Whatever ends the lines, and before a mark at the start."""
    text = f"\ufeffa: 1{ending}b: 2{ending}"
    assert splice(text, [Edit(place(text, "b"), "3")]) == f"\ufeffa: 1{ending}b: 3{ending}"
    assert splice(text, [Edit(place(text, "a"), "3")]) == f"\ufeffa: 3{ending}b: 2{ending}"


def test_items_are_added_and_taken_out() -> None:
    """In brackets or line by line, comments of other lines stay."""
    found = raw(TEXT)["list"]
    assert isinstance(found, RawList)
    assert insert_item(TEXT, found, "x: y") == TEXT + '  - "x: y"\n'
    assert remove_item(TEXT, found, 1) == TEXT.replace('  - "two"\n', "")
    days = raw(TEXT)["days"]
    assert isinstance(days, RawList)
    assert "days: [2026-05-01]  # 自定" in remove_item(TEXT, days, 0)
    assert "days: [2026-01-01, 2026-05-01, 2026-10-01]  # 自定" in insert_item(TEXT, days, "2026-10-01")


def test_places_that_overlap_or_lie_outside_are_refused() -> None:
    """Nothing is guessed."""
    span = place(TEXT, "levels", "low", "amount")
    with pytest.raises(CannotSplice):
        splice(TEXT, [Edit(span, "1"), Edit(span, "2")])
    with pytest.raises(CannotSplice):
        splice(TEXT, [Edit(Span("a.yaml", 99, 1, 99, 2), "1")])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_text_reads_back(value: str) -> None:
    """Whatever is typed comes back the same from the YAML."""
    text = f"before: 1\nvalue: {written(value)}\nafter: 2 # x\n"
    assert raw(text) == {"before": "1", "value": value, "after": "2"}
