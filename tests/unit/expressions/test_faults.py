"""Each fault has its code, its exact column, its words and a hint."""

from __future__ import annotations

import string

import pytest
from expression_world import CASE, ENVIRONMENT, GLOBALS, World, compiled, place

from app.expressions import (
    BOOLEAN,
    CODES,
    DATE,
    NUMBER,
    TEXT,
    Environment,
    LinksType,
    Type,
    browser_faults,
    compile_expression,
    parse,
)
from app.source.diagnostics import Span

# text, code, column within the text (from 1), a piece of the message, a piece of the hint
SYNTAX: list[tuple[str, str, int, str, str]] = [
    ("flag = True", "EXPR001", 6, "'='", "write '=='"),
    ("flag && other", "EXPR001", 6, "'&&'", "write 'and'"),
    ("flag || other", "EXPR001", 6, "'||'", "write 'or'"),
    ("!flag", "EXPR001", 1, "'!'", "write 'not'"),
    ("qty === 1", "EXPR001", 5, "'==='", "write '=='"),
    ("qty !== 1", "EXPR001", 5, "'!=='", "write '!='"),
    ("qty <> 1", "EXPR001", 5, "'<>'", "write '!='"),
    ("qty => 1", "EXPR001", 5, "'=>'", "write '>='"),
    ("qty ≥ 1", "EXPR001", 5, "'≥'", "write '>='"),
    ("qty ＝ 1", "EXPR001", 5, "'＝'", "write '=='"),
    ("（flag)", "EXPR001", 1, "'（'", "write '('"),
    ("title == “a”", "EXPR001", 10, "'“'", "straight quotes"),
    ("title == '过失' and qty ＞ 1", "EXPR001", 23, "'＞'", "write '>'"),
    ("等级 == 1", "EXPR001", 1, "'等级' is not a name", "snake_case"),
    ("flag AND other", "EXPR001", 6, "'AND'", "write 'and'"),
    ("qty == 1e5", "EXPR001", 8, "'1e5' is not a number", "write it out"),
    ("qty == 0x1F", "EXPR001", 8, "'0x1F'", "write it out"),
    ("qty == 007", "EXPR001", 8, "'007'", "write it out"),
    ("title == 'a", "EXPR001", 10, "no closing quote", ""),
    ("title == 'a' 'b'", "EXPR001", 14, "two texts in a row", "comma"),
    ("(flag", "EXPR001", 1, "never closed", ""),
    ("flag)", "EXPR001", 5, "closes nothing", ""),
    ("(flag]", "EXPR001", 6, "closes nothing", ""),
    ("qty ==", "EXPR001", 6, "breaks off", ""),
    ("flag other", "EXPR001", 6, "missing before 'other'", "operator"),
    ("qty == 1 2", "EXPR001", 10, "missing before '2'", "operator"),
    ("flag if other", "EXPR001", 1, "cannot be read", "`else`"),
    ("flag\x00", "EXPR001", 5, "no meaning", ""),
    ("", "EXPR001", 1, "empty", ""),
    ("   ", "EXPR001", 1, "empty", ""),
    ("flag ? 1 : 2", "EXPR002", 6, "'?'", "if condition else"),
    ("flag; other", "EXPR002", 5, "';'", "one expression"),
    ("flag # note", "EXPR002", 6, "comment", "note:"),
    ("title == 'a\\n'", "EXPR002", 12, "backslash", "escapes"),
    ("title == f'a'", "EXPR002", 10, "prefix like 'f'", "quotes alone"),
    ("title.upper() == 'A'", "EXPR002", 1, "'.upper()'", "listed function"),
    ("lambda x: x", "EXPR002", 1, "lambda", "condition itself"),
    ("[x for x in steps]", "EXPR002", 1, "comprehension", "any()"),
    ("sum(x for x in steps)", "EXPR002", 4, "comprehension", "any()"),
    ("steps[0]", "EXPR002", 1, "square brackets", "dotted path"),
    ("count(*steps)", "EXPR002", 7, "star", "one by one"),
    ("count(penalty, where=paid)", "EXPR002", 16, "no names", "without 'where='"),
    ("title is None", "EXPR002", 7, "'is'", "write '=='"),
    ("title is not None", "EXPR002", 7, "'is not'", "write '!='"),
    ("qty ** 2", "EXPR002", 5, "powers", "multiply"),
    ("qty // 2", "EXPR002", 5, "'//'", "round"),
    ("rate >= 98 %2", "EXPR002", 12, "'%'", "98 for 98 %"),
    ("flag & other", "EXPR002", 6, "'&'", "write 'and'"),
    ("~flag", "EXPR002", 1, "'~'", "write 'not'"),
    ("kind in ('a', 'b')", "EXPR002", 9, "not part", "square brackets"),
    ("kind in {'a', 'b'}", "EXPR002", 9, "braces", "square brackets"),
    ("(x := 1)", "EXPR002", 4, "':='", "assigned"),
    ("steps().what", "EXPR002", 1, "before a dot", ""),
    ("flag == (qty < 1 < 2) == other", "EXPR002", 10, "chain", "joined by 'and'"),
    ("(" * 41 + "flag" + ")" * 41, "EXPR009", 41, "deeper than 40", ""),
    ("-" * 60 + "qty", "EXPR009", 41, "deeper than 40", ""),
    ("qty + " * 45 + "qty", "EXPR009", 1, "deeper than 40", ""),
    ("flag or " * 400 + "flag", "EXPR009", 1, "2000 characters", "formula field"),
    ("[" + "1," * 500 + "1]", "EXPR009", 1, "more than 400 parts", "formula field"),
    ("who" + ".superior" * 41, "EXPR009", 1, "more than 40 parts", ""),
]

