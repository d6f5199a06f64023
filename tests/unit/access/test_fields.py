"""Hidden, read-only and masked fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import (
    ANONYMOUS,
    Actor,
    Policy,
    hidden_fields,
    logs_reading,
    mask_value,
    masked_fields,
    read_only_fields,
)
from app.access.masks import Mask

CHECK = {"check", "check_checklist", "check_score", "check_grade", "check_passed"}


def actor(*roles: str) -> Actor:
    return Actor(person_id=7, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "hidden"),
    [
        (("hider",), {"level", *CHECK}),
        (("blinker",), {"level", "title"}),
        (("hider", "blinker"), {"level"}),
        (("hider", "everyone"), set()),
        (("hider", "unrelated"), {"level", *CHECK}),
        (("hider", "writer"), {"level", *CHECK}),
        (("hider", "administrator"), set()),
        ((), set()),
    ],
    ids=["one", "other", "both", "one-sees", "unrelated-role", "only-writes", "administrator", "none"],
)
def test_hidden_only_if_every_reading_role_hides(
    policy: Policy, roles: tuple[str, ...], hidden: set[str]
) -> None:
    """One role that may read the type and does not hide the field is enough to see it."""
    assert hidden_fields(policy, actor(*roles), "slip") == hidden


@pytest.mark.parametrize(
    ("roles", "read_only"),
    [
        (("hider",), {"title", "level", *CHECK}),
        (("hider", "everyone"), set()),
        (("hider", "blinker"), {"level"}),
        (("administrator",), set()),
    ],
    ids=["hidden-too", "other-role-writes", "hidden-by-both", "administrator"],
)
def test_read_only(policy: Policy, roles: tuple[str, ...], read_only: set[str]) -> None:
    """Hidden fields are never writable; a read-only field is when another role lets write it."""
    assert read_only_fields(policy, actor(*roles), "slip") == read_only


def test_public_form_has_only_its_fields(policy: Policy) -> None:
    """Nobody in particular sees and writes just what `public.fields` lists."""
    hidden = hidden_fields(policy, ANONYMOUS, "intake")
    assert "handler" in hidden
    assert "words" not in hidden
    assert read_only_fields(policy, ANONYMOUS, "intake") == hidden


def test_masks_follow_the_right_to_write(policy: Policy) -> None:
    """Whoever may change the value on this record sees it; read-only or other people's stay masked."""
    clerk = actor("clerk")
    assert masked_fields(policy, clerk, "person") == {"phone": "phone", "id_number": "id"}
    assert masked_fields(policy, clerk, "person", {"id": 7}) == {"id_number": "id"}
    assert masked_fields(policy, clerk, "person", {"id": 8}) == {"phone": "phone", "id_number": "id"}
    assert masked_fields(policy, actor("administrator"), "person") == {}
    assert masked_fields(policy, actor("everyone"), "slip") == {}
    assert masked_fields(policy, clerk, "ghost") == {}


def test_reading_is_logged_where_it_matters(policy: Policy) -> None:
    """Opening a confidential record leaves a trace, opening an ordinary one does not."""
    assert logs_reading(policy, "memo")
    assert not logs_reading(policy, "slip")
    assert not logs_reading(policy, "ghost")


@pytest.mark.parametrize("name", ["hidden_fields", "read_only_fields"])
def test_unknown_type_has_no_fields(policy: Policy, name: str) -> None:
    """A type that is not served has nothing to hide."""
    ask = {"hidden_fields": hidden_fields, "read_only_fields": read_only_fields}[name]
    assert ask(policy, actor("hider"), "ghost") == frozenset()


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "1234", "**34"),
        ("id", "110101199003071234", "110*************34"),
        ("card", "6222020200001234567", "***************4567"),
        ("all", "anything", "******"),
        ("all", "x", "******"),
        ("phone", "", ""),
        ("id", None, None),
        ("card", "1", "*"),
    ],
)
def test_mask(kind: Mask, value: str | None, shown: str | None) -> None:
    """Each mask leaves just what helps to recognise the value."""
    assert mask_value(kind, value) == shown


@given(st.sampled_from(["phone", "id", "card", "all"]), st.text(min_size=1))
def test_at_least_a_third_is_hidden(kind: Mask, value: str) -> None:
    """However short a value is, no mask shows more than two thirds of it."""
    shown = mask_value(kind, value)
    assert shown is not None
    readable = sum(1 for mark, original in zip(shown, value, strict=False) if mark == original != "*")
    assert kind == "all" or readable <= len(value) * 2 // 3
