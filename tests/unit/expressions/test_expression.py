"""What a sound expression says of itself, and how it is evaluated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from expression_world import CASE, ENVIRONMENT, GLOBALS, KIND, LEVEL, VALUES, World, compiled, place, sound

from app.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    FUNCTIONS,
    NUMBER,
    TEXT,
    Environment,
    LinkType,
    Signature,
    Type,
    browser_ready,
    check,
    compile_lookup,
    compile_python,
    evaluate,
    evaluate_lookup,
    parse,
    scope_with,
    sql_ready,
)
from app.expressions.types import ANY

WU = {"id": 9, "name": "Wu", "level": "fault", "superior": None}
LI = {"id": 2, "name": "Li", "level": "major_fault", "superior": WU}
PENALTIES: list[dict[str, Any]] = [
    {"offender": LI, "amount": Decimal("20.00"), "level": "fault", "paid": True, "wait": timedelta(hours=3)},
    {"offender": 2, "amount": Decimal("50.10"), "level": "serious_fault", "paid": None, "wait": None},
    {"offender": WU, "amount": None, "level": "minor_fault", "paid": False, "wait": timedelta(hours=4)},
]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("amount + 1", NUMBER),
        ("due - done", DURATION),
        ("seen + days(1)", DATETIME),
        ("3 * hours(2)", DURATION),
        ("took / hours(1)", NUMBER),
        ("working_days(3) + due", DATE),
        ("level", LEVEL),
        ("'a' if flag else kind", KIND),
        ("coalesce(kind, 'a')", KIND),
        ("max(steps, grade)", LEVEL),
        ("avg(penalty, wait)", DURATION),
        ("who.superior", LinkType("person")),
        ("who if flag else None", LinkType("person")),
        ("1 < qty < 5", BOOLEAN),
        ("not title", BOOLEAN),
        ("title", TEXT),
    ],
    ids=str,
)
def test_type(text: str, kind: Type) -> None:
    """The checker knows what every expression gives."""
    assert sound(text).type == kind
    tree, faults = parse(text, place(text))
    assert tree is not None
    assert faults == ()
    assert check(tree, ENVIRONMENT) == (kind, ())


def test_type_of_an_unsound_expression_is_any() -> None:
    """Whoever asks on gets no second fault for the first one."""
    tree, _ = parse("title + 1", place("title + 1"))
    assert tree is not None
    kind, faults = check(tree, ENVIRONMENT)
    assert kind == ANY
    assert [found.code for found in faults] == ["EXPR006"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("who.superior.name == title", {("who", "superior", "name"), ("title",)}),
        ("this.amount > old.amount", {("amount",), ("old", "amount")}),
        ("any(steps, who.age > this.qty)", {("steps",), ("steps", "who", "age"), ("qty",)}),
        ("sum(steps, cost, ok)", {("steps",), ("steps", "cost"), ("steps", "ok")}),
        ("has_role('hr')", {("me", "roles")}),
        ("count(penalty, offender == this.who and given < today) > qty", {("who",), ("today",), ("qty",)}),
        ("who == me", {("who",), ("me",)}),
        ("'a' in tags and me in helpers", {("tags",), ("helpers",), ("me",)}),
    ],
    ids=[f"path-{number}" for number in range(8)],
)
def test_paths(text: str, paths: set[tuple[str, ...]]) -> None:
    """All that is read is known beforehand, links and lines included."""
    assert sound(text).paths == paths


def test_lookups_say_what_to_load() -> None:
    """A count over records names the record type, its field, its condition and what it needs of us."""
    expression = sound(
        "sum(common.penalty, amount, offender == this.who and level >= 'fault') > count(penalty)"
    )
    first, second = expression.lookups
    assert (first.record, first.function, first.field, first.type) == (
        "common.penalty",
        "sum",
        ("amount",),
        NUMBER,
    )
    assert (first.outer, first.inner) == ({("who",)}, {("amount",), ("offender",), ("level",)})
    assert first.key == "sum(common.penalty, amount, offender == this.who and level >= 'fault')"
    assert (second.record, second.field, second.where, second.outer) == ("penalty", None, None, frozenset())


def test_the_same_count_is_loaded_once() -> None:
    """Blanks make no difference to what has to be loaded."""
    expression = sound("count(penalty, paid) > 1 or count(penalty,   paid) == 0")
    assert len(expression.lookups) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("count(penalty)", 3),
        ("count(penalty, paid)", 1),
        ("count(penalty, offender == this.who)", 2),
        ("count(penalty, offender == me and level > 'fault')", 1),
        ("sum(penalty, amount)", Decimal("70.10")),
        ("avg(penalty, amount)", Decimal("35.05")),
        ("median(penalty, amount * 2)", Decimal("70.1")),
        ("max(penalty, level)", "serious_fault"),
        ("min(penalty, level, amount)", "fault"),
        ("share(penalty, paid)", Decimal("33.33333333333333333333")),
        ("share(penalty, paid, amount)", 50),
        ("avg(penalty, wait)", timedelta(hours=3, minutes=30)),
        ("max(penalty, wait)", timedelta(hours=4)),
        ("sum(penalty, amount, level == 'major_fault')", 0),
        ("share(count(penalty, paid), count(penalty))", Decimal("33.33333333333333333333")),
    ],
    ids=lambda value: str(value),
)
def test_lookups_over_rows(text: str, wanted: object) -> None:
    """A look-up computed over rows is the fact that evaluation asks for."""
    expression = sound(text)
    scope = {**VALUES, "who": LI}
    facts = {found.key: evaluate_lookup(found, PENALTIES, scope) for found in expression.lookups}
    assert evaluate(expression, scope, facts) == wanted


def test_a_lookup_is_compiled_once_for_many_records() -> None:
    """Replay computes the same look-up for record after record."""
    count = compile_lookup(sound("count(penalty, offender == this.who)").lookups[0])
    assert [count(PENALTIES, {"who": who}) for who in (LI, WU, None)] == [2, 1, 0]


def test_evaluation_never_goes_and_looks() -> None:
    """A fact that nobody loaded is our mistake, and loud."""
    with pytest.raises(KeyError):
        evaluate(sound("count(penalty) > 1"), {}, facts={})


def test_old_and_this() -> None:
    """`old` is the record before the save, nothing at all when it is new; `this` is the record itself."""
    changed = sound("level != old.level and this.qty > 0")
    assert evaluate(changed, {"level": "fault", "qty": 1, "old": {"level": "minor_fault"}}) is True
    assert evaluate(changed, {"level": "fault", "qty": 1, "old": None}) is None


def test_this_itself_is_compared_by_its_id() -> None:
    """A counted record that links back to the current one."""
    schema = _Schema({"case": CASE, "finding": {"case": LinkType("case"), "id": NUMBER}})
    env = Environment({**CASE, **GLOBALS}, schema, this="case")
    expression = sound("count(finding, case == this)", env=env)
    rows = [{"case": {"id": 5}}, {"case": 5}, {"case": 6}, {"case": None}]
    assert expression.paths == {("id",)}
    assert evaluate_lookup(expression.lookups[0], rows, {"id": 5}) == 2


def test_a_given_this_is_read_from_the_scope() -> None:
    """Where the names are not the record's own, `this` is a value beside them."""
    env = Environment({"level": LEVEL, "this": LinkType("case")}, World())
    assert (
        evaluate(sound("level > this.level", env=env), {"level": "fault", "this": {"level": "minor_fault"}})
        is True
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sum(amount)", Decimal("70.10")),
        ("sum(amount, paid)", Decimal("20.00")),
        ("sum(amount) - sum(amount, not paid)", Decimal("70.10")),
        ("count()", 3),
        ("count(paid)", 1),
        ("share(paid)", Decimal("33.33333333333333333333")),
        ("share(count(paid), count())", Decimal("33.33333333333333333333")),
        ("max(level)", "serious_fault"),
        ("max(wait, paid)", timedelta(hours=3)),
        ("median(amount)", Decimal("35.05")),
        ("count(offender == me)", 2),
    ],
    ids=str,
)
def test_measures_over_rows_in_hand(text: str, wanted: object) -> None:
    """A report's measure runs over the rows that it groups."""
    env = Environment(GLOBALS, World(), rows="penalty")
    assert evaluate(sound(text, env=env), {**VALUES, "$rows": PENALTIES}) == wanted


