"""`extends` and `drop`: one declaration takes another of its kind as its base, places kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.source import N_, Diagnostic, Span, fault, unknown_name_hint
from app.source.raw import Place, RawList, RawMapping
from app.spec.names import full_name

_OWN_ONLY = frozenset({"extends", "drop", "was", "examples"})
"""Keys that a child never takes over: they are about the parent itself."""

_NAMED_PARTS = frozenset(
    {"fields", "levels", "facts", "options", "states", "transitions", "clauses", "sanctions", "dimensions",
     "can", "hide", "read_only", "hours", "open", "parameters", "data", "charts"}
)  # fmt: skip
"""Mappings whose keys are names that `drop` may leave out."""


@dataclass(frozen=True, slots=True)
class Written:
    """A declaration as it was written: its section, name, regime and raw value."""

    section: str
    name: str
    regime: str
    raw: RawMapping
    key_at: Span
    orphan: bool = False
    """Whether its base is missing, so that what it lacks may be what the base would have given."""

    @property
    def full(self) -> str:
        return full_name(self.name, self.regime)

    @property
    def built_in(self) -> bool:
        return self.key_at.file.startswith("<kernel>")


def named_elements(value: object) -> dict[str, object] | None:
    """The elements of a list of mappings that each carry an `id`, by that id; None for any other value."""
    if not isinstance(value, RawList) or not value:
        return None
    named: dict[str, object] = {}
    for element in value:
        name = element.get("id") if isinstance(element, RawMapping) else None
        if not isinstance(name, str) or name in named:
            return None
        named[name] = element
    return named


def merge(base: RawMapping, own: RawMapping) -> RawMapping:
    """`own` over `base`, key by key; lists of things with an `id` merge by it, other lists are replaced."""
    values: dict[str, object] = dict(base)
    keys, places = dict(base.place.keys), dict(base.place.values)
    for key, value in own.items():
        values[key] = _merge_value(base.get(key), value)
        keys[key], places[key] = own.place.key(key), own.place.value(key)
    return RawMapping(values, Place(own.place.span, keys, places))


def _merge_value(base: object, own: object) -> object:
    if isinstance(base, RawMapping) and isinstance(own, RawMapping):
        return merge(base, own)
    old, new = named_elements(base), named_elements(own)
    if old is None or new is None or not isinstance(base, RawList) or not isinstance(own, RawList):
        return own
    places = dict(zip(old, base.items_at, strict=True))
    merged = dict(old)
    for (name, value), place in zip(new.items(), own.items_at, strict=True):
        merged[name] = _merge_value(old.get(name), value)
        places[name] = place
    return RawList(list(merged.values()), own.span, [places[name] for name in merged])


def without(value: object, names: frozenset[str], left_out: set[str], key: str = "") -> object:
    """`value` without the parts that `names` name; those found are added to `left_out`."""
    if isinstance(value, RawMapping):
        parts = key in _NAMED_PARTS
        dropped = names & value.keys() if parts else frozenset[str]()
        left_out |= dropped
        kept = {k: without(v, names, left_out, k) for k, v in value.items() if k not in dropped}
        return RawMapping(kept, value.place)
    named = named_elements(value)
    if named is None or not isinstance(value, RawList):
        return value
    left_out |= names & named.keys()
    pairs = [(e, at) for (n, e), at in zip(named.items(), value.items_at, strict=True) if n not in names]
    return RawList([without(e, names, left_out) for e, _ in pairs], value.span, [at for _, at in pairs])


def _unmentioned(raw: RawMapping, dropped: frozenset[str]) -> RawMapping:
    """A record type's inherited form and list without the fields that were left out."""
    changed = dict(raw)
    listing = raw.get("list")
    if isinstance(listing, RawMapping):
        kept = {k: _less(v, dropped) for k, v in listing.items() if _bare_order(k, v) not in dropped}
        changed["list"] = RawMapping(kept, listing.place)
    form = raw.get("form")
    if isinstance(form, RawList):
        groups = [_group_less(group, dropped) for group in form]
        changed["form"] = RawList(groups, form.span, form.items_at)
    return RawMapping(changed, raw.place)


def _bare_order(key: str, value: object) -> str:
    return value.removeprefix("-") if key == "order" and isinstance(value, str) else ""


def _less(value: object, dropped: frozenset[str]) -> object:
    if not isinstance(value, RawList):
        return value
    pairs = [(e, at) for e, at in zip(value, value.items_at, strict=True) if str(e) not in dropped]
    return RawList([e for e, _ in pairs], value.span, [at for _, at in pairs])


