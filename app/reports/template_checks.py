"""What is wrong with report templates, found before anything is printed: syntax, names, fields, includes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, nodes
from jinja2.visitor import NodeVisitor

from app.checks.report_names import asked_of
from app.reports.errors import ReportTemplateFault
from app.reports.names import DATA_VALUES, OF_PENALTY, OF_RECORD, VALUES
from app.reports.sandbox import TEMPLATES, make_environment
from app.reports.templates import bare_environment
from app.source import N_, Diagnostic, Span, fault, unknown_name_hint
from app.spec.decode import Decoded
from app.spec.portal import Portal, TemplateFile
from app.spec.records import STANDARD_FIELDS, RecordType, checklist_columns
from app.spec.reports import DataSet, Report

MACROS = "macros.html"
_ALWAYS = frozenset({"loop", "varargs", "kwargs", "caller", "self", "super", "true", "false", "none"})
Names = Mapping[str, Collection[str]]


def template_faults(decoded: Decoded) -> tuple[Diagnostic, ...]:
    """The faults of page templates, once everything that they may name could be read."""
    return check_templates(decoded.portal) if decoded.portal.templates and decoded.sound else ()


def check_templates(portal: Portal) -> tuple[Diagnostic, ...]:
    """RPT008: a template that cannot be read; RPT009: a name that is not there. In order of file and line.

    Names that are checked: what is printed, fields of the record, of its child tables, of findings and
    penalties, columns of data sets, and the macros of the portal.
    """
    return tuple(
        found
        for name, template in sorted(portal.templates.items())
        for found in _check(portal, template, portal.reports.get(name), _includes(portal, name))
    )


def _includes(portal: Portal, name: str) -> dict[str, str]:
    regime = name.rpartition(".")[0]
    return template_includes(portal.templates, regime)


def template_includes(templates: Mapping[str, TemplateFile], regime: str) -> dict[str, str]:
    """What a template of `regime` may include: its own folder by file name, others by `regime/name.html`."""
    found: dict[str, str] = {}
    for name, template in templates.items():
        folder, _, short = name.rpartition(".")
        found[f"{folder}/{short}.html" if folder else f"{short}.html"] = template.text
        if folder == regime:
            found[f"{short}.html"] = template.text
    return found


def _check(
    portal: Portal, template: TemplateFile, report: Report | None, includes: Mapping[str, str]
) -> Iterator[Diagnostic]:
    try:
        tree, environment = bare_environment(template.text, template.path, includes)
    except ReportTemplateFault as error:
        yield Diagnostic("RPT008", "error", error.span, error.text, error.params)
        return
    if report is None:
        return
    known = _known(portal, report)
    if known is None:
        return
    visitor = _Visitor(template.path, environment, known, includes)
    visitor.visit(tree)
    yield from visitor.found


@dataclass(frozen=True, slots=True)
class _Known:
    """values: every name; fields: of `record`, `labels`, `record.raw`; rows: what each list of rows has;
    lines: the child tables; data: the data sets with their columns; keys: what functions may be asked for."""

    record: str
    values: frozenset[str]
    fields: frozenset[str]
    rows: Names
    lines: Names
    data: Names
    keys: Names


def _known(portal: Portal, report: Report) -> _Known | None:
    """What the template of a report may name; None where the report itself is at fault."""
    data = {name: _columns_of(portal, report, one) for name, one in report.data.items()}
    record = portal.find(RecordType, report.record, report.regime)
    if report.of == "record":
        return _names(portal, record, data, report) if record is not None else None
    if report.of == "selection" and not data and record is not None:
        data = {"rows": frozenset(record.list.columns or _fields(record))}
    rows = {name: columns | {"raw"} for name, columns in data.items()}
    values = frozenset({*DATA_VALUES, *data})
    keys = {"grid": frozenset(data), "chart": frozenset(report.charts)}
    asked = frozenset(asked_of(report))
    return _Known(report.full_name, values, asked, rows, {}, data, keys)


def _columns_of(portal: Portal, report: Report, data: DataSet) -> frozenset[str]:
    written = frozenset({*data.columns, *data.by, *data.measures})
    record = portal.find(RecordType, data.from_, report.regime)
    if written or record is None:
        return written
    return frozenset(record.list.columns or _fields(record))


def _names(portal: Portal, record: RecordType, data: Mapping[str, frozenset[str]], report: Report) -> _Known:
    kinds = {
        found.full_name
        for one in portal.records.values()
        for field in one.fields.values()
        if (found := portal.find(RecordType, field.finding, one.regime)) is not None
    }
    of_findings = frozenset().union(*(_fields(portal.records[name]) for name in kinds)) | OF_RECORD
    of_penalties = _fields(portal.records["penalty"]) | OF_PENALTY
    lines = {name: frozenset(field.fields) for name, field in record.fields.items() if field.type == "lines"}
    own = {"findings": of_findings | {"reasons"}, "penalties": of_penalties, "partners": of_penalties}
    rows = {**{name: columns | {"raw"} for name, columns in data.items()}, **own}
    albums = {name for name, field in record.fields.items() if field.type in ("photo", "photos")}
    lists = {f"answers_{name}" for name, field in record.fields.items() if field.type == "checklist"}
    grids = {"answers", "findings", "penalties", *lists, *lines, *data}
    keys = {"photo": albums | {"evidence"}, "photos": albums | {"evidence"}, "grid": grids}
    keys["chart"] = set(report.charts)
    values = frozenset({*VALUES, *data})
    return _Known(record.full_name, values, _fields(record), rows, lines, data, keys)


def _fields(record: RecordType) -> frozenset[str]:
    found = {*record.fields, *STANDARD_FIELDS}
    for name, field in record.fields.items():
        if field.type == "checklist":
            found |= checklist_columns(name).keys()
    return frozenset(found)


@cache
def _macros() -> frozenset[str]:
    tree = make_environment({}).parse((TEMPLATES / MACROS).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.find_all(nodes.Macro))


class _Visitor(NodeVisitor):
    """Walks one template. Names that the template gives itself are left alone from there on."""

    def __init__(
        self, path: str, environment: Environment, known: _Known, includes: Mapping[str, str]
    ) -> None:
        self.path, self.environment, self.known, self.includes = path, environment, known, includes
        self.own: set[str] = set()
        self.rows: dict[str, Collection[str]] = {}
        self.found: list[Diagnostic] = []

    def visit_Template(self, node: nodes.Template) -> None:
        self.own = {one.name for one in node.find_all(nodes.Name) if one.ctx in ("store", "param")}
        self.own |= {one.name for one in node.find_all(nodes.Macro)}
        self.own |= {one.target for one in node.find_all(nodes.Import)}
        for imported in node.find_all(nodes.FromImport):
            self.own |= {one if isinstance(one, str) else one[1] for one in imported.names}
        self.macros = {one.target for one in node.find_all(nodes.Import) if _constant(one.template) == MACROS}
        self.generic_visit(node)

    def visit_Name(self, node: nodes.Name) -> None:
        known = {*self.known.values, *self.environment.globals}
        if node.ctx == "load" and node.name not in known | self.own | _ALWAYS:
            self._unknown(node, N_("a report has nothing named '{name}'"), node.name, known)

    def visit_For(self, node: nodes.For) -> None:
        """Rows of a list that is known are known by their fields, inside the loop."""
        columns = self._columns(node.iter)
        name = node.target.name if isinstance(node.target, nodes.Name) else ""
        before = self.rows.get(name)
        self.visit(node.iter)
        if columns is not None and name:
            self.rows[name] = columns
        elif name:
            self.rows.pop(name, None)
        for part in [*node.body, *node.else_, *((node.test,) if node.test else ())]:
            self.visit(part)
        self.rows.pop(name, None)
        if before is not None:
            self.rows[name] = before

    def visit_Call(self, node: nodes.Call) -> None:
        """`grid("findings")`: what a function is asked for by name."""
        function = node.node.name if isinstance(node.node, nodes.Name) else ""
        known = self.known.keys.get(function) if function not in self.own else None
        key = _constant(node.args[0]) if node.args else None
        if known is not None and key is not None and key not in known:
            text = N_("{function}() finds nothing named '{name}'")
            self._unknown(node, text, key, known, function=function)
        self.generic_visit(node)

    def visit_Getattr(self, node: nodes.Getattr) -> None:
        self._member(node, node.node, node.attr)
        self.visit(node.node)

    def visit_Getitem(self, node: nodes.Getitem) -> None:
        name = _constant(node.arg)
        if name is not None:
            self._member(node, node.node, name)
        self.generic_visit(node)

    def visit_Include(self, node: nodes.Include) -> None:
        self._template(node, node.template)

    def visit_Import(self, node: nodes.Import) -> None:
        self._template(node, node.template)

    def visit_FromImport(self, node: nodes.FromImport) -> None:
        self._template(node, node.template)
        for one in node.names if _constant(node.template) == MACROS else ():
            name = one if isinstance(one, str) else one[0]
            if name not in _macros():
                self._unknown(node, N_("there is no building block '{name}'"), name, _macros())

    def visit_Extends(self, node: nodes.Extends) -> None:
        self._template(node, node.template)

    def _template(self, node: nodes.Node, written: nodes.Expr) -> None:
        name = _constant(written)
        own = {one.name for one in TEMPLATES.glob("*.html")}
        if name is not None and name not in own and name not in self.includes:
            self._unknown(node, N_("there is no template '{name}'"), name, own | self.includes.keys())

    def _columns(self, written: nodes.Node) -> Collection[str] | None:
        if isinstance(written, nodes.Name) and written.name not in self.own:
            return self.known.rows.get(written.name)
        if isinstance(written, nodes.Getattr) and self._is(written.node, "lines"):
            return self.known.lines.get(written.attr)
        if isinstance(written, nodes.Getattr) and self._is(written.node, "data"):
            columns = self.known.data.get(written.attr)
            return frozenset(columns) | {"raw"} if columns is not None else None
        return None

    def _member(self, node: nodes.Node, owner: nodes.Node, name: str) -> None:
        """`owner.name`, where the owner is one whose members are known."""
        known = self._members(owner)
        if known is not None and name not in known:
            text = N_("'{owner}' has no field '{name}'")
            self._unknown(node, text, name, known, owner=self._called(owner))

    def _members(self, owner: nodes.Node) -> Collection[str] | None:
        fields = self.known.fields
        if self._is(owner, "record"):
            return fields | OF_RECORD
        if self._is(owner, "labels"):
            return fields
        if self._is(owner, "lines"):
            return self.known.lines.keys()
        if self._is(owner, "data"):
            return self.known.data.keys()
        if self._is(owner, "parameters"):
            return fields | {"raw"}
        if isinstance(owner, nodes.Getattr) and owner.attr == "raw" and self._is(owner.node, "record"):
            return fields
        if isinstance(owner, nodes.Name) and owner.name in self.macros:
            return _macros()
        return self.rows.get(owner.name) if isinstance(owner, nodes.Name) else None

    def _called(self, owner: nodes.Node) -> str:
        if isinstance(owner, nodes.Name):
            return self.known.record if owner.name in ("record", "labels") else owner.name
        return self.known.record

    def _is(self, node: nodes.Node, name: str) -> bool:
        known = name in self.known.values and name not in self.own
        return known and isinstance(node, nodes.Name) and node.name == name

    def _unknown(
        self, node: nodes.Node, text: str, name: str, known: Collection[str], **more: object
    ) -> None:
        hint, params = unknown_name_hint(name, known)
        span = Span(self.path, node.lineno)
        self.found.append(fault("RPT009", span, text, hint, name=name, **more, **params))


def _constant(node: nodes.Node) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None
