# ruff: noqa: E501 -- rows of YAML read best on one line
"""What `check` finds in service levels, beyond names that do not exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.checks import run_checks
from tests.support.complaints import portal_of

BASE = "of: complaint, from: received_at"
OWN = {"SLA001", "SLA002", "SLA003", "SLA005", "SLA006", "SLA007", "EXM001", "EXPR003", "REF003", "REF010"}


@pytest.mark.parametrize(
    ("level", "codes"),
    [
        ("{of: complaint, from: received_at, within: [{time: 2 days}]}", []),
        ("{of: task, from: created_at, within: [{time: 2 days}]}", []),
        ("{of: unit, from: created_at, within: [{time: 2 days}]}", ["SLA005"]),
        (f"{{{BASE}, to: {{state: closed, last: true}}, within: [{{time: 2 days}}]}}", ["SLA005"]),
        (f"{{{BASE}, to: [resolved_at, told_at], within: [{{time: 2 days}}]}}", ["REF003"]),
        (f"{{{BASE}, to: [resolved_at, {{state: lost}}], within: [{{time: 2 days}}]}}", ["REF010"]),
        (f"{{{BASE}, to: [resolved_at, category], within: [{{time: 2 days}}]}}", ["SLA001"]),
        (f"{{{BASE}, within: [{{time: 2 days, beyond: urgent}}]}}", ["SLA005"]),
        (f"{{{BASE}, within: [{{time: agreed_date, at_most: 3 days, beyond: urgent}}]}}", []),
        (f"{{{BASE}, within: [{{time: agreed_date, at_most: 3 days, beyond: urgnt}}]}}", ["EXPR003"]),
        (f"{{{BASE}, done: urgnt, within: [{{time: 2 days}}]}}", ["EXPR003"]),
        (f"{{{BASE}, within: [{{time: 2 days}}], warn: [missed - 2 hours, missed - 2 hous]}}", ["SLA002"]),
        (f"{{{BASE}, pause: today > agreed_date, within: [{{time: 2 days}}]}}", ["SLA007"]),
        ("{of: complaint, from: opens_at, before: opens_at, within: [{time: 1 hour}], warn: 80 %}", ["SLA007"]),
        ("{of: complaint, from: received_at, before: opens_at, within: [{time: 1 hour}], warn: 80 %}", []),
        (f"{{{BASE}, within: [{{time: 1 hour}}], examples: [{{given: {{recieved_at: ~}}, expect: {{due: ~}}}}]}}", ["EXM001"]),
        (f"{{{BASE}, within: [{{time: 1 hour}}], examples: [{{given: {{now: ~}}, expect: {{dew: ~}}}}]}}", ["EXM001"]),
        (f"{{{BASE}, within: [{{time: 1 hour}}], examples: [{{given: {{handler.unit: ~}}, expect: {{due: ~}}}}]}}", []),
    ],
)  # fmt: skip
def test_service_levels(level: str, codes: list[str]) -> None:
    """Each mistake by its code, and nothing where there is none."""
    found = run_checks(portal_of(f"answer: {level}"))
    assert [one.code for one in found if one.code in OWN and "levels.yaml" in one.span.file] == codes


@pytest.mark.parametrize(
    ("time", "codes"), [("4 working hours", ["SLA006"]), ("next working day", ["SLA006"]), ("4 hours", [])]
)
def test_working_time_wants_a_calendar(time: str, codes: list[str]) -> None:
    """Of the service level or of the portal."""
    portal = portal_of(f"answer: {{{BASE}, within: [{{time: {time}}}]}}")
    settings = portal.settings.model_copy(update={"calendar": None})
    bare = replace(portal, settings=settings)
    for one, expected in ((portal, []), (bare, codes)):
        assert [found.code for found in run_checks(one) if found.code == "SLA006"] == expected