def _group_less(group: object, dropped: frozenset[str]) -> object:
    if not isinstance(group, RawMapping) or "fields" not in group:
        return group
    return RawMapping({**group, "fields": _less(group["fields"], dropped)}, group.place)


def _names_to_drop(own: RawMapping) -> frozenset[str]:
    drop = own.get("drop")
    return frozenset(n for n in drop if isinstance(n, str)) if isinstance(drop, RawList) else frozenset()


def combine(parent: Written, child: Written, diagnostics: list[Diagnostic]) -> RawMapping:
    """The child's raw value over its parent's, less what the child drops."""
    base = RawMapping({k: v for k, v in parent.raw.items() if k not in _OWN_ONLY}, parent.raw.place)
    names = _names_to_drop(child.raw)
    if names:
        left_out: set[str] = set()
        stripped = without(base, names, left_out)
        base = stripped if isinstance(stripped, RawMapping) else base
        if child.section == "records":
            base = _unmentioned(base, names)
        _unknown_drops(parent, child, left_out, diagnostics)
    return merge(base, child.raw)


def _unknown_drops(
    parent: Written, child: Written, left_out: set[str], diagnostics: list[Diagnostic]
) -> None:
    drop = child.raw.get("drop")
    if not isinstance(drop, RawList):
        return
    for name, place in zip(drop, drop.items_at, strict=True):
        if isinstance(name, str) and name not in left_out:
            hint, params = unknown_name_hint(name, part_names(parent.raw))
            text = N_("'{name}' cannot be left out: '{parent}' has no part of that name")
            diagnostics.append(fault("NAM004", place, text, hint, name=name, parent=parent.full, **params))


def part_names(raw: RawMapping) -> set[str]:
    """The names of everything in a declaration that `drop` could leave out."""
    names: set[str] = set()
    stack: list[tuple[str, object]] = [("", raw)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, RawMapping):
            names |= value.keys() if key in _NAMED_PARTS else set()
            stack.extend(value.items())
        elif (named := named_elements(value)) is not None:
            names |= named.keys()
            stack.extend(("", element) for element in named.values())
    return names


Find = Callable[[Written, str], tuple[Written, ...]]
"""What a parent's name, written in a declaration, may mean."""


def extend_all(
    written: Mapping[str, Written], find: Find, diagnostics: list[Diagnostic]
) -> dict[str, Written]:
    """Every declaration of one section with its chain of parents merged in."""
    parents = {full: _parent(child, find, written, diagnostics) for full, child in written.items()}
    done: dict[str, Written] = {}
    for full in written:
        chain: list[str] = []
        here: str | None = full
        while here is not None and here not in done and here not in chain:
            chain.append(here)
            here = parents[here]
        if here is not None and here in chain:
            ring = chain[chain.index(here) :]
            diagnostics.append(_ring(written[here], ring))
            parents.update(dict.fromkeys(ring))
        for name in reversed(chain):
            done[name] = _extended(written[name], done.get(parents[name] or ""), diagnostics)
    return {full: done[full] for full in written}


def _extended(child: Written, parent: Written | None, diagnostics: list[Diagnostic]) -> Written:
    if parent is None:
        return replace(child, orphan="extends" in child.raw)
    raw = combine(parent, child, diagnostics)
    return replace(child, raw=raw, orphan=parent.orphan)


def _parent(
    child: Written, find: Find, written: Mapping[str, Written], diagnostics: list[Diagnostic]
) -> str | None:
    name = child.raw.get("extends")
    if not isinstance(name, str):
        return None
    found = find(child, name)
    if len(found) == 1:
        return found[0].full
    diagnostics.append(_no_parent(child, name, found, child.raw.place.value("extends"), written))
    return None


def _ring(first: Written, ring: list[str]) -> Diagnostic:
    text = N_("'{name}' extends itself: {ring}")
    shown = " → ".join((*ring, ring[0]))
    return fault("NAM003", first.raw.place.value("extends"), text, name=first.full, ring=shown)


def _no_parent(
    child: Written, parent: str, found: tuple[Written, ...], place: Span, written: Mapping[str, Written]
) -> Diagnostic:
    if found:
        shown = ", ".join(one.full for one in found)
        text = N_("'{name}' may mean several: {known}")
        return fault("REF002", place, text, N_("write the name in full"), name=parent, known=shown)
    hint, params = unknown_name_hint(parent, written.keys() - {child.full})
    text = N_("'{child}' extends '{name}', which is not declared")
    return fault("NAM002", place, text, hint, child=child.full, name=parent, **params)
