"""Reading whole records: their values, lines, links, attachments, and the words for what they link to.

The number of statements depends on the record type alone, never on how many records are read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import FieldModel, RecordModel
from app.storage.joins import PathParts, Place
from app.storage.labels import LabelPart, LabelParts, under, write_label
from app.storage.mapping import Models
from app.storage.selecting import Selected, Sight, select_rows
from app.storage.values import link_value, prepared

SINGLE_ATTACHMENTS = frozenset({"file", "photo", "signature"})


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    """An attachment as it is shown; `path` and `thumbnail` are relative to the instance folder."""

    id: int
    file_name: str
    media_type: str
    size: int
    path: str
    thumbnail: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A stored record.

    values: field name -> value: a link is an id, `links` a tuple of ids, `lines` a tuple of mappings with
    `id` and the line's fields, a file or photo the attachment's id, several a tuple of ids; a checklist the
    full name of the one that was run. labels: link field -> words, `links` -> tuple of words; line_labels:
    lines field -> one mapping for each line. `version` counts the changes. shown: the label for a reader who
    may not see all that it names (see `told`); None where it is the label itself.
    """

    record_type: str
    id: int
    version: int
    release_id: int | None
    label: str
    values: Mapping[str, object]
    labels: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    line_labels: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    attachments: Mapping[str, tuple[AttachmentInfo, ...]] = field(default_factory=dict)
    shown: str | None = None

    @property
    def told(self) -> str:
        """The label without the names of what its reader may not see."""
        return self.label if self.shown is None else self.shown


def read_record(
    session: orm.Session,
    models: Models,
    record_type: str,
    record_id: int,
    *,
    where: sa.ColumnElement[bool] | None = None,
    sight: Sight | None = None,
) -> Record | None:
    """One record, or None when there is none or `where` (over the type's own table) leaves it out."""
    found = read_records(session, models, record_type, (record_id,), where=where, sight=sight)
    return found[0] if found else None


def is_taken(session: orm.Session, models: Models, record_type: str, field: str, value: object) -> bool:
    """Whether a record of the type holds this value in a field that has a column. Raises BadValue."""
    found, table = models.record(record_type).columns[field], models.tables[record_type]
    held = link_value(found, value) if found.kind.storage == "link" else prepared(found, value)
    if found.column is None or held is None:
        return False
    same = sa.select(sa.literal(1)).select_from(table).where(table.c[found.column] == held)
    return session.scalar(same.limit(1)) is not None


def read_records(
    session: orm.Session,
    models: Models,
    record_type: str,
    ids: Sequence[int],
    *,
    where: sa.ColumnElement[bool] | None = None,
    fields: Collection[str] | None = None,
    sight: Sight | None = None,
) -> tuple[Record, ...]:
    """The records with these ids, in the order of `ids`; `fields` limits what is read (None = everything).

    sight: of whom they are read; what that reader may not see has no name (None = all is named).
    """
    record, table = models.record(record_type), models.tables[record_type]
    if where is not None:
        ids = session.scalars(sa.select(table.c.id).where(table.c.id.in_(ids), where)).all()
    if not ids:
        return ()
    wanted = [found for name, found in record.columns.items() if fields is None or name in fields]
    own = models.labels[record_type]
    paths: list[PathParts] = [(one.name,) for one in wanted if one.column or one.type == "checklist"]
    paths += [part.path for part in own if isinstance(part, LabelPart)]
    root = Place(table, _with_kept(record, table), record_type)
    rows = select_rows(
        session, models, root, [*paths, ("version",), ("release_id",)], wanted, ids, sight=sight
    )
    children = _Children(session, models, record, [row.id for row in rows], wanted, sight)
    by_id = {row.id: children.complete(row, *_words(models, own, row, sight)) for row in rows}
    return tuple(by_id[ident] for ident in dict.fromkeys(ids) if ident in by_id)


def _words(models: Models, parts: LabelParts, row: Selected, sight: Sight | None) -> tuple[str, str | None]:
    """A row's label, and what of it the reader is told where that is less."""
    label = write_label(parts, row.values, models.zone, row.id)
    if not row.unseen or sight is None:
        return label, None
    return label, write_label(parts, row.values, models.zone, row.id, row.unseen, sight.words)


def ids_where(
    session: orm.Session, models: Models, record_type: str, columns: Mapping[str, object]
) -> tuple[int, ...]:
    """Ids of the records whose columns (`unit_id`, `state`) have these values, oldest first."""
    table = models.tables[record_type]
    same = (table.c[name] == value for name, value in columns.items())
    return tuple(session.scalars(sa.select(table.c.id).where(*same).order_by(table.c.id)))


def _with_kept(record: RecordModel, table: sa.Table) -> dict[str, FieldModel]:
    """The fields and, beside them, the columns that are none: version and release."""
    number = record.columns["id"]
    kept = {
        name: FieldModel(name=name, spec=number.spec, label=name, standard=True)
        for name in ("version", "release_id")
    }
    return {**kept, **record.columns} if "version" in table.c else dict(record.columns)


