"""Patterns of text fields: the same answers as Python's own matcher, without its endless going back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.spec.text_patterns import PatternRefused, automaton_of, matches_whole

ENDLESS = {
    "two ways": r"(a|a)*b",
    "one or two": r"(a|aa)+b",
    "a blank or none": r"(\w+\s?)*!",
    "nested": r"((a+)+)+b",
    "many times": r"(.*a){25}b",
    "one after another": r"a*a*a*a*a*a*a*a*a*a*a*a*b",
    "or not": "(a?)" * 40 + "a" * 40 + "b",
    "looking ahead": r"(?=(a|a)*c)a*",
    "letters of both cases": r"(?i:(A|a)+)b",
}


@pytest.mark.parametrize("pattern", ENDLESS.values(), ids=ENDLESS)
def test_no_text_keeps_a_pattern_busy(pattern: str) -> None:
    """Each of these takes Python's matcher longer than anybody waits."""
    assert not matches_whole(pattern, "a" * 300)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"[A-Z]{2}-\d{4}", "FK-2026", True),
        (r"[A-Z]{2}-\d{4}", "FK-202", False),
        (r"1[3-9]\d{9}", "13800138000", True),
        (r"1[3-9]\d{9}", "12800138000", False),
        (r"[一-龥]{2,4}", "王小明", True),
        (r"(?i)ab|cd", "CD", True),
        (r"(?=.*\d)(?=.*[a-z]).{6,}", "abcde1", True),
        (r"(?=.*\d)(?=.*[a-z]).{6,}", "abcdef", False),
        (r"(?!00)\d\d", "00", False),
        (r"\w+(?<!x)", "abx", False),
        (r"\w+(?<=x)", "abx", True),
        (r"^\bab\b$", "ab", True),
        (r"a\Bb", "ab", True),
        (r"[^\s\-\]]+", "a-b", False),
        (r"", "", True),
        (r"a.c", "a\nc", False),
        (r"(?s)a.c", "a\nc", True),
        (r"(?a)\d", "５", False),
        (r"(?P<n>x{0,2}?)y", "xxy", True),
        (r"(ab){2,3}", "ababab", True),
        (r"(ab){2,3}", "ab", False),
        (r"(|a)+b", "aab", True),
    ],
)
def test_it_reads_patterns_as_python_does(pattern: str, text: str, fits: bool) -> None:
    """Classes, repetitions, choices, borders and looks around."""
    assert matches_whole(pattern, text) is fits
    assert (re.fullmatch(pattern, text) is not None) is fits


PIECES = ["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(ab|a)", "(?:b)", r"\w", r"\b", "^", "$", "(?=a)", "(?!b)"]
REPEATS = ["", "", "?", "*", "+", "{2}", "{1,3}", "{0,1}?", "*?"]


@given(
    st.lists(st.tuples(st.sampled_from(PIECES[:9]), st.sampled_from(REPEATS)), max_size=4),
    st.sampled_from(PIECES[9:]),
    st.text("ab-\n", max_size=6),
)
@settings(max_examples=300)
def test_any_pattern_answers_as_python_does(pieces: list[tuple[str, str]], place: str, text: str) -> None:
    """Pieces, repeated, with a condition on a place between them."""
    parts = [piece + times for piece, times in pieces]
    pattern = "".join([*parts[:2], place, *parts[2:]])
    assert matches_whole(pattern, text) is (re.fullmatch(pattern, text) is not None), pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        r"(a)\1",
        "a++",
        "(?>a)",
        "(a{1000}){1000}",
        "(?m)^a$",
        "((" * 3000,
        r"(?=.*(?=.*a))",
        r"(a)?(?(1)b|c)",
    ],
    ids=[
        "open",
        "back",
        "possessive",
        "atomic",
        "huge",
        "lines",
        "deep",
        "looks within looks",
        "conditional",
    ],
)
def test_what_cannot_be_followed_is_refused_in_words(pattern: str) -> None:
    """No other error, and no pattern that is matched by going back."""
    with pytest.raises(PatternRefused, match=r"."):
        automaton_of(pattern)


def test_a_far_look_has_an_end() -> None:
    """A pattern that looks ahead from every place is for texts of some hundred letters."""
    assert matches_whole(r"((?=.*b).)*b", "ab" * 400)
    assert not matches_whole(r"((?=.*b).)*b", "ab" * 4000)
