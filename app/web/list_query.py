"""The address of a list -> what is asked of storage, and the controls that say so.

Parameters: `q` free text; `f.<field>` a value, `f.<field>.from` and `.to` a range; `sort` a field, `-` for
falling; `page`; `after`, `before` places of neighbouring pages; `waiting=1` what waits for me.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.access import hidden_fields, masked_fields
from app.actions import Unreadable, coerce
from app.release import FieldModel, RecordModel
from app.spec.field_types import FieldType
from app.storage import Cursor, Filter, ListQuery
from app.web.context import Served, actor
from app.web.display import option_title
from app.web.languages import label
from app.web.visible import label_is_open

LONGEST = 200
"""Characters of a search or a filter that are looked at."""
PRESETS = frozenset(
    {"today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_quarter", "this_year",
     "last_year", "last_7_days", "last_30_days", "next_7_days", "next_30_days", "past", "future"}
)  # fmt: skip


@dataclass(slots=True)
class Control:
    """One filter above a list. kind: choice, link, range or text; `text` is the words for a chosen link."""

    name: str
    label: str
    kind: str
    value: str = ""
    until: str = ""
    input: str = "text"
    text: str = ""
    pick_url: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Asked:
    """A list as it was asked for. `problems` are entries that could not be read, in words."""

    query: ListQuery
    columns: tuple[str, ...]
    masked: frozenset[str]
    hidden: frozenset[str]
    sort: str
    controls: list[Control] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def narrowed(self) -> bool:
        return bool(self.query.filters or self.query.search)


def read_asked(here: Served, record: RecordModel, args: MultiDict[str, str], pick_root: str) -> Asked:
    """Read the parameters of a list. What is nonsense is named and left out; nothing raises."""
    asker = actor()
    hidden = hidden_fields(here.policy, asker, record.name)
    masked = frozenset(masked_fields(here.policy, asker, record.name)) - hidden
    asked = Asked(
        query=ListQuery(record.name, limit=record.spec.list.page_size, hidden=closed_columns(here, record)),
        columns=tuple(name for name in record.list_columns if name not in hidden),
        masked=masked,
        hidden=hidden,
        sort="",
    )
    filters: list[Filter] = []
    for name in record.filters:
        one = record.columns[name]
        if name in hidden | masked or one.type not in READERS:
            continue
        filters += _read_filter(asked, here, one, args, pick_root)
    asked.query = replace(
        asked.query,
        filters=tuple(filters),
        search=args.get("q", "").strip()[:LONGEST],
        order=_order(record, asked, args.get("sort", "")),
        after=Cursor.decode(args.get("after", "")[:LONGEST]) if args.get("after") else None,
        before=Cursor.decode(args.get("before", "")[:LONGEST]) if args.get("before") else None,
    )
    return asked


def sortable(record: RecordModel, name: str, closed: frozenset[str]) -> bool:
    """Whether a list may be sorted by the column."""
    one = record.columns.get(name)
    return one is not None and name not in closed and one.kind.sortable and one.column is not None


def closed_columns(here: Served, record: RecordModel) -> frozenset[str]:
    """Columns by which nothing may be searched, filtered or sorted: hidden and masked ones, and links to what
    goes by words, or is searched by fields, that the reader may not see."""
    asker = actor()
    own = (
        hidden_fields(here.policy, asker, record.name) | masked_fields(here.policy, asker, record.name).keys()
    )
    return own | {name for name, one in record.columns.items() if _leads_to_secrets(here, one)}


def _leads_to_secrets(here: Served, one: FieldModel) -> bool:
    target = here.release.records.get(one.target or "")
    if target is None:
        return False
    asker = actor()
    secret = (
        hidden_fields(here.policy, asker, target.name) | masked_fields(here.policy, asker, target.name).keys()
    )
    return not label_is_open(here, asker, target.name) or not secret.isdisjoint(target.search)


def _order(record: RecordModel, asked: Asked, text: str) -> str:
    name = text.removeprefix("-")
    if name and sortable(record, name, asked.query.hidden):
        asked.sort = text
        return text
    if name:
        asked.problems.append(_("The list cannot be sorted like that."))
    own = record.order.removeprefix("-")
    return "" if own not in asked.query.hidden else "-id"


Reader = Callable[[Asked, Served, FieldModel, MultiDict[str, str], Control], list[Filter]]


def _read_filter(
    asked: Asked, here: Served, one: FieldModel, args: MultiDict[str, str], pick_root: str
) -> list[Filter]:
    control = Control(one.name, label(one.label), "text", args.get(f"f.{one.name}", "")[:LONGEST])
    control.pick_url = f"{pick_root}{one.name}?for=filter"
    asked.controls.append(control)
    return READERS[one.type](asked, here, one, args, control)


def _choice(
    _asked: Asked, _here: Served, one: FieldModel, args: MultiDict[str, str], control: Control
) -> list[Filter]:
    control.kind = "choice"
    control.options = tuple((key, option_title(one, key)) for key in one.options)
    chosen = tuple(value for value in args.getlist(f"f.{one.name}") if value in one.options)
    control.value = chosen[0] if chosen else ""
    return [Filter(one.name, "is", chosen)] if chosen else []


def _boolean(
    _asked: Asked, _here: Served, one: FieldModel, _args: MultiDict[str, str], control: Control
) -> list[Filter]:
    control.kind = "choice"
    control.options = (("yes", _("Yes")), ("no", _("No")))
    return [Filter(one.name, "is", (control.value == "yes",))] if control.value in ("yes", "no") else []


def _link(
    _asked: Asked, _here: Served, one: FieldModel, _args: MultiDict[str, str], control: Control
) -> list[Filter]:
    control.kind = "link"
    if not control.value.isdecimal() or not 0 < int(control.value) < 2**31:
        control.value = ""
        return []
    below = one.type == "unit"
    return [Filter(one.name, "below" if below else "is", (int(control.value),))]


def _text(
    _asked: Asked, _here: Served, one: FieldModel, _args: MultiDict[str, str], control: Control
) -> list[Filter]:
    return [Filter(one.name, "contains", (control.value,))] if control.value.strip() else []


def _range(input_type: str) -> Reader:
    def read(
        asked: Asked, here: Served, one: FieldModel, args: MultiDict[str, str], control: Control
    ) -> list[Filter]:
        control.kind, control.input = "range", input_type
        if control.value in PRESETS and one.type in ("date", "datetime", "month"):
            preset, control.value = control.value, ""
            return [Filter(one.name, "during", (preset,))]
        texts = [args.get(f"f.{one.name}.{end}", "").strip()[:LONGEST] for end in ("from", "to")]
        control.value, control.until = texts
        try:
            low, high = (_bound(here, one, text) for text in texts)
        except Unreadable as error:
            asked.problems.append(f"{control.label}: {_(error.text).format(**error.params)}")
            return []
        return [] if low is None and high is None else [Filter(one.name, "between", (low, high))]

    return read


def _bound(here: Served, one: FieldModel, text: str) -> Any:
    """An end of a range; days also bound moments, and stand for the whole day then."""
    if not text:
        return None
    if one.type == "datetime" and len(text) == 10:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return coerce(one, text, here.zone)
    return coerce(one, text, here.zone)


READERS: Mapping[FieldType, Reader] = MappingProxyType(
    {
        "text": _text,
        "long_text": _text,
        "phone": _text,
        "email": _text,
        "url": _text,
        "choice": _choice,
        "choices": _choice,
        "boolean": _boolean,
        "person": _link,
        "unit": _link,
        "link": _link,
        "links": _link,
        "integer": _range("text"),
        "decimal": _range("text"),
        "money": _range("text"),
        "percent": _range("text"),
        "rating": _range("text"),
        "date": _range("date"),
        "datetime": _range("date"),
        "month": _range("month"),
        "time": _range("time"),
        "duration": _range("text"),
    }
)
"""How each field type is filtered; types that are not listed have no filter."""
