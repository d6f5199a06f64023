"""Raw values -> the typed portal: faults, defaults, short forms, places."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.source import parse_files
from app.spec.decode import Decoded, decode, decode_parts, load_portal
from app.spec.service_levels import StateMark

GOOD = Path(__file__).parents[2] / "configs" / "good"
PORTAL = "portal: {title: x}\n"


def decoded(text: str, more: dict[str, str] | None = None) -> Decoded:
    files = {"config/portal.yaml": PORTAL, "config/case.yaml": text, **(more or {})}
    return decode_parts(parse_files({path: body.encode() for path, body in files.items()}))


def faults(text: str, more: dict[str, str] | None = None) -> list[tuple[str, int, int]]:
    return [(one.code, one.span.line, one.span.column) for one in decoded(text, more).diagnostics]


def test_a_sound_folder_becomes_a_portal() -> None:
    """Every section of the language, under full names, with built-in ones beside them."""
    portal, diagnostics = load_portal(GOOD / "rich")
    assert portal is not None and diagnostics == ()
    assert portal.regimes["hygiene"].in_force_from == date(2026, 1, 1)
    assert {"unit", "person", "hygiene.inspection", "hygiene.short_inspection"} <= portal.records.keys()
    assert portal.penalty_schedules["hygiene.conduct"].levels["fault"].amount == Decimal(50)
    assert portal.service_levels["hygiene.rectify"].to == (StateMark(state="closed"),)
    assert portal.templates["hygiene.report"].text.startswith("<h1>")
    assert portal.roles["hr"].can["hygiene.finding"][1].where == "state == 'open'"
    assert portal.calendars["shop"].hours["sun"] == ("10:00-16:00",)


def test_declarations_know_their_name_regime_and_place() -> None:
    """Also short forms that were spelled out, elements of lists, and keys."""
    portal, _ = load_portal(GOOD / "rich")
    assert portal is not None
    record = portal.records["hygiene.inspection"]
    assert (record.name, record.regime, record.full_name) == ("inspection", "hygiene", "hygiene.inspection")
    assert record.span_at("list", "columns", 1).column == record.span_at("list", "columns", 0).column + 8
    assert record.key_at("fields", "unit").column == 7
    level = portal.penalty_schedules["hygiene.conduct"].levels["minor_fault"]
    assert str(level.span).startswith("config/regimes/hygiene/all.yaml:")
    assert level.span_of("amount") == level.span
    assert record.written_at("fields", "fee", "show") == "urgent"


def test_no_portal_comes_of_a_faulty_folder() -> None:
    """A fault anywhere keeps the whole from being served."""
    sources = parse_files({"config/portal.yaml": b"portal: {title: x, colour: red}\n"})
    portal, diagnostics = decode(sources)
    assert portal is None and [one.code for one in diagnostics] == ["SPEC002"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("choices: ~\n", [("SPEC004", 1, 10)]),
        ("choices: [a]\n", [("SPEC004", 1, 10)]),
        ("choices: {mood: good}\n", [("SPEC004", 1, 17)]),
        ("choices: {Mood: {options: {a: b}}}\n", [("SPEC005", 1, 11)]),
        ("checklists: {}\n", [("SPEC001", 1, 1)]),
        ("records: {r: {fields: {a: {type: text, help: ~}}}}\n", [("SPEC004", 1, 46)]),
        ("records: {r: {fields: {a: {type: text, required: {x: y}}}}}\n", [("SPEC004", 1, 50)]),
        ("records: {r: {fields: {a: {type: choice, options: [a, {b: c}]}}}}\n", [("SPEC004", 1, 55)]),
        ("records: {r: {fields: {a: {type: choice, options: {Big: c}}}}}\n", [("SPEC005", 1, 52)]),
        ("records: {r: {fields: {a: {type: text, max: [1]}}}}\n", [("SPEC004", 1, 45)]),
        ("records: {r: {fields: {a: [text]}}}\n", [("SPEC004", 1, 27)]),
        ("records: {r: {list: {order: a b}}}\n", [("SPEC013", 1, 29)]),
        ("records: {r: {list: {page_size: 1_0_0_0}}}\n", [("SPEC007", 1, 33)]),
        ("records: {r: {list: {page_size: many}}}\n", [("SPEC006", 1, 33)]),
        ("calendars: {c: {open: {soon: []}}}\n", [("SPEC008", 1, 24)]),
        ("penalty_schedules: {p: {levels: {a: 1e400}}}\n", [("SPEC007", 1, 37)]),
        ("penalty_schedules: {p: {levels: {a: NaN}}}\n", [("SPEC006", 1, 37)]),
        ("penalty_schedules: {p: {levels: {a: 0.12345678}}}\n", [("SPEC007", 1, 37)]),
        ("penalty_schedules: {p: {levels: {a: {amounts: 5}}}}\n", [("SPEC002", 1, 38)]),
        ("workflows: {w: {start: a, states: {a: {}}, transitions: {t: {from_: a, to: a}}}}\n",
         [("SPEC003", 1, 61), ("SPEC002", 1, 62)]),
    ],
)  # fmt: skip
def test_each_refusal_has_its_code_and_place(text: str, expected: list[tuple[str, int, int]]) -> None:
    """One fault for one mistake, also where several types were allowed."""
    assert faults(text) == expected


def test_messages_hold_no_words_of_the_decoder() -> None:
    """Nobody who writes YAML need know what reads it."""
    text = (
        "records: {r: {fields: {a: {type: [], required: {}, min: {}, places: x, options: [[]], max: ''}}}}\n"
    )
    said = " ".join(one.message() + one.hint_text() for one in decoded(text).diagnostics)
    assert not any(
        word in said for word in ("pydantic", "Input", "validat", "str ", "dict", "tuple", "Decimal")
    )


def test_what_a_faulty_declaration_has_left_is_still_decoded() -> None:
    """So that the rest can be checked in the same run."""
    found = decoded("records: {r: {fields: {a: {type: txt}, b: {type: text}}}}\n")
    assert list(found.portal.records["r"].fields) == ["b"]
    assert {"a", "type"} <= found.lost and not found.sound


def test_names_in_unreadable_files_count_as_lost() -> None:
    """Their declarations are not reported as missing elsewhere."""
    found = decoded("a: [", {"config/more.yaml": "records:\n  visit: {title: x\n"})
    assert {"case", "visit"} <= found.lost


def test_a_name_may_be_declared_in_each_regime() -> None:
    """The folder is the namespace; the same name twice in one of them names both places."""
    regimes = {
        f"config/regimes/{name}/r.yaml": "regime: {title: x}\nchoices: {c: {options: {a: b}}}\n"
        for name in "ab"
    }
    assert decoded("{}\n", regimes).sound
    again = decoded("{}\n", regimes | {"config/regimes/a/s.yaml": "choices: {c: {options: {a: b}}}\n"})
    found = again.diagnostics[0]
    assert (found.code, str(found.span)) == ("NAM001", "config/regimes/a/s.yaml:1:11")
    assert found.params["first"] == "config/regimes/a/r.yaml:2:11"


def test_built_in_types_take_fields_from_anywhere_once() -> None:
    """An amendment keeps the built-in type's full name; two that say the same thing are a fault."""
    amend = "records: {person: {extends: person, fields: {badge: {type: text}}}}\n"
    regime = "regime: {title: x}\n"
    good = decoded("{}\n", {"config/regimes/a/r.yaml": regime + amend})
    person = good.portal.records["person"]
    assert good.sound and person.is_kernel and {"name", "badge"} <= person.fields.keys()
    assert person.span_at("fields", "badge").file == "config/regimes/a/r.yaml"
    twice = decoded(amend, {"config/regimes/a/r.yaml": regime + amend})
    assert [one.code for one in twice.diagnostics] == ["NAM001"]


def test_a_missing_base_is_said_once() -> None:
    """What the base would have given is not reported as missing too."""
    assert faults("choices: {a: {extends: b}}\n") == [("NAM002", 1, 24)]


def test_hundreds_of_heirs_are_merged_without_recursion() -> None:
    """A chain of any length is followed from its root."""
    chain = "".join(f"  c{n}: {{extends: c{n - 1}, options: {{o{n}: x}}}}\n" for n in range(1, 1500))
    found = decoded("choices:\n  c0: {options: {o0: x}}\n" + chain)
    assert found.sound and len(found.portal.choices["c1499"].options) == 1500


def test_a_portal_must_be_declared_once() -> None:
    """Two files cannot both say what the portal is."""
    assert faults(PORTAL) == [("NAM001", 1, 1)]
