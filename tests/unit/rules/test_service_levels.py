"""Service levels made ready: what they read, what is still wrong with them."""

from __future__ import annotations

from textwrap import indent

import pytest

from app.rules.service_levels import compile_service_level, compile_service_levels
from app.source import ConfigError
from tests.support.complaints import level_of, portal_of


def test_a_level_names_all_that_it_reads() -> None:
    """Conditions, marks, agreed dates, and the state: the caller loads these for every version."""
    level = level_of("""
        from: received_at
        to: [resolved_at, {state: closed}]
        pause: state == 'waiting'
        when: handler.unit.kind == 'restaurant'
        within: [{when: urgent, time: agreed_date, at_most: 2 days, beyond: over_reason != None}, {time: ~}]
    """)
    assert {".".join(path) for path in level.paths} == {
        "received_at",
        "resolved_at",
        "state",
        "handler.unit.kind",
        "urgent",
        "agreed_date",
        "over_reason",
    }
    assert (level.record, level.finals, level.first_state) == (
        "house.complaint",
        {"closed", "rejected"},
        "received",
    )
    assert [str(mark.label) for mark in level.ends] == ["解决时间", "已关闭"]


def test_steps_have_names_of_their_own() -> None:
    """Warnings and escalations, in the order written."""
    level = level_of(
        "from: received_at\nto: resolved_at\nwithin: [{time: 2 days}]\n"
        "warn: [50 %, 80 %]\nescalate: [{at: missed, notify: [handler]}]"
    )
    assert [(step.key, step.text) for step in level.steps] == [
        ("warn[0]", "50 %"),
        ("warn[1]", "80 %"),
        ("escalate[0]", "missed"),
    ]


def test_only_what_is_served_is_compiled() -> None:
    """By full name."""
    levels = compile_service_levels(
        portal_of("one: {of: complaint, from: received_at, to: resolved_at, within: [{time: 2 days}]}")
    )
    assert list(levels) == ["house.one"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("from: received_at\nwithin: [{time: soon enough}]", "DUR001"),
        ("from: received_at\nwithin: [{time: 2 days}]\nwarn: [soon]", "SLA002"),
        ("from: received_at\nwithin: [{when: urgnt, time: 2 days}]", "EXPR003"),
        ("from: received_at\npause: state == 'lost'\nwithin: [{time: 2 days}]", "EXPR007"),
        ("from: received_at\ndone: category > 3\nwithin: [{time: 2 days}]", "EXPR006"),
    ],
)
def test_what_is_wrong_is_said_all_at_once(body: str, code: str) -> None:
    """As `check` says it."""
    portal = portal_of("answer:\n  of: complaint\n" + indent(body, "  "))
    with pytest.raises(ConfigError) as refused:
        compile_service_level(portal, portal.service_levels["house.answer"])
    assert [one.code for one in refused.value.diagnostics] == [code]
