"""The reason tree: said, stored and read again."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.rules.reasons import Reason, Saying, because, lines
from app.source import Phrase, Span

PLACE = Span("config/a.yaml", 7, 3)
CHINESE = {"level {level}: {amount}": "等级{level}：{amount}", "serious": "严重", "; ": "；", "nothing": "无"}


def chinese(text: str) -> str:
    return CHINESE.get(text, text)


def test_a_reason_is_said_in_the_readers_language() -> None:
    """Template and phrases are translated, figures are not."""
    reason = because(
        "levels.a.amount", PLACE, "level {level}: {amount}", level=Phrase("serious"), amount="200.00"
    )
    assert reason.sentence() == "level serious: 200.00"
    assert reason.sentence(chinese) == "等级严重：200.00"


def test_lists_pairs_and_sentences_within_sentences() -> None:
    """All kinds of parameters have words."""
    said = Saying("level {level}: {amount}", {"level": Phrase("serious"), "amount": 3})
    pairs = (("found by", "patrol"), (Phrase("serious"), Phrase("serious")))
    reason = because(
        "x", PLACE, "{said} | {pairs} | {names} | {none}", said=said, pairs=pairs, names=("a",), none=()
    )
    assert reason.sentence(chinese) == "等级严重：3 | found by = patrol；严重 = 严重 | a | 无"


def test_braces_in_parameters_are_only_text() -> None:
    """What a person wrote cannot become a field of the template."""
    reason = because("x", PLACE, "note: {note}", note="{amount} {0} {note.__class__}")
    assert reason.sentence() == "note: {amount} {0} {note.__class__}"


def test_the_tree_as_lines() -> None:
    """Indented, each with its place."""
    child = because("b", PLACE, "child")
    assert list(lines((because("a", PLACE, "parent", children=(child,)),))) == [
        "- parent  [config/a.yaml:7]",
        "  - child  [config/a.yaml:7]",
    ]


def test_told_has_the_documented_keys_and_nothing_empty() -> None:
    """rule, file, line, text; inputs and children only where there are any."""
    assert because("a", PLACE, "text").told() == {
        "rule": "a",
        "file": "config/a.yaml",
        "line": 7,
        "text": "text",
    }
    child = because("b", PLACE, "child", {"level": "fault"})
    told = because("a", PLACE, "text", children=(child,)).told()
    assert told["children"] == [
        {"rule": "b", "file": "config/a.yaml", "line": 7, "text": "child", "inputs": {"level": "fault"}}
    ]


words = st.one_of(st.text(max_size=9), st.integers(-99, 99), st.builds(Phrase, st.text(max_size=9)))
sayings = st.builds(Saying, st.text(max_size=9), st.dictionaries(st.text(max_size=3), words, max_size=2))
params = st.one_of(words, sayings, st.lists(words, max_size=3).map(tuple))
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9))
reasons = st.recursive(
    st.builds(
        Reason,
        st.text(max_size=9),
        st.text(max_size=9),
        st.integers(0, 9999),
        st.text(max_size=20),
        st.dictionaries(st.text(max_size=5), params, max_size=3),
        st.dictionaries(st.text(max_size=5), plain, max_size=3),
    ),
    lambda inner: st.builds(lambda reason, below: reason.under(*below), inner, st.lists(inner, max_size=3)),
    max_leaves=6,
)


@given(reasons)
def test_stored_and_read_again_is_the_same(reason: Reason) -> None:
    """A round trip through JSON text changes nothing."""
    again = Reason.from_json(json.loads(json.dumps(reason.to_json())))
    assert again == reason
    assert again.to_json() == reason.to_json()
