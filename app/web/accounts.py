"""Accounts for administrators, and one's own profile: FAB's users and roles behind our own pages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload
from werkzeug.security import check_password_hash

from app.access import Actor
from app.spec.portal import ADMINISTRATOR
from app.storage import pick_records
from app.web.account_entry import AccountEntry, facts_of, password_faults, read_entry, role_rows, role_title
from app.web.account_links import link_account, note_account, people_of_accounts, person_label, person_taken
from app.web.context import actor, served
from app.web.gate import account_key, needs
from app.web.paging import Pages, page_number

PAGE = 50


class AccountsView(BaseView):  # type: ignore[misc,unused-ignore]
    """`/accounts/`: who may sign in, in which roles, and as which person."""

    route_base = "/accounts"
    class_permission_name = "Accounts"
    default_view = "index"

    @expose("/")
    @needs("manage")
    def index(self) -> ResponseReturnValue:
        words = request.args.get("q", "").strip()[:100]
        found = sa.select(User)
        if words:
            like = f"%{words}%"
            columns = (User.username, User.first_name, User.last_name, User.email)
            found = found.where(sa.or_(*(column.ilike(like) for column in columns)))
        database = self.appbuilder.session
        total = database.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
        pages = Pages.of_total(page_number(), PAGE, total)
        rows = database.scalars(
            found.options(selectinload(User.roles)).order_by(User.username).offset(pages.offset).limit(PAGE)
        ).all()
        people = people_of_accounts([user.id for user in rows])
        return render_template(
            "records/accounts.html", users=rows, people=people, pages=pages, words=words, total=total,
            role_title=role_title,
        )  # fmt: skip

    @expose("/add", methods=["GET", "POST"])
    @needs("manage")
    def add(self) -> ResponseReturnValue:
        entry = read_entry(self._roles(), password=True)
        if request.method == "POST" and not self._faults(entry, None):
            user = self.appbuilder.sm.add_user(
                entry.username, entry.first_name, entry.last_name, entry.email,
                [role for role in self._roles() if role.name in entry.roles], password=entry.password,
            )  # fmt: skip
            if user:
                user.active = entry.active
                self.appbuilder.session.commit()
                link_account(int(user.id), entry.person)
                note_account("create", int(user.id), entry.username, {}, facts_of(user))
                flash(_("The account was created."), "success")
                return redirect(url_for("AccountsView.index"))
            entry.errors["username"] = [_("The account could not be created.")]
        return self._form(entry, None)

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @needs("manage")
    def edit(self, pk: int) -> ResponseReturnValue:
        user = self._user(pk)
        if request.method == "GET":
            return self._form(self._entry_of(user), user)
        entry = read_entry(self._roles(), password=False)
        if self._faults(entry, user):
            return self._form(entry, user)
        before = facts_of(user)
        user.username, user.email = entry.username, entry.email
        user.first_name, user.last_name, user.active = entry.first_name, entry.last_name, entry.active
        user.roles = [role for role in self._roles() if role.name in entry.roles]
        self.appbuilder.sm.update_user(user)
        link_account(int(user.id), entry.person)
        note_account("update", int(user.id), entry.username, before, facts_of(user))
        flash(_("The account was changed."), "success")
        return redirect(url_for("AccountsView.index"))

    @expose("/password/<int:pk>", methods=["GET", "POST"])
    @needs("manage")
    def password(self, pk: int) -> ResponseReturnValue:
        user = self._user(pk)
        errors: list[str] = []
        if request.method == "POST":
            password = request.form.get("password", "")
            errors = password_faults(password, request.form.get("again", ""), str(user.username))
            if not errors:
                self.appbuilder.sm.reset_password(pk, password)
                note_account("update", pk, str(user.username), {}, {"password": "***"})
                flash(_("The password was set; open sessions of this account have ended."), "success")
                return redirect(url_for("AccountsView.index"))
        return render_template("records/password.html", user=user, errors=errors, own=False)

    @expose("/people")
    @needs("manage")
    def people(self) -> ResponseReturnValue:
        """Persons for the picker of the account form."""
        found = pick_records(
            self.appbuilder.session(), served().models, "person", request.args.get("q", "").strip()[:100]
        )
        return jsonify(results=[{"id": key, "text": text} for key, text in found], more=False)

    @expose("/roles")
    @needs("manage")
    def roles(self) -> ResponseReturnValue:
        counts = dict(
            self.appbuilder.session.execute(
                sa.select(Role.name, sa.func.count(User.id)).outerjoin(Role.user).group_by(Role.name)
            ).all()
        )
        return render_template("records/roles.html", roles=role_rows(counts))

    def _user(self, pk: int) -> Any:
        return self.appbuilder.session.get(User, pk) or abort(404)

    def _roles(self) -> list[Any]:
        """The roles that the release declares, as FAB's rows."""
        known = {ADMINISTRATOR, *served().policy.role_titles}
        if "account_roles" not in g:
            found = self.appbuilder.session.scalars(sa.select(Role).where(Role.name.in_(known)))
            g.account_roles = sorted(found, key=lambda role: role_title(role.name))
        return list(g.account_roles)

    def _entry_of(self, user: Any) -> AccountEntry:
        person = people_of_accounts([user.id]).get(user.id)
        return AccountEntry(
            username=user.username,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            active=bool(user.active),
            roles=frozenset(role.name for role in user.roles),
            person=person[0] if person else None,
        )

    def _faults(self, entry: AccountEntry, user: Any) -> dict[str, list[str]]:
        """What is wrong, kept in `entry.errors`: taken names, and the last administrator locking the door."""
        for column, field in ((User.username, "username"), (User.email, "email")):
            value = getattr(entry, field)
            taken = sa.select(User.id).where(sa.func.lower(column) == value.lower())
            other = self.appbuilder.session.scalar(taken)
            if value and other is not None and (user is None or other != user.id):
                entry.errors.setdefault(field, []).append(_("Another account uses this already."))
        if entry.person is not None and person_taken(entry.person, user.id if user is not None else None):
            entry.errors.setdefault("person", []).append(_("This person has another account."))
        if user is not None and user.id == g.user.id and not (entry.active and ADMINISTRATOR in entry.roles):
            entry.errors.setdefault("roles", []).append(_("You cannot take away your own administration."))
        return entry.errors

    def _form(self, entry: AccountEntry, user: Any) -> ResponseReturnValue:
        person = person_label(entry.person) if entry.person is not None else None
        status = 422 if entry.errors else 200
        page = render_template(
            "records/account.html", entry=entry, user=user, roles=self._roles(), role_title=role_title,
            person=person,
        )  # fmt: skip
        return page, status


