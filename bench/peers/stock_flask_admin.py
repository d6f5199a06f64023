"""Flask-Admin as it comes, behind a Flask-Login gate (it has no accounts of its own)."""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_admin import Admin, AdminIndexView
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import orm

from bench.peers.tables import Category, Customer, Orders
from bench.shape import FIELDS, LIST_COLUMNS

engine = sa.create_engine(os.environ["BENCH_DATABASE"])
session = orm.scoped_session(orm.sessionmaker(engine))
app = application = Flask("stock_flask_admin")
app.config.update(SECRET_KEY="bench-" + "y" * 32)
Babel(app)
login = LoginManager(app)


class Account(UserMixin):
    id = "1"


@login.user_loader
def load(_key: str) -> Account:
    return Account()


@app.route("/login/", methods=["GET", "POST"])
def sign_in() -> object:
    if request.method == "POST":
        login_user(Account())
        return redirect("/admin/")
    return "<form method=post></form>"


class Gate:
    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)


class Index(Gate, AdminIndexView):
    pass


class Plain(Gate, ModelView):
    page_size = 25


class OrdersView(Plain):
    can_view_details = True
    column_list = list(LIST_COLUMNS)
    column_searchable_list = ["title"]
    column_filters = ["status", "priority", "due_date"]
    column_default_sort = ("id", True)
    form_columns = column_details_list = list(FIELDS)


admin = Admin(app, name="Stock", index_view=Index())
admin.add_view(OrdersView(Orders, session, category="Data", endpoint="orders"))
admin.add_view(Plain(Customer, session, category="Data", endpoint="customer"))
admin.add_view(Plain(Category, session, category="Data", endpoint="category"))


@app.teardown_appcontext
def close(_error: BaseException | None) -> None:
    session.remove()
