"""Examples of checklists: answers and facts given, score, grade, pass and findings expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from app.checks import ExampleReport, FailedExample
from app.expressions import Type
from app.rules.answers import Answer, read_answers
from app.rules.checklists import CompiledChecklist, ItemRule, compile_checklist
from app.rules.conditions import nested
from app.rules.facts import FactType, read_number, read_value
from app.rules.judging import PASS
from app.rules.mistakes import Mistake, unknown
from app.rules.penalty_examples import NOON, NOTHING, OPEN
from app.rules.results import ChecklistResult
from app.rules.schedules import path_type
from app.rules.scoring import score
from app.rules.values import figure, plain
from app.source import N_, ConfigError, Diagnostic, Span, warning
from app.spec.checklists import Checklist, ChecklistExample
from app.spec.figures import Figure
from app.spec.portal import Portal

OTHERS = "others"
"""`others: missing` leaves the items that an example does not name unanswered; without it they pass."""


def run_checklist(portal: Portal, checklist: Checklist) -> ExampleReport:
    """Run the examples of one checklist."""
    try:
        compiled = compile_checklist(portal, checklist)
    except ConfigError:
        return ExampleReport()
    passed, failed, results = 0, list[FailedExample](), list[ChecklistResult]()
    for example in checklist.examples:
        differences = tuple(_judge(compiled, example, results))
        failed += differences
        passed += not differences
    return ExampleReport(passed, tuple(failed), tuple(_unreached(compiled, results)))


def _unreached(checklist: CompiledChecklist, results: Sequence[ChecklistResult]) -> Iterator[Diagnostic]:
    """EXM003: a warning for each grade, veto and condition that no example reaches."""
    asked = {item.id for result in results for item in result.asked}
    found = {finding.item for result in results for finding in result.findings}
    rows: list[tuple[str, Span, bool]] = []
    for index, grade in enumerate(checklist.scoring.grades):
        reached = any(result.grade == grade.title for result in results)
        rows.append((f"scoring.grades[{index}]", grade.span, reached))
    for name, section in checklist.sections.items():
        if section.when is not None:
            reached = any(item.section == name and item.id in asked for item in checklist.items.values())
            rows.append((f"{name}.when", section.when.span, reached))
    for item in checklist.items.values():
        if item.spec.critical:
            vetoed = any(item.id in result.vetoed_by for result in results)
            rows.append((f"{item.path}.critical", item.spec.span_of("critical"), vetoed))
        if item.when is not None:
            rows.append((f"{item.path}.when", item.when.span, item.id in asked))
        if item.fail is not None and item.fail.when is not None:
            rows.append((f"{item.path}.on_fail.when", item.fail.when.span, item.id in found))
    text = N_("no example of '{schedule}' reaches {rule}")
    hint = N_("add an example in which it decides")
    for rule, place, reached in rows:
        if not reached:
            yield warning("EXM003", place, text, hint, schedule=checklist.spec.full_name, rule=rule)


def _judge(
    checklist: CompiledChecklist, example: ChecklistExample, results: list[ChecklistResult]
) -> Iterator[FailedExample]:
    """What comes out otherwise than the example expects; its result is put to `results`."""
    given = {name: value for name, value in example.given.items() if name in checklist.items}
    rest = {name: value for name, value in example.given.items() if name not in checklist.items}
    others = str(rest.pop(OTHERS, PASS))
    answers, mistakes = read_answers(given)
    facts, wrong = checklist_facts(checklist, rest)
    if others != "missing":
        passing = {name: passing_answer(item) for name, item in checklist.items.items()}
        answers = {**passing, **answers}
    result = score(checklist, answers, facts, NOON)
    results.append(result)
    said = (*mistakes, *wrong, *result.mistakes)
    if said:
        got = "; ".join(one.message() for one in said)
        wanted = ", ".join(f"{name} {_text(value)}" for name, value in example.expect.items())
        yield FailedExample(example.span_of("given"), example.name, wanted, got)
        return
    for name, value in example.expect.items():
        if name not in _RESULTS:
            message = unknown(name, N_("an example cannot expect '{name}'"), _RESULTS).message()
            yield FailedExample(example.key_at("expect", name), example.name, _text(value), message)
            continue
        wanted, got = _RESULTS[name](result, value)
        if wanted != got:
            place = example.span_at("expect", name)
            yield FailedExample(place, example.name, f"{name} {wanted}", f"{name} {got}")


def checklist_facts(
    checklist: CompiledChecklist, given: Mapping[str, object]
) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Facts in words (`kind: surprise`, `post.kind: office`) as the values that conditions read."""
    typed: dict[str, object] = {}
    mistakes: list[Mistake] = []
    for name, written in given.items():
        kind = _type_of(checklist, name)
        if kind is None:
            known = (*checklist.paths, *checklist.items, *checklist.environment.names)
            mistakes.append(
                unknown(name, N_("'{name}' is neither an item nor a fact of this checklist"), known)
            )
            continue
        value = read_value(FactType(name, kind), _words(written), checklist.zone)
        if isinstance(value, Mistake):
            mistakes.append(value)
        else:
            typed[name] = value
    return nested(typed, {}), tuple(mistakes)


