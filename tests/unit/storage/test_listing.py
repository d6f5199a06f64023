"""Lists: filters, search, order, pages from both ends and from a row's place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from app.storage import (
    BadFilter,
    BadOrder,
    Cursor,
    Database,
    Filter,
    ListQuery,
    Models,
    insert_record,
    list_records,
    pick_records,
)
from tests.support.portals import empty, install, release_from, stamp

TODAY = date(2026, 3, 2)
ITEM = """
choices:
  level: {ordered: true, options: {low: Low, high: High, worst: Worst}}
records:
  item:
    title: Item
    number: "I-{seq:04d}"
    fields:
      title: {type: text}
      note: {type: text}
      amount: {type: money}
      level: {type: choice, options: level}
      tags: {type: choices, options: {a: A, b: B}}
      day: {type: date}
      at: {type: datetime}
      done: {type: boolean}
      unit: {type: unit}
      who: {type: person}
      friends: {type: links, to: person}
      photos: {type: photos}
      steps: {type: lines, fields: {what: {type: text}}}
    list:
      {columns: [number, title, unit, who], search: [title, note, who], filters: [level, unit], order: -day}
"""


@pytest.fixture(scope="module")
def installed(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Models:
    root = tmp_path_factory.mktemp("item")
    return install(module_database, release_from(root, {"config/regimes/r/item.yaml": ITEM}))


@pytest.fixture
def database(module_database: Database, installed: Models) -> Iterator[Database]:
    """The module's database, emptied after each test."""
    yield module_database
    empty(module_database, installed)


@pytest.fixture
def models(database: Database, installed: Models) -> Models:
    return installed


def _fill(database: Database, models: Models, record_type: str, rows: list[dict[str, object]]) -> list[int]:
    with database.writing() as session:
        return [insert_record(session, models, record_type, row, stamp()) for row in rows]


def _ids(database: Database, models: Models, **query: object) -> list[int]:
    with database.reading() as session:
        page = list_records(session, models, ListQuery("r.item", **query), TODAY)  # type: ignore[arg-type]
    return [row.id for row in page.rows]


@pytest.fixture
def units(database: Database, models: Models) -> dict[str, int]:
    """root > a > a1, and b beside a."""
    root, b = _fill(database, models, "unit", [{"title": "root"}, {"title": "b"}])
    (a,) = _fill(database, models, "unit", [{"title": "a", "parent": root}])
    (a1,) = _fill(database, models, "unit", [{"title": "a1", "parent": a}])
    return {"root": root, "a": a, "a1": a1, "b": b}


PERSON = object()
"""Stands for the one person there is."""

FILTERS = [
    ("is", Filter("level", "is", ("low", "worst")), [1, 3]),
    ("is_one", Filter("level", "is", ("high",)), [2]),
    ("not", Filter("level", "not", ("low",)), [2, 3, 4]),
    ("empty", Filter("level", "empty"), [4]),
    ("filled", Filter("amount", "filled"), [1, 2]),
    ("boolean", Filter("done", "is", (False,)), [2]),
    ("money", Filter("amount", "between", (Decimal("0.30"), Decimal("0.30"))), [1]),
    ("money_open", Filter("amount", "between", (None, Decimal("9"))), [1]),
    ("days", Filter("day", "between", (date(2026, 3, 1), date(2026, 3, 2))), [1, 2]),
    ("preset", Filter("day", "during", ("today",)), [2]),
    ("past", Filter("day", "during", ("past",)), [1, 3]),
    ("moment_by_day", Filter("at", "between", (date(2026, 3, 2), date(2026, 3, 2))), [1, 2]),
    ("moment_from", Filter("at", "between", (datetime(2026, 3, 2, 15, 59, tzinfo=UTC), None)), [2, 3]),
    ("option", Filter("tags", "is", ("b",)), [1, 2]),
    ("no_option", Filter("tags", "not", ("a",)), [2, 3, 4]),
    ("links", Filter("friends", "is", (PERSON,)), [3]),
    ("no_links", Filter("friends", "empty"), [1, 2, 4]),
    ("lines", Filter("steps", "filled"), [4]),
    ("no_photos", Filter("photos", "empty"), [1, 2, 3, 4]),
    ("contains", Filter("title", "contains", ("OU",)), [4]),
    ("percent", Filter("title", "contains", ("%",)), [2]),
]


@pytest.mark.parametrize(("asked", "places"), [one[1:] for one in FILTERS], ids=[one[0] for one in FILTERS])
def test_filters_pick_what_they_say(
    database: Database, models: Models, asked: Filter, places: list[int]
) -> None:
    """Each way of asking, by field type; days are days in the portal's zone (Shanghai)."""
    (person,) = _fill(database, models, "person", [{"name": "p"}])
    rows = [
        {"title": "one", "level": "low", "amount": Decimal("0.30"), "tags": ["a", "b"], "done": True,
         "day": date(2026, 3, 1), "at": datetime(2026, 3, 1, 16, 0, tzinfo=UTC)},
        {"title": "two_100%", "level": "high", "amount": Decimal("10"), "tags": ["b"], "done": False,
         "day": TODAY, "at": datetime(2026, 3, 2, 15, 59, tzinfo=UTC)},
        {"title": "three", "level": "worst", "day": date(2026, 2, 1), "friends": [person],
         "at": datetime(2026, 3, 2, 16, 0, tzinfo=UTC)},
        {"title": "four", "steps": [{"what": "x"}]},
    ]  # fmt: skip
    ids = _fill(database, models, "r.item", rows)
    asked = replace(asked, values=tuple(person if value is PERSON else value for value in asked.values))
    assert sorted(_ids(database, models, filters=(asked,))) == [ids[place - 1] for place in places]


