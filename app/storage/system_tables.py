"""Tables that no record type declares: answers, drafts, releases' files, number series, the outbox.

The same definitions are added to each release's own metadata; `TABLES` is the copy that code without a
release at hand works with (starting up, numbering, delivering).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa

from app.storage.accounts import add_account_tables
from app.storage.columns import Fixed, Moment, json_type
from app.storage.duty_tables import add_duty_tables
from app.storage.penalty_tables import add_penalty_tables

POINTS_PLACES = 4
NUMBER_PLACES = 6


def add_system_tables(metadata: sa.MetaData) -> None:
    """Add every system table and the accounts to `metadata`. They refer to the kernel tables `release` and
    `person` by plain numbers, so that they stand by themselves."""
    add_account_tables(metadata)
    _checklists(metadata)
    _releases(metadata)
    _machinery(metadata)
    add_duty_tables(metadata)
    add_penalty_tables(metadata)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _of_record() -> tuple[sa.Column[str] | sa.Column[int], ...]:
    """Which field of which record a row belongs to; record_type is a full name."""
    return (
        _words("record_type"),
        sa.Column("record_id", sa.Integer, nullable=False),
        _words("field"),
    )


def _checklists(metadata: sa.MetaData) -> None:
    sa.Table(
        "answer",
        metadata,
        _id(),
        *_of_record(),
        _words("checklist"),
        _words("section"),
        _words("item"),
        _words("answer"),
        _words("value", nullable=True),
        sa.Column("number", Fixed(NUMBER_PLACES)),
        _words("remark", nullable=True),
        sa.Column("not_applicable", sa.Boolean, nullable=False),
        sa.Column("passed", sa.Boolean),
        sa.Column("points", Fixed(POINTS_PLACES)),
        sa.Column("lost", Fixed(POINTS_PLACES)),
        sa.Index("ix_answer_record", "record_type", "record_id", "field", "item", unique=True),
        sa.Index("ix_answer_item", "checklist", "item"),
    )
    sa.Table(
        "checklist_run",
        metadata,
        _id(),
        *_of_record(),
        _words("checklist"),
        sa.Column("release_id", sa.Integer),
        sa.Column("result", json_type()),
        sa.Column("reasons", json_type()),
        sa.Column("inputs", json_type()),
        sa.Index("ix_checklist_run_record", "record_type", "record_id", "field", unique=True),
    )
    sa.Table(
        "draft",
        metadata,
        _id(),
        sa.Column("person_id", sa.Integer, nullable=False),
        *_of_record(),
        sa.Column("payload", json_type()),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.Index("ix_draft_place", "person_id", "record_type", "record_id", "field", unique=True),
    )


def _releases(metadata: sa.MetaData) -> None:
    sa.Table(
        "release_file",
        metadata,
        sa.Column("release_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("path", sa.Text, primary_key=True),
        _words("sha256"),
    )
    sa.Table(
        "revision_file",
        metadata,
        sa.Column("revision_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("path", sa.Text, primary_key=True),
        _words("sha256", nullable=True),
        sa.Column("saved_at", Moment(), nullable=False),
    )
    sa.Table(
        "revision_editor",
        metadata,
        sa.Column("revision_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, primary_key=True, autoincrement=False),
    )
    sa.Table(
        "file_content",
        metadata,
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    sa.Table(
        "release_type",
        metadata,
        sa.Column("release_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_type", sa.Text, primary_key=True),
        _words("open_records"),
        sa.Column("done_at", Moment()),
    )
    sa.Table(
        "release_move",
        metadata,
        sa.Column("release_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_type", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("old", sa.Integer, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
    )
    sa.Table(
        "release_stay",
        metadata,
        sa.Column("release_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_type", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Integer, primary_key=True, autoincrement=False),
    )
    sa.Table(
        "retired",
        metadata,
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("column_name", sa.Text, primary_key=True),
        sa.Column("retired_at", Moment(), nullable=False),
    )


def _machinery(metadata: sa.MetaData) -> None:
    sa.Table(
        "number_series",
        metadata,
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    sa.Table(
        "outbox",
        metadata,
        _id(),
        sa.Column("key", sa.Text, nullable=False),
        _words("kind"),
        sa.Column("payload", json_type()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_until", Moment()),
        sa.Column("done_at", Moment()),
        _words("error", nullable=True),
        _words("lane", nullable=True),
        sa.Column("failed_at", Moment()),
        sa.Index("ix_outbox_key", "key", unique=True),
        sa.Index("ix_outbox_due", "done_at", "due_at"),
        sa.Index("ix_outbox_lane", "lane", "id"),
    )
    sa.Table(
        "job",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("next_at", Moment()),
        sa.Column("claimed_until", Moment()),
        sa.Column("started_at", Moment()),
        sa.Column("finished_at", Moment()),
        sa.Column("worked_at", Moment()),
        sa.Column("did", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failed_at", Moment()),
        _words("error", nullable=True),
        _words("worker", nullable=True),
        sa.Column("memo", json_type()),
    )
    sa.Table(
        "worker",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
    )


def _static_tables() -> Mapping[str, sa.Table]:
    metadata = sa.MetaData()
    add_system_tables(metadata)
    return MappingProxyType(dict(metadata.tables))


TABLES: Mapping[str, sa.Table] = _static_tables()
"""The system tables by name, for statements that need no release."""
