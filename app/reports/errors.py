"""The reports' few errors: words for the user, kept apart from their parameters so that they translate."""

from __future__ import annotations

from app.source import PortalError, Span, Translate, untranslated


class ReportError(PortalError):
    """A report cannot be made. `text` is an English template over `params` (str.format fields)."""

    def __init__(self, text: str, **params: object) -> None:
        self.text = text
        self.params = params
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        """The words for the user in the language of `translate`."""
        return translate(self.text).format(**self.params)


class ReportFailed(ReportError):
    """The layout engine cannot print this HTML; the library's own error is the cause."""


class ReportTemplateFault(ReportError):
    """A report template is wrong; `span` is the place in the template file."""

    def __init__(self, span: Span, text: str, **params: object) -> None:
        self.span = span
        super().__init__(text, **params)

    def message(self, translate: Translate = untranslated) -> str:
        return f"{self.span.file}:{self.span.line}: {super().message(translate)}"


class ImageRejected(ReportError):
    """An upload that is to be a photo is no picture this portal reads, or is too large to open safely."""


class EngineMismatch(ReportError):
    """A layout library is installed in another version than the one the additions were written for."""
