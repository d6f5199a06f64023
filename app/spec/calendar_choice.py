"""The built-in choice list that offers the calendars, so that a unit may name its own."""

from __future__ import annotations

from collections.abc import Mapping

from app.spec.portal_settings import Calendar, ChoiceList, Option

CALENDAR_LIST = "calendar"


def with_calendars(
    choices: Mapping[str, ChoiceList], calendars: Mapping[str, Calendar]
) -> Mapping[str, ChoiceList]:
    """The choice lists, the built-in one of calendars filled: full name -> title."""
    options = {name: _placed(Option(title=one.label), one) for name, one in calendars.items()}
    return {
        name: found.model_copy(update={"options": options}) if name == CALENDAR_LIST else found
        for name, found in choices.items()
    }


def _placed(option: Option, calendar: Calendar) -> Option:
    """Where its words stand, for those who translate them."""
    option._raw = calendar._raw
    return option
