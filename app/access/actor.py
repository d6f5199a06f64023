"""Who asks: a person with roles and a place in the organisation, nobody, or the portal itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.spec.portal import ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, as values: nothing here is looked up later.

    person_id: the person that `me` means; account_id: the account that logged in; roles: full names;
    unit_id: the person's unit; subtree: my unit, the units I head, and all below them; headed: units whose
    head I am; above: the units above those and mine. `system` is the portal at work on its own account
    (clocks, imports from the shell).
    """

    kind: Literal["person", "anonymous", "system"] = "person"
    person_id: int | None = None
    account_id: int | None = None
    name: str = ""
    roles: frozenset[str] = frozenset()
    unit_id: int | None = None
    subtree: frozenset[int] = frozenset()
    headed: frozenset[int] = frozenset()
    above: frozenset[int] = frozenset()

    @property
    def unlimited(self) -> bool:
        """Administrators and the portal itself may do everything and see everything."""
        return self.kind == "system" or (self.kind == "person" and ADMINISTRATOR in self.roles)

    @property
    def belongs(self) -> frozenset[int]:
        """The units whose people include me: mine, those that I head, and all above them."""
        own = {self.unit_id} if self.unit_id is not None else set()
        return self.headed | self.above | own


ANONYMOUS = Actor(kind="anonymous")
SYSTEM = Actor(kind="system", name="system")
