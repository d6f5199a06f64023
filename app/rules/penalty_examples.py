"""Examples of penalty schedules: judge each, compare what was expected, name the rules that none reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from app.checks import ExampleReport, FailedExample
from app.rules.mistakes import CaseError
from app.rules.outcomes import Penalty, PenaltyAssessment
from app.rules.penalties import assess
from app.rules.reasons import Reason
from app.rules.schedules import CompiledSchedule, compile_schedule
from app.rules.values import figure
from app.rules.worded import case_in_words
from app.source import N_, ConfigError, Diagnostic, Span, warning
from app.spec.penalties import Expected, PenaltyExample, PenaltySchedule
from app.spec.portal import Portal

NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)
"""When an example happens that does not say so: noon in Beijing on a Monday."""
OPEN, NOTHING = "~", "-"
EXEMPT, NOT_EXEMPT = "exempt", "not exempt"
_CHANGES = ("raise", "multiply", "add", "sanctions")
"""What a rule for repeated faults does, by the names that its reasons have."""


def run_schedule(portal: Portal, schedule: PenaltySchedule) -> ExampleReport:
    """Run the examples of one schedule. A rule is reached when the reasons of an example name it."""
    try:
        compiled = compile_schedule(portal, schedule)
    except ConfigError:
        return ExampleReport()
    passed, failed, reached = 0, list[FailedExample](), set[str]()
    for example in schedule.examples:
        try:
            found = assess(compiled, case_in_words(compiled, example.given, NOON))
        except CaseError as error:
            said = "; ".join(one.message() for one in error.mistakes)
            failed.append(FailedExample(example.span_of("given"), example.name, _all_expected(example), said))
            continue
        reached |= _reached(found)
        differences = tuple(_differences(example, found))
        failed += differences
        passed += not differences
    return ExampleReport(passed, tuple(failed), tuple(_unreached(compiled, reached)))


def _differences(example: PenaltyExample, found: PenaltyAssessment) -> Iterator[FailedExample]:
    """One failure for each key of the example that comes out otherwise."""
    if example.expect is not None and not _fits(example.expect, found.penalties):
        got = _shown([_got(one, example.expect) for one in found.penalties])
        yield FailedExample(
            example.span_of("expect"), example.name, _shown(map(_wanted, example.expect)), got
        )
    if "exempt" in example.model_fields_set:
        wanted, got = _exempt_wanted(example.exempt), _exempt_got(example.exempt, found)
        if wanted != got:
            yield FailedExample(example.span_of("exempt"), example.name, wanted, got)
    if example.decided_by is not None and example.decided_by != found.decided_by:
        place = example.span_of("decided_by")
        yield FailedExample(place, example.name, _shown(example.decided_by), _shown(found.decided_by))


def _exempt_wanted(written: str | None) -> str:
    """What an example expects: `~` nobody is let off, `yes` somebody is, whatever is done instead."""
    if written is None:
        return NOT_EXEMPT
    return EXEMPT if written.strip().lower() in ("", "yes", "true") else written


def _exempt_got(written: str | None, found: PenaltyAssessment) -> str:
    if found.exempt is None:
        return NOT_EXEMPT
    return EXEMPT if _exempt_wanted(written) == EXEMPT else found.exempt.instead or EXEMPT


def _fits(expected: tuple[Expected, ...], penalties: tuple[Penalty, ...]) -> bool:
    """Whether the same people are charged, each as far as the example says."""
    by_person = {penalty.to: penalty for penalty in penalties}
    if sorted(one.to for one in expected) != sorted(by_person):
        return False
    return all(_wanted(one) == _got(by_person[one.to], expected) for one in expected)


def _wanted(one: Expected) -> str:
    amount = _figure(one.amount) if "amount" in one.model_fields_set else ""
    points = _points(one.points) if "points" in one.model_fields_set else ""
    sanctions = f"[{', '.join(one.sanctions)}]" if one.sanctions is not None else ""
    return " ".join(part for part in (one.to, amount, points, sanctions) if part)


def _got(penalty: Penalty, expected: Iterable[Expected]) -> str:
    """The penalty in the words of the example: only the keys that the example compares for that person."""
    example = next((one for one in expected if one.to == penalty.to), None)
    charged = penalty.points if penalty.kind == "points" else penalty.amount
    amount = _figure(charged) if example is None or "amount" in example.model_fields_set else ""
    points = _points(penalty.points) if example and "points" in example.model_fields_set else ""
    with_sanctions = example is None or example.sanctions is not None
    sanctions = f"[{', '.join(penalty.sanctions)}]" if with_sanctions else ""
    return " ".join(part for part in (penalty.to, amount, points, sanctions) if part)


def _figure(value: Decimal | None) -> str:
    return OPEN if value is None else figure(value)


def _points(value: Decimal | None) -> str:
    return f"points {_figure(value)}"


def _shown(parts: Iterable[str]) -> str:
    return "; ".join(parts) or NOTHING


def _all_expected(example: PenaltyExample) -> str:
    if example.expect is not None:
        return _shown(map(_wanted, example.expect))
    return example.exempt or _shown(example.decided_by or ())


def _reached(found: PenaltyAssessment) -> set[str]:
    """The rules that took hold: those named by reasons, less the joint rows that only say why not."""
    reached = {f"levels.{found.level}", f"levels.{found.found_level}"}
    taken = [*found.because, *(found.exempt.because if found.exempt else ())]
    reached |= {
        reason.rule.partition(".")[0] for reason in taken if reason.rule.startswith(("decided", "exempt"))
    }
    for penalty in found.penalties:
        reached |= {_row(reason) for reason in penalty.because}
    return reached


def _row(reason: Reason) -> str:
    """The row of a rule; for a repetition only what it changes counts as reached."""
    first, _, rest = reason.rule.partition(".")
    if first != "repeat":
        return first
    times, since = reason.inputs.get("times"), reason.inputs.get("from")
    taken = isinstance(times, int) and isinstance(since, int) and times >= since
    return "repeat" if taken or rest in _CHANGES else ""


def _unreached(schedule: CompiledSchedule, reached: set[str]) -> Iterator[Diagnostic]:
    """EXM003: a warning for each level and row that no example reaches."""
    rows: list[tuple[str, Span]] = [
        (f"levels.{name}", schedule.spec.key_at("levels", name)) for name in schedule.levels
    ]
    for rules in (schedule.decided_by, schedule.joint, schedule.exempt):
        rows += [(rule.name, rule.at) for rule in rules]
    if schedule.repeat is not None and schedule.repeat.within.set and schedule.repeat.spec.from_:
        rows.append(("repeat", schedule.repeat.at))
    text = N_("no example of '{schedule}' reaches {rule}")
    hint = N_("add an example in which it decides")
    for rule, place in rows:
        if rule not in reached:
            yield warning("EXM003", place, text, hint, schedule=schedule.spec.full_name, rule=rule)
