"""The JavaScript reader: pure text, safe in a page, with its own exact runtime."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from expression_readers import EMPTY, in_node
from expression_world import ENVIRONMENT, VALUES, sound

from app.expressions import ANY, RUNTIME, Environment, NotReadable, to_browser, to_javascript


def test_text_cannot_leave_the_page() -> None:
    """A text that would end the script element or the string is escaped."""
    code = to_javascript(sound("title == '</script><!--' or note == '\"];alert(1)//'"))
    assert "<" not in code
    assert '\\"];alert(1)//' in code
    assert code.isascii()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Decimal("12.50"), "12.5"),
        (7, "7"),
        (True, True),
        (None, None),
        ("过失", "过失"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (time(8, 30), "08:30:00"),
        (timedelta(minutes=1, microseconds=1), "60.000001"),
        ({"id": 1, "tags": ("a",)}, {"id": "1", "tags": ["a"]}),
    ],
    ids=str,
)
def test_values_for_the_browser(value: object, wanted: object) -> None:
    """A scope goes to the browser as plain JSON, exact numbers as text."""
    assert to_browser(value) == wanted
    assert json.dumps(wanted)


def test_the_period_goes_to_the_browser() -> None:
    """A period keeps its days and its moments."""
    assert to_browser(VALUES["period"]) == {
        "first": "2026-03-01",
        "last": "2026-03-31",
        "start": "2026-02-28T16:00:00+00:00",
        "end": "2026-03-31T16:00:00+00:00",
    }


def test_what_has_no_form_in_the_browser() -> None:
    """An unknown object is a mistake of ours."""
    with pytest.raises(TypeError):
        to_browser(object())


@pytest.mark.parametrize(
    "text", ["count(penalty) > 1", "due + working_days(1) < today"], ids=["count", "days"]
)
def test_what_only_the_server_knows(text: str) -> None:
    """Such a part is refused by name."""
    with pytest.raises(NotReadable):
        to_javascript(sound(text))


@pytest.mark.node
@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("amount", {"amount": "abc"}, None),
        ("amount", {"amount": "  12.50 "}, Decimal("12.5")),
        ("amount", {"amount": "1e9999"}, None),
        ("due", {"due": "2026-02-30"}, None),
        ("due", {"due": "2024-02-29"}, date(2024, 2, 29)),
        ("seen", {"seen": "2026-02-03 04:05+08:00"}, datetime(2026, 2, 2, 20, 5, tzinfo=UTC)),
        ("seen", {"seen": "yesterday"}, None),
        ("opens < '09:00'", {"opens": "08:30"}, True),
        ("who == me", {"who": "2"}, True),
        ("flag", {"flag": "true"}, None),
        ("title", {"title": ""}, None),
        ("steps", {"steps": None}, []),
        ("who.name", {"who": {}}, None),
        ("who.superior.name", {"who": "2"}, None),
    ],
    ids=str,
)
def test_what_a_form_may_hold(
    node: subprocess.Popen[str], text: str, values: dict[str, Any], wanted: object
) -> None:
    """A half-filled field is empty, never an error."""
    assert in_node(node, sound(text), ({**EMPTY, **values}, [])) == wanted


@pytest.mark.node
def test_inherited_names_are_no_fields(node: subprocess.Popen[str]) -> None:
    """A field called like something that every JavaScript object has is empty until it is filled in."""
    env = Environment({"constructor": ANY, "toString": ANY}, ENVIRONMENT.schema)
    expression = sound("constructor == None and toString == None", env=env)
    assert in_node(node, expression, (dict(EMPTY), [])) is True


@pytest.mark.node
def test_runtime_leaves_one_frozen_name() -> None:
    """The library adds one name to the page, and nobody changes it later."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed, so the JavaScript reader cannot be run")
    script = (
        "const before = new Set(Object.getOwnPropertyNames(globalThis)); require(process.argv[1]);"
        "const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));"
        "console.log(JSON.stringify([added, Object.isFrozen(globalThis.Expressions)]));"
    )
    done = subprocess.run([program, "-e", script, str(RUNTIME)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [["Expressions"], True]
