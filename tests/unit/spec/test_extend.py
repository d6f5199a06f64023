"""`extends` merges by key and by name; `drop` leaves out."""

from __future__ import annotations

from app.source import parse_files
from app.spec.decode import Decoded, decode_parts

BASE = """
title: 底表
scoring: {full: 100, pass: 80}
sections:
  - id: one
    title: 一
    items: [{id: a, title: 甲, points: 1}, {id: b, title: 乙, points: 2}]
  - {id: two, title: 二, items: [{id: c, title: 丙}]}
"""


def checklists(child: str, base: str = BASE) -> Decoded:
    files = {
        "config/portal.yaml": "portal: {title: x}\n",
        "config/regimes/r/r.yaml": "regime: {title: x}\n",
        "checklists/r/base.yaml": base,
        "checklists/r/child.yaml": child,
    }
    return decode_parts(parse_files({path: text.encode() for path, text in files.items()}))


def items(found: Decoded) -> list[tuple[str, str, str | None]]:
    child = found.portal.checklists["r.child"]
    return [(section.id, item.id, str(item.points)) for section, item in child.items()]


def test_lists_of_named_things_merge_by_name() -> None:
    """A child changes one item and adds another; the order of the base stays."""
    child = "extends: base\nsections: [{id: one, items: [{id: b, points: 9}, {id: d, title: 丁}]}]\n"
    found = checklists(child)
    assert found.sound
    assert items(found) == [
        ("one", "a", "1"), ("one", "b", "9"), ("one", "d", "None"), ("two", "c", "None"),
    ]  # fmt: skip
    merged = found.portal.checklists["r.child"]
    assert (merged.title, merged.scoring.full) == ("底表", 100)


def test_places_stay_where_things_were_written() -> None:
    """A fault in what was inherited points into the base, one in what is new into the child."""
    found = checklists("extends: base\nsections: [{id: one, items: [{id: b, points: 9}]}]\n")
    item = found.portal.checklists["r.child"].sections[0].items[1]
    assert item.span_of("points").file == "checklists/r/child.yaml"
    assert item.span_of("title").file == "checklists/r/base.yaml"


def test_drop_leaves_out_sections_and_items() -> None:
    """By name, at any depth of the base."""
    assert items(checklists("extends: base\ndrop: [two, a]\n")) == [("one", "b", "2")]


def test_nothing_set_takes_an_inherited_value_away() -> None:
    """`~` in the child wins over the base."""
    found = checklists("extends: base\nscoring: {pass: ~}\n")
    assert found.portal.checklists["r.child"].scoring.pass_ is None


def test_examples_and_former_names_are_not_inherited() -> None:
    """They are about the base itself."""
    base = BASE + "examples: [{given: {a: pass}, expect: {score: 100}}]\nwas: older\n"
    found = checklists("extends: base\n", base).portal
    assert found.checklists["r.base"].examples and found.checklists["r.base"].was == "older"
    assert found.checklists["r.child"].examples == () and found.checklists["r.child"].was is None


def test_dropped_fields_leave_the_inherited_form_and_list() -> None:
    """A record type without a field does not show it either."""
    text = """
records:
  base:
    fields: {a: {type: text}, b: {type: text}}
    form: [{group: 组, fields: [a, b]}]
    list: {columns: [a, b], order: -b}
  child: {extends: base, drop: [b]}
"""
    files = {"config/portal.yaml": b"portal: {title: x}\n", "config/r.yaml": text.encode()}
    child = decode_parts(parse_files(files)).portal.records["child"]
    assert list(child.fields) == ["a"]
    assert (child.form[0].fields, child.list.columns, child.list.order) == (("a",), ("a",), None)
