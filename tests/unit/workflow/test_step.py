"""Transitions: who may make them, what stands in the way, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.access import ANONYMOUS, SYSTEM, Actor, Policy
from app.release import Release
from app.source import ConfigError
from app.workflow import (
    Assess,
    CreateRecord,
    Machine,
    MakeTask,
    MoveLinked,
    Notify,
    Print,
    Revoke,
    SetFields,
    TransitionRefused,
    advance,
    available,
    compile_workflow,
    is_empty,
    is_locked,
    plain,
)

NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)
HR = Actor(person_id=1, roles=frozenset({"hr"}))
ADDRESSEE = Actor(person_id=7)
SUPERIOR = Actor(person_id=8)
HEAD = Actor(person_id=9, roles=frozenset({"head"}), unit_id=10)
ADMINISTRATOR = Actor(person_id=2, roles=frozenset({"administrator"}))


def slip(state: str = "drafted", **changes: Any) -> dict[str, object]:
    """Facts of a slip to person 7, whose superior is 8, in unit 10, whose head is 9."""
    facts: dict[str, object] = {
        "id": 3,
        "state": state,
        "created_by": 30,
        "addressee": {"id": 7, "superior": {"id": 8}},
        "witnesses": [{"id": 20}, {"id": 7}],
        "unit": {"id": 10, "head": {"id": 9}},
        "level": "fault",
        "due": date(2026, 10, 5),
        "result": "done",
        "finding": {"id": 5, "measures": True, "educated": True},
        "now": NOW,
    }
    return facts | changes


def refused(machine: Machine, policy: Policy, event: str, facts: dict[str, object], actor: Actor) -> str:
    with pytest.raises(TransitionRefused) as caught:
        advance(machine, policy, event, facts, actor)
    return caught.value.message()


@pytest.mark.parametrize(
    ("state", "actor", "expected"),
    [
        ("drafted", HR, ["issue"]),
        ("drafted", ADDRESSEE, []),
        ("issued", ADDRESSEE, ["answer"]),
        ("issued", SUPERIOR, ["answer"]),
        ("issued", HEAD, ["answer"]),
        ("issued", HR, ["seal"]),
        ("issued", ANONYMOUS, []),
        ("answered", HR, ["close", "reopen"]),
        ("answered", Actor(person_id=7, roles=frozenset({"hr"})), ["reopen"]),
        ("answered", ADMINISTRATOR, ["close", "reopen"]),
        ("closed", ADMINISTRATOR, []),
        (None, ADMINISTRATOR, []),
    ],
)
def test_available(machine: Machine, policy: Policy, state: str, actor: Actor, expected: list[str]) -> None:
    """By state, by the words of `by` or a role's grant, and never to somebody in `not_by`."""
    assert [option.name for option in available(machine, policy, slip(state), actor)] == expected


@pytest.mark.parametrize("role", ["hr", "administrator"])
def test_duties_are_kept_apart_between_accounts_of_nobody(
    machine: Machine, policy: Policy, role: str
) -> None:
    """Where an account of nobody made the record, an account of nobody may be the one that is kept out; a
    field that is merely empty keeps out no one."""
    held = frozenset({role})
    nobody, somebody = Actor(account_id=5, roles=held), Actor(account_id=6, person_id=99, roles=held)
    unnamed, named = slip("answered", created_by=None), slip("answered")
    for facts, actor, expected in (
        (unnamed, nobody, ["reopen"]),
        (unnamed, somebody, ["close", "reopen"]),
        (named, nobody, ["close", "reopen"]),
        (slip("answered", addressee=None), nobody, ["close", "reopen"]),
    ):
        assert [option.name for option in available(machine, policy, facts, actor)] == expected
    assert "by somebody else" in refused(machine, policy, "close", unnamed, nobody)


def test_grant_counts_only_on_its_rows(machine: Machine, policy: Policy) -> None:
    """The head may answer for the own unit, not for another."""
    elsewhere = slip("issued", unit={"id": 11})
    assert available(machine, policy, elsewhere, HEAD) == ()
    message = refused(machine, policy, "answer", elsewhere, HEAD)
    assert message == "this record of '反馈单' is not among the rows that your roles grant: answer unit"


