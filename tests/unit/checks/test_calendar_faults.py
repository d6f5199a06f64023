"""Calendars that cannot be counted are refused with the place of the fault."""

from __future__ import annotations

import pytest

from tests.unit.checks.test_meaning import codes

OFFICE = 'hours: {mon-fri: "09:00-17:00"}'


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        pytest.param(OFFICE, [], id="plain"),
        pytest.param('hours: {mon: ["09:00-12:00", "13:30-18:00"], sat: "09:00-12:00"}', [], id="several"),
        pytest.param('hours: {fri-mon: "09:00-12:00"}', [], id="over the end of the week"),
        pytest.param('hours: {mon-fri: "22:00-30:00"}', [], id="past midnight"),
        pytest.param('hours: {mon-sun: "00:00-24:00"}', [], id="all day"),
        pytest.param('hours: {mon-fri: ["09:00-12:00", "12:00-13:00"]}', [], id="touching"),
        pytest.param('hours: {mon-fri: "17:00-09:00"}', ["SET004"], id="backwards"),
        pytest.param('hours: {mon-fri: "09:00-09:00"}', ["SET004"], id="no length"),
        pytest.param('hours: {mon-fri: "09:00-34:00"}', ["SET004"], id="longer than a day"),
        pytest.param('hours: {mon-fri: ["09:00-20:00", "21:00-34:00"]}', ["SET004"], id="a day too long"),
        pytest.param('hours: {mon-fri: "9-17"}', ["SET004"], id="no minutes"),
        pytest.param('hours: {mon-fri: "09:60-17:00"}', ["SET004"], id="no such minute"),
        pytest.param('hours: {mon-fri: "24:00-25:00"}', ["SET004"], id="begins tomorrow"),
        pytest.param('hours: {mon-fri: ["09:00-12:00", "11:00-18:00"]}', ["SET004"], id="overlapping"),
        pytest.param('hours: {mon-fri: ["13:00-18:00", "09:00-12:00"]}', ["SET004"], id="out of order"),
        pytest.param('hours: {mon: "22:00-30:00", tue: "05:00-09:00"}', ["SET004"], id="into the next day"),
        pytest.param('hours: {sun: "22:00-30:00", mon: "05:00-09:00"}', ["SET004"], id="into Monday"),
        pytest.param('hours: {mon: "22:00-30:00", tue: "06:00-09:00"}', [], id="up to the next day"),
        pytest.param('hours: {mo: "09:00-12:00"}', ["SET004"], id="no weekday"),
        pytest.param('hours: {mon-fri: "09:00-12:00", fri: "09:00-11:00"}', ["SET004"], id="twice"),
        pytest.param("hours: {mon-fri: []}", ["SET004"], id="never open"),
        pytest.param("holidays: CN", ["SET004"], id="holidays alone"),
        pytest.param("hours: {}, open: [2026-02-15]", ["SET004"], id="opened without hours"),
        pytest.param('open: {2026-02-15: "09:00-12:00"}', [], id="open days alone"),
        pytest.param('hours: {tue: "09:00-12:00"}, open: [2026-02-15]', ["SET004"], id="no hours to take"),
        pytest.param('hours: {tue: "09:00-12:00"}, open: [2026-02-17]', [], id="its weekday's hours"),
        pytest.param('hours: {mon: "09:00-12:00"}, open: [2026-02-17]', [], id="Monday's hours"),
        pytest.param(f"{OFFICE}, holidays: CN", [], id="a country"),
        pytest.param(f"{OFFICE}, holidays: US-CA", [], id="a part of a country"),
        pytest.param(f"{OFFICE}, holidays: US-XX", ["SET003"], id="no such part"),
        pytest.param(f"{OFFICE}, holidays: CN-BJ", ["SET003"], id="no parts at all"),
        pytest.param(f"{OFFICE}, holidays: XX", ["SET003"], id="no country"),
        pytest.param(f"{OFFICE}, closed: [2026-12-30..2027-01-03]", [], id="a closure"),
        pytest.param(f"{OFFICE}, closed: 2026-12-31, open: 2026-02-15", [], id="one day alone"),
        pytest.param(f"{OFFICE}, closed: [2027-01-03..2026-12-30]", ["SET004"], id="a closure backwards"),
        pytest.param(f"{OFFICE}, closed: [2026-02-30]", ["SET004"], id="no date"),
        pytest.param(f"{OFFICE}, timezone: Asia/Peking", ["SET002"], id="no zone"),
        pytest.param(f'{OFFICE}, half_day: "12:00"', [], id="a dividing time"),
        pytest.param(f"{OFFICE}, half_day: 4 hours", [], id="a length"),
        pytest.param(f"{OFFICE}, half_day: 4 working hours", [], id="a working length"),
        pytest.param(f"{OFFICE}, half_day: noon", ["SET004"], id="no half"),
        pytest.param(f"{OFFICE}, half_day: 1 day", ["SET004"], id="half a day of one day"),
        pytest.param(f"{OFFICE}, until: 2026-12-31, open: [2026-12-30]", [], id="kept up"),
        pytest.param(f"{OFFICE}, until: 2026-12-31, open: [2027-01-04]", ["SET004"], id="open after the end"),
        pytest.param("always: true", [], id="always"),
        pytest.param(f"always: true, {OFFICE}", ["SET004"], id="always and hours"),
        pytest.param("always: true, holidays: CN", ["SET004"], id="always and holidays"),
    ],
)  # fmt: skip
def test_calendars(calendar: str, expected: list[str]) -> None:
    """Hours are in order, days and countries exist, and there is working time at all."""
    assert codes(f"calendars: {{office: {{title: 办公时间, {calendar}}}}}\n") == expected
