"""The fields in which a case is told to a draft: one for each fact, of the fact's type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.expressions import BOOLEAN, DATE, DATETIME, NUMBER, TIME, ChoiceType, Environment, Type
from app.rules.schedules import path_type
from app.spec.portal import Portal
from app.spec.portal_settings import ChoiceList
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType
from app.spec.workflows import Workflow
from app.web.languages import label

LONGEST = 500
_KINDS: Mapping[Type, str] = {DATE: "date", DATETIME: "datetime-local", TIME: "time"}


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact to fill in; `options` are those of a choice, empty where it is typed; kind: of the control;
    whole: it always has a value (no empty option)."""

    name: str
    label: str
    value: str
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()
    kind: str = "text"
    whole: bool = False
    hint: str = ""


def fact_field(
    portal: Portal, name: str, kind: Type, words: str, value: str, spec: FieldSpec | None = None
) -> FactField:
    """The field of a fact by its type; spec: the field of a record that it is."""
    options: tuple[tuple[str, str], ...] = ()
    if kind == BOOLEAN:
        options = yes_no()
    elif isinstance(kind, ChoiceType):
        options = option_words(portal, kind, spec)
    shown = "number" if kind == NUMBER else _KINDS.get(kind, "text")
    return FactField(name, words, value, False, options, shown)


def yes_no() -> tuple[tuple[str, str], ...]:
    """The two options of a yes-or-no fact."""
    return (("true", str(_("Yes"))), ("false", str(_("No"))))


def option_words(
    portal: Portal, kind: ChoiceType, spec: FieldSpec | None = None
) -> tuple[tuple[str, str], ...]:
    """The options of a choice with their titles, states of a workflow among them."""
    titles: dict[str, str] = {}
    declared = portal.section(ChoiceList).get(kind.name)
    record = portal.records.get(kind.name.removesuffix(".state"))
    if declared is not None:
        titles = {key: one.title for key, one in declared.options.items()}
    elif record is not None and kind.name.endswith(".state"):
        workflow = portal.find(Workflow, record.workflow, record.regime)
        titles = {key: one.title for key, one in workflow.states.items()} if workflow is not None else {}
    elif spec is not None and isinstance(spec.options, Mapping):
        titles = dict(spec.options)
    return tuple((key, label(titles.get(key) or key)) for key in kind.options)


def typed_paths(environment: Environment, paths: Iterable[str]) -> dict[str, Type]:
    """The dotted paths with their types; those that have none (and `me`) are left out."""
    found: dict[str, Type] = {}
    for path in sorted(set(paths)):
        if path.partition(".")[0] in ("me", "now", "today"):
            continue
        try:
            found[path] = path_type(environment, path)
        except KeyError:
            continue
    return found


def path_words(portal: Portal, record_type: str, path: str) -> tuple[str, FieldSpec | None]:
    """`post.kind` in words, `岗位 · 类别`, as far as its parts are fields of record types; and its field."""
    said: list[str] = []
    record, spec = portal.records.get(record_type), None
    for part in path.split("."):
        spec = (record.fields.get(part) or STANDARD_FIELDS.get(part)) if record is not None else None
        said.append(label(spec.title or part) if spec is not None else part)
        target = spec.target if spec is not None else part if part in portal.records else None
        record = portal.find(RecordType, target, record.regime if record is not None else "")
    return " · ".join(said), spec
