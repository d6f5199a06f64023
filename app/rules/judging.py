"""Judging one answer of a checklist: does it pass, which part of the points does it earn, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from app.rules.answers import Answer
from app.rules.checklists import ItemRule
from app.rules.facts import WORDS, read_number
from app.rules.mistakes import Mistake, mistake, unknown
from app.rules.reasons import Word
from app.rules.values import figure
from app.source import N_, Phrase
from app.spec.figures import Figure

PASS, FAIL = "pass", "fail"
State = Literal["passed", "failed", "recorded", "not_applicable", "not_asked", "missing", "skipped"]
"""recorded: answered, nothing to judge by; skipped: not answered and not required."""
Value = Decimal | str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer comes to. `share` is the part of the item's points that is earned (0 to 1; below 0 when
    single units cost more than the item is worth only where it has no points: then `lost` says how much)."""

    state: State
    value: Value = None
    share: Fraction = Fraction(0)
    lost: Decimal | None = None
    text: str = ""
    params: Mapping[str, Word] = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        return self.state in ("passed", "failed", "recorded")


def read_answer(item: ItemRule, answer: Answer) -> Value | Mistake:
    """The answer's value in the form of its kind; None when there is none."""
    if answer.not_applicable:
        if item.spec.not_applicable:
            return None
        return mistake(item.id, N_("item '{name}' always applies; 'na' is no answer to it"))
    if item.spec.answer == "photo":
        return _photos(item, answer)
    if answer.value is None or answer.value == "":
        return None
    return _READERS[item.spec.answer](item, answer.value)


def judge(item: ItemRule, answer: Answer, value: Value) -> Verdict:
    """The verdict on a value that `read_answer` read, for an item that is asked."""
    if answer.not_applicable and item.spec.not_applicable:
        return Verdict("not_applicable", text=N_("not applicable: left out"))
    if value is None:
        missing = item.spec.required
        text = N_("not answered yet") if missing else N_("not answered, and need not be")
        return Verdict("missing" if missing else "skipped", text=text)
    return _JUDGES[item.spec.answer](item, value)


def _word(item: ItemRule, value: object, yes: str, no: str) -> Value | Mistake:
    text = str(value).strip().lower()
    if text in (yes, no):
        return text
    if text in WORDS:
        return yes if WORDS[text] else no
    return unknown(str(value), N_("'{name}' is no answer to item '{item}'"), (yes, no), item=item.id)


def _option(item: ItemRule, value: object) -> Value | Mistake:
    text = str(value)
    if text in item.options:
        return text
    return unknown(text, N_("'{name}' is no option of item '{item}'"), item.options, item=item.id)


def _number(item: ItemRule, value: object) -> Value | Mistake:
    number = read_number(value)
    if number is None:
        return mistake(item.id, N_("item '{name}' wants a number, not '{value}'"), value=str(value))
    low = item.spec.min
    high = item.best if item.spec.answer == "score" else item.spec.max
    if item.spec.answer in ("score", "count") and low is None:
        low = Decimal(0)
    if item.spec.answer == "count" and number % 1 != 0:
        return mistake(item.id, N_("item '{name}' wants a whole number, not '{value}'"), value=str(value))
    if (low is not None and number < low) or (high is not None and number > high):
        text = N_("item '{name}' wants a number from {low} to {high}, not {value}")
        bounds = [figure(bound) if bound is not None else "…" for bound in (low, high)]
        return mistake(item.id, text, value=str(value), low=bounds[0], high=bounds[1])
    return number


def _photos(item: ItemRule, answer: Answer) -> Value | Mistake:
    counted = read_number(answer.value) if answer.value not in (None, "") else None
    count = max(Decimal(answer.photos), counted or Decimal(0))
    most = item.spec.max
    if most is not None and count > most:
        return mistake(item.id, N_("item '{name}' takes at most {most} photos"), most=figure(most))
    least = item.spec.min if item.spec.min is not None else Decimal(1)
    return count if count >= least and count > 0 else None


def _passed(value: Value, passed: bool, text: str, /, **params: Word) -> Verdict:
    return Verdict("passed" if passed else "failed", value, Fraction(int(passed)), None, text, params)


def _judge_pass_fail(item: ItemRule, value: Value) -> Verdict:
    return _passed(value, value == PASS, N_("passed") if value == PASS else N_("not passed"))


def _judge_yes_no(item: ItemRule, value: Value) -> Verdict:
    words = MappingProxyType({"yes": Phrase(N_("yes")), "no": Phrase(N_("no"))})
    text = N_("answered {answer}, expected {expected}")
    return _passed(
        value, value == item.spec.expect, text, answer=words[str(value)], expected=words[item.spec.expect]
    )


