"""YAML text -> raw values with places, and the faults on the way."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.source import Span, composer
from app.source.composer import MAX_DEPTH, Composed, compose
from app.source.raw import RawList, RawMapping, place_at
from app.source.syntax import LINE_BREAK


def codes(composed: Composed) -> list[str]:
    return [found.code for found in composed.diagnostics]


def test_scalars_stay_text_and_only_plain_nothing_is_none() -> None:
    """The declared type reads the scalar: YAML's own guesses are left aside."""
    text = "a: 12:30\nb: no\nc: 1_000\nd: ~\ne: null\nf:\ng: '~'\nh: \"null\"\ni: 2026-01-01\n"
    assert compose(text, "f").raw == {
        "a": "12:30", "b": "no", "c": "1_000", "d": None, "e": None, "f": None, "g": "~", "h": "null",
        "i": "2026-01-01",
    }  # fmt: skip


def test_every_key_and_value_has_its_place() -> None:
    """Lines and columns count from 1, columns count characters; a block ends with its last element."""
    raw = compose("甲: 乙\nb:\n  - x\n  - {c: 'd'}\nlast: |\n  words\n", "f").raw
    assert isinstance(raw, RawMapping)
    assert raw.place.key("甲") == Span("f", 1, 1, 1, 2)
    assert raw.place.value("甲") == Span("f", 1, 4, 1, 5)
    assert place_at(raw, ("b",)) == Span("f", 3, 3, 4, 13)
    assert place_at(raw, ("b", 1, "c")) == Span("f", 4, 9, 4, 12)
    assert place_at(raw, ("b", 1, "c"), of_key=True) == Span("f", 4, 6, 4, 7)
    assert place_at(raw, ("b", 7, "c")) == place_at(raw, ("b",))
    assert raw.place.span == Span("f", 1, 1, 7, 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        pytest.param("a: 1\na: 2\n", "SRC005", 2, 1, id="repeated"),
        pytest.param("a: {b: 1, b: 2, b: 3}", "SRC005", 1, 11, id="repeated in flow"),
        pytest.param("a: {b: 1", "SRC003", 1, 9, id="open bracket"),
        pytest.param("a: b: c", "SRC003", 1, 5, id="two colons"),
        pytest.param("a: 'x", "SRC003", 1, 6, id="open quote"),
        pytest.param("a: @b", "SRC003", 1, 4, id="reserved sign"),
        pytest.param('a: "\\q"', "SRC003", 1, 5, id="unknown escape"),
        pytest.param("a:\n\tb: 1\n", "SRC004", 2, 1, id="tab indents"),
        pytest.param("a:\tb\n", "SRC004", 1, 3, id="tab parts"),
        pytest.param("a: [1,\n \t2]\n", "SRC004", 2, 2, id="tab in flow"),
        pytest.param("a: !!int 5", "SRC008", 1, 4, id="tag of a scalar"),
        pytest.param("a: !x [5]", "SRC008", 1, 4, id="tag of a list"),
        pytest.param("<<: {a: 1}", "SRC009", 1, 1, id="merge key"),
        pytest.param("a: 1\n---\nb: 2\n", "SRC010", 2, 1, id="two documents"),
        pytest.param("? [a]\n: b\n", "SRC014", 1, 3, id="list as key"),
        pytest.param("~: b\n", "SRC014", 1, 1, id="nothing as key"),
        pytest.param("a: *b", "SRC019", 1, 4, id="unknown alias"),
        pytest.param("a: &a [*a]", "SRC019", 1, 8, id="alias of itself"),
        pytest.param("a: b\x07c", "SRC002", 1, 5, id="control character"),
    ],
)
def test_faults_have_their_code_and_place(text: str, code: str, line: int, column: int) -> None:
    """Each way to be wrong has one code, at the place where it is wrong."""
    found = compose(text, "f").diagnostics[0]
    assert (found.code, found.span.line, found.span.column) == (code, line, column)


