"""The pages of one record type, as a FAB model view: made for each type of a release, filled in on use."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_appbuilder import ModelView, expose

from app.release import RecordModel
from app.storage.deadlines import DEADLINE
from app.web.asked import answer_page
from app.web.bulk import run_bulk
from app.web.clock_cards import clock_address
from app.web.context import served
from app.web.delete_page import delete_page
from app.web.edit_page import EditPage
from app.web.export import export_file
from app.web.gate import needs
from app.web.interface import PortalInterface
from app.web.list_page import list_page, preset_address
from app.web.move_page import move_page
from app.web.picking import pick_answer
from app.web.print_page import print_page
from app.web.record_page import record_page
from app.web.visible import read_visible

PAGES = frozenset(
    {"list", "show", "add", "edit", "delete", "bulk", "export", "move", "pick", "print", "release"}
)


class RecordView(ModelView):
    """`/r/<record type>/…`. FAB's own routes (`action`, `action_post`, `download`) are not served."""

    record: RecordModel
    include_route_methods = PAGES
    default_view = "list"
    datamodel: PortalInterface

    def _init_properties(self) -> None:
        """Columns, forms and filters depend on who asks: they are worked out by the pages, not here."""
        self.related_views: Sequence[type] = ()
        self._related_views: Sequence[object] = ()

    def _init_forms(self) -> None:
        """See `_init_properties`."""

    def _init_titles(self) -> None:
        self.title = self.list_title = self.record.label

    @expose("/list/")
    @needs("read")
    def list(self) -> ResponseReturnValue:
        narrowed = preset_address(self.record)
        if narrowed:
            return redirect(narrowed)
        return render_template("records/list.html", list=list_page(self.record))

    @expose("/show/<int:pk>")
    @needs("read")
    def show(self, pk: int) -> ResponseReturnValue:
        if self.record.name == DEADLINE:
            read_visible(served(), self.record, pk)
            place = clock_address(served(), pk)
            if place:
                return redirect(place)
        return render_template("records/show.html", record=record_page(self.record, pk))

    @expose("/add", methods=["GET", "POST"])
    @needs("create")
    def add(self) -> ResponseReturnValue:
        return EditPage(self.record, self.datamodel).add()

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @needs("update")
    def edit(self, pk: int) -> ResponseReturnValue:
        return EditPage(self.record, self.datamodel).edit(pk)

    @expose("/delete/<int:pk>", methods=["GET", "POST"])
    @needs("delete")
    def delete(self, pk: int) -> ResponseReturnValue:
        """A GET asks; only a POST with a form token deletes."""
        return delete_page(self.record, self.datamodel, pk)

    @expose("/bulk", methods=["POST"])
    @needs("read")
    def bulk(self) -> ResponseReturnValue:
        return run_bulk(self.record, self.datamodel)

    @expose("/export")
    @needs("export")
    def export(self) -> Response:
        return export_file(self.record)

    @expose("/move/<string:name>/<int:pk>", methods=["GET", "POST"])
    @needs("read")
    def move(self, name: str, pk: int) -> ResponseReturnValue:
        return move_page(self.record, self.datamodel, pk, name)

    @expose("/pick/<string:field>")
    @needs("read", "create", "update")
    def pick(self, field: str) -> ResponseReturnValue:
        return pick_answer(self.record, field)

    @expose("/release/<int:pk>", methods=["POST"])
    @needs("update")
    def release(self, pk: int) -> ResponseReturnValue:
        """The answer to the question which release judges an open record."""
        return answer_page(self.record, pk)

    @expose("/print/<string:report>/<int:pk>", methods=["POST"])
    @needs("print")
    def print(self, report: str, pk: int) -> ResponseReturnValue:
        """A print is kept under a number, so it takes a POST."""
        return print_page(self.record, report, pk)


def view_class(record: RecordModel) -> type[RecordView]:
    """The view of one record type."""
    here = served()
    return type(
        f"View_{record.table}",
        (RecordView,),
        {
            "record": record,
            "datamodel": PortalInterface(here.models.classes[record.name], here, record),
            "route_base": f"/r/{record.name}",
            "class_permission_name": record.name,
            "__module__": __name__,
        },
    )
