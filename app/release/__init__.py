"""Portal -> Release: names resolved, expressions compiled, content hashed."""

from app.release.compile import compile_release, content_hash, table_name
from app.release.model import FieldModel, RecordModel, Release
from app.release.names import Names, in_words

__all__ = [
    "FieldModel",
    "Names",
    "RecordModel",
    "Release",
    "compile_release",
    "content_hash",
    "in_words",
    "table_name",
]