def test_a_measure_needs_an_aggregate() -> None:
    """A bare field of the rows has no single value."""
    _, faults = compiled("amount", env=Environment(GLOBALS, World(), rows="penalty"))
    assert [found.code for found in faults] == ["EXPR003"]


def test_working_days_come_from_the_calendar() -> None:
    """The caller's calendar counts; backwards with a minus, and rounded to whole days."""
    asked: list[tuple[date, int]] = []

    def count(start: date, days: int) -> date:
        asked.append((start, days))
        return date(2026, 1, 1)

    scope = {"due": date(2026, 3, 2), "seen": datetime(2026, 3, 2, tzinfo=UTC), "qty": 4}
    assert evaluate(sound("due + working_days(3)"), scope, working_days=count) == date(2026, 1, 1)
    assert evaluate(sound("due - working_days(qty / 3)"), scope, working_days=count) == date(2026, 1, 1)
    assert evaluate(sound("seen + working_days(qty)"), scope, working_days=count) == date(2026, 1, 1)
    assert evaluate(sound("done + working_days(qty)"), scope, working_days=count) is None
    assert [days for _, days in asked] == [3, -1, 4]


def test_functions_of_the_registry() -> None:
    """A registered function is typed, strict and pure; the registry comes with the environment."""
    doubled = Signature("doubled", (NUMBER, LEVEL), NUMBER, 1, "doubled(x)", call=lambda x, level="": x * 2)
    env = replace(ENVIRONMENT, functions={"doubled": doubled})
    assert evaluate(sound("doubled(qty) + 1", env=env), {"qty": 4}) == 9
    assert evaluate(sound("doubled(qty, 'fault')", env=env), {"qty": None}) is None
    assert [found.code for found in compiled("doubled(title)", env=env)[1]] == ["EXPR005"]
    assert [found.code for found in compiled("doubled(1, 'x')", env=env)[1]] == ["EXPR007"]
    assert not browser_ready(sound("doubled(qty)", env=env).tree)


