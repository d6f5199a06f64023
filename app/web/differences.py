"""What differs between two texts, line by line, as a page shows it: side by side or one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 3
"""Lines shown around a change."""
MOST_LINES = 2_000
"""Lines of one file's differences that a page shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of both sides; a side without one has the number 0. kind: same, gone, new, changed, or gap
    (lines left out)."""

    kind: str
    left_number: int = 0
    left: str = ""
    right_number: int = 0
    right: str = ""


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file that differs. status: new, gone or changed; added, removed: how many lines; cut: not all of the
    lines are here."""

    path: str
    status: str
    added: int
    removed: int
    lines: tuple[Line, ...]
    cut: bool = False


def file_differences(
    before: Mapping[str, bytes], after: Mapping[str, bytes], lines: bool = True
) -> tuple[FileDifference, ...]:
    """The files that differ, by path; without `lines` only how many differ."""
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    return tuple(_difference(path, before.get(path), after.get(path), lines) for path in paths)


def _difference(path: str, before: bytes | None, after: bytes | None, lines: bool) -> FileDifference:
    left, right = _lines(before), _lines(after)
    matcher = SequenceMatcher(None, left, right, autojunk=len(left) > MOST_LINES)
    counted = [op for op in matcher.get_opcodes() if op[0] != "equal"]
    added = sum(end - start for _kind, _a, _b, start, end in counted)
    removed = sum(end - start for _kind, start, end, _a, _b in counted)
    status = "new" if before is None else "gone" if after is None else "changed"
    shown = tuple(_shown(matcher, left, right)) if lines else ()
    return FileDifference(path, status, added, removed, shown[:MOST_LINES], len(shown) > MOST_LINES)


def _shown(matcher: SequenceMatcher[str], left: Sequence[str], right: Sequence[str]) -> Iterator[Line]:
    for position, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if position or group[0][1] > 0:
            yield Line("gap")
        for kind, start, end, other, other_end in group:
            yield from _block(kind, left, (start, end), right, (other, other_end))


def _block(
    kind: str, left: Sequence[str], old: tuple[int, int], right: Sequence[str], new: tuple[int, int]
) -> Iterator[Line]:
    """The lines of one stretch, those of both sides beside each other."""
    for step in range(max(old[1] - old[0], new[1] - new[0])):
        one, two = old[0] + step, new[0] + step
        here, there = one < old[1], two < new[1]
        named = "same" if kind == "equal" else "changed" if here and there else "gone" if here else "new"
        yield Line(
            named,
            one + 1 if here else 0,
            left[one] if here else "",
            two + 1 if there else 0,
            right[two] if there else "",
        )


def _lines(data: bytes | None) -> list[str]:
    return [] if data is None else data.decode("utf-8", "replace").splitlines()


def moved_line(before: Sequence[str], after: Sequence[str], line: int) -> int:
    """Where line `line` (counted from 1) of `before` stands in `after`; next to it where it is gone."""
    for _kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if first <= line - 1 < last:
            return min(begin + (line - 1 - first), max(end - 1, begin)) + 1
    return line