def _type_of(checklist: CompiledChecklist, path: str) -> Type | None:
    try:
        return path_type(checklist.environment, path)
    except KeyError:
        return None


def _words(written: object) -> object:
    return plain(written) if isinstance(written, (list, tuple, Mapping)) else written


def passing_answer(item: ItemRule) -> Answer:
    """An answer that passes: what an example takes for the items it does not name."""
    match item.spec.answer:
        case "yes_no":
            return Answer(item.spec.expect)
        case "choice":
            good = [name for name in item.options if name not in item.fails]
            return Answer(max(good, key=lambda name: item.shares[name], default=None))
        case "score":
            return Answer(item.best)
        case "number" | "count":
            return Answer(_inside(item.limit, item.spec.min))
        case "text":
            return Answer("…")
        case "photo":
            return Answer(photos=int(item.spec.min or 1))
        case _:
            return Answer(PASS)


def _inside(limit: Figure | None, least: Decimal | None) -> Decimal:
    """A figure within the limit."""
    if limit is None:
        return least or Decimal(0)
    tries = (least, Decimal(0), limit.low, limit.high)
    whole = [bound for bound in tries if bound is not None]
    whole += [bound + step for bound in (limit.low, limit.high) if bound is not None for step in (1, -1)]
    return next((one for one in whole if limit.holds(one)), limit.low or Decimal(0))


def _score(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    return _number(wanted), OPEN if result.score is None else figure(result.score)


def _base(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    return _number(wanted), figure(result.base)


def _grade(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    """By its words, or by its name."""
    named = result.grade_name is not None and wanted == result.grade_name
    return _text(wanted), (result.grade_name if named else result.grade) or OPEN


def _passed(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    return _switch(wanted), OPEN if result.passed is None else _switch(result.passed)


def _complete(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    return _switch(wanted), _switch(result.complete)


def _missing(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    return _names(wanted), _names(result.missing)


def _vetoed(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    return _names(wanted), _names(result.vetoed_by)


def _findings(result: ChecklistResult, wanted: object) -> tuple[str, str]:
    """Findings by item, or as mappings of which only the written keys are compared."""
    rows = list(wanted) if isinstance(wanted, (list, tuple)) else [wanted] if wanted is not None else []
    if not any(isinstance(row, Mapping) for row in rows):
        return _names(rows), _names(finding.item for finding in result.findings)
    keys = sorted({str(key) for row in rows if isinstance(row, Mapping) for key in row})
    told = [finding.told() for finding in result.findings]
    expected = [row if isinstance(row, Mapping) else {"item": row} for row in rows]
    return _table(expected, keys), _table(told, keys)


def _table(rows: Sequence[Mapping[str, object]], keys: list[str]) -> str:
    shown = (", ".join(f"{key} {_text(row.get(key))}" for key in keys) for row in rows)
    return "; ".join(sorted(shown)) or NOTHING


def _names(wanted: object) -> str:
    rows = [wanted] if isinstance(wanted, str) else list(wanted or ())  # type: ignore[call-overload]
    return ", ".join(sorted(str(row) for row in rows)) or NOTHING


def _number(wanted: object) -> str:
    number = read_number(wanted) if wanted is not None else None
    return figure(number) if number is not None else _text(wanted)


def _switch(wanted: object) -> str:
    word = str(wanted).strip().lower()
    return {"yes": "true", "no": "false"}.get(word, word) if wanted is not None else OPEN


def _text(wanted: object) -> str:
    return OPEN if wanted is None else str(wanted)


_RESULTS: Mapping[str, Callable[[ChecklistResult, object], tuple[str, str]]] = MappingProxyType(
    {
        "score": _score,
        "base": _base,
        "grade": _grade,
        "passed": _passed,
        "complete": _complete,
        "missing": _missing,
        "vetoed_by": _vetoed,
        "findings": _findings,
    }
)
