"""The side menu: groups of record types that the roles may read, worked out once per release and role set."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from app.access import Actor, may_see_type
from app.actions.offered_data_reports import offered_to
from app.actions.revisions import REVISION
from app.release import RecordModel
from app.source import N_
from app.spec.funds import declared_funds
from app.spec.penalties import PenaltySchedule
from app.storage.duties import DUTY_RUN
from app.storage.fund import FUND_ENTRY
from app.web.addresses import record_address
from app.web.context import Served
from app.web.languages import label, language_tag
from app.web.markup import Entry, menu_entry, menu_group

LAST_GROUPS = ("我的", "处罚", "文书", "组织", "管理")
"""Groups of the built-in types, in the order that they follow the regimes' own."""


@dataclass(frozen=True, slots=True)
class Group:
    """A titled group of entries; an empty label shows no title."""

    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry written twice: for the pages of others and for its own."""

    entry: Entry
    plain: str
    current: str


ADMINISTRATION: tuple[tuple[str, str, str], ...] = (
    (N_("Accounts"), "/accounts/", "person-gear"),
    (N_("Roles"), "/accounts/roles", "shield-check"),
    (N_("Console"), "/console/", "terminal"),
)


def build_menu(served: Served, actor: Actor) -> Markup:
    """The menu for `actor` in the request's language, with the open page marked."""
    key = ("menu", actor.roles, actor.kind, language_tag(), request.script_root)
    groups = served.remember(key, lambda: _written(_groups(served, actor)))
    here = request.script_root + request.path
    return Markup("").join(
        Markup(
            menu_group(
                label, [line.current if _holds(line.entry.href, here) else line.plain for line in lines]
            )
        )
        for label, lines in groups
    )


def _written(groups: tuple[Group, ...]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    return tuple((group.label, tuple(_line(one) for one in group.entries)) for group in groups)


def _line(entry: Entry) -> Line:
    return Line(entry, menu_entry(entry, current=False), menu_entry(entry, current=True))


def _groups(served: Served, actor: Actor) -> tuple[Group, ...]:
    if actor.kind == "anonymous":
        return ()
    found: dict[str, list[Entry]] = {}
    for record in ordered_types(served):
        if may_see_type(served.policy, actor, record.name):
            entry = Entry(label(record.label), record_address(record.name, "list"), record.spec.icon)
            found.setdefault(record.group, []).append(entry)
            if record.name == REVISION:
                studio = Entry(_("Configuration studio"), f"{request.script_root}/studio/", "sliders")
                found[record.group].append(studio)
            if record.name == DUTY_RUN and served.release.duties:
                found[record.group].append(
                    Entry(_("Coverage of duties"), f"{request.script_root}/coverage/", "grid-3x3")
                )
            if record.name == FUND_ENTRY and declared_funds(served.release.portal.served(PenaltySchedule)):
                account = Entry(_("Fund accounts"), f"{request.script_root}/fund/", "wallet2")
                found[record.group].append(account)
    first = [Entry(_("Start page"), f"{request.script_root}/", "house")]
    if offered_to(served.release, served.policy, actor, "period"):
        first.append(Entry(_("Reports"), f"{request.script_root}/reports/", "file-earmark-bar-graph"))
    start = Group("", tuple(first))
    groups = [start, *(Group(label(name), tuple(entries)) for name, entries in found.items())]
    if actor.unlimited:
        own = (Entry(_(text), request.script_root + path, icon) for text, path, icon in ADMINISTRATION)
        groups.append(Group(_("Administration"), tuple(own)))
    return tuple(groups)


def ordered_types(served: Served) -> list[RecordModel]:
    """Record types in menu order: regimes as `portal.regimes` lists them, shared ones, built-in ones."""
    regimes = list(served.release.portal.settings.regimes)

    def rank(record: RecordModel) -> tuple[int, int, int]:
        if record.spec.is_kernel:
            group = LAST_GROUPS.index(record.group) if record.group in LAST_GROUPS else len(LAST_GROUPS)
            return (2, group, 0)
        regime = served.release.portal.regimes.get(record.regime)
        listed = [name.rpartition(".")[2] for name in regime.menu] if regime is not None else []
        place = listed.index(record.spec.name) if record.spec.name in listed else len(listed)
        return (0, regimes.index(record.regime), place) if record.regime in regimes else (1, 0, place)

    return sorted(served.release.records.values(), key=rank)


def _holds(href: str, here: str) -> bool:
    """Whether the entry's pages include the open one; the start page only when it is open itself."""
    if href == f"{request.script_root}/" or not href.endswith("/"):
        return here == href
    return here.startswith(href.removesuffix("list/"))
