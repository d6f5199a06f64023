"""Examples of duties: the turns between two days, compared with what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from app.checks import ExampleReport, FailedExample
from app.release.duties import compile_duty
from app.release.duty_model import DutyModel
from app.rules.calendars import WorkingCalendar
from app.rules.clock_given import read_moment_words
from app.rules.duty_turns import Times, Turn, counted_periods, turns
from app.rules.said_times import said_moment
from app.source import N_, Diagnostic, warning
from app.spec.portal import Portal
from app.spec.service_levels import Duty, DutyExample

NOTHING = "[]"
_INSTANT = timedelta(microseconds=1)


def run_duty(portal: Portal, duty: Duty, calendars: Mapping[str, WorkingCalendar]) -> ExampleReport:
    """Run the examples of one duty; `calendars` are the portal's by full name."""
    faults: list[Diagnostic] = []
    model = compile_duty(portal, duty, faults)
    if faults or (duty.every is not None and model.rule is None):
        return ExampleReport()
    times = Times(portal.settings.timezone, calendars.get(model.calendar or ""))
    passed, failed, reached = 0, list[FailedExample](), False
    for example in (one for one in duty.examples if one.given.sound):
        found = _turns(model, example, times)
        differences = tuple(_differences(example, found, times))
        reached = reached or any(found.values())
        failed += differences
        passed += not differences
    return ExampleReport(
        passed, tuple(failed), () if reached or not (passed or failed) else (_unreached(duty),)
    )


def _turns(model: DutyModel, example: DutyExample, times: Times) -> dict[str, list[str]]:
    """What comes between the two days, by what an example may expect of it."""
    first, last = example.given.from_, example.given.until
    begin, end = times.midnight(first), times.midnight(last + timedelta(days=1))
    found: list[Turn] = list(turns(model, begin - _INSTANT, end - _INSTANT, times))
    return {
        "days": list(dict.fromkeys(times.day(one.at).isoformat() for one in found)),
        "times": [said_moment(one.at, times.zone) for one in found],
        "due": [_said(one.due_at, times) for one in found],
        "periods": [one.name for one in counted_periods(model, first, last)],
    }


def _said(due: datetime | None, times: Times) -> str:
    return said_moment(due, times.zone, end=True) if due is not None else "~"


def _differences(
    example: DutyExample, found: Mapping[str, list[str]], times: Times
) -> Iterator[FailedExample]:
    """One failure for each key of the example that comes out otherwise."""
    for key, values in example.expect.items():
        expected = [_comparable(key, value, times) for value in values]
        got = found.get(key, [])
        if expected != got:
            place = example.span_at("expect", key)
            yield FailedExample(place, example.name, _listed(expected), _listed(got))


def _comparable(key: str, value: str, times: Times) -> str:
    """What is expected, in the form in which results are written."""
    if key not in ("times", "due"):
        return value
    try:
        return said_moment(read_moment_words(value, times.zone), times.zone, end=key == "due")
    except ValueError:
        return value


def _listed(values: list[str]) -> str:
    return ", ".join(values) or NOTHING


def _unreached(duty: Duty) -> Diagnostic:
    """EXM003: no example has a single turn."""
    text = N_("no example of '{schedule}' reaches {rule}")
    key = "every" if duty.wrote("every") else "at_least"
    hint = N_("add an example in which it decides")
    return warning("EXM003", duty.span_of(key), text, hint, schedule=duty.full_name, rule=key)
