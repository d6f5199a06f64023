"""A revision as something to try: its configuration read and compiled, without being in service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import abort

from app.access import Policy, compile_policy
from app.actions import Context
from app.actions.checked import checked
from app.actions.revisions import read_revision
from app.release import Release, compile_release, content_hash
from app.rules.soundness import Configuration
from app.source.recent import Recent
from app.spec.base import Named
from app.spec.portal import Portal
from app.web.context import action_context
from app.web.languages import label

EXAMPLES = "EXM002"
MOST_COMPILED = 3


@dataclass(frozen=True, slots=True)
class Drafted:
    """The revision `id`, called `label`, and what its files say; portal: None while it has faults."""

    id: int
    label: str
    configuration: Configuration
    portal: Portal | None


@dataclass(frozen=True, slots=True)
class DraftRelease:
    """A draft compiled; its number is 0, for it is not stored as a release."""

    release: Release
    policy: Policy


def read_drafted(pk: int) -> Drafted:
    """The revision, which the actor must be allowed to read. Examples that come out otherwise are no reason
    not to try it: that is what one wants to look into. Raises RecordGone."""
    context = action_context()
    found = read_revision(context, pk)
    configuration = checked(context, found.files)
    return Drafted(
        pk, found.record.label, configuration, configuration.decoded.portal if judges(configuration) else None
    )


def judges(configuration: Configuration) -> bool:
    """Whether cases can be judged by it: nothing is wrong, or only some of its examples."""
    return all(one.code == EXAMPLES for one in configuration.faults)


def draft_release(drafted: Drafted) -> DraftRelease:
    """The draft compiled, kept while many look at it; drafted: one with a portal."""
    portal = drafted.portal
    if portal is None:
        abort(404)
    kept: Recent[str, DraftRelease] = action_context().keep("draft releases", lambda: Recent(MOST_COMPILED))

    def make() -> DraftRelease:
        release = compile_release(portal)
        return DraftRelease(release, compile_policy(release))

    return kept.get(content_hash(portal.files), make)


def draft_context(draft: DraftRelease) -> Context:
    """This request's surroundings under the draft, over the tables of the release in service."""
    here = action_context()
    return replace(here, release=draft.release, policy=draft.policy, machines={}, kept={})


def offered(declared: Mapping[str, Named], portal: Portal) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen to try, by the title of its regime: (full name, label)."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, one in declared.items():
        groups.setdefault(one.regime, []).append((name, label(one.label)))
    return [(_regime(portal, regime), found) for regime, found in groups.items()]


def _regime(portal: Portal, name: str) -> str:
    declared = portal.regimes.get(name)
    return label(declared.label) if declared is not None else name


def chosen_of(declared: Iterable[str], name: str) -> str:
    """The name that was asked for; 404 for one that is not declared."""
    if name and name not in declared:
        abort(404)
    return name
