"""A portal that notes what is looked at: what was found of it holds until one of those things changes.

Whoever works something out over `Watch.portal` reads declarations through its mappings; each reading is a
`Part`. An answer of an earlier run holds as long as none of its parts is another one now.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar, cast

from app.spec.portal import Portal, TemplateFile

Declared = TypeVar("Declared")
Made = TypeVar("Made")
Way = Literal["value", "there", "names", "all"]
Part = tuple[str, Way, str]
"""What was looked at: a declaration; whether there is one of that name; all names in order; everything."""

_SECTIONS = tuple(one.name for one in fields(Portal) if one.name != "settings")


class Watched(Mapping[str, Declared]):
    """One mapping of a portal."""

    __slots__ = ("_inner", "_section", "_watch")

    def __init__(self, section: str, inner: Mapping[str, Declared], watch: Watch) -> None:
        self._section, self._inner, self._watch = section, inner, watch

    @property
    def watch(self) -> Watch:
        return self._watch

    def __getitem__(self, name: str) -> Declared:
        self._watch.reads.add((self._section, "value", name))
        return self._inner[name]

    def get(self, name: str, default: Any = None) -> Any:
        self._watch.reads.add((self._section, "value", name))
        return self._inner.get(name, default)

    def __contains__(self, name: object) -> bool:
        self._watch.reads.add((self._section, "there", str(name)))
        return name in self._inner

    def __iter__(self) -> Iterator[str]:
        self._watch.reads.add((self._section, "names", ""))
        return iter(self._inner)

    def __len__(self) -> int:
        self._watch.reads.add((self._section, "names", ""))
        return len(self._inner)

    def values(self) -> ValuesView[Declared]:
        self._watch.reads.add((self._section, "all", ""))
        return self._inner.values()

    def items(self) -> ItemsView[str, Declared]:
        self._watch.reads.add((self._section, "all", ""))
        return self._inner.items()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and the parts of the portal that were looked at for it."""

    value: object
    reads: frozenset[Part]


@dataclass(frozen=True, slots=True)
class Remembered:
    """The answers of one run, and the portal that they are about. It holds no more than that run asked."""

    portal: Portal
    answers: Mapping[Hashable, Answer] = field(default_factory=dict)


class Watch:
    """One run over a portal (`portal` is the one to look at), with what an earlier run has found."""

    def __init__(self, portal: Portal, earlier: Remembered | None = None) -> None:
        self.plain = portal
        mappings: dict[str, Any] = {name: Watched(name, getattr(portal, name), self) for name in _SECTIONS}
        self.portal = replace(portal, **mappings)
        self.reads: set[Part] = set()
        changed = changed_parts(earlier.portal, portal) if earlier is not None else None
        self._changed = changed or frozenset()
        self._earlier = earlier.answers if earlier is not None and changed is not None else {}
        self._answers: dict[Hashable, Answer] = {}
        self._within: dict[Hashable, Answer] = {}

    def ask(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` finds in `portal`, or found in the earlier run where it would find the same.

        It must not hold on to the portal it was made from: it outlives this run.
        """
        known = self._earlier.get(key)
        if known is None or not self.holds(known):
            known = self._made(make)
        self._answers[key] = known
        self.reads |= known.reads
        return cast(Made, known.value)

    def within(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, worked out once in this run; whoever asks for it has looked at the same."""
        known = self._within.get(key)
        if known is None:
            known = self._within[key] = self._made(make)
        self.reads |= known.reads
        return cast(Made, known.value)

    def before(self, key: Hashable) -> object | None:
        """What the earlier run answered, whether it still holds or not."""
        known = self._earlier.get(key)
        return known.value if known is not None else None

    def holds(self, answer: Answer) -> bool:
        """Whether nothing has changed of what an answer of the earlier run is about."""
        return answer.reads.isdisjoint(self._changed)

    def remembered(self) -> Remembered:
        """What a later run needs to know of this one."""
        return Remembered(self.plain, self._answers)

    def _made(self, make: Callable[[], object]) -> Answer:
        outer, self.reads = self.reads, set()
        try:
            value = make()
            return Answer(value, frozenset(self.reads))
        finally:
            self.reads = outer


def watch_of(portal: Portal) -> Watch | None:
    """The run that this portal belongs to; None for one that nobody watches."""
    return portal.records.watch if isinstance(portal.records, Watched) else None


def changed_parts(old: Portal, new: Portal) -> frozenset[Part] | None:
    """Every part that one portal has otherwise than the other; None where all of it must be taken as changed.

    Declarations that are the same object are the same: `decode_parts` keeps those that did not change.
    """
    if old.settings is not new.settings:
        return None
    changed: set[Part] = set()
    for section in _SECTIONS:
        before, after = getattr(old, section), getattr(new, section)
        gone = before.keys() ^ after.keys()
        other = {name for name in before.keys() & after.keys() if not _same(before[name], after[name])}
        changed |= {(section, "there", name) for name in gone}
        changed |= {(section, "value", name) for name in gone | other}
        order = list(before) != list(after)
        if order:
            changed.add((section, "names", ""))
        if order or other:
            changed.add((section, "all", ""))
    return frozenset(changed)


def _same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, (TemplateFile, str)) and one == other)
