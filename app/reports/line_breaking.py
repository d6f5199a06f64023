"""Where a line of mixed Chinese and Latin text may end.

Rules after JLREQ 3.1.7-3.1.10 and CLREQ 3.1.3 ("prohibition rules for line start and line end") and
GB/T 15834-2011, clause 5: closing marks never start a line, opening marks never end one, Latin words and
numbers stay whole. Only a token wider than a whole line is cut, if possible after a joint such as `-`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_CLOSING = ")]}）］｝〕〉》」』】〗〙〛｠»›”’〞〟﹚﹜﹞﹂﹄"
_STOPS = "!,.:;?！，．：；？、。·・‧﹐﹑﹒﹔﹕﹖﹗…‥—–～〜"
_AFTER_NUMBERS = "%‰°′″‴℃℉％¢￠㎜㎝㎞㎡㎥㎎㎏㏄㎖"
_REPEATS = "々〻ゝゞヽヾーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
_OPENING = "([{（［｛〔〈《「『【〖〘〚｟«‹“‘〝﹙﹛﹝﹁﹃"
_BEFORE_NUMBERS = "$£¥€￥＄￡#＃@№"
_GLUE = "\u00a0\u2060\u202f\u2011"

NO_START = frozenset(_CLOSING + _STOPS + _AFTER_NUMBERS + _REPEATS + _GLUE)
"""Characters that may not start a line."""
NO_END = frozenset(_OPENING + _BEFORE_NUMBERS + _GLUE)
"""Characters that may not end a line."""
JOINTS = frozenset("-/_\\.,;:&?=+@")
"""Characters after which a token wider than the line is cut by preference."""

_EPSILON = 1e-6
_QUOTES = frozenset("‘’“”·—–…‥")  # as wide as their neighbours: Latin text uses them too


@dataclass(frozen=True, slots=True)
class Line:
    """Characters `start`..`end` (end excluded, trailing spaces included) of a paragraph.

    width: points without the trailing spaces. forced: ended by a line break in the text.
    """

    start: int
    end: int
    width: float
    forced: bool


def _is_wide(char: str) -> bool:
    code = ord(char)
    return code >= 0x2E80 or 0x2460 <= code <= 0x27BF or 0x3000 <= code <= 0x303F


def _mark(char: str) -> bool:
    """Combining marks and variation selectors belong to the character before them."""
    return char == "\u200d" or (char != "" and unicodedata.category(char).startswith("M"))


def may_stand(before: str, after: str) -> bool:
    """Whether a line may end with `before` and the next start with `after`, breaking a word if need be."""
    return not (after in NO_START or before in NO_END or before == "\u200d" or _mark(after))


@lru_cache(maxsize=65536)
def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two neighbouring characters without breaking a word."""
    if after == " " or not may_stand(before, after):
        return False
    if before in " \u200b":
        return True
    if before in _QUOTES and after in _QUOTES:
        return before not in "—…‥·"
    return _is_wide(before) or _is_wide(after)


def _emergency_cut(chars: Sequence[str | None], start: int, end: int) -> int:
    """Where to cut a token wider than its line: after a joint, else anywhere decent, else at `end`."""
    decent = [
        cut
        for cut in range(end, start, -1)
        if chars[cut] != " " and may_stand(chars[cut - 1] or "", chars[cut] or "")
    ]
    joint = next((cut for cut in decent if chars[cut - 1] in JOINTS), 0)
    return joint or (decent[0] if decent else end)


def _line_end(
    chars: Sequence[str | None],
    widths: Sequence[float],
    start: int,
    limit: float,
    glued: Sequence[bool],
) -> tuple[int, bool]:
    """End of the line that begins at `start`, and whether a line break in the text ends it."""
    used, last, before, count = 0.0, start, "", len(chars)
    for index in range(start, count):
        char = chars[index]
        if char is None:
            return index, True
        if char:
            if before and may_break(before, char) and not (glued and glued[index]):
                last = index
            before = char
        used += widths[index]
        if used > limit + _EPSILON and index > start and char != " ":
            cut = last if last > start else _emergency_cut(chars, start, index)
            while cut < count and chars[cut] == " ":
                cut += 1
            return cut, False
    return count, False


def _lines(
    chars: Sequence[str | None], widths: Sequence[float], limits: Sequence[float], glued: Sequence[bool]
) -> Iterator[Line]:
    start, number, count = 0, 0, len(chars)
    while True:
        end, forced = _line_end(chars, widths, start, limits[min(number, len(limits) - 1)], glued)
        seen = end
        while seen > start and chars[seen - 1] == " ":
            seen -= 1
        yield Line(start, end, sum(widths[start:seen]), forced)
        start, number = end + forced, number + 1
        if start >= count and not (forced and start == count):
            return


def break_text(
    chars: Sequence[str | None],
    widths: Sequence[float],
    limits: Sequence[float],
    glued: Sequence[bool] = (),
) -> list[Line]:
    """Break a paragraph into lines no wider than their limit; one character alone may be wider.

    chars: one character each; None is a line break in the text, "" takes part in no rule (a marker).
    widths: points, as long as `chars`. limits: points for the first, second, … line; the last one repeats.
    glued: if given, True where no line may begin although the characters would allow it.
    The lines hold every character but the None ones, in order; there is always at least one line.
    """
    return list(_lines(chars, widths, limits, glued))
