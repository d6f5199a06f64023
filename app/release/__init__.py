"""Portal -> Release: names resolved, expressions compiled, content hashed."""

from app.release.compile import compile_release, content_hash, table_name
from app.release.model import FieldModel, RecordModel, Release
from app.release.names import in_words, names_of

__all__ = [
    "FieldModel",
    "RecordModel",
    "Release",
    "compile_release",
    "content_hash",
    "in_words",
    "names_of",
    "table_name",
]
