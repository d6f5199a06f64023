"""YAML text -> nodes with places -> diagnostics. Knows nothing of what the words mean."""

from app.source.diagnostics import (
    N_,
    ConfigError,
    Diagnostic,
    Phrase,
    PortalError,
    Severity,
    Span,
    Translate,
    fault,
    near,
    sort_key,
    unknown_name_hint,
    untranslated,
    warning,
)
from app.source.files import collect_files
from app.source.reader import (
    Composed,
    SourceFile,
    Sources,
    collector_paused,
    parse_files,
    parse_text,
    read_sources,
)

__all__ = [
    "N_",
    "Composed",
    "ConfigError",
    "Diagnostic",
    "Phrase",
    "PortalError",
    "Severity",
    "SourceFile",
    "Sources",
    "Span",
    "Translate",
    "collect_files",
    "collector_paused",
    "fault",
    "near",
    "parse_files",
    "parse_text",
    "read_sources",
    "sort_key",
    "unknown_name_hint",
    "untranslated",
    "warning",
]
