"""What an administrator types about an account, read and judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.spec.portal import ADMINISTRATOR
from app.web.context import served
from app.web.languages import label
from app.web.sent_numbers import sent_number

SHORTEST_PASSWORD = 10
_USERNAME = re.compile(r"^[^\s/\\<>\"']{1,64}$")
_EMAIL = re.compile(r"^[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}$")


@dataclass(slots=True)
class AccountEntry:
    """The entries of the account form; `errors` is keyed by field."""

    username: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    active: bool = True
    roles: frozenset[str] = frozenset()
    person: int | None = None
    password: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role of the release as the list shows it."""

    name: str
    title: str
    accounts: int
    grants: tuple[tuple[str, str], ...]
    place: str


def read_entry(roles: Iterable[Any], password: bool) -> AccountEntry:
    """What was typed; on a GET an empty entry. `password` says whether one must be given."""
    entry = AccountEntry()
    if request.method != "POST":
        return entry
    form = request.form
    known = {role.name for role in roles}
    entry.username, entry.email = _typed("username"), _typed("email")
    entry.first_name, entry.last_name = _typed("first_name")[:64], _typed("last_name")[:64]
    entry.active = bool(form.get("active"))
    entry.roles = frozenset(form.getlist("roles")) & known
    entry.person = sent_number(form.get("person", ""))
    if not _USERNAME.match(entry.username):
        entry.errors["username"] = [_("1 to 64 characters, without blanks, quotes and slashes.")]
    if not _EMAIL.match(entry.email):
        entry.errors["email"] = [_("Please enter an e-mail address.")]
    if not entry.roles:
        entry.errors["roles"] = [_("Choose at least one role.")]
    if password:
        entry.password = form.get("password", "")
        faults = password_faults(entry.password, form.get("again", ""), entry.username)
        if faults:
            entry.errors["password"] = faults
    return entry


def _typed(name: str) -> str:
    """A text of the form, without the character that no database keeps."""
    return request.form.get(name, "").replace("\0", "").strip()


def password_faults(password: str, again: str, username: str) -> list[str]:
    """Why `password` is not taken: length before rules, as NIST SP 800-63B advises."""
    faults = []
    if len(password) < SHORTEST_PASSWORD:
        faults.append(_("At least %(n)s characters.", n=SHORTEST_PASSWORD))
    if len(set(password)) < 4 or (username and username.lower() in password.lower()):
        faults.append(_("Too easy to guess."))
    if password != again:
        faults.append(_("The two entries differ."))
    return faults


def role_title(name: str) -> str:
    """The role's words in the request's language."""
    if name == ADMINISTRATOR and name not in served().policy.role_titles:
        return str(_("Administrator"))
    return label(served().policy.role_titles.get(name, name))


def role_rows(counts: Mapping[str, int]) -> list[RoleRow]:
    """The release's roles with what each grants, in the YAML's own words, and how many accounts hold it."""
    here = served()
    found = []
    for name in sorted({ADMINISTRATOR, *here.policy.role_titles}):
        declared = here.release.portal.roles.get(name)
        grants = tuple(
            (label(access.record.label), ", ".join(dict.fromkeys(rule.text for rule in lines)))
            for access in here.policy.types.values()
            if (lines := [rule for rules in access.rules.values() for rule in rules if rule.role == name])
        )
        place = str(declared.span) if declared is not None else ""
        found.append(RoleRow(name, role_title(name), counts.get(name, 0), grants, place))
    return found


def facts_of(user: Any) -> dict[str, object]:
    """An account as the audit log keeps it."""
    names = ("username", "first_name", "last_name", "email", "active")
    roles = sorted(role.name for role in user.roles)
    return {**{name: getattr(user, name) for name in names}, "roles": ", ".join(roles)}
