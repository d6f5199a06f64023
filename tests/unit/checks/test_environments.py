"""What can be named where: the same answer for the check and for those who compile expressions."""

from __future__ import annotations

import pytest

from app.checks.environments import (
    PortalSchema,
    bare_environment,
    checklist_environment,
    line_environment,
    parameter_type,
    penalty_environment,
    record_environment,
    record_types,
    rows_environment,
)
from app.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    NUMBER,
    PERIOD,
    TEXT,
    TIME,
    ChoiceType,
    Environment,
    LinesType,
    LinksType,
    LinkType,
    compile_expression,
)
from app.source import Span
from app.spec.decode import load_portal
from app.spec.field_types import FIELD_TYPES
from app.spec.portal import Portal
from app.spec.records import FieldSpec, RecordType
from tests.support.configurations import GOOD


@pytest.fixture(scope="module")
def portal() -> Portal:
    """The rich configuration."""
    found, _ = load_portal(GOOD / "rich")
    assert found is not None
    return found


def known(env: Environment, text: str) -> bool:
    """Whether an expression can be compiled there."""
    return compile_expression(text, Span("f"), env)[0] is not None


def test_fields_have_the_types_of_their_declaration(portal: Portal) -> None:
    """Choices know their options and order, links their full target, lines their columns."""
    types = record_types(portal, portal.records["hygiene.inspection"])
    assert types["kind"] == ChoiceType("hygiene.kind", ("routine", "surprise"))
    assert types["unit"] == LinkType("unit") and types["photos"] == LinksType("attachment")
    assert (types["started_at"], types["open_from"], types["guests"]) == (DATETIME, TIME, NUMBER)
    assert (types["total"], types["urgent"], types["remark"]) == (NUMBER, BOOLEAN, TEXT)
    assert (types["score_sheet_score"], types["score_sheet_passed"]) == (NUMBER, BOOLEAN)
    assert types["state"] == ChoiceType("hygiene.inspection.state", ("open", "closed"))
    lines = types["lines"]
    assert isinstance(lines, LinesType) and lines.fields["who"] == LinkType("person")
    level = record_types(portal, portal.records["hygiene.finding"])["level"]
    assert isinstance(level, ChoiceType) and level.ordered


def test_number_and_state_are_there_only_when_they_are_kept(portal: Portal) -> None:
    """A record type without a number or a workflow has neither."""
    training = record_types(portal, portal.records["common.training"])
    assert not {"number", "state"} & training.keys()
    assert {"id", "created_by", "created_at", "changed_by", "changed_at"} <= training.keys()
    assert "number" in record_types(portal, portal.records["hygiene.inspection"])


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_every_field_type_has_a_type(portal: Portal, kind: str) -> None:
    """A new field type cannot be forgotten here."""
    spec = FieldSpec.model_validate({"type": kind, "options": ["a"], "to": "unit", "formula": "1"})
    record = RecordType(fields={"x": spec}).named("r", "")
    assert str(record_types(portal, record)["x"])


def test_names_follow_the_regime(portal: Portal) -> None:
    """A regime sees itself, what it uses, and shared names."""
    hygiene, common = PortalSchema(portal, "hygiene"), PortalSchema(portal, "common")
    assert hygiene.resolve_record("inspection") == "hygiene.inspection"
    assert hygiene.resolve_record("training") == "common.training"
    assert hygiene.resolve_record("person") == "person"
    assert common.resolve_record("inspection") is None
    assert hygiene.fields("nothing") is None


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("unit.head.superior == me", True),
        ("old.guests != guests", True),
        ("this.guests > 3", True),
        ("count(finding, inspection == this) > 0", True),
        ("any(lines, who == me)", True),
        ("started_at < now and started_at + days(3) > now", True),
        ("period", False),
        ("answer('uniform') == 'pass'", False),
        ("level == 'fault'", False),
    ],
)
def test_a_record(portal: Portal, text: str, sound: bool) -> None:
    """Own fields, the record before the save, the moment, other records."""
    assert known(record_environment(portal, portal.records["hygiene.inspection"]), text) is sound


def test_a_choice_of_records_reads_both_sides(portal: Portal) -> None:
    """Bare names are the rows to choose from, `this.` is the record that is edited."""
    finding = portal.records["hygiene.finding"]
    env = record_environment(portal, portal.records["person"], this=record_environment(portal, finding))
    assert known(env, "unit == this.unit and active")
    assert not known(env, "settled") and not known(env, "old.name == name")


def test_a_child_table(portal: Portal) -> None:
    """Its own columns; the record by `this.`."""
    env = line_environment(portal, portal.records["hygiene.inspection"], "lines")
    assert known(env, "what != '' and this.urgent and who == me")
    assert not known(env, "urgent")


def test_a_penalty_schedule(portal: Portal) -> None:
    """Facts, level, offender and unit; what the tariff says only in its formula."""
    schedule = portal.penalty_schedules["hygiene.conduct"]
    env = penalty_environment(portal, schedule)
    assert known(env, "level >= 'fault' and loss > 100 and offender.superior != me and unit.active")
    assert not known(env, "amount > 3")
    assert known(penalty_environment(portal, schedule, amounts=True), "amount * 2 + coalesce(points, 0)")


def test_a_checklist(portal: Portal) -> None:
    """The inspection's fields, the inspected unit and person, the answers and the score."""
    env = checklist_environment(portal, portal.checklists["hygiene.kitchen"])
    assert known(env, "answer('uniform') == 'fail' and answer('fridge') > 8 and score() < 60")
    assert known(env, "answer('shine') >= 'dull' and unit.kind == 'restaurant' and guests > 3")
    assert known(env, "post.kind == 'kitchen' and person.active")
    assert not known(env, "answer('unifrom') == 'fail'")


def test_rows_of_a_report(portal: Portal) -> None:
    """Fields of the rows, the period, parameters, and measures over the rows."""
    record = portal.records["hygiene.inspection"]
    month = portal.reports["hygiene.monthly"].parameters["month"]
    kind = parameter_type(portal, month, "hygiene", "month")
    assert kind == PERIOD
    env = rows_environment(portal, record, "hygiene", {"month": kind})
    assert known(env, "started_at in month and started_at in period")
    assert known(env, "sum(fee) + count()")


def test_nothing_but_the_moment(portal: Portal) -> None:
    """Where no record is at hand."""
    assert bare_environment(portal).names == {"me": LinkType("person"), "now": DATETIME, "today": DATE}