def test_a_unit_filter_takes_the_whole_subtree(
    database: Database, models: Models, units: dict[str, int]
) -> None:
    """`below` a unit is the unit and all under it; a circle in the tree does no harm."""
    ids = _fill(database, models, "r.item", [{"unit": units[name]} for name in ("root", "a", "a1", "b")])
    assert sorted(_ids(database, models, filters=(Filter("unit", "below", (units["a"],)),))) == ids[1:3]
    with database.writing() as session:
        unit = models.tables["unit"]
        session.execute(unit.update().where(unit.c.id == units["root"]).values(parent_id=units["a1"]))
    below = _ids(database, models, filters=(Filter("unit", "below", (units["a"],)),))
    assert sorted(below) == ids[:3]


@pytest.mark.parametrize(
    "asked",
    [
        Filter("nothing", "is", (1,)),
        Filter("title", "between", ("a", "b")),
        Filter("amount", "between", ("x", None)),
        Filter("day", "during", ("someday",)),
        Filter("level", "below", (1,)),
        Filter("unit", "is", ("one",)),
        Filter("photos", "is", (1,)),
        Filter("day", "between", (date(2026, 1, 1),)),
        Filter("at", "between", (datetime(2026, 1, 1), None)),  # noqa: DTZ001 - it has no zone, so it is refused
        Filter("note", "is", ("secret",)),
    ],
)
def test_nonsense_filters_are_refused(database: Database, models: Models, asked: Filter) -> None:
    """A field that does not exist, is hidden, or cannot be asked like that: words, not a database error."""
    with pytest.raises(BadFilter), database.reading() as session:
        query = ListQuery("r.item", filters=(asked,), hidden=frozenset({"note"}))
        list_records(session, models, query, TODAY)


