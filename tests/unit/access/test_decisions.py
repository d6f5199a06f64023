"""Who may do what: the matrix of roles, types, verbs and rows, and the words of the answers."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access import (
    ANONYMOUS,
    SYSTEM,
    AccessDenied,
    Actor,
    Policy,
    compile_policy,
    decide,
    in_scope,
    may_see_type,
    row_scope,
)
from app.release import Release
from app.source import ConfigError
from app.spec.portal_settings import Grant, Role

ME, MY_UNIT, BELOW, ELSEWHERE = 7, 10, 11, 99
TYPES = ("slip", "memo", "person", "unit")
VERBS = ("create", "read", "update", "delete", "print", "export", "import", "answer")
ROLES = ("everyone", "own", "unit", "subtree", "condition", "both", "hider", "writer", "unrelated", "clerk")

GRANTS = {
    ("everyone", "slip"): {"read": ("all",), "update": ("all",), "delete": ("all",)},
    ("everyone", "memo"): {"read": ("all",)},
    ("everyone", "person"): {"read": ("all",)},
    ("everyone", "unit"): {"read": ("all",)},
    ("own", "slip"): {"read": ("own",), "update": ("own",), "create": ("own",)},
    ("own", "memo"): {"read": ("own",)},
    ("own", "person"): {"read": ("own",)},
    ("unit", "slip"): {"read": ("unit",), "create": ("unit",)},
    ("unit", "memo"): {"read": ("unit",)},
    ("unit", "person"): {"read": ("unit",)},
    ("unit", "unit"): {"read": ("unit",)},
    ("subtree", "slip"): {"read": ("subtree",), "answer": ("subtree",)},
    ("subtree", "person"): {"read": ("subtree",)},
    ("subtree", "unit"): {"read": ("subtree",)},
    ("condition", "slip"): {"read": ("high and open",)},
    ("condition", "memo"): {"read": ("owner is me",)},
    ("both", "slip"): {"read": ("own", "low in my unit")},
    ("hider", "slip"): {"read": ("all",), "update": ("all",)},
    ("writer", "slip"): {"update": ("all",), "create": ("all",)},
    ("unrelated", "memo"): {"print": ("all",)},
    ("clerk", "person"): {"read": ("all",), "update": ("own",)},
}
"""The same grants as in the configuration, in the words of `_meant`."""


def actor(*roles: str) -> Actor:
    """Person 7 of unit 10, which has unit 11 below it."""
    return Actor(
        person_id=ME,
        account_id=3,
        name="Li",
        roles=frozenset(roles),
        unit_id=MY_UNIT,
        subtree=frozenset({MY_UNIT, BELOW}),
    )


def row(
    record_type: str, unit: int | None, person: int | None, author: int | None, low: bool
) -> dict[str, object]:
    """Facts of one record; links are ids or mappings, as loaders give them."""
    if record_type == "unit":
        return {"id": unit, "created_by": author, "me": ME}
    facts: dict[str, object] = {
        "id": person if record_type == "person" else 1,
        "created_by": author,
        "unit": None if unit is None else {"id": unit},
        "addressee": person,
        "owner": person,
        "level": "low" if low else "high",
        "secret": low,
        "me": {"id": ME},
    }
    return facts


def _meant(words: str, record_type: str, facts: dict[str, object]) -> bool:
    unit = facts["id"] if record_type == "unit" else (facts["unit"] or {}).get("id")  # type: ignore[attr-defined]
    owned = {"slip": "addressee", "person": "id"}.get(record_type)
    match words:
        case "all":
            return True
        case "own":
            return facts["created_by"] == ME or (owned is not None and facts[owned] == ME)
        case "unit":
            return record_type != "memo" and unit == MY_UNIT
        case "subtree":
            return unit in (MY_UNIT, BELOW)
        case "high and open":
            return facts["level"] == "high" and facts["secret"] is False
        case "owner is me":
            return facts["owner"] == ME
        case "low in my unit":
            return facts["level"] == "low" and unit == MY_UNIT
        case _:
            raise AssertionError(words)


ROWS = tuple(product((MY_UNIT, BELOW, ELSEWHERE, None), (ME, 8, None), (ME, 9), (True, False)))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("record_type", TYPES)
def test_matrix(policy: Policy, role: str, record_type: str) -> None:
    """Every role, type, verb and kind of row gets the answer that the configuration means."""
    granted = GRANTS.get((role, record_type), {})
    for verb, values in product(VERBS, ROWS):
        facts = row(record_type, *values)
        expected = any(_meant(words, record_type, facts) for words in granted.get(verb, ()))
        decision = decide(policy, actor(role), verb, record_type, facts)
        assert decision.allowed == expected, (role, record_type, verb, values)
        scope = row_scope(policy, actor(role), verb, record_type)
        assert in_scope(scope, policy.types[record_type].record, actor(role), facts) == expected


@settings(deadline=None)
@given(
    roles=st.sets(st.sampled_from(ROLES), max_size=4),
    record_type=st.sampled_from(TYPES),
    verb=st.sampled_from(VERBS),
    values=st.sampled_from(ROWS),
)
def test_more_roles_never_take_away(
    policy: Policy, roles: set[str], record_type: str, verb: str, values: tuple[int, int, int, bool]
) -> None:
    """What several roles grant together is exactly the union of what each grants alone."""
    facts = row(record_type, *values)
    alone = [decide(policy, actor(role), verb, record_type, facts).allowed for role in roles]
    assert decide(policy, actor(*roles), verb, record_type, facts).allowed == any(alone)


@pytest.mark.parametrize("record_type", TYPES)
@pytest.mark.parametrize("verb", VERBS)
def test_administrator_and_system_may_everything(policy: Policy, record_type: str, verb: str) -> None:
    """The administrator and the portal itself are never limited; somebody without roles always is."""
    facts = row(record_type, ELSEWHERE, 8, 9, True)
    assert decide(policy, actor("administrator"), verb, record_type, facts).allowed
    assert decide(policy, SYSTEM, verb, record_type, facts).allowed
    assert not decide(policy, actor(), verb, record_type, facts).allowed
    assert not decide(policy, ANONYMOUS, verb, record_type, facts).allowed


def test_administrator_role_of_nobody_counts_nothing(policy: Policy) -> None:
    """An anonymous actor stays anonymous whatever roles are claimed for it."""
    impostor = Actor(kind="anonymous", roles=frozenset({"administrator", "everyone"}))
    assert not decide(policy, impostor, "read", "slip").allowed
    assert not may_see_type(policy, impostor, "slip")


def test_public_intake(policy: Policy) -> None:
    """A public type may be created by anybody and read by nobody without a role."""
    assert decide(policy, ANONYMOUS, "create", "intake").allowed
    assert not decide(policy, ANONYMOUS, "read", "intake").allowed
    assert not decide(policy, actor(), "create", "intake").allowed


def test_conditions_of_a_scope(policy: Policy) -> None:
    """The conditions that a loader must prepare for are all there, also those on rows of a kind."""
    scope = row_scope(policy, actor("both", "condition"), "read", "slip")
    assert sorted(found.source for found in scope.conditions) == [
        "level == 'low'",
        "level >= 'high' and not secret",
    ]
    assert row_scope(policy, actor("both", "everyone"), "read", "slip").conditions == ()


def test_unknown_type_is_refused(policy: Policy) -> None:
    """A type that is not served is refused to everybody, the administrator included."""
    decision = decide(policy, actor("administrator"), "read", "ghost")
    assert (decision.allowed, decision.reason()) == (False, "there is no record type 'ghost'")
    assert row_scope(policy, actor("administrator"), "read", "ghost").nothing


def test_reason_quotes_the_granting_line(policy: Policy) -> None:
    """The answer names the role, the words of the grant, and the line where it is written."""
    decision = decide(policy, actor("own"), "update", "slip", row("slip", None, ME, 9, True))
    assert decision.span is not None
    assert (decision.span.file, decision.span.line) == ("config/portal.yaml", 7)
    assert decision.reason() == f"the role '本人' grants 'update own' ({decision.span})"


def test_reason_of_a_refusal(policy: Policy) -> None:
    """A refusal tells whether nothing grants the verb or only other rows are granted."""
    none = decide(policy, actor("own"), "delete", "slip")
    assert none.reason() == "none of your roles grants 'delete' on '反馈单'"
    assert none.span is None
    other = decide(policy, actor("own"), "update", "slip", row("slip", None, 8, 9, True))
    assert other.reason() == "this record of '反馈单' is not among the rows that your roles grant: update own"


def test_reason_can_be_translated(policy: Policy) -> None:
    """The template is translated, the parameters are not."""
    decision = decide(policy, actor(), "delete", "slip")
    assert decision.reason(lambda text: text.replace("none of your roles grants", "没有角色授予")) == (
        "没有角色授予 'delete' on '反馈单'"
    )


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("everyone", {"slip", "memo", "person", "unit"}),
        ("own", {"slip", "memo", "person"}),
        ("writer", set()),
        ("unrelated", set()),
        ("condition", {"slip", "memo"}),
    ],
)
def test_menus(policy: Policy, role: str, seen: set[str]) -> None:
    """A type is named in menus as soon as some rows of it may be read."""
    assert {name for name in TYPES if may_see_type(policy, actor(role), name)} == seen


def test_denial_carries_its_decision(policy: Policy) -> None:
    """The error says in the user's language what the decision says."""
    error = AccessDenied(decide(policy, actor(), "delete", "slip"))
    assert str(error) == error.message() == "none of your roles grants 'delete' on '反馈单'"
    assert error.message(lambda text: "不可以") == "不可以"


