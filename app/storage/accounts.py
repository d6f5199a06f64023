"""The accounts, roles and groups that Flask-AppBuilder keeps, as tables of our own.

Every release maps its own copy of `ab_user`: a relationship to the library's class would leave hooks
on that class for ever, and each release would leak. A test compares these tables with the library's.
"""

from __future__ import annotations

import sqlalchemy as sa


def add_account_tables(metadata: sa.MetaData) -> None:
    """Add the `ab_…` tables to `metadata`."""
    _people(metadata)
    _permissions(metadata)
    _pairs(metadata)
    _keys(metadata)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _to(name: str, target: str, *, cascade: bool = False, nullable: bool = True) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None)
    return sa.Column(name, sa.Integer, key, nullable=nullable)


def _name(length: int, *, unique: bool = True) -> sa.Column[str]:
    return sa.Column("name", sa.String(length), unique=unique, nullable=False)


def _people(metadata: sa.MetaData) -> None:
    sa.Table(
        "ab_user",
        metadata,
        _id(),
        sa.Column("first_name", sa.String(64), nullable=False),
        sa.Column("last_name", sa.String(64), nullable=False),
        sa.Column("username", sa.String(128), unique=True, nullable=False),
        sa.Column("password", sa.String(256)),
        sa.Column("active", sa.Boolean),
        sa.Column("email", sa.String(320), unique=True, nullable=False),
        sa.Column("last_login", sa.DateTime),
        sa.Column("login_count", sa.Integer),
        sa.Column("fail_login_count", sa.Integer),
        sa.Column("created_on", sa.DateTime),
        sa.Column("changed_on", sa.DateTime),
        _to("created_by_fk", "ab_user"),
        _to("changed_by_fk", "ab_user"),
    )
    sa.Table("ab_role", metadata, _id(), _name(64))
    sa.Table(
        "ab_group",
        metadata,
        _id(),
        _name(100),
        sa.Column("label", sa.String(150)),
        sa.Column("description", sa.String(512)),
    )
    sa.Table(
        "ab_register_user",
        metadata,
        _id(),
        sa.Column("first_name", sa.String(64), nullable=False),
        sa.Column("last_name", sa.String(64), nullable=False),
        sa.Column("username", sa.String(128), unique=True, nullable=False),
        sa.Column("password", sa.String(256)),
        sa.Column("email", sa.String(320), unique=True, nullable=False),
        sa.Column("registration_date", sa.DateTime),
        sa.Column("registration_hash", sa.String(256)),
    )


def _permissions(metadata: sa.MetaData) -> None:
    sa.Table("ab_permission", metadata, _id(), _name(100))
    sa.Table("ab_view_menu", metadata, _id(), _name(250))
    sa.Table(
        "ab_permission_view",
        metadata,
        _id(),
        _to("permission_id", "ab_permission", nullable=False),
        _to("view_menu_id", "ab_view_menu", nullable=False),
        sa.UniqueConstraint("permission_id", "view_menu_id"),
        sa.Index("idx_permission_id", "permission_id"),
        sa.Index("idx_view_menu_id", "view_menu_id"),
    )


def _pairs(metadata: sa.MetaData) -> None:
    sa.Table("ab_user_role", metadata, _id(), *_pair(("user", "ab_user"), ("role", "ab_role")))
    sa.Table(
        "ab_permission_view_role",
        metadata,
        _id(),
        *_pair(("permission_view", "ab_permission_view"), ("role", "ab_role")),
        sa.Index("idx_permission_view_id", "permission_view_id"),
        sa.Index("idx_role_id", "role_id"),
    )
    sa.Table(
        "ab_user_group",
        metadata,
        _id(),
        *_pair(("user", "ab_user"), ("group", "ab_group")),
        sa.Index("idx_user_id", "user_id"),
        sa.Index("idx_user_group_id", "group_id"),
    )
    sa.Table(
        "ab_group_role",
        metadata,
        _id(),
        *_pair(("group", "ab_group"), ("role", "ab_role")),
        sa.Index("idx_group_id", "group_id"),
        sa.Index("idx_group_role_id", "role_id"),
    )


def _pair(left: tuple[str, str], right: tuple[str, str]) -> tuple[sa.Column[int] | sa.UniqueConstraint, ...]:
    columns = tuple(_to(f"{name}_id", table, cascade=True) for name, table in (left, right))
    return (*columns, sa.UniqueConstraint(*(column.name for column in columns)))


def _keys(metadata: sa.MetaData) -> None:
    sa.Table(
        "ab_api_key",
        metadata,
        _id(),
        sa.Column("uuid", sa.String(36), unique=True, nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("key_hash", sa.String(256), nullable=False),
        sa.Column("lookup_hash", sa.String(256), unique=True),
        sa.Column("key_prefix", sa.String(16), nullable=False),
        _to("user_id", "ab_user", cascade=True, nullable=False),
        sa.Column("scopes", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_on", sa.DateTime),
        sa.Column("expires_on", sa.DateTime),
        sa.Column("revoked_on", sa.DateTime),
        sa.Column("last_used_on", sa.DateTime),
        sa.Index("idx_api_key_prefix", "key_prefix"),
        sa.Index("idx_api_key_user_id", "user_id"),
        sa.Index("idx_api_key_lookup_hash", "lookup_hash", unique=True),
    )
