"""Records in and out: values of every type, lines, links, versions, deletion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.storage import (
    BadValue,
    BrokenLink,
    Database,
    ForeignAttachment,
    Models,
    NotUnique,
    RecordGone,
    RecordInUse,
    StaleRecord,
    UnknownLine,
    delete_record,
    insert_record,
    read_record,
    read_records,
    update_record,
    uses_of,
)
from tests.support.portals import NOW, empty, install, release_from, stamp

SLIP = """
records:
  slip:
    title: Slip
    label: "{title} / {unit.title}"
    fields:
      title: {type: text, title: Title}
      body: {type: long_text}
      amount: {type: money}
      rate: {type: percent}
      weight: {type: decimal, places: 3}
      count: {type: integer}
      stars: {type: rating}
      done: {type: boolean}
      day: {type: date}
      at: {type: time}
      moment: {type: datetime}
      month: {type: month}
      lasts: {type: duration}
      colour: {type: choice, options: {red: Red, blue: Blue}}
      tags: {type: choices, options: {a: A, b: B, c: C}}
      place: {type: location}
      code: {type: text, unique: true}
      unit: {type: unit}
      who: {type: person}
      other: {type: link, to: slip}
      friends: {type: links, to: person}
      photos: {type: photos}
      scan: {type: file}
      steps:
        type: lines
        fields: {what: {type: text}, who: {type: person}, cost: {type: money}}
"""


@pytest.fixture(scope="module")
def installed(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Models:
    root = tmp_path_factory.mktemp("slip")
    return install(module_database, release_from(root, {"config/regimes/r/slip.yaml": SLIP}))


@pytest.fixture
def database(module_database: Database, installed: Models) -> Iterator[Database]:
    """The module's database, emptied after each test."""
    yield module_database
    empty(module_database, installed)


@pytest.fixture
def models(database: Database, installed: Models) -> Models:
    return installed


def _add(database: Database, models: Models, record_type: str, **values: object) -> int:
    with database.writing() as session:
        return insert_record(session, models, record_type, values, stamp())


VALUES = {
    "title": "急修 'x' \\ \U0001f600",
    "body": "a\nb",
    "amount": Decimal("12345678901234.56"),
    "rate": Decimal("98.05"),
    "weight": Decimal("-0.001"),
    "count": -(2**62),
    "stars": 4,
    "done": False,
    "day": date(1999, 12, 31),
    "at": time(23, 59),
    "moment": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "month": date(2026, 2, 1),
    "lasts": timedelta(days=-1, microseconds=7),
    "colour": "blue",
    "tags": ["c", "a"],
    "place": {"lat": 31.2304, "lon": 121.4737, "accuracy": 5.0},
    "code": "X-1",
}


def test_every_value_comes_back_as_it_went_in(database: Database, models: Models) -> None:
    """What is written is what is read, exact to the last digit, on both databases."""
    ident = _add(database, models, "r.slip", **VALUES)
    with database.reading() as session:
        record = read_record(session, models, "r.slip", ident)
    assert record is not None
    assert {name: record.values[name] for name in VALUES} == VALUES
    assert (record.version, record.values["created_at"], record.values["unit"]) == (1, NOW, None)


def test_moments_are_one_instant_whatever_their_zone(database: Database, models: Models) -> None:
    """A time with another offset is the same instant in UTC."""
    local = datetime.fromisoformat("2026-01-02T08:00:00+08:00")
    ident = _add(database, models, "r.slip", moment=local)
    with database.reading() as session:
        record = read_record(session, models, "r.slip", ident)
    assert record is not None
    moment = record.values["moment"]
    assert isinstance(moment, datetime) and moment.isoformat() == "2026-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("amount", Decimal("1.005"), Decimal("1.01")),
        ("amount", Decimal("-1.005"), Decimal("-1.01")),
        ("weight", 7, Decimal("7.000")),
        ("month", date(2026, 2, 17), date(2026, 2, 1)),
        ("title", "", None),
        ("tags", [], None),
        ("tags", ("b", "b"), ["b"]),
        ("count", Decimal("3"), 3),
    ],
)
def test_values_take_the_form_of_their_column(
    database: Database, models: Models, field: str, value: object, kept: object
) -> None:
    """Decimals are rounded half up, months begin on the first, nothing is None."""
    ident = _add(database, models, "r.slip", **{field: value})
    with database.reading() as session:
        record = read_record(session, models, "r.slip", ident)
    assert record is not None and record.values[field] == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "a\0b"),
        ("title", "\ud800"),
        ("title", 5),
        ("amount", Decimal("NaN")),
        ("amount", Decimal(10) ** 16),
        ("amount", 1.5),
        ("count", 2**63),
        ("count", True),
        ("done", "yes"),
        ("day", datetime(2026, 1, 1, tzinfo=UTC)),
        ("moment", datetime(2026, 1, 1)),  # noqa: DTZ001 - the point is that it has no zone
        ("unit", "1"),
        ("unit", 2**31),
        ("unit", -1),
        ("tags", "a"),
        ("place", {"lat": 91, "lon": 0}),
        ("place", {"lat": 1}),
        ("friends", 5),
        ("steps", [1]),
    ],
)
def test_what_a_column_cannot_hold_is_refused(
    database: Database, models: Models, field: str, value: object
) -> None:
    """A wrong type or size is a BadValue that names the field, never a database error."""
    with pytest.raises(BadValue) as caught:
        _add(database, models, "r.slip", **{field: value})
    assert caught.value.field.name == field


