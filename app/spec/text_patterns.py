"""Matching a whole text against a declared pattern, in time that grows with the text and never explodes.

Python's own matcher goes back and tries again; `(a|aa)+b` keeps it busy for ever with thirty
letters. This one follows all ways through the pattern at once (a Thompson automaton), letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST_STATES = 4_000
"""States of the automaton of one pattern: `x{1,300}` has about six hundred."""

MOST_LETTERS_LOOKED_OVER = 1_000
"""Longest text that a pattern may match which looks ahead as far as it likes, from every place in it."""

Test = Callable[[str], bool]
_FAR = 100
_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT})
_LOOKS = frozenset({codes.ASSERT, codes.ASSERT_NOT})


class PatternRefused(ValueError):
    """A pattern that is no pattern, or one that cannot be followed letter by letter; the reason in words."""


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on a place: what lies around it. `behind`: how many letters before it the part begins."""

    part: Automaton
    wanted: bool
    behind: int


@dataclass(slots=True)
class Automaton:
    """States by number: where a letter that passes `tests` leads, and where one gets without a letter.

    places: state -> the kind of place (`^`, `$`, a border of words) or a Look that it may be left at.
    """

    tests: dict[int, tuple[Test, int]] = field(default_factory=dict)
    free: dict[int, list[int]] = field(default_factory=dict)
    places: dict[int, Any] = field(default_factory=dict)
    start: int = 0
    end: int = 0
    states: int = 1


