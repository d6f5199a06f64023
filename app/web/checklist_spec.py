"""A checklist for the browser: what the run page and its score need, as plain JSON and functions."""

from __future__ import annotations

import json
from decimal import Decimal

from app.expressions import BOOLEAN, browser_ready, compile_expression, to_javascript
from app.rules.checklists import CompiledChecklist, ItemRule
from app.rules.conditions import Condition

Json = dict[str, object]


def browser_spec(checklist: CompiledChecklist) -> Json:
    """Scoring, grades (from the best), sections and items; figures are decimal texts, unset ones null."""
    scoring = checklist.scoring
    return {
        "scoring": {
            "method": scoring.method,
            "full": _figure(checklist.full),
            "total": _figure(checklist.total),
            "places": scoring.places,
            "rescale": scoring.rescale,
            "floor": _figure(scoring.floor),
            "pass": _figure(scoring.pass_),
        },
        "grades": [{"title": grade.title, "from": _figure(grade.from_)} for grade in checklist.grades],
        "sections": [
            {
                "id": name,
                "weight": _figure(section.spec.weight),
                "items": [
                    _item(rule) | {"late": rule.id in checklist.late}
                    for rule in checklist.items.values()
                    if rule.section == name
                ],
            }
            for name, section in checklist.sections.items()
        ],
    }


def _item(rule: ItemRule) -> Json:
    spec, limit, fail = rule.spec, rule.limit, rule.fail
    return {
        "id": rule.id,
        "answer": spec.answer,
        "worth": _figure(rule.worth),
        "best": _figure(rule.best),
        "counts": rule.counts,
        "points": _figure(spec.points),
        "per_unit": _figure(spec.per_unit),
        "min": _figure(spec.min),
        "max": _figure(spec.max),
        "expect": spec.expect,
        "required": spec.required,
        "not_applicable": spec.not_applicable,
        "critical": spec.critical,
        "limit": {"op": limit.op, "low": _figure(limit.low), "high": _figure(limit.high)} if limit else None,
        "shares": {name: _figure(share) for name, share in rule.shares.items()},
        "fails": sorted(rule.fails),
        "evidence": list(spec.evidence),
        "fail_evidence": list(fail.spec.evidence) if fail is not None and fail.spec.finding else [],
    }


def browser_conditions(checklist: CompiledChecklist, known: frozenset[str]) -> str:
    """The conditions of sections and items as the entries of a JavaScript object.

    known: the facts that the page hands over. A condition that needs more stays on the server: the item is
    shown, and the server leaves it out where it was not asked.
    """
    entries = {f"section:{name}": rule.when for name, rule in checklist.sections.items()}
    entries |= {f"item:{name}": rule.when for name, rule in checklist.items.items()}
    written = {key: _function(checklist, when, known) for key, when in entries.items() if when is not None}
    return ", ".join(f"{json.dumps(key)}: {text}" for key, text in written.items() if text)


def _function(checklist: CompiledChecklist, when: Condition, known: frozenset[str]) -> str:
    expression, _faults = compile_expression(when.source, when.span, checklist.environment, BOOLEAN)
    if expression is None or expression.lookups or not browser_ready(expression.tree):
        return ""
    if any(path[0] not in known and not path[0].startswith("$") for path in expression.paths):
        return ""
    return f"(s) => {{ const E = globalThis.Expressions; return {to_javascript(expression)}; }}"


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