def test_a_repeated_key_names_both_places_and_keeps_the_first() -> None:
    """Nothing is silently dropped: the first value stays and the fault tells where it is."""
    composed = compose("a: 1\nb: 2\na: 3\n", "dir/f.yaml")
    assert composed.raw == {"a": "1", "b": "2"}
    assert composed.diagnostics[0].params["first"] == "dir/f.yaml:1:1"


@pytest.mark.parametrize("text", ["a: 'x\ty'\n", "a: b # c\td\n", "# \t\na: b\n", "a: |\n  x\ty\nb: c\n"])
def test_tabs_inside_texts_and_comments_are_allowed(text: str) -> None:
    """Only a tab between the words is a fault."""
    assert codes(compose(text, "f")) == []


@pytest.mark.parametrize("sign", ["[", "{a: ", "- "], ids=["lists", "mappings", "blocks"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 900, 50_000])
def test_deep_nesting_is_one_fault_and_never_a_crash(sign: str, depth: int) -> None:
    """However deep the file is, reading stops at the limit."""
    assert codes(compose("a: [" + sign * depth, "f"))[:1] in (["SRC006"], ["SRC003"])


def test_nesting_up_to_the_limit_is_read() -> None:
    """The limit itself is still allowed."""
    depth = MAX_DEPTH - 1
    assert codes(compose("a: " + "[" * depth + "x" + "]" * depth, "f")) == []


def test_aliases_share_what_they_repeat_until_it_grows_too_large() -> None:
    """A few aliases are allowed and cost nothing; an explosion of them is a fault."""
    raw = compose("a: &x {b: c}\nd: *x\n", "f").raw
    assert isinstance(raw, RawMapping) and raw["a"] is raw["d"]
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 9)]
    assert codes(compose("\n".join(rows), "f")) == ["SRC007"]


def test_many_faults_of_one_file_end_somewhere() -> None:
    """A file of nothing but faults gives a list that somebody can still read."""
    assert len(compose("a: [" + "!x b, " * 5000 + "]", "f").diagnostics) <= 200


def test_a_byte_order_mark_is_no_fault_and_shifts_no_column() -> None:
    """Editors of some systems write one."""
    composed = compose("\ufeffa: b\n", "f")
    assert composed.raw == {"a": "b"}
    assert isinstance(composed.raw, RawMapping) and composed.raw.place.key("a").column == 1


_SCALARS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
_VALUES = st.recursive(
    _SCALARS | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SCALARS.filter(bool), inner, max_size=3),
    max_leaves=12,
)


def _places(value: object) -> list[Span]:
    if isinstance(value, RawMapping):
        inner = [span for part in value.values() for span in _places(part)]
        return [value.place.span, *value.place.keys.values(), *value.place.values.values(), *inner]
    if isinstance(value, RawList):
        return [value.span, *value.items_at, *(span for part in value for span in _places(part))]
    return []


@given(_VALUES)
@settings(max_examples=60, deadline=None)
def test_libyaml_and_python_agree_on_values_and_places(value: object) -> None:
    """The loader without libyaml gives the same raw values at the same places."""
    text = yaml.safe_dump({"top": value}, allow_unicode=True)
    fast = compose(text, "f")
    original = composer.LOADER
    try:
        composer.LOADER = yaml.SafeLoader  # type: ignore[misc]
        slow = compose(text, "f")
    finally:
        composer.LOADER = original  # type: ignore[misc]
    assert slow.raw == fast.raw
    assert _places(slow.raw) == _places(fast.raw)


@given(st.text(max_size=80) | st.text("[]{}:,-#&*!|>'\"%@`\t\n ab~", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_values_or_faults_inside_the_file(text: str) -> None:
    """No text makes the composer raise, and each fault lies within the text."""
    composed = compose(text, "f")
    lines = LINE_BREAK.split(text.removeprefix("\ufeff"))
    for found in composed.diagnostics:
        assert 1 <= found.span.line <= len(lines)
        assert 1 <= found.span.column <= len(lines[found.span.line - 1]) + 1