def test_closed_guard_is_shown_with_its_words(machine: Machine, policy: Policy) -> None:
    """A transition that is mine but not ready says why, in the regulation's own words, braces and all."""
    facts = slip("answered", finding={"id": 5, "measures": True, "educated": None})
    options = {option.name: option for option in available(machine, policy, facts, HR)}
    assert not options["close"].ready
    assert options["close"].refusal is not None
    assert options["close"].refusal.message() == "三不放过条件未全部满足 {100 %}"
    assert refused(machine, policy, "close", facts, HR) == "三不放过条件未全部满足 {100 %}"


def test_empty_guard_is_not_true(machine: Machine, policy: Policy) -> None:
    """`not` of an empty value is empty: the transition is refused with its condition."""
    facts = slip("answered", finding={"id": 5, "educated": None})
    assert refused(machine, policy, "reopen", facts, HR) == (
        "the condition of '重开' is not met: not finding.educated"
    )


def test_required_fields_are_named(machine: Machine, policy: Policy) -> None:
    """What is missing is listed by field and said by label; what will be asked for is no obstacle yet."""
    with pytest.raises(TransitionRefused) as caught:
        advance(machine, policy, "issue", slip(due=None), HR)
    assert caught.value.missing == ("due",)
    assert caught.value.message() == "fill in first: 期限"
    (option,) = available(machine, policy, slip("issued", result=None), ADDRESSEE)
    assert option.ready
    assert "结果" in refused(machine, policy, "answer", slip("issued", result=" ".strip()), ADDRESSEE)


@pytest.mark.parametrize(
    ("event", "facts", "actor", "words"),
    [
        ("fly", slip(), HR, "there is no transition 'fly'"),
        ("close", slip("issued"), HR, "'关闭' is not possible in the state '已下达'"),
        ("close", slip(None), HR, "'关闭' is not possible in the state 'None'"),  # type: ignore[arg-type]
        ("issue", slip(), ADDRESSEE, "none of your roles grants 'issue' on '反馈单'"),
        ("issue", slip(), ANONYMOUS, "log in first"),
        ("expire", slip("issued"), HR, "'expire' is made by the clock, not by hand"),
        ("expire", slip("issued"), ADMINISTRATOR, "'expire' is made by the clock, not by hand"),
        (
            "close",
            slip("answered"),
            Actor(person_id=7, roles=frozenset({"administrator"})),
            "'关闭' must be made by somebody else: duties are kept apart",
        ),
        (
            "vote",
            slip("issued"),
            HR,
            "this portal does not serve transitions that several people approve yet",
        ),
    ],
    ids=["unknown", "state", "no-state", "no-right", "nobody", "clock", "clock-admin", "not-by", "approve"],
)
def test_refusals(
    machine: Machine, policy: Policy, event: str, facts: dict[str, object], actor: Actor, words: str
) -> None:
    """Each refusal has words of its own."""
    assert refused(machine, policy, event, facts, actor) == words


def test_rights_are_judged_by_what_is_stored(machine: Machine, policy: Policy) -> None:
    """Nobody becomes the addressee by writing himself into the form of the transition."""
    stored = slip("issued")
    posted = slip("issued", addressee={"id": 66})
    with pytest.raises(TransitionRefused):
        advance(machine, policy, "answer", posted, Actor(person_id=66), before=stored)
    assert advance(machine, policy, "answer", posted, ADDRESSEE, before=stored).after == "answered"


def test_effects_of_issue(machine: Machine, policy: Policy) -> None:
    """Persons come once each and in order; an effect whose `when` fails is left out."""
    step = advance(machine, policy, "issue", slip(), HR)
    assert (step.before, step.after) == ("drafted", "issued")
    assert step.outcomes == (
        Notify((7, 8, 20), frozenset({"hr"}), "issued"),
        MakeTask("反馈", (7,), frozenset(), "3 days"),
    )
    grave = advance(machine, policy, "issue", slip(level="serious_fault"), HR)
    assert grave.outcomes[-1] == Notify((9,), frozenset(), None)