class _Children:
    """What belongs to a set of records but is kept in other tables."""

    def __init__(
        self,
        session: orm.Session,
        models: Models,
        record: RecordModel,
        ids: Sequence[int],
        wanted: Sequence[FieldModel],
        sight: Sight | None,
    ) -> None:
        self.sight = sight
        self.session, self.models, self.record, self.ids = session, models, record, ids
        self.names = [one.name for one in wanted]
        self.lines = {one.name: self._lines(one) for one in wanted if one.type == "lines"}
        self.links = {one.name: self._links(one) for one in wanted if one.type == "links"}
        self.files = [one for one in wanted if one.kind.storage == "attachments"]
        self.attachments = attachments_of(session, models, record.name, ids) if self.files else {}

    def complete(self, row: Selected, label: str, shown: str | None) -> Record:
        """The record that `row` and its children make."""
        values = {name: row.values[(name,)] for name in self.names if (name,) in row.values}
        version, release_id = row.values["version",], row.values["release_id",]
        labels: dict[str, str | tuple[str, ...]] = dict(row.labels)
        for name, linked in self.links.items():
            values[name] = tuple(ident for ident, _ in linked.get(row.id, ()))
            labels[name] = tuple(words for _, words in linked.get(row.id, ()))
        line_labels = {}
        for name, lines in self.lines.items():
            of_record = lines.get(row.id, [])
            values[name] = tuple(
                {"id": line.id, **{path[0]: value for path, value in line.values.items() if len(path) == 1}}
                for line in of_record
            )
            line_labels[name] = tuple(line.labels for line in of_record)
        attachments = {}
        for found in self.files:
            infos = tuple(self.attachments.get((row.id, found.name), ()))
            attachments[found.name] = infos
            ids = tuple(info.id for info in infos)
            values[found.name] = (next(iter(ids), None)) if found.type in SINGLE_ATTACHMENTS else ids
        return Record(
            record_type=self.record.name,
            id=row.id,
            version=version if isinstance(version, int) else 1,
            release_id=release_id if isinstance(release_id, int) else None,
            label=label,
            values=values,
            labels=labels,
            line_labels=line_labels,
            attachments=attachments,
            shown=shown,
        )

    def _lines(self, found: FieldModel) -> dict[int, list[Selected]]:
        table = self.models.lines[self.record.name, found.name]
        plain = FieldModel(name="record_id", spec=self.record.columns["id"].spec, label="")
        fields = {**found.lines, "record_id": plain, "position": FieldModel("position", plain.spec, "")}
        paths = [(name,) for name, one in fields.items() if one.column]
        root = Place(table, fields, None)
        rows = select_rows(
            self.session,
            self.models,
            root,
            paths,
            found.lines.values(),
            self.ids,
            key="record_id",
            sight=self.sight,
        )
        rows.sort(key=lambda row: (row.values.pop(("position",)), row.id))
        owned: dict[int, list[Selected]] = {}
        for row in rows:
            owner = row.values.pop(("record_id",))
            if isinstance(owner, int):
                owned.setdefault(owner, []).append(row)
        return owned

    def _links(self, found: FieldModel) -> dict[int, list[tuple[int, str]]]:
        table = self.models.links[self.record.name, found.name]
        pairs = self.session.execute(
            sa.select(table.c.record_id, table.c.target_id)
            .where(table.c.record_id.in_(self.ids))
            .order_by(table.c.record_id, table.c.position, table.c.target_id)
        ).all()
        targets = [pair.target_id for pair in pairs]
        words = labels_of(self.session, self.models, found.target or "", targets, self.sight)
        owned: dict[int, list[tuple[int, str]]] = {}
        for owner, target in pairs:
            owned.setdefault(owner, []).append((target, words.get(target, f"#{target}")))
        return owned


def labels_of(
    session: orm.Session,
    models: Models,
    record_type: str,
    ids: Collection[int],
    sight: Sight | None = None,
) -> dict[int, str]:
    """The words for records of one type, by id; one statement, none for an unknown type or no ids. sight: as
    in `read_records`."""
    if not ids or record_type not in models.tables:
        return {}
    parts = under((), models.labels[record_type])
    paths = [part.path for part in parts if isinstance(part, LabelPart)]
    root = Place(models.tables[record_type], models.record(record_type).columns, record_type)
    own = sight.own(record_type, root.table) if sight is not None else None
    rows = select_rows(session, models, root, paths, (), sorted(set(ids)), sight=sight, own=own)
    hidden = sight.words if sight is not None else ""
    return {
        row.id: write_label(parts, row.values, models.zone, row.id, row.unseen, hidden)
        if row.seen
        else hidden
        for row in rows
    }


def attachments_of(
    session: orm.Session, models: Models, record_type: str, ids: Sequence[int]
) -> dict[tuple[int, str], list[AttachmentInfo]]:
    """The attachments of records by (record id, field), in the order they were added; one statement."""
    table = models.tables["attachment"]
    columns = ("record_id", "field", *AttachmentInfo.__slots__)
    statement = (
        sa.select(*(table.c[name] for name in columns))
        .where(table.c.record_type == record_type, table.c.record_id.in_(ids))
        .order_by(table.c.id)
    )
    owned: dict[tuple[int, str], list[AttachmentInfo]] = {}
    for record_id, name, ident, file_name, media_type, size, path, thumbnail, item in session.execute(
        statement
    ):
        info = AttachmentInfo(
            ident, file_name or "", media_type or "", size or 0, path or "", thumbnail, item
        )
        owned.setdefault((record_id, name or ""), []).append(info)
    return owned
