"""The one error of this room."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.source import PortalError, Translate, untranslated

NO_PARAMS: Mapping[str, object] = MappingProxyType({})


class TransitionRefused(PortalError):
    """A transition is not made. `text` is a template over `params`, or the YAML's own words.

    missing: the required fields that are empty, in the order written.
    """

    def __init__(
        self, text: str, params: Mapping[str, object] = NO_PARAMS, missing: tuple[str, ...] = ()
    ) -> None:
        self.text, self.params, self.missing = text, params, missing
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(self.text).format(**self.params) if self.params else translate(self.text)
