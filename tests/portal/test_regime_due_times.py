"""Due times of the four shipped regimes of response times, worked out by hand.

Each was worked out from the words of the rule; none is taken from the examples that stand in the YAML. Office
hours of the concierge's centre are 08:30-12:00 and 13:30-18:00; working days are those of China in 2026: off
on 1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September and 1-7 October; worked on
4 January, 14 and 28 February, 9 May, 20 September and 10 October, which fall on weekends.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.regimes import clock, facts, said, shipped

LEVELS = {
    "arrival": "complaint_arrival",
    "resolution": "complaint_resolution",
    "answer": "enquiry_answer",
    "on_site": "repair_arrival",
    "completion": "repair_completion",
}
"""Short words of the table for service levels."""

TABLE = """
# concierge_sla: CS-D01 to CS-D13
arrival category=repair class=urgent received_at=2026-06-19T23:54 = 2026-06-20T00:04
arrival category=common_area class=hazardous received_at=2026-02-28T23:59 = 2026-03-01T00:09
arrival category=neighbour received_at=2026-01-01T00:00 = 2026-01-01T00:15
arrival category=other received_at=2026-12-31T17:30 = 2027-01-01T01:30
resolution category=attitude class=ordinary received_at=2026-06-18T16:45 = 2026-06-22T11:15
resolution category=attitude class=ordinary received_at=2026-04-07T07:00 = 2026-04-07T14:00
resolution category=repair class=simple received_at=2026-02-14T15:00 = 2026-02-24T09:30
resolution category=repair class=simple received_at=2026-06-19T09:00 = 2026-06-22T14:00
resolution category=attitude class=serious received_at=2026-12-30T23:59 = 2027-01-01T24:00
resolution category=repair class=lasting received_at=2026-04-30T12:00 = 2026-05-13T24:00
resolution category=repair class=lasting received_at=2026-04-30T12:00 agreed_at=2026-05-07T10:00 \
= 2026-05-07T10:00
resolution category=common_area class=harmless received_at=2026-06-17T20:00 = 2026-06-23T24:00
answer category=community not_at_once=true received_at=2026-10-05T06:40 = 2026-10-05T07:10
answer category=outside not_at_once=true received_at=2026-03-31T23:31 = 2026-04-01T00:01
answer category=fees no_set_fee=true resident_agrees=true received_at=2026-03-08T12:15 = 2026-03-08T12:45
answer category=other_departments not_at_once=true received_at=2026-04-03T17:00 = 2026-04-08T24:00
# property: D15 to D19
on_site domain=house urgency=urgent reported_at=2026-10-01T00:00 = 2026-10-01T00:15
on_site domain=power urgency=general breakdown=true reported_at=2026-02-28T23:46 = 2026-03-01T00:01
on_site domain=water urgency=general breakdown=true reported_at=2026-05-01T12:30 = 2026-05-01T12:45
completion domain=house urgency=general reported_at=2026-12-31T16:20 = 2027-01-01T16:20
completion domain=house urgency=general taken_by=night reported_at=2026-10-04T02:00 = 2026-10-05T02:00
completion domain=power urgency=general reported_at=2026-03-31T00:01 = 2026-03-31T24:00
completion domain=power urgency=general reported_at=2026-03-07T23:59 = 2026-03-07T24:00
# hotline_12345: D15.2 to D15.4, D15.6
review track=grievance received_at=2026-02-28T13:05 = 2026-03-01T13:05
review track=complaint received_at=2026-06-19T08:00 = 2026-06-20T08:00
investigation track=grievance further=true reviewed_at=2026-04-30T17:00 = 2026-05-08T24:00
investigation track=grievance further=true reviewed_at=2026-02-13T09:00 = 2026-02-25T24:00
settlement track=grievance received_at=2026-06-16T09:00 = 2026-06-26T24:00
settlement track=grievance received_at=2026-09-30T23:00 = 2026-10-15T24:00
# aftersales_complaint: D01.2, D01.3, the promise of D01.5
response received_at=2026-12-31T21:00 = 2027-01-01T21:00
response received_at=2026-02-16T10:00 forwarded_at=2026-02-16T18:00 = 2026-02-17T10:00
verification received_at=2026-06-16T09:00 forwarded_at=2026-06-17T09:00 = 2026-06-23T24:00
verification received_at=2026-09-18T09:00 forwarded_at=2026-09-18T17:00 = 2026-09-22T24:00
promise at_once=false promised_on=2026-02-28 contacted_at=2026-02-20T09:00 = 2026-02-28T24:00
"""
"""`# regime: rows of its deadline table`, then level, given facts, and when it is due in Beijing."""


def cases() -> Iterator[tuple[str, str, str]]:
    regime = ""
    for line in TABLE.strip().splitlines():
        if line.startswith("# "):
            regime = line[2:].partition(":")[0]
        else:
            given, _, due = line.rpartition(" = ")
            level, _, words = given.partition(" ")
            yield f"{regime}.{LEVELS.get(level, level)}", words, due.replace("T", " ")


@pytest.mark.parametrize(("level", "given", "due"), tuple(cases()))
def test_due_time(level: str, given: str, due: str) -> None:
    """Minutes and hours run day and night, working days by the calendar; days end at midnight."""
    assert said(clock(level, facts(given))) == due


def test_every_level_with_a_figure_is_in_the_table() -> None:
    """No service level of the four regimes that has a figure is left out."""
    regimes = {level.partition(".")[0] for level, _, _ in cases()}
    with_figures = {
        name
        for name, level in shipped().service_levels.items()
        if level.regime in regimes and any(row.time is not None for row in level.within)
    }
    assert {level for level, _, _ in cases()} == with_figures
    assert len(regimes) == 4