def test_set_takes_values_and_expressions(machine: Machine, policy: Policy) -> None:
    """An option written bare is that option; `now` is the moment of the transition."""
    step = advance(machine, policy, "answer", slip("issued"), SUPERIOR)
    assert step.outcomes == (SetFields({"answered_at": NOW, "level": "fault"}),)


def test_clock_assesses(machine: Machine, policy: Policy) -> None:
    """The portal itself makes timed transitions; facts of the case come from `with`."""
    step = advance(machine, policy, "expire", slip("issued", level="serious_fault"), SYSTEM)
    assert step.outcomes == (
        Assess("conduct", "serious_fault", 7, True, {"found_by": "patrol", "loss": True}),
        Assess("conduct", "serious_fault", 8, False, {}),
        Revoke("conduct"),
    )


def test_nobody_to_assess(machine: Machine, policy: Policy) -> None:
    """A person path that leads nowhere assesses nobody; the transition is made all the same."""
    step = advance(machine, policy, "expire", slip("issued", addressee={"id": 7}), SYSTEM)
    assert [type(found) for found in step.outcomes] == [Assess, Revoke]


def test_create_and_move(machine: Machine, policy: Policy) -> None:
    """Another record is made with its values, and the linked one moves by its own workflow."""
    step = advance(machine, policy, "close", slip("answered"), HR)
    assert step.outcomes == (
        CreateRecord("finding", {"measures": True, "educated": True}),
        CreateRecord("slip", {"addressee": 8, "witnesses": (20, 7)}),
        Print("r.sheet"),
        MoveLinked("finding", 5, "close"),
    )


def test_unserved_effect_is_refused(machine: Machine, policy: Policy) -> None:
    """An effect without an engine refuses the whole transition and names its line."""
    words = refused(machine, policy, "seal", slip("issued"), HR)
    assert words.startswith(
        "this portal does not serve an effect of this transition yet (config/portal.yaml:"
    )


def test_paths_name_what_must_be_loaded(machine: Machine) -> None:
    """Guards, parties, requirements and formulas are all found among the paths."""
    assert {
        ("finding", "measures"),
        ("finding", "educated"),
        ("addressee", "superior"),
        ("unit", "head"),
        ("witnesses",),
        ("due",),
        ("level",),
        ("now",),
    } <= machine.paths


def test_locked(machine: Machine, release: Release) -> None:
    """A locked state forbids edits; a type without a workflow has none."""
    assert is_locked(machine, slip("closed"))
    assert not is_locked(machine, slip("issued"))
    assert not is_locked(machine, slip("from another release"))
    assert not is_locked(None, slip("closed"))
    assert compile_workflow(release, release.records["unit"]) is None


@pytest.mark.parametrize(
    ("value", "empty"),
    [(None, True), ("", True), ((), True), ([], True), ({}, True), (0, False), (False, False), ("x", False)],
)
def test_empty(value: object, empty: bool) -> None:
    """No and zero are answers; nothing, and nothing chosen, are not."""
    assert is_empty(value) == empty


def test_fault_in_a_guard_stops_the_release(release: Release) -> None:
    """A guard that slipped past the check is refused when the workflow is compiled."""
    record = release.records["finding"]
    assert record.workflow is not None
    broken = record.workflow.transitions["close"].model_copy(update={"when": "ghost"})
    workflow = record.workflow.model_copy(update={"transitions": {"close": broken}})
    with pytest.raises(ConfigError):
        compile_workflow(release, replace(record, workflow=workflow))


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({"id": 3, "title": "x"}, 3),
        ([{"id": 3}, {"id": 4}], (3, 4)),
        ({"lat": 1.0, "lon": 2.0}, {"lat": 1.0, "lon": 2.0}),
        (("low", "high"), ("low", "high")),
        (None, None),
        (5, 5),
    ],
)
def test_plain(value: object, stored: object) -> None:
    """Links become ids; everything else stays as it is."""
    assert plain(value) == stored
