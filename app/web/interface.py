"""FAB's data interface over a record type: every write goes to `app.actions`, which checks, computes and
audits.

FAB commits in four places (`add`, `edit`, `delete`, `delete_all`); exactly these are replaced. The portal's
own views and the console use the same object by its plain methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import inspect

from app.actions import Saved, create_record, delete_record, save_record
from app.release import RecordModel
from app.web.context import Served, action_context, session


class PortalInterface(SQLAInterface):
    """One record type of one release."""

    def __init__(self, model: type, served: Served, record: RecordModel) -> None:
        super().__init__(model, served.database.session)
        self.record = record

    def create(self, entries: Mapping[str, object]) -> Saved:
        """Store a new record. Raises what `create_record` raises."""
        return create_record(action_context(), self.record.name, entries)

    def change(self, pk: int, entries: Mapping[str, object], version: int | None) -> Saved:
        """Change a record that was read in `version`. Raises what `save_record` raises."""
        return save_record(action_context(), self.record.name, pk, entries, version)

    def remove(self, pk: int, version: int | None) -> bool:
        """Delete a record. Raises what `delete_record` raises."""
        delete_record(action_context(), self.record.name, pk, version)
        return True

    def add(self, item: Any, commit: bool = True) -> None:
        """FAB's insert: the item's values, not the item, are stored; its id is set afterwards."""
        item.id = self.create(self._values(item, self.record.fields)).id

    def edit(self, item: Any, commit: bool = True) -> None:
        """FAB's update: the attributes that were set since the item was read."""
        state = inspect(item)
        changed = {name for name in self.record.fields if self._touched(state, name)}
        entries, key, version = self._values(item, changed), item.id, item.version
        session().expire(item)
        self.change(key, entries, version)
        session().refresh(item)

    def delete(self, item: Any, commit: bool = True) -> None:
        """FAB's delete."""
        key, version = item.id, item.version
        session().expunge(item)
        self.remove(key, version)

    def delete_all(self, items: Iterable[Any]) -> None:
        """FAB's delete of several: each is judged by itself."""
        for item in list(items):
            self.delete(item)

    def _values(self, item: Any, names: Iterable[str]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name in names:
            column = self.record.columns[name].column
            if column is not None:
                found[name] = getattr(item, column, None)
        return found

    def _touched(self, state: Any, name: str) -> bool:
        column = self.record.columns[name].column
        return column is not None and bool(state.attrs[column].history.has_changes())
