"""Actors of a site, for code that runs inside a request without signing in."""

from __future__ import annotations

from app.access import Actor
from tests.support.clients import Site


def root_actor(site: Site) -> Actor:
    """The administrator of a site."""
    return Actor(person_id=site.people["root"], name="root", roles=frozenset({"administrator"}))
