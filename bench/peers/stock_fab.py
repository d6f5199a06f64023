"""Flask-AppBuilder as it comes: one ModelView and one REST view, log-in and permissions on."""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelRestApi, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import orm

from bench.peers.tables import Category, Customer, Orders
from bench.shape import FIELDS, LIST_COLUMNS


class OrdersView(ModelView):
    datamodel = SQLAInterface(Orders)
    route_base = "/orders"
    list_columns = list(LIST_COLUMNS)
    show_columns = add_columns = edit_columns = list(FIELDS)
    search_columns = ["code", "title", "status", "priority", "due_date"]
    base_order = ("id", "desc")


class OrdersApi(ModelRestApi):
    datamodel = SQLAInterface(Orders)
    resource_name = "orders"
    list_columns = [
        "id",
        "code",
        "title",
        "status",
        "priority",
        "amount",
        "due_date",
        "customer.name",
        "category.name",
    ]
    base_order = ("id", "desc")
    page_size = 25
    allow_browser_login = True


class CustomerView(ModelView):
    datamodel = SQLAInterface(Customer)
    list_columns = ["name"]


class CategoryView(ModelView):
    datamodel = SQLAInterface(Category)
    list_columns = ["name"]


def make() -> Flask:
    engine = sa.create_engine(os.environ["BENCH_DATABASE"])
    session = orm.scoped_session(orm.sessionmaker(engine))
    app = Flask("stock_fab")
    app.config.update(SECRET_KEY="bench-" + "x" * 32, WTF_CSRF_ENABLED=True, APP_NAME="Stock")
    Model.metadata.create_all(engine)
    with app.app_context():
        builder = AppBuilder(app, session)
        builder.add_view(OrdersView, "Orders", category="Data")
        builder.add_view(CustomerView, "Customers", category="Data")
        builder.add_view(CategoryView, "Categories", category="Data")
        builder.add_api(OrdersApi)
        if builder.sm.find_user("peer") is None:
            builder.sm.add_user(
                "peer", "A", "B", "peer@example.org", builder.sm.find_role("Admin"), "bench-password"
            )

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session.remove()

    return app


application = make()
