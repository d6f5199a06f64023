"""One use case a module: may I, then do, then write it down, in one transaction.

request -> access.decide -> rules -> workflow -> storage: record + audit + outbox, one commit
"""

from app.actions.attach_file import UploadRefused
from app.actions.coerce import Unreadable, coerce
from app.actions.context import Context
from app.actions.delete_record import delete_record
from app.actions.errors import InvalidRecord
from app.actions.exporting import note_export
from app.actions.records import load_for, open_record
from app.actions.save_record import create_record, save_record
from app.actions.storing import Saved

__all__ = [
    "Context",
    "InvalidRecord",
    "Saved",
    "Unreadable",
    "UploadRefused",
    "coerce",
    "create_record",
    "delete_record",
    "load_for",
    "note_export",
    "open_record",
    "save_record",
]
