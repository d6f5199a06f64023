"""What was read when something was judged comes back with its types."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.rules.conditions import FACTS
from app.rules.frozen import freeze, thaw

single = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(max_size=8),
    st.decimals(-(10**6), 10**6, places=3),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(timedelta(0), timedelta(days=900)),
)
rows = st.lists(st.dictionaries(st.sampled_from(["a", "b", "id"]), single, max_size=3), max_size=3).map(tuple)


@given(st.dictionaries(st.sampled_from(["one", "two", "three"]), st.one_of(single, rows)), single)
def test_values_keep_their_types(values: dict[str, object], counted: object) -> None:
    """Through JSON text and back every value is equal, and of the same type."""
    stored = json.loads(json.dumps(freeze({**values, FACTS: {"count": counted}}, values, ["count"])))
    back = thaw(stored)
    assert {name: back[name] for name in values} == values
    assert {name: type(back[name]) for name in values} == {name: type(one) for name, one in values.items()}
    assert back[FACTS] == {"count": counted}


def test_linked_records_come_back_nested() -> None:
    """A path through a link is kept beside the link's id; nothing else of the record is."""
    scope = {"unit": {"id": 3, "kind": "shop", "phone": "123", "parent": {"id": 1, "title": "总部"}}}
    stored = freeze(scope, ["unit", "unit.kind", "unit.parent.title", "gone.away"], [])
    back = thaw(json.loads(json.dumps(stored)))
    assert back["unit"] == {"id": 3, "kind": "shop", "parent": {"title": "总部"}}
    assert "phone" not in json.dumps(stored)
    assert back["gone"] == {"away": None}


def test_what_looks_like_a_mark_is_not_one() -> None:
    """A mapping of the record's own with a dollar sign stays what it is."""
    value = ({"$day": "2026-01-01"}, {"$none": 1})
    stored = json.loads(json.dumps(freeze({"lines": value}, ["lines"], [])))
    assert thaw(stored)["lines"] == value


def test_every_kind_of_time() -> None:
    """Days, times and lengths are told apart."""
    values = {
        "day": date(2026, 3, 1),
        "clock": time(12, 30),
        "length": timedelta(hours=1.5),
        "moment": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "amount": Decimal("12.50"),
    }
    assert {name: one for name, one in thaw(freeze(values, values, [])).items() if name != FACTS} == values