class ProfileView(BaseView):  # type: ignore[misc,unused-ignore]
    """`/profile/`: one's own account, and one's own password."""

    route_base = "/profile"
    class_permission_name = "Profile"
    default_view = "index"

    @expose("/")
    @needs("open")
    def index(self) -> ResponseReturnValue:
        asker: Actor = actor()
        titles = [role_title(role) for role in sorted(asker.roles)]
        return render_template("records/profile.html", user=g.user, asker=asker, roles=titles)

    @expose("/password", methods=["GET", "POST"])
    @needs("open")
    def password(self) -> ResponseReturnValue:
        user = self.appbuilder.session.get(User, g.user.id)
        errors: list[str] = []
        if request.method == "POST":
            password = request.form.get("password", "")
            errors = password_faults(password, request.form.get("again", ""), str(user.username))
            if not check_password_hash(user.password or "", request.form.get("current", "")):
                errors.insert(0, _("The current password is not right."))
            if not errors:
                self.appbuilder.sm.reset_password(user.id, password)
                note_account("update", user.id, str(user.username), {}, {"password": "***"})
                session["account_key"] = account_key(user)
                flash(_("Your password was changed; your other sessions have ended."), "success")
                return redirect(url_for("ProfileView.index"))
        return render_template("records/password.html", user=user, errors=errors, own=True)
