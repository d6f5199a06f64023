"""How often a duty comes round, in the reader's words: `every week · Monday · 09:00`."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

from app.source import N_
from app.spec.recurrence import Recurrence, RecurrenceUnit, Shift
from app.spec.recurrence_spots import Spot
from app.spec.recurrence_units import PeriodUnit

_EVERY: Mapping[RecurrenceUnit, tuple[str, str]] = {
    "day": (N_("every day"), N_("every %(count)s days")),
    "working_day": (N_("every working day"), ""),
    "week": (N_("every week"), N_("every %(count)s weeks")),
    "ten_days": (N_("every ten days of the month"), N_("every %(count)s ten-day periods")),
    "month": (N_("every month"), N_("every %(count)s months")),
    "quarter": (N_("every quarter"), N_("every %(count)s quarters")),
    "half_year": (N_("every half-year"), N_("every %(count)s half-years")),
    "year": (N_("every year"), N_("every %(count)s years")),
}
_SHIFTED: Mapping[Shift, str] = {
    "none": "",
    "next": N_("or the next working day"),
    "previous": N_("or the working day before"),
}


def rule_words(rule: Recurrence) -> str:
    """The rule as one line."""
    one, many = _EVERY[rule.unit]
    parts = [_(one) if rule.step == 1 else _(many, count=rule.step)]
    parts += [_(", ").join(_spot_words(spot, rule.period) for spot in rule.on)] if rule.on else []
    parts += [_(", ").join(f"{clock:%H:%M}" for clock in rule.at)] if rule.at else []
    parts += [_(_SHIFTED[rule.shift])] if rule.shift != "none" else []
    return " · ".join(parts)


def _spot_words(spot: Spot, unit: PeriodUnit) -> str:
    number = spot.number
    if spot.kind == "weekday":
        name = str(get_day_names("wide", locale=get_locale() or "en")[spot.weekday])
        if number == 0:
            return name
        words = (
            _("last %(weekday)s", weekday=name)
            if number < 0
            else _("%(weekday)s no. %(number)s", weekday=name, number=number)
        )
        return str(words)
    if spot.kind == "working_day":
        return str(_("last working day") if number < 0 else _("working day no. %(number)s", number=number))
    if spot.kind == "date":
        if unit == "year":
            return f"{spot.month:02d}-{number:02d}"
        return str(_("day %(day)s of its month no. %(month)s", day=number, month=spot.month))
    return str(_("last day") if number < 0 else _("day %(day)s", day=number))
