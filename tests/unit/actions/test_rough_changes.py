"""Changes of names, types and links that could lose data: the plan says so, and a rollback undoes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access import SYSTEM
from app.actions import release_plan
from app.actions.configurations import read_folder, stored_release
from app.actions.publish_release import ReleaseRefused, publish_release, restored
from app.source import ConfigError
from app.storage import Database, PlanRefused, build_models, find_live, insert_record, read_records
from app.storage.publishing import NotWritten
from tests.support.houses import House
from tests.support.portals import stamp, write_files

ALL = "config/regimes/r/all.yaml"
CASE = "r.case"
CHOICES = "choices: {g: {options: {x: X, y: Y, z: Z}}}\n"
PLACES = (
    "  site: {title: S, fields: {title: {type: text}}}\n  place: {title: P, fields: {title: {type: text}}}\n"
)
Rows = Sequence[tuple[str, Mapping[str, object]]]


def files(fields: str, before: str = "", choices: str = CHOICES) -> dict[str, str]:
    """A record type `case` with these fields besides its title."""
    roles = "roles: {hr: {title: H, can: {r.case: [create, read, update]}}}\n"
    case = f"  case: {{title: C, label: '{{title}}', fields: {{title: {{type: text}}, {fields}}}}}\n"
    return {
        "config/portal.yaml": "portal: {title: T, regimes: [r]}\n",
        "config/roles.yaml": roles,
        ALL: f"{choices}records:\n{before}{case}",
    }


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """An empty house on either database."""
    yield House(database, tmp_path / "root")
    database.session.remove()


def filled(house: House, first: Mapping[str, str], rows: Rows) -> None:
    """A first release with these rows (type, values)."""
    house.apply(first)
    models = build_models(stored_release(house.database, 1))
    with house.database.writing() as session:
        for kind, values in rows:
            insert_record(session, models, kind, values, stamp())


def values(house: House, *names: str, kind: str = CASE) -> list[tuple[object, ...]]:
    """What the rows hold in these fields, under the live release."""
    live = find_live(house.database)
    assert live is not None
    models = build_models(stored_release(house.database, live.number))
    with house.database.reading() as session:
        ids = list(session.scalars(sa.select(models.tables[kind].c.id).order_by("id")))
        found = read_records(session, models, kind, ids)
        return [tuple(one.values[name] for name in names) for one in found]


def applied(house: House, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Apply with all losses allowed; what they were. Nothing is left to plan then."""
    lossy = house.plan(wanted).lossy
    house.apply(wanted, allow_loss=lossy)
    assert house.plan(wanted).empty
    return lossy


def back(house: House, number: int = 1) -> None:
    """Back to a release, with all losses allowed."""
    lossy = house.plan_back(number).lossy
    draft, _release = restored(house.database, number, house.now, lossy)
    publish_release(house.database, draft, SYSTEM, house.now)
    assert [*house.plan_back(number).lines()] == ["Nothing changes: this configuration is in service."]


TEXTS: Rows = [(CASE, {"title": "1", "a": "va", "b": "vb"}), (CASE, {"title": "2", "b": "only b"})]


@pytest.mark.parametrize(
    "steps",
    [
        ["b: {type: text}, c: {type: text, was: a}", "a: {type: text, was: b}, c: {type: text}"],
        ["a: {type: text}, t: {type: text, was: b}", "b: {type: text, was: a}, t: {type: text}",
         "a: {type: text, was: t}, b: {type: text}"],
        ["b: {type: text}, t: {type: text, was: a}", "b: {type: text}, a: {type: text, was: t}"],
    ],
    ids=["one follows another", "two change places", "there and back"],
)  # fmt: skip
def test_names_that_moved_over_several_releases(house: House, steps: list[str]) -> None:
    """Going back over all of them at once, every value is under the name that it had."""
    filled(house, files("a: {type: text}, b: {type: text}"), TEXTS)
    before = values(house, "a", "b")
    for one in steps:
        assert applied(house, files(one)) == ()
    back(house)
    assert values(house, "a", "b") == before