def test_a_function_without_its_python_is_refused() -> None:
    """A signature that promises nothing cannot be called."""
    env = replace(ENVIRONMENT, functions={"later": Signature("later", (), NUMBER, 0, "later()")})
    with pytest.raises(TypeError):
        compile_python(sound("later()", env=env))


def test_answers_and_score_of_a_checklist() -> None:
    """A checklist's conditions read answers by item, each of its own type."""
    env = replace(ENVIRONMENT, answers={"uniform": KIND, "cold": NUMBER})
    scope = {"$answers": {"uniform": "a", "cold": Decimal("4.5")}, "$score": 85}
    assert evaluate(sound("answer('uniform') == 'a' and answer('cold') <= 8", env=env), scope) is True
    assert evaluate(sound("answer('cold') > 8", env=env), {"$answers": {}}) is None
    assert evaluate(sound("score() >= 85", env=env), scope) is True
    assert [found.code for found in compiled("answer('unifrom') == 'a'", env=env)[1]] == ["EXPR003"]


@pytest.mark.parametrize(
    ("me", "wanted"), [({"roles": ["hr"]}, True), ({"roles": ()}, False), ({}, False), (None, None)], ids=str
)
def test_roles(me: object, wanted: bool | None) -> None:
    """A role is a name in `me.roles`; with nobody logged in the answer is empty."""
    assert evaluate(sound("has_role('hr')"), {"me": me}) is wanted


def test_links_stand_as_records_or_as_ids() -> None:
    """A linked record of which only the id is known compares like a loaded one."""
    same = compile_python(sound("who == me"))
    assert same({"who": 2, "me": {"id": 2}}) is True
    assert same({"who": {"id": 3}, "me": 2}) is False


def test_scope_with_keeps_the_scope() -> None:
    """Facts are laid beside the names, in a new mapping."""
    scope = {"qty": 1}
    assert scope_with(scope, {"count(penalty)": 3}) == {"qty": 1, "$facts": {"count(penalty)": 3}}
    assert scope == {"qty": 1}


@pytest.mark.parametrize(
    ("text", "browser", "sql"),
    [
        ("amount > 1 and who.name == 'x'", True, True),
        ("any(steps, cost > this.amount)", True, True),
        ("count(penalty) > 1", False, True),
        ("due + working_days(1) < today", False, False),
        ("today + working_days(1) < due", False, False),
        ("old.amount > 1", True, False),
        ("length(tags) > 1", True, False),
        ("has_role('hr') and flag", True, True),
    ],
    ids=str,
)
def test_ready_for(text: str, browser: bool, sql: bool) -> None:
    """Each reader says beforehand what it can read."""
    tree = sound(text).tree
    assert browser_ready(tree) is browser
    assert sql_ready(tree, GLOBALS) is sql


def test_nothing_that_was_written_is_ever_run() -> None:
    """Texts reach the function as values, never as code."""
    text = "title == \"__import__('os').system('x')\" or contains(title, '}{(')"
    assert evaluate(sound(text), {"title": "__import__('os').system('x')"}) is True


@pytest.mark.parametrize(
    "template",
    [
        "coalesce(amount, {})",
        "min(amount, {})",
        "(amount if flag else {})",
        "(amount + {})",
        "-({})",
        "abs({})",
        "share({}, qty)",
        "round({}, 2)",
    ],
)
def test_the_deepest_expression_still_runs(template: str) -> None:
    """Whatever the checker lets pass can be evaluated."""
    text = "qty"
    for _ in range(38):
        text = template.format(text)
    assert (
        evaluate(sound(text, allow_warnings=True), {"qty": 1, "amount": Decimal(2), "flag": None}) is not None
    )


def test_built_in_functions_are_described() -> None:
    """The reference page has a usage and a sentence for each function, under its own name."""
    for name, signature in FUNCTIONS.items():
        assert signature.usage.startswith(f"{name}(")
        assert signature.help.endswith(".")
        assert 0 <= signature.required <= len(signature.parameters)


class _Schema(World):
    def __init__(self, records: dict[str, Any]) -> None:
        self.records = records

    def fields(self, record: str) -> Any:
        return self.records.get(record)

    def resolve_record(self, name: str) -> str | None:
        return name if name in self.records else None