def test_links_come_with_the_words_for_them(database: Database, models: Models) -> None:
    """A link's label is its target's own, through further links, and empty without a target."""
    unit = _add(database, models, "unit", title="大堂")
    first = _add(database, models, "r.slip", title="A", unit=unit)
    second = _add(database, models, "r.slip", title="B", other={"id": first})
    with database.reading() as session:
        found = read_records(session, models, "r.slip", (second, first))
    assert [record.id for record in found] == [second, first]
    assert [record.label for record in found] == ["B /", "A / 大堂"]
    assert found[0].labels["other"] == "A / 大堂" and found[0].labels["unit"] == ""
    assert found[1].values["unit"] == unit


def test_lines_are_added_changed_and_removed(database: Database, models: Models) -> None:
    """Lines keep their ids and take the order in which they are given."""
    who = _add(database, models, "person", name="李雷")
    ident = _add(
        database, models, "r.slip", steps=[{"what": "one", "who": who}, {"what": "two"}, {"what": "three"}]
    )

    def read() -> tuple[list[dict[str, object]], object]:
        with database.reading() as session:
            record = read_record(session, models, "r.slip", ident)
        assert record is not None
        steps = record.values["steps"]
        assert isinstance(steps, tuple)
        return [dict(line) for line in steps], record.line_labels["steps"]

    before, labels = read()
    assert [line["what"] for line in before] == ["one", "two", "three"]
    assert isinstance(labels, tuple) and labels[0] == {"who": "李雷"}
    changed = [{**before[2], "what": "3"}, {"what": "new", "cost": Decimal("5")}, before[0]]
    with database.writing() as session:
        update_record(session, models, "r.slip", ident, {"steps": changed}, stamp(), 1)
    after, _ = read()
    assert [line["what"] for line in after] == ["3", "new", "one"]
    assert [after[0]["id"], after[2]["id"]] == [before[2]["id"], before[0]["id"]]
    assert (after[1]["cost"], after[2]["who"]) == (Decimal("5.00"), who)


def test_lines_of_other_records_cannot_be_taken(database: Database, models: Models) -> None:
    """A line id that belongs to another record is refused, and nothing is written."""
    mine = _add(database, models, "r.slip", steps=[{"what": "mine"}])
    other = _add(database, models, "r.slip", steps=[{"what": "theirs"}])
    with database.reading() as session:
        record = read_record(session, models, "r.slip", other)
    assert record is not None
    with pytest.raises(UnknownLine), database.writing() as session:
        values = {"title": "t", "steps": record.values["steps"]}
        update_record(session, models, "r.slip", mine, values, stamp(), 1)
    with database.reading() as session:
        untouched = read_record(session, models, "r.slip", mine)
    assert untouched is not None and (untouched.version, untouched.values["title"]) == (1, None)


def test_several_links_keep_their_order(database: Database, models: Models) -> None:
    """Links are replaced as a whole; each target counts once."""
    a, b, c = (_add(database, models, "person", name=name) for name in "abc")
    ident = _add(database, models, "r.slip", friends=[c, a, c])
    with database.writing() as session:
        update_record(session, models, "r.slip", ident, {"friends": (b, c)}, stamp(), None)
        record = read_record(session, models, "r.slip", ident)
    assert record is not None
    assert (record.values["friends"], record.labels["friends"]) == ((b, c), ("b", "c"))