TYPES: list[tuple[str, Type | None, str, int, str, str]] = [
    ("amuont > 5", None, "EXPR003", 1, "'amuont'", "'amount'"),
    ("who.superior.nme == 'x'", None, "EXPR003", 14, "has no field 'nme'", "'name'"),
    ("title == null", None, "EXPR003", 10, "'null'", "write None"),
    ("flag == true", None, "EXPR003", 9, "'true'", "write True"),
    ("this.amuont > 5", None, "EXPR003", 6, "has no field 'amuont'", "'amount'"),
    ("count(penalties)", None, "EXPR003", 7, "neither a record type nor lines", ""),
    ("count(penalty, qty > 1)", None, "EXPR003", 16, "record outside", "this.qty"),
    ("any(steps, due > by)", None, "EXPR003", 12, "record outside", "this.due"),
    ("cuont(penalty)", None, "EXPR004", 1, "'cuont'", "'count'"),
    ("now() > seen", None, "EXPR004", 1, "'now'", "leave out the brackets"),
    ("round()", None, "EXPR005", 1, "0 arguments", "round(x, places)"),
    ("days(title) < took", None, "EXPR005", 6, "wants a number", "days(n)"),
    ("round(amount, qty)", None, "EXPR005", 15, "whole number", ""),
    ("round(amount, 21)", None, "EXPR005", 15, "up to 20", ""),
    ("months(1.5) == months(1)", None, "EXPR005", 8, "whole numbers", ""),
    ("abs(title)", None, "EXPR005", 5, "cannot take a text", ""),
    ("length(qty)", None, "EXPR005", 8, "cannot take a number", ""),
    ("contains(title, qty)", None, "EXPR005", 17, "cannot take a number", ""),
    ("coalesce(qty, title)", None, "EXPR005", 15, "cannot mix", ""),
    ("coalesce(qty, None)", None, "EXPR005", 15, "cannot take None", "coalesce"),
    ("has_role(title)", None, "EXPR005", 10, "in quotes", ""),
    ("sum(steps, what)", None, "EXPR005", 12, "cannot take a text", ""),
    ("sum(steps)", None, "EXPR005", 1, "1 arguments", "sum(record_type"),
    ("sum(qty, 1)", None, "EXPR005", 5, "runs over", "sum(record_type"),
    ("any(penalty, paid)", None, "EXPR005", 5, "of this record", "count(penalty, condition) > 0"),
    ("all(steps)", None, "EXPR005", 1, "1 arguments", "all(lines, where)"),
    ("min(qty, title)", None, "EXPR005", 10, "have an order", ""),
    ("max(steps, kind)", None, "EXPR003", 12, "outside", "this.kind"),
    ("share(title, qty)", None, "EXPR005", 7, "two numbers", ""),
    ("amount == '50'", None, "EXPR006", 1, "number cannot be compared with a text", "without quotes"),
    ("due < now", None, "EXPR006", 1, "date cannot be compared", "`today`"),
    ("due < 'tomorrow'", None, "EXPR006", 7, "'tomorrow' is not a date", "2026-01-31"),
    ("who == 'Li'", None, "EXPR006", 1, "link person", "field of the linked record"),
    ("flag > other", None, "EXPR006", 1, "no order", "=="),
    ("flag == 'yes'", None, "EXPR006", 1, "boolean cannot", "True or False"),
    ("title > None", None, "EXPR006", 1, "None has no order", "x == None"),
    ("qty + None", None, "EXPR006", 1, "'+' does not go", ""),
    ("title + note", None, "EXPR006", 1, "'+' does not go", "{number} {unit.title}"),
    ("due + 3", None, "EXPR006", 1, "'+' does not go", "days(3)"),
    ("-title", None, "EXPR006", 1, "minus sign", ""),
    ("qty / 0", None, "EXPR006", 7, "divided by 0", ""),
    ("took > months(1)", None, "EXPR006", 1, "cannot be compared", "received_on + months(1)"),
    ("steps == helpers", None, "EXPR006", 1, "several values", "any()"),
    ("'a' in title", None, "EXPR006", 1, "'in' a text", "contains("),
    ("'a' in kind", None, "EXPR006", 1, "'in' a choice kind", "=="),
    ("who in steps", None, "EXPR006", 1, "'in' a lines", "any(lines"),
    ("qty in period", None, "EXPR006", 1, "'in' a period", "date"),
    ("kind in []", None, "EXPR006", 9, "list is empty", ""),
    ("kind in ['a', None]", None, "EXPR006", 1, "None is never in a list", "x == None or"),
    ("[1, 2]", None, "EXPR006", 1, "only stand after 'in'", ""),
    ("flag and qty + 1", None, "EXPR006", 10, "not a condition", "compare it"),
    ("1 if flag else 'a'", None, "EXPR006", 1, "different types", ""),
    ("amount == amount", None, "EXPR006", 1, "with itself", "this.field"),
    ("level >= 'serius_fault'", None, "EXPR007", 10, "'serius_fault' is not an option", "'serious_fault'"),
    ("kind in ['a', 'd']", None, "EXPR007", 15, "'d' is not an option", "a, b, c"),
    ("'d' in tags", None, "EXPR007", 1, "'d' is not an option", "a, b, c"),
    ("('a' if flag else 'x') == kind", None, "EXPR007", 19, "'x' is not an option", ""),
    ("has_role('inspektor')", None, "EXPR007", 10, "not a role", "'inspector'"),
    ("kind > 'a'", None, "EXPR008", 1, "no order", "ordered: true"),
    ("any(helpers, any(helpers, age > 1))", None, "EXPR003", 18, "neither", ""),
    ("title.length > 3", None, "EXPR010", 7, "'title' is a text", ""),
    ("helpers.age > 3", None, "EXPR010", 9, "'helpers' is a links person", "any(helpers"),
    ("steps.cost > 3", None, "EXPR010", 7, "'steps' is a lines", "any(steps"),
    ("amount + 1", BOOLEAN, "EXPR011", 1, "boolean is wanted", "compare it"),
    ("title", NUMBER, "EXPR011", 1, "number is wanted here, this is a text", ""),
    ("level", TEXT, "EXPR011", 1, "text is wanted", ""),
    ("'soon'", DATE, "EXPR006", 1, "'soon' is not a date", "2026-01-31"),
    ("state == 'open'", None, "EXPR012", 1, "'state'", "workflow"),
    ("answer('uniform')", None, "EXPR012", 1, "answer()", "checklist"),
    ("score() > 1", None, "EXPR012", 1, "score()", "checklist"),
    ("any(steps, count(penalty) > 1)", None, "EXPR012", 12, "each row", "outside"),
    ("count(penalty, count(penalty) > 1)", None, "EXPR012", 16, "each row", "outside"),
]


