"""One condition, evaluated on many records: our reader beside cel-python and simpleeval.

python -m bench.expressions        (needs: pip install cel-python simpleeval)

Each is used as its manual says, prepared once and asked again and again. Rounds are interleaved; every answer
is compared.
"""

from __future__ import annotations

import ast
import random
import statistics
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import celpy
from simpleeval import EvalWithCompoundTypes

from app.checks.environments import record_environment
from app.expressions import BOOLEAN, compile_expression, compile_python
from app.source import Span, parse_files
from app.spec.decode import decode_parts
from bench.results import table, write_section

RECORDS, ROUNDS = 2_000, 7
YAML = """
portal: {title: Bench}
choices:
  level: {ordered: true, options: {minor: a, fault: b, serious: c, major: d}}
records:
  case:
    fields:
      found_by: {type: choice, options: {own_check: a, patrol: b, guest: c}}
      level: {type: choice, options: level}
      rank: {type: integer}
      loss: {type: integer}
      spotted: {type: boolean}
      person: {type: person}
      note: {type: text}
"""
CONDITIONS = {
    "two choices": (
        "found_by == 'own_check' and level <= 'fault'",
        "found_by == 'own_check' && rank <= 1",
        "found_by == 'own_check' and rank <= 1",
    ),
    "facts of a case": (
        "spotted and not loss > 100 and level in ['minor', 'fault']",
        "spotted && !(loss > 100) && level in ['minor', 'fault']",
        "spotted and not loss > 100 and level in ['minor', 'fault']",
    ),
    "behind a link": (
        "person.name == 'Li' or person.active and loss * 2 + 10 >= 150",
        "person.name == 'Li' || person.active && loss * 2 + 10 >= 150",
        "person.name == 'Li' or person.active and loss * 2 + 10 >= 150",
    ),
}
"""What is asked, in our language, in CEL, in simpleeval; an ordered choice is its rank to the others."""

Ask = Callable[[dict[str, Any]], object]


def made_records() -> list[dict[str, Any]]:
    rnd = random.Random(7)
    levels = ("minor", "fault", "serious", "major")
    found = []
    for number in range(RECORDS):
        rank = rnd.randrange(4)
        found.append(
            {
                "found_by": rnd.choice(["own_check", "patrol", "guest"]),
                "level": levels[rank],
                "rank": rank,
                "loss": rnd.randrange(200),
                "spotted": rnd.random() < 0.5,
                "person": {"id": number, "name": rnd.choice(["Li", "Wang"]), "active": rnd.random() < 0.5},
                "note": "x",
            }
        )
    return found


def ours(text: str) -> Ask:
    decoded = decode_parts(parse_files({"config/portal.yaml": YAML.encode()}))
    environment = record_environment(decoded.portal, decoded.portal.records["case"])
    expression, faults = compile_expression(text, Span("bench", 1, 1, 1, 1 + len(text)), environment, BOOLEAN)
    if expression is None:
        raise SystemExit(str(faults))
    return compile_python(expression)


def cel(text: str) -> Ask:
    environment = celpy.Environment()
    program = environment.program(environment.compile(text))
    return program.evaluate


def simple(text: str) -> Ask:
    """The parsed form is kept, as its manual advises for expressions that come again."""
    evaluator = EvalWithCompoundTypes()
    parsed = evaluator.parse(text)
    assert isinstance(parsed, ast.AST)

    def ask(record: dict[str, Any]) -> object:
        evaluator.names = record
        return evaluator.eval(text, previously_parsed=parsed)

    return ask


def seconds(ask: Ask, records: Sequence[dict[str, Any]]) -> tuple[float, list[bool]]:
    begun = time.perf_counter()
    answers = [ask(record) for record in records]
    return time.perf_counter() - begun, [bool(answer) for answer in answers]


def main() -> None:
    records = made_records()
    for_cel = [celpy.json_to_cel(record) for record in records]
    rows = []
    for title, (own, in_cel, in_simple) in CONDITIONS.items():
        askers = ((ours(own), records), (cel(in_cel), for_cel), (simple(in_simple), records))
        times: list[list[float]] = [[], [], []]
        for _ in range(ROUNDS):
            answers = []
            for spent, (ask, given) in zip(times, askers, strict=True):
                took, found = seconds(ask, given)
                spent.append(took)
                answers.append(found)
            if answers[1:] != answers[:1] * 2:
                raise SystemExit(f"{title}: the three disagree")
        each = [statistics.median(spent) / RECORDS * 1e6 for spent in times]
        ratio = Decimal(min(each[1:]) / each[0]).quantize(Decimal("0.1"))
        rows.append((title, f"`{own}`", *(f"{one:.2f} µs" for one in each), f"{ratio}", "10"))
    head = (
        "condition",
        "in our language",
        "Ducha",
        "cel-python",
        "simpleeval",
        "ratio to the better peer",
        "goal",
    )
    notes = (
        f"Medians of {ROUNDS} interleaved rounds over {RECORDS:,} records, prepared once, the same answers. "
        "Values are handed to each as it wants them; cel-python's conversion is not counted."
    )
    body = table(head, rows) + "\n\n" + notes
    write_section("One condition on many records", "python -m bench.expressions", body)
    print(body)


if __name__ == "__main__":
    main()
