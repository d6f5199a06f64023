"""Who is meant by `role.hr`, `addressee.superior` or `unit.head`: roles and person paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.access import Actor, link_id
from app.spec.portal import Portal
from app.spec.portal_settings import Role

PathParts = tuple[str, ...]
ROLE = "role."


@dataclass(frozen=True, slots=True)
class Parties:
    """Roles (full names) and person paths, as `by`, `not_by`, `notify` and `to` name them."""

    roles: frozenset[str] = frozenset()
    paths: tuple[PathParts, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.roles or self.paths)


NOBODY = Parties()


def parse_parties(portal: Portal, regime: str, written: Iterable[str]) -> Parties:
    """Read the words of `by` and its like; role names are looked up from `regime`."""
    roles: set[str] = set()
    paths: list[PathParts] = []
    for word in written:
        if word.startswith(ROLE):
            name = word.removeprefix(ROLE)
            found = portal.find(Role, name, regime)
            roles.add(found.full_name if found else name)
        else:
            paths.append(tuple(word.split(".")))
    return Parties(frozenset(roles), tuple(paths))


def includes(parties: Parties, actor: Actor, facts: Mapping[str, object]) -> bool:
    """Whether the actor has one of the roles or is a person that one of the paths leads to."""
    if parties.roles & actor.roles:
        return True
    return actor.person_id is not None and actor.person_id in people(parties, facts)


def people(parties: Parties, facts: Mapping[str, object]) -> tuple[int, ...]:
    """Ids of the persons that the paths lead to, each once, in the order written."""
    return tuple(dict.fromkeys(found for path in parties.paths for found in _follow(facts, path)))


def person_at(facts: Mapping[str, object], path: PathParts) -> int | None:
    """Id of the person at the end of a path, or None when a link on the way is empty."""
    return next(_follow(facts, path), None)


def _follow(value: object, path: PathParts) -> Iterator[int]:
    """Links to several records fan out; an empty link leads to nobody."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _follow(item, path)
    elif path:
        yield from _follow(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else ()
    else:
        found = link_id(value)
        if found is not None:
            yield found
