"""FAB's AppBuilder with only the parts that the portal serves: no menus of its own, no pages of its own."""

from __future__ import annotations

from flask import Flask
from flask_appbuilder import AppBuilder
from sqlalchemy.orm import scoped_session

from app.web.home import PortalIndexView
from app.web.languages import LocaleView
from app.web.security import PortalSecurity


class PortalBuilder(AppBuilder):
    """Registers the start page, the language switch and the security manager's views; nothing else by
    itself."""

    def __init__(self, app: Flask, session: scoped_session) -> None:  # type: ignore[type-arg]
        super().__init__(
            app,
            session,
            indexview=PortalIndexView,
            base_template="layout/base.html",
            security_manager_class=PortalSecurity,
            update_perms=False,
        )

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.bm.locale_view = self.add_view_no_menu(LocaleView)
        self.sm.register_views()
