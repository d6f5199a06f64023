"""The table behind the history of penalties: every change of one is a further row, no row is ever changed."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.columns import MONEY_PLACES, Fixed, Moment, json_type

CHAIN = "penalty_change"


def add_penalty_tables(metadata: sa.MetaData) -> None:
    """Add `penalty_change` to `metadata`."""
    sa.Table(
        CHAIN,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("penalty_id", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("party", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("level", sa.Text),
        sa.Column("base_amount", Fixed(MONEY_PLACES)),
        sa.Column("decided_amount", Fixed(MONEY_PLACES)),
        sa.Column("old_amount", Fixed(MONEY_PLACES)),
        sa.Column("new_amount", Fixed(MONEY_PLACES)),
        sa.Column("paid_amount", Fixed(MONEY_PLACES)),
        sa.Column("refunded_amount", Fixed(MONEY_PLACES)),
        sa.Column("sanctions", sa.Text),
        sa.Column("words", sa.Text),
        sa.Column("reasons", json_type()),
        sa.Column("facts", json_type()),
        sa.Column("detail", json_type()),
        sa.Column("marks", json_type()),
        sa.Column("release_id", sa.Integer),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Index("ix_penalty_change_seq", "penalty_id", "seq", unique=True),
    )
