"""Rules for the ends of lines, on plain characters and on the layout engine's paragraphs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.line_breaking import NO_END, NO_START, break_text, may_break, may_stand

ALPHABET = (
    "中文检查温度的一，。；：？！、》”）】“（《【‘’…—·%℃￥$#@-/_.,:;!?()[]\"'abcXYZ0189 \u00a0é々ーッ\u0301"
)
TEXTS = st.text(alphabet=ALPHABET, max_size=120)
LIMITS = st.floats(min_value=0.5, max_value=30)


def width(char: str | None) -> float:
    return 0.0 if char is None else (1.0 if ord(char) > 0x2E7F else 0.5)


def broken(text: str, limit: float) -> list[str]:
    chars: list[str | None] = [None if char == "\n" else char for char in text]
    lines = break_text(chars, [width(char) for char in chars], [limit])
    return ["".join(char or "" for char in chars[line.start : line.end]) for line in lines]


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        pytest.param("", 5, [""], id="nothing is one empty line"),
        pytest.param("检查合格。", 4, ["检查合", "格。"], id="a full stop takes a character down with it"),
        pytest.param("检查（一）", 3, ["检查", "（一）"], id="an opening bracket goes down"),
        pytest.param("他说“好”。", 4, ["他说", "“好”。"], id="quotes and stop stay together"),
        pytest.param("温度2/5℃、速度", 4, ["温度", "2/5℃、速", "度"], id="a number keeps its unit"),
        pytest.param("见v2.3.1版", 4, ["见v2.3.1", "版"], id="a version number stays whole"),
        pytest.param("clean room", 3, ["clean ", "room"], id="Latin breaks at spaces"),
        pytest.param("abcdefgh", 2, ["abcd", "efgh"], id="a token wider than the line is cut"),
        pytest.param("ab-cdefgh", 2, ["ab-", "cdef", "gh"], id="it is cut after a joint by preference"),
        pytest.param("一\n二", 9, ["一", "二"], id="line breaks of the text are kept"),
        pytest.param("一\n\n二\n", 9, ["一", "", "二", ""], id="so are empty lines"),
        pytest.param("达到98%以上", 3, ["达到", "98%以", "上"], id="no line starts with a percent sign"),
        pytest.param("罚款￥50元", 3, ["罚款", "￥50元"], id="a currency sign stays with its amount"),
        pytest.param("don’t stop", 3, ["don’t ", "stop"], id="an apostrophe is no quote"),
        pytest.param("3\u00a0kg重", 2, ["3\u00a0kg", "重"], id="a no-break space does not break"),
        pytest.param("中中", 0.1, ["中", "中"], id="one character always stands"),
    ],
)
def test_known_lines(text: str, limit: float, lines: list[str]) -> None:
    """Each rule on an example."""
    assert broken(text, limit) == lines


@given(TEXTS, LIMITS)
def test_nothing_is_lost(text: str, limit: float) -> None:
    """The lines hold every character, in order."""
    assert "".join(broken(text, limit)) == text


@given(TEXTS, LIMITS)
def test_no_line_is_too_wide(text: str, limit: float) -> None:
    """Only a single character, with marks that combine with it, may be wider than its line."""
    for line in broken(text, limit):
        shown = line.rstrip(" ")
        assert sum(map(width, shown)) <= limit + 1e-6 or len(shown) == 1


@given(TEXTS, LIMITS)
def test_forbidden_ends_only_where_unavoidable(text: str, limit: float) -> None:
    """A line starts or ends with a forbidden mark only if no other cut of the line before would do."""
    lines = broken(text, limit)
    for above, below in pairwise(lines):
        if below and (below[0] in NO_START or above[-1] in NO_END):
            token = above + below[0]
            cuts = [cut for cut in range(1, len(token)) if token[cut] != " "]
            assert not any(may_stand(token[cut - 1], token[cut]) for cut in cuts)


@given(TEXTS, LIMITS)
def test_words_that_fit_stay_whole(text: str, limit: float) -> None:
    """A line ends inside a run that may not break only if the run has no break since the line's start."""
    lines = broken(text, limit)
    for above, below in pairwise(lines):
        if below and not may_break(above[-1], below[0]):
            assert not any(may_break(above[cut - 1], above[cut]) for cut in range(1, len(above)))


def test_first_line_may_have_its_own_width() -> None:
    """The limits count line by line and the last one repeats."""
    lines = break_text(list("一二三四五六七"), [1.0] * 7, [1, 2])
    assert [line.end - line.start for line in lines] == [1, 2, 2, 2]


def test_glued_characters_do_not_part() -> None:
    """No-wrap text moves down as a whole."""
    glued = [False, False, False, True, True]
    lines = break_text(list("一二三四五"), [1.0] * 5, [4], glued)
    assert [line.start for line in lines] == [0, 2]