SEARCHES = [
    ("three_letters", "dish", ["Dish washer", "the DISHES"]),
    ("any_case", "WASH", ["Dish washer"]),
    ("two_chinese", "卫生", ["餐厅卫生检查", "卫生"]),
    ("at_the_end", "检查", ["餐厅卫生检查"]),
    ("three_chinese", "厅卫生", ["餐厅卫生检查"]),
    ("one_chinese", "餐", ["餐厅卫生检查"]),
    ("two_words", "wash dish", ["Dish washer"]),
    ("in_two_fields", "dish grease", ["the DISHES"]),
    ("short_and_long", "卫生 餐厅卫", ["餐厅卫生检查"]),
    ("percent", "100%", ["100% \"clean\" a'b"]),
    ("two_signs", "%\"", []),
    ("quotes", "\"clean\"", ["100% \"clean\" a'b"]),
    ("apostrophe", "a'b", ["100% \"clean\" a'b"]),
    ("two_letters", "a'", ["100% \"clean\" a'b"]),
    ("operator", "NOT dish", []),
    ("star", "dis*", []),
    ("person", "Miller", ["卫生"]),
    ("two_of_person", "Mi", ["卫生"]),
    ("nothing", "zzz", []),
    ("nothing_short", "zz", []),
    ("blank", "   ", ["Dish washer", "the DISHES", "餐厅卫生检查", "卫生", "100% \"clean\" a'b"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "titles"), [one[1:] for one in SEARCHES], ids=[one[0] for one in SEARCHES])
def test_search_finds_every_word_anywhere(
    database: Database, models: Models, text: str, titles: list[str]
) -> None:
    """Substrings of any length and case, Chinese words of two characters, signs taken as they are."""
    (who,) = _fill(database, models, "person", [{"name": "Miller"}])
    names = ["Dish washer", "the DISHES", "餐厅卫生检查", "卫生", '100% "clean" a\'b']
    notes = [None, "grease", None, None, None]
    rows = [{"title": title, "note": note} for title, note in zip(names, notes, strict=True)]
    rows[3]["who"] = who  # type: ignore[assignment]
    _fill(database, models, "r.item", rows)
    with database.reading() as session:
        query = ListQuery("r.item", ("title",), search=text, order="id")
        page = list_records(session, models, query, TODAY)
    assert [row.values["title"] for row in page.rows] == titles
    assert page.total == len(titles)


def test_search_follows_changes_and_deletions(database: Database, models: Models) -> None:
    """What is changed is found by its new words only, what is deleted not at all."""
    from app.storage import delete_record, update_record

    first, second = _fill(database, models, "r.item", [{"title": "alpha 卫生"}, {"title": "beta 卫生"}])
    with database.writing() as session:
        update_record(session, models, "r.item", first, {"title": "gamma 检查"}, stamp(), None)
        delete_record(session, models, "r.item", second)
    found = {text: _ids(database, models, search=text) for text in ("alpha", "卫生", "beta", "gamma", "检查")}
    assert found == {"alpha": [], "卫生": [], "beta": [], "gamma": [first], "检查": [first]}


def test_a_hidden_field_is_neither_searched_nor_sorted_by(database: Database, models: Models) -> None:
    """What somebody may not see cannot be found out by searching or by the order of rows."""
    _fill(database, models, "r.item", [{"title": "x", "note": "secret"}])
    for text in ("secret", "se"):
        assert _ids(database, models, search=text) != []
        assert _ids(database, models, search=text, hidden=frozenset({"note"})) == []
    with pytest.raises(BadOrder):
        _ids(database, models, order="note", hidden=frozenset({"note"}))
    with pytest.raises(BadOrder):
        _ids(database, models, order="tags")


@pytest.mark.parametrize(
    "order", ["day", "-day", "amount", "-amount", "level", "who", "-who", "id", "-id", "title"]
)
def test_pages_from_either_end_and_from_a_row_agree(database: Database, models: Models, order: str) -> None:
    """Whatever way a page is reached it is a piece of one order, with empty values first and ties by id."""
    people = _fill(database, models, "person", [{"name": name} for name in ("b", "a", "c")])
    levels = (None, "worst", "low", "high")
    rows: list[dict[str, object]] = [
        {
            "title": None if n % 7 == 0 else f"t{n % 5}",
            "day": None if n % 4 == 0 else TODAY - timedelta(days=n % 6),
            "amount": None if n % 5 == 0 else Decimal(n % 3),
            "level": levels[n % 4],
            "who": None if n % 6 == 0 else people[n % 3],
        }
        for n in range(1, 32)
    ]
    ids = _fill(database, models, "r.item", rows)
    by_id = dict(zip(ids, rows, strict=True))
    names = dict(zip(people, "bac", strict=True))
    ranks = {"low": 0, "high": 1, "worst": 2}

    def key(ident: int) -> tuple[object, ...]:
        value = by_id[ident].get(order.lstrip("-"))
        if order.lstrip("-") == "who":
            value = names.get(value)  # type: ignore[call-overload]
        if order == "level":
            value = ranks.get(value)  # type: ignore[arg-type]
        return (value is not None, value, ident) if value is not None else (False, ident)

    wanted = sorted(ids, key=key, reverse=order.startswith("-"))
    whole = _ids(database, models, order=order, limit=100)
    assert whole == wanted
    for offset in range(0, 35, 6):
        assert _ids(database, models, order=order, limit=6, offset=offset) == wanted[offset : offset + 6]
    with database.reading() as session:
        first = list_records(session, models, ListQuery("r.item", order=order, limit=7), TODAY)
        walked, page = [row.id for row in first.rows], first
        while page.rows:
            assert page.last is not None
            place = Cursor.decode(page.last.encode())
            page = list_records(
                session, models, ListQuery("r.item", order=order, limit=7, after=place), TODAY
            )
            walked += [row.id for row in page.rows]
        assert walked == wanted
        middle = list_records(session, models, ListQuery("r.item", order=order, limit=7, offset=14), TODAY)
        before = ListQuery("r.item", order=order, limit=7, before=middle.first)
        assert [row.id for row in list_records(session, models, before, TODAY).rows] == wanted[7:14]


@pytest.mark.parametrize("text", ["", "x", "!!!!", "eyJ", "W10", "WyJqIiwgIiIsIDFd", "WyJuIiwiIiwtMV0"])
def test_a_mangled_cursor_is_no_cursor(text: str) -> None:
    """Whatever stands in the address, decoding gives a cursor or None."""
    assert Cursor.decode(text) is None


def test_a_list_takes_few_statements(database: Database, models: Models, units: dict[str, int]) -> None:
    """Count, ids and rows with all labels: three statements for any number of rows and links."""
    people = _fill(database, models, "person", [{"name": f"p{n}"} for n in range(10)])
    rows: list[dict[str, object]] = [{"who": who, "unit": units["a"], "title": "t"} for who in people]
    _fill(database, models, "r.item", rows)
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    with database.reading() as session:
        page = list_records(session, models, ListQuery("r.item"), TODAY)
    assert len(said) == 3 and page.total == 10
    assert {row.labels["unit"] for row in page.rows} == {"a"}
    assert {row.labels["who"] for row in page.rows} == {f"p{n}" for n in range(10)}
    assert set(page.rows[0].values) == {"number", "title", "unit", "who"}


def test_choosing_a_link_offers_labels(database: Database, models: Models) -> None:
    """Candidates are found by text and come with their labels, as many as asked for."""
    ids = _fill(
        database, models, "person", [{"name": f"李雷{n}", "employee_number": f"{n}"} for n in range(5)]
    )
    with database.reading() as session:
        assert pick_records(session, models, "person", "李雷3") == [(ids[3], "李雷3")]
        found = pick_records(session, models, "person", "李雷", limit=2)
    assert [label for _, label in found] == ["李雷0", "李雷1"]
