"""Redirect targets that came from a request: only paths of this portal are followed."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for


def safe_path(target: str | None) -> str | None:
    """`target` when it is a path on this host, else None.

    Refuses other hosts in every dress a browser accepts: `//host`, `/\\host`, `https:host`, control
    characters and blanks that browsers drop.
    """
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    if "\\" in target or any(ord(sign) <= 0x20 or ord(sign) == 0x7F for sign in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def next_or_home() -> str:
    """Where to go after this request: the `next` it names, if safe, else the start page."""
    return safe_path(request.values.get("next")) or url_for("PortalIndexView.index")


def came_from() -> str:
    """The page of this portal that led here, else the start page."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc and referrer.netloc != request.host:
        return url_for("PortalIndexView.index")
    path = referrer.path + (f"?{referrer.query}" if referrer.query else "")
    return safe_path(path) or url_for("PortalIndexView.index")
