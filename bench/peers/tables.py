"""The peers' own tables as a developer maps them: keys, links and the unique code are indexed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

metadata = sa.MetaData()
registry = orm.registry(metadata=metadata)
Base = registry.generate_base()


class Customer(Base):
    __tablename__ = "peer_customer"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)

    def __repr__(self) -> str:
        return self.name


class Category(Base):
    __tablename__ = "peer_category"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)

    def __repr__(self) -> str:
        return self.name


class Orders(Base):
    __tablename__ = "peer_orders"
    id = sa.Column(sa.Integer, primary_key=True)
    code = sa.Column(sa.String(32), nullable=False, unique=True)
    title = sa.Column(sa.String(120), nullable=False)
    status = sa.Column(sa.String(20))
    priority = sa.Column(sa.Integer)
    amount = sa.Column(sa.Numeric(14, 2))
    weight = sa.Column(sa.Numeric(10, 2))
    active = sa.Column(sa.Boolean)
    due_date = sa.Column(sa.Date)
    placed_at = sa.Column(sa.DateTime)
    email = sa.Column(sa.String(120))
    phone = sa.Column(sa.String(40))
    city = sa.Column(sa.String(60))
    notes = sa.Column(sa.Text)
    customer_id = sa.Column(sa.ForeignKey("peer_customer.id"), index=True)
    category_id = sa.Column(sa.ForeignKey("peer_category.id"), index=True)
    customer = orm.relationship(Customer)
    category = orm.relationship(Category)

    def __repr__(self) -> str:
        return self.code