@pytest.mark.parametrize(
    ("text", "code", "column", "words", "hint"), SYNTAX, ids=[case[0][:30] for case in SYNTAX]
)
def test_fault_of_form(text: str, code: str, column: int, words: str, hint: str) -> None:
    """A text that is no expression is refused at the very column."""
    tree, faults = parse(text, place(text))
    assert tree is None
    first = faults[0]
    assert (first.code, first.span.line, first.span.column) == (code, 7, 10 + column)
    assert words in first.message()
    assert hint in " ".join(found.hint_text() for found in faults)


@pytest.mark.parametrize(
    ("text", "want", "code", "column", "words", "hint"), TYPES, ids=[case[0][:40] for case in TYPES]
)
def test_fault_of_meaning(
    text: str, want: Type | None, code: str, column: int, words: str, hint: str
) -> None:
    """An expression that makes no sense is refused, or remarked on, at the very column; once."""
    expression, faults = compiled(text, want)
    assert len(faults) == 1, [found.message() for found in faults]
    (found,) = faults
    assert (found.code, found.span.line, found.span.column) == (code, 7, 10 + column)
    assert words in found.message()
    assert hint in found.hint_text()
    assert (expression is None) == (found.severity == "error")


def test_every_code_is_explained_and_has_a_case() -> None:
    """The table of codes holds exactly the codes that the cases above bring about."""
    assert {case[1] for case in SYNTAX} | {case[2] for case in TYPES} == set(CODES)
    assert all(meaning.endswith(".") for meaning in CODES.values())


