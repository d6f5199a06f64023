"""Tuning tables over YAML as people write it: the value goes in, byte for byte the rest stays."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.release.tuning import TABLES, TuningRow, tuned, tuning_rows
from app.source import parse_files
from app.spec.decode import decode
from app.spec.portal import Portal

FILE = "config/regimes/r/figures.yaml"
AROUND = {
    "config/portal.yaml": b"portal: {title: T, regimes: [r]}\n",
    "config/regimes/r/regime.yaml": b"regime: {title: R}\n",
    "config/roles.yaml": b"roles: {hr: {title: HR}}\n",
}
HEAD = """choices: {grade: {ordered: true, options: {low: l, high: h}}}
penalty_schedules:
  conduct:
    title: c
    kind: fine
    rank: grade
    decided_by: [{who: role.hr}]
    levels:"""
LOW, HIGH = (f"r.penalty_schedules.conduct.levels.{name}.amount" for name in ("low", "high"))
CLOSED, OPEN = (f"r.calendars.shop.{name}" for name in ("closed", "open"))
SHOP = """calendars:
  shop:
    hours: {mon-fri: ["09:00-18:00"]}
"""
BLOCK = "\n      low: {}\n      high: {{amount: 60}}\n"
"""Levels of which `low` is written in some way."""


def files(text: str) -> dict[str, bytes]:
    return {**AROUND, FILE: text.encode()}


def read(found: Mapping[str, bytes]) -> tuple[Portal, dict[str, TuningRow]]:
    """The portal and every row by its path."""
    portal, diagnostics = decode(parse_files(found))
    assert portal is not None, [f"{one.span}: {one.message()}" for one in diagnostics]
    return portal, {row.path: row for table in TABLES for row in tuning_rows(portal, table)}


AMOUNTS: Mapping[str, tuple[str, str]] = {
    "comment": ("\n      low:\n        amount: 50  # fifty\n      high: {amount: 60}\n", "50"),
    "comment that looks alike": (
        "\n      low: {amount: 50} # {amount: 50}\n      high: {amount: 50}\n",
        "50",
    ),
    "two alike in a line": (" {low: {amount: 50}, high: {amount: 50}}\n", "50"),
    "single quotes": (" {low: {amount: '50'}, high: {amount: 60}}\n", "'50'"),
    "double quotes": (' {low: {amount: "50"}, high: {amount: 60}}\n', '"50"'),
    "like JSON": (' {"low": {"amount":50},"high":{"amount":60}}\n', "50"),
    "full width": (" {low: {amount: ５０}, high: {amount: 60}}\n", "５０"),
    "unset": (" {low: {amount: ~}, high: {amount: 60}}\n", "~"),
    "unset in a word": (" {low: {amount: null}, high: {amount: 60}}\n", "null"),
    "flow over lines": (" {low: {amount:\n        50},\n      high: {amount: 60}}\n", "50"),
    "anchor": ("\n      low: {amount: &a 50}\n      high: {amount: 60}\n", "50"),
    "alias": ("\n      high: {amount: &a 60}\n      low: {amount: *a}\n", "*a"),
}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
@pytest.mark.parametrize(("levels", "old"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_only_the_value_changes(levels: str, old: str, mark: str, line_break: str) -> None:
    """What stood there is cut out, the new value put in its place; the other figures read as before."""
    text = (mark + HEAD + levels).replace("\n", line_break)
    before = files(text)
    portal, rows = read(before)
    begin = text.index(old, text.index("low", text.index("levels:")))
    for value, written in (("777", "777"), ("１２３", "１２３"), ("0.50", "0.50"), (None, "~")):
        after = tuned(before, portal, {LOW: value})
        kept = old if old in ("~", "null") and value is None else written
        assert after[FILE].decode() == text[:begin] + kept + text[begin + len(old) :]
        found = read(after)[1]
        assert found[LOW].value == value and found[HIGH].value == rows[HIGH].value


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n        amount: |\n          50\n", "\n        amount: 777\n"),
        ("\n        amount: >-\n          50\n\n", "\n        amount: 777\n\n"),
        ("\n        amount:\n", "\n        amount: 777\n"),
        ("\n        amount:   # open\n", "\n        amount: 777   # open\n"),
        (" {amount: }\n", " {amount: 777}\n"),
        (" {amount}\n", " {amount: 777}\n"),
        (" {amount, min: 3}\n", " {amount: 777, min: 3}\n"),
        (" &l {amount: &a 50}\n", " &l {amount: &a 777}\n"),
    ],
    ids=["block", "folded block", "nothing", "remark", "braces", "bare key", "bare key first", "anchors"],
)  # fmt: skip
def test_what_has_no_plain_value_yet(old: str, new: str) -> None:
    """Blocks of text, keys without a value, anchors."""
    levels = "\n      low:{}      high: {{amount: 60}}\n"
    before = files(HEAD + levels.format(old))
    portal, _rows = read(before)
    after = tuned(before, portal, {LOW: "777"})
    assert after[FILE].decode() == HEAD + levels.format(new)
    assert read(after)[1][LOW].value == "777"


def test_a_value_with_an_anchor_changes_where_it_is_repeated() -> None:
    """That is what the anchor says; a value of its own in place of the alias ends it."""
    text = f"{HEAD} {{low: {{amount: &a 50}}, high: {{amount: *a}}}}\n"
    portal, _rows = read(files(text))
    both = read(tuned(files(text), portal, {LOW: "70"}))[1]
    assert (both[LOW].value, both[HIGH].value) == ("70", "70")
    one = read(tuned(files(text), portal, {HIGH: "90"}))[1]
    assert (one[LOW].value, one[HIGH].value) == ("50", "90")


LISTS: Mapping[str, str] = {
    "in brackets": "    closed: [2026-01-01, 2026-05-01, 2026-10-01]  # three\n    open: []\n",
    "in brackets over lines": "    closed: [\n      2026-01-01,  # new year\n      2026-05-01,\n"
                              "      2026-10-01\n    ]\n",
    "line by line": "    closed: # all\n      # first\n      - 2026-01-01 # new year\n\n      - 2026-05-01\n"
                    "      - '2026-10-01'  # golden week\n\n    # end\n    open: [2026-01-04]\n",
    "at the key's indent": "    closed:\n    - 2026-01-01\n    - 2026-05-01\n    - 2026-10-01\n"
                           "    open:\n    - 2026-01-04\n",
    "at the end of the file": "    closed:\n      - 2026-01-01\n      - 2026-05-01\n      - 2026-10-01",
    "with an anchor": "    closed: &d\n      - 2026-01-01 # new year\n      - 2026-05-01\n"
                      "      - 2026-10-01\n",
}  # fmt: skip
WISHES = (
    "", "2026-05-01", "2026-01-01 2026-10-01", "2026-01-01 2026-05-01 2026-10-01 2026-12-25",
    "2025-12-31 2026-01-01 2026-05-01 2026-10-01", "2026-01-01 2026-03-08 2026-03-09 2026-05-01 2026-10-01",
    "2031-01-01", "2031-01-01 2026-05-01 2026-10-02", "2026-10-01 2026-05-01 2026-01-01",
)  # fmt: skip


@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("days", LISTS.values(), ids=LISTS.keys())
def test_days_that_stay_keep_their_lines(days: str, line_break: str) -> None:
    """Whatever is added, taken out or changed: it reads back, and what is kept keeps its remark."""
    text = (SHOP + days).replace("\n", line_break)
    portal, rows = read(files(text))
    for wish in WISHES:
        after = tuned(files(text), portal, {CLOSED: wish})[FILE].decode()
        found = read(files(after))[1]
        assert (found[CLOSED].value or "") == wish, after
        if OPEN in rows:
            assert found[OPEN].value == rows[OPEN].value
        assert after.count("\r\n") == after.count("\n") or line_break == "\n"
        for day, remark in (("2026-01-01", "# new year"), ("2026-10-01", "# golden week")):
            if remark in text and wish.startswith("2026-01-01 2026") and day in wish:
                assert remark in after
        for remark in ("# all", "# first", "# end"):
            assert (remark in after) is (remark in text)


def test_one_day_is_written_without_a_list() -> None:
    """A single day in the table, and more than one after."""
    text = f"{SHOP}    closed: 2026-01-01  # new year\n"
    portal, rows = read(files(text))
    assert rows[CLOSED].value == "2026-01-01"
    one = tuned(files(text), portal, {CLOSED: "2027-01-01"})[FILE].decode()
    assert one == text.replace("2026-01-01", "2027-01-01")
    two = tuned(files(text), portal, {CLOSED: "2026-01-01 2027-01-01"})[FILE].decode()
    assert two == text.replace("2026-01-01", "[2026-01-01, 2027-01-01]")


def test_an_alias_of_days_becomes_a_list_of_its_own() -> None:
    """The list with the anchor stays as it is."""
    text = f"{SHOP}    closed: &d [2026-01-01]\n    open: *d\n"
    portal, _rows = read(files(text))
    found = read(tuned(files(text), portal, {OPEN: "2026-02-02"}))[1]
    assert (found[CLOSED].value, found[OPEN].value) == ("2026-01-01", "2026-02-02")
