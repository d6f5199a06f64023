"""Elapsed times in words, and as an entry field shows them."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _


def format_duration(value: timedelta) -> str:
    """The largest units that say it exactly: `1 day 4 hours`."""
    seconds = round(value.total_seconds())
    sign, seconds = ("−", -seconds) if seconds < 0 else ("", seconds)
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = [
        _("%(n)s d", n=days) if days else "",
        _("%(n)s h", n=hours) if hours else "",
        _("%(n)s min", n=minutes) if minutes else "",
        _("%(n)s s", n=seconds) if seconds else "",
    ]
    return sign + (" ".join(part for part in parts if part) or _("%(n)s min", n=0))


def duration_text(value: timedelta) -> str:
    """The text of an entry field: `H:MM`, or with seconds where there are any."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")