def test_fault_in_a_condition_stops_the_release(release: Release) -> None:
    """A row condition that slipped past the check is refused when the policy is compiled, with its place."""
    role = Role(can={"slip": (Grant(verb="read", where="ghost == 1"),)}).named("broken", "")
    portal = replace(release.portal, roles={"broken": role})
    with pytest.raises(ConfigError) as caught:
        compile_policy(replace(release, portal=portal))
    assert [fault.code for fault in caught.value.diagnostics] == ["EXPR003"]


def test_types_of_regimes_switched_off_are_left_out(release: Release) -> None:
    """Grants and hidden fields of a type that is not served are no fault and grant nothing."""
    role = Role(can={"ghost": (Grant(verb="read"),)}, hide={"ghost": ("a",)}).named("early", "")
    policy = compile_policy(replace(release, portal=replace(release.portal, roles={"early": role})))
    assert not any(access.rules or access.hide for access in policy.types.values())


def test_nobody_of_no_unit(policy: Policy) -> None:
    """Without a unit, a record without a unit is not 'my unit'; without a person, nothing is 'own'."""
    homeless = Actor(person_id=None, roles=frozenset({"own", "unit", "subtree"}))
    assert not decide(policy, homeless, "read", "slip", row("slip", None, None, None, True)).allowed