def test_the_second_editor_is_told_who_was_first(database: Database, models: Models) -> None:
    """A stale version is refused with who, when and what the others wrote."""
    me, other = (_add(database, models, "person", name=name) for name in ("me", "other"))
    ident = _add(database, models, "r.slip", title="old", count=1)
    with database.writing() as session:
        later = stamp(other, NOW + timedelta(minutes=1))
        assert update_record(session, models, "r.slip", ident, {"title": "theirs"}, later, 1) == 2
    with pytest.raises(StaleRecord) as caught, database.writing() as session:
        update_record(session, models, "r.slip", ident, {"title": "mine", "count": 1}, stamp(me), 1)
    stale = caught.value
    assert (stale.by, stale.at) == ("other", NOW + timedelta(minutes=1))
    assert stale.theirs == {"title": "theirs"} and stale.current.version == 2
    assert str(stale) == "changed meanwhile by other"


def test_a_record_that_is_gone_is_said_to_be_gone(database: Database, models: Models) -> None:
    """Updating or deleting what does not exist raises RecordGone."""
    with pytest.raises(RecordGone), database.writing() as session:
        update_record(session, models, "r.slip", 99, {"title": "x"}, stamp(), 1)
    with pytest.raises(RecordGone), database.writing() as session:
        delete_record(session, models, "r.slip", 99)


def test_unique_values_and_links_to_nothing_are_explained(database: Database, models: Models) -> None:
    """What the database refuses comes back as words with the field's name."""
    _add(database, models, "r.slip", code="X")
    _add(database, models, "r.slip")
    _add(database, models, "r.slip")
    with pytest.raises(NotUnique) as caught:
        _add(database, models, "r.slip", code="X")
    assert caught.value.field == "code"
    with pytest.raises(BrokenLink):
        _add(database, models, "r.slip", unit=12345)


def test_a_record_in_use_cannot_be_deleted(database: Database, models: Models) -> None:
    """Links, lines and link lists of other records hold a record fast; its own links to itself do not."""
    person = _add(database, models, "person", name="p")
    slip = _add(database, models, "r.slip", who=person, friends=[person], steps=[{"who": person}])
    with database.writing() as session:
        update_record(session, models, "r.slip", slip, {"other": slip}, stamp(), None)
    with database.reading() as session:
        uses = uses_of(session, models, "person", person)
    assert {(use.record_type, use.field, use.count) for use in uses} == {
        ("r.slip", "who", 1),
        ("r.slip", "friends", 1),
    }
    with pytest.raises(RecordInUse), database.writing() as session:
        delete_record(session, models, "person", person)
    with database.writing() as session:
        delete_record(session, models, "r.slip", slip)
        delete_record(session, models, "person", person)
        assert read_record(session, models, "person", person) is None


def test_uploads_are_taken_over_by_their_own_record_only(database: Database, models: Models) -> None:
    """Fresh uploads may be attached by who uploaded them; nobody else's, and none of another record."""
    me, other = (_add(database, models, "person", name=name) for name in ("me", "other"))
    with database.writing() as session:
        mine = [
            insert_record(session, models, "attachment", {"file_name": name, "size": 1}, stamp(me))
            for name in ("a.jpg", "b.jpg")
        ]
        theirs = insert_record(session, models, "attachment", {"file_name": "c.jpg"}, stamp(other))
        values = {"photos": mine, "title": "x"}
        slip = insert_record(session, models, "r.slip", values, stamp(me))
    for stolen in (theirs, 999):
        with pytest.raises(ForeignAttachment), database.writing() as session:
            update_record(session, models, "r.slip", slip, {"photos": [mine[0], stolen]}, stamp(me), None)
    with pytest.raises(ForeignAttachment), database.writing() as session:
        insert_record(session, models, "r.slip", {"scan": mine[0]}, stamp(me))
    with database.writing() as session:
        update_record(session, models, "r.slip", slip, {"photos": [mine[1]]}, stamp(other), None)
        record = read_record(session, models, "r.slip", slip)
    assert record is not None
    assert record.values["photos"] == (mine[1],) and record.values["scan"] is None
    assert [info.file_name for info in record.attachments["photos"]] == ["b.jpg"]


def test_reading_many_takes_as_many_statements_as_reading_one(database: Database, models: Models) -> None:
    """The number of statements depends on the type, not on the number of records."""
    from sqlalchemy import event

    person = _add(database, models, "person", name="p")
    ids = [
        _add(database, models, "r.slip", who=person, friends=[person], steps=[{"who": person}, {"what": "x"}])
        for _ in range(5)
    ]
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    with database.reading() as session:
        read_records(session, models, "r.slip", ids[:1])
        one = len(said)
        said.clear()
        read_records(session, models, "r.slip", ids)
    assert len(said) == one <= 5