def test_options_that_moved_over_several_releases(house: House) -> None:
    """A choice and a choice of several, with two options that changed places on the way."""
    fields = "o: {type: choice, options: g}, m: {type: choices, options: g}"
    rows = [(CASE, {"title": "1", "o": "x", "m": ["x", "y"]}), (CASE, {"title": "2", "o": "y", "m": ["y"]})]
    filled(house, files(fields), rows)
    before = values(house, "o", "m")
    steps = ("t: {title: X, was: x}, y: Y", "t: X, x: {title: Y, was: y}", "y: {title: X, was: t}, x: Y")
    for options in steps:
        choices = f"choices: {{g: {{options: {{{options}, z: Z}}}}}}\n"
        assert applied(house, files(fields, choices=choices)) == ()
    assert values(house, "o", "m") == [("y", ["y", "x"]), ("x", ["x"])]
    back(house)
    assert values(house, "o", "m") == before


def test_record_types_that_changed_places(house: House) -> None:
    """The rows of both, and what hangs on them by the name of their type."""
    two = "  one: {title: A, fields: {title: {type: text}, a: {type: text}}}\n" \
          "  two: {title: B, fields: {title: {type: text}, b: {type: text}}}\n"  # fmt: skip
    filled(house, files("x: {type: text}", two), [("r.one", {"title": "1", "a": "A"}), ("r.two", {"b": "B"})])
    with house.database.writing() as session:
        for kind in ("r.one", "r.two"):
            row = {"kind": kind, "at": house.now}
            session.execute(sa.text("INSERT INTO penalty (record_type, record_id, created_at, version) "
                                    "VALUES (:kind, 1, :at, 1)"), row)  # fmt: skip
    steps = (
        ("three: {was: one,", "two: {"), ("three: {", "one: {was: two,"), ("two: {was: three,", "one: {"),
    )  # fmt: skip
    for first, second in steps:
        wanted = f"  {first} title: A, fields: {{title: {{type: text}}, a: {{type: text}}}}}}\n" \
                 f"  {second} title: B, fields: {{title: {{type: text}}, b: {{type: text}}}}}}\n"  # fmt: skip
        assert applied(house, files("x: {type: text}", wanted)) == ()
    assert values(house, "a", kind="r.two") == [("A",)] and values(house, "b", kind="r.one") == [("B",)]
    back(house)
    assert values(house, "a", kind="r.one") == [("A",)] and values(house, "b", kind="r.two") == [("B",)]
    with house.database.reading() as session:
        kinds = session.scalars(sa.text("SELECT record_type FROM penalty ORDER BY id")).all()
    assert kinds == ["r.one", "r.two"]


@pytest.mark.parametrize(
    "wanted",
    [
        files("a: {type: text, was: b}, b: {type: text, was: a}"),
        files("o: {type: choice, options: g}", "", "choices: {g: {options: {x: {was: y}, y: Y}}}\n"),
    ],
    ids=["fields", "options"],
)  # fmt: skip
def test_a_name_in_use_is_nothing_that_was(house: House, wanted: dict[str, str]) -> None:
    """Two that change places in one release would be told apart by nobody: that is a fault."""
    found = read_folder(write_files(house.root, wanted))
    assert found.portal is None and "TAB003" in {one.code for one in found.faults}


def test_a_link_to_another_type_leads_nowhere_wrong(house: House) -> None:
    """The ids mean other records there: the links are set aside, and come back."""
    rows: Rows = [("r.site", {"title": "s"}), ("r.place", {"title": "p"}), (CASE, {"title": "1", "l": 1}),
                  (CASE, {"title": "2"})]  # fmt: skip
    filled(house, files("l: {type: link, to: site}", PLACES), rows)
    wanted = files("l: {type: link, to: place}", PLACES)
    said = "\n".join(house.plan(wanted).lines())
    assert "lossy: the links r__case.l_id lead to r__place from now on" in said
    assert applied(house, wanted) == ("r__case.l_id",)
    assert values(house, "l") == [(None,), (None,)]
    back(house)
    assert values(house, "l") == [(1,), (None,)]


def test_several_values_where_one_is_asked_for(house: House) -> None:
    """A list of one becomes the one; a longer one is given up by name, and comes back."""
    rows: Rows = [(CASE, {"title": "1", "o": ["x", "y"]}), (CASE, {"title": "2", "o": ["y"]})]
    filled(house, files("o: {type: choices, options: g}"), rows)
    assert applied(house, files("o: {type: choice, options: g}")) == ("r__case.o",)
    assert values(house, "o") == [(None,), ("y",)]
    back(house)
    assert values(house, "o") == [(["x", "y"],), (["y"],)]


