"""A request as the pages read it."""

from __future__ import annotations

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property


class PortalRequest(Request):
    """Flask's, without the one character in an address that no database keeps and nobody means."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        found = super().args
        if b"%00" not in self.query_string and b"\0" not in self.query_string:
            return found
        kept = ((name.replace("\0", ""), text.replace("\0", "")) for name, text in found.items(multi=True))
        return self.parameter_storage_class(list(kept))