def matches_whole(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says. Raises PatternRefused."""
    return automaton_of(pattern).matches(text)


@dataclass(frozen=True, slots=True)
class Matcher:
    """A pattern ready to be matched; `looks_far`: it looks ahead without an end."""

    automaton: Automaton
    looks_far: bool

    def matches(self, text: str) -> bool:
        """Whether the whole text is as the pattern says."""
        if self.looks_far and len(text) > MOST_LETTERS_LOOKED_OVER:
            return False
        return len(text) in _ends(self.automaton, text, 0)


@lru_cache(maxsize=512)
def automaton_of(pattern: str) -> Matcher:
    """The automaton of a pattern in Python's notation. Raises PatternRefused."""
    try:
        parsed = parser.parse(pattern)
        if parsed.state.flags & (re.MULTILINE | re.LOCALE):
            raise PatternRefused("(?m) and (?L) are not known here")
        made = _Maker(parsed.state.flags)
        made.of(parsed)
    except (re.error, OverflowError) as error:
        raise PatternRefused(str(error)) from error
    except RecursionError as error:
        raise PatternRefused("nested too deeply") from error
    return Matcher(made.automaton, made.looks_far)


class _Maker:
    """Adds the states of a parsed pattern, piece after piece, at the end of what is there."""

    def __init__(self, flags: int, looking: bool = False) -> None:
        self.automaton = Automaton()
        self.flags = flags
        self.looking = looking
        self.looks_far = False

    def of(self, pieces: Iterable[tuple[Any, Any]]) -> None:
        for code, given in pieces:
            self._piece(code, given)

    def _piece(self, code: Any, given: Any) -> None:
        if code in _REPEATS:
            self._repeat(*given)
        elif code is codes.BRANCH:
            self._branch(given[1])
        elif code is codes.SUBPATTERN:
            self._group(*given)
        elif code is codes.AT:
            self._place(given)
        elif code in _LOOKS:
            self._place(self._look(code is codes.ASSERT, *given))
        else:
            self._letter(_test_of(code, given, self.flags))

    def _new(self) -> int:
        self.automaton.states += 1
        if self.automaton.states > MOST_STATES:
            raise PatternRefused("it asks for too many letters one after another")
        return self.automaton.states - 1

    def _link(self, start: int, end: int) -> None:
        self.automaton.free.setdefault(start, []).append(end)

    def _letter(self, test: Test) -> None:
        after = self._new()
        self.automaton.tests[self.automaton.end] = (test, after)
        self.automaton.end = after

    def _place(self, place: Any) -> None:
        before, after = self._fresh(), self._new()
        self.automaton.places[before] = place
        self._link(before, after)
        self.automaton.end = after

    def _fresh(self) -> int:
        """A new state behind the end, which nothing else leaves."""
        fresh = self._new()
        self._link(self.automaton.end, fresh)
        self.automaton.end = fresh
        return fresh

    def _group(self, _number: object, more: int, less: int, inner: Any) -> None:
        before = self.flags
        self.flags = (self.flags | more) & ~less
        self.of(inner)
        self.flags = before

    def _branch(self, ways: Sequence[Any]) -> None:
        start, ends = self._fresh(), list[int]()
        for way in ways:
            self.automaton.end = start
            self._fresh()
            self.of(way)
            ends.append(self.automaton.end)
        self.automaton.end = self._new()
        for end in ends:
            self._link(end, self.automaton.end)

    def _repeat(self, least: int, most: Any, inner: Any) -> None:
        for _ in range(least):
            self._fresh()
            self.of(inner)
        if most is codes.MAXREPEAT:
            start = self._fresh()
            self._fresh()
            self.of(inner)
            self._link(self.automaton.end, start)
            self.automaton.end = start
            self._fresh()
            return
        skips = list[int]()
        for _ in range(most - least):
            skips.append(self._fresh())
            self._fresh()
            self.of(inner)
        self._fresh()
        for skip in skips:
            self._link(skip, self.automaton.end)

    def _look(self, wanted: bool, direction: int, inner: Any) -> Look:
        if direction > 0 and inner.getwidth()[1] > _FAR:
            if self.looking:
                raise PatternRefused("it looks ahead while it looks ahead")
            self.looks_far = True
        made = _Maker(self.flags, looking=True)
        made.of(inner)
        self.automaton.states += made.automaton.states
        return Look(made.automaton, wanted, inner.getwidth()[0] if direction < 0 else 0)


def _test_of(code: Any, given: Any, flags: int) -> Test:
    """Whether a letter is one that this piece stands for."""
    fold = bool(flags & re.IGNORECASE)
    if code is codes.LITERAL:
        return _one_of([(codes.LITERAL, given)], fold, flags)
    if code is codes.NOT_LITERAL:
        return _one_of([(codes.NEGATE, None), (codes.LITERAL, given)], fold, flags)
    if code is codes.ANY:
        return (lambda _letter: True) if flags & re.DOTALL else (lambda letter: letter != "\n")
    if code is codes.IN:
        return _one_of(given, fold, flags)
    raise PatternRefused("it refers back to a group, or forbids to go back")


def _one_of(items: Sequence[tuple[Any, Any]], fold: bool, flags: int) -> Test:
    """A class of letters, as Python itself reads one: a single letter cannot be tried twice."""
    written, negated = list[str](), False
    for code, given in items:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.CATEGORY:
            written.append(_CATEGORIES[given])
        else:
            ends = given if code is codes.RANGE else (given,)
            written.append("-".join(re.escape(chr(end)) for end in ends))
    kept = flags & (re.ASCII | re.IGNORECASE) if fold else flags & re.ASCII
    single = re.compile(f"[{'^' if negated else ''}{''.join(written)}]", kept)
    return lambda letter: single.match(letter) is not None


def _ends(automaton: Automaton, text: str, begin: int) -> set[int]:
    """The places in the text where a way from `begin` through the automaton can end."""
    ends: set[int] = set()
    now = _reached(automaton, {automaton.start}, text, begin)
    at = begin
    while now:
        if automaton.end in now:
            ends.add(at)
        if at == len(text):
            break
        letter = text[at]
        tests = (automaton.tests[state] for state in now if state in automaton.tests)
        passed = {after for test, after in tests if test(letter)}
        at += 1
        now = _reached(automaton, passed, text, at)
    return ends


def _reached(automaton: Automaton, states: set[int], text: str, at: int) -> set[int]:
    """The states that one gets to without another letter."""
    found, open_ends = set(states), list(states)
    while open_ends:
        state = open_ends.pop()
        if state in automaton.places and not _is_at(automaton.places[state], text, at):
            continue
        for one in automaton.free.get(state, ()):
            if one not in found:
                found.add(one)
                open_ends.append(one)
    return found


def _is_at(place: Any, text: str, at: int) -> bool:
    if isinstance(place, Look):
        begin = at - place.behind
        ends = _ends(place.part, text[:at] if place.behind else text, begin) if begin >= 0 else set()
        return (at in ends if place.behind else bool(ends)) is place.wanted
    if place in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
        return at == 0
    if place is codes.AT_END:
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    if place is codes.AT_END_STRING:
        return at == len(text)
    around = [0 <= one < len(text) and re.match(r"\w", text[one]) is not None for one in (at - 1, at)]
    return (around[0] != around[1]) is (place is codes.AT_BOUNDARY)
