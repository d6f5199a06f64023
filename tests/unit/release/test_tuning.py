"""The tuning tables: every figure of the shipped configuration can be changed alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.release.tuning import TABLES, UnknownRow, tuned, tuning_rows
from app.source import collect_files, parse_files
from app.spec.decode import decode, load_portal
from app.spec.portal import Portal

ROOT = Path(__file__).resolve().parents[3]
OTHER = {"number": "777", "duration": "31 days", "figure": ">= 77 %", "days": "2031-01-01 2031-01-02"}


@pytest.fixture(scope="module")
def shipped() -> tuple[dict[str, bytes], Portal]:
    """The files that are shipped, and what they say."""
    portal, found = load_portal(ROOT)
    assert portal is not None, [one.message() for one in found]
    return collect_files(ROOT).files, portal


def test_every_table_of_the_shipped_configuration_has_rows(shipped: tuple[dict[str, bytes], Portal]) -> None:
    """A table without rows would be a table that nobody can use."""
    assert {table: bool(tuning_rows(shipped[1], table)) for table in TABLES} == dict.fromkeys(TABLES, True)


@pytest.mark.parametrize("table", TABLES)
def test_one_value_changes_one_line(shipped: tuple[dict[str, bytes], Portal], table: str) -> None:
    """Each value in turn: its line changes, within it only the value; all other bytes stay."""
    files, portal = shipped
    for row in tuning_rows(portal, table):
        changed = tuned(files, portal, {row.path: OTHER[row.kind]})
        assert [path for path in files if files[path] != changed[path]] == [row.span.file], row.path
        before = files[row.span.file].decode().split("\n")
        after = changed[row.span.file].decode().split("\n")
        differing = [
            number for number, pair in enumerate(zip(before, after, strict=True), 1) if len(set(pair)) > 1
        ]
        assert differing == [row.span.line], row.path
        assert after[row.span.line - 1].startswith(before[row.span.line - 1][: row.span.column - 1])


def test_all_values_at_once_read_back(shipped: tuple[dict[str, bytes], Portal]) -> None:
    """The file that comes out says what was typed, at every place."""
    files, portal = shipped
    rows = [row for table in TABLES for row in tuning_rows(portal, table)]
    changed, found = decode(parse_files(tuned(files, portal, {row.path: OTHER[row.kind] for row in rows})))
    assert changed is not None, [one.message() for one in found]
    after = {row.path: row.value for table in TABLES for row in tuning_rows(changed, table)}
    assert after == {row.path: OTHER[row.kind] for row in rows}


def test_what_is_typed_unchanged_changes_no_byte(shipped: tuple[dict[str, bytes], Portal]) -> None:
    """Saving a table as it was is no change."""
    files, portal = shipped
    rows = {row.path: row.value for table in TABLES for row in tuning_rows(portal, table)}
    assert tuned(files, portal, rows) == files


def test_a_path_that_no_table_has_is_refused(shipped: tuple[dict[str, bytes], Portal]) -> None:
    """Nobody writes past the tables."""
    with pytest.raises(UnknownRow):
        tuned(*shipped, {"portal.title": "x"})
