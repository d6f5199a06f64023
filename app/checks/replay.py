"""Checks run again after an edit: what an earlier run found holds where nothing it looked at has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.source import Diagnostic
from app.spec.watching import Answer, Watch


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check found; parts: the same for each declaration that it judges by itself, by the number of
    its loop, the section and the full name."""

    found: tuple[Diagnostic, ...] = ()
    parts: Mapping[tuple[int, str, str], Answer] = field(default_factory=dict)


class Replay:
    """The checks of one run, one after the other."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._judging = False
        self._begin({})

    def run(self, name: object, check: Callable[[], Iterator[Diagnostic]]) -> tuple[Diagnostic, ...]:
        """What the check finds, in the order in which it finds it."""
        return self.watch.ask(("check", name), lambda: self._checked(("check", name), check)).found

    def each(self, section: str) -> Iterator[Any]:
        """The declarations of a section that have to be judged again; see `Checking.each`."""
        if self._judging:
            raise RuntimeError("a loop over declarations within another one")
        loop, watch = self._loops, self.watch
        self._loops += 1
        declared: Mapping[str, object] = getattr(watch.plain, section)
        self._inner.add((section, "names", ""))
        for full, one in declared.items():
            known = self._before.get((loop, section, full))
            if known is not None and watch.holds(known):
                self._found += known.value  # type: ignore[arg-type]  # made below
            else:
                start, outside = len(self._found), watch.reads
                watch.reads = {*outside, (section, "value", full)}
                self._judging = True
                yield one
                self._judging = False
                known = Answer(tuple(self._found[start:]), frozenset(watch.reads))
                watch.reads = outside
            self._parts[loop, section, full] = known
            self._inner |= known.reads

    def _begin(self, before: Mapping[tuple[int, str, str], Answer]) -> None:
        self._before = before
        self._found: list[Diagnostic] = []
        self._parts: dict[tuple[int, str, str], Answer] = {}
        self._inner: set[Any] = set()
        self._loops = 0
        self._judging = False

    def _checked(self, key: object, check: Callable[[], Iterator[Diagnostic]]) -> Checked:
        earlier = self.watch.before(key)
        self._begin(earlier.parts if isinstance(earlier, Checked) else {})
        for one in check():
            self._found.append(one)
        self.watch.reads |= self._inner
        return Checked(tuple(self._found), self._parts)
