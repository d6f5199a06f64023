"""A plan names the records whose values do not fit, not only how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.source import untranslated
from app.storage import Database
from tests.support.houses import House
from tests.unit.actions.test_rough_changes import CASE, Rows, files, filled

NUMBERS = "n: {type: text}"
BAD = ("a", "b", "c", "d", "e", "f", "g")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """An empty house on either database."""
    yield House(database, tmp_path / "root")
    database.session.remove()


def operation(
    house: House, fields: str, op: str, files_of: dict[str, str] | None = None
) -> dict[str, object]:
    """The one operation of that kind in the plan for these fields, as JSON."""
    told = house.plan(files_of or files(fields)).as_json()["operations"]
    (found,) = (one for one in told if one["op"] == op)  # type: ignore[attr-defined]
    return dict(found)


def test_values_that_do_not_fit_a_new_type_are_named(house: House) -> None:
    """The first five by id and label, in data and in words; those that fit are not among them."""
    rows = [(CASE, {"title": f"case {word}", "n": word}) for word in ("1", *BAD, "22")]
    filled(house, files(NUMBERS), rows)
    told = operation(house, "n: {type: integer}", "change_type")
    assert told["rows"] == len(BAD) and told["risk"] == "lossy"
    named = [{"type": CASE, "id": number, "label": f"case {BAD[number - 2]}"} for number in range(2, 7)]
    assert told["first"] == named
    (line,) = (one for one in house.plan(files("n: {type: integer}")).lines(untranslated) if "lossy" in one)
    assert "7 values do not fit: #2 case a, #3 case b" in line and "#6 case e and 2 more" in line
    assert "#1 " not in line and "#7" not in line


def test_a_field_and_a_type_that_are_renamed_besides(house: House) -> None:
    """The rows are found by their former names."""
    filled(house, files(NUMBERS), [(CASE, {"title": "one", "n": "x"})])
    wanted = files("m: {type: integer, was: n}")
    wanted = {path: text.replace("  case: {", "  matter: {was: case, ") for path, text in wanted.items()}
    wanted["config/roles.yaml"] = wanted["config/roles.yaml"].replace("r.case", "r.matter")
    told = operation(house, "", "change_type", wanted)
    assert told["first"] == [{"type": CASE, "id": 1, "label": "one"}]


def test_values_that_are_not_unique_are_named(house: House) -> None:
    """Each record that holds one of them."""
    rows = [(CASE, {"title": title, "n": value}) for title, value in (("a", "x"), ("b", "y"), ("c", "x"))]
    filled(house, files(NUMBERS), rows)
    plan = house.plan(files("n: {type: text, unique: true}"))
    (told,) = (one for one in plan.as_json()["operations"] if "first" in one)  # type: ignore[attr-defined]
    assert (told["risk"], [row["label"] for row in told["first"]]) == ("question", ["a", "c"])
    (line,) = (one for one in plan.lines(untranslated) if "needs an answer" in one)
    assert line.endswith("the same value stands in #1 a, #3 c")


def test_what_fits_names_nobody(house: House) -> None:
    """A change that loses nothing has no rows to name."""
    filled(house, files(NUMBERS), [(CASE, {"title": "one", "n": "5"})])
    told = operation(house, "n: {type: integer}", "change_type")
    assert told["risk"] == "safe" and "first" not in told


def test_options_that_go_and_fields_that_must_be_filled_in_name_their_records(house: House) -> None:
    """A choice, a choice of several, a text that becomes a choice, a field without a value."""
    fields = "o: {type: choice, options: g}, m: {type: choices, options: g}, t: {type: text}"
    rows: Rows = [
        (CASE, {"title": "one", "o": "x", "m": ["y", "x"], "t": "y"}),
        (CASE, {"title": "two", "m": ["y"], "t": "other"}),
        (CASE, {"title": "three", "o": "x"}),
    ]
    filled(house, files(fields), rows)
    wanted = fields.replace("o: {type: choice, ", "o: {type: choice, required: true, ")
    wanted = wanted.replace("t: {type: text}", "t: {type: choice, options: g}")
    plan = house.plan(files(wanted, choices="choices: {g: {options: {y: Y, z: Z}}}\n"))
    told = plan.as_json()["affected"]["misfits"]  # type: ignore[index]
    found = {(one["field"], one["kind"]): [row["label"] for row in one["first"]] for one in told}
    assert found == {
        ("o", "option"): ["one", "three"],
        ("o", "required"): ["two"],
        ("m", "option"): ["one"],
        ("t", "option"): ["two"],
    }
    words = "\n".join(plan.lines(untranslated))
    assert "keep 'x' in o, which would be no option any more: #1 one, #3 three" in words