def test_all_faults_at_once() -> None:
    """One look shows every mistake, in order of place."""
    _, faults = compiled("amuont > 5 and kind == 'z' or count(penalty, pade)")
    assert [(found.code, found.span.column - 10) for found in faults] == [
        ("EXPR003", 1),
        ("EXPR007", 24),
        ("EXPR003", 46),
    ]


def test_forms_refused_together() -> None:
    """Signs of other languages are all named at once."""
    _, faults = parse("flag && !other || x === 1", place("flag && !other || x === 1"))
    assert [found.span.column - 10 for found in faults] == [6, 9, 16, 21]


@pytest.mark.parametrize(
    ("text", "span", "column"),
    [
        ("flagg", Span("a.yaml", 3, 5, 3, 10), 5),
        ("flagg", Span("a.yaml", 3, 5, 3, 12), 6),
        ("flagg", Span("a.yaml", 3, 5), 5),
        ("not\nflagg", Span("a.yaml", 3, 5, 5, 1), 5),
        ("not flagg", Span("a.yaml", 3, 5, 4, 9), 5),
        ("title == 'a' or flagg", Span("a.yaml", 3, 5, 3, 30), 5),
        ("'督查' == title or flagg", Span("a.yaml", 3, 5, 3, 27), 22),
    ],
    ids=["plain", "quoted", "no end", "two lines", "folded", "escaped", "after Chinese text"],
)
def test_places_in_a_yaml_scalar(text: str, span: Span, column: int) -> None:
    """Columns count characters of the file; a scalar that is not written as it reads has one place."""
    _, faults = compile_expression(text, span, ENVIRONMENT)
    assert [(found.span.line, found.span.column) for found in faults] == [(3, column)]


@pytest.mark.parametrize("template", [meaning for meaning in CODES.values()])
def test_meanings_have_no_holes(template: str) -> None:
    """A meaning is a sentence, not a template."""
    assert [name for _, name, _, _ in string.Formatter().parse(template) if name is not None] == []


def test_rows_within_rows_have_a_limit() -> None:
    """Each level of rows multiplies the cost, so there are two at most."""
    people = {"subs": LinksType("person"), "id": NUMBER}
    env = Environment({"subs": LinksType("person")}, _People(people))
    nested = "any(subs, any(subs, any(subs, id > 1)))"
    expression, faults = compile_expression(nested, place(nested), env)
    assert expression is None
    assert [(found.code, found.span.column - 10) for found in faults] == [("EXPR009", 21)]


def test_old_is_known_only_where_a_save_is_judged() -> None:
    """`old` without a save is a fault that says so."""
    env = Environment({**CASE, **GLOBALS}, World(), this="case")
    _, faults = compile_expression("old.amount < amount", place("old.amount < amount"), env)
    assert [(found.code, found.span.column - 10) for found in faults] == [("EXPR012", 1)]


def test_nobody_has_a_role_where_nobody_is() -> None:
    """Without `me` there are no roles to ask for."""
    _, faults = compile_expression("has_role('hr')", place("has_role('hr')"), Environment(CASE, World()))
    assert [(found.code, found.span.column - 10) for found in faults] == [("EXPR012", 1)]


def test_what_only_the_server_evaluates_is_warned_of() -> None:
    """The caller of a form rule can show where the browser has to wait for the server."""
    expression, _ = compiled("flag and count(penalty, paid) > 1 and today + working_days(2) > due")
    assert expression is not None
    found = browser_faults(expression)
    assert [(one.code, one.severity, one.span.column - 10) for one in found] == [
        ("EXPR012", "warning", 10),
        ("EXPR012", "warning", 39),
    ]


class _People:
    def __init__(self, fields: dict[str, Type]) -> None:
        self._fields = fields

    def fields(self, record: str) -> dict[str, Type]:
        return self._fields

    def resolve_record(self, name: str) -> None:
        return None
