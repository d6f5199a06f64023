"""Tables behind duties: how far each has been run, what was drawn, and who must not see what for a time."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.columns import Moment, json_type


def add_duty_tables(metadata: sa.MetaData) -> None:
    """Add `duty_progress`, `duty_draw` and `veil` to `metadata`."""
    sa.Table(
        "duty_progress",
        metadata,
        sa.Column("duty", sa.Text, primary_key=True),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("upto", Moment(), nullable=False),
        sa.Column("release_id", sa.Integer, nullable=False),
    )
    sa.Table(
        "duty_draw",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("duty", sa.Text, nullable=False),
        sa.Column("drawn_at", Moment(), nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("eligible", json_type()),
        sa.Column("days", json_type()),
        sa.Index("ix_duty_draw_key", "key", unique=True),
    )
    sa.Table(
        "veil",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("record_type", sa.Text, nullable=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("unit_id", sa.Integer),
        sa.Column("person_id", sa.Integer),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Index("ix_veil_record", "record_type", "record_id"),
    )