def test_values_that_are_not_unique_are_no_loss_to_allow(house: House) -> None:
    """The plan calls it a question, and apply says what to do whatever is allowed."""
    rows: Rows = [(CASE, {"title": "1", "a": "x"}), (CASE, {"title": "2", "a": "x"})]
    filled(house, files("a: {type: text}"), rows)
    wanted = files("a: {type: text, unique: true}")
    plan = house.plan(wanted)
    assert plan.lossy == () and "needs an answer: index r__case by a" in "\n".join(plan.lines())
    with pytest.raises(PlanRefused, match=r"values occur more than once in r__case\.a"):
        house.apply(wanted, allow_loss=("r__case.a",))
    assert values(house, "a") == [("x",), ("x",)]


def test_a_release_that_cannot_be_read_is_replaced(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of an older format does not stand in the way of the next; the plan says what it leaves out."""
    filled(house, files("a: {type: text}"), [(CASE, {"title": "1", "a": "x"})])

    def unreadable(*_given: object) -> None:
        raise ConfigError([])

    wanted = files("a: {type: text}, b: {type: text}")
    with monkeypatch.context() as patched:
        patched.setattr(release_plan, "release_within", unreadable)
        plan = house.plan(wanted)
        said = [*plan.lines()]
        assert plan.base == 1 and plan.unread and "cannot read the release in service" in said[1]
        assert any("add column r__case.b" in line for line in said)
        assert house.apply(wanted) == 2
    assert house.plan(wanted).empty and values(house, "a", "b") == [("x", None)]


def test_a_full_disk_changes_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    """The database says no in the middle: the old release goes on, and the words say why."""
    house = House(sqlite_database, tmp_path / "root")
    filled(house, files("a: {type: text}"), [(CASE, {"title": "1", "a": "x"})])
    engine = sqlite_database.engine

    def limit(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(engine, "begin", limit)
    try:
        more = ", ".join(f"f{number}: {{type: choice, options: g}}" for number in range(80))
        with pytest.raises(NotWritten, match="nothing was changed: there is no room left on its disk"):
            house.apply(files(f"a: {{type: text}}, {more}"))
    finally:
        sa.event.remove(engine, "begin", limit)
    live = find_live(sqlite_database)
    assert live is not None and live.number == 1 and values(house, "a") == [("x",)]
    sqlite_database.session.remove()


NUMBERS: Rows = [
    (CASE, {"title": "1", "o": "x", "m": ["x", "y"], "n": 5}),
    (CASE, {"title": "2", "m": ["y"]}),
]
FIELDS = "o: {type: choice, options: g}, m: {type: choices, options: g}, n: {type: integer, unit: min}"


def test_stored_values_that_do_not_suit_are_counted(house: House) -> None:
    """Options in use that go have to be allowed by name; empty required fields and units are told."""
    filled(house, files(FIELDS), NUMBERS)
    wanted = files(
        FIELDS.replace("unit: min", "unit: h, required: true") + ", t: {type: text, required: true}",
        choices="choices: {g: {options: {y: Y, z: Z}}}\n",
    )
    plan = house.plan(wanted)
    assert plan.lossy == ("r.case.o.x", "r.case.m.x")
    words = "\n".join(plan.lines())
    assert "1 records of r.case keep 'x' in o, which would be no option any more" in words
    assert (
        "1 records of r.case have no value in n" in words
        and "2 records of r.case have no value in t" in words
    )
    assert "1 values of r.case.n stay the figures that they are: min becomes h" in words
    with pytest.raises(ReleaseRefused, match=r"r\.case\.o\.x"):
        house.apply(wanted)
    before = values(house, "o", "m", "n")
    assert applied(house, wanted) == plan.lossy and values(house, "o", "m", "n") == before
    back(house)
    assert values(house, "o", "m", "n") == before


def test_words_that_are_no_options(house: House) -> None:
    """A text that becomes a choice: what is none of the options is counted, and kept."""
    filled(
        house,
        files("o: {type: text}"),
        [(CASE, {"o": "x"}), (CASE, {"o": "nonsense"}), (CASE, {"title": "3"})],
    )
    wanted = files("o: {type: choice, options: g}")
    assert "1 records of r.case hold in o what would be none of its options" in "\n".join(
        house.plan(wanted).lines()
    )
    assert applied(house, wanted) == ("r.case.o",)
    assert values(house, "o") == [("x",), ("nonsense",), (None,)]