def _judge_choice(item: ItemRule, value: Value) -> Verdict:
    option = str(value)
    share, failed = Fraction(item.shares[option]), option in item.fails
    text = N_("graded {grade}: fails") if failed else N_("graded {grade}: earns {share} % of the points")
    params: dict[str, Word] = {"grade": item.options[option], "share": figure(share * 100)}
    return Verdict("failed" if failed else "passed", value, share, None, text, params)


def _judge_score(item: ItemRule, value: Value) -> Verdict:
    number, best = _figure(value), item.best
    failed = not item.limit.holds(number) if item.limit is not None else number <= (item.spec.min or 0)
    params: dict[str, Word] = {"value": figure(number), "best": figure(best or 0)}
    text = N_("{value} of {best}")
    if best is None:
        text = N_("{value}; no highest value is set, so it does not count")
    elif item.limit is not None:
        text, params["limit"] = N_("{value} of {best}; required {limit}"), item.limit.text
    share = Fraction(number) / Fraction(best) if best else Fraction(0)
    return Verdict("failed" if failed else "passed", value, share, None, text, params)


def _judge_figure(item: ItemRule, value: Value) -> Verdict:
    """A number or a count. Each unit outside the limit (without one: each unit) costs `per_unit`."""
    number = _figure(value)
    params: dict[str, Word] = {"value": f"{figure(number)} {item.spec.unit or ''}".strip()}
    if item.limit is None and item.spec.answer == "number":
        return Verdict("recorded", value, Fraction(1), None, N_("{value}, recorded"), params)
    passed = item.limit.holds(number) if item.limit is not None else number == 0
    params["limit"] = item.limit.text if item.limit is not None else "= 0"
    text = N_("{value} keeps within {limit}") if passed else N_("{value} is outside {limit}")
    if passed or item.spec.per_unit is None:
        return _passed(value, passed, text, **params)
    units = _outside(item, number)
    lost = units * item.spec.per_unit
    if item.spec.points is not None:
        lost = min(lost, item.spec.points)
    text = N_("{value} is outside {limit}: {units} too many or too few, {each} points each")
    params |= {"units": figure(units), "each": figure(item.spec.per_unit)}
    points = item.spec.points or Decimal(0)
    share = 1 - Fraction(lost) / Fraction(points) if points > 0 else Fraction(0)
    return Verdict("failed", value, share, lost, text, params)


def _outside(item: ItemRule, number: Decimal) -> Decimal:
    """How far a figure lies outside its limit: a count from the nearest whole number that keeps it, another
    figure from the bound, and 1 where only the bound itself is excluded."""
    low = item.limit.low if item.limit is not None else Decimal(0)
    high = item.limit.high if item.limit is not None else Decimal(0)
    if item.spec.answer == "count" and item.limit is not None:
        low, high = _whole_bounds(item.limit)
    if low is not None and number < low:
        return low - number
    if high is not None and number > high:
        return number - high
    return Decimal(1)


def _whole_bounds(limit: Figure) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most whole number that a limit allows."""
    low, high = limit.low, limit.high
    if low is not None:
        low = (
            low.to_integral_value(ROUND_FLOOR) + 1
            if limit.op == "gt"
            else low.to_integral_value(ROUND_CEILING)
        )
    if high is not None:
        high = (
            high.to_integral_value(ROUND_CEILING) - 1
            if limit.op == "lt"
            else high.to_integral_value(ROUND_FLOOR)
        )
    return low, high


def _judge_recorded(item: ItemRule, value: Value) -> Verdict:
    return Verdict("recorded", value, Fraction(1), None, N_("recorded"))


def _figure(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


_READERS: Mapping[str, Callable[[ItemRule, object], Value | Mistake]] = MappingProxyType(
    {
        "pass_fail": lambda item, value: _word(item, value, PASS, FAIL),
        "yes_no": lambda item, value: _word(item, value, "yes", "no"),
        "choice": _option,
        "score": _number,
        "number": _number,
        "count": _number,
        "text": lambda item, value: str(value),
    }
)
_JUDGES: Mapping[str, Callable[[ItemRule, Value], Verdict]] = MappingProxyType(
    {
        "pass_fail": _judge_pass_fail,
        "yes_no": _judge_yes_no,
        "choice": _judge_choice,
        "score": _judge_score,
        "number": _judge_figure,
        "count": _judge_figure,
        "text": _judge_recorded,
        "photo": _judge_recorded,
    }
)
